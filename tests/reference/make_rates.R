# Writes the tables of rates as R sees them; make_rates.py then adds its own witnesses.
# Needs R with epitools:  Rscript make_rates.R && python make_rates.py
options(warn = -1)
R <- paste("R", getRversion())
EPITOOLS <- paste("epitools", packageVersion("epitools"))
LEVELS <- c(0.8, 0.9, 0.95, 0.99, 0.998)
z_of <- function(level) -qnorm((1 - level) / 2)

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
root <- function(f, from, to) uniroot(f, c(from, to), tol = 1e-15, maxiter = 1e4)$root

# --- one rate --------------------------------------------------------------------------------------------------------------
byar <- function(x, z) c(
  if (x == 0) 0 else max(0, x * (1 - 1 / (9 * x) - z / (3 * sqrt(x)))^3),
  (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * sqrt(x + 1)))^3
)
exact <- function(x, level) { # beyond 100,000 events poisson.test runs out of memory over its p value
  tail <- (1 - level) / 2
  if (x <= 1e5) as.numeric(poisson.test(x, conf.level = level)$conf.int) else c(qgamma(tail, x), qgamma(tail, x + 1, lower.tail = FALSE))
}
mid_p <- function(x, level) {
  tail <- (1 - level) / 2
  low <- function(u) log(ppois(x, exp(u), lower.tail = FALSE) + dpois(x, exp(u)) / 2) - log(tail)
  high <- function(u) log(ppois(x, exp(u)) - dpois(x, exp(u)) / 2) - log(tail)
  wide <- exact(x, 1 - (1 - level) / 8) # mid-p limits lie within the exact ones
  c(if (x == 0) 0 else exp(root(low, log(wide[1]), log(wide[2]))), exp(root(high, log(max(wide[1], 0.05)), log(wide[2]))))
}
for (x in c(0, 1, 2, 3, 5, 9, 10, 11, 20, 21, 50, 100, 988, 10000, 99999, 100000, 1e6, 1e9)) {
  for (level in LEVELS) {
    exposure <- if (x %% 2 == 0) 1000 else 123.456
    per <- if (x %% 3 == 0) 1000 else 1
    scale <- per / exposure
    inputs <- function(method) list(method = method, x = x, exposure = exposure, per = per, level = level)
    call <- if (x <= 1e5) "poisson.test(x, conf.level = level)" else "qgamma(tail, x), qgamma(tail, x + 1, lower.tail = FALSE)"
    e <- exact(x, level)
    add("rate.csv", inputs("exact"), limits(x * scale, e[1] * scale, e[2] * scale), paste0(R, ": ", call, " / exposure * per"))
    b <- byar(x, z_of(level))
    add("rate.csv", inputs("byar"), limits(x * scale, b[1] * scale, b[2] * scale), paste0(R, ": formula in R, by hand"))
    m <- mid_p(x, level)
    add("rate.csv", inputs("mid-p"), limits(x * scale, m[1] * scale, m[2] * scale), paste0(R, ": uniroot over ppois and dpois"))
  }
  alpha <- 0.05
  phe <- if (x < 10) c(qchisq(alpha / 2, 2 * x) / 2, qchisq(1 - alpha / 2, 2 * x + 2) / 2) else byar(x, z_of(0.95))
  add("rate.csv", list(method = "phe", x = x, exposure = 1000, per = 1e5, level = 0.95),
      limits(x * 100, phe[1] * 100, phe[2] * 100), paste0(R, ": PHEindicatormethods' rule, in R by hand (qchisq below 10)"))
}

# --- repeat events ---------------------------------------------------------------------------------------------------------
repeats <- list(
  list(1, 0), list(1, 1), list(2, 1), list(c(1, 2), c(7, 1)), list(c(1, 2), c(8, 1)), list(c(1, 2, 3), c(20, 5, 1)), list(c(0, 1, 4), c(90, 30, 2)),
  list(12, 1), list(c(3, 1, 2, 1), c(4, 50, 11, 50)), list(c(1, 2, 3, 4, 5, 6), c(700, 210, 64, 20, 6, 3)), list(c(1, 2), c(1e6, 3e5)), list(c(1, 40), c(1, 25))
)
for (set in repeats) for (method in c("exact", "byar", "phe")) for (level in c(0.95, 0.998)) {
  f <- set[[1]]; m <- set[[2]]
  exposure <- 2345.5; per <- 1000
  O <- sum(f * m)
  s <- if (O == 0) 1 else sqrt(sum(f^2 * m) / O)
  l <- if (method == "exact" || (method == "phe" && O < 10)) exact(O, level) else byar(O, z_of(level))
  add("repeat_rate.csv", list(method = method, events = f, persons = m, exposure = exposure, per = per, level = level),
      limits(O / exposure * per, max(0, O + s * (l[1] - O)) / exposure * per, (O + s * (l[2] - O)) / exposure * per),
      paste0(R, ": formula in R, by hand, from ", if (method == "byar") "Byar's limits" else "poisson.test or Byar's limits"))
}

# --- two rates -------------------------------------------------------------------------------------------------------------
pairs <- rbind(
  c(41, 28010, 15, 19017), c(0, 10, 0, 20), c(0, 10, 1, 20), c(1, 10, 0, 20), c(0, 100, 7, 90), c(7, 90, 0, 100), c(1, 5, 1, 5), c(1, 1, 2, 3),
  c(3, 250, 9, 260), c(9, 260, 3, 250), c(10, 1000, 10, 1000), c(12, 1000.5, 30, 990.25), c(30, 1000, 20, 1000), c(2, 0.001, 3, 1000), c(100, 1, 120, 1),
  c(250, 5000, 210, 5100), c(1000, 12345.678, 1100, 12345.678), c(5, 1e6, 40000, 1e9), c(60, 7, 20, 7), c(100000, 1e6, 99000, 1e6), c(123456, 1e7, 234567, 2e7),
  c(11, 17877, 9, 15800), c(104, 51477.5, 10, 25200)
)
two_mid_p <- function(x1, x2, level) {
  n <- x1 + x2; tail <- (1 - level) / 2
  b <- binom.test(x1, n, conf.level = 1 - (1 - level) / 8)$conf.int
  odds <- function(p) log(p) - log1p(-p)
  low <- function(t) log(pbinom(x1, n, plogis(t), lower.tail = FALSE) + dbinom(x1, n, plogis(t)) / 2) - log(tail)
  high <- function(t) log(pbinom(x1, n, plogis(t)) - dbinom(x1, n, plogis(t)) / 2) - log(tail)
  c(if (x1 == 0) 0 else exp(root(low, odds(b[1]), odds(min(b[2], 1 - 1e-4 / n)))),
    if (x2 == 0) NA else exp(root(high, odds(max(b[1], 1e-4 / n)), odds(b[2]))))
}
two <- function(x1, e1, x2, e2, levels) {
  for (level in levels) {
    z <- z_of(level)
    inputs <- function(method) list(method = method, x1 = x1, e1 = e1, x2 = x2, e2 = e2, level = level)
    test <- poisson.test(c(x1, x2), c(e1, e2), conf.level = level)
    value <- if (x2 == 0) NA else x1 / e1 / (x2 / e2)
    known <- function(v) if (x2 == 0) NA else v
    add("rate_ratio.csv", inputs("exact"), c(limits(value, if (x1 + x2 == 0) NA else test$conf.int[1], known(test$conf.int[2])), p_value = test$p.value),
        paste0(R, ": poisson.test(c(x1, x2), c(e1, e2), conf.level = level)"))
    if (x1 + x2 > 0) {
      odds <- two_mid_p(x1, x2, level)
      share <- e1 / (e1 + e2)
      half <- dbinom(x1, x1 + x2, share) / 2
      p <- 2 * min(pbinom(x1, x1 + x2, share) - half, pbinom(x1, x1 + x2, share, lower.tail = FALSE) + half)
      add("rate_ratio.csv", inputs("mid-p"), c(limits(value, odds[1] * e2 / e1, odds[2] * e2 / e1), p_value = min(1, p)),
          paste0(R, ": uniroot over pbinom and dbinom"))
      mid <- rate2by2.test(matrix(c(x2, x1, e2, e1), 2))$p.value[2, "midp.exact"] # the reference group is its first row
      if (level == 0.95) stopifnot(abs(mid - min(1, p)) < 1e-9)
    }
    s <- sqrt(1 / x1 + 1 / x2)
    if (x1 > 0 && x2 > 0) add("rate_ratio.csv", inputs("log"), c(limits(value, value * exp(-z * s), value * exp(z * s)), p_value = 2 * pnorm(-abs(log(value)) / s)),
        paste0(R, ": formula in R, by hand"))
    else if (level == 0.95) add("rate_ratio.csv", inputs("log"), c(limits(if (x2 > 0) 0 else NA, NA, NA), p_value = NA), "by hand: no events, no logarithm")

    per <- if (x1 %% 2 == 0) 1000 else 1
    inputs <- function(method) list(method = method, x1 = x1, e1 = e1, x2 = x2, e2 = e2, per = per, level = level)
    r1 <- x1 / e1; r2 <- x2 / e2; d <- r1 - r2; s <- sqrt(x1 / e1^2 + x2 / e2^2)
    if (x1 + x2 > 0) add("rate_difference.csv", inputs("wald"), c(limits(d * per, (d - z * s) * per, (d + z * s) * per), p_value = 2 * pnorm(-abs(d) / s)),
        paste0(R, ": formula in R, by hand"))
    else if (level == 0.95) add("rate_difference.csv", inputs("wald"), c(limits(0, NA, NA), p_value = NA), "by hand: no events, no variance")
    a <- exact(x1, level) / e1; b <- exact(x2, level) / e2
    add("rate_difference.csv", inputs("mover"),
        c(limits(d * per, (d - sqrt((r1 - a[1])^2 + (b[2] - r2)^2)) * per, (d + sqrt((a[2] - r1)^2 + (r2 - b[1])^2)) * per), p_value = test$p.value),
        paste0(R, ": formula in R, by hand, from poisson.test(x) / e"))
  }
}
suppressMessages(library(epitools))
for (i in seq_len(nrow(pairs))) two(pairs[i, 1], pairs[i, 2], pairs[i, 3], pairs[i, 4], if (i <= 4) c(0.95, 0.99) else if (pairs[i, 1] > 1e4) 0.95 else c(0.9, 0.95, 0.998))
set.seed(20240131)
for (i in 1:15) {
  e <- round(exp(runif(2, 0, 9)), 2)
  two(rpois(1, runif(1, 0, 40)), e[1], rpois(1, runif(1, 0, 40)), e[2], 0.95)
}

# Counts at which poisson.test has no memory left: its interval is a quantile of the beta distribution, and its p value the sum of two tails.
small <- function(x, n, p) {
  if (x == n * p) return(1)
  rare <- function(k) dbinom(k, n, p, log = TRUE) <= dbinom(x, n, p, log = TRUE) + log1p(1e-7)
  first <- function(from, to) { # the first rare count from the mean outwards
    if (!rare(to)) return(NA)
    while (abs(to - from) > 1) { middle <- trunc((from + to) / 2); if (rare(middle)) to <- middle else from <- middle }
    if (rare(from)) from else to
  }
  if (x < n * p) { k <- first(ceiling(n * p), n); pbinom(x, n, p) + if (is.na(k)) 0 else pbinom(k - 1, n, p, lower.tail = FALSE) }
  else { k <- first(floor(n * p), 0); pbinom(x - 1, n, p, lower.tail = FALSE) + if (is.na(k)) 0 else pbinom(k, n, p) }
}
stopifnot(all.equal(small(41, 56, 28010 / 47027), binom.test(41, 56, 28010 / 47027)$p.value, tolerance = 1e-14))
for (x in list(c(1e9, 1.00005e9), c(1e9, 9.9999e8), c(3, 30), c(2e7, 2.001e7))) {
  q <- c(qbeta(0.025, x[1], x[2] + 1), qbeta(0.025, x[1] + 1, x[2], lower.tail = FALSE))
  rest <- c(qbeta(0.025, x[2] + 1, x[1], lower.tail = FALSE), qbeta(0.025, x[2], x[1] + 1))
  e <- if (x[1] < 10) c(1e8, 1e9) else c(5e9, 5e9)
  add("rate_ratio.csv", list(method = "exact", x1 = x[1], e1 = e[1], x2 = x[2], e2 = e[2], level = 0.95),
      c(limits(x[1] / e[1] / (x[2] / e[2]), q[1] / rest[1] * e[2] / e[1], q[2] / rest[2] * e[2] / e[1]), p_value = small(x[1], sum(x), e[1] / sum(e))),
      paste0(R, ": qbeta of the share and of the rest; pbinom of both tails"))
}

for (file in names(rows)) writeLines(rows[[file]], file)
