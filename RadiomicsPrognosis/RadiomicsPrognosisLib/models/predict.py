"""What a model says of rows: score, group, linear predictor, survival or probability, computed here and nowhere else.

A single case is one row. Sums are correctly rounded and everything else is elementwise, so that a row gives the same
bits alone and among others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelMismatch
from ..statistics.arrays import Floats, Integers, Mask
from .averaging import RowAlternative, averaged, completed, unknown_rows
from .model import Model
from .scaling import MINIMUM_CASES, Scaling, moments_of
from .signature import Signature

#: Contributions beyond this leave no room for their sum.
_LARGEST = 1e300


@dataclass(frozen=True, eq=False, kw_only=True)
class RowPredictions:
    """What ``model`` says of n rows, NaN where a value is missing.

    ``contributions`` (n, terms) are coefficient x ``values`` (n, terms), which are z-scores where the signature is
    standardised. ``scores`` (n, k) are those of the model's k signatures, ``score`` (n,) that of the one: of several it
    is their share of the linear predictor, to which the contributions add up, and NaN of none. ``linear_predictor``
    (n,) is uncentred. A row with a covariate
    that is not known yet has no linear predictor: ``alternatives`` hold those of its levels, and the outcome is their
    mean; they are empty where no row has one. ``covariates`` (n,) by name are those the predictor needs.
    """

    model: Model
    values: Floats
    contributions: Floats
    scores: Floats
    score: Floats
    linear_predictor: Floats
    covariates: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    alternatives: tuple[RowAlternative, ...] = ()

    def rows(self, which: Mask | Integers) -> RowPredictions:
        """Return the predictions of some rows (mask or numbers)."""
        return replace(self, values=self.values[which], contributions=self.contributions[which],
                       scores=self.scores[which], score=self.score[which],
                       linear_predictor=self.linear_predictor[which],
                       covariates={name: values[which] for name, values in self.covariates.items()},
                       alternatives=tuple(item.rows(which) for item in self.alternatives))

    def without(self, which: Mask) -> RowPredictions:
        """Return the predictions with neither score nor what follows from it in some rows (mask)."""
        return replace(self, scores=np.where(which[:, None], np.nan, self.scores),
                       score=np.where(which, np.nan, self.score),
                       linear_predictor=np.where(which, np.nan, self.linear_predictor),
                       alternatives=tuple(item.without(which) for item in self.alternatives))

    @property
    def split_by(self) -> Floats:
        """What the cut-off is on (n,): the linear predictor if it says so, else the score."""
        return self.score if self.model.cutoff is self.model.score_cutoff else self.linear_predictor

    @property
    def above(self) -> Mask | None:
        """The mask (n,) of rows in the upper group, None without a cut-off; a row without value is not in it."""
        return None if self.model.cutoff is None else self.model.cutoff.is_above(self.split_by)

    def outcome(self, months: ArrayLike) -> Floats | None:
        """Return the survival (n, months) at ``months``, or the probability (n,); None of a model that ends in a score.

        That of a row with a covariate that is not known yet is the mean over the patients in the covariate's mix.
        """
        predictor = self.model.predictor
        if predictor is None:
            return None
        if not self.alternatives:
            return predictor.predict(self.linear_predictor, months)
        return averaged([predictor.predict(item.linear_predictor, months) for item in self.alternatives],
                        [item.weight for item in self.alternatives])

    @property
    def has_outcome(self) -> Mask:
        """The mask (n,) of rows with survival or probability: nothing that the model's predictor needs is missing."""
        predictors = [item.linear_predictor for item in self.alternatives] or [self.linear_predictor]
        known: Mask = np.logical_and.reduce(np.isfinite(predictors))
        return known


def predict_rows(model: Model, features: Floats, covariates: Mapping[str, NDArray[Any]],
                 scaling: Scaling | None = None) -> RowPredictions:
    """Return what ``model`` says of n rows.

    Parameters
    ----------
    features: raw values (n, terms) in the order of the model's terms, NaN where missing.
    covariates: values (n,) by name: numbers (NaN: missing), or labels (None: missing) of categorical ones; ``UNKNOWN``
        in an array of objects where a covariate that has a mix is not known yet.
    scaling: means and SDs of the features, of a model that z-scores them.

    Raises ModelMismatch for a model that z-scores its features when there is no scaling.
    """
    if model.needs_scaling:
        if scaling is None:
            raise ModelMismatch(needs_scaling(model))
        means, sds = moments_of(scaling, model.term_keys)
        features = (features - means) / sds
    contributions, scores, score = _scores(model, features)
    absent = {item.name: np.full(len(score), None if item.is_categorical else np.nan)
              for item in model.covariates_used() if item.name not in covariates}
    columns = {**absent, **covariates}
    entered = {item.id: item.entered(column) for item, column in zip(model.scores, scores.T, strict=True)}
    linear_predictor, alternatives = _linear_predictors(model, entered, columns, len(score))
    return RowPredictions(model=model, values=features, contributions=contributions, scores=scores, score=score,
                          linear_predictor=linear_predictor, covariates=columns, alternatives=alternatives)


def _scores(model: Model, features: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (contributions (n, terms) to the score, scores (n, signatures), score (n,)) of the model's signatures."""
    starts = np.cumsum([len(item.terms) for item in model.scores])[:-1]
    sums = [weighted_sum(signature, values)
            for signature, values in zip(model.scores, np.split(features, starts, axis=1), strict=bool(model.scores))]
    if not sums:
        return features, np.empty((len(features), 0)), np.full(len(features), np.nan)
    scores = np.column_stack([score for _, score in sums])
    if len(sums) == 1:
        return sums[0][0], scores, sums[0][1]
    weights = model.score_weights
    shares = np.hstack([weight * contributions for weight, (contributions, _) in zip(weights, sums, strict=True)])
    score = np.full(len(features), np.nan)
    usable = np.isfinite(scores).all(axis=1)
    score[usable] = [math.fsum(row) for row in (scores * weights)[usable].tolist()]
    return shares, scores, score


def _linear_predictors(model: Model, entered: Mapping[str, Floats], covariates: Mapping[str, NDArray[Any]],
                       rows: int) -> tuple[Floats, tuple[RowAlternative, ...]]:
    """Return the linear predictors (n,), NaN where one is missing or not known yet, and the alternatives of the rows
    that do not know one; ``entered`` (n,) is what each signature enters as, by its id."""
    predictor, used = model.predictor, model.covariates_used()
    if predictor is None:
        return np.full(rows, np.nan), ()
    variants = completed(used, covariates)
    if not variants:
        return predictor.linear_predictor({**covariates, **entered}), ()
    alternatives = tuple(RowAlternative(**vars(item), linear_predictor=predictor.linear_predictor(
        {**item.covariates, **entered})) for item in variants)
    awaiting = np.any([unknown_rows(item, covariates[item.name]) for item in used], axis=0)
    return np.where(awaiting, np.nan, alternatives[0].linear_predictor), alternatives


def weighted_sum(signature: Signature, values: Floats) -> tuple[Floats, Floats]:
    """Return (contributions (n, terms), score (n,)) of ``values`` (n, terms), z-scored where the signature is.

    The score is NaN for a row that misses a value or leaves double precision, and of a signature without terms.
    """
    contributions = values * np.array([term.coefficient for term in signature.terms])
    score = np.full(len(values), np.nan)
    usable = (np.abs(contributions) < _LARGEST).all(axis=1) & bool(signature.terms)
    score[usable] = [math.fsum([signature.intercept, *row]) for row in contributions[usable].tolist()]
    return contributions, score


def needs_scaling(model: Model) -> str:
    """Return why a model that z-scores its features gives no score without a scaling, and what to do."""
    return (f"{model.score_name} of model '{model.id}' is a sum of z-scored features and needs their means and "
            f"SDs: choose a scaling, or fit one from at least {MINIMUM_CASES} cases of your own.")
