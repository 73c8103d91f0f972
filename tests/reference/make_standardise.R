# Writes the tables of standardised rates as R sees them; make_standardise.py then adds its own witness.
# Needs R with epitools and epiR:  Rscript make_standardise.R && python make_standardise.py
suppressMessages({ library(epitools); library(epiR) })
options(warn = -1)
R <- paste("R", getRversion())
EPITOOLS <- paste(R, "epitools", packageVersion("epitools"), sep = ", ")
EPIR <- paste(R, "epiR", packageVersion("epiR"), sep = ", ")

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) paste(ifelse(v == floor(v) & abs(v) < 1e15, sprintf("%.0f", v), sprintf("%.15g", v)), collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  line <- c(sapply(inputs, function(v) if (is.character(v)) v else plain(v)), sapply(expected, text), paste0('"', by, '"'))
  header <- c(names(inputs), names(expected), "computed_by")
  if (is.null(rows[[file]])) rows[[file]] <<- paste(header, collapse = ",")
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}
limits <- function(value, lower, upper) list(value = value, lower = lower, upper = upper)
nothing <- limits(NA, NA, NA)
z_of <- function(convention, level) if (convention == "scotpho" && level == 0.95) 1.96 else -qnorm((1 - level) / 2)
byar <- function(x, z) c(
  if (x == 0) 0 else max(0, x * (1 - 1 / (9 * x) - z / (3 * sqrt(x)))^3),
  (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * sqrt(x + 1)))^3
)
exact <- function(x, level) if (x <= 1e5) as.numeric(poisson.test(x, conf.level = level)$conf.int) else c(qgamma((1 - level) / 2, x), qgamma((1 - level) / 2, x + 1, lower.tail = FALSE))

ESP <- c(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000)
UNDER_18 <- c(5000, 5500, 5500, 3300)
set.seed(20130701)
sets <- list(
  list(x = c(10, 10), n = c(100, 200), w = c(1, 1)),
  list(x = c(7, 0, 30), n = c(100, 50, 250), w = c(10, 5, 25)), # the standard's own make-up
  list(x = 12, n = 345.5, w = 100000),
  list(x = 9, n = 1000, w = 1),
  list(x = c(4, 5), n = c(1000, 900), w = c(3, 7)),
  list(x = c(1, 0, 0), n = c(10, 20, 30), w = c(5, 5, 6)),
  list(x = c(0, 0), n = c(1000, 900), w = c(3, 7)),
  list(x = c(5, 5), n = c(1000, 900), w = c(3, 7)),
  list(x = c(20, 3, 11), n = c(400, 10, 800), w = c(2, 0, 5)), # a band without weight
  list(x = c(1, 99), n = c(1, 1e6), w = c(99, 1)), # Dobson's lower limit under 0
  list(x = c(35, 48, 66, 21), n = c(4900.5, 5200.25, 5100, 3050), w = UNDER_18),
  list(x = c(3, 2, 9, 8), n = c(490, 520, 510, 305), w = UNDER_18),
  list(x = c(107, 141, 60, 40, 39, 25), n = c(230061, 329449, 114920, 39487, 14208, 3052), w = c(0.113, 0.157, 0.25, 0.3, 0.1, 0.08)),
  list(x = c(123456, 234567, 1e6), n = c(1e7, 1.5e7, 2e7), w = c(1, 2, 3)),
  list(x = c(4e8, 6e8), n = c(3e9, 1e10), w = c(2, 1)),
  list(x = rpois(19, 8), n = round(runif(19, 200, 9000)), w = ESP),
  list(x = rpois(19, 0.4), n = round(runif(19, 200, 9000)), w = ESP),
  list(x = rpois(19, 300), n = round(runif(19, 20000, 90000)), w = ESP),
  list(x = rpois(4, 6), n = round(runif(4, 200, 900), 1), w = UNDER_18),
  list(x = rpois(6, 25), n = round(runif(6, 200, 900), 1), w = c(5000, 5500, 5500, 5500, 6000, 1200)),
  list(x = c(0, 12, 0, 1), n = c(90, 3000, 44, 6), w = c(5000, 5500, 5500, 3300)),
  list(x = c(1, 1), n = c(70, 90), w = c(1, 2)),
  list(x = c(2, 1, 3), n = c(700, 90, 55), w = c(1, 2, 1)),
  list(x = c(3, 4, 5, 6, 7), n = c(11, 22, 33, 44, 55), w = c(1, 1, 1, 1, 1))
)

# --- direct ----------------------------------------------------------------------------------------------------------------
dobson <- function(O, rate, variance, per, convention, method, level) {
  if (convention == "phe" && O < 10) return(nothing)
  if (O == 0) return(limits(0, NA, NA)) # ScotPHO prints 0 to 0, but no events do not make a rate certain
  l <- if (method == "byar") byar(O, z_of(convention, level)) else exact(O, level)
  limits(rate * per, max(0, rate + sqrt(variance / O) * (l[1] - O)) * per, (rate + sqrt(variance / O) * (l[2] - O)) * per)
}
for (s in sets) for (convention in c("phe", "scotpho")) for (level in c(0.95, 0.998)) {
  O <- sum(s$x)
  rate <- sum(s$x * s$w / s$n) / sum(s$w)
  variance <- sum(s$x * (s$w / s$n)^2) / sum(s$w)^2
  per <- if (O %% 2 == 0) 1000 else 100000
  inputs <- function(method) list(convention = convention, method = method, x = s$x, n = s$n, weight = s$w, per = per, level = level)
  for (method in c("byar", "exact")) {
    rule <- if (convention == "phe") "PHEindicatormethods' calculate_dsr" else "ScotPHO's calculate_easr"
    add("standardise_direct.csv", inputs(method), dobson(O, rate, variance, per, convention, method, level), paste0(R, ": formula of ", rule, " in R, by hand"))
  }
  if (convention == "phe" && O < 10) {
    add("standardise_direct.csv", inputs("fay-feuer"), nothing, "by hand: fewer than 10 events")
  } else if (O > 0) {
    a <- ageadjust.direct(count = s$x, pop = s$n, stdpop = s$w, conf.level = level)
    add("standardise_direct.csv", inputs("fay-feuer"), limits(a[["adj.rate"]] * per, a[["lci"]] * per, a[["uci"]] * per), paste0(EPITOOLS, ": ageadjust.direct(x, n, stdpop = weight, conf.level = level)"))
  } else { # of which epitools and epiR make 0/0
    m <- max(s$w / s$n) / sum(s$w)
    add("standardise_direct.csv", inputs("fay-feuer"), limits(0, 0, qgamma((1 + level) / 2, 1) * m * per), paste0(R, ": formula in R, by hand"))
  }
  if (O >= 10) {
    row <- function(v) matrix(v, 1, dimnames = list("area", seq_along(v)))
    a <- epi.directadj(row(s$x), row(s$n), row(s$w), units = per, conf.level = level)$adj.strata
    add("standardise_direct.csv", inputs("fay-feuer"), limits(a$est, a$lower, a$upper), paste0(EPIR, ": epi.directadj(x, n, weight, units = per, conf.level = level)"))
  }
}

# --- direct, repeat events -------------------------------------------------------------------------------------------------
frequencies <- list(c(1, 2), c(1, 2, 3), c(1, 3), 1:5, c(1, 10), c(0, 1, 2))
for (i in 1:12) {
  f <- frequencies[[(i - 1) %% 6 + 1]]
  w <- list(UNDER_18, c(1, 2, 1), ESP)[[(i - 1) %% 3 + 1]]
  n <- round(runif(length(w), 200, 9000), 1)
  many <- c(40, 3, 400, 0.3, 12, 1)[(i - 1) %% 6 + 1]
  long <- expand.grid(events = f, band = seq_along(w))
  long$persons <- rpois(nrow(long), many / (long$events + 1)^2)
  long$n <- n[long$band]; long$w <- w[long$band]
  c_of <- long$w / long$n / sum(w)
  O <- sum(long$events * long$persons)
  rate <- sum(c_of * long$events * long$persons)
  # PHEindicatormethods: the variance of persons of each frequency by itself, times the square of the frequency, added up
  variance <- sum(sapply(f, function(k) { own <- long$events == k; k^2 * sum(long$persons[own] * (long$w[own] / long$n[own])^2) / sum(w)^2 }))
  for (convention in c("phe", "scotpho")) for (method in c("byar", "exact")) {
    level <- if (i %% 2 == 0) 0.95 else 0.998
    add("standardise_direct_repeat.csv", list(convention = convention, method = method, band = long$band, events = long$events, persons = long$persons, n = long$n, weight = long$w, per = 1000, level = level),
        dobson(O, rate, variance, 1000, convention, method, level), paste0(R, ": formula of PHEindicatormethods' calculate_dsr(independent_events = FALSE) in R, by hand"))
  }
}

# --- indirect --------------------------------------------------------------------------------------------------------------
references <- lapply(sets, function(s) list(x = round(s$x * 7 + 11), n = round(s$n * 9.5 + 100)))
for (i in seq_along(sets)) for (method in c("phe", "byar", "exact")) for (level in c(0.95, 0.998)) for (per in list(NA, 1000)) {
  s <- sets[[i]]; r <- references[[i]]
  O <- sum(s$x)
  a <- ageadjust.indirect(count = s$x, pop = s$n, stdcount = r$x, stdpop = r$n, stdrate = r$x / r$n) # which forgets a single band unless told its rate
  E <- a$sir[["exp"]]
  scale <- if (is.na(per)) 1 else sum(r$x) / sum(r$n) * per
  stopifnot(abs(E / sum(s$n * r$x / r$n) - 1) < 1e-14, is.na(per) || O == 0 || abs(a$rate[["adj.rate"]] * per / (O / E * scale) - 1) < 1e-14)
  l <- if (method == "exact" || (method == "phe" && O < 10)) exact(O, level) else byar(O, z_of("phe", level))
  inputs <- list(method = method, x = s$x, n = s$n, x_reference = r$x, n_reference = r$n, per = if (is.na(per)) "" else per, level = level)
  add("standardise_indirect.csv", inputs, c(limits(O / E * scale, l[1] / E * scale, l[2] / E * scale), list(observed = O, expected = E)),
      paste0(EPITOOLS, ": ageadjust.indirect for the value; limits of PHEindicatormethods' calculate_ISRatio and calculate_ISRate in R, by hand"))
}

# --- two standardised rates ------------------------------------------------------------------------------------------------
for (i in seq_along(sets)) for (level in c(0.9, 0.95, 0.998)) {
  s <- sets[[i]]
  other <- list(x = rev(s$x) + seq_along(s$x) - 1, n = s$n * 1.5)
  if (i == 12) other$x <- 0 * other$x
  sums <- lapply(list(s, other), function(g) list(rate = sum(g$x * s$w / g$n) / sum(s$w), variance = sum(g$x * (s$w / g$n)^2) / sum(s$w)^2))
  r1 <- sums[[1]]$rate; r2 <- sums[[2]]$rate; v1 <- sums[[1]]$variance; v2 <- sums[[2]]$variance
  z <- z_of("phe", level)
  se <- sqrt(v1 / r1^2 + v2 / r2^2)
  inputs <- list(x1 = s$x, n1 = s$n, x2 = other$x, n2 = other$n, weight = s$w)
  both <- r1 > 0 && r2 > 0
  add("comparative_ratio.csv", c(inputs, level = level),
      if (both) c(limits(r1 / r2, r1 / r2 * exp(-z * se), r1 / r2 * exp(z * se)), p_value = 2 * pnorm(-abs(log(r1 / r2)) / se)) else c(limits(if (r2 > 0) 0 else NA, NA, NA), p_value = NA),
      if (both) paste0(R, ": formula in R, by hand") else "by hand: no events, no logarithm")
  se <- sqrt(v1 + v2)
  add("comparative_difference.csv", c(inputs, per = 1000, level = level),
      if (se > 0) c(limits((r1 - r2) * 1000, (r1 - r2 - z * se) * 1000, (r1 - r2 + z * se) * 1000), p_value = 2 * pnorm(-abs(r1 - r2) / se)) else c(limits(0, NA, NA), p_value = NA),
      if (se > 0) paste0(R, ": formula in R, by hand") else "by hand: no events, no variance")
}

for (file in names(rows)) writeLines(rows[[file]], file)
