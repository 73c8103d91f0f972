# Writes the reference tables of more than two groups, trends and many p-values as R sees them; make_many_groups.py then adds its own
# witnesses. Needs only base R:  Rscript make_many_groups.R && python make_many_groups.py
options(warn = -1)
R <- paste("R", getRversion())

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) if (is.character(v)) v else sprintf("%.15g", v)
joined <- function(v) paste(ifelse(is.na(v), "null", sprintf("%.17g", v)), collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(rows[[file]])) rows[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  line <- c(sapply(inputs, plain), sapply(expected, function(v) if (is.character(v)) v else text(v)), paste0('"', by, '"'))
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}

# --- tables of counts ------------------------------------------------------------------------------------------------------
tables <- list(
  rbind(c(3, 1), c(1, 3)),
  rbind(c(1, 3, 10, 6), c(2, 3, 10, 7), c(1, 6, 14, 12), c(0, 1, 9, 11)),
  rbind(c(2, 0), c(0, 1), c(0, 1)),
  diag(3), diag(4) * 2,
  rbind(c(6, 3, 3), c(4, 5, 3), c(2, 4, 6)),
  rbind(c(5, 9), c(3, 12), c(8, 8), c(1, 14), c(6, 9), c(7, 7), c(9, 5)),
  rbind(c(2, 3, 1, 4, 0, 7, 3, 2, 8, 5), c(8, 7, 9, 6, 10, 3, 7, 8, 2, 5)),
  rbind(c(10, 20, 20, 12), c(23, 12, 15, 20), c(21, 19, 20, 14)),
  rbind(c(150, 260, 140), c(120, 170, 160)),
  rbind(c(0, 0, 7), c(12, 3, 0), c(1, 9, 4)),
  rbind(c(40, 0, 0), c(0, 40, 0)),
  rbind(c(1, 0, 0, 0, 0), c(0, 20, 1, 0, 3)),
  rbind(c(7, 7, 7), c(7, 7, 7)),
  rbind(c(100, 1), c(1, 1), c(0, 2)),
  rbind(c(5, 6, 4, 5, 3), c(2, 7, 4, 7, 2), c(8, 3, 4, 5, 1))
)
set.seed(20230831)
for (i in 1:10) {
  r <- sample(2:4, 1); k <- sample(2:4, 1)
  tables[[length(tables) + 1]] <- matrix(rpois(r * k, 5) + 1, r)
}
for (m in tables) {
  counts <- paste(apply(m, 1, function(row) paste(sprintf("%.15g", row), collapse = " ")), collapse = "; ")
  # chisq.test divides by zero in empty columns, which say nothing
  test <- chisq.test(m[rowSums(m) > 0, colSums(m) > 0], correct = FALSE)
  add("independence.csv", list(counts = counts, method = "chi-squared"),
      list(statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value),
      paste0(R, ": chisq.test(m, correct = FALSE)"))
  add("independence.csv", list(counts = counts, method = "exact"),
      list(statistic = NA, df = NA, p_value = fisher.test(m, workspace = 2e7)$p.value), paste0(R, ": fisher.test(m)"))
}

# --- trend -----------------------------------------------------------------------------------------------------------------
trends <- list(
  list(c(1, 2, 3), c(4, 4, 4), NULL),
  list(c(3, 9, 14, 30), c(40, 41, 39, 60), NULL),
  list(c(30, 14, 9, 3), c(60, 39, 41, 40), NULL),
  list(c(3, 9, 14), c(40, 41, 39), c(2016, 2017, 2019)),
  list(c(0, 0, 1), c(5, 6, 7), NULL),
  list(c(0, 0, 12), c(5, 6, 12), c(-1, 0.5, 0.25)),
  list(c(83, 90, 129, 70), c(86, 93, 136, 82), c(0, 0, 0, 1)),
  list(c(10, 12, 11, 10, 13), c(100, 100, 100, 100, 100), c(1, 2, 3, 4, 5)),
  list(c(4000, 4100, 4300, 4500, 5000), c(100000, 100000, 100000, 100000, 100000), NULL),
  list(c(1, 0), c(1, 1), NULL),
  list(c(7, 3), c(20, 25), c(0, 10))
)
for (case in trends) {
  x <- case[[1]]; n <- case[[2]]; given <- case[[3]]
  score <- if (is.null(given)) seq_along(x) else given
  chisq <- unname(prop.trend.test(x, n, score)$statistic)
  z <- sign(sum(score * (x - n * sum(x) / sum(n)))) * sqrt(chisq)
  inputs <- list(x = joined(x), n = joined(n), score = if (is.null(given)) "" else joined(given))
  for (alternative in c("two-sided", "less", "greater")) {
    p <- switch(alternative, `two-sided` = pchisq(chisq, 1, lower.tail = FALSE), less = pnorm(z), greater = pnorm(z, lower.tail = FALSE))
    add("trend.csv", c(inputs, list(alternative = alternative)), list(statistic = z, p_value = p),
        paste0(R, ": prop.trend.test(x, n, score), z its signed root"))
  }
}

# --- many p-values ---------------------------------------------------------------------------------------------------------
sets <- list(
  c(0.01), c(0.04, 0.01, 0.03), c(0.25, 0.0625, 0.125, 0.125), c(0.01, NA, 0.02), c(NA, 0.9, NA, 0.001, 0.05, 0.05),
  c(0, 1, 0.5), c(1e-300, 1e-20, 0.2, 0.7), rep(0.04, 6), seq(0.01, 0.2, by = 0.01), round(runif(40), 4)
)
for (p in sets) for (method in c("holm", "benjamini-hochberg", "benjamini-yekutieli", "bonferroni")) {
  name <- switch(method, holm = "holm", `benjamini-hochberg` = "BH", `benjamini-yekutieli` = "BY", bonferroni = "bonferroni")
  add("adjust.csv", list(p = joined(p), method = method), list(p_value = joined(p.adjust(p, name))), paste0(R, ": p.adjust(p, '", name, "')"))
}

for (file in names(rows)) writeLines(rows[[file]], file)
