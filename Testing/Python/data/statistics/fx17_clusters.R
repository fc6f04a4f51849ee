# Fixture 17: rows in clusters (the eyes of survival::diabetic, and survival::bladder's recurrences, whose months tie):
# coxph(cluster) with Efron's and Breslow's ties, glm with sandwich::vcovCL, concordance(cluster), survfit(cluster),
# the robust score test (log-rank), lm with vcovCL, survey's Rao-Scott first-order test. Run in this folder.
source("_common.R"); suppressMessages({library(sandwich);library(survey)})
tight <- coxph.control(eps=1e-13,toler.chol=1e-14,iter.max=50)
d <- diabetic; d$juvenile <- as.integer(d$age<20); d$laser2 <- as.integer(d$laser=="argon")
set.seed(17); keep <- sort(sample(unique(d$id),90)); d <- d[d$id %in% keep,]
d <- d[!(d$id %in% keep[1:25] & d$trt==0),]          # patients with one row beside patients with two
d$score <- round(0.9*d$risk+rnorm(nrow(d)),3); d$other <- round(0.2*d$risk+rnorm(nrow(d)),3); d$group <- as.integer(d$score>8.5)
eyes <- d[,c("id","time","status","trt","risk","age","juvenile","laser2","score","other","group")]
b <- bladder[bladder$id<=60,]; bl <- data.frame(id=b$id,time=b$stop,status=b$event,rx=b$rx,number=b$number,size=b$size)
write.csv(eyes,"fx17_eyes.csv",row.names=FALSE); write.csv(bl,"fx17_bladder.csv",row.names=FALSE)
cox <- function(f,data,ties){ m <- coxph(f,data=data,cluster=id,ties=ties,control=tight,x=TRUE,y=TRUE,model=TRUE); s <- summary(m)
  list(coef=unname(coef(m)),naive=unname(m$naive.var),robust=unname(m$var),wald=unname(m$wald.test),rscore=unname(m$rscore),
       lower=unname(s$conf.int[,3]),upper=unname(s$conf.int[,4]),p=unname(s$coefficients[,6]),
       score_residuals=unname(residuals(m,"score"))) }
g <- glm(status~trt+risk+juvenile,binomial,eyes,control=list(epsilon=1e-14,maxit=50)); v <- vcovCL(g,cluster=eyes$id)
cc <- concordance(Surv(time,status)~score,eyes,reverse=TRUE,cluster=id)
two <- concordance(coxph(Surv(time,status)~score,eyes),coxph(Surv(time,status)~other,eyes),cluster=eyes$id)
km <- survfit(Surv(time,status)~1,eyes,cluster=id); kg <- summary(km,times=c(6,24,48))
lr <- coxph(Surv(time,status)~group,eyes,cluster=id,ties="breslow"); lb <- coxph(Surv(time,status)~rx,bl,cluster=id,ties="breslow")
mean_test <- function(y,x){ m <- lm(y~factor(x)); w <- vcovCL(m,cluster=eyes$id,type="HC0"); b <- coef(m)[-1]; df <- length(b)
  F <- as.numeric(t(b)%*%solve(w[-1,-1,drop=FALSE])%*%b)/df; m0 <- length(unique(eyes$id))
  list(F=F,df=df,rest=m0-1,p=pf(F,df,m0-1,lower.tail=FALSE)) }
three <- as.integer(cut(eyes$risk,c(0,8,10,20)))
des <- svydesign(id=~id,data=eyes,weights=~1); rs <- svychisq(~status+trt,des,statistic="Chisq")
# How the cumulative hazard of a case moves with every cluster's weight, by central differences of weighted fits
# (survfit.coxph's own standard error mixes the robust covariance with a baseline of independent rows).
weighed <- function(f,data,new,at){ h <- function(w){ data$w <- w; environment(f) <- environment()
    m <- coxph(f,data=data,weights=w,control=tight); s <- survfit(m,newdata=new,se.fit=FALSE); s$cumhaz[match(at,s$time)] }
  one <- rep(1,nrow(data)); e <- 1e-4; ids <- unique(data$id)
  d <- sapply(ids,function(i){ k <- e*(data$id==i); (h(one+k)-h(one-k))/(2*e) })
  list(time=at,cumhaz=h(one),std_err=sqrt(rowSums(d^2))) }
out(list(versions=versions("survival","sandwich","survey"),
  eyes=list(efron=cox(Surv(time,status)~trt+risk+juvenile,eyes,"efron")),
  bladder=list(efron=cox(Surv(time,status)~rx+number+size,bl,"efron"),breslow=cox(Surv(time,status)~rx+number+size,bl,"breslow")),
  logistic=list(coef=unname(coef(g)),vcov=unname(v)),
  concordance=list(c=unname(cc$concordance),var=unname(cc$var)),
  compared=list(c=unname(two$concordance),vcov=unname(vcov(two))),
  km=list(times=kg$time,survival=kg$surv,se=kg$std.err,lower=kg$lower,upper=kg$upper,all_se=km$std.err,all_time=km$time),
  log_rank=list(eyes=unname(lr$rscore),bladder=unname(lb$rscore)),
  means=list(two=mean_test(eyes$score,eyes$trt),three=mean_test(eyes$score,three),ranks=mean_test(rank(eyes$score),eyes$trt)),three=three,
  baseline=list(eyes=weighed(Surv(time,status)~trt+risk,eyes,data.frame(trt=1,risk=9),c(7.07,13.8,42.33)),
    bladder=weighed(Surv(time,status)~rx+number,bl,data.frame(rx=1,number=3),c(3,12,24,30))),
  rao_scott=list(statistic=unname(rs$statistic),p=unname(rs$p.value))),"fx17_clusters.json")
