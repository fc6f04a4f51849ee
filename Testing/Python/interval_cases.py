"""Models whose uncertainty is known because their cohorts are simulated, and the intervals that they give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from RadiomicsPrognosisLib.models.covariates import Covariate, Level
from RadiomicsPrognosisLib.models.fitted_uncertainty import fitted_covariance
from RadiomicsPrognosisLib.models.model import TABLE, TRAINED_HERE, Endpoint, Input, Model, Provenance, Source
from RadiomicsPrognosisLib.models.predict import RowPredictions, predict_rows
from RadiomicsPrognosisLib.models.predictors import STEP, Baseline, ProbabilityPredictor, SurvivalPredictor
from RadiomicsPrognosisLib.models.published_tables import CohortMix, Normal, Reconstruction
from RadiomicsPrognosisLib.models.reconstruction import baseline_cumulative_hazard
from RadiomicsPrognosisLib.models.signature import Signature, WeightedFeature
from RadiomicsPrognosisLib.models.uncertainty import (
    CoefficientUncertainty,
    PatientsBehind,
    RatioInterval,
    StoredCovariance,
)
from RadiomicsPrognosisLib.statistics.cox import CoxModel, fit_cox
from RadiomicsPrognosisLib.statistics.kaplan_meier import estimate_at, kaplan_meier
from RadiomicsPrognosisLib.statistics.logistic import fit_logistic

#: True log hazard ratios of score and marker, and the constant hazard a month at 0 of both.
SLOPES, HAZARD = np.array([0.8, -0.5]), 0.03

HORIZONS = (12.0, 24.0, 36.0)

MARKER = Covariate(name="marker", title="Marker", kind="ordinal", levels=(Level("none", 0.0), Level("some", 1.0),
                                                                          Level("much", 2.0)))


def simulated_cases(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (time (n,) months, event (n,), x (n, 2): score and marker) of a Cox model with SLOPES and HAZARD."""
    generator = np.random.default_rng(seed)
    x = np.column_stack([generator.normal(0.3, 0.7, n), generator.integers(0, 3, n)])
    failure = generator.exponential(1.0 / (HAZARD * np.exp(x @ SLOPES)))
    censored = generator.uniform(20.0, 80.0, n)
    return np.minimum(failure, censored), (failure <= censored).astype(float), x


def true_survival(score: np.ndarray, marker: np.ndarray) -> np.ndarray:
    """Return the true survival (n, 3) at HORIZONS."""
    rate = HAZARD * np.exp(SLOPES[0] * score + SLOPES[1] * marker)
    return np.exp(-np.outer(rate, HORIZONS))


def bare_model(kind: str = "time-to-event") -> Model:
    """Return a model whose score is its one feature, without predictor."""
    return Model(
        id="simulated", version="1", title="Simulated", population="simulated", disease="none",
        endpoint=Endpoint(name="Survival", abbreviation="OS", kind=kind, event="death"), source=Source("none"),
        provenance=Provenance(signature=TRAINED_HERE, survival=TRAINED_HERE), features_from=TABLE,
        inputs=(Input("table", "Table"),), intended_use="test", covariates=(MARKER,),
        signature=Signature(name="Score", standardised=False, terms=(WeightedFeature(feature="score",
                                                                                     coefficient=1.0),)))


def fitted_model(fit: CoxModel, stored: StoredCovariance) -> Model:
    """Return the model that a Cox regression ends in."""
    baseline = fit.baseline_at_zero()
    return replace(
        bare_model(), uncertainty=CoefficientUncertainty(covariance=stored), survival=SurvivalPredictor(
            coefficients=dict(zip(fit.terms, fit.coefficients.tolist(), strict=True)),
            horizons_months=HORIZONS, baseline_cumulative_hazard=Baseline(
                times_months=(*baseline.times.tolist(), float(baseline.times[-1]) + 100.0),
                values=(*baseline.hazard.tolist(), float(baseline.hazard[-1])), interpolation=STEP)))


def cox_model(n: int, seed: int) -> Model:
    """Return the model fitted to ``n`` simulated cases, with its covariance."""
    time, event, x = simulated_cases(n, seed)
    fit = fit_cox(time, event, x, ("score", "marker"))
    return fitted_model(fit, fitted_covariance(fit, (time, event), x))


def published_model(n: int, seed: int) -> Model:
    """Return the model that a publication about ``n`` simulated cases lets one reconstruct: hazard ratios with
    intervals, the mix of the patients, their survival and events, no baseline and no covariance."""
    time, event, x = simulated_cases(n, seed)
    fit, curve = fit_cox(time, event, x), kaplan_meier(time, event)
    names = ("score", "marker")
    ratios = dict(zip(names, zip(fit.lower.tolist(), fit.upper.tolist(), strict=True), strict=True))
    counts = {str(level): float((x[:, 1] == level).sum()) for level in range(3)}
    tables = Reconstruction(
        method="simulated", hazard_ratios=dict(zip(names, fit.hazard_ratios.tolist(), strict=True)),
        cohorts=(CohortMix(cohort="all", patients=n, counts={"marker": counts}, normals={
            "score": Normal(float(x[:, 0].mean()), float(x[:, 0].std(ddof=1)))}),),
        survival_at_months={f"{month:g}": float(share) for month, share in
                            zip(HORIZONS, [estimate_at(curve, month).survival for month in HORIZONS], strict=True)})
    hazards = baseline_cumulative_hazard(tables)
    return replace(
        bare_model(), survival=SurvivalPredictor(
            coefficients=dict(zip(names, fit.coefficients.tolist(), strict=True)), horizons_months=HORIZONS,
            reconstruction=tables, baseline_cumulative_hazard=Baseline(
                times_months=tuple(hazards), values=tuple(hazards.values()), interpolation="linear")),
        uncertainty=CoefficientUncertainty(
            ratios={name: RatioInterval(lower=low, upper=high) for name, (low, high) in ratios.items()},
            survival_of=PatientsBehind(patients=n, events=int(event.sum()), at_risk={
                f"{month:g}": float((time >= month).sum()) for month in HORIZONS[:2]})))


def logistic_model(n: int, seed: int) -> Model:
    """Return a logistic model fitted to ``n`` simulated cases with log-odds -0.4 + 0.8 score - 0.5 marker."""
    _, _, x = simulated_cases(n, seed)
    outcome = np.random.default_rng(seed + 1).uniform(size=n) < 1 / (1 + np.exp(0.4 - x @ SLOPES))
    fit = fit_logistic(outcome.astype(float), x, ("score", "marker"))
    return replace(
        bare_model("binary"), uncertainty=CoefficientUncertainty(covariance=fitted_covariance(fit, outcome, x)),
        provenance=Provenance(signature=TRAINED_HERE, probability=TRAINED_HERE),
        probability=ProbabilityPredictor(outcome="it", intercept=fit.intercept, coefficients=dict(
            zip(("score", "marker"), fit.slopes.tolist(), strict=True))))


def true_probability(score: np.ndarray, marker: np.ndarray) -> np.ndarray:
    """Return the true probabilities (n, 1) of :func:`logistic_model`."""
    return np.array([[1 / (1 + math.exp(0.4 - value))] for value in SLOPES[0] * score + SLOPES[1] * marker])


def rows_of(model: Model, score: np.ndarray, covariates: Mapping[str, np.ndarray]) -> RowPredictions:
    """Return what ``model`` says of rows with ``score`` (n,)."""
    return predict_rows(model, np.asarray(score, float)[:, None], covariates)
