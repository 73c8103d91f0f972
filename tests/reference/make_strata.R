# Writes the reference tables of stratified comparisons as R sees them; make_strata.py then adds its own witnesses.
# Needs R with metafor and epiR:  Rscript make_strata.R && python make_strata.py
suppressMessages(library(metafor))
suppressMessages(suppressWarnings(library(epiR)))
options(warn = -1)
R <- paste("R", getRversion())
METAFOR <- paste("metafor", packageVersion("metafor"))
EPIR <- paste("epiR", packageVersion("epiR"))

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) if (is.logical(v)) tolower(v) else if (is.character(v)) v else sprintf("%.15g", v)
rows <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(rows[[file]])) rows[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  line <- c(sapply(inputs, plain), sapply(expected, text), paste0('"', by, '"'))
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}

# Each row is a stratum: x1, n1, x2, n2.
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
  rbind(c(2, 300, 9, 310), c(1, 500, 4, 480), c(0, 100, 2, 90), c(3, 250, 6, 260)),
  rbind(c(30, 40, 10, 40), c(10, 40, 30, 40)),
  rbind(c(18, 20, 2, 20), c(9, 20, 11, 20), c(3, 20, 15, 20)),
  rbind(c(5, 11, 4, 9), c(0, 0, 0, 0), c(7, 15, 6, 14)),
  rbind(c(1, 1000, 0, 1000), c(2, 900, 1, 1100), c(0, 50, 1, 60))
)
set.seed(20230831)
for (i in 1:6) {
  k <- sample(2:6, 1)
  n1 <- sample(5:200, k, replace = TRUE); n2 <- sample(5:200, k, replace = TRUE)
  sets[[length(sets) + 1]] <- cbind(rbinom(k, n1, 0.4), n1, rbinom(k, n2, 0.3), n2)
}

# Woolf's sum of squares over the strata that have a variance, by metafor's equal-effects model.
woolf <- function(measure, a, b, c, d) {
  held <- if (measure == "RR") a > 0 & c > 0 & b + d > 0 else (a > 0 & b > 0) | (c > 0 & d > 0)
  if (sum(held) < 2) return(NA)
  effects <- escalc(measure = measure, ai = a[held], bi = b[held], ci = c[held], di = d[held], add = 0, to = "none")
  rma(yi, vi, data = effects, method = "EE")$QEp
}

for (set in sets) {
  both <- set[, 2] > 0 & set[, 4] > 0
  single <- sum(!both & set[, 2] + set[, 4] > 0)
  s <- set[both, , drop = FALSE]
  a <- s[, 1]; b <- s[, 2] - a; c <- s[, 3]; d <- s[, 4] - c
  cube <- array(rbind(a, c, b, d), dim = c(2, 2, nrow(s)))
  joined <- function(k) paste(sprintf("%.15g", set[, k]), collapse = " ")
  cells <- list(x1 = joined(1), n1 = joined(2), x2 = joined(3), n2 = joined(4))
  gap <- abs(sum(a - (a + b) * (a + c) / (a + b + c + d)))
  odds <- rma.mh(ai = a, bi = b, ci = c, di = d, measure = "OR", add = 0, to = "none", drop00 = FALSE)
  for (case in list(list(0.9, TRUE), list(0.95, TRUE), list(0.95, FALSE), list(0.998, FALSE))) {
    level <- case[[1]]; correct <- case[[2]]
    # mantelhaen.test refuses a single stratum
    test <- if (nrow(s) > 1) mantelhaen.test(cube, correct = correct, conf.level = level)
    # metafor takes one half away even from less than one half, which R does not
    alike <- !correct || gap >= 0.5
    cmh <- if (alike) rma.mh(ai = a, bi = b, ci = c, di = d, measure = "OR", correct = correct)$MHp else test$p.value
    by <- if (alike) "" else ", p of mantelhaen.test"
    for (estimand in c("ratio", "difference", "odds_ratio")) {
      inputs <- base::c(list(estimand = estimand), cells, list(correct = correct, level = level))
      counts <- list(used = sum(both), one_group_only = single)
      measure <- base::c(ratio = "RR", difference = "RD", odds_ratio = "OR")[[estimand]]
      fit <- rma.mh(ai = a, bi = b, ci = c, di = d, measure = measure, level = 100 * level, add = 0, to = "none", drop00 = FALSE)
      back <- if (measure == "RD") identity else exp
      alike_p <- if (measure == "OR") odds$TAp else woolf(measure, a, b, c, d)
      limits <- if (measure == "RD") base::c(max(-1, fit$ci.lb), min(1, fit$ci.ub)) else exp(base::c(fit$ci.lb, fit$ci.ub))
      add("mantel_haenszel.csv", inputs,
          base::c(list(value = back(as.numeric(fit$beta)), lower = limits[1], upper = limits[2], p_value = cmh, homogeneity_p = alike_p), counts),
          paste0(R, ": ", METAFOR, " rma.mh(measure = '", measure, "', add = 0, to = 'none', drop00 = FALSE), p of measure = 'OR'", by,
                 if (measure == "OR") ", TAp" else ", QEp of rma(method = 'EE')"))
      if (measure == "OR" && nrow(s) > 1) add("mantel_haenszel.csv", inputs,
          base::c(list(value = as.numeric(test$estimate), lower = test$conf.int[1], upper = test$conf.int[2], p_value = test$p.value,
                       homogeneity_p = alike_p), counts),
          paste0(R, ": mantelhaen.test(cube, correct, conf.level = level), TAp of ", METAFOR, " rma.mh"))
    }
  }
  # the odds ratio's own tests
  spread <- function(statistic) if (is.na(odds$TAp)) list(statistic = NA, df = NA) else list(statistic = statistic, df = odds$k.pos - 1)
  add("breslow_day.csv", base::c(cells, list(correct = TRUE)), base::c(spread(odds$TA), list(p_value = odds$TAp)),
      paste0(R, ": ", METAFOR, " rma.mh(measure = 'OR', add = 0, to = 'none')$TA"))
  add("breslow_day.csv", base::c(cells, list(correct = FALSE)), base::c(spread(odds$BD), list(p_value = odds$BDp)),
      paste0(R, ": ", METAFOR, " rma.mh(measure = 'OR', add = 0, to = 'none')$BD"))
  # epiR counts strata with events only, or none, among the degrees of freedom, and gives 0 where the pooled odds ratio is exactly 1
  if (nrow(s) > 1 && all(a + c > 0 & b + d > 0) && !is.na(odds$BD) && abs(odds$beta) > 1e-12) {
    found <- suppressWarnings(epi.2by2(array(rbind(a, c, b, d), dim = c(2, 2, nrow(s))), method = "cohort.count"))$massoc.detail$bOR.homog
    add("breslow_day.csv", base::c(cells, list(correct = FALSE)),
        list(statistic = found$test.statistic, df = found$df, p_value = pchisq(found$test.statistic, found$df, lower.tail = FALSE)),
        paste0(R, ": ", EPIR, " epi.2by2(cube)$massoc.detail$bOR.homog, pchisq of it"))
  }
}

for (file in names(rows)) writeLines(rows[[file]], file)
