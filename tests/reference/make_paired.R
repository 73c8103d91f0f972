# Writes the reference tables of paired comparisons as R sees them; make_paired.py then adds its own witnesses.
# Needs R with exactRankTests:  Rscript make_paired.R && python make_paired.py
suppressMessages(suppressWarnings(library(exactRankTests)))
options(warn = -1)
R <- paste("R", getRversion())
RANKS <- paste("exactRankTests", packageVersion("exactRankTests"))

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) if (is.logical(v)) tolower(v) else if (is.character(v)) v else sprintf("%.15g", v)
joined <- function(v) paste(sprintf("%.17g", v), collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(rows[[file]])) rows[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  line <- c(sapply(inputs, plain), sapply(expected, function(v) if (is.character(v)) v else text(v)), paste0('"', by, '"'))
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}
z_of <- function(level) -qnorm((1 - level) / 2)

# --- McNemar ---------------------------------------------------------------------------------------------------------------
splits <- rbind(
  c(0, 0), c(0, 1), c(1, 0), c(0, 5), c(5, 0), c(1, 1), c(1, 7), c(7, 1), c(6, 16), c(12, 12), c(59, 121), c(86, 150), c(3, 400),
  c(2, 2), c(10, 25), c(30, 1), c(1000, 1100), c(5000, 4000), c(1, 2), c(20, 19)
)
for (i in seq_len(nrow(splits))) for (level in c(0.9, 0.95, 0.998)) {
  b <- splits[i, 1]; c <- splits[i, 2]; n <- b + c
  inputs <- function(method) list(b = b, c = c, method = method, level = level)
  odds <- function(p) if (c == 0) base::c(NA, if (n > 0) p[1] / (1 - p[1]) else NA, NA) else base::c(b / c, p / (1 - p))
  exact <- if (n > 0) odds(binom.test(b, n, conf.level = level)$conf.int) else base::c(NA, NA, NA)
  limits <- list(value = exact[1], lower = exact[2], upper = exact[3])
  # with no pairs at all no split is less likely than the one there is
  p <- if (n > 0) binom.test(b, n)$p.value else 1
  add("mcnemar.csv", inputs("exact"), base::c(limits, list(p_value = p)),
      paste0(R, ": binom.test(b, b + c, conf.level = level), p / (1 - p) of its limits"))
  # the odds at which P(X > b) + P(X = b)/2 is the tail, and the same of c turned round
  middle <- function(x) {
    if (x == 0) return(0)
    gap <- function(v) log(pbinom(x, n, plogis(v), lower.tail = FALSE) + dbinom(x, n, plogis(v)) / 2) - log((1 - level) / 2)
    exp(uniroot(gap, base::c(-20, 20), tol = 1e-15, maxiter = 10000)$root)
  }
  mid <- if (n == 0) base::c(NA, NA, NA) else if (c == 0) base::c(NA, middle(b), NA) else base::c(b / c, middle(b), 1 / middle(c))
  add("mcnemar.csv", inputs("mid-p"), list(value = mid[1], lower = mid[2], upper = mid[3],
      p_value = min(1, 2 * pbinom(min(b, c), n, 0.5) - dbinom(min(b, c), n, 0.5))), paste0(R, ": pbinom, dbinom and uniroot, by hand"))
  for (correct in base::c(TRUE, FALSE)) add("mcnemar.csv", inputs(if (correct) "corrected" else "chi-squared"),
      base::c(limits, list(p_value = mcnemar.test(matrix(base::c(9, c, b, 9), 2), correct = correct)$p.value)),
      paste0(R, ": mcnemar.test(m, correct = ", correct, "), limits of binom.test"))
}

# --- difference of paired shares -------------------------------------------------------------------------------------------
pairs <- rbind(
  c(14, 5, 0, 22), c(59, 6, 16, 80), c(1, 1, 7, 12), c(65, 16, 16, 3), c(36, 12, 2, 0), c(20, 12, 2, 16), c(0, 0, 0, 9), c(9, 0, 0, 0),
  c(0, 9, 0, 0), c(0, 0, 9, 0), c(5, 0, 0, 5), c(0, 4, 4, 0), c(3, 1, 2, 4), c(1, 0, 0, 0), c(43, 0, 0, 2), c(2, 30, 21, 4),
  c(1000, 200, 150, 3000), c(54, 0, 0, 0), c(53, 1, 0, 0), c(0, 29, 1, 0), c(800000, 1000, 900, 198100), c(8, 2, 2, 8)
)
wilson <- function(x, n, z) (2 * x + z^2 + base::c(-1, 1) * z * sqrt(z^2 + 4 * x * (1 - x / n))) / (2 * (n + z^2))
for (i in seq_len(nrow(pairs))) for (level in c(0.8, 0.95, 0.998)) {
  e <- pairs[i, 1]; f <- pairs[i, 2]; g <- pairs[i, 3]; h <- pairs[i, 4]; n <- e + f + g + h; z <- z_of(level)
  p1 <- (e + f) / n; p2 <- (e + g) / n; w1 <- wilson(e + f, n, z); w2 <- wilson(e + g, n, z)
  a <- e * h - f * g
  root <- sqrt((e + f) * (g + h)) * sqrt((e + g) * (f + h))
  phi <- if (root == 0) 0 else (if (a > n / 2) a - n / 2 else min(a, 0)) / root
  below <- base::c(p1 - w1[1], w2[2] - p2); above <- base::c(w1[2] - p1, p2 - w2[1])
  reach <- function(v) sqrt(max(0, v[1]^2 - 2 * phi * v[1] * v[2] + v[2]^2))
  d <- (f - g) / n
  add("paired_difference.csv", list(both = e, first_only = f, second_only = g, neither = h, level = level),
      list(value = d, lower = max(-1, d - reach(below)), upper = min(1, d + reach(above))),
      paste0(R, ": Newcombe's formula in R, by hand"))
}

# --- scores before and after -----------------------------------------------------------------------------------------------
set.seed(20230831)
scores <- list(
  list(c(11, 14, 9, 12), c(13, 15, 13, 12)),
  list(c(20, 25, 31, 18, 22, 27), c(24, 24, 39, 20, 27, 37)),
  list(c(1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3), c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)),
  list(c(10), c(13)),
  list(c(10, 11), c(13, 12)),
  list(c(5, 5, 5, 5, 5), c(6, 7, 8, 9, 10)),
  list(c(5, 5, 5, 5, 5), c(4, 3, 2, 1, 0)),
  list(c(7, 8, 9), c(7, 8, 9)),
  list(c(7, 8, 9), c(9, 10, 11)),
  list(c(1e6 + 1, 1e6 + 4, 1e6 + 2, 1e6 + 9), c(1e6 + 2, 1e6 + 4.5, 1e6 + 5, 1e6 + 7)),
  list(c(14, 22, 18, 30, 21, 25, 19, 16, 28, 24, 20, 17), c(18, 22, 17, 35, 26, 25, 27, 15, 33, 24, 26, 23))
)
for (n in c(12, 25, 49, 50, 120)) {
  before <- round(rnorm(n, 40, 9), 6)
  scores[[length(scores) + 1]] <- list(before, round(before + rnorm(n, 2, 6), 6))
}
for (n in c(20, 45, 80)) {
  before <- round(rnorm(n, 24, 5)); scores[[length(scores) + 1]] <- list(before, round(before + rnorm(n, 1, 3)))
}
sides <- c(`two-sided` = "two.sided", less = "less", greater = "greater")
for (case in scores) {
  before <- case[[1]]; after <- case[[2]]; d <- after - before; moved <- d[d != 0]
  shown <- list(before = joined(before), after = joined(after))
  counts <- list(used = length(moved), zeros = sum(d == 0))
  tied <- anyDuplicated(abs(moved)) > 0
  for (side in names(sides)) if (length(moved) > 0) {
    inputs <- function(method) base::c(shown, list(method = method, alternative = side))
    outputs <- function(test) base::c(list(statistic = unname(test$statistic), p_value = test$p.value), counts)
    add("signed_rank.csv", inputs("auto"), outputs(wilcox.test(after, before, paired = TRUE, alternative = sides[[side]])),
        paste0(R, ": wilcox.test(after, before, paired = TRUE)"))
    add("signed_rank.csv", inputs("normal"), outputs(wilcox.test(after, before, paired = TRUE, exact = FALSE, alternative = sides[[side]])),
        paste0(R, ": wilcox.test(after, before, paired = TRUE, exact = FALSE)"))
    add("signed_rank.csv", inputs("exact"), outputs(if (tied) wilcox.exact(after, before, paired = TRUE, exact = TRUE, alternative = sides[[side]])
          else wilcox.test(moved, exact = TRUE, alternative = sides[[side]])),
        paste0(R, if (tied) paste0(": ", RANKS, " wilcox.exact(after, before, paired = TRUE, exact = TRUE)") else ": wilcox.test(gains but 0, exact = TRUE)"))
  }
  for (level in c(0.9, 0.95, 0.998)) {
    # t.test refuses one pair, and gains that are all alike
    test <- if (length(d) > 1 && sd(d) > 0) t.test(after, before, paired = TRUE, conf.level = level)
    add("paired_t.csv", base::c(shown, list(level = level)),
        if (is.null(test)) list(value = mean(d), lower = NA, upper = NA, statistic = NA, df = NA, p_value = NA)
        else list(value = unname(test$estimate), lower = test$conf.int[1], upper = test$conf.int[2], statistic = unname(test$statistic),
                  df = unname(test$parameter), p_value = test$p.value),
        paste0(R, ": ", if (is.null(test)) "mean(after - before)" else "t.test(after, before, paired = TRUE, conf.level = level)"))
  }
}

# --- reliable change -------------------------------------------------------------------------------------------------------
changes <- rbind(
  c(32.5, 47.5, 7.5, 0.8), c(47.5, 32.5, 7.5, 0.8), c(20, 29.7, 5, 0.5), c(20, 29.9, 5, 0.5), c(12, 12, 3, 0.9), c(14, 35, 8.7, 0.89),
  c(21, 14, 3.2, 0.76), c(0, 40, 6.4, 0.82), c(40, 0, 6.4, 0.82), c(3, 4, 100, 0), c(3, 4, 0.001, 0.999999), c(-5, 5, 2, 0.7)
)
for (i in seq_len(nrow(changes))) for (better in c(TRUE, FALSE)) for (level in c(0.9, 0.95)) {
  v <- changes[i, ]
  index <- (v[2] - v[1]) / (v[3] * sqrt(2 * (1 - v[4])))
  change <- if (abs(index) <= z_of(level)) "no reliable change" else if ((index > 0) == better) "better" else "worse"
  add("reliable_change.csv", list(before = v[1], after = v[2], sd = v[3], reliability = v[4], higher_is_better = better, level = level),
      list(value = index, change = change), paste0(R, ": Jacobson and Truax's formula in R, by hand"))
}

for (file in names(rows)) writeLines(rows[[file]], file)
