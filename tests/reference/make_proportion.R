# Writes proportion.csv as R sees it; make_proportion.py then adds its own witnesses.
# Needs R with epiR and epitools:  Rscript make_proportion.R && python make_proportion.py
Sys.setenv(TZ = "UTC")
suppressMessages({library(epiR); library(epitools)})
options(warn = -1)
R <- paste("R", getRversion())
EPIR <- paste0(R, ": epiR ", packageVersion("epiR"), " ")
EPITOOLS <- paste0(R, ": epitools ", packageVersion("epitools"), " ")
LEVELS <- c(0.8, 0.9, 0.95, 0.99, 0.998)
z_of <- function(level) -qnorm((1 - level) / 2)

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) ifelse(is.na(v), "", ifelse(v == floor(v), sprintf("%.0f", v), sprintf("%.15g", v)))
rows <- "method,x,n,population,level,value,lower,upper,computed_by"
add <- function(method, x, n, level, limits, by, population = NA) {
  # By this crate's rule the lower limit of 0 of n is 0 and the upper limit of n of n is 1 in every method.
  if (is.na(population) || population > n) limits <- c(if (x == 0) 0 else max(0, limits[1]), if (x == n) 1 else min(1, limits[2]))
  line <- c(method, plain(c(x, n, population, level)), text(c(x / n, limits)), paste0('"', by, '"'))
  rows <<- c(rows, paste(line, collapse = ","))
}
mid_p <- function(x, n, tail) {
  root <- function(f) uniroot(f, c(-40, 40), tol = 1e-15, maxiter = 10000)$root # over the log-odds
  above <- function(t) log(pbinom(x, n, plogis(t), lower.tail = FALSE) + dbinom(x, n, plogis(t)) / 2) - log(tail)
  below <- function(t) log(pbinom(x - 1, n, plogis(t)) + dbinom(x, n, plogis(t)) / 2) - log(tail)
  c(if (x > 0) plogis(root(above)) else 0, if (x < n) plogis(root(below)) else 1)
}

# --- of a sample without end -----------------------------------------------------------------------------------------------
shares <- rbind(
  c(0, 1), c(1, 1), c(0, 2), c(1, 2), c(0, 10), c(1, 10), c(10, 10), c(3, 25), c(7, 10), c(4, 15), c(50, 100), c(99, 100),
  c(100, 100), c(61, 100), c(988, 1381), c(1, 1e6), c(123456, 1e6), c(999999, 1e6), c(5e8, 1e9)
)
for (i in seq_len(nrow(shares))) {
  x <- shares[i, 1]; n <- shares[i, 2]
  for (level in LEVELS) {
    tail <- (1 - level) / 2
    add("wilson", x, n, level, prop.test(x, n, conf.level = level, correct = FALSE)$conf.int,
        paste0(R, ": prop.test(x, n, conf.level = level, correct = FALSE)"))
    exact <- if (n <= 1e6) binom.test(x, n, conf.level = level)$conf.int
             else c(qbeta(tail, x, n - x + 1), qbeta(tail, x + 1, n - x, lower.tail = FALSE))
    add("clopper-pearson", x, n, level, exact,
        paste0(R, if (n <= 1e6) ": binom.test(x, n, conf.level = level)" else ": qbeta(tail, x, n - x + 1), qbeta(tail, x + 1, n - x, lower.tail = FALSE)"))
    add("jeffreys", x, n, level, c(qbeta(tail, x + 0.5, n - x + 0.5), qbeta(tail, x + 0.5, n - x + 0.5, lower.tail = FALSE)),
        paste0(R, ": qbeta(tail, x + 0.5, n - x + 0.5) in both tails, by hand 0 at x = 0 and 1 at x = n"))
    if (n <= 1e4) add("mid-p", x, n, level, mid_p(x, n, tail), paste0(R, ": uniroot of pbinom and dbinom / 2, by hand"))
  }
  z <- z_of(0.95)
  m <- n + z^2; p <- (x + z^2 / 2) / m; reach <- z * sqrt(p * (1 - p) / m)
  add("agresti-coull", x, n, 0.95, c(p - reach, p + reach), paste0(R, ": formula in R, by hand"))
  p <- x / n; reach <- z * sqrt(p * (1 - p) / n)
  add("wald", x, n, 0.95, c(p - reach, p + reach), paste0(R, ": formula in R, by hand"))
  if (n <= 1e6) {
    add("clopper-pearson", x, n, 0.95, unlist(binom.exact(x, n)[4:5]), paste0(EPITOOLS, "binom.exact(x, n)"))
    add("wilson", x, n, 0.95, unlist(binom.wilson(x, n)[4:5]), paste0(EPITOOLS, "binom.wilson(x, n)"))
  }
  if (n > 1) { # epi.conf takes a single row of one for something else
    conf <- function(method) unlist(epi.conf(matrix(c(x, n), 1), ctype = "prevalence", method = method, N = 1e9, design = 1)[c("lower", "upper")])
    if (x > 0 && x < n) add("jeffreys", x, n, 0.95, conf("jeffreys"), paste0(EPIR, "epi.conf(method = 'jeffreys')"))
    add("agresti-coull", x, n, 0.95, conf("agresti"), paste0(EPIR, "epi.conf(method = 'agresti')"))
  }
}

# --- of a population of known size -----------------------------------------------------------------------------------------
drawn <- rbind(
  c(24, 40, 60), c(0, 40, 60), c(40, 40, 60), c(39, 40, 60), c(1, 1, 1), c(0, 1, 1), c(0, 1, 2), c(1, 1, 2), c(1, 2, 3), c(24, 60, 60),
  c(0, 60, 60), c(60, 60, 60), c(1, 1, 40), c(1, 1, 20), c(3, 10, 50), c(3, 25, 1000), c(0, 30, 1000), c(30, 30, 31), c(29, 30, 31),
  c(2, 59, 60), c(17, 59, 60), c(7, 10, 11), c(150, 300, 5000), c(4, 80, 400), c(79, 80, 400)
)
for (i in seq_len(nrow(drawn))) {
  x <- drawn[i, 1]; n <- drawn[i, 2]; size <- drawn[i, 3]; p <- x / n
  shrunk <- if (size == n) 0 else (size - n) / (size - 1)
  for (level in c(0.8, 0.95, 0.998)) {
    z <- z_of(level); tail <- (1 - level) / 2; square <- z^2 * shrunk
    root <- sqrt(square * (square + 4 * x * (1 - p)))
    add("wilson", x, n, level, if (shrunk > 0) c(2 * x + square - root, 2 * x + square + root) / (2 * (n + square)) else c(p, p),
        paste0(R, ": formula with z^2 (N - n) / (N - 1) for z^2, in R by hand"), size)
    reach <- z * sqrt(p * (1 - p) / n * shrunk)
    add("wald", x, n, level, c(p - reach, p + reach), paste0(R, ": p -/+ z sqrt(p (1 - p) / n (N - n) / (N - 1)), in R by hand"), size)
    has <- x:(size - n + x)
    tie <- 1 + 1e-10 # a tail of just alpha / 2 is refused, whatever its last digit
    least <- min(has[phyper(x - 1, has, size - has, n, lower.tail = FALSE) > tail * tie])
    most <- max(has[phyper(x, has, size - has, n) > tail * tie])
    # Where nearly all were asked, no K / N need be as near to 1 as x / n is: 29 of 30 of 31. A limit never lies inside of x / n.
    limits <- if (shrunk > 0) c(min(p, least / size), max(p, most / size)) else c(p, p)
    add("hypergeometric", x, n, level, limits, paste0(R, ": least and most K with phyper above alpha / 2 in its tail, or x / n, by hand"), size)
  }
}
writeLines(rows, "proportion.csv")
