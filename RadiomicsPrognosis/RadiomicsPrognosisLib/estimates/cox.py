"""Cox models as reported."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from numpy.typing import ArrayLike

from ..statistics import cox as kernel
from ..statistics.arrays import Floats
from ..statistics.chi_squared import ChiSquared
from ..statistics.cox import CoxModel
from ..statistics.inputs import table
from ..statistics.newton import bounded_exp
from .contained import contained
from .remembered import remembered

#: ``precision`` bounds half the squared Newton step in standard errors: 1e-23 leaves coefficients within 1e-11 of them.
#: ``r_precision`` 0 turns off the stop at a small change of the log-likelihood, which comes first and leaves 1e-5.
TIGHT = {"precision": 1e-23, "r_precision": 0.0, "step_size": 1.0, "max_steps": 100}


def fit_cox(time: ArrayLike, event: ArrayLike, x: ArrayLike, names: Sequence[str] | None = None, ties: str = "efron",
            confidence: float = 0.95, clusters: ArrayLike | None = None) -> CoxModel:
    """Return the Cox model of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on ``x`` (n, p), equal to R's coxph.

    Coefficients, covariance, standard errors, z, p, hazard ratios with intervals, log-likelihood, AIC and the
    likelihood ratio test are lifelines'. The kernel's are what it does not have (the null log-likelihood, BIC, Wald's
    and the score test) and the baseline hazard, which lifelines computes by Breslow's formula under a fit by Efron's.
    So is the whole model with Breslow's ties, which it does not have, of rows in ``clusters`` (n,), and where it does
    not converge though there is a maximum (coefficients beyond some 20 per SD). Raises what statistics.cox.fit_cox
    raises.
    """
    model = kernel.fit_cox(time, event, x, names, ties, confidence, clusters)
    reported = ties == "efron" and model.clusters is None
    fitted = _fitted(time, event, table(x)[0], confidence) if reported else None
    return model if fitted is None else _reported(model, fitted)


@remembered
def _fitted(time: Floats, event: Floats, x: Floats, confidence: float) -> CoxPHFitter | None:
    """Return lifelines' fit, None when it does not converge."""
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])
    frame["time"], frame["event"] = time, event
    fitter = CoxPHFitter(alpha=1.0 - confidence)
    with contained() as given:
        try:
            fitter.fit(frame, "time", "event", fit_options=TIGHT)
        except (ConvergenceError, np.linalg.LinAlgError):
            return None
    return None if any(issubclass(item.category, ConvergenceWarning) for item in given) else fitter


def _reported(model: CoxModel, fitted: CoxPHFitter) -> CoxModel:
    """Return the kernel's ``model`` with all that lifelines has in its place."""
    with contained():
        summary, test = fitted.summary, fitted.log_likelihood_ratio_test()
    coefficients, loglik = fitted.params_.to_numpy(float), float(fitted.log_likelihood_)
    bounds = fitted.confidence_intervals_.to_numpy(float)
    p = len(coefficients)
    return replace(
        model, coefficients=coefficients, se=summary["se(coef)"].to_numpy(float), z=summary["z"].to_numpy(float),
        p=summary["p"].to_numpy(float), hazard_ratios=bounded_exp(coefficients), lower=bounded_exp(bounds[:, 0]),
        upper=bounded_exp(bounds[:, 1]), covariance=fitted.variance_matrix_.to_numpy(float),
        center=float(model.means @ coefficients), loglik=loglik, aic=float(fitted.AIC_partial_),
        bic=p * math.log(model.events) - 2.0 * loglik,
        likelihood_ratio=ChiSquared(max(float(test.test_statistic), 0.0), p, float(test.p_value)))
