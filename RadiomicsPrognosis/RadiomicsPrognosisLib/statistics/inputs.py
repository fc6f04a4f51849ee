"""Checks of what the statistics are given: outcomes, scores and tables, as float arrays or a refusal in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import CohortError, InputError


def survival_outcome(time: Any, event: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return ``time`` (n,) and ``event`` (n,) of 0/1 as floats.

    Raises CohortError for missing, infinite or negative times, for another code than 0/1 and when no row has an event.
    """
    time = finite_column(time, "time")
    event = zero_one(event, len(time), "event")
    negative = np.flatnonzero(time < 0)
    if len(negative):
        raise CohortError(f"{listed(negative, 'row')}: time is negative; give the time from the start of follow-up.")
    if not event.any():
        raise CohortError(f"None of the {len(time)} rows has an event; the analysis needs events.")
    return time, event


def binary_outcome(outcome: Any, n: int | None = None) -> np.ndarray:
    """Return ``outcome`` (n,) of 0/1 as floats. Raises CohortError for another code and when one class is absent."""
    outcome = zero_one(outcome, n, "outcome")
    if outcome.min() == outcome.max():
        raise CohortError(f"All {len(outcome)} rows have outcome {outcome[0]:g}; the analysis needs both classes.")
    return outcome


def finite_column(values: Any, what: str, n: int | None = None) -> np.ndarray:
    """Return ``values`` as floats (n,). Raises InputError for another shape, CohortError for missing or infinite ones.

    Rows are counted from 0 in messages.
    """
    values = _as_floats(values, what)
    if values.ndim != 1 or not len(values) or (n is not None and len(values) != n):
        wanted = "at least one row" if n is None else f"{n} rows"
        raise InputError(f"{what} must be one column of {wanted}; its shape is {values.shape}.")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise CohortError(f"{listed(bad, 'row')}: {what} is missing or infinite; complete or remove these rows.")
    return values


def zero_one(values: Any, n: int | None, what: str) -> np.ndarray:
    """Return ``values`` (n,) as floats 0 and 1. Raises InputError or CohortError."""
    values = finite_column(values, what, n)
    odd = np.flatnonzero((values != 0) & (values != 1))
    if len(odd):
        raise CohortError(f"{listed(odd, 'row')}: {what} must be 0 or 1.")
    return values


def probabilities(values: Any, what: str, n: int | None = None) -> np.ndarray:
    """Return ``values`` (n,) as floats in 0 - 1. Raises InputError or CohortError."""
    values = finite_column(values, what, n)
    odd = np.flatnonzero((values < 0) | (values > 1))
    if len(odd):
        raise CohortError(f"{listed(odd, 'row')}: {what} must lie between 0 and 1.")
    return values


def table(x: Any, n: int | None = None, names: Sequence[str] | None = None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return ``x`` as floats (n, p) and its column names: ``names``, a DataFrame's own, or x0, x1, ...

    A single column may come as (n,). Raises InputError for another shape, CohortError for missing or infinite values.
    """
    if names is None and hasattr(x, "columns"):
        names = [str(name) for name in x.columns]
    x = _as_floats(x, "x")
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or not x.size or (n is not None and len(x) != n):
        raise InputError(f"x must be a table of {'some' if n is None else n} rows with one column or more; its shape "
                         f"is {x.shape}.")
    names = tuple(f"x{j}" for j in range(x.shape[1])) if names is None else tuple(names)
    if len(names) != x.shape[1]:
        raise InputError(f"{len(names)} names were given for {x.shape[1]} columns.")
    bad = np.flatnonzero(~np.isfinite(x).all(axis=0))
    if len(bad):
        raise CohortError(f"{listed([names[j] for j in bad], 'column')}: missing or infinite values; complete or "
                          "remove these columns or the rows concerned.")
    return x, names


def group_labels(group: Any, n: int) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Return group numbers (n,) and the sorted labels.

    Raises InputError for another length, CohortError for a single group or a missing one.
    """
    group = np.asarray(group)
    if group.shape != (n,):
        raise InputError(f"group must be one value per row ({n}); its shape is {group.shape}.")
    if group.dtype.kind == "f" and not np.isfinite(group).all():
        raise CohortError(f"{listed(np.flatnonzero(~np.isfinite(group)), 'row')}: group is missing.")
    labels, numbers = np.unique(group, return_inverse=True)
    if len(labels) < 2:
        raise CohortError(f"All {n} rows are in one group; a comparison needs two.")
    return numbers, tuple(labels.tolist())


def confidence_level(confidence: float) -> float:
    """Return ``confidence`` when it lies between 0 and 1, else raise InputError."""
    if not 0.0 < confidence < 1.0:
        raise InputError(f"The confidence is {confidence:g}; it must lie between 0 and 1.")
    return confidence


def listed(items: Sequence[object], what: str) -> str:
    """Return the first few ``items`` as words: 'rows 3, 5, 8 and 12 more'."""
    shown = ", ".join(str(item) for item in items[:5])
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return f"{what}{'s' if len(items) > 1 else ''} {shown}{more}"


def _as_floats(values: Any, what: str) -> np.ndarray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} holds something that is not a number: {error}.") from error
