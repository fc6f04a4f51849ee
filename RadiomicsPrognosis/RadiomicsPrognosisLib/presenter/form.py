"""The clinical form of a model: one field per covariate, and its value as the text the scene stores."""

from __future__ import annotations

from dataclasses import dataclass

from ..models.covariates import Covariate
from ..models.model import Model

#: Bounds of a number whose range the model leaves open.
_OPEN = 1e6


@dataclass(frozen=True, kw_only=True)
class Field:
    """A covariate's field. ``kind``: ``choice`` (one of ``options``), ``flag`` (options are no and yes) or ``number``.

    Every field can be left empty: nothing about a patient is assumed. ``pending`` says when what may be stated as not
    known yet becomes known, and over whom it is averaged until then; empty where that cannot be stated.
    """

    name: str
    title: str
    kind: str
    options: tuple[str, ...] = ()
    unit: str = ""
    low: float = -_OPEN
    high: float = _OPEN
    decimals: int = 2
    pending: str = ""

    @property
    def bounded(self) -> bool:
        """Whether the model states a range worth showing."""
        return self.kind == "number" and (self.low > -_OPEN or self.high < _OPEN)


def form_fields(model: Model) -> tuple[Field, ...]:
    """Return the fields of ``model``'s covariates in its order."""
    return tuple(_field(item) for item in model.covariates)


def _field(item: Covariate) -> Field:
    if item.kind == "continuous":
        low, high = (bound if bound is not None else sign * _OPEN
                     for bound, sign in zip(item.range, (-1, 1), strict=True))
        whole = all(bound is None or float(bound).is_integer() for bound in item.range)
        return Field(name=item.name, title=item.title, kind="number", unit=item.unit, low=low, high=high,
                     decimals=1 if whole else 2)
    labels = tuple(label for label, _ in item.levels)
    if item.unknown is not None:  # one more answer than a check box has
        mix = ", ".join(f"{label} {count:g}" for label, count in item.unknown.counts.items())
        pending = f"{item.unknown.reason} Averaged over {item.unknown.patients} patients: {mix}."
        return Field(name=item.name, title=item.title, kind="choice", options=labels, pending=pending)
    if item.kind == "binary":
        labels = tuple(label for label, _ in sorted(item.levels, key=lambda level: level[1]))
        return Field(name=item.name, title=item.title, kind="flag", options=labels)
    return Field(name=item.name, title=item.title, kind="choice", options=labels)
