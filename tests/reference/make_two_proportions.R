# Writes the tables of two proportions as R sees them; make_two_proportions.py then adds its own witnesses.
# Needs R with metafor and epiR:  Rscript make_two_proportions.R && python make_two_proportions.py
suppressMessages({library(metafor); library(epiR)})
options(warn = -1)
R <- paste("R", getRversion())
METAFOR <- paste("metafor", packageVersion("metafor"))
EPIR <- paste("epiR", packageVersion("epiR"))
LEVELS <- c(0.8, 0.9, 0.95, 0.99, 0.998)
SIDES <- c("two-sided", "less", "greater")
z_of <- function(level) -qnorm((1 - level) / 2)

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) if (is.character(v)) v else ifelse(v == floor(v), sprintf("%.0f", v), sprintf("%.15g", v))
rows <- list()
add <- function(file, inputs, expected, by) {
  line <- c(sapply(inputs, plain), sapply(expected, text), paste0('"', by, '"'))
  header <- c(names(inputs), names(expected), "computed_by")
  if (is.null(rows[[file]])) rows[[file]] <<- paste(header, collapse = ",")
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}
limits <- function(value, lower, upper) list(value = value, lower = lower, upper = upper)
root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-300, maxiter = 10000)$root

# --- Miettinen and Nurminen: the slope of the likelihood is solved for, and then the score ---------------------------------
# The likeliest p2 with p1 = p2 + delta; at the edge of what can be if the slope points there.
likeliest_apart <- function(x1, n1, x2, n2, delta) {
  low <- max(0, -delta); high <- min(1, 1 - delta)
  slope <- function(p) {
    part <- function(x, share) if (x == 0) 0 else x / share
    part(x2, p) - part(n2 - x2, 1 - p) + part(x1, p + delta) - part(n1 - x1, 1 - p - delta)
  }
  near <- (high - low) * 1e-14
  if (high - low < 1e-13) return((low + high) / 2)
  if (slope(low + near) <= 0) return(low)
  if (slope(high - near) >= 0) return(high)
  root(slope, low + near, high - near)
}
score_difference <- function(x1, n1, x2, n2, level) {
  d <- x1 / n1 - x2 / n2; N <- n1 + n2; z <- z_of(level)
  beyond <- function(delta) {
    p2 <- likeliest_apart(x1, n1, x2, n2, delta); p1 <- p2 + delta
    abs(d - delta) - z * sqrt(max(0, (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * N / (N - 1)))
  }
  near <- 1e-6
  c(if (d == -1) -1 else root(beyond, -1 + 1e-12, d - near), if (d == 1) 1 else root(beyond, d + near, 1 - 1e-12))
}
score_ratio <- function(x1, n1, x2, n2, level) {
  N <- n1 + n2; z <- z_of(level)
  score <- function(log_ratio) {
    phi <- exp(log_ratio)
    a <- N * phi; b <- n1 * phi + x1 + n2 + x2 * phi; c <- x1 + x2
    p2 <- 2 * c / (b + sqrt(b^2 - 4 * a * c)); p1 <- phi * p2
    (x1 / n1 - phi * x2 / n2) / sqrt((p1 * (1 - p1) / n1 + phi^2 * p2 * (1 - p2) / n2) * N / (N - 1))
  }
  c(if (x1 == 0) 0 else exp(root(function(v) score(v) - z, -12, if (x2 == 0) 12 else log(x1 * n2 / x2 / n1) - 1e-6)),
    if (x2 == 0) NA else exp(root(function(v) score(v) + z, if (x1 == 0) -12 else log(x1 * n2 / x2 / n1) + 1e-6, 12)))
}

# --- the conditional odds ratio: fisher.test's own equations, whose uniroot stops at 1e-4, solved further ------------------
conditional <- function(x1, n1, x2, n2, level) {
  m <- x1 + x2; support <- max(0, m - n2):min(n1, m); ways <- dhyper(support, n1, n2, m, log = TRUE)
  law <- function(v) {p <- ways + v * support; p <- exp(p - max(p)); p / sum(p)}
  tail <- (1 - level) / 2
  bottom <- x1 == support[1]; top <- x1 == support[length(support)]
  solve <- function(f) exp(root(f, -40, 40))
  c(if (bottom) 0 else if (top) NA else solve(function(v) sum(law(v) * (support - x1))),
    if (bottom) 0 else solve(function(v) log(sum(law(v)[support >= x1])) - log(tail)),
    if (top) NA else solve(function(v) log(sum(law(v)[support <= x1])) - log(tail)))
}

tables <- rbind(
  c(3, 25, 7, 10), c(7, 10, 3, 25), c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20),
  c(0, 10, 0, 10), c(10, 10, 0, 20), c(10, 10, 0, 10), c(1, 1, 0, 1), c(1, 1, 1, 1), c(1, 2, 1, 2), c(0, 1, 1, 2),
  c(4, 15, 30, 90), c(610, 1000, 400, 900), c(1, 1000, 1, 1000), c(99, 100, 90, 100), c(5, 5, 3, 4), c(2, 6, 7, 7),
  c(12, 1e6, 15, 9e5), c(5e5, 1e6, 499000, 1e6), c(3e8, 1e9, 299999000, 1e9)
)
for (i in seq_len(nrow(tables))) {
  x1 <- tables[i, 1]; n1 <- tables[i, 2]; x2 <- tables[i, 3]; n2 <- tables[i, 4]
  table <- rbind(c(x1, n1 - x1), c(x2, n2 - x2))
  for (level in LEVELS) {
    z <- z_of(level)
    inputs <- function(method) list(method = method, x1 = x1, n1 = n1, x2 = x2, n2 = n2, level = level)
    w1 <- prop.test(x1, n1, conf.level = level, correct = FALSE)$conf.int
    w2 <- prop.test(x2, n2, conf.level = level, correct = FALSE)$conf.int
    p1 <- x1 / n1; p2 <- x2 / n2; d <- p1 - p2
    small <- n1 <= 1000 # beyond, differences between near numbers cost R's formulas their digits
    if (small) {
      newcombe <- c(d - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2), d + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2))
      wald <- prop.test(c(x1, x2), c(n1, n2), conf.level = level, correct = FALSE)$conf.int
      caffo <- prop.test(c(x1, x2) + 1, c(n1, n2) + 2, conf.level = level, correct = FALSE)$conf.int
      by <- list(newcombe = ": Newcombe's formula in R, by hand, from prop.test(correct = FALSE)",
                 wald = ": prop.test(c(x1, x2), c(n1, n2), conf.level = level, correct = FALSE)",
                 "agresti-caffo" = ": prop.test(c(x1, x2) + 1, c(n1, n2) + 2, conf.level = level, correct = FALSE); the limits hold d")
      found <- list(newcombe = newcombe, wald = wald, "agresti-caffo" = c(min(caffo[1], d), max(caffo[2], d)))
      for (method in names(found)) {
        l <- found[[method]][1]; u <- found[[method]][2]
        add("difference.csv", inputs(method), limits(d, l, u), paste0(R, by[[method]]))
        # l < 0 < u passes through infinity, and so has no limits
        ends <- if (l > 0 || u < 0) sort(abs(1 / c(l, u))) else c(NA, NA)
        add("number_needed.csv", inputs(method), limits(if (d == 0) NA else 1 / abs(d), ends[1], ends[2]),
            paste0(R, ": 1 / |difference| and, where both limits have one sign, of its limits", by[[method]]))
      }
      if (level %in% c(0.9, 0.95)) {
        found <- score_difference(x1, n1, x2, n2, level)
        add("difference.csv", inputs("miettinen-nurminen"), limits(d, found[1], found[2]),
            paste0(R, ": score equation in R, by hand, solved by uniroot"))
      }
    }
    if (x1 + x2 > 0 && n1 <= 1000) {
      value <- if (x2 == 0) NA else x1 * n2 / (x2 * n1)
      edge <- x1 == n1 || x2 == n2
      if (!edge) {
        found <- score_ratio(x1, n1, x2, n2, level)
        add("ratio.csv", inputs("miettinen-nurminen"), limits(value, found[1], found[2]),
            paste0(R, ": score equation in R, by hand, solved by uniroot"))
        if (x1 > 0 && x2 > 0 && n1 <= 100) {
          # Koopman's score limits are these but for the variance's N/(N - 1), which the level can make up for.
          wide <- 1 - 2 * pnorm(-z * sqrt((n1 + n2) / (n1 + n2 - 1)))
          found <- epiR:::zRRscore(c(x1, n1 - x1, x2, n2 - x2), wide)
          add("ratio.csv", inputs("miettinen-nurminen"), limits(value, found[2], found[3]),
              paste0(R, ": ", EPIR, " zRRscore (Koopman) at the level whose z is z sqrt(N / (N - 1))"))
        }
      }
    } else if (level == 0.95 && x1 + x2 == 0) {
      add("ratio.csv", inputs("miettinen-nurminen"), limits(NA, NA, NA), "by hand: no ratio is rejected")
    }
    if (n1 <= 1000 && x1 + x2 > 0 && x1 + x2 < n1 + n2 && level %in% c(0.9, 0.95, 0.998)) {
      found <- conditional(x1, n1, x2, n2, level)
      add("odds_ratio.csv", inputs("conditional"), limits(found[1], found[2], found[3]),
          paste0(R, ": fisher.test's equations in R, by hand, solved by uniroot(tol = 1e-300); its own stops at 1e-4"))
    } else if (level == 0.95 && n1 <= 1000) {
      add("odds_ratio.csv", inputs("conditional"), limits(NA, NA, NA), "by hand: the margins leave one table only")
    }
    for (measure in c("RR", "OR")) {
      file <- if (measure == "RR") "ratio.csv" else "odds_ratio.csv"
      method <- if (measure == "RR") "katz" else "woolf"
      a <- x1; b <- n1 - x1; c <- x2; e <- n2 - x2
      top <- if (measure == "RR") x1 * n2 else a * e
      bottom <- if (measure == "RR") x2 * n1 else b * c
      cells <- if (measure == "RR") base::c(x1, x2, if (b + e == 0) 0 else 1) else base::c(a, b, c, e)
      if (all(cells > 0)) {
        es <- escalc(measure, ai = x1, n1i = n1, ci = x2, n2i = n2, add = 0, to = "none")
        y <- as.numeric(es$yi); se <- sqrt(es$vi)
        add(file, inputs(method), limits(exp(y), exp(y - z * se), exp(y + z * se)),
            paste0(R, ": ", METAFOR, " escalc(measure = '", measure, "', add = 0, to = 'none'), exp(yi -/+ z sqrt(vi))"))
      } else if (level == 0.95) {
        add(file, inputs(method), limits(if (bottom == 0) NA else top / bottom, NA, NA),
            "by hand: the formula gives no finite interval with a width")
      }
    }
  }
}

# --- tests -----------------------------------------------------------------------------------------------------------------
set.seed(20220901)
for (i in 1:40) {
  n <- sample(c(5, 20, 60, 300, 2000), 2, replace = TRUE); x <- c(sample(0:n[1], 1), sample(0:n[2], 1))
  tables <- rbind(tables, c(x[1], n[1], x[2], n[2]))
}
for (i in seq_len(nrow(tables))) {
  x1 <- tables[i, 1]; n1 <- tables[i, 2]; x2 <- tables[i, 3]; n2 <- tables[i, 4]
  table <- rbind(c(x1, n1 - x1), c(x2, n2 - x2))
  one <- x1 + x2 == 0 || x1 + x2 == n1 + n2 # the margins leave one table only
  for (side in SIDES) {
    inputs <- function(method) list(method = method, x1 = x1, n1 = n1, x2 = x2, n2 = n2, alternative = side)
    r_side <- sub("-", ".", side)
    if (n1 <= 1e6) { # beyond a million R forms the whole distribution in memory
      p <- fisher.test(table, alternative = r_side)$p.value
      add("exact_test.csv", inputs("fisher"), list(p_value = p), paste0(R, ": fisher.test(table, alternative)"))
      if (n1 <= 2000) add("exact_test.csv", inputs("fisher-mid-p"), list(p_value = p - dhyper(x1, n1, n2, x1 + x2) / 2),
          paste0(R, ": fisher.test(table, alternative)$p.value - dhyper(x1, n1, n2, x1 + x2) / 2"))
    }
    if (n1 <= 2000) for (correct in c(FALSE, TRUE)) {
      test <- if (one) list(statistic = NA, p.value = NA) else
        prop.test(c(x1, x2), c(n1, n2), correct = correct, alternative = r_side)
      # equal shares, or a correction of all there is, are exactly 0
      if (!one && test$statistic < 1e-20) test$statistic <- 0
      add("chi_squared.csv", list(x1 = x1, n1 = n1, x2 = x2, n2 = n2, correct = tolower(correct), alternative = side),
          list(statistic = as.numeric(test$statistic), p_value = test$p.value),
          paste0(R, ": prop.test(c(x1, x2), c(n1, n2), correct = correct, alternative)"))
    }
  }
}

for (file in names(rows)) writeLines(rows[[file]], file)
