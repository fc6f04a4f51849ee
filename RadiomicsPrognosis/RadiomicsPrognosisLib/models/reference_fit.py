"""Make a model's reference from its training patients: percentiles, features together, outcomes by neighbouring scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..statistics.arrays import Floats, Integers
from ..statistics.clusters import cluster_numbers
from ..statistics.kaplan_meier import estimate_at, kaplan_meier
from ..statistics.mahalanobis import held_out_distances, joint_moments
from .predict import RowPredictions
from .reference import (
    BAND_PATIENTS,
    PERCENTILES,
    FeatureMoments,
    FeatureReference,
    Reference,
    ScoreBand,
    ScoreDistribution,
)

#: Most bands of scores; with more, neighbours differ by chance alone.
_MOST_BANDS = 10


def fitted_reference(scores: Sequence[ScoreDistribution], rows: RowPredictions, events: Floats,
                     months: Floats | None = None, clusters: ArrayLike | None = None) -> Reference:
    """Return the reference of a model with the score's distributions ``scores`` by cohort.

    ``rows`` are its training patients, each with a score; ``events`` (n,) are 0/1, and ``months`` (n,) the times of a
    time-to-event endpoint; ``clusters`` (n,) the patients of rows of which some have several. Fewer than
    :data:`BAND_PATIENTS` patients give neither percentiles nor features nor bands.
    """
    numbers = cluster_numbers(clusters, len(rows.score))
    count = None if numbers is None else int(numbers.max()) + 1
    if len(rows.score) < BAND_PATIENTS:
        return Reference(scores=tuple(scores), patients=count)
    return Reference(scores=tuple(scores), percentiles=_percentiles(rows.score), patients=count,
                     features=_features(rows, numbers), bands=_bands(rows, events, months))


def _percentiles(values: Floats) -> tuple[float, ...]:
    shares = np.linspace(0.0, 100.0, PERCENTILES)
    # Interpolation may fall by a rounding error between equal values.
    return tuple(np.maximum.accumulate(np.percentile(values, shares)).tolist())


def _features(rows: RowPredictions, patients: Integers | None) -> FeatureReference | None:
    """Return the features together, each once and without those that are the same in all patients; None where none is
    left."""
    keys = rows.model.term_keys
    once = [term for term, key in enumerate(keys) if keys.index(key) == term]
    varying = np.array([term for term in once if rows.values[:, term].std() > 0], int)
    if not len(varying):
        return None
    values = rows.values[:, varying]
    moments = joint_moments(values)
    described = zip(varying.tolist(), moments.means.tolist(), moments.sds.tolist(), strict=True)
    return FeatureReference(
        cases=len(values), shrinkage=moments.shrinkage,
        features=tuple(FeatureMoments(feature=keys[term], mean=mean, sd=sd) for term, mean, sd in described),
        correlation=tuple(moments.correlation[np.tril_indices(len(varying), -1)].tolist()),
        distances=_percentiles(held_out_distances(values, patients)))


def _bands(rows: RowPredictions, events: Floats, months: Floats | None) -> tuple[ScoreBand, ...]:
    order = np.argsort(rows.score, kind="stable")
    count = min(_MOST_BANDS, len(order) // BAND_PATIENTS)
    return tuple(_band(rows, patients, events, months) for patients in np.array_split(order, count))


def _band(rows: RowPredictions, patients: Integers, events: Floats, months: Floats | None) -> ScoreBand:
    """Return what was observed in ``patients`` (numbers of rows, by rising score)."""
    score = rows.score[patients]
    band = ScoreBand(low=float(score[0]), high=float(score[-1]), patients=len(patients),
                     events=int(events[patients].sum()))
    if months is None:
        return band
    curve = kaplan_meier(months[patients], events[patients])
    # After the last row the survival is not known, unless nobody is left.
    times = [time for time in rows.model.horizons_months if time <= curve.times[-1] or curve.survival[-1] == 0]
    survival = [estimate_at(curve, time).survival for time in times]
    return replace(band, months=tuple(times), survival=tuple(survival),
                   at_risk=tuple(curve.at_risk_at(times).astype(float).tolist()))
