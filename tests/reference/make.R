# Writes the reference tables of this folder as R sees them; make.py then adds its own witnesses.
# Needs R:  Rscript make.R && python make.py
options(warn = -1)
R <- paste("R", getRversion())
LEVELS <- c(0.8, 0.9, 0.95, 0.99, 0.998)
z_of <- function(level) -qnorm((1 - level) / 2)

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) ifelse(v == floor(v), sprintf("%.0f", v), sprintf("%.15g", v))
rows <- list()
add <- function(file, inputs, expected, by) {
  line <- c(sapply(inputs, function(v) if (is.character(v)) v else plain(v)), sapply(expected, text), paste0('"', by, '"'))
  header <- c(names(inputs), names(expected), "computed_by")
  if (is.null(rows[[file]])) rows[[file]] <<- paste(header, collapse = ",")
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}
limits <- function(value, lower, upper) list(value = value, lower = lower, upper = upper)

# --- normal: the two-sided quantile of a level -----------------------------------------------------------------------------
for (level in c(0.5, 0.683, LEVELS, 0.9545, 0.9973, 0.999, 0.9999, 0.999999, 0.999999999)) {
  add("normal_quantile.csv", list(level = level), list(z = z_of(level)), paste0(R, ": -qnorm((1 - level) / 2)"))
}
for (z in c(0, 0.01, 0.1, 0.3, 0.5, 0.69, 0.71, 0.8, 1, 1.2, 1.5, 1.96, 2, 2.5, 3, 4, 5, 6, 7, 8, 8.885, 8.89, 10, 15, 20, 30, 37)) {
  add("normal_tail.csv", list(z = z), list(p = 2 * pnorm(-z)), paste0(R, ": 2 * pnorm(-z)"))
}

# --- change in a count of people who overlap -------------------------------------------------------------------------------
overlaps <- rbind(
  c(600, 781, 388), c(0, 1, 1), c(1, 0, 1), c(1, 1, 0), c(1, 0, 0), c(0, 5, 3), c(10, 0, 4), c(10, 4, 0), c(751, 630, 0), c(500, 881, 251),
  c(1, 1000, 0), c(1, 0, 1000), c(300, 1, 1), c(1e6, 1000, 999), c(1e9, 1, 2), c(7, 3, 3), c(2, 30, 1), c(40, 60, 25), c(123, 456, 789), c(0, 1000000, 1)
)
for (i in seq_len(nrow(overlaps))) {
  a <- overlaps[i, 1]; b <- overlaps[i, 2]; c <- overlaps[i, 3]
  before <- a + b; after <- a + c
  for (level in LEVELS) {
    reach <- z_of(level) * sqrt(a * (1 / after - 1 / before)^2 + b / before^2 + c / after^2)
    add("overlap_change.csv", list(both = a, before_only = b, after_only = c, level = level),
        limits((c - b) / before, expm1(log(after / before) - reach), expm1(log(after / before) + reach)),
        paste0(R, ": formula in R, by hand"))
  }
}

for (file in names(rows)) writeLines(rows[[file]], file)
