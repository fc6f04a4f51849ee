# Fixture 15: what studies report and lifelines has too. Kaplan-Meier (log, log-log), medians, restricted means,
# log-rank; cumulative incidence (Aalen-Johansen) with se and intervals; coxph (Efron, Breslow), baseline and survival.
# Data: fx_lung, fx_gbsg, fx_wpbc, fx_vdv150.csv and small edge cases written out in the JSON; fx15_competing.csv is
# every sixth row of survival::mgus2 (cause 1 plasma-cell malignancy, 2 death), in months, and `untied` months.
source("_common.R")
read <- function(name) read.csv(paste0("fx_", name, ".csv"))
lung <- read("lung"); gbsg <- read("gbsg"); wpbc <- read("wpbc"); vdv <- read("vdv150")
some <- function(n) if (n <= 40) seq_len(n) else unique(round(seq(1, n, length.out = 30)))

# --- curves of one group
curve <- function(time, status, horizons) {
  s <- survfit(Surv(time, status) ~ 1); l <- survfit(Surv(time, status) ~ 1, conf.type = "log-log")
  i <- some(length(s$time)); of <- c("median", "0.95LCL", "0.95UCL")
  list(n = s$n, rows = length(s$time), index = I(i - 1), time = I(s$time[i]), n_risk = I(s$n.risk[i]),
    n_event = I(s$n.event[i]), n_censor = I(s$n.censor[i]), surv = I(s$surv[i]), se = I((s$surv * s$std.err)[i]),
    log = list(lo = I(s$lower[i]), hi = I(s$upper[i]), median = unname(summary(s)$table[of])),
    loglog = list(lo = I(l$lower[i]), hi = I(l$upper[i]), median = unname(summary(l)$table[of])),
    restricted = lapply(horizons, function(at) {
      t <- summary(s, rmean = at)$table; list(horizon = at, mean = unname(t["rmean"]), se = unname(t["se(rmean)"])) }))
}
whole <- list(lung = list(lung$time, lung$status, c(180, 365, 730)), gbsg = list(gbsg$time, gbsg$status, c(365, 2000)),
  wpbc = list(wpbc$time, wpbc$status, c(12, 36.5)), vdv150 = list(vdv$time, vdv$status, c(1, 5)),
  lung_reverse = list(lung$time, 1 - lung$status, 365), gbsg_reverse = list(gbsg$time, 1 - gbsg$status, 1095))
edges <- list(no_censoring = list(c(3, 1, 4, 1, 5, 9, 2, 6, 5), rep(1, 9)), none = list(c(2, 3, 3, 7), rep(0, 4)),
  one_event = list(c(2, 3, 5, 5, 8), c(0, 1, 0, 0, 0)), two_rows = list(c(4, 6), c(1, 0)),
  half = list(c(1, 2, 3, 4, 4, 6), c(1, 1, 1, 0, 1, 1)), half_to_end = list(c(1, 2, 3, 4), c(1, 1, 0, 0)),
  at_zero = list(c(0, 0, 1, 2, 2, 5), c(1, 0, 1, 0, 1, 0)), all_at_once = list(c(3, 3, 3), c(1, 1, 1)))
curves <- c(lapply(whole, function(d) curve(d[[1]], d[[2]], d[[3]])), lapply(edges, function(d)
  c(list(data = list(time = d[[1]], status = d[[2]])),
    curve(d[[1]], d[[2]], unique(c(mean(range(d[[1]])), max(d[[1]])))))))

# --- log-rank
ranks <- function(time, status, group) {
  r <- survdiff(Surv(time, status) ~ group); df <- sum(r$exp > 0) - 1
  list(group = group, chisq = r$chisq, df = df, p = pchisq(r$chisq, df, lower.tail = FALSE), n = as.numeric(r$n),
    obs = as.numeric(r$obs), exp = as.numeric(r$exp))
}
small <- function(time, status, group) c(list(data = list(time = time, status = status)), ranks(time, status, group))
tests <- list(gbsg_hormon = ranks(gbsg$time, gbsg$status, gbsg$hormon),
  gbsg_grade = ranks(gbsg$time, gbsg$status, gbsg$grade),
  wpbc_radius = ranks(wpbc$time, wpbc$status, as.integer(wpbc$mean_radius > median(wpbc$mean_radius))),
  vdv150_quarters = ranks(vdv$time, vdv$status, as.integer(cut(rank(vdv$g001), 4))),
  lung_two_rows = ranks(lung$time, lung$status, as.integer(seq_len(nrow(lung)) <= 2)),
  six = small(c(1, 1, 2, 2, 3, 4), c(1, 1, 1, 0, 1, 1), c(0, 0, 0, 1, 1, 1)),
  never_expected = small(c(1, 2, 4, 5, 5, 6, 7), c(0, 0, 1, 1, 1, 0, 1), c(2, 2, 0, 1, 0, 1, 1)))

# --- competing causes
m <- mgus2[seq(1, nrow(mgus2), 6), ]
m$cause <- ifelse(m$pstat == 1, 1, ifelse(m$death == 1, 2, 0)); m$time <- ifelse(m$pstat == 1, m$ptime, m$futime)
m$untied <- m$time + rank(m$id, ties.method = "first") / 1024
write.csv(m[, c("time", "untied", "cause")], "fx15_competing.csv", row.names = FALSE)
incidence <- function(time, cause) {
  outcome <- factor(cause, 0:2); k <- survfit(Surv(time, outcome) ~ 1)
  l <- survfit(Surv(time, outcome) ~ 1, conf.type = "log-log"); i <- some(length(k$time))
  one <- function(j) list(estimate = I(k$pstate[i, j]), se = I(k$std.err[i, j]),
    log = list(lo = I(k$lower[i, j]), hi = I(k$upper[i, j])),
    loglog = list(lo = I(l$lower[i, j]), hi = I(l$upper[i, j])))
  list(rows = length(k$time), index = I(i - 1), time = I(k$time[i]), n_risk = I(k$n.risk[i, 1]), cause1 = one(2),
    cause2 = one(3))
}
few <- list(tied_causes = list(c(1, 2, 2, 2, 3, 4, 4, 6), c(1, 1, 2, 0, 0, 2, 1, 0)),
  to_the_end = list(c(1, 2, 3, 3, 5, 5), c(2, 1, 0, 1, 1, 2)), one_cause = list(c(1, 2, 3, 4), c(0, 1, 0, 1)),
  untied = list(c(1, 2, 3, 4, 5, 6, 7), c(1, 2, 0, 1, 2, 1, 0)),
  at_zero = list(c(0, 0, 1, 2, 4, 5), c(1, 0, 2, 1, 0, 1)), everybody = list(c(3, 1, 4, 2, 6, 5), rep(1, 6)))
competing <- c(list(mgus2 = incidence(m$time, m$cause), mgus2_untied = incidence(m$untied, m$cause)),
  lapply(few, function(d) c(list(data = list(time = d[[1]], cause = d[[2]])), incidence(d[[1]], d[[2]]))))

# --- Cox models; survival of the first two rows at the quartiles of the events' times
cox <- function(time, status, x, ties) {
  x <- as.matrix(x); control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
  f <- coxph(Surv(time, status) ~ x, ties = ties, nocenter = NULL, control = control)
  s <- summary(f); p <- length(coef(f))
  b <- basehaz(f, centered = TRUE); i <- some(nrow(b))
  at <- quantile(time[status == 1], 1:3 / 4, type = 1, names = FALSE)
  risk <- exp(as.vector(sweep(x[1:2, , drop = FALSE], 2, f$means) %*% coef(f)))
  hazard <- sapply(at, function(t) max(b$hazard[b$time <= t])); wald <- unname(f$wald.test)
  list(coef = I(unname(coef(f))), se = I(unname(sqrt(diag(vcov(f))))), z = I(unname(s$coefficients[, "z"])),
    p = I(unname(s$coefficients[, "Pr(>|z|)"])), hr = I(unname(s$conf.int[, 1])), hr_lo = I(unname(s$conf.int[, 3])),
    hr_hi = I(unname(s$conf.int[, 4])), vcov = I(as.vector(vcov(f))), loglik_null = f$loglik[1], loglik = f$loglik[2],
    aic = AIC(f), bic = BIC(f), lr = unname(s$logtest), wald = c(wald, p, pchisq(wald, p, lower.tail = FALSE)),
    score = unname(s$sctest), base_time = I(b$time[i]), base_hazard = I(b$hazard[i]), at = I(at),
    survival = lapply(risk, function(r) I(exp(-hazard * r))))
}
events <- lung[lung$status == 1, ]; first <- lung[1:12, ]
models <- list(gbsg = list(gbsg, c("age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon")),
  wpbc = list(wpbc, c("mean_radius", "mean_texture", "mean_fractaldim")), vdv150 = list(vdv, c("g001", "g002", "g003")),
  no_censoring = list(events, c("age", "sex", "ph.ecog")), first_rows = list(first, "age"),
  one_event = list(data.frame(time = c(2, 3, 5, 5, 8), status = c(0, 1, 0, 0, 0), x = c(1, 2, 3, 1, 2.5)), "x"),
  all_tied = list(data.frame(time = c(1, 1, 1, 2, 2, 2, 2), status = c(1, 1, 0, 1, 1, 1, 0),
    x = c(1, 3, 2, 5, 1, 2, 2)), "x"))
fits <- lapply(models, function(m) { d <- m[[1]]; x <- d[, m[[2]], drop = FALSE]
  c(if (nrow(d) < 10) list(data = list(time = d$time, status = d$status, x = x$x)), list(terms = I(m[[2]]),
    efron = cox(d$time, d$status, x, "efron"), breslow = cox(d$time, d$status, x, "breslow"))) })

used <- versions("survival")
out(list(versions = used, curves = curves, log_rank = tests), "fx15_curves.json")
out(list(versions = used, data = "fx15_competing.csv", incidence = competing), "fx15_competing.json")
out(list(versions = used, fits = fits), "fx15_cox.json")
