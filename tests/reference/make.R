# Writes the reference tables of this folder as R sees them; make.py then adds its own witnesses.
# Needs R with metafor:  Rscript make.R && python make.py
suppressMessages(library(metafor))
options(warn = -1)
R <- paste("R", getRversion())
METAFOR <- paste("metafor", packageVersion("metafor"))
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

# --- proportion ------------------------------------------------------------------------------------------------------------
shares <- rbind(
  c(0, 1), c(1, 1), c(0, 2), c(1, 2), c(0, 10), c(1, 10), c(10, 10), c(3, 25), c(7, 10), c(4, 15), c(50, 100), c(99, 100),
  c(100, 100), c(61, 100), c(988, 1381), c(1, 1e6), c(123456, 1e6), c(999999, 1e6), c(5e8, 1e9)
)
for (i in seq_len(nrow(shares))) {
  x <- shares[i, 1]; n <- shares[i, 2]
  for (level in LEVELS) {
    test <- prop.test(x, n, conf.level = level, correct = FALSE)
    add("proportion.csv", list(method = "wilson", x = x, n = n, level = level),
        limits(x / n, if (x == 0) 0 else test$conf.int[1], if (x == n) 1 else test$conf.int[2]),
        paste0(R, ": prop.test(x, n, conf.level = level, correct = FALSE)"))
  }
  z <- z_of(0.95)
  m <- n + z^2; p <- (x + z^2 / 2) / m; reach <- z * sqrt(p * (1 - p) / m)
  add("proportion.csv", list(method = "agresti-coull", x = x, n = n, level = 0.95),
      limits(x / n, max(0, p - reach), min(1, p + reach)), paste0(R, ": formula in R, by hand"))
  p <- x / n; reach <- z * sqrt(p * (1 - p) / n)
  # By this crate's rule the upper limit of n of n is 1 and the lower limit of 0 of n is 0.
  add("proportion.csv", list(method = "wald", x = x, n = n, level = 0.95), limits(p, max(0, p - reach), min(1, p + reach)),
      paste0(R, ": formula in R, by hand"))
}

# --- rate ------------------------------------------------------------------------------------------------------------------
byar <- function(x, z) c(
  if (x == 0) 0 else max(0, x * (1 - 1 / (9 * x) - z / (3 * sqrt(x)))^3),
  (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * sqrt(x + 1)))^3
)
for (x in c(0, 1, 2, 3, 5, 9, 10, 11, 20, 21, 50, 100, 988, 10000, 99999, 100000, 1e6, 1e9)) {
  for (level in LEVELS) {
    exposure <- if (x %% 2 == 0) 1000 else 123.456
    per <- if (x %% 3 == 0) 1000 else 1
    scale <- per / exposure
    tail <- (1 - level) / 2 # beyond 100,000 events poisson.test runs out of memory over its p value, so its limits are called directly
    exact <- if (x <= 1e5) poisson.test(x, conf.level = level)$conf.int else c(qgamma(tail, x), qgamma(1 - tail, x + 1))
    call <- if (x <= 1e5) "poisson.test(x, conf.level = level)" else "qgamma(tail, x), qgamma(1 - tail, x + 1)"
    add("rate.csv", list(method = "exact", x = x, exposure = exposure, per = per, level = level),
        limits(x * scale, exact[1] * scale, exact[2] * scale), paste0(R, ": ", call, " / exposure * per"))
    about <- byar(x, z_of(level))
    add("rate.csv", list(method = "byar", x = x, exposure = exposure, per = per, level = level),
        limits(x * scale, about[1] * scale, about[2] * scale), paste0(R, ": formula in R, by hand"))
  }
  alpha <- 0.05
  phe <- if (x < 10) c(qchisq(alpha / 2, 2 * x) / 2, qchisq(1 - alpha / 2, 2 * x + 2) / 2) else byar(x, z_of(0.95))
  add("rate.csv", list(method = "phe", x = x, exposure = 1000, per = 1e5, level = 0.95),
      limits(x * 100, phe[1] * 100, phe[2] * 100), paste0(R, ": PHEindicatormethods' rule, in R by hand (qchisq below 10)"))
}

# --- two groups ------------------------------------------------------------------------------------------------------------
tables <- rbind(
  c(3, 25, 7, 10), c(7, 10, 3, 25), c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20),
  c(0, 10, 0, 10), c(10, 10, 0, 20), c(10, 10, 0, 10), c(1, 1, 0, 1), c(1, 1, 1, 1), c(1, 2, 1, 2), c(0, 1, 1, 2),
  c(4, 15, 30, 90), c(610, 1000, 400, 900), c(1, 1000, 1, 1000), c(99, 100, 90, 100), c(5, 5, 3, 4), c(2, 6, 7, 7),
  c(12, 1e6, 15, 9e5), c(5e5, 1e6, 499000, 1e6), c(3e8, 1e9, 299999000, 1e9)
)
for (i in seq_len(nrow(tables))) {
  x1 <- tables[i, 1]; n1 <- tables[i, 2]; x2 <- tables[i, 3]; n2 <- tables[i, 4]
  for (level in LEVELS) {
    z <- z_of(level)
    inputs <- list(x1 = x1, n1 = n1, x2 = x2, n2 = n2, level = level)
    w1 <- prop.test(x1, n1, conf.level = level, correct = FALSE)$conf.int
    w2 <- prop.test(x2, n2, conf.level = level, correct = FALSE)$conf.int
    p1 <- x1 / n1; p2 <- x2 / n2; d <- p1 - p2
    if (n1 <= 1000) add("difference.csv", inputs,
        limits(d, d - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2), d + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2)),
        paste0(R, ": Newcombe's formula in R, by hand, from prop.test(correct = FALSE)"))
    for (measure in c("RR", "OR")) {
      file <- if (measure == "RR") "ratio.csv" else "odds_ratio.csv"
      a <- x1; b <- n1 - x1; c <- x2; e <- n2 - x2
      top <- if (measure == "RR") x1 * n2 else a * e
      bottom <- if (measure == "RR") x2 * n1 else b * c
      cells <- if (measure == "RR") c(x1, x2, if (b + e == 0) 0 else 1) else c(a, b, c, e)
      if (all(cells > 0)) {
        es <- escalc(measure, ai = x1, n1i = n1, ci = x2, n2i = n2, add = 0, to = "none")
        y <- as.numeric(es$yi); se <- sqrt(es$vi)
        add(file, inputs, limits(exp(y), exp(y - z * se), exp(y + z * se)),
            paste0(R, ": ", METAFOR, " escalc(measure = '", measure, "', add = 0, to = 'none'), exp(yi -/+ z sqrt(vi))"))
      } else if (level == 0.95) {
        add(file, inputs, limits(if (bottom == 0) NA else top / bottom, NA, NA), "by hand: the formula gives no finite interval with a width")
      }
    }
  }
  # beyond a million R forms the whole distribution in memory
  if (n1 <= 1e6) add("fisher.csv", list(x1 = x1, n1 = n1, x2 = x2, n2 = n2),
      list(p = fisher.test(rbind(c(x1, n1 - x1), c(x2, n2 - x2)))$p.value), paste0(R, ": fisher.test(table)"))
}
set.seed(20220901)
for (i in 1:40) {
  n <- sample(c(5, 20, 60, 300, 2000), 2, replace = TRUE); x <- c(sample(0:n[1], 1), sample(0:n[2], 1))
  p <- fisher.test(rbind(c(x[1], n[1] - x[1]), c(x[2], n[2] - x[2])))$p.value
  add("fisher.csv", list(x1 = x[1], n1 = n[1], x2 = x[2], n2 = n[2]), list(p = p), paste0(R, ": fisher.test(table)"))
}

# --- strata ----------------------------------------------------------------------------------------------------------------
sets <- list(
  rbind(c(3, 4, 1, 4), c(1, 2, 1, 2)),
  rbind(c(7, 20, 4, 30)),
  rbind(c(7, 20, 4, 30), c(12, 40, 9, 50), c(2, 10, 5, 12)),
  rbind(c(0, 8, 3, 9), c(5, 12, 6, 30), c(9, 9, 4, 5)),
  rbind(c(0, 5, 0, 7), c(3, 9, 2, 11), c(6, 6, 8, 8)),
  rbind(c(40, 100, 30, 120), c(300, 1000, 280, 900), c(11, 13, 50, 70), c(1, 2, 1, 3)),
  rbind(c(5, 9, 0, 0), c(4, 12, 3, 15), c(0, 0, 2, 4), c(6, 10, 2, 9)),
  rbind(c(1, 1, 0, 1), c(0, 1, 1, 1), c(1, 1, 1, 1), c(1, 1, 0, 1), c(0, 1, 0, 1)),
  rbind(c(100000, 1e6, 90000, 1e6), c(5000, 20000, 4000, 30000)),
  rbind(c(2, 300, 9, 310), c(1, 500, 4, 480), c(0, 100, 2, 90), c(3, 250, 6, 260))
)
set.seed(20230831)
for (i in 1:6) {
  k <- sample(2:6, 1)
  n1 <- sample(5:200, k, replace = TRUE); n2 <- sample(5:200, k, replace = TRUE)
  sets[[length(sets) + 1]] <- cbind(rbinom(k, n1, 0.4), n1, rbinom(k, n2, 0.3), n2)
}
for (set in sets) {
  both <- set[, 2] > 0 & set[, 4] > 0
  s <- set[both, , drop = FALSE]
  a <- s[, 1]; b <- s[, 2] - a; c <- s[, 3]; d <- s[, 4] - c
  cube <- array(rbind(a, c, b, d), dim = c(2, 2, nrow(s)))
  joined <- function(k) paste(plain(set[, k]), collapse = " ")
  for (level in c(0.9, 0.95, 0.998)) {
    test <- if (nrow(s) > 1) mantelhaen.test(cube, correct = FALSE, conf.level = level) # which refuses a single stratum
    cmh <- rma.mh(ai = a, bi = b, ci = c, di = d, measure = "OR", correct = FALSE)$MHp
    for (estimand in c("ratio", "difference", "odds_ratio")) {
      inputs <- list(estimand = estimand, x1 = joined(1), n1 = joined(2), x2 = joined(3), n2 = joined(4), level = level)
      counts <- list(used = sum(both), one_group_only = sum(!both))
      measure <- c(ratio = "RR", difference = "RD", odds_ratio = "OR")[[estimand]]
      fit <- rma.mh(ai = a, bi = b, ci = c, di = d, measure = measure, level = 100 * level, add = 0, to = "none", drop00 = FALSE)
      back <- if (measure == "RD") identity else exp
      add("mantel_haenszel.csv", inputs,
          base::c(limits(back(as.numeric(fit$beta)), max(-1, back(fit$ci.lb)), if (measure == "RD") min(1, fit$ci.ub) else exp(fit$ci.ub)),
                  list(p_value = cmh), counts),
          paste0(R, ": ", METAFOR, " rma.mh(measure = '", measure, "', add = 0, to = 'none', drop00 = FALSE), p of measure = 'OR', correct = FALSE"))
      if (measure == "OR" && nrow(s) > 1) add("mantel_haenszel.csv", inputs,
          base::c(limits(as.numeric(test$estimate), test$conf.int[1], test$conf.int[2]), list(p_value = test$p.value), counts),
          paste0(R, ": mantelhaen.test(cube, correct = FALSE, conf.level = level)"))
    }
  }
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
