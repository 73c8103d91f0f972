# Writes the inequality tables of this folder as R sees them; make_inequality.py then adds its own witnesses.
# Needs base R only:  Rscript make_inequality.R && python make_inequality.py
options(warn = -1)
R <- paste("R", getRversion())
text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) ifelse(is.na(v), "", ifelse(v == floor(v), sprintf("%.0f", v), sprintf("%.15g", v)))
cell <- function(v) if (is.null(v)) "" else if (is.character(v)) v else paste(plain(v), collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  header <- c(names(inputs), paste0("expected_", names(expected)), "computed_by")
  if (is.null(rows[[file]])) rows[[file]] <<- paste(header, collapse = ",")
  shown <- sapply(expected, function(v) if (is.character(v)) v else text(v))
  rows[[file]] <<- c(rows[[file]], paste(c(sapply(inputs, cell), shown, paste0('"', by, '"')), collapse = ","))
}
limits <- function(value, lower, upper) list(value = value, lower = lower, upper = upper)
z_of <- function(level) -qnorm((1 - level) / 2)
LEVELS <- c(0.8, 0.9, 0.95, 0.99, 0.998)

# --- quantiles of deprivation: rates per 1,000, proportions and scores, most deprived first -------------------------------------
sets <- list(
  list(y = c(41, 30, 26, 17, 11), n = c(900, 1000, 1100, 1000, 1000), s = c(2.1, 1.7, 1.5, 1.3, 1)),
  list(y = c(14.2, 9.8, 7.1, 5.5, 2.3), n = c(5120, 5230, 4980, 5011, 5304), s = c(1.2, 0.9, 0.8, 0.7, 0.4)),
  list(y = c(3, 9, 4, 8, 5), n = c(120, 310, 55, 208, 307), s = c(1, 1.7, 1.1, 1.5, 1.2)),
  list(y = c(0.31, 0.28, 0.22, 0.19, 0.12), n = c(400, 380, 410, 395, 415), s = c(0.023, 0.022, 0.02, 0.019, 0.016)),
  list(y = c(0.045, 0.03, 0.021, 0.012, 0.008, 0.03, 0.007, 0.006, 0.004, 0.003),
       n = c(7291, 7997, 6105, 7666, 5790, 6934, 5918, 5974, 7147, 7534),
       s = c(0.0024, 0.0019, 0.0018, 0.0012, 0.0011, 0.002, 0.001, 0.001, 0.0007, 0.0006)),
  list(y = c(70.55, 71.57, 72.49, 74.1, 75.35, 76.6, 78.8, 79.15, 80.9, 82.6),
       n = c(21675, 20065, 19750, 18990, 20001, 20500, 21007, 19333, 18888, 20222),
       s = c(0.23, 0.26, 0.3, 0.28, 0.25, 0.24, 0.27, 0.31, 0.29, 0.26)),
  list(y = c(120.5, 118, 90.25, 88, 61), n = c(1, 2, 3, 4, 90), s = c(10, 9, 8, 7, 3)),
  list(y = c(0.9, 0.8, 0.7, 0.5, 0.2), n = c(1e9, 1.2e9, 1.1e9, 9e8, 1e9), s = c(0.001, 0.002, 0.001, 0.002, 0.001))
)
sqrt_form <- function(y, n) {
  a <- n / sum(n); b <- cumsum(a) - a / 2; r <- sqrt(a)
  lm(I(r * y) ~ r + I(b * r) + 0)
}
line_of <- function(n) {
  a <- n / sum(n); b <- cumsum(a) - a / 2
  X <- cbind(1, b); solve(t(X) %*% (a * X)) %*% t(a * X) # rows: intercept, slope, as weights of y
}
logit <- function(p) log(p / (1 - p)); expit <- function(u) 1 / (1 + exp(-u))
scales <- list(plain = list(g = identity, b = identity, d = function(y) 1), log = list(g = log, b = exp, d = identity),
               logit = list(g = logit, b = expit, d = function(y) y * (1 - y)))
phe_inputs <- function(set, se, lower, upper, limits_level, scale, transform, multiplier, level)
  list(value = set$y, population = set$n, convention = "phe", se = se, lower_limit = lower, upper_limit = upper,
       limits_level = limits_level, scale = scale, transform = if (transform) "true" else "false", multiplier = multiplier,
       overall = NULL, level = level)
for (i in seq_along(sets)) {
  set <- sets[[i]]; y <- set$y; n <- set$n
  for (level in LEVELS) {
    fit <- sqrt_form(y, n); ci <- confint(fit, level = level)[2, ]; slope <- -coef(fit)[[2]]
    inputs <- list(value = y, population = n, convention = "scotpho", se = NULL, lower_limit = NULL, upper_limit = NULL,
                   limits_level = NULL, scale = "plain", transform = "false", multiplier = 1, overall = NULL, level = level)
    call <- paste0(R, ": confint(lm(sqrt(a) * y ~ sqrt(a) + I(b * sqrt(a)) + 0), level = level)")
    add("slope_index.csv", inputs, limits(slope, -ci[[2]], -ci[[1]]), call)
    overall <- if (level == 0.95) NULL else round(weighted.mean(y, n) * 1.02, 3)
    inputs["overall"] <- list(overall) # NULL stays as an empty cell
    by <- if (is.null(overall)) weighted.mean(y, n) else overall
    add("relative_index.csv", inputs, limits(slope / by, -ci[[2]] / by, -ci[[1]] / by), paste0(call, " / overall"))
  }
  W <- line_of(n); at0 <- W[1, ]; at1 <- W[1, ] + W[2, ]
  for (scale in names(scales)) for (transform in c(FALSE, TRUE)) {
    if (scale == "logit" && any(y >= 1)) next
    if (scale == "plain" && transform) next
    f <- scales[[scale]]
    for (multiplier in c(1, 100, -1, 0.1)) for (level in if (multiplier == 1) c(0.95, 0.998) else 0.95) {
      given <- (i + round(multiplier)) %% 2 == 0 # standard errors on the scale, or limits
      limits_level <- if (given) NULL else if (multiplier == 0.1) 0.9 else 0.95
      if (given) {
        se <- signif(set$s / f$d(y), 6); lower <- upper <- NULL
        s <- se
      } else {
        se <- NULL
        lower <- signif(f$b(f$g(y) - 2 * set$s / f$d(y)), 8); upper <- signif(f$b(f$g(y) + 1.9 * set$s / f$d(y)), 8)
        s <- (f$g(upper) - f$g(lower)) / 2 / z_of(limits_level)
      }
      inputs <- phe_inputs(set, se, lower, upper, limits_level, scale, transform, multiplier, level)
      z <- z_of(level)
      if (transform) {
        slope <- sum(W[2, ] * f$g(y)); middle <- sum(W[1, ] * f$g(y)) + slope / 2
        error <- sqrt(sum((W[2, ] * s)^2))
        rise <- function(v) (f$b(middle + v / 2) - f$b(middle - v / 2)) * multiplier
        fold <- function(v) (f$b(middle + v / 2) / f$b(middle - v / 2))^sign(multiplier)
        three <- slope + c(0, -z, z) * error
        out <- sapply(three, rise); ratio <- sapply(three, fold)
        call <- ": line of g(y) by matrices, its slope -+ z * error taken back about the middle, by hand"
      } else {
        v <- s * f$d(y)
        out <- (sum(W[2, ] * y) + c(0, -z, z) * sqrt(sum((W[2, ] * v)^2))) * multiplier
        top <- if (multiplier < 0) at0 else at1; bottom <- if (multiplier < 0) at1 else at0
        A <- sum(top * y); B <- sum(bottom * y)
        q <- Re(polyroot(c(A^2 - z^2 * sum((top * v)^2), -2 * (A * B - z^2 * sum(top * bottom * v^2)), B^2 - z^2 * sum((bottom * v)^2))))
        ratio <- if (B^2 > z^2 * sum((bottom * v)^2)) c(A / B, q) else c(A / B, NA, NA)
        call <- ": weights of y by matrices, delta method, by hand"
      }
      add("slope_index.csv", inputs, limits(out[1], min(out[-1]), max(out[-1])), paste0(R, call))
      # polyroot is right to 1e-9 only where its roots are near each other, so it stands for the transformed cases alone
      if (transform) add("relative_index.csv", inputs, limits(ratio[1], min(ratio[-1]), max(ratio[-1])), paste0(R, call))
    }
  }
}

# --- PHE's simulation itself, seeded, with two million draws ------------------------------------------------------------------
set.seed(20200731)
for (i in seq_along(sets)) {
  set <- sets[[i]]; y <- set$y; n <- set$n; W <- line_of(n)
  for (scale in names(scales)) for (transform in c(FALSE, TRUE)) {
    if (scale == "logit" && any(y >= 1)) next
    if (scale == "plain" && transform) next
    f <- scales[[scale]]; s <- signif(set$s / f$d(y), 6); draws <- 2e6
    slope <- at0 <- 0
    for (k in seq_along(y)) {
      drawn <- rnorm(draws, f$g(y[k]), s[k])
      drawn <- if (transform) drawn else f$b(drawn)
      slope <- slope + W[2, k] * drawn; at0 <- at0 + W[1, k] * drawn
    }
    inputs <- phe_inputs(set, s, NULL, NULL, NULL, scale, transform, 1, 0.95)
    ends <- c(0.025, 0.975); by <- paste0(R, ": quantiles of 2,000,000 draws of rnorm, as phe_sii draws them; set.seed(20200731)")
    if (transform) {
      b <- sum(W[2, ] * f$g(y)); middle <- sum(W[1, ] * f$g(y)) + b / 2; three <- c(b, quantile(slope, ends))
      out <- f$b(middle + three / 2) - f$b(middle - three / 2); ratio <- f$b(middle + three / 2) / f$b(middle - three / 2)
    } else {
      out <- c(sum(W[2, ] * y), quantile(slope, ends))
      ratio <- c(1 + sum(W[2, ] * y) / sum(W[1, ] * y), quantile(1 + slope / at0, ends))
    }
    add("slope_index_simulated.csv", c(list(index = "slope"), inputs), limits(out[1], out[2], out[3]), by)
    add("slope_index_simulated.csv", c(list(index = "relative"), inputs), limits(ratio[1], ratio[2], ratio[3]), by)
  }
}

# --- population attributable risk ----------------------------------------------------------------------------------------------
counts <- list(
  list(x = c(40, 30, 25, 15, 10), n = c(1000, 1000, 1000, 1000, 1000)), list(x = c(40, 30, 25, 15, 10), n = c(900, 1000, 1100, 1000, 1000)),
  list(x = c(1, 2), n = c(3, 5)), list(x = c(9, 9, 9, 9), n = c(100, 100, 100, 100)), list(x = c(2, 0, 0, 1, 7), n = c(20, 30, 40, 50, 60)),
  list(x = c(120, 90, 71, 60, 44, 41, 38, 29, 20, 18), n = c(1200, 1100, 1150, 1210, 1190, 1180, 1201, 1199, 1202, 1198)),
  list(x = c(4e8, 3e8, 2e8, 1e8, 1e8), n = c(1e9, 1e9, 1e9, 1e9, 1.5e9)), list(x = c(0, 0, 0, 0, 3), n = c(9, 9, 9, 9, 9)),
  list(x = c(5, 3, 1, 1, 0), n = c(50, 50, 50, 50, 50)), list(x = c(988, 393), n = c(5000, 45000)), list(x = c(50, 40, 30), n = c(50, 50, 50)),
  list(x = c(1, 1, 1, 1, 1), n = c(10, 20, 30, 40, 50))
)
for (i in seq_along(counts)) for (counted in c("events", "people")) {
  x <- counts[[i]]$x; n <- counts[[i]]$n; k <- length(x); level <- LEVELS[1 + i %% 5]
  r <- x / n; a <- n / sum(n)
  sum_of <- sum((r / r[k] - 1) * a)
  value <- if (x[k] == 0) 1 else sum_of / (sum_of + 1)
  v <- if (counted == "events") x else x * (1 - r)
  variance <- sum(v * ((seq_along(x) == k) / x[k] - 1 / sum(x))^2)
  known <- x[k] > 0 && variance > 0
  ends <- if (known) 1 - (1 - value) * exp(c(1, -1) * z_of(level) * sqrt(variance)) else c(NA, NA)
  add("population_attributable.csv", list(x = x, n = n, counted = counted, level = level), limits(value, ends[1], ends[2]),
      paste0(R, ": ScotPHO's sum((r / r[k] - 1) * a) / (... + 1), delta method on log(1 - P), by hand"))
}
for (i in seq_along(sets)) for (level in c(0.9, 0.95, 0.99)) {
  y <- sets[[i]]$y; n <- sets[[i]]$n; s <- sets[[i]]$s; a <- n / sum(n); k <- length(y)
  value <- 1 - y[k] / sum(a * y)
  error <- sqrt(sum((s * ((seq_along(y) == k) / y[k] - a / sum(a * y)))^2))
  ends <- 1 - (1 - value) * exp(c(1, -1) * z_of(level) * error)
  add("attributable_share.csv", list(value = y, population = n, se = s, level = level), limits(value, ends[1], ends[2]),
      paste0(R, ": delta method on log(1 - P), by hand"))
}

# --- ranges --------------------------------------------------------------------------------------------------------------------
for (i in seq_along(sets)) for (level in c(0.9, 0.95, 0.99)) {
  y <- sets[[i]]$y; k <- length(y); z <- z_of(level)
  lower <- signif(y * exp(-z * sets[[i]]$s / y), 8); upper <- signif(y * exp(1.1 * z * sets[[i]]$s / y), 8)
  d <- y[1] - y[k]; r <- y[1] / y[k]
  inputs <- list(value = y, lower_limit = lower, upper_limit = upper)
  add("absolute_range.csv", inputs, limits(d, d - sqrt((y[1] - lower[1])^2 + (upper[k] - y[k])^2), d + sqrt((upper[1] - y[1])^2 + (y[k] - lower[k])^2)),
      paste0(R, ": square and add, by hand"))
  add("relative_range.csv", inputs, limits(r, exp(log(r) - sqrt(log(y[1] / lower[1])^2 + log(upper[k] / y[k])^2)),
                                           exp(log(r) + sqrt(log(upper[1] / y[1])^2 + log(y[k] / lower[k])^2))),
      paste0(R, ": square and add logarithms, by hand"))
}

# --- concentration index ---------------------------------------------------------------------------------------------------------
concentration <- function(y, n, v) {
  f <- n / sum(n); R <- cumsum(f) - f / 2; m <- sum(f * y); q <- cumsum(f * y) / m; before <- c(0, q[-length(q)])
  C <- 2 * sum(f * y * R) / m - 1; a <- y / m * (2 * R - 1 - C) + 2 - before - q
  between <- sum(f * a^2) - (1 + C)^2
  variance <- if (is.null(v)) between / length(y) else between / sum(n) + sum(f * v * (2 * R - 1 - C)^2) / (sum(n) * m^2)
  c(C, sqrt(variance))
}
for (i in seq_along(sets)) for (kind in c("bare", "events", "people")) for (level in c(0.9, 0.95)) {
  y <- sets[[i]]$y; n <- sets[[i]]$n
  if (kind == "people" && any(y >= 1)) next
  v <- if (kind == "bare") NULL else signif(if (kind == "people") y * (1 - y) else y, 10)
  out <- concentration(y, n, v)
  add("concentration_index.csv", list(value = y, population = n, variance = v, level = level),
      c(limits(out[1], out[1] - z_of(level) * out[2], out[1] + z_of(level) * out[2]), list(standard_error = out[2])),
      paste0(R, ": Kakwani, Wagstaff and van Doorslaer (1997), by hand"))
}

# --- quantiles -----------------------------------------------------------------------------------------------------------------
words <- function(q) paste(ifelse(is.na(q), "-", q), collapse = " ")
set.seed(7)
for (n in c(1, 4, 5, 6, 9, 10, 11, 23, 28, 33, 49, 60)) for (k in c(4, 5, 10, 20)) for (invert in c(FALSE, TRUE)) {
  if (k == 20 && n == 28) next # floating point goes wrong there; make_inequality.py has the right one
  y <- sample(if (n %% 2 == 0) 1:n else 1:max(1, n %/% 2), n, replace = n %% 2 == 1)
  rank <- rank(if (invert) -y else y, ties.method = "min")
  q <- floor((k + 1) - ceiling((n + 1 - rank) / (n / k))); q[q == 0] <- 1
  if (n < k) q[] <- NA
  add("quantile.csv", list(value = y, k = k, invert = if (invert) "true" else "false"), list(quantile = words(q)),
      paste0(R, ": phe_quantile's rank and formula, by hand"))
}
# Public Health Scotland's steps for deciles: the share of people up to each zone, its decile, and, where a decile begins, whether the cut
# would be nearer after that zone.
for (n in c(40, 57, 80, 111, 150, 200)) for (round in 1:4) {
  people <- sample(500:1100, n); rank <- sample(n); sorted <- people[order(rank)]
  share <- cumsum(sorted) / sum(sorted) * 100; decile <- ceiling(share / 10)
  away <- ifelse(round(share / 10) %in% 1:9, 10 * round(share / 10) - share, 0)
  begins <- c(FALSE, diff(decile) != 0)
  both <- ifelse(begins, away + c(0, away[-n]), 0)
  placed <- ifelse(both <= 0, decile, c(NA, decile[-n]))
  q <- placed; q[order(rank)] <- placed
  add("population_quantile.csv", list(rank = rank, population = people, k = 10), list(quantile = words(q)),
      paste0(R, ": Public Health Scotland's steps, by hand"))
  add("population_quantile.csv", list(rank = rank, population = people, k = 5), list(quantile = words(ceiling(q / 2))),
      paste0(R, ": Public Health Scotland's steps, pairs of deciles, by hand"))
}

for (file in names(rows)) writeLines(rows[[file]], file)
