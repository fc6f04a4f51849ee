"""The clinical factors of a model: what values each may have, read from what a person or a table says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..checked import Table
from ..contract import entry
from ..errors import CovariateError

#: A covariate's value: a number, or the label of a categorical level.
Value = float | str

CONTINUOUS, ORDINAL, BINARY, CATEGORICAL = "continuous", "ordinal", "binary", "categorical"


class Level(NamedTuple):
    """A level of a covariate and the number it stands for in a linear predictor (its place from 0 when not given)."""

    label: str
    value: float = math.nan


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """A clinical factor. ``kind`` is ``continuous`` (unit, closed range), ``ordinal`` (levels with numbers),
    ``binary`` (levels 0 and 1) or ``categorical`` (levels without order)."""

    name: str
    title: str
    kind: str = entry(choices=(CONTINUOUS, ORDINAL, BINARY, CATEGORICAL))
    levels: tuple[Level, ...] = entry(default=(), fewest=2)
    unit: str = ""
    range: tuple[float | None, float | None] = (None, None)

    def __post_init__(self) -> None:
        levels = tuple(Level(label, float(place) if math.isnan(value) else value)
                       for place, (label, value) in enumerate(self.levels))
        object.__setattr__(self, "levels", levels)

    def check(self, table: Table) -> None:
        """Raise SchemaError where kind and levels do not fit each other."""
        if self.kind == CONTINUOUS and self.levels:
            table.fail("levels", "belong to an ordinal, binary or categorical covariate, not to a continuous one")
        if self.kind != CONTINUOUS and len({level.label for level in self.levels}) < 2:
            table.fail("levels", "must hold at least two levels with different labels")
        if self.kind == BINARY and sorted(level.value for level in self.levels) != [0.0, 1.0]:
            table.fail("levels", "of a binary covariate must have the values 0 and 1")

    @property
    def is_categorical(self) -> bool:
        """Whether values are level labels, not numbers."""
        return self.kind == CATEGORICAL

    @property
    def title_with_unit(self) -> str:
        """The title as tables head a column with it."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def parse(self, value: Any) -> Value:
        """Return the covariate's value: a number, or a categorical level's label. Raises CovariateError."""
        if self.kind == CONTINUOUS:
            return self._parse_number(value)
        text = str(int(value)) if isinstance(value, bool) else str(value).strip()
        for label, number in self.levels:
            if text.lower() == label.lower() or (not self.is_categorical and _same_number(text, number)):
                return label if self.is_categorical else number
        allowed = ", ".join(label if self.is_categorical else f"{label} ({number:g})" for label, number in self.levels)
        raise CovariateError(f"Covariate '{self.name}' is '{value}'; allowed: {allowed}.")

    def _parse_number(self, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        low, high = self.range
        if not math.isfinite(number) or (low is not None and number < low) or (high is not None and number > high):
            bounds = (f" from {low:g}" if low is not None else "") + (f" up to {high:g}" if high is not None else "")
            raise CovariateError(f"Covariate '{self.name}' is '{value}'; allowed: a number{bounds} {self.unit}".rstrip()
                                 + ".")
        return number

    def describe(self, value: Value) -> str:
        """Return a parsed value as a person reads it: a level's label, or the number with its unit."""
        for label, number in self.levels:
            if value in (label, number):
                return label
        return f"{value:g} {self.unit}".rstrip()


def _same_number(text: str, number: float) -> bool:
    try:
        return float(text) == number
    except ValueError:
        return False
