"""Cross-validated LASSO-Cox against R's cv.glmnet on one simulated radiomics table with the same folds.

155 rows and 851 columns in correlated families on scales over ten decades, a constant and a duplicate column, tied
months; 100 lambdas, 10 folds. R's time is taken inside R (system.time), without start-up or reading; ours and R's runs
follow each other, and the fastest of each counts. Usage: lasso_cox.py [repeats]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from RadiomicsPrognosisLib.statistics.penalised import CrossValidation, cross_validate

INSTALL = "apt-get install --no-install-recommends r-base-core r-cran-glmnet r-cran-survival r-cran-jsonlite"

R_SCRIPT = """
suppressMessages({library(glmnet); library(survival); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
x <- matrix(readBin(file.path(folder, "x"), "double", 155 * 851), 155); d <- read.csv(file.path(folder, "outcome.csv"))
y <- Surv(d$time, d$event)
time <- system.time(cv <- cv.glmnet(x, y, family = "cox", foldid = d$fold))
to_min <- seq_len(cv$index["min", 1])
tight <- glmnet(x, y, family = "cox", lambda = cv$lambda[to_min], thresh = 1e-14, maxit = 1e9)
write_json(list(seconds = time[["elapsed"]], R = R.version.string, glmnet = as.character(packageVersion("glmnet")),
  cvm = cv$cvm, index = as.vector(cv$index), coef_min = as.vector(coef(cv, s = "lambda.min")),
  coef_min_tight = as.vector(tight$beta[, max(to_min)])), "/dev/stdout", digits = I(15), auto_unbox = TRUE)
"""


def simulate(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return columns (155, 851), months, events and fold ids; 17 columns act on the hazard."""
    generator, n, p, families = np.random.default_rng(seed), 155, 851, 37
    common = generator.standard_normal((n, families))[:, generator.integers(0, families, p)]
    shared = generator.uniform(0.5, 0.98, p)
    z = np.sqrt(shared) * common + np.sqrt(1.0 - shared) * generator.standard_normal((n, p))
    risk = z[:, generator.choice(p, 17, replace=False)] @ generator.normal(0.0, 0.35, 17)
    failure, censoring = generator.exponential(14.0 * np.exp(-risk)), generator.exponential(30.0, n)
    x = z * 10.0 ** generator.uniform(-5.0, 5.0, p)
    x[:, 5], x[:, 9] = 3.14, x[:, 7]
    return x, np.ceil(np.minimum(failure, censoring)), failure <= censoring, generator.permutation(n) % 10 + 1


def run_r(folder: Path) -> dict:
    """Return what R found, with its own seconds; ``coef_min_tight`` is converged to rounding."""
    command = ["Rscript", "-e", R_SCRIPT, str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def has_r() -> bool:
    """Return whether R and its packages are there."""
    wanted = "for (p in c('glmnet', 'survival', 'jsonlite')) loadNamespace(p)"
    return bool(shutil.which("Rscript")) and subprocess.call(["Rscript", "-e", wanted], stderr=subprocess.DEVNULL) == 0


def agreement(ours: CrossValidation, theirs: dict, sds: np.ndarray) -> str:
    """Return in words how far both are apart, coefficients on the standardised scale."""
    mine, to_min = [ours.index_min + 1, ours.index_1se + 1], theirs["index"][0]
    curve = np.abs(ours.cvm[:to_min] / np.array(theirs["cvm"])[:to_min] - 1.0).max()
    default, tight = (np.abs(ours.coefficients("min") - np.array(theirs[key])) * sds
                      for key in ("coef_min", "coef_min_tight"))
    return (f"lambda.min and lambda.1se: number {mine} ours, {theirs['index']} R; "
            f"curve down to lambda.min: within {curve:.1e} (relative)\n"
            f"coefficients at lambda.min: within {default.max():.1e} of R by default (thresh 1e-7), "
            f"{tight.max():.1e} of R converged to rounding (thresh 1e-14)")


def main(repeats: int) -> int:
    """Print both times, their ratio and the agreement with R."""
    if not has_r():
        print(f"R with glmnet, survival and jsonlite is needed for the comparison: {INSTALL}")
        return 2
    x, months, event, folds = simulate()
    seconds, results = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        x.T.tofile(folder / "x")
        np.savetxt(folder / "outcome.csv", np.column_stack([months, event, folds]), delimiter=",",
                   header="time,event,fold", comments="", fmt="%d")
        for _ in range(repeats):
            start = time.perf_counter()
            ours = cross_validate("cox", x, (months, event), folds)
            seconds.append(time.perf_counter() - start)
            results.append(run_r(folder))
    theirs = [result["seconds"] for result in results]
    print(f"{results[0]['R']}, glmnet {results[0]['glmnet']}; {event.sum()} events, {len(ours.path.lambdas)} lambdas, "
          f"{repeats} runs each")
    print(f"ours {min(seconds):.2f} s ({min(seconds):.2f} - {max(seconds):.2f}), cv.glmnet {min(theirs):.2f} s "
          f"({min(theirs):.2f} - {max(theirs):.2f}): ours takes {min(seconds) / min(theirs):.2f} x R's time")
    print(f"largest violation of the optimality conditions, ours: {ours.path.kkt_residual.max():.1e}")
    print(agreement(ours, results[0], x.std(axis=0)))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
