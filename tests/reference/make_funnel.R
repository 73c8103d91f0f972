# Writes the funnel tables of this folder as R sees them; make_funnel.py then adds its own witnesses.
# Needs R with metafor:  Rscript make_funnel.R && python make_funnel.py
suppressMessages(library(metafor))
options(warn = -1)
R <- paste("R", getRversion())
METAFOR <- paste("metafor", packageVersion("metafor"))
text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) ifelse(v == floor(v), sprintf("%.0f", v), sprintf("%.15g", v))
cell <- function(v) if (is.character(v)) v else paste(plain(v), collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(rows[[file]])) rows[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  shown <- sapply(expected, function(v) if (is.character(v)) v else text(v))
  rows[[file]] <<- c(rows[[file]], paste(c(sapply(inputs, cell), shown, paste0('"', by, '"')), collapse = ","))
}
z_of <- function(level) -qnorm((1 - level) / 2)
LEVELS <- c(0.8, 0.95, 0.998)

# --- limits --------------------------------------------------------------------------------------------------------------------
put <- function(of, method, n, average, level, lower, upper, call)
  add("limits_at.csv", list(n = n, average = average, of = of, method = method, level = level), list(lower = lower, upper = upper), paste0(R, ": ", call))
interpolated <- function(p, q, P, d) { r <- q(p); r - (P(r) - p) / d(r) } # D. J. Spiegelhalter (2005), appendix A.1
for (at in list(c(1, 0.3), c(2, 0.5), c(7, 0.2), c(10, 0.05), c(25, 0.8), c(40, 0.5), c(133, 0.31), c(1000, 0.012), c(41980, 0.80642448),
                c(1e6, 0.25), c(1e9, 0.001)))
  for (level in LEVELS) {
    n <- at[1]; p <- at[2]; z <- z_of(level); tail <- (1 - level) / 2
    reach <- z * sqrt(p * (1 - p) / n)
    for (method in c("phe", "score"))
      put("proportion", method, n, p, level, max(0, p - reach), min(1, p + reach), "average -+ z * sqrt(average * (1 - average) / n), by hand")
    put("proportion", "exact", n, p, level, qbinom(tail, n, p) / n, qbinom(tail, n, p, lower.tail = FALSE) / n, "qbinom(tail, n, average) / n")
    put("proportion", "confidence", n, p, level, qbeta(tail, n * p, n * (1 - p) + 1), qbeta(tail, n * p + 1, n * (1 - p), lower.tail = FALSE),
        "qbeta at n * average")
    if (n <= 1000) {
      low <- interpolated(tail, function(q) qbinom(q, n, p), function(r) pbinom(r, n, p), function(r) dbinom(r, n, p))
      high <- interpolated(1 - tail, function(q) qbinom(q, n, p), function(r) pbinom(r, n, p), function(r) dbinom(r, n, p))
      put("proportion", "interpolated", n, p, level, max(0, low / n), min(1, max(0, high / n)), "qbinom, pbinom, dbinom")
    }
  }
for (at in list(c(0.5, 1), c(1, 1), c(2.5, 1), c(8, 1), c(6.25, 1.1), c(106.4, 1), c(1000, 0.0034), c(250000, 0.0001), c(30, 2.5), c(1e6, 1), c(1e9, 0.75)))
  for (level in LEVELS) for (of in if (at[2] == 1) c("ratio", "rate") else "rate") {
    n <- at[1]; a <- at[2]; E <- n * a; z <- z_of(level); tail <- (1 - level) / 2
    put(of, "score", n, a, level, max(0, a - z * sqrt(a / n)), a + z * sqrt(a / n), "average -+ z * sqrt(average / n), by hand")
    put(of, "exact", n, a, level, qpois(tail, E) / n, qpois(tail, E, lower.tail = FALSE) / n, "qpois(tail, n * average) / n")
    put(of, "confidence", n, a, level, qchisq(tail, 2 * E) / 2 / n, qchisq(tail, 2 * E + 2, lower.tail = FALSE) / 2 / n, "qchisq, as FunnelPlotR")
    if (E <= 1000) {
      low <- interpolated(tail, function(q) qpois(q, E), function(r) ppois(r, E), function(r) dpois(r, E))
      high <- interpolated(1 - tail, function(q) qpois(q, E), function(r) ppois(r, E), function(r) dpois(r, E))
      put(of, "interpolated", n, a, level, max(0, low / n), max(0, high / n), "qpois, ppois, dpois")
    }
  }
for (n in c(1, 2, 3, 8, 12, 151, 988, 1e5, 1e9)) for (level in LEVELS) for (a in c(1, 0.00116)) {
  tail <- (1 - level) / 2
  put(if (a == 1) "ratio" else "rate", "phe", n, a, level, n * a / (qchisq(tail, 2 * n + 2, lower.tail = FALSE) / 2), n * a / (qchisq(tail, 2 * n) / 2),
      "n * average / exact Poisson limits of n observed, by qchisq")
}
for (of in c("proportion", "rate")) for (method in c("score", "exact"))
  add("limits_at.csv", list(n = 0, average = 0.5, of = of, method = method, level = 0.95), list(lower = NA, upper = NA), "by hand: no size")

# --- signals -------------------------------------------------------------------------------------------------------------------
said <- function(below, above, tails) {
  if (below < tails[2]) "below 99.8%" else if (below < tails[1]) "below 95%" else if (above < tails[2]) "above 99.8%" else if (above < tails[1]) "above 95%" else "within"
}
tails <- c(0.025, 0.001)
for (at in list(c(20, 0.5), c(40, 0.3), c(100, 0.04))) for (x in c(0, 1, 4, 5, 6, 7, 9, 12, 14, 15, 16, 18, 20)) {
  n <- at[1]; p <- at[2]
  below <- binom.test(x, n, p, alternative = "less")$p.value; above <- binom.test(x, n, p, alternative = "greater")$p.value
  add("funnel_signal.csv", list(x = x, n = n, average = p, of = "proportion", method = "exact"), list(signal = said(below, above, tails)),
      paste0(R, ": binom.test, one-sided, under 0.025 and 0.001"))
  z <- (x / n - p) / sqrt(p * (1 - p) / n)
  add("funnel_signal.csv", list(x = x, n = n, average = p, of = "proportion", method = "phe"), list(signal = said(pnorm(z), pnorm(-z), tails)),
      paste0(R, ": pnorm of the score, under 0.025 and 0.001"))
}
for (E in c(4.5, 10, 23.2)) for (x in c(0, 1, 2, 3, 5, 8, 9, 10, 11, 13, 15, 19, 22, 30, 36, 45)) {
  below <- poisson.test(x, E, alternative = "less")$p.value; above <- poisson.test(x, E, alternative = "greater")$p.value
  add("funnel_signal.csv", list(x = x, n = E, average = 1, of = "ratio", method = "exact"), list(signal = said(below, above, tails)),
      paste0(R, ": poisson.test, one-sided, under 0.025 and 0.001"))
  bound <- function(tail) if (x < 10) c(qchisq(tail, 2 * x) / 2, qchisq(tail, 2 * x + 2, lower.tail = FALSE) / 2) else {
    y <- x + 1; z <- -qnorm(tail); c(x * (1 - 1 / (9 * x) - z / 3 / sqrt(x))^3, y * (1 - 1 / (9 * y) + z / 3 / sqrt(y))^3)
  }
  inner <- bound(0.025); outer <- bound(0.001)
  phe <- if (E < outer[1]) "above 99.8%" else if (E < inner[1]) "above 95%" else if (E > outer[2]) "below 99.8%" else if (E > inner[2]) "below 95%" else "within"
  add("funnel_signal.csv", list(x = x, n = E / 0.002, average = 0.002, of = "rate", method = "phe"), list(signal = phe),
      paste0(R, ": PHEindicatormethods' rule, in R by hand (qchisq below 10, Byar from there on)"))
}

# --- overdispersion ------------------------------------------------------------------------------------------------------------
set.seed(11)
units <- list()
for (k in c(2, 3, 5, 10, 25, 60)) for (spread in c(0, 0.4)) {
  n <- round(runif(k, 20, 900)); share <- plogis(qlogis(0.3) + spread * rnorm(k))
  units[[length(units) + 1]] <- list(x = rbinom(k, n, share), n = n)
}
units[[length(units) + 1]] <- list(x = c(0, 5, 9, 4, 0, 12), n = c(5, 5, 10, 4, 2, 14))
units[[length(units) + 1]] <- list(x = c(5, 5, 5, 5), n = c(10, 10, 10, 10))
units[[length(units) + 1]] <- list(x = c(4e8, 3.9e8, 4.1e8), n = c(1e9, 1e9, 1e9))
for (i in seq_along(units)) for (transform in c("arcsine", "sqrt", "log")) for (trim in c(0, 0.1, 0.25)) {
  x <- units[[i]]$x; n <- units[[i]]$n; average <- signif(sum(x) / sum(n), 6)
  kept <- transform != "log" | x > 0; X <- x[kept]; N <- n[kept]; k <- length(X)
  g <- switch(transform, arcsine = function(v) asin(sqrt(v)), sqrt = sqrt, log = log)
  s <- if (transform == "log") 1 / sqrt(N * average) else 1 / (2 * sqrt(N))
  z <- (g(X / N) - g(average)) / s
  ends <- quantile(z, c(trim, 1 - trim), names = FALSE)
  squares <- sum(pmin(pmax(z, ends[1]), ends[2])^2); w <- 1 / s^2
  add("overdispersion.csv", list(x = x, n = n, average = average, transform = transform, trim = trim),
      list(phi = squares / k, tau2 = max(0, (squares - (k - 1)) / (sum(w) - sum(w^2) / sum(w))), p_value = pchisq(sum(z^2), k, lower.tail = FALSE)),
      paste0(R, ": quantile(z, c(trim, 1 - trim)), by hand"))
}
# With the average where the weighted mean is, and nothing trimmed, tau2 is DerSimonian and Laird's.
for (i in seq_along(units)) for (transform in c("arcsine", "sqrt")) {
  x <- units[[i]]$x; n <- units[[i]]$n
  e <- if (transform == "arcsine") escalc("PAS", xi = x, ni = n, add = 0) else escalc("IRS", xi = x, ti = n, add = 0)
  m <- rma(yi, vi, data = e, method = "DL")
  centre <- sum(e$yi / e$vi) / sum(1 / e$vi); average <- if (transform == "arcsine") sin(centre)^2 else centre^2
  add("overdispersion.csv", list(x = x, n = n, average = sprintf("%.17g", average), transform = transform, trim = 0),
      list(phi = m$QE / length(x), tau2 = m$tau2, p_value = pchisq(m$QE, length(x), lower.tail = FALSE)),
      paste0(METAFOR, ": rma(escalc('", if (transform == "arcsine") "PAS" else "IRS", "'), method = 'DL')"))
}
for (at in list(c(20, 0.3), c(400, 0.05), c(1, 0.5), c(1e6, 0.9))) for (transform in c("arcsine", "sqrt", "log")) for (tau2 in c(0, 0.0123)) for (level in c(0.95, 0.998)) {
  n <- at[1]; a <- at[2]
  g <- switch(transform, arcsine = function(v) asin(sqrt(v)), sqrt = sqrt, log = log)
  back <- switch(transform, arcsine = function(u) sin(min(max(u, 0), pi / 2))^2, sqrt = function(u) max(u, 0)^2, log = exp)
  s <- if (transform == "log") 1 / sqrt(n * a) else 1 / (2 * sqrt(n))
  reach <- z_of(level) * sqrt(s^2 + tau2)
  add("adjusted_limits.csv", list(n = n, average = a, transform = transform, tau2 = tau2, level = level),
      list(lower = back(g(a) - reach), upper = back(g(a) + reach)), paste0(R, ": by hand"))
}
for (file in names(rows)) writeLines(rows[[file]], file)
