# Writes bootstrap.csv, the limits that given replicates lead to, and exact_power.csv as R sees them; make_bootstrap.py then adds
# its own witnesses. Needs R with boot:  Rscript make_bootstrap.R && python make_bootstrap.py
suppressMessages(library(boot))
options(warn = -1)
R <- paste("R", getRversion())
BOOT <- paste("boot", packageVersion("boot"))
digits <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
set.seed(20240731)

# A sample is rows separated by spaces, a row is a numerator and a denominator; samples are separated by bars.
rows <- "statistic,data,replicates,method,level,value,lower,upper,standard_error,computed_by"
row_text <- function(d) paste(paste(sprintf("%.15g", d[, 1]), sprintf("%.15g", d[, 2]), sep = ":"), collapse = " ")
add <- function(statistic, data, t, method, level, figures, by) {
  data <- paste(sapply(data, row_text), collapse = "|")
  rows <<- c(rows, paste(c(statistic, data, paste(sprintf("%.17g", t), collapse = " "), method, level, digits(figures),
                           paste0('"', by, '"')), collapse = ","))
}
ratio <- function(d, i) sum(d[i, 1]) / sum(d[i, 2])
ones <- function(x) cbind(x, 1)
bits <- function(x, n) ones(c(rep(1, x), rep(0, n - x)))

limits <- function(t, t0, a, method, level) {
  p <- (1 + c(-level, level)) / 2
  if (method == "bca") {
    z <- qnorm(p)
    w <- qnorm((sum(t < t0) + sum(t <= t0)) / 2 / length(t))
    p <- pnorm(w + (w + z) / (1 - a * (w + z)))
  }
  unname(quantile(t, p, type = 7))
}

# Whole numbers, whose sums are exact in any order, so that all count the same ties.
single <- list(
  bits(3, 10), bits(1, 12), bits(7, 8), bits(20, 60),
  ones(c(1.5, 2, 4, 4.5, 9)), ones(c(12, 3, 3, 18, 44, 0, 7, 7, 21, 5)), ones(round(rexp(30, 0.05))), ones(round(rnorm(25, 50, 8))),
  cbind(c(2, 0, 1, 3, 0, 2), c(3, 1, 2, 3, 2, 2)), cbind(c(0, 1, 0, 4, 2, 1, 0, 6), c(1, 2, 3, 4, 5, 1, 1, 9)),
  cbind(rbinom(20, 6, 0.3), 6), cbind(round(runif(15, 0, 90)), round(runif(15, 10, 200)))
)
for (d in single) {
  drawn <- boot(d, ratio, R = 59)
  t <- drawn$t[, 1]
  L <- empinf(data = d, statistic = ratio, type = "jack", stype = "i")
  L <- L - mean(L)
  a <- sum(L^3) / (6 * sum(L^2)^1.5)
  for (method in c("percentile", "bca")) for (level in c(0.8, 0.95)) {
    got <- limits(t, drawn$t0, a, method, level)
    value <- drawn$t0
    by <- if (method == "bca") ": empinf(type = 'jack'), Efron's formula with half of the ties, quantile(type = 7)" else ": quantile(type = 7)"
    add("ratio of sums", list(d), t, method, level, c(value, got, sd(t)), paste0(R, ", ", BOOT, by))
  }
}
# Two samples: R's boot has no jackknife that weighs samples of different sizes (it leaves out their n), so percentiles only.
difference <- function(d, i) { g <- d[i, 3]; ratio(d[i, ][g == 1, , drop = FALSE], TRUE) - ratio(d[i, ][g == 2, , drop = FALSE], TRUE) }
double <- list(
  list(bits(5, 12), bits(9, 15)), list(bits(1, 20), bits(4, 9)), list(bits(30, 70), bits(20, 90)),
  list(ones(c(1.5, 2, 4, 4.5, 9)), ones(c(0.5, 1, 1, 8, 3, 2.25))), list(ones(rpois(20, 4)), ones(rpois(30, 5))),
  list(cbind(c(2, 0, 1, 3, 0, 2), c(3, 1, 2, 3, 2, 2)), cbind(c(1, 4, 2, 0), c(2, 5, 3, 1)))
)
for (pair in double) {
  d <- rbind(cbind(pair[[1]], 1), cbind(pair[[2]], 2))
  drawn <- boot(d, difference, R = 59, strata = d[, 3])
  t <- drawn$t[, 1]
  for (level in c(0.8, 0.95))
    add("difference", pair, t, "percentile", level, c(drawn$t0, limits(t, drawn$t0, NA, "percentile", level), sd(t)),
        paste0(R, ", ", BOOT, ": quantile(type = 7)"))
}
writeLines(rows, "bootstrap.csv")

power <- "p1,n1,p2,n2,method,level,power,computed_by"
for (n in list(c(6, 6), c(10, 10), c(8, 20), c(25, 25), c(40, 15))) {
  p <- outer(0:n[1], 0:n[2], Vectorize(function(x1, x2) fisher.test(matrix(c(x1, n[1] - x1, x2, n[2] - x2), 2))$p.value))
  for (shares in list(c(0.5, 0.5), c(0.2, 0.6), c(0.9, 0.4), c(0, 0.5), c(0.05, 0.1), c(1, 0)))
    for (level in c(0.9, 0.95)) {
      rejected <- p <= (1 - level) * (1 + 1e-9)
      got <- sum(outer(dbinom(0:n[1], n[1], shares[1]), dbinom(0:n[2], n[2], shares[2])) * rejected)
      power <- c(power, paste(c(sprintf("%.15g", c(shares[1], n[1], shares[2], n[2])), "fisher", level, sprintf("%.17g", got),
                                paste0('"', R, ': sum of dbinom * dbinom where fisher.test rejects"')), collapse = ","))
    }
}
writeLines(power, "exact_power.csv")
