# Fixture 13: the upper part of the paths of fx01 and fx02 with convergence thresholds near rounding, where the result no longer
# depends on them: at those of fx01 and fx02 ("tight") R is off by 1e-5, for the collinear columns of wpbc by 7e-5.
# Run in this folder, after fx01_coxnet.R has written the tables: Rscript fx13_penalised_tight.R
source("_common.R"); suppressMessages(library(glmnet))
one <- function(name,family,thresh,ratio,...){
  d <- read.csv(paste0("fx_",name,".csv")); X <- as.matrix(d[,-(1:3)])
  y <- if(family=="cox") Surv(d$time,d$status) else d$status
  cv <- cv.glmnet(X,y,family=family,foldid=d$foldid,thresh=thresh,maxit=1e9,nlambda=30,lambda.min.ratio=ratio,...)
  b <- as.matrix(cv$glmnet.fit$beta); n <- length(cv$lambda)
  list(name=name,family=family,thresh=thresh,lambda_min_ratio=ratio,n_lambdas=30,lambda=cv$lambda,nulldev=cv$glmnet.fit$nulldev,
    dev_ratio=cv$glmnet.fit$dev.ratio,df=cv$glmnet.fit$df,cvm=cv$cvm,cvsd=cv$cvsd,index_min=cv$index["min",1],
    index_1se=cv$index["1se",1],intercept=unname(if(family=="cox") rep(0,n) else cv$glmnet.fit$a0),
    coef=lapply(c(min=cv$index["min",1],last=n),function(j) as.list(b[b[,j]!=0,j])))
}
out(list(versions=versions("glmnet","survival"),fits=list(
  wpbc_cox=one("wpbc","cox",1e-15,0.1),
  wpbc_cox_ungrouped=one("wpbc","cox",1e-15,0.1,grouped=FALSE),
  vdv150_cox=one("vdv150","cox",1e-15,0.3),
  vdv150_cox_ungrouped=one("vdv150","cox",1e-15,0.3,grouped=FALSE),
  wpbc_logistic=one("wpbc","binomial",1e-18,0.1),
  wpbc_logistic_ungrouped=one("wpbc","binomial",1e-18,0.1,grouped=FALSE),
  vdv150_logistic=one("vdv150","binomial",1e-18,0.3))),"fx13_penalised_tight.json")
