"""Do recipes find what R finds? S1's selection on simulated cohorts against cv.glmnet on the same folds, 20 seeds.

155 training and 66 validation rows, 851 correlated features of which 17 act on the hazard, about 31 % censored with a
median near 14 months as in study S1. R: cv.glmnet on the z-scored training rows at lambda.min, by default and with its
path converged to rounding (thresh 1e-14), and survival::concordance in the validation rows. Then the same without
signal, ours alone. Usage: recipe_truth.py [seeds] [fixture.json to write]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python"))

from lasso_cox import INSTALL, has_r
from study_cases import truth_cohort, truth_recipe

from RadiomicsPrognosisLib.study.run import run_study

R_SCRIPT = """
suppressMessages({library(glmnet); library(survival); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
d <- read.csv(file.path(folder, "outcome.csv")); n <- nrow(d); train <- d$cohort == "training"
x <- matrix(readBin(file.path(folder, "x"), "double", n * 851), n)
x <- scale(x, colMeans(x[train, ]), apply(x[train, ], 2, sd))
y <- Surv(d$time, d$event)
cv <- cv.glmnet(x[train, ], y[train], family = "cox", foldid = d$fold[train])
at <- cv$index["min", 1]
tight <- glmnet(x[train, ], y[train], family = "cox", lambda = cv$lambda[seq_len(at)], thresh = 1e-14, maxit = 1e9)
of <- function(beta) {
  score <- as.vector(x %*% beta)
  list(selected = which(beta != 0), c = if (any(beta != 0)) unname(concordance(y[!train] ~ score[!train],
    reverse = TRUE)$concordance) else NULL)
}
write_json(list(index = unname(at), default = of(as.vector(coef(cv, s = "lambda.min"))), tight = of(tight$beta[, at])),
  "/dev/stdout", digits = I(15), auto_unbox = TRUE, null = "null")
"""


def run_r(table: pd.DataFrame, features: list[str]) -> dict[str, Any]:
    """Return what R selects (column numbers from 1) and its validation C-index."""
    with tempfile.TemporaryDirectory() as folder:
        table[["time", "event", "fold", "cohort"]].to_csv(Path(folder) / "outcome.csv", index=False)
        np.asfortranarray(table[features].to_numpy()).ravel("F").tofile(Path(folder) / "x")
        done = subprocess.run(["Rscript", "-e", R_SCRIPT, folder], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def run_ours(table: pd.DataFrame) -> tuple[list[str], int, float | None]:
    """Return the features S1's recipe selects, the number (from 1) of lambda.min, and the validation C-index."""
    study = run_study(truth_recipe(), table).result
    signature, model = study.signatures[0], study.models[0]
    c = next((item.survival.concordance.c for item in model.cohorts if item.cohort == "validation"), None)
    return [term.feature for term in signature.terms], signature.penalised.index_min + 1, c


def main(seeds: int, fixture: Path | None) -> int:
    """Print the agreement seed by seed and what comes out without signal."""
    if not has_r():
        print(f"R with glmnet, survival and jsonlite is needed for the comparison: {INSTALL}")
        return 2
    cases = []
    for seed in range(1, seeds + 1):
        table, features = truth_cohort(seed)
        selected, index, c = run_ours(table)
        theirs = run_r(table, features)
        names = {key: [features[int(j) - 1] for j in np.atleast_1d(theirs[key]["selected"])]
                 for key in ("default", "tight")}
        differing = {key: len(set(selected) ^ set(names[key])) for key in names}
        r_c, tight_c = theirs["default"]["c"], theirs["tight"]["c"]
        shown = ", ".join("none" if value is None else f"{value:.4f}" for value in (c, r_c, tight_c))
        print(f"seed {seed:2}: {len(selected):2} features; apart from R by default {differing['default']}, tight "
              f"{differing['tight']}; lambda {index}/{theirs['index']}; C ours, R, R tight: {shown}", flush=True)
        cases.append({"seed": seed, "checksum": float(table[features].to_numpy().sum()), "index": theirs["index"],
                      "selected": names["default"], "selected_tight": names["tight"], "c": r_c, "c_tight": tight_c,
                      "ours": {"selected": selected, "c": c}})
    chance = [run_ours(truth_cohort(seed, signal=0.0)[0])[2] for seed in range(1, seeds + 1)]
    some = np.array([c for c in chance if c is not None])
    print(f"without signal: {seeds - len(some)} of {seeds} cohorts select nothing; C-index of the others "
          f"{some.mean():.3f} +- {some.std(ddof=1):.3f} (standard error {some.std(ddof=1) / len(some) ** 0.5:.3f})")
    if fixture is not None:
        fixture.write_text(json.dumps({"cases": cases, "without_signal": chance}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20,
                          Path(sys.argv[2]) if len(sys.argv) > 2 else None))
