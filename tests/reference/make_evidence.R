# Writes posterior_share.csv, posterior_difference.csv and e_value.csv as R sees them; make_evidence.py then adds its own witnesses.
# Needs R:  Rscript make_evidence.R && python make_evidence.py
R <- paste("R", getRversion())
text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) if (is.character(v)) v else if (is.na(v)) "" else if (v == floor(v)) sprintf("%.0f", v) else sprintf("%.15g", v)
files <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(files[[file]])) files[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  files[[file]] <<- c(files[[file]], paste(c(sapply(inputs, plain), text(unlist(expected)), paste0('"', R, ": ", by, '"')), collapse = ","))
}

# --- one share -------------------------------------------------------------------------------------------------------------
shares <- rbind(c(0, 1), c(1, 1), c(0, 10), c(3, 25), c(13, 25), c(25, 25), c(99, 100), c(988, 1381), c(1, 1e6), c(123456, 1e6))
for (i in seq_len(nrow(shares))) for (prior in list(c(0.5, 0.5), c(1, 1), c(2, 8))) for (level in c(0.8, 0.95, 0.998)) {
  x <- shares[i, 1]; n <- shares[i, 2]; a <- x + prior[1]; b <- n - x + prior[2]; tail <- (1 - level) / 2
  add("posterior_share.csv", list(x = x, n = n, prior = paste(prior, collapse = " "), level = level),
      list(value = a / (a + b), lower = qbeta(tail, a, b), upper = qbeta(tail, a, b, lower.tail = FALSE)), "qbeta(tail, x + a, n - x + b)")
}

# --- a difference of two ---------------------------------------------------------------------------------------------------
# P(p1 - p2 < d) by integrate() in pieces about the narrower share's quantiles
below <- function(d, a1, b1, a2, b2) {
  ends <- qbeta(c(1e-14, 1e-9, 1e-6, 1e-4, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-4, 1 - 1e-6, 1 - 1e-9, 1 - 1e-14), a2, b2)
  ends <- sort(unique(c(0, ends, 1, if (-d > 0 && -d < 1) -d, if (1 - d > 0 && 1 - d < 1) 1 - d)))
  inside <- function(y) dbeta(y, a2, b2) * pbeta(y + d, a1, b1)
  sum(sapply(seq_along(ends[-1]), function(i) if (ends[i + 1] - ends[i] < 1e-13) 0 else
    integrate(inside, ends[i], ends[i + 1], rel.tol = 1e-12, abs.tol = 1e-15, subdivisions = 2000, stop.on.error = FALSE)$value))
}
groups <- rbind(
  c(1, 1, 0, 1), c(3, 25, 7, 10), c(7, 10, 3, 25), c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 2, 29), c(13, 25, 13, 25),
  c(4, 15, 30, 90), c(610, 1000, 400, 900), c(99, 100, 90, 100), c(2, 6, 6, 7), c(30, 50000, 45, 40000)
)
for (i in seq_len(nrow(groups))) for (prior in list(c(1, 1), c(2, 3))) {
  g <- groups[i, ]; level <- c(0.8, 0.95, 0.998)[i %% 3 + 1]; tail <- (1 - level) / 2
  a1 <- g[1] + prior[1]; b1 <- g[2] - g[1] + prior[2]; a2 <- g[3] + prior[1]; b2 <- g[4] - g[3] + prior[2]
  mean <- a1 / (a1 + b1) - a2 / (a2 + b2)
  sd <- sqrt(a1 * b1 / (a1 + b1)^2 / (a1 + b1 + 1) + a2 * b2 / (a2 + b2)^2 / (a2 + b2 + 1))
  at <- function(p) uniroot(function(d) below(d, a1, b1, a2, b2) - p, c(max(-1, mean - 6 * sd), min(1, mean + 6 * sd)), tol = 1e-15)$root
  add("posterior_difference.csv", list(x1 = g[1], n1 = g[2], x2 = g[3], n2 = g[4], prior = paste(prior, collapse = " "), level = level),
      list(value = mean, lower = at(tail), upper = at(1 - tail), probability = 1 - below(0, a1, b1, a2, b2)), "integrate() of dbeta * pbeta, uniroot")
}

# --- E-values --------------------------------------------------------------------------------------------------------------
e <- function(r) { r <- ifelse(r < 1, 1 / r, r); r + sqrt(r * (r - 1)) }
ratios <- rbind(
  c(3.9, 1.8, 8.7), c(2, 4 / 3, 3), c(1, 0.5, 2), c(0.8, 0.71, 0.91), c(0.5, 0.2, 1), c(1.5, 0.9, 2.5), c(10.73, 8.02, 14.36), c(1.25, 1.0001, 1.6),
  c(0.9, 0.7, 1.2), c(1e6, 3, 1e12), c(1e-6, 1e-9, 0.4), c(1.000001, 1.0000001, 1.1), c(0.75, 0, 0.8), c(2, NA, NA)
)
for (i in seq_len(nrow(ratios))) for (kind in c("ratio", "rate_ratio", "odds_ratio", "rare_odds_ratio")) {
  v <- ratios[i, ]; s <- if (kind == "odds_ratio") sqrt(v) else v
  near <- if (v[1] >= 1) s[2] else s[3]
  limit <- if (is.na(near)) NA else if ((v[1] >= 1) == (near <= 1)) 1 else e(near)
  add("e_value.csv", list(ratio = v[1], lower = v[2], upper = v[3], kind = kind), list(value = e(s[1]), limit = limit), "VanderWeele and Ding's formula in R, by hand")
}
for (file in names(files)) writeLines(files[[file]], file)
