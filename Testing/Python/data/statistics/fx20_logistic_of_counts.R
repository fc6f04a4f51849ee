# Fixture 20: logistic regression of a published two-way table of counts (S3's Table 1, pTNM stage by early recurrence):
# coefficients, covariance, and the AUC of the fitted probabilities. Run in this folder: Rscript fx20_logistic_of_counts.R
source("_common.R"); suppressMessages(library(pROC))
stage <- c("IB", "IIA", "IIB", "IIIA", "IIIB"); recurred <- c(7, 25, 15, 8, 46); free <- c(20, 33, 21, 4, 18)
x <- factor(rep(rep(stage, 2), c(recurred, free)), levels = stage)
y <- rep(c(1, 0), c(sum(recurred), sum(free)))
fit <- glm(y ~ x, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
r <- roc(y, fitted(fit), levels = c(0, 1), direction = "<", quiet = TRUE)
p <- predict(fit, data.frame(x = factor(stage, levels = stage)), se.fit = TRUE)
out(list(stage = stage, recurred = recurred, free = free, versions = versions("pROC"), coefficients = unname(coef(fit)),
         covariance = unname(vcov(fit)), auc = as.numeric(auc(r)), lp = unname(p$fit), se = unname(p$se.fit)),
    "fx20_logistic_of_counts.json")
