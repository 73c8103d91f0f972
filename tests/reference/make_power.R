# Writes the tables of planning as R sees them; make_power.py then adds its own witnesses.
# Needs R with epiR:  Rscript make_power.R && python make_power.py
suppressMessages(library(epiR))
options(warn = -1)
R <- paste("R", getRversion())
EPIR <- paste("epiR", packageVersion("epiR"))

text <- function(v) ifelse(is.na(v), "", sprintf("%.17g", v))
plain <- function(v) ifelse(v == floor(v), sprintf("%.0f", v), sprintf("%.15g", v))
rows <- list()
add <- function(file, inputs, expected, by) {
  line <- c(sapply(inputs, function(v) if (is.character(v)) v else if (is.na(v)) "" else plain(v)), sapply(expected, text),
            paste0('"', by, '"'))
  header <- c(names(inputs), names(expected), "computed_by")
  if (is.null(rows[[file]])) rows[[file]] <<- paste(header, collapse = ",")
  rows[[file]] <<- c(rows[[file]], paste(line, collapse = ","))
}
side <- c("two-sided" = "two.sided", "greater" = "one.sided", "less" = "one.sided")
fine <- .Machine$double.eps

shares <- rbind(
  c(0.5, 0.75, 50), c(0.75, 0.5, 50), c(0.1, 0.2, 100), c(0.2, 0.1, 199), c(0.01, 0.02, 1000), c(0.001, 0.0015, 250000),
  c(0.3, 0.300001, 1e9), c(0.95, 0.9, 400), c(0.999, 0.99, 500), c(0, 0.1, 60), c(1, 0.9, 60), c(0.4, 0.45, 12),
  c(0.33, 0.66, 25), c(0.6, 0.2, 8)
)
for (i in seq_len(nrow(shares))) {
  p1 <- shares[i, 1]; p2 <- shares[i, 2]; n <- shares[i, 3]
  for (level in c(0.9, 0.95, 0.998)) for (alternative in c("two-sided", if (p1 > p2) "greater" else "less")) {
    got <- power.prop.test(n = n, p1 = p1, p2 = p2, sig.level = 1 - level, alternative = side[[alternative]])
    add("power.csv", list(p1 = p1, n1 = n, p2 = p2, n2 = n, alternative = alternative, correct = "false", population = NA, level = level),
        list(power = got$power), paste0(R, ": power.prop.test(n, p1, p2, sig.level = 1 - level, alternative)"))
  }
  for (power in c(0.8, 0.95)) for (alternative in c("two-sided", if (p1 > p2) "greater" else "less")) {
    level <- 0.95
    got <- power.prop.test(p1 = p1, p2 = p2, power = power, sig.level = 1 - level, alternative = side[[alternative]], tol = fine)
    add("sample_size.csv",
        list(p1 = p1, p2 = p2, power = power, ratio = 1, alternative = alternative, correct = "false", population = NA, level = level),
        list(n1 = got$n, n2 = got$n), paste0(R, ": power.prop.test(p1, p2, power, sig.level = 1 - level, alternative, tol = 2^-52)"))
  }
}

# epiR draws both groups from one population of N; it gives the sizes of "exposed" and "unexposed" before rounding up.
for (p in list(c(0.5, 0.75), c(0.75, 0.5), c(0.1, 0.2), c(0.02, 0.01), c(0.3, 0.35), c(0.9, 0.96)))
  for (ratio in c(1, 2, 0.5)) for (N in c(NA, 500, 20000)) for (level in c(0.9, 0.95)) {
    p1 <- p[1]; p2 <- p[2]
    got <- epi.sscohortc(N = N, irexp1 = p1, irexp0 = p2, n = NA, power = 0.8, r = 1 / ratio, sided.test = 2, nfractional = TRUE,
                         conf.level = level)
    add("sample_size.csv",
        list(p1 = p1, p2 = p2, power = 0.8, ratio = ratio, alternative = "two-sided", correct = "false", population = N, level = level),
        list(n1 = got$n.exp1, n2 = got$n.exp0),
        paste0(EPIR, ": epi.sscohortc(N = population, irexp1 = p1, irexp0 = p2, power, r = 1/ratio, nfractional = TRUE)"))
    n1 <- 120; n2 <- n1 * ratio
    got <- epi.sscohortc(N = N, irexp1 = p1, irexp0 = p2, n = n1 + n2, power = NA, r = 1 / ratio, sided.test = 2,
                         nfractional = TRUE, conf.level = level)
    add("power.csv", list(p1 = p1, n1 = n1, p2 = p2, n2 = n2, alternative = "two-sided", correct = "false", population = N, level = level),
        list(power = got$power),
        paste0(EPIR, ": epi.sscohortc(N = population, irexp1 = p1, irexp0 = p2, n = n1 + n2, r = n1/n2, nfractional = TRUE)"))
  }

# R searches above p1 only; below it, the shares of those without are searched instead.
for (p in c(0.05, 0.1, 0.3, 0.5, 0.77, 0.9)) for (n in c(200, 1000, 40000)) for (power in c(0.8, 0.9)) {
  above <- power.prop.test(n = n, p1 = p, power = power, tol = fine)$p2
  below <- power.prop.test(n = n, p1 = 1 - p, power = power, tol = fine)$p2
  add("detectable_difference.csv",
      list(p2 = p, n1 = n, n2 = n, power = power, alternative = "two-sided", correct = "false", population = NA, level = 0.95),
      list(lower = if (below <= 1) 1 - p - below else NA, higher = if (above <= 1) above - p else NA),
      paste0(R, ": power.prop.test(n, p1 = p2, power, tol = 2^-52)$p2, and the same of 1 - p2"))
}

rates <- rbind(c(0.03, 0.02, 3000), c(0.02, 0.03, 3000), c(1, 2, 10), c(5e-6, 1e-6, 1e6), c(12, 11.5, 100), c(0.5, 0.5001, 1e9),
               c(1e-3, 3e-3, 800))
zs <- function(level, alternative) qnorm(if (alternative == "two-sided") (1 - level) / 2 else 1 - level, lower.tail = FALSE)
for (i in seq_len(nrow(rates))) for (ratio in c(1, 0.25, 3)) for (method in c("log", "sqrt"))
  for (alternative in c("two-sided", if (rates[i, 1] > rates[i, 2]) "greater" else "less")) {
    l1 <- rates[i, 1]; l2 <- rates[i, 2]; e1 <- rates[i, 3]; e2 <- e1 * ratio; level <- 0.95; power <- 0.8
    z <- zs(level, alternative); b <- qnorm(power)
    by <- paste0(R, ": the formula in R, by hand")
    given <- list(alternative = alternative, method = method, level = level)
    if (method == "log") {
      p <- pnorm(abs(log(l1 / l2)) / sqrt(1 / (l1 * e1) + 1 / (l2 * e2)) - z)
      need <- (z + b)^2 * (1 / l1 + 1 / (ratio * l2)) / log(l1 / l2)^2
    } else {
      p <- pnorm(2 * abs(sqrt(l1) - sqrt(l2)) / sqrt(1 / e1 + 1 / e2) - z)
      need <- (z + b)^2 * (1 + 1 / ratio) / (4 * (sqrt(l1) - sqrt(l2))^2)
    }
    add("rate_power.csv", c(list(rate1 = l1, exposure1 = e1, rate2 = l2, exposure2 = e2), given), list(power = p), by)
    add("rate_sample_size.csv", c(list(rate1 = l1, rate2 = l2, power = power, ratio = ratio), given),
        list(exposure1 = need, exposure2 = need * ratio), by)
  }
for (l2 in c(0.02, 1, 30)) for (e1 in c(2000, 50000)) for (ratio in c(1, 0.25)) for (method in c("log", "sqrt")) {
  power <- 0.9; e2 <- e1 * ratio; need <- zs(0.95, "two-sided") + qnorm(power)
  if (method == "log") {
    gap <- function(x) abs(x) - need * sqrt(1 / (l2 * exp(x) * e1) + 1 / (l2 * e2))
    up <- exp(uniroot(gap, c(0, 5), tol = fine)$root)
    down <- if (gap(-2) > 0) exp(uniroot(gap, c(-2, 0), tol = fine)$root) else NA
    by <- paste0(R, ": uniroot(tol = 2^-52) of the formula")
    if (is.na(down)) next
  } else {
    step <- need * sqrt(1 / e1 + 1 / e2) / (2 * sqrt(l2))
    up <- (1 + step)^2; down <- if (step <= 1) (1 - step)^2 else NA
    by <- paste0(R, ": the formula in R, by hand")
  }
  add("rate_detectable_ratio.csv",
      list(rate2 = l2, exposure1 = e1, exposure2 = e2, power = power, alternative = "two-sided", method = method, level = 0.95),
      list(lower = down, higher = up), by)
}

for (file in names(rows)) writeLines(rows[[file]], file)
