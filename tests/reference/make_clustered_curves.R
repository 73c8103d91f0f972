# Writes the reference tables of curves of people in clusters, survival/clustered_*.csv, as R sees them; make_clustered_curves.py then adds
# 60-digit witnesses. Needs survival:  Rscript make_clustered_curves.R && python make_clustered_curves.py
# Rows stand in the tables as those of make_survival.R: one place a person in each of `entry` (empty: all were there from the start), `time`,
# `event` (0 censored, else the cause), `group`, `cluster`.
options(warn = -1)
suppressMessages(library(survival))
R <- paste0("R ", getRversion()); version <- paste0(", survival ", packageVersion("survival"))

text <- function(v) ifelse(is.na(v) | !is.finite(v), "", sprintf("%.17g", v))
joined <- function(v) paste(v, collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(rows[[file]])) rows[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  line <- c(sapply(inputs, as.character), sapply(expected, text), paste0('"', by, '"'))
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}

# --- people in families: members begin and end alike, some on the same day ------------------------------------------------------------------
set.seed(20240611)
families <- function(sizes, longest, causes, late = FALSE) {
  cluster <- rep(seq_along(sizes), sizes)
  fate <- sample(longest, length(sizes), replace = TRUE)[cluster]
  own <- sample(longest, length(cluster), replace = TRUE)
  time <- ifelse(runif(length(cluster)) < 0.4, fate, own)
  event <- ifelse(runif(length(cluster)) < 0.5, sample(0:causes, length(sizes), TRUE)[cluster], sample(0:causes, length(cluster), TRUE))
  entry <- if (late) pmax(-1, time - sample(longest, length(time), replace = TRUE)) else NULL
  # not in order of families
  order <- sample(length(cluster))
  list(time = time[order], event = event[order], entry = entry[order], cluster = (cluster * 7)[order])
}
cases <- list(
  six = list(time = 1:6, event = c(0, 1, 1, 2, 2, 0), cluster = c(1, 1, 2, 2, 3, 3)),
  tied_causes = list(time = c(1, 2, 2, 2, 3, 4), event = c(1, 1, 2, 0, 1, 2), cluster = c(5, 9, 5, 9, 7, 7)),
  no_censoring = list(time = c(1, 2, 2, 3, 5, 8, 13, 21), event = rep(1, 8), cluster = c(1, 1, 1, 2, 3, 3, 4, 4)),
  two_families = list(time = c(2, 2, 5, 5, 5, 7, 9, 9), event = c(1, 0, 1, 1, 0, 1, 1, 0), cluster = c(1, 2, 1, 1, 2, 2, 2, 1)),
  alone = list(time = c(3, 5, 5, 8, 9, 12, 12, 15), event = c(1, 1, 0, 2, 1, 0, 1, 1), cluster = 8:1),
  late = list(time = c(4, 5, 6, 7, 9, 10), event = c(1, 1, 0, 2, 1, 0), entry = c(-1, -1, 2, 4, 5, 5), cluster = c(1, 1, 2, 3, 3, 4)),
  pairs = families(rep(2, 12), 20, 1), mixed = families(c(1, 1, 2, 3, 1, 4, 2, 2, 1, 5), 15, 2),
  large = families(c(12, 9, 7, 6, 5, 1), 30, 2), many = families(rep(c(1, 2, 3), 14), 365, 3),
  late_pairs = families(rep(2, 12), 20, 1, TRUE), late_mixed = families(c(3, 1, 4, 1, 5, 2, 6, 2), 25, 2, TRUE)
)
surv <- function(case, event) if (is.null(case$entry)) Surv(case$time, event) else Surv(case$entry, case$time, event)
call <- function(case) if (is.null(case$entry)) "Surv(time, event > 0)" else "Surv(entry, time, event > 0)"
inputs <- function(case) {
  list(entry = joined(case$entry), time = joined(case$time), event = joined(case$event), cluster = joined(case$cluster))
}
bands <- c(plain = "plain", log = "log", "log-log" = "log-log", logit = "logit", arcsine = "arcsin")
level_of <- function(i) c(0.95, 0.9, 0.99)[(i - 1) %% 3 + 1]

falls <- function(band) { band <- band[!is.na(band)]; all(diff(band) <= 0) }
first_low <- function(time, band, share) { # the first day that is low enough, as print.survfit takes it; halfway where met exactly
  tol <- sqrt(.Machine$double.eps); y <- 1 - band
  at <- which(!is.na(y) & y >= share - tol)[1]
  if (is.na(at) || y[at] >= share + tol) return(time[at])
  on <- which(!is.na(y) & y >= share + tol & seq_along(y) > at)[1]
  if (is.na(on)) if (is.na(y[length(y)])) NA else (time[at] + time[length(time)]) / 2 else (time[at] + time[on]) / 2
}

# --- shares with limits, quantiles, means ---------------------------------------------------------------------------------------------------
for (name in names(cases)) {
  case <- cases[[name]]; level <- level_of(match(name, names(cases))); cl <- case$cluster
  for (band in names(bands)) {
    fit <- survfit(surv(case, case$event > 0) ~ 1, cluster = cl, conf.type = bands[[band]], conf.int = level)
    by <- paste0("survfit(", call(case), " ~ 1; cluster = cluster; conf.type = ", bands[[band]], ")")
    for (day in unique(round(quantile(fit$time, c(0.1, 0.35, 0.6, 0.85), type = 1)))) {
      k <- findInterval(day, fit$time)
      if (fit$surv[k] == 0 || fit$std.err[k] < 1e-9) next
      add("clustered_interval.csv", c(inputs(case), list(cause = 0, day = day, band = band, level = level)),
          list(value = fit$surv[k], lower = fit$lower[k], upper = fit$upper[k]), paste0(R, ": ", by, version))
    }
    # with clusters R has limits of no width on the plain scale where nobody is left; without them it has none, nor has the crate
    fit$lower[fit$surv == 0] <- NA; fit$upper[fit$surv == 0] <- NA
    for (share in c(0.25, 0.5, 0.8)) {
      # where the variance is none but for rounding, R has a limit of its own that falls on either side
      if (any(fit$std.err > 0 & fit$std.err < 1e-9)) next
      # with clusters R's survival is a last digit off where it meets the share exactly, and quantile then misses the middle of the stretch
      q <- quantile(fit, share); exact <- any(abs(1 - fit$surv - share) < 1e-8)
      value <- if (exact) first_low(fit$time, fit$surv, share) else q$quantile
      turning <- !falls(fit$lower) || !falls(fit$upper)
      lower <- if (turning) first_low(fit$time, fit$lower, share) else q$lower
      upper <- if (turning) first_low(fit$time, fit$upper, share) else q$upper
      add("clustered_quantile.csv", c(inputs(case), list(share = share, band = band, level = level)),
          list(value = unname(value), lower = unname(lower), upper = unname(upper)),
          paste0(R, if (turning || exact) ": first day that is low enough, " else ": ", "quantile(", by, "; share)", version))
    }
  }
  last <- max(case$time[case$event > 0])
  for (until in unique(round(last * c(0.3, 0.6, 0.9)))) {
    fit <- survfit(surv(case, case$event > 0) ~ 1, id = seq_along(cl))
    if (until <= fit$time[1]) next
    by_person <- as.matrix(residuals(fit, times = until, type = "rmst"))
    area <- survival:::survmean(fit, rmean = until)$matrix[["rmean"]]
    add("clustered_mean.csv", c(inputs(case), list(until = until)),
        list(value = area, variance = sum(rowsum(by_person, cl)^2)),
        paste0(R, ": residuals(survfit(", call(case), " ~ 1); type = rmst) summed by cluster", version))
  }
}

# --- two groups that share families -----------------------------------------------------------------------------------------------------------
contrast <- function(a, b, ua, ub, level) { # by how much, how many times, and the p of each
  z <- qnorm(1 - (1 - level) / 2)
  se <- sqrt(sum((ua - ub)^2)); log_se <- sqrt(sum((ua / a - ub / b)^2))
  list(difference = a - b, difference_lower = a - b - z * se, difference_upper = a - b + z * se,
       difference_p = 2 * pnorm(-abs((a - b) / se)), ratio = a / b, ratio_lower = a / b * exp(-z * log_se),
       ratio_upper = a / b * exp(z * log_se), ratio_p = 2 * pnorm(-abs(log(a / b) / log_se)))
}
for (name in c("pairs", "mixed", "large", "many", "late_pairs", "late_mixed")) for (shared in c(TRUE, FALSE)) {
  case <- cases[[name]]; level <- level_of(match(name, names(cases))); cl <- case$cluster
  group <- if (shared) sample(1:2, length(cl), TRUE) else match(cl, sample(unique(cl))) %% 2 + 1
  causes <- sort(unique(case$event[case$event > 0]))
  for (cause in c(0, causes[1])) for (share in c(0.4, 0.7)) {
    day <- round(quantile(case$time, share, type = 1))
    all <- sort(unique(cl))
    of <- function(g) { # the figure and each family's influence on it
      mine <- group == g; event <- factor(case$event[mine], 0:max(3, causes)); ids <- seq_len(sum(mine))
      one <- list(time = case$time[mine], entry = case$entry[mine])
      u <- setNames(numeric(length(all)), all)
      if (cause == 0) {
        fit <- survfit(surv(one, case$event[mine] > 0) ~ 1, id = ids, influence = 3); k <- findInterval(day, fit$time)
        if (k == 0) return(NULL)
        sums <- rowsum(fit$influence.surv[, k], cl[mine]); value <- fit$surv[k]
      } else {
        fit <- survfit(surv(one, event) ~ 1, id = ids, influence = TRUE); k <- findInterval(day, fit$time)
        s <- match(as.character(cause), fit$states)
        if (k == 0 || is.na(s)) return(NULL)
        sums <- rowsum(fit$influence.pstate[, k + 1, s], cl[mine]); value <- fit$pstate[k, s]
      }
      u[rownames(sums)] <- sums
      list(value = value, u = u)
    }
    one <- of(1); two <- of(2)
    if (is.null(one) || is.null(two) || min(one$value, two$value) <= 0 || max(one$value, two$value) >= 1) next
    if (sum(one$u^2) < 1e-15 || sum(two$u^2) < 1e-15 || day > min(max(case$time[group == 1]), max(case$time[group == 2]))) next
    add("clustered_contrast.csv", c(inputs(case), list(group = joined(group), cause = cause, day = day, level = level)),
        contrast(one$value, two$value, one$u, two$u, level),
        paste0(R, ": survfit(…; influence) of each group; summed by cluster over both", version))
  }
}

for (file in names(rows)) writeLines(rows[[file]], file.path("survival", file))
