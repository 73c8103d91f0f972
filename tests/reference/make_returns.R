# Writes returns/clustered_proportion.csv and returns/mean_of_counts.csv. Needs survey:  Rscript make_returns.R
# One place a cluster in `x` and `n`, and one a value in `value_of` and `times`.
suppressMessages(library(survey))
options(warn = -1, survey.lonely.psu = "fail")
text <- function(v) ifelse(is.na(v) | !is.finite(v), "", sprintf("%.17g", v))
joined <- function(v) paste(v, collapse = " ")
R <- paste0("R ", getRversion())

# --- clustered proportions -----------------------------------------------------------------------------------------------------------
wilson <- function(p, n, t) {
  upper <- (p + t^2 / (2 * n) + t * sqrt(p * (1 - p) / n + t^2 / (4 * n^2))) / (1 + t^2 / n)
  c(p^2 / (1 + t^2 / n) / upper, upper) # the roots' product, so that a lower limit near 0 keeps its digits
}
clustered <- function(x, n, level) {
  rows <- data.frame(family = rep(seq_along(n), n), has = unlist(Map(function(x, n) rep(c(1, 0), c(x, n - x)), x, n)))
  of <- svymean(~has, svydesign(ids = ~family, weights = ~1, data = rows))
  p <- sum(x) / sum(n)
  effective <- if (p %in% c(0, 1)) sum(n)^2 / sum(n^2) else min(p * (1 - p) / as.numeric(vcov(of)), sum(n))
  limits <- wilson(p, effective, qt((1 + level) / 2, sum(n > 0) - 1))
  if (p == 0) limits[1] <- 0
  if (p == 1) limits[2] <- 1
  c(p, limits)
}
set.seed(20240301)
out <- "x,n,level,value,lower,upper,computed_by"
case <- function(x, n, level) {
  of <- clustered(x, n, level)
  by <- paste0(R, ": survey ", packageVersion("survey"), ", svymean over svydesign(ids = ~family); Wilson's formula with qt")
  out <<- c(out, paste(c(joined(x), joined(n), level, text(of), paste0('"', by, '"')), collapse = ","))
}
case(c(1, 0, 2, 0), c(2, 1, 2, 3), 0.95)
case(c(0, 0, 0), c(1, 2, 3), 0.95)
case(c(1, 2, 3, 1), c(1, 2, 3, 1), 0.9)
case(c(1, 0), c(1, 1), 0.95)
case(c(3, 0), c(3, 4), 0.998)
case(c(1, 2, 2), c(2, 3, 3), 0.95)
for (level in c(0.9, 0.95, 0.998)) for (families in c(3, 5, 12, 40, 150)) for (alike in c(0.3, 3)) {
  n <- 1 + rpois(families, 1.2)
  case(rbinom(families, n, rbeta(families, alike, 2 * alike)), n, level)
}
writeLines(out, "returns/clustered_proportion.csv")

# --- means ----------------------------------------------------------------------------------------------------------------------------
out <- "value_of,times,level,value,lower,upper,computed_by"
mean_case <- function(v, k, level) {
  of <- t.test(rep(v, k), conf.level = level)
  out <<- c(out, paste(c(joined(text(v)), joined(k), level, text(c(of$estimate, of$conf.int)), paste0('"', R, ': t.test"')), collapse = ","))
}
mean_case(c(1, 2, 3), c(1, 1, 1), 0.95)
mean_case(c(1 / 3, 2 / 3, 1), c(7, 2, 90), 0.95)
mean_case(c(1000000.25, 1000000.5), c(3, 5), 0.95)
for (level in c(0.9, 0.95, 0.998)) for (values in c(2, 3, 8, 30)) for (most in c(1, 20)) {
  mean_case(round(runif(values), 3), sample(most, values, replace = TRUE), level)
}
writeLines(out, "returns/mean_of_counts.csv")
