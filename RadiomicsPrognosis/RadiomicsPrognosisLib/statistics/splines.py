"""Restricted cubic splines: smooth in the middle, straight in the tails."""

from __future__ import annotations

import numpy as np

from .arrays import Floats

#: Quantiles of the knots by their number (Harrell, Regression Modeling Strategies, 2nd ed. 2015, table 2.3).
KNOT_QUANTILES = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}


def spline_knots(x: Floats, number: int) -> Floats:
    """Return ``number`` (3, 4 or 5) knots, rising, at Harrell's quantiles of ``x`` (n,); fewer where they coincide."""
    return np.unique(np.quantile(x, KNOT_QUANTILES[number]))


def restricted_cubic_spline(x: Floats, knots: Floats) -> Floats:
    """Return the basis (n, k - 1) of ``x`` (n,) with ``knots`` (k,), rising: x itself and k - 2 cubic terms; x alone
    for fewer than three knots.

    Devlin & Weeks 1986, in units of (last - first knot)^2, as Hmisc::rcspline.eval(norm = 2).
    """
    columns = [x]
    if len(knots) >= 3:
        last, before = knots[-1], knots[-2]
        unit = (last - knots[0]) ** 2
        for knot in knots[:-2]:
            tail = _cube(x - before) * (last - knot) - _cube(x - last) * (before - knot)
            columns.append((_cube(x - knot) - tail / (last - before)) / unit)
    return np.column_stack(columns)


def _cube(x: Floats) -> Floats:
    cube: Floats = np.maximum(x, 0.0) ** 3
    return cube
