# Fixture 14: glm(binomial) with backward step(); smooth calibration (Cox model of cloglog of the predicted survival on a natural
# spline, survival + splines; logistic likewise); Fisher's test beyond 2 x 2; ANOVA and Kruskal-Wallis. Data fx_asah.csv, fx_gbsg.csv, fx_lung.csv
source("_common.R"); library(splines)
a <- read.csv("fx_asah.csv"); ctl <- glm.control(epsilon = 1e-14, maxit = 100)
# glm leaves the standard errors of the last but one iteration; started at the optimum, they are those of the optimum
one <- function(f0) { f <- update(f0, start = coef(f0)); s <- summary(f)$coefficients; ci <- suppressMessages(confint.default(f)); list(terms = rownames(s), coef = unname(s[, 1]), se = unname(s[, 2]), z = unname(s[, 3]), p = unname(s[, 4]), lo = unname(exp(ci[, 1])), hi = unname(exp(ci[, 2])), vcov = unname(vcov(f)), loglik = as.numeric(logLik(f)), aic = AIC(f), null_deviance = f$null.deviance) }
full <- glm(outcome ~ s100b + ndka + wfns + female, binomial, data = a, control = ctl); st <- step(full, direction = "backward", trace = 0)
quant <- list("3" = c(.1, .5, .9), "4" = c(.05, .35, .65, .95), "5" = c(.05, .275, .5, .725, .95))
basis <- function(x, k) { q <- unname(quantile(x, quant[[as.character(k)]])); ns(x, knots = q[-c(1, k)], Boundary.knots = q[c(1, k)]) }
g <- read.csv("fx_gbsg.csv"); g$grade3 <- as.integer(g$grade == 3); t0 <- 1095
f <- coxph(Surv(time, status) ~ age + grade3 + pgr, data = g, control = coxph.control(eps = 1e-12, iter.max = 50)); p <- as.numeric(summary(survfit(f, newdata = g), times = t0)$surv)
smooth <- lapply(c(3, 4, 5), function(k) { b <- basis(log(-log(p)), k); m <- coxph(Surv(g$time, g$status) ~ b, control = coxph.control(eps = 1e-12, iter.max = 50)); h <- basehaz(m, centered = TRUE); H <- max(h$hazard[h$time <= t0]); o <- exp(-H * exp(predict(m, type = "lp"))); e <- abs(o - p); list(knots = k, observed_head = unname(o[1:20]), ici = mean(e), e50 = median(e), e90 = unname(quantile(e, .9))) })
pr <- fitted(glm(outcome ~ s100b + ndka, binomial, data = a, control = ctl)); sm <- lapply(c(3, 4), function(k) { o <- fitted(glm(a$outcome ~ basis(qlogis(pr), k), family = binomial, control = ctl)); e <- abs(o - pr); list(knots = k, observed_head = unname(o[1:20]), ici = mean(e), e50 = median(e), e90 = unname(quantile(e, .9))) })
l <- read.csv("fx_lung.csv"); tabs <- list(table(l$ph.ecog, l$sex), matrix(c(3, 0, 2, 1, 4, 2, 0, 1, 5), 3), matrix(c(2, 7, 1, 0, 3, 3, 6, 1, 2, 2), 2), matrix(c(10, 2, 3, 15), 2))
fis <- lapply(tabs, function(t) list(table = matrix(as.numeric(t), nrow = nrow(t)), p = fisher.test(t, workspace = 2e7)$p.value))
v <- split(l$age, pmin(l$ph.ecog, 2)); grp <- factor(pmin(l$ph.ecog, 2)); aov1 <- oneway.test(l$age ~ grp, var.equal = TRUE); kw <- kruskal.test(l$age, grp)
out(list(data = c("fx_asah.csv", "fx_gbsg.csv", "fx_lung.csv"), versions = versions("survival"), logistic = one(full), univariate_s100b = one(glm(outcome ~ s100b, binomial, data = a, control = ctl)),
  step = list(anova = list(step = as.character(st$anova$Step), aic = st$anova$AIC), kept = attr(terms(st), "term.labels")), smooth_survival = list(horizon = t0, covariates = names(coef(f)), predicted_head = p[1:20], fits = smooth), smooth_probability = list(predicted_head = unname(pr[1:20]), fits = sm),
  fisher = fis, age_by_ecog = list(groups = "pmin(ph.ecog, 2)", anova_F = unname(aov1$statistic), anova_p = aov1$p.value, kw = unname(kw$statistic), kw_p = kw$p.value)), "fx14_logistic_spline.json")
