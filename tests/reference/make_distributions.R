# Adds R's figures to the tables that make_distributions.py wrote, for the same inputs. A row in which R is off by more than 1 part in
# 10^11 is left out, and printed, for README.md to name.
#   python make_distributions.py && Rscript make_distributions.R
R <- paste("R", getRversion())
NEAR <- 1e-11
options(warn = -1)

add <- function(table, inputs, calls) {
  file <- paste0(table, ".csv")
  rows <- read.csv(file, colClasses = "character")
  rows <- rows[!startsWith(rows$computed_by, "R "), ]
  given <- setNames(lapply(inputs, function(column) as.numeric(rows[[column]])), inputs)
  by <- paste0(R, ": ", paste(calls, collapse = ", "))
  more <- rows
  more$computed_by <- by
  keep <- rep(TRUE, nrow(rows))
  for (figure in names(calls)) {
    got <- eval(parse(text = calls[[figure]]), given)
    want <- as.numeric(rows[[figure]])
    off <- ifelse(want == got, 0, abs(got / want - 1))
    bad <- is.na(off) | off > NEAR
    for (i in which(bad)) {
      cat(sprintf("%s %s: R %.17g, but %s (off by %.1e)\n", table, paste(inputs, rows[i, inputs], collapse = " "), got[i], rows[[figure]][i], off[i]))
    }
    keep <- keep & !bad
    more[[figure]] <- sprintf("%.17g", got)
  }
  all <- rbind(rows, more[keep, ])
  lines <- apply(all, 1, function(row) paste(c(row[-length(row)], paste0('"', row[length(row)], '"')), collapse = ","))
  writeLines(c(paste(names(rows), collapse = ","), lines), file)
}

add("ln_gamma", "x", c(value = "lgamma(x)"))
add("gamma", c("x", "shape"), c(lower = "pgamma(x, shape)", upper = "pgamma(x, shape, lower.tail = FALSE)"))
add("gamma_quantile", c("p", "shape"), c(lower = "qgamma(p, shape)", upper = "qgamma(p, shape, lower.tail = FALSE)"))
add("beta", c("x", "a", "b"), c(lower = "pbeta(x, a, b)", upper = "pbeta(x, a, b, lower.tail = FALSE)"))
add("beta_quantile", c("p", "a", "b"), c(lower = "qbeta(p, a, b)", upper = "qbeta(p, a, b, lower.tail = FALSE)"))
add("chi_squared_tail", c("x", "df"), c(lower = "pchisq(x, df)", upper = "pchisq(x, df, lower.tail = FALSE)"))
add("chi_squared_quantile", c("p", "df"), c(lower = "qchisq(p, df)", upper = "qchisq(p, df, lower.tail = FALSE)"))
add("student", c("t", "df"), c(two_sided = "2 * pt(-abs(t), df)", upper = "pt(t, df, lower.tail = FALSE)"))
add("student_quantile", c("level", "df"), c(t = "-qt((1 - level) / 2, df)"))
add("fisher_f", c("f", "df1", "df2"), c(lower = "pf(f, df1, df2)", upper = "pf(f, df1, df2, lower.tail = FALSE)"))
add("fisher_f_quantile", c("p", "df1", "df2"), c(lower = "qf(p, df1, df2)", upper = "qf(p, df1, df2, lower.tail = FALSE)"))
add("binomial", c("x", "n", "p"), c(probability = "dbinom(x, n, p)", lower = "pbinom(x, n, p)", upper = "pbinom(x - 1, n, p, lower.tail = FALSE)"))
add("poisson", c("x", "mean"), c(probability = "dpois(x, mean)", lower = "ppois(x, mean)", upper = "ppois(x - 1, mean, lower.tail = FALSE)"))
add("hypergeometric", c("x", "marked", "unmarked", "drawn"), c(
  probability = "dhyper(x, marked, unmarked, drawn)", lower = "phyper(x, marked, unmarked, drawn)",
  upper = "phyper(x - 1, marked, unmarked, drawn, lower.tail = FALSE)"
))
add("normal_one_sided", "z", c(lower = "pnorm(z)", upper = "pnorm(z, lower.tail = FALSE)", density = "dnorm(z)"))
add("normal_one_sided_quantile", "p", c(lower = "qnorm(p)", upper = "qnorm(p, lower.tail = FALSE)"))

# The weighted terms themselves, where the distribution fits in memory.
weighted <- function(x, marked, unmarked, drawn, odds, what) {
  k <- max(0, drawn - unmarked):min(marked, drawn)
  term <- dhyper(k, marked, unmarked, drawn, log = TRUE) + k * log(odds)
  term <- exp(term - max(term))
  switch(what, lower = sum(term[k <= x]), upper = sum(term[k >= x]), mean = sum(k * term)) / sum(term)
}
each <- function(what) sprintf("mapply(weighted, x, marked, unmarked, drawn, odds, '%s')", what)
add("noncentral_hypergeometric", c("x", "marked", "unmarked", "drawn", "odds"), c(lower = each("lower"), upper = each("upper"), mean = each("mean")))
