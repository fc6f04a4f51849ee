"""The cohorts of fixture 15 as arrays, each with what R made of it: curves, log-rank, competing causes, Cox models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from fixtures import columns, reference

Row = tuple[str, tuple[Any, ...], dict[str, Any]]


def numbers(values: Any) -> np.ndarray:
    """Return R's values (m,) as floats, its NA as NaN."""
    return np.array([np.nan if value is None else value for value in np.atleast_1d(values)], float)


def curve_cases() -> Iterator[Row]:
    """Yield (name, (time, event), R's curve); a name ending in _reverse swaps events and censoring."""
    for name, expected in reference("fx15_curves")["curves"].items():
        yield name, _outcome(name, expected), expected


def log_rank_cases() -> Iterator[Row]:
    """Yield (name, (time, event, group), R's test)."""
    for name, expected in reference("fx15_curves")["log_rank"].items():
        yield name, (*_outcome(name, expected), np.array(expected["group"])), expected


def incidence_cases() -> Iterator[Row]:
    """Yield (name, (time, cause), R's incidences)."""
    table = columns("fx15_competing")
    for name, expected in reference("fx15_competing")["incidence"].items():
        if "data" in expected:
            yield name, (numbers(expected["data"]["time"]), np.array(expected["data"]["cause"])), expected
        else:
            yield name, (table["untied" if name.endswith("untied") else "time"], table["cause"]), expected


def cox_cases() -> Iterator[Row]:
    """Yield (name, (time, event, x), R's fits with Efron's and Breslow's ties)."""
    for name, expected in reference("fx15_cox")["fits"].items():
        if "data" in expected:
            data = expected["data"]
            yield name, (numbers(data["time"]), numbers(data["status"]), numbers(data["x"])[:, None]), expected
            continue
        table = columns({"no_censoring": "fx_lung", "first_rows": "fx_lung"}.get(name, f"fx_{name}"))
        rows = {"no_censoring": table["status"] == 1, "first_rows": np.arange(len(table["time"])) < 12}.get(
            name, np.ones(len(table["time"]), bool))
        x = np.column_stack([table[term] for term in expected["terms"]])
        yield name, (table["time"][rows], table["status"][rows], x[rows]), expected


def _outcome(name: str, expected: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    if expected.get("data"):
        return numbers(expected["data"]["time"]), numbers(expected["data"]["status"])
    table = columns(f"fx_{name.partition('_')[0]}")
    event = table["status"]
    return table["time"], 1.0 - event if name.endswith("_reverse") else event
