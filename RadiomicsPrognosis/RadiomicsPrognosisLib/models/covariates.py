"""The clinical factors of a model: what values each may have, read from what a person or a table says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..checked import Table
from ..contract import entry
from ..errors import CovariateError
from ..suggestions import did_you_mean
from ..texts import clean

#: A covariate's value: a number, or the label of a categorical level.
Value = float | str

CONTINUOUS, ORDINAL, BINARY, CATEGORICAL = "continuous", "ordinal", "binary", "categorical"

#: The value by which a person or a table says that a covariate is not known yet, and how it is shown.
UNKNOWN, NOT_YET_KNOWN = "unknown", "not yet known"


class Level(NamedTuple):
    """A level of a covariate and the number it stands for in a linear predictor (its place from 0 when not given)."""

    label: str
    value: float = math.nan


@dataclass(frozen=True, kw_only=True)
class LevelMix:
    """How many of ``patients`` had each level (``counts`` by its label): what a covariate that is not known yet is
    averaged over; ``reason`` says when it becomes known."""

    patients: int = entry(low=1)
    counts: dict[str, float] = entry(low=0, least="level")
    reason: str


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """A clinical factor. ``kind`` is ``continuous`` (unit, closed range), ``ordinal`` (levels with numbers),
    ``binary`` (levels 0 and 1) or ``categorical`` (levels without order).

    One with an ``unknown`` mix may be not yet known: its parsed value is then ``UNKNOWN`` and a prediction is averaged
    over the mix.
    """

    name: str
    title: str
    kind: str = entry(choices=(CONTINUOUS, ORDINAL, BINARY, CATEGORICAL))
    levels: tuple[Level, ...] = entry(default=(), fewest=2)
    unit: str = ""
    range: tuple[float | None, float | None] = (None, None)
    unknown: LevelMix | None = entry(default=None, description="patients by level, over which a prediction is averaged "
                                                               "while the covariate is not known yet")

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
        if self.unknown is not None:
            self._check_mix(self.unknown, table)

    def _check_mix(self, mix: LevelMix, table: Table) -> None:
        labels = [level.label for level in self.levels]
        if not labels or set(mix.counts) != set(labels):
            table.fail("unknown.counts", "must give the patients of each level: "
                                         + (", ".join(labels) or "a continuous covariate has none"))
        if sum(mix.counts.values()) != mix.patients:
            table.fail("unknown.counts", f"must add up to the {mix.patients} patients")
        if {UNKNOWN, NOT_YET_KNOWN} & {label.lower() for label in labels}:
            table.fail("levels", f"must not be called '{UNKNOWN}' beside a mix for what is not known yet")

    @property
    def shares(self) -> dict[str, float]:
        """The share (0 - 1) of each level, by label, that a value not known yet is averaged over; empty without."""
        if self.unknown is None:
            return {}
        return {level.label: self.unknown.counts[level.label] / self.unknown.patients for level in self.levels}

    @property
    def is_categorical(self) -> bool:
        """Whether values are level labels, not numbers."""
        return self.kind == CATEGORICAL

    @property
    def title_with_unit(self) -> str:
        """The title as tables head a column with it."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def parse(self, value: Any) -> Value:
        """Return the covariate's value: a number, a categorical level's label, or ``UNKNOWN`` where that is allowed.

        Raises CovariateError.
        """
        if self.unknown is not None and str(value).strip().lower() in (UNKNOWN, NOT_YET_KNOWN):
            return UNKNOWN
        if self.kind == CONTINUOUS:
            return self._parse_number(value)
        text = str(int(value)) if isinstance(value, bool) else str(value).strip()
        for label, number in self.levels:
            if text.lower() == label.lower() or (not self.is_categorical and _same_number(text, number)):
                return label if self.is_categorical else number
        allowed = ", ".join(label if self.is_categorical else f"{label} ({number:g})" for label, number in self.levels)
        if self.unknown is not None:
            allowed += f", {UNKNOWN} ({NOT_YET_KNOWN})"
        near = did_you_mean(text, [*(level.label for level in self.levels), *([UNKNOWN] if self.unknown else [])])
        raise CovariateError(f"Covariate '{self.name}' is '{clean(value, 60)}'; allowed: {allowed}.{near}")

    def _parse_number(self, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        low, high = self.range
        if not math.isfinite(number) or (low is not None and number < low) or (high is not None and number > high):
            bounds = (f" from {low:g}" if low is not None else "") + (f" up to {high:g}" if high is not None else "")
            raise CovariateError(f"Covariate '{self.name}' is '{clean(value, 60)}'; allowed: a number{bounds} "
                                 f"{self.unit}".rstrip() + ".")
        return number

    def describe(self, value: Value) -> str:
        """Return a parsed value as a person reads it: a level's label, the number with its unit, 'not yet known'."""
        if value == UNKNOWN and self.unknown is not None:
            return NOT_YET_KNOWN
        for label, number in self.levels:
            if value in (label, number):
                return label
        return f"{value:g} {self.unit}".rstrip()


def _same_number(text: str, number: float) -> bool:
    try:
        return float(text) == number
    except ValueError:
        return False
