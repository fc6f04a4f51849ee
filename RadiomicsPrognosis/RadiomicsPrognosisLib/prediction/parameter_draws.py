"""Monte Carlo draws of what a model and a scaling estimated: coefficients, baseline hazard, means and SDs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ..models.model import Model
from ..models.predictors import Baseline
from ..models.published_tables import Reconstruction
from ..models.reconstruction import coefficients, factor_mixture
from ..models.scaling import Scaling, moments_of, training_scaling_name
from ..models.uncertainty import CoefficientUncertainty, PatientsBehind, StoredCovariance
from ..statistics.arrays import Floats
from ..statistics.draws import DRAWS, betas, bootstrap_moments, combined, correlated, normals, relative_sds
from ..statistics.normal import normal_quantile

#: Streams of random numbers, one for each source of uncertainty.
_COEFFICIENTS, _BASELINE, _MEANS, _SDS = 1, 2, 3, 4

#: Gauss-Hermite nodes of a published mix for each draw; 12 agree with 64 to 1e-6 for the model shipped.
_NODES = 12

#: A drawn survival stays this far from 0 and 1, whose hazards have no logarithm.
_LEAST = 1e-9

#: Newton steps on log(-log survival), which is nearly straight in the log hazard; the fourth changes less than 1e-9.
_STEPS = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelDraws:
    """Draws of a model's parameters as deviations from their estimates.

    ``coefficients`` (DRAWS,) by name as in a stored covariance; ``log_ratios`` (k, DRAWS) of the drawn baseline hazard
    to the model's at ``months`` (k,), both empty where it does not vary.
    """

    coefficients: dict[str, Floats] = field(default_factory=dict)
    months: Floats = field(default_factory=lambda: np.zeros(0))
    log_ratios: Floats = field(default_factory=lambda: np.zeros((0, DRAWS)))

    def log_hazard(self, baseline: Baseline, months: ArrayLike) -> Floats:
        """Return draws (m, DRAWS) of the log of the baseline cumulative hazard at ``months`` (m,), -inf where it is 0.
        """
        with np.errstate(divide="ignore"):
            estimate = np.log(baseline.at(months))[:, None]
        drawn: Floats = estimate + self.log_ratio(months)
        return drawn

    def log_ratio(self, months: ArrayLike) -> Floats:
        """Return draws (m, DRAWS) of the log ratio of the baseline hazard to its estimate at ``months`` (m,).

        Between the months of the draws it is linear, outside it stays; it is 0 where the baseline does not vary.
        """
        if not len(self.months):
            return np.zeros((np.size(months), DRAWS))
        place = np.interp(np.asarray(months, float), self.months, np.arange(len(self.months)))
        below = np.minimum(place.astype(int), len(self.months) - 1)
        above = np.minimum(below + 1, len(self.months) - 1)
        share = (place - below)[:, None]
        ratio: Floats = (1.0 - share) * self.log_ratios[below] + share * self.log_ratios[above]
        return ratio


@dataclass(frozen=True, eq=False, kw_only=True)
class ScalingDraws:
    """Draws of what becomes of z-scores when a scaling's means and SDs are those of other cases: z x factor - shift.

    ``factors`` and ``shifts`` are (terms, DRAWS).
    """

    factors: Floats
    shifts: Floats


def model_draws(model: Model) -> ModelDraws | None:
    """Return draws of the model's parameters, None of a model whose file does not say how uncertain they are."""
    uncertainty = model.uncertainty
    if uncertainty is None or model.predictor is None or uncertainty.reason:
        return None
    if uncertainty.covariance is not None:
        return _from_covariance(uncertainty.covariance)
    drawn = _from_ratios(uncertainty)
    if uncertainty.survival_of is None or model.survival is None or model.survival.reconstruction is None:
        return ModelDraws(coefficients=drawn)
    tables = model.survival.reconstruction
    months = np.array(sorted(float(month) for month in tables.survival_at_months))
    ratios = _solved(tables, months, drawn, _survival_draws(tables, months, uncertainty.survival_of))
    return ModelDraws(coefficients=drawn, months=months, log_ratios=ratios)


def _from_ratios(uncertainty: CoefficientUncertainty) -> dict[str, Floats]:
    """Return normal draws of the log ratios about their estimates, their SE the width of the interval by that of a
    normal's: (log upper - log lower) / (2 z) (Altman & Bland, BMJ 2011;343:d2090)."""
    width = 2.0 * normal_quantile(uncertainty.confidence)
    drawn = normals(_COEFFICIENTS, len(uncertainty.ratios))
    return {name: (math.log(item.upper) - math.log(item.lower)) / width * row
            for (name, item), row in zip(uncertainty.ratios.items(), drawn, strict=True)}


def _survival_draws(tables: Reconstruction, months: Floats, patients: PatientsBehind) -> Floats:
    """Return draws (k, DRAWS) of the published survival at ``months`` (k,).

    From month to month the share that survives is a beta with the patients then at risk behind it (Hjort, Ann Stat
    1990;18:1259; its variance is Greenwood's). Where they were not published, they are the patients that the survival
    leaves of all, or of as many as the events allow.
    """
    survival = np.array([share for _, share in sorted((float(m), s) for m, s in tables.survival_at_months.items())])
    before = np.concatenate([[1.0], survival[:-1]])
    counted = {float(month): number for month, number in patients.at_risk.items()}
    effective = min(float(patients.patients), patients.events / max(1.0 - float(survival[-1]), 1e-9))
    starts = [0.0, *months[:-1].tolist()]
    at_risk = np.array([counted.get(start, effective * share) for start, share in zip(starts, before, strict=True)])
    kept = survival / before
    drawn: Floats = np.multiply.accumulate(betas(_BASELINE, at_risk * kept, at_risk * (1.0 - kept)))
    return drawn.clip(_LEAST, 1.0 - _LEAST)


def _solved(tables: Reconstruction, months: Floats, drawn: dict[str, Floats], survival: Floats) -> Floats:
    """Return log ratios (k, DRAWS) of the baseline hazards that reproduce drawn ``survival`` (k, DRAWS) with drawn
    coefficients, to those that reproduce the published one: each is solved as the model's own was."""
    beta = coefficients(tables)
    values, weights = factor_mixture(tables, _NODES)
    factors = np.array([values[name] for name in beta]).T
    at_estimate = combined(factors, np.array([[value] for value in beta.values()]))
    relative = np.exp(at_estimate + combined(factors, np.array([drawn[name] for name in beta])))
    rows = []
    for month, shares in zip(months.tolist(), survival, strict=True):
        published = next(share for text, share in tables.survival_at_months.items() if float(text) == month)
        estimate = _log_hazard(np.exp(at_estimate), weights, np.array([published]))
        rows.append(_log_hazard(relative, weights, shares) - estimate)
    return np.array(rows)


def _log_hazard(relative: Floats, weights: Floats, survival: Floats) -> Floats:
    """Return log H (m,) with sum of weights x exp(-H x relative (n, m)) = survival (m,), by Newton's method."""
    target = np.log(-np.log(survival))
    log_hazard: Floats = target - np.log(combined(weights[None, :], relative)[0])
    for _ in range(_STEPS):
        hazards = np.exp(log_hazard) * relative
        shares = np.exp(-hazards)
        mean = combined(weights[None, :], shares)[0]
        falling = combined(weights[None, :], hazards * shares)[0]
        # d log(-log mean) / d log H = -falling / (mean log mean)
        log_hazard = log_hazard + (target - np.log(-np.log(mean))) * -(mean * np.log(mean)) / falling
    return log_hazard


def _from_covariance(stored: StoredCovariance) -> ModelDraws:
    """Return draws of a fitted model: coefficients with their covariance, and the baseline hazard that goes with them.

    At first order log H0(t) moves by -centre(t)' x the coefficients' deviation, and by an error of its own (Tsiatis,
    Ann Stat 1981;9:93; R's survfit.coxph).
    """
    drawn = correlated(_COEFFICIENTS, stored.matrix)
    own = normals(_BASELINE, 1)
    ratios = [math.sqrt(point.variance) * own[0] - combined(np.array([point.centre]), drawn)[0]
              for point in stored.baseline]
    return ModelDraws(coefficients=dict(zip(stored.names, drawn, strict=True)),
                      months=np.array([point.months for point in stored.baseline]),
                      log_ratios=np.array(ratios).reshape(-1, DRAWS))


def varies(model: Model, scaling: Scaling | None) -> bool:
    """Tell whether a scaling adds uncertainty: not the moments of the model's own training cases, which the fit had."""
    return scaling is not None and model.needs_scaling and scaling.name != training_scaling_name(model.id)


def scaling_draws(scaling: Scaling, model: Model) -> ScalingDraws:
    """Return draws of a scaling's moments, from its per-case values where it has them, else from its number of cases.

    Values are resampled by the Bayesian bootstrap (Rubin, Ann Stat 1981;9:130), whose weighted variances are enlarged
    to n - 1's. Of n normal values the true z-score is z x sqrt(chi2(n - 1) / (n - 1)) + N(0, 1 / n), given their mean
    and SD (Gelman et al., Bayesian Data Analysis, 3.2); features are then drawn one by one. A feature of two signatures
    is the same in both.
    """
    keys = list(dict.fromkeys(model.term_keys))
    terms = [keys.index(key) for key in model.term_keys]
    if not scaling.values:
        return ScalingDraws(factors=relative_sds(_SDS, len(keys), scaling.cases)[terms],
                            shifts=(normals(_MEANS, len(keys)) / math.sqrt(scaling.cases))[terms])
    means, sds = moments_of(scaling, keys)
    z = (np.array([scaling.values[key] for key in keys]) - means[:, None]) / sds[:, None]
    centres, variances = bootstrap_moments(_MEANS, z)
    factors = 1.0 / np.sqrt(variances)
    return ScalingDraws(factors=factors[terms], shifts=(centres * factors)[terms])
