# Writes coverage.csv, finite_coverage.csv and rate_coverage.csv as R sees them; make_coverage.py then adds its own witnesses.
# Needs R:  Rscript make_coverage.R && python make_coverage.py
options(warn = -1)
R <- paste("R", getRversion())
text <- function(v) sprintf("%.17g", v)
plain <- function(v) if (is.character(v)) v else if (v == floor(v)) sprintf("%.0f", v) else sprintf("%.15g", v)
files <- list()
add <- function(file, inputs, truth, chance, lower, upper, by) {
  figures <- c(sum(chance[lower <= truth & truth <= upper]), sum(chance[upper < truth]), sum(chance[lower > truth]), sum(chance * (upper - lower)))
  if (is.null(files[[file]])) files[[file]] <<- paste(c(names(inputs), "coverage,below,above,mean_width,computed_by"), collapse = ",")
  files[[file]] <<- c(files[[file]], paste(c(sapply(inputs, plain), text(figures), paste0('"', R, ": ", by, '"')), collapse = ","))
}

limits <- function(method, x, n, level) {
  z <- -qnorm((1 - level) / 2); tail <- (1 - level) / 2; p <- x / n
  if (method == "wilson") {
    both <- sapply(x, function(k) prop.test(k, n, conf.level = level, correct = FALSE)$conf.int)
  } else if (method == "clopper-pearson") {
    both <- sapply(x, function(k) binom.test(k, n, conf.level = level)$conf.int)
  } else if (method == "jeffreys") {
    both <- rbind(qbeta(tail, x + 0.5, n - x + 0.5), qbeta(tail, x + 0.5, n - x + 0.5, lower.tail = FALSE))
  } else if (method == "agresti-coull") {
    m <- n + z^2; p <- (x + z^2 / 2) / m; reach <- z * sqrt(p * (1 - p) / m)
    both <- rbind(p - reach, p + reach)
  } else {
    reach <- z * sqrt(p * (1 - p) / n)
    both <- rbind(p - reach, p + reach)
  }
  # By this crate's rule 0 of n starts at 0 and n of n ends at 1.
  list(lower = ifelse(x == 0, 0, pmax(0, both[1, ])), upper = ifelse(x == n, 1, pmin(1, both[2, ])))
}
calls <- c(
  wilson = "dbinom over prop.test(correct = FALSE)", "clopper-pearson" = "dbinom over binom.test",
  jeffreys = "dbinom over qbeta, 0 of n from 0 and n of n to 1", "agresti-coull" = "dbinom over the formula, by hand", wald = "dbinom over the formula, by hand"
)
truths <- rbind(c(1, 0.3), c(1, 0.99), c(2, 0.5), c(5, 0.2), c(10, 0.07), c(10, 0.5), c(25, 0.1), c(25, 0.83), c(100, 0.02), c(100, 0.93), c(250, 0.4), c(1000, 0.003))
for (method in names(calls)) for (i in seq_len(nrow(truths))) for (level in c(0.8, 0.95, 0.998)) {
  n <- truths[i, 1]; p <- truths[i, 2]
  if (level != 0.95 && n > 100) next
  x <- 0:n; both <- limits(method, x, n, level)
  add("coverage.csv", list(n = n, p = p, method = method, level = level), p, dbinom(x, n, p), both$lower, both$upper, calls[[method]])
}

# --- of a population of known size -----------------------------------------------------------------------------------------
finite <- function(method, x, n, size, level) {
  z <- -qnorm((1 - level) / 2); tail <- (1 - level) / 2; p <- x / n; f <- (size - n) / (size - 1)
  if (method == "hypergeometric") {
    both <- sapply(x, function(k) {
      has <- k:(size - n + k)
      c(min(has[phyper(k - 1, has, size - has, n, lower.tail = FALSE) > tail * (1 + 1e-10)]), max(has[phyper(k, has, size - has, n) > tail * (1 + 1e-10)])) / size
    })
    # where nearly all are asked x / n may lie outside of both
    return(list(lower = pmin(both[1, ], p), upper = pmax(both[2, ], p)))
  }
  if (method == "wilson") {
    q <- z^2 * f; root <- sqrt(q * (q + 4 * x * (1 - p)))
    both <- rbind(2 * x + q - root, 2 * x + q + root) / (2 * (n + q))
  } else {
    reach <- z * sqrt(p * (1 - p) / n * f)
    both <- rbind(p - reach, p + reach)
  }
  list(lower = ifelse(x == 0, 0, pmax(0, both[1, ])), upper = ifelse(x == n, 1, pmin(1, both[2, ])))
}
draws <- rbind(c(40, 36, 60), c(40, 3, 60), c(40, 59, 60), c(1, 2, 5), c(4, 2, 5), c(10, 0, 30), c(10, 30, 30), c(25, 100, 1000), c(59, 7, 60), c(100, 13, 101))
for (method in c("hypergeometric", "wilson", "wald")) for (i in seq_len(nrow(draws))) for (level in c(0.8, 0.95)) {
  n <- draws[i, 1]; with <- draws[i, 2]; size <- draws[i, 3]
  x <- max(0, n - (size - with)):min(n, with)
  both <- finite(method, x, n, size, level)
  add("finite_coverage.csv", list(n = n, with = with, population = size, method = method, level = level), with / size,
      dhyper(x, with, size - with, n), both$lower, both$upper, "dhyper over the limits, by hand")
}

# --- of a count of events --------------------------------------------------------------------------------------------------
byar <- function(x, z) {
  cube <- function(y, s) ifelse(y > 0, y * (1 - 1 / (9 * y) + s * z / (3 * sqrt(y)))^3, 0)
  list(lower = pmax(0, cube(x, -1)), upper = cube(x + 1, 1))
}
for (method in c("exact", "byar", "phe")) for (mean in c(0.01, 0.5, 1, 2.5, 4, 9.5, 12, 30, 100.5, 1000)) for (level in c(0.8, 0.95, 0.998)) {
  x <- 0:ceiling(mean + 12 * sqrt(mean) + 40); tail <- (1 - level) / 2
  exact <- list(lower = qgamma(tail, x), upper = qgamma(tail, x + 1, lower.tail = FALSE))
  about <- byar(x, -qnorm(tail))
  few <- method == "exact" | (method == "phe" & x < 10)
  add("rate_coverage.csv", list(mean = mean, method = method, level = level), mean, dpois(x, mean),
      ifelse(few, exact$lower, about$lower), ifelse(few, exact$upper, about$upper), "dpois over qgamma and Byar's formula, by hand")
}
for (file in names(files)) writeLines(files[[file]], file)
