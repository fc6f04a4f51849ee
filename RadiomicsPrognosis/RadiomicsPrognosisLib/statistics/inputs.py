"""Checks of what the statistics are given: outcomes, scores and tables, as float arrays or a refusal in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CohortError, InputError
from .arrays import Floats, Integers

#: Items that a message names before it counts the others.
_NAMED = 5


def survival_outcome(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats]:
    """Return ``time`` (n,), any unit, and ``event`` (n,) of 0/1 as floats.

    Raises CohortError for missing, infinite or negative times, for another code than 0/1 and when no row has an event,
    InputError for another shape.
    """
    times = finite_column(time, "time")
    events = zero_one(event, len(times), "event")
    refuse_negative(times)
    if not events.any():
        raise CohortError(f"None of the {len(times)} rows has an event; the analysis needs events.")
    return times, events


def refuse_negative(times: Floats) -> None:
    """Raise CohortError when one of ``times`` (n,) lies before the start of follow-up."""
    negative = np.flatnonzero(times < 0)
    if len(negative):
        raise CohortError(f"{listed(negative, 'row')}: time is negative; give the time from the start of follow-up.")


def binary_outcome(outcome: ArrayLike, n: int | None = None) -> Floats:
    """Return ``outcome`` (n,) of 0/1 as floats.

    Raises CohortError for another code and when one class is absent, InputError for another shape.
    """
    classes = zero_one(outcome, n, "outcome")
    if classes.min() == classes.max():
        raise CohortError(f"All {len(classes)} rows have outcome {classes[0]:g}; the analysis needs both classes.")
    return classes


def finite_column(values: ArrayLike, what: str, n: int | None = None) -> Floats:
    """Return ``values`` as floats (n,); ``what`` names them in messages, which count rows from 0.

    Raises InputError for another shape or texts, CohortError for missing or infinite values.
    """
    column = _as_floats(values, what)
    if column.ndim != 1 or not len(column) or (n is not None and len(column) != n):
        wanted = "at least one row" if n is None else f"{n} rows"
        raise InputError(f"{what} must be one column of {wanted}; its shape is {column.shape}.")
    bad = np.flatnonzero(~np.isfinite(column))
    if len(bad):
        raise CohortError(f"{listed(bad, 'row')}: {what} is missing or infinite; complete or remove these rows.")
    return column


def zero_one(values: ArrayLike, n: int | None, what: str) -> Floats:
    """Return ``values`` (n,) as floats 0 and 1.

    Raises InputError for another shape, CohortError for another value.
    """
    column = finite_column(values, what, n)
    odd = np.flatnonzero((column != 0) & (column != 1))
    if len(odd):
        raise CohortError(f"{listed(odd, 'row')}: {what} must be 0 or 1.")
    return column


def probabilities(values: ArrayLike, what: str, n: int | None = None) -> Floats:
    """Return ``values`` (n,) as floats in 0 - 1.

    Raises InputError for another shape, CohortError for another value.
    """
    column = finite_column(values, what, n)
    odd = np.flatnonzero((column < 0) | (column > 1))
    if len(odd):
        raise CohortError(f"{listed(odd, 'row')}: {what} must lie between 0 and 1.")
    return column


def table(x: ArrayLike, n: int | None = None, names: Sequence[str] | None = None) -> tuple[Floats, tuple[str, ...]]:
    """Return ``x`` as floats (n, p) and its column names (p,): ``names``, a DataFrame's own, or x0, x1, ...

    A single column may come as (n,). Raises InputError for another shape or texts, CohortError for missing or infinite
    values.
    """
    if names is None and hasattr(x, "columns"):
        names = [str(name) for name in x.columns]
    columns = _as_floats(x, "x")
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or not columns.size or (n is not None and len(columns) != n):
        raise InputError(f"x must be a table of {'some' if n is None else n} rows with one column or more; its shape "
                         f"is {columns.shape}.")
    labels = tuple(f"x{j}" for j in range(columns.shape[1])) if names is None else tuple(names)
    if len(labels) != columns.shape[1]:
        raise InputError(f"{len(labels)} names were given for {columns.shape[1]} columns.")
    bad = np.flatnonzero(~np.isfinite(columns).all(axis=0))
    if len(bad):
        raise CohortError(f"{listed([labels[j] for j in bad], 'column')}: missing or infinite values; complete or "
                          "remove these columns or the rows concerned.")
    return columns, labels


def group_labels(group: ArrayLike, n: int) -> tuple[Integers, tuple[object, ...]]:
    """Return group numbers (n,) from 0 and the sorted labels, numbers or texts, that they stand for.

    Raises InputError for another length, CohortError for a single group or a missing one.
    """
    groups = np.asarray(group)
    if groups.shape != (n,):
        raise InputError(f"group must be one value per row ({n}); its shape is {groups.shape}.")
    if groups.dtype.kind == "f" and not np.isfinite(groups).all():
        raise CohortError(f"{listed(np.flatnonzero(~np.isfinite(groups)), 'row')}: group is missing.")
    labels, numbers = np.unique(groups, return_inverse=True)
    if len(labels) < 2:
        raise CohortError(f"All {n} rows are in one group; a comparison needs two.")
    return numbers, tuple(labels.tolist())


def confidence_level(confidence: float) -> float:
    """Return ``confidence`` when it lies between 0 and 1; raises InputError else."""
    if not 0.0 < confidence < 1.0:
        raise InputError(f"The confidence is {confidence:g}; it must lie between 0 and 1.")
    return confidence


def one_of(what: str, value: str, allowed: Sequence[str]) -> str:
    """Return ``value`` when it is ``allowed``; raises InputError, which names ``what`` and lists the allowed, else."""
    if value not in allowed:
        raise InputError(f"{what} = '{value}' is not known; use one of {', '.join(allowed)}.")
    return value


def listed(items: Sequence[object] | NDArray[np.generic], what: str) -> str:
    """Return the first few ``items`` as words: 'rows 3, 5, 8 and 12 more'."""
    shown = ", ".join(str(item) for item in items[:_NAMED])
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return f"{what}{'s' if len(items) > 1 else ''} {shown}{more}"


def _as_floats(values: ArrayLike, what: str) -> Floats:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} holds something that is not a number: {error}.") from error
