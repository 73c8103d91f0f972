# Writes the reference tables of times to an event, in survival/, as R sees them; make_survival.py then adds its own witnesses.
# Needs survival, cmprsk and etm:  Rscript make_survival.R && python make_survival.py
# Rows stand in the tables as they are: one place a person in each of `entry` (empty: all were there from the start), `time`, `event` (0
# censored, else the cause), `group`, `stratum`, `cluster`.
options(warn = -1)
suppressMessages({ library(survival); library(cmprsk); library(etm) })
R <- paste0("R ", getRversion())

text <- function(v) ifelse(is.na(v) | !is.finite(v), "", sprintf("%.17g", v))
joined <- function(v) paste(v, collapse = " ")
rows <- list()
add <- function(file, inputs, expected, by) {
  if (is.null(rows[[file]])) rows[[file]] <<- paste(c(names(inputs), names(expected), "computed_by"), collapse = ",")
  line <- c(sapply(inputs, as.character), sapply(expected, text), paste0('"', by, '"'))
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}

# --- people ----------------------------------------------------------------------------------------------------------------------------
people <- function(time, event, entry = NULL) list(time = time, event = event, entry = entry)
set.seed(20230615)
random <- function(n, longest, causes, late = FALSE) {
  time <- sample(longest, n, replace = TRUE)
  event <- sample(0:causes, n, replace = TRUE)
  entry <- if (late) pmax(-1, time - sample(longest, n, replace = TRUE)) else NULL
  people(time, event, entry)
}
cases <- list(
  six = people(1:6, c(0, 1, 1, 2, 2, 0)),
  tied_causes = people(c(1, 2, 2, 2, 3, 4), c(1, 1, 2, 0, 1, 2)),
  hand = people(1:6, c(1, 0, 1, 1, 0, 0)),
  one_event = people(5, 1),
  one_censored = people(5, 0),
  all_censored = people(c(3, 7, 7, 9), c(0, 0, 0, 0)),
  all_at_once = people(rep(4, 5), rep(1, 5)),
  all_at_once_but_one = people(c(rep(4, 5), 9), c(rep(1, 5), 0)),
  no_censoring = people(c(1, 2, 2, 3, 5, 8, 13, 21), rep(1, 8)),
  half_exactly = people(1:4, rep(1, 4)),
  half_to_the_end = people(c(2, 3, 7, 9), c(1, 1, 0, 0)),
  events_and_censorings_tied = people(c(2, 2, 2, 5, 5, 5, 5, 8, 8), c(1, 0, 1, 0, 2, 1, 0, 1, 0)),
  day_nought = people(c(0, 0, 1, 2, 3), c(1, 0, 1, 0, 2)),
  late = people(c(4, 5, 6, 7, 9, 10), c(1, 1, 0, 2, 1, 0), c(-1, -1, 2, 4, 5, 5)),
  late_on_an_event_day = people(c(3, 6, 6, 8, 8), c(1, 1, 2, 0, 1), c(-1, 3, -1, 3, 6)),
  nobody_for_a_while = people(c(2, 3, 3, 9, 11, 12), c(1, 0, 0, 1, 2, 0), c(-1, -1, -1, 5, 5, 6)),
  to_nought_and_on = people(c(2, 2, 9, 11), c(1, 1, 1, 1), c(-1, -1, 5, 5)),
  random_1 = random(25, 12, 2), random_2 = random(40, 30, 2), random_3 = random(60, 365, 3),
  late_1 = random(25, 12, 2, TRUE), late_2 = random(60, 200, 3, TRUE),
  leukaemia = people(aml$time, aml$status),
  lung = people(lung$time[1:120], lung$status[1:120] - 1),
  gammopathy = { m <- mgus2[1:150, ]; people(m$ptime + 0, ifelse(m$pstat == 1, 1, 2 * m$death)) }
)
inputs <- function(case) list(entry = joined(case$entry), time = joined(case$time), event = joined(case$event))
surv <- function(case, event) {
  if (is.null(case$entry)) Surv(case$time, event) else Surv(case$entry, case$time, event)
}
call <- function(case) if (is.null(case$entry)) "Surv(time, event > 0)" else "Surv(entry, time, event > 0)"
bands <- c(plain = "plain", log = "log", "log-log" = "log-log", logit = "logit", arcsine = "arcsin")
level_of <- function(i) c(0.95, 0.9, 0.99)[(i - 1) %% 3 + 1]

# --- Kaplan-Meier: values, quantiles, restricted means -----------------------------------------------------------------------------------
falls <- function(band) { band <- band[!is.na(band)]; all(diff(band) <= 0) }
first_low <- function(time, band, share) { # the first day that is low enough, as print.survfit takes it; halfway where met exactly
  tol <- sqrt(.Machine$double.eps); y <- 1 - band
  at <- which(!is.na(y) & y >= share - tol)[1]
  if (is.na(at) || y[at] >= share + tol) return(time[at])
  on <- which(!is.na(y) & y >= share + tol & seq_along(y) > at)[1]
  if (is.na(on)) if (is.na(y[length(y)])) NA else (time[at] + time[length(time)]) / 2 else (time[at] + time[on]) / 2
}
for (name in names(cases)) {
  case <- cases[[name]]; i <- match(name, names(cases)); level <- level_of(i)
  for (band in names(bands)) {
    fit <- survfit(surv(case, case$event > 0) ~ 1, conf.type = bands[[band]], conf.int = level)
    by <- paste0(R, ": survfit(", call(case), " ~ 1; conf.type = ", bands[[band]], "), survival ", packageVersion("survival"))
    at <- unique(round(quantile(fit$time, c(0, 0.3, 0.5, 0.8, 1), type = 1)))
    for (day in at) {
      k <- findInterval(day, fit$time); s <- fit$surv[k]; se <- fit$std.err[k]
      # of no width where nobody has had an event, undefined where nobody is left: the crate has no limits in either
      none <- s == 0 || se == 0
      add("kaplan_meier.csv", c(inputs(case), list(day = day, band = band, level = level)),
          list(value = s, lower = if (none) NA else fit$lower[k], upper = if (none) NA else fit$upper[k],
               variance = if (none) 0 else (s * se)^2, at_risk = if (day %in% fit$time) fit$n.risk[k] else NA), by)
    }
    for (share in c(0.25, 0.5, 0.8)) {
      q <- quantile(fit, share); turning <- !falls(fit$lower) || !falls(fit$upper)
      lower <- if (turning) first_low(fit$time, fit$lower, share) else q$lower
      upper <- if (turning) first_low(fit$time, fit$upper, share) else q$upper
      add("quantile.csv", c(inputs(case), list(share = share, band = band, level = level)),
          list(value = unname(q$quantile), lower = unname(lower), upper = unname(upper)),
          paste0(R, if (turning) ": first day of a limit that turns back, " else ": ", "quantile(survfit(", call(case),
              " ~ 1; conf.type = ", bands[[band]], "); share)"))
    }
  }
  last <- fit$time[length(fit$time)]
  ends <- unique(c(round(last * c(0.3, 0.5, 0.9)), last, if (fit$surv[length(fit$surv)] == 0) last + 10))
  for (until in ends) {
    m <- survival:::survmean(fit, rmean = until)$matrix
    add("restricted_mean.csv", c(inputs(case), list(until = until)), list(value = m[["rmean"]], standard_error = m[["se(rmean)"]]),
        paste0(R, ": print(survfit(", call(case), " ~ 1); rmean = until)"))
  }
}

# --- cumulative incidence ------------------------------------------------------------------------------------------------------------------
pick <- function(v, k) if (k == 0) 0 else v[k]
for (name in names(cases)) {
  case <- cases[[name]]; i <- match(name, names(cases)); level <- level_of(i)
  causes <- sort(unique(case$event[case$event > 0]))
  if (!length(causes)) next
  event <- factor(case$event, 0:max(2, causes), c("censored", seq_len(max(2, causes))))
  for (cause in causes) for (band in c("plain", "log", "log-log")) {
    at <- unique(round(quantile(case$time, c(0.2, 0.5, 0.8, 1), type = 1)))
    if (is.null(case$entry)) {
      fit <- survfit(Surv(case$time, event) ~ 1, conf.type = band, conf.int = level)
      state <- match(cause, fit$states)
      by <- paste0(R, ": survfit(Surv(time, factor(event)) ~ 1; conf.type = ", band, ")")
      for (day in at) {
        k <- findInterval(day, fit$time)
        none <- k == 0 || fit$std.err[k, state] < 1e-12
        add("cumulative_incidence.csv", c(inputs(case), list(cause = cause, method = "delta", day = day, band = band, level = level)),
            list(value = if (k == 0) 0 else fit$pstate[k, state], lower = if (none) NA else fit$lower[k, state],
                 upper = if (none) NA else fit$upper[k, state], variance = if (none) 0 else fit$std.err[k, state]^2), by)
      }
      if (band != "plain") next
      f <- cuminc(case$time, case$event)[[paste(1, cause)]]
      for (day in at) {
        k <- findInterval(day, f$time); p <- f$est[k]; se <- sqrt(f$var[k])
        ci <- survival:::survfit_confint(p, se, FALSE, band, level)
        none <- se == 0
        add("cumulative_incidence.csv", c(inputs(case), list(cause = cause, method = "cmprsk", day = day, band = band, level = level)),
            list(value = p, lower = if (none) NA else ci$lower, upper = if (none) NA else ci$upper, variance = se^2),
            paste0(R, ": timepoints(cuminc(time; event); day), cmprsk ", packageVersion("cmprsk")))
      }
    } else if (band == "plain" && name != "to_nought_and_on") {
      # survfit's jackknife is not the delta method's variance where people join late; etm's is
      ids <- seq_along(case$time)
      d <- data.frame(id = ids, from = "0", to = ifelse(case$event == 0, "cens", case$event), entry = case$entry, exit = case$time)
      tra <- matrix(FALSE, 4, 4); tra[1, 2:4] <- TRUE
      states <- as.character(0:3)
      used <- c("0", sort(unique(d$to[d$to != "cens"])))
      e <- tryCatch(etm(d, used, tra[seq_along(used), seq_along(used)], "cens", s = -1, covariance = TRUE), error = function(e) NULL)
      if (is.null(e)) next
      for (day in at) {
        k <- findInterval(day, e$time); p <- if (k == 0) 0 else e$est["0", as.character(cause), k]
        cell <- paste("0", cause)
        v <- if (k == 0) 0 else e$cov[cell, cell, k]
        none <- v < 1e-15; ci <- survival:::survfit_confint(p, sqrt(v), FALSE, band, level)
        add("cumulative_incidence.csv", c(inputs(case), list(cause = cause, method = "delta", day = day, band = band, level = level)),
            list(value = p, lower = if (none) NA else ci$lower, upper = if (none) NA else ci$upper, variance = if (none) 0 else v),
            paste0(R, ": etm(…; covariance = TRUE), etm ", packageVersion("etm")))
      }
    }
  }
}

# --- groups --------------------------------------------------------------------------------------------------------------------------------
grouped <- function(time, event, group, stratum = rep(1, length(time)), entry = NULL)
  list(time = time, event = event, group = group, stratum = stratum, entry = entry)
random_groups <- function(n, longest, causes, groups, strata = 1) {
  group <- sample(groups, n, replace = TRUE); group[seq_len(groups)] <- seq_len(groups)
  grouped(pmax(1, round(rexp(n, group / longest))), sample(0:causes, n, replace = TRUE), group, sample(strata, n, replace = TRUE))
}
groups <- list(
  hand = grouped(c(1, 2, 4, 2, 3, 5), c(1, 1, 0, 0, 1, 1), c(1, 1, 1, 2, 2, 2)),
  leukaemia = grouped(aml$time, aml$status, as.integer(aml$x)),
  veteran = grouped(veteran$time, veteran$status, as.integer(veteran$celltype), veteran$trt),
  ovarian = grouped(ovarian$futime, ovarian$fustat, ovarian$rx, ovarian$resid.ds),
  two_tied = grouped(rep(c(2, 5, 9), each = 8), rep(c(1, 1, 2, 0), 6), rep(1:2, 12)),
  one_each = grouped(c(3, 5), c(1, 1), 1:2),
  one_group_without_events = grouped(c(1, 2, 3, 4, 5, 6, 7, 8), c(1, 1, 2, 1, 0, 0, 0, 0), rep(1:2, each = 4)),
  all_at_once = grouped(c(rep(4, 6), 9, 9), c(1, 1, 1, 1, 0, 1, 0, 0), rep(1:2, 4)),
  two_1 = random_groups(30, 20, 2, 2), two_2 = random_groups(80, 60, 2, 2), three_1 = random_groups(60, 15, 2, 3),
  three_2 = random_groups(90, 200, 3, 3), four = random_groups(120, 30, 2, 4), strata_1 = random_groups(80, 20, 2, 2, 3),
  strata_2 = random_groups(150, 40, 2, 3, 4), five = random_groups(100, 8, 1, 5)
)
group_inputs <- function(g) c(inputs(g), list(group = joined(g$group), stratum = joined(g$stratum)))
for (g in groups) {
  for (rho in c(0, 1, 0.5)) {
    f <- if (length(unique(g$stratum)) > 1) "~ group + strata(stratum)" else "~ group"
    fit <- survdiff(as.formula(paste("Surv(time, event > 0)", f)), data = as.data.frame(g[c("time", "event", "group", "stratum")]), rho = rho)
    sums <- function(m) if (is.matrix(m)) rowSums(m) else m
    df <- sum(sums(fit$exp) > 0) - 1
    none <- fit$chisq == 0 && all(fit$var == 0)
    add("log_rank.csv", c(group_inputs(g), list(weight = if (rho == 0) "log-rank" else "fleming-harrington", p = rho, q = 0)),
        list(statistic = if (none) NA else fit$chisq, df = if (none) NA else df, p_value = if (none) NA else pchisq(fit$chisq, df,
            lower.tail = FALSE),
             observed = sums(fit$obs)[1], expected = sums(fit$exp)[1]),
        paste0(R, ": survdiff(Surv(time, event > 0) ", f, "; rho = ", rho, ")"))
  }
  for (cause in 1:2) for (rho in c(0, 1, -0.5)) {
    if (!any(g$event == cause)) next
    # where the cause takes the last who are at risk, F is 1 and cuminc divides 0 by 0
    fit <- tryCatch(cuminc(g$time, g$event, g$group, g$stratum, rho = rho)$Tests, error = function(e) NULL)
    if (is.null(fit)) next
    test <- fit[as.character(cause), ]
    none <- test[["stat"]] < 0
    p <- if (none) NA else pchisq(test[["stat"]], test[["df"]], lower.tail = FALSE) # cuminc's own is 1 - pchisq, without the digits of small ones
    add("gray.csv", c(group_inputs(g), list(cause = cause, rho = rho)),
        list(statistic = if (none) NA else test[["stat"]], df = if (none) NA else test[["df"]], p_value = p),
        paste0(R, ": cuminc(time; event; group; stratum; rho = ", rho, "), cmprsk ", packageVersion("cmprsk")))
  }
  # contrasts of the first two groups by a day
  for (share in c(0.3, 0.5)) for (cause in 0:1) {
    one <- g$group == 1; two <- g$group == 2
    day <- floor(min(max(g$time[one]), max(g$time[two])) * share)
    of <- function(who) {
      if (cause == 0) { fit <- survfit(Surv(g$time[who], g$event[who] > 0) ~ 1); k <- findInterval(day, fit$time)
        if (k == 0) c(1, 0) else c(fit$surv[k], (fit$surv[k] * fit$std.err[k])^2)
      } else { fit <- survfit(Surv(g$time[who], factor(g$event[who], 0:3)) ~ 1); k <- findInterval(day, fit$time); s <- match("1", fit$states)
        if (is.na(s) || k == 0) c(0, 0) else c(fit$pstate[k, s], fit$std.err[k, s]^2) }
    }
    a <- of(one); b <- of(two); z <- qnorm(0.975)
    if (any(is.nan(c(a, b)))) next
    se <- sqrt(a[2] + b[2]); d <- a[1] - b[1]
    known <- se > 0
    by <- paste0(R, ": survfit of each group, the normal approximation")
    add("difference_by.csv", c(group_inputs(g), list(cause = cause, day = day, level = 0.95)),
        list(value = d, lower = if (known) d - z * se else NA, upper = if (known) d + z * se else NA,
            p_value = if (known) 2 * pnorm(-abs(d / se)) else NA), by)
    se <- sqrt(a[2] / a[1]^2 + b[2] / b[1]^2); r <- a[1] / b[1]; known <- a[1] > 0 && b[1] > 0 && se > 0
    add("ratio_by.csv", c(group_inputs(g), list(cause = cause, day = day, level = 0.95)),
        list(value = r, lower = if (known) exp(log(r) - z * se) else NA, upper = if (known) exp(log(r) + z * se) else NA,
            p_value = if (known) 2 * pnorm(-abs(log(r) / se)) else NA), by)
  }
}
# late entry: the score test of Cox's exact partial likelihood is the log-rank test
for (g in groups[c("leukaemia", "two_1", "three_1", "strata_1", "hand")]) {
  g$entry <- pmax(-1, g$time - sample(30, length(g$time), replace = TRUE))
  d <- as.data.frame(g); f <- if (length(unique(g$stratum)) > 1) "~ factor(group) + strata(stratum)" else "~ factor(group)"
  fit <- coxph(as.formula(paste("Surv(entry, time, event > 0)", f)), data = d, ties = "exact", init = rep(0, length(unique(g$group)) - 1),
      control = coxph.control(iter.max = 0))
  df <- length(unique(g$group)) - 1
  add("log_rank.csv", c(group_inputs(g), list(weight = "log-rank", p = 0, q = 0)),
      list(statistic = fit$score, df = df, p_value = pchisq(fit$score, df, lower.tail = FALSE), observed = NA, expected = NA),
      paste0(R, ": coxph(Surv(entry; time; event > 0) ", f, "; ties = exact)$score"))
}

# --- several states: referral 1, assessment 2, plan 3, care 4 ----------------------------------------------------------------------------------
histories <- function(n, longest, all_from_one = TRUE) {
  out <- NULL
  for (id in seq_len(n)) {
    from <- if (all_from_one) 1 else sample(3, 1); day <- 0; end <- sample(longest, 1)
    repeat {
      stay <- sample(ceiling(longest / 3), 1)
      if (day + stay >= end) { if (end > day) out <- rbind(out, data.frame(person = id, start = day, stop = end, from = from, to = 0)); break }
      to <- sample(setdiff(1:4, from), 1)
      out <- rbind(out, data.frame(person = id, start = day, stop = day + stay, from = from, to = to))
      day <- day + stay; from <- to
      if (to == 4) break
    }
  }
  out
}
sets <- list(histories(12, 20), histories(30, 60), histories(60, 365), histories(40, 30), histories(25, 12))
state_inputs <- function(h) lapply(h[c("start", "stop", "from", "to")], joined)
for (h in sets) {
  h$state <- factor(ifelse(h$to == 0, "cens", h$to), c("cens", 1:4))
  h$start2 <- h$start
  fit <- survfit(Surv(start, stop, state) ~ 1, data = h, id = person, istate = factor(from, 1:4))
  tra <- matrix(TRUE, 4, 4); diag(tra) <- FALSE; tra[4, ] <- FALSE
  e <- etm(data.frame(id = h$person, from = h$from, to = ifelse(h$to == 0, "cens", h$to), entry = h$start, exit = h$stop),
           as.character(1:4), tra, "cens", s = 0, covariance = TRUE)
  last <- max(h$stop)
  for (until in unique(floor(last * c(0.2, 0.5, 0.8)))) for (state in 1:4) {
    k <- findInterval(until, e$time); cell <- paste(1, state)
    s <- match(as.character(state), fit$states); j <- findInterval(until, fit$time)
    t <- c(0, fit$time[seq_len(j)], until); p <- c(if (state == 1) 1 else 0, fit$pstate[seq_len(j), s])
    add("multi_state.csv", c(state_inputs(h), list(after = 0, until = until, begin = 1, state = state)),
        list(value = if (k == 0) as.numeric(state == 1) else e$est[1, state, k], variance = if (k == 0) 0 else e$cov[cell, cell, k],
            days = sum(diff(t) * p)),
        paste0(R, ": etm(…; covariance = TRUE), etm ", packageVersion("etm"), "; days by survfit(…; id = person)$pstate"))
  }
  from <- floor(last * 0.2)
  e <- etm(data.frame(id = h$person, from = h$from, to = ifelse(h$to == 0, "cens", h$to), entry = h$start, exit = h$stop),
           as.character(1:4), tra, "cens", s = from, covariance = TRUE)
  for (begin in 1:3) for (state in c(2, 4)) {
    until <- floor(last * 0.6); k <- findInterval(until, e$time); cell <- paste(begin, state)
    add("multi_state.csv", c(state_inputs(h), list(after = from, until = until, begin = begin, state = state)),
        list(value = e$est[begin, state, k], variance = e$cov[cell, cell, k], days = NA), paste0(R,
            ": etm(…; s = after; covariance = TRUE), etm ", packageVersion("etm")))
  }
}

# --- clusters ----------------------------------------------------------------------------------------------------------------------------------
family_sets <- list(
  list(case = cases$six, cluster = c(1, 1, 2, 2, 3, 3)), list(case = cases$tied_causes, cluster = c(5, 9, 5, 9, 7, 7)),
  list(case = cases$no_censoring, cluster = c(1, 1, 1, 2, 3, 3, 4, 4)), list(case = cases$late, cluster = c(1, 1, 2, 3, 3, 4)),
  list(case = cases$random_1, cluster = sample(8, 25, TRUE)), list(case = cases$random_2, cluster = sample(12, 40, TRUE)),
  list(case = cases$random_3, cluster = sample(25, 60, TRUE)), list(case = cases$late_1, cluster = sample(9, 25, TRUE)),
  list(case = cases$late_2, cluster = sample(20, 60, TRUE)), list(case = cases$leukaemia, cluster = sample(10, 23, TRUE))
)
for (set in family_sets) {
  case <- set$case; cl <- set$cluster
  for (day in unique(round(quantile(case$time, c(0.25, 0.5, 0.75, 0.9), type = 1)))) {
    into <- c(inputs(case), list(cluster = joined(cl)))
    fit <- if (is.null(case$entry)) survfit(Surv(case$time, case$event > 0) ~ 1, cluster = cl) else survfit(Surv(case$entry, case$time,
        case$event > 0) ~ 1, cluster = cl)
    k <- findInterval(day, fit$time)
    if (k > 0) add("clustered.csv", c(into, list(cause = 0, day = day)), list(value = fit$surv[k], variance = fit$std.err[k]^2), paste0(R,
        ": survfit(", call(case), " ~ 1; cluster = cluster)"))
    # with several causes survfit does not heed `cluster`, so that its people's influences are added up here
    event <- factor(case$event, 0:3); ids <- seq_along(cl)
    fit <- if (is.null(case$entry)) survfit(Surv(case$time, event) ~ 1, id = ids, influence = TRUE) else survfit(Surv(case$entry, case$time,
        event) ~ 1, id = ids, influence = TRUE)
    k <- findInterval(day, fit$time); s <- match("1", fit$states)
    if (k > 0 && !is.na(s)) add("clustered.csv", c(into, list(cause = 1, day = day)),
      list(value = fit$pstate[k, s], variance = sum(rowsum(fit$influence.pstate[, k + 1, s], cl)^2)), paste0(R,
          ": survfit(Surv(…; factor(event)) ~ 1; influence = TRUE); summed by cluster"))
  }
}

for (file in names(rows)) writeLines(rows[[file]], file.path("survival", file))
