"""The value that splits patients into two groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, overload

from ..contract import entry
from ..statistics.arrays import Floats, Mask
from .predictors import SCORE

#: What a cut-off can be on.
LINEAR_PREDICTOR = "linear predictor"
CUTOFF_SCALES = (SCORE, LINEAR_PREDICTOR)


class GroupLabels(NamedTuple):
    """The names of the groups below and above a cut-off."""

    below: str
    above: str


@dataclass(frozen=True, kw_only=True)
class Cutoff:
    """The value that splits two groups; one equal to ``value`` is above when ``inclusive``.

    ``worse`` names the group with the worse prognosis, ``below`` or ``above``. It is a value of the score or, as ``on``
    says, of the linear predictor, to which covariates belong.
    """

    value: float
    inclusive: bool = entry(description="whether a value equal to the cut-off is above")
    on: str = entry(default=SCORE, always=True, choices=CUTOFF_SCALES,
                    description="what the cut-off is a value of; score when it is not said")
    labels: GroupLabels
    worse: str = entry(choices=GroupLabels._fields)

    @overload
    def is_above(self, value: float) -> bool: ...

    @overload
    def is_above(self, value: Floats) -> Mask: ...

    def is_above(self, value: float | Floats) -> bool | Mask:
        """Tell whether values, of what the cut-off is on, are in the upper group: a bool, or a mask of an array."""
        return value >= self.value if self.inclusive else value > self.value

    @property
    def worse_is_above(self) -> bool:
        """Whether the upper group has the worse prognosis."""
        return self.worse == "above"
