"""How well a yes/no rule, or a predicted probability, agrees with a binary outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..result import Result
from .inputs import binary_outcome, finite_column, probabilities


@dataclass(frozen=True)
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


def classification(outcome: Any, score: Any, threshold: float, inclusive: bool = False) -> Classification:
    """Return the measures of the rule score > ``threshold`` (>= when ``inclusive``) for outcome 1.

    Raises InputError or CohortError for missing values or one class.
    """
    outcome = binary_outcome(outcome)
    score = finite_column(score, "score", len(outcome))
    called = score >= threshold if inclusive else score > threshold
    tp, fp = int((called & (outcome == 1)).sum()), int((called & (outcome == 0)).sum())
    tn, fn = int((~called & (outcome == 0)).sum()), int((~called & (outcome == 1)).sum())
    return Classification(tp, fp, tn, fn, (tp + tn) / len(outcome), tp / (tp + fn), tn / (tn + fp),
                          tp / (tp + fp) if tp + fp else None, tn / (tn + fn) if tn + fn else None,
                          2 * tp / (2 * tp + fp + fn))


def brier_score(outcome: Any, probability: Any) -> float:
    """Return the mean squared difference of ``probability`` (n,) and outcome (Brier, Mon Weather Rev 1950;78:1)."""
    outcome = binary_outcome(outcome)
    return float(np.mean((probabilities(probability, "probability", len(outcome)) - outcome) ** 2))
