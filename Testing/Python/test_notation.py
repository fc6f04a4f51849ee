"""Numbers in words: p values, intervals, ratios and shares as papers print them."""

from __future__ import annotations

import math

import pytest

from RadiomicsPrognosisLib.notation import fixed, interval, p_text, ratio, share


@pytest.mark.parametrize(("value", "text"), [(0.0004, "p < 0.001"), (0.001, "p = 0.001"), (0.05, "p = 0.050"),
                                             (0.9996, "p > 0.999"), (None, "p not available")])
def test_p_values_are_printed_as_papers_do(value: float | None, text: str) -> None:
    assert p_text(value) == text


def test_intervals_and_ratios_keep_their_digits() -> None:
    assert interval(0.7449, 0.7001, 0.7904) == "0.745 (0.700–0.790)"
    assert interval(-0.5, -1.0, 0.25) == "−0.500 (−1.000 to 0.250)"
    assert interval(0.5) == "0.500" and interval(0.5, None, 0.6) == "0.500 (n. r.–0.600)"
    assert [ratio(value) for value in (2.8821, 0.0449, 1234.5, math.inf)] == ["2.88", "0.0449", "1.23e3", "∞"]
    assert share(0.5614) == "56.1 %" and share(None) == "" and fixed(-0.0578) == "−0.058"
