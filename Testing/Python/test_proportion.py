"""Exact intervals of shares, against R's binom.test."""

from __future__ import annotations

import pytest

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.statistics.proportion import proportion_interval


@pytest.mark.parametrize(("count", "n", "confidence", "expected"), [
    # binom.test(count, n, conf.level = confidence)$conf.int; the ends for none of n are closed: 1 - (tail)^(1/n).
    (0, 20, 0.95, (0.0, 1 - 0.025 ** (1 / 20))),
    (20, 20, 0.95, (0.025 ** (1 / 20), 1.0)),
    (0, 1, 0.9, (0.0, 0.95)),
    (7, 20, 0.95, (0.1539092, 0.5921885)),
    (3, 30, 0.95, (0.02111714, 0.26528845)),
])
def test_intervals_are_rs(count: int, n: int, confidence: float, expected: tuple[float, float]) -> None:
    assert proportion_interval(count, n, confidence) == pytest.approx(expected, abs=1e-7)


def test_the_interval_covers_what_the_binomial_leaves_in_its_tails() -> None:
    from scipy import stats
    low, high = proportion_interval(4, 17, 0.95)
    assert stats.binom.sf(3, 17, low) == pytest.approx(0.025)
    assert stats.binom.cdf(4, 17, high) == pytest.approx(0.025)


@pytest.mark.parametrize(("count", "n"), [(-1, 3), (4, 3), (0, 0)])
def test_what_is_no_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(InputError, match="is no share"):
        proportion_interval(count, n)
