"""What a model says of rows that are measured, and what of the measuring is not possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ...errors import CohortError, InputError
from ...models.predict import RowPredictions
from ..results.performance import Unavailable

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """A model's ``predictions`` of n rows, and ``score`` (n,), which figures show beside the cut-off; NaN where the
    model says nothing."""

    predictions: RowPredictions
    score: np.ndarray

    def rows(self, which: np.ndarray) -> ScoredRows:
        """Return the same of some rows (mask or numbers)."""
        return ScoredRows(self.predictions.rows(which), self.score[which])

    @property
    def linear_predictor(self) -> np.ndarray:
        """What ranks the rows (n,), high meaning more events."""
        return self.predictions.linear_predictor

    @property
    def above(self) -> np.ndarray | None:
        """The mask (n,) of rows above the model's cut-off, None where it has none."""
        return self.predictions.above

    def outcome(self, months: Sequence[float]) -> np.ndarray:
        """Return the survival (n, months) at ``months``, or the probability (n,).

        Raises CohortError when the model predicts neither.
        """
        predicted = self.predictions.outcome(months)
        if predicted is None:
            raise CohortError("The model predicts neither survival nor probability.")
        return predicted


@dataclass
class Attempts:
    """Collects, instead of stopping, what cannot be computed in a cohort."""

    unavailable: list[Unavailable] = field(default_factory=list)

    def get(self, what: str, compute: Callable[[], _T]) -> _T | None:
        """Return what ``compute`` returns, or None with the reason noted when the cohort does not allow it."""
        try:
            return compute()
        except InputError as error:
            self.unavailable.append(Unavailable(what, str(error)))
            return None
