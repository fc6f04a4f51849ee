"""Numbers of a study in words as papers print them: p values, intervals, ratios, shares."""

from __future__ import annotations

import math
from collections.abc import Callable

from .texts import number


def p_text(p: float | None, name: str = "p") -> str:
    """Return 'p = 0.023', or 'p < 0.001' below that; 'p not available' for None."""
    if p is None:
        return f"{name} not available"
    return f"{name} < 0.001" if p < 0.001 else f"{name} = {p:.3f}" if p < 0.9995 else f"{name} > 0.999"


def p_cell(p: float | None) -> str:
    """Return a p value for a table's cell, empty for None."""
    return "" if p is None else p_text(p, "").removeprefix(" = ").strip()


def fixed(value: float | None, digits: int = 3) -> str:
    """Return a number with ``digits`` decimals and a true minus sign, never minus zero; empty for None."""
    return "" if value is None else f"{value:z.{digits}f}".replace("-", "−")


def ratio(value: float) -> str:
    """Return a hazard or odds ratio: two decimals, three significant digits where these would say too little."""
    if not math.isfinite(value):
        return "∞"
    return f"{value:.2f}" if 0.095 <= value < 999.5 else number(value, 3)


def ratio_interval(value: float, lower: float | None, upper: float | None) -> str:
    """Return '2.88 (1.93–4.31)'."""
    return ratio(value) + bounds(lower, upper, ratio)


def interval(value: float, lower: float | None = None, upper: float | None = None, digits: int = 3) -> str:
    """Return '0.745 (0.700–0.790)', the interval only where there is one."""
    return fixed(value, digits) + bounds(lower, upper, lambda bound: fixed(bound, digits))


def bounds(lower: float | None, upper: float | None, show: Callable[[float], str] = fixed) -> str:
    """Return ' (lower–upper)'; 'n. r.' (not reached) where only one bound exists, nothing where none does."""
    if lower is None and upper is None:
        return ""
    ends = ["n. r." if bound is None else show(bound) for bound in (lower, upper)]
    # Beside a minus sign a dash would be misread.
    return f" ({ends[0]} to {ends[1]})" if any("−" in end for end in ends) else f" ({ends[0]}–{ends[1]})"


def share(value: float | None, digits: int = 1) -> str:
    """Return a share (0 - 1) in percent with decimals, empty for None."""
    return "" if value is None else f"{100 * value:z.{digits}f} %".replace("-", "−")


def months(value: float) -> str:
    """Return a time as '12 months'."""
    return f"{value:g} month{'' if value == 1 else 's'}"
