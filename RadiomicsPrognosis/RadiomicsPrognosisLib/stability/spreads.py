"""From the perturbed scores to their spread, the other group's share, and what is to blame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..models.model import Model
from ..models.predict import RowPredictions
from ..prediction import Prediction
from ..statistics.arrays import Floats
from .result import Failure, FeatureBlame, GroupStability, KindBlame, OutcomeSpread, Perturbation, Spread

#: The ends of the central 95 %.
_ENDS = (2.5, 97.5)


def spread(values: Floats, unperturbed: float) -> Spread:
    """Return the spread of at least two ``values`` (n,)."""
    lower, median, upper = np.percentile(values, (_ENDS[0], 50.0, _ENDS[1]))
    return Spread(unperturbed=unperturbed, median=float(median), lower=float(lower), upper=float(upper),
                  minimum=float(values.min()), maximum=float(values.max()), sd=float(values.std(ddof=1)))


def group_stability(prediction: Prediction, model: Model,
                    perturbations: Sequence[Perturbation]) -> GroupStability | None:
    """Return how often the group stayed, None of a model without cut-off or where the group is withheld."""
    if model.cutoff is None or prediction.group is None:
        return None
    labels, above = model.cutoff.labels, prediction.group.above
    sides = [item.above for item in perturbations if item.above is not None]
    same = sides.count(above)
    return GroupStability(label=labels[above], other=labels[not above], count=len(sides), same=same,
                          others=len(sides) - same, share_other=(len(sides) - same) / len(sides),
                          sentence=f"{labels[above]} in {same} of {len(sides)}")


def outcome_spreads(prediction: Prediction, outcomes: Floats) -> tuple[OutcomeSpread, ...]:
    """Return the spread of each column of ``outcomes`` (n, horizons): survival, or the probability as the one."""
    if prediction.survival is not None:
        horizons = prediction.survival.by_horizon()
        return tuple(OutcomeSpread(months, spread(column, share))
                     for (months, share), column in zip(horizons, outcomes.T, strict=True))
    if prediction.probability is not None:
        return (OutcomeSpread(None, spread(outcomes[:, 0], prediction.probability)),)
    return ()


def features_to_blame(prediction: Prediction, rows: RowPredictions) -> tuple[FeatureBlame, ...]:
    """Return each term's share of the score's variance, cov(contribution, score) / var(score), largest first.

    The score is the sum of the contributions and the intercept, so that the shares add up to 1.
    """
    variance = float(rows.score.var(ddof=1))
    blames = []
    for item, column in zip(prediction.contributions, rows.contributions.T, strict=True):
        share = float(np.cov(column, rows.score)[0, 1]) / variance if variance > 0 else None
        blames.append(FeatureBlame(feature=item.feature, input=item.input, contribution=item.contribution,
                                   sd=float(column.std(ddof=1)), share=share))
    return tuple(sorted(blames, key=lambda blame: -(blame.share or 0.0)))


def kinds_to_blame(scores: dict[str, list[float | None]], unperturbed: float) -> tuple[KindBlame, ...]:
    """Return what each kind does alone, from its ``scores`` (None: withheld), the one that moves the score most first.
    """
    usable = {kind: np.array([score for score in values if score is not None]) for kind, values in scores.items()}
    squares = {kind: float(((values - unperturbed) ** 2).mean()) for kind, values in usable.items() if len(values) > 1}
    total = sum(squares.values())
    blames = [KindBlame(
        kind=kind, count=len(values), scores=tuple(values),
        shift=float(usable[kind].mean() - unperturbed) if kind in squares else None,
        sd=float(usable[kind].std(ddof=1)) if kind in squares else None,
        share=squares[kind] / total if kind in squares and total > 0 else None) for kind, values in scores.items()]
    return tuple(sorted(blames, key=lambda blame: -(blame.share or 0.0)))


def failures(reasons: Sequence[str]) -> tuple[Failure, ...]:
    """Return how often each of the ``reasons`` stands for a perturbation without a score, the most frequent first."""
    return tuple(Failure(reason, count) for reason, count in Counter(reasons).most_common())
