"""How well a yes/no rule, or a predicted probability, agrees with a binary outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..result import Result
from .inputs import binary_outcome, finite_column, probabilities


@dataclass(frozen=True, kw_only=True)
class Classification(Result):
    """Counts and shares (0 - 1) of a rule; a share without cases to refer to is None.

    ``ppv`` has none when no row is called positive, ``npv`` when no row is called negative; ``f1`` = 2 TP / (2 TP + FP
    + FN) always has, since both classes are present.
    """

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    accuracy: float
    sensitivity: float
    specificity: float
    ppv: float | None
    npv: float | None
    f1: float


def classification(outcome: ArrayLike, score: ArrayLike, threshold: float, inclusive: bool = False) -> Classification:
    """Return the measures of the rule ``score`` (n,) > ``threshold`` (>= when ``inclusive``) for ``outcome`` (n,) 1.

    The shares are those of pROC's coords and scikit-learn's metrics. Raises InputError for another shape, CohortError
    for missing values or one class.
    """
    outcome = binary_outcome(outcome)
    score = finite_column(score, "score", len(outcome))
    called = score >= threshold if inclusive else score > threshold
    tp, fp = int((called & (outcome == 1)).sum()), int((called & (outcome == 0)).sum())
    tn, fn = int((~called & (outcome == 0)).sum()), int((~called & (outcome == 1)).sum())
    return Classification(
        true_positive=tp, false_positive=fp, true_negative=tn, false_negative=fn, accuracy=(tp + tn) / len(outcome),
        sensitivity=tp / (tp + fn), specificity=tn / (tn + fp), ppv=tp / (tp + fp) if tp + fp else None,
        npv=tn / (tn + fn) if tn + fn else None, f1=2 * tp / (2 * tp + fp + fn))


def brier_score(outcome: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean squared difference (0 - 1) of ``probability`` (n,), 0 - 1, and ``outcome`` (n,) 0/1.

    Brier, Mon Weather Rev 1950;78:1. Raises InputError for another shape, CohortError for values that cannot be used.
    """
    outcome = binary_outcome(outcome)
    return float(np.mean((probabilities(probability, "probability", len(outcome)) - outcome) ** 2))
