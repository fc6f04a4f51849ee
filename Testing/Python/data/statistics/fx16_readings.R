# Fixture 16: agreement of repeated readings. irr: icc (oneway / twoway, consistency / agreement, single / average) of
# several designs, kappa2 and kappam.fleiss with z; vcd: standard error of Cohen's kappa; irrCAC: that of Fleiss' kappa;
# blandr: limits of agreement with intervals, also of the peak flow readings printed by Bland & Altman 1986; base R: the
# exact intervals of the limits (non-central t) and the one-way analysis of variance behind repeatability.
# blandr 0.6.0 is sourced from its package's folder BLANDR, as it imports packages for panels that are not needed here.
source("_common.R"); suppressMessages({library(irr); library(vcd); library(irrCAC)})
for (f in c("data.preparation", "statistics")) source(file.path(Sys.getenv("BLANDR"), "R", paste0("blandr.", f, ".r")))
set.seed(16)
forms <- list(c("oneway","consistency","single"),c("twoway","agreement","single"),c("twoway","consistency","single"),
  c("oneway","consistency","average"),c("twoway","agreement","average"),c("twoway","consistency","average"))
six <- function(M) lapply(forms, function(f) { r <- icc(M, model=f[1], type=f[2], unit=f[3])
  list(icc=r$value, F=r$Fvalue, df1=r$df1, df2=r$df2, p=r$p.value, lo=r$lbound, hi=r$ubound, agreement=f[2]=="agreement") })
truth <- rnorm(12)
designs <- list(two=round(truth+.3*matrix(rnorm(24),12),6), three=round(truth+.5*matrix(rnorm(36),12),6),
  shifted=round(outer(truth,c(0,.4,1.1),"+")+.2*matrix(rnorm(36),12),6), four_few=round(3+matrix(rnorm(20),5),6),
  contrary=round(cbind(truth,-.6*truth)+.1*matrix(rnorm(24),12),6))
iccs <- lapply(designs, function(M) list(readings=M, forms=six(M)))

ratings <- list(binary=replicate(2, sample(c("low","high"),25,TRUE,c(.6,.4))),
  close={ a <- sample(c("low","high"),40,TRUE,c(.7,.3)); b <- a; b[c(3,9,22,31)] <- rev(b[c(3,9,22,31)]); cbind(a,b) },
  three_levels={ a <- sample(c("a","b","c"),30,TRUE); b <- ifelse(runif(30)<.7,a,sample(c("a","b","c"),30,TRUE)); cbind(a,b) },
  three_readers={ a <- sample(c("low","high"),24,TRUE); sapply(1:3, function(i) ifelse(runif(24)<.8,a,ifelse(a=="low","high","low"))) },
  four_levels={ a <- sample(letters[1:4],30,TRUE); sapply(1:5, function(i) ifelse(runif(30)<.6,a,sample(letters[1:4],30,TRUE))) })
cohen <- function(M) { k <- kappa2(M); lev <- sort(unique(c(M))); v <- Kappa(table(factor(M[,1],lev),factor(M[,2],lev)))
  ci <- confint(v); list(kappa=k$value, z=k$statistic, p=k$p.value, se=unname(v$Unweighted["ASE"]), lo=ci[1,1], hi=ci[1,2]) }
fleiss <- function(M) { k <- kappam.fleiss(M); g <- fleiss.kappa.raw(as.data.frame(M))$est
  list(kappa=k$value, z=k$statistic, p=k$p.value, observed=g$pa, expected=g$pe, se_rounded=g$coeff.se) }
kappas <- lapply(ratings, function(M) c(list(readings=unname(M)), if (ncol(M)==2) cohen(M), list(fleiss=fleiss(M))))

pefr <- list(wright1=c(494,395,516,434,476,557,413,442,650,433,417,656,267,478,178,423,427),
  mini1=c(512,430,520,428,500,600,364,380,658,445,432,626,260,477,259,350,451),
  wright2=c(490,397,512,401,470,611,415,431,638,429,420,633,275,492,165,372,421),
  mini2=c(525,415,508,444,500,625,460,390,642,432,420,605,227,467,268,370,443))
limits <- function(a, b) { r <- blandr.statistics(b, a); d <- b-a; n <- length(d); m <- (a+b)/2; s <- summary(lm(d ~ m))
  k <- qt(c(.025,.975), n-1, qnorm(.975)*sqrt(n))/sqrt(n)
  list(first=a, second=b, n=n, bias=r$bias, sd=r$biasStdDev, lower=r$lowerLOA, upper=r$upperLOA,
    bias_ci=c(r$biasLowerCI,r$biasUpperCI), lower_ci=c(r$lowerLOA_lowerCI,r$lowerLOA_upperCI),
    upper_ci=c(r$upperLOA_lowerCI,r$upperLOA_upperCI), exact_factors=k, slope=s$coefficients[2,1], slope_p=s$coefficients[2,4]) }
within <- function(M) { v <- data.frame(y=c(M), case=factor(rep(seq_len(nrow(M)),ncol(M)))); a <- anova(lm(y ~ case, v))
  df <- a$Df[2]; ms <- a$`Mean Sq`[2]; list(within_sd=sqrt(ms), ci=sqrt(ms*df/qchisq(c(.975,.025),df))) }
out(list(versions=c(versions("irr","vcd","irrCAC"),blandr="0.6.0"), icc=iccs, kappa=kappas,
  limits=list(pefr=limits(pefr$mini1,pefr$wright1), two=limits(designs$two[,1],designs$two[,2]), small=limits(c(1,4,2.5),c(1.2,3.1,2.9))),
  repeatability=list(wright=c(list(readings=cbind(pefr$wright1,pefr$wright2)),within(cbind(pefr$wright1,pefr$wright2))),
    mini=c(list(readings=cbind(pefr$mini1,pefr$mini2)),within(cbind(pefr$mini1,pefr$mini2))),
    three=c(list(readings=designs$three),within(designs$three)))),"fx16_readings.json")
