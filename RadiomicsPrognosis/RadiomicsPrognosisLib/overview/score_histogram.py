"""Where a cohort's scores lie among the patients that the model was made from: a histogram as SVG, without matplotlib.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..models.groups import training_distributions
from ..models.model import Model
from ..models.reference import ScoreDistribution
from ..statistics import special
from ..statistics.arrays import Floats
from ..texts import clean, number

#: The scale shows the training patients to this many SDs, and follows scores outside up to the second number.
_SPAN_SD, _REACH_SD = 3.2, 8.0

#: Most bars; fewer for few scores, whose bars would else all be one high.
_MOST_BARS = 40

#: Width and height in SVG units, and the margins left, right, above and below the bars.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _ABOVE, _BELOW = 720, 300, 44, 12, 26, 44


@dataclass(frozen=True, kw_only=True)
class ScoreHistogram:
    """The bars and what stands behind them.

    ``edges`` (m + 1,) in the score's unit, ``counts`` (m,) of cases; ``expected`` are the named curves: how many cases
    (m,) each bar would hold, were the cohort as large and like the training patients. ``below`` and ``above`` count the
    scores outside the scale.
    """

    edges: Floats
    counts: Floats
    expected: tuple[tuple[str, Floats], ...]
    below: int
    above: int


def score_histogram(scores: Floats, model: Model) -> ScoreHistogram:
    """Return the histogram of ``scores`` (n,), n at least 1, all finite."""
    distributions = training_distributions(model)
    low, high = _limits(scores, distributions, model)
    bars = int(np.clip(round(2 * math.sqrt(len(scores)) + 6), 8, _MOST_BARS))
    width, start = (high - low) / bars, low if model.score_cutoff is None else model.score_cutoff.value
    # An edge lies at the cut-off, so that no bar holds cases of both groups.
    steps = np.arange(math.floor((low - start) / width), math.ceil((high - start) / width) + 1)
    edges = (start + width * steps).astype(float)
    low, high = float(edges[0]), float(edges[-1])
    inside = scores[(scores >= low) & (scores <= high)]
    counts = np.histogram(inside, edges)[0].astype(float)
    return ScoreHistogram(edges=edges, counts=counts, expected=_expected(model, distributions, edges, len(scores)),
                          below=int((scores < low).sum()), above=int((scores > high).sum()))


def _limits(scores: Floats, distributions: Sequence[ScoreDistribution], model: Model) -> tuple[float, float]:
    """Return the ends of the scale: the training patients, the cut-off, and the scores unless they are far outside."""
    marks = [] if model.score_cutoff is None else [model.score_cutoff.value]
    spread = max((item.sd for item in distributions), default=float(np.std(scores)) or 1.0)
    ends = [item.mean + sign * _SPAN_SD * item.sd for item in distributions for sign in (-1, 1)] + marks
    if not distributions:
        ends += np.percentile(scores, (1, 99)).tolist()
    low, high = min(ends), max(ends)
    reach = (_REACH_SD - _SPAN_SD) * spread
    return (min(low, max(float(scores.min()), low - reach)) - 0.2 * spread,
            max(high, min(float(scores.max()), high + reach)) + 0.2 * spread)


def _expected(model: Model, distributions: Sequence[ScoreDistribution], edges: Floats,
              cases: int) -> tuple[tuple[str, Floats], ...]:
    """Return the curves: the training patients' own scores where the model has them, else the published normal ones."""
    percentiles = model.reference.percentiles if model.reference is not None else ()
    if percentiles:
        below = np.interp(edges, percentiles, np.linspace(0, 1, len(percentiles)), left=0.0, right=1.0)
        return (("training patients", cases * np.diff(below)),)
    whole = sum(item.cases for item in distributions)
    return tuple((f"{clean(item.cohort, 60)} ({item.cases})",
                  cases * item.cases / whole * np.diff(special.ndtr((edges - item.mean) / item.sd)))
                 for item in distributions)


def histogram_svg(drawn: ScoreHistogram, model: Model) -> str:
    """Return the histogram as an SVG element; its colours are the page's variables."""
    tops = [drawn.counts.max(initial=1.0), *(curve.max(initial=0.0) for _, curve in drawn.expected)]
    scale = _Scale(float(drawn.edges[0]), float(drawn.edges[-1]), 1.08 * max(tops))
    name = clean(model.score_name, 40)
    label = (f"Histogram of the {name} of {int(drawn.counts.sum())} cases from {number(scale.low)} to "
             f"{number(scale.high)}" + (", with the curves of the training patients" if drawn.expected else ""))
    pieces = [*_bars(drawn, model, scale), *_curves(drawn, scale), *_axes(scale, name), *_cutoff(model, scale)]
    return (f'<svg class="histogram" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
            f'<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="6" height="6" class="worse"/><line x1="0" y1="0" x2="0" '
            f'y2="6" class="stripe"/></pattern></defs>{"".join(pieces)}</svg>')


@dataclass(frozen=True)
class _Scale:
    """From scores and counts to SVG units."""

    low: float
    high: float
    top: float

    def x(self, score: float) -> float:
        return _LEFT + (score - self.low) / (self.high - self.low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, count: float) -> float:
        return _HEIGHT - _BELOW - count / self.top * (_HEIGHT - _ABOVE - _BELOW)


def _bars(drawn: ScoreHistogram, model: Model, scale: _Scale) -> list[str]:
    bars, cutoff = [], model.score_cutoff
    for left, right, count in zip(drawn.edges[:-1], drawn.edges[1:], drawn.counts, strict=True):
        middle = float(left + right) / 2
        worse = cutoff is not None and cutoff.worse_is_above == (middle > cutoff.value)
        kind = "plain" if cutoff is None else "bar-worse" if worse else "bar-better"
        title = f"{number(float(left))} to {number(float(right))}: {int(count)} cases"
        bars.append(f'<rect class="{kind}" x="{scale.x(left) + .5:.1f}" y="{scale.y(count):.1f}" '
                    f'width="{scale.x(right) - scale.x(left) - 1:.1f}" height="{scale.y(0) - scale.y(count):.1f}">'
                    f"<title>{title}</title></rect>")
    return bars


def _curves(drawn: ScoreHistogram, scale: _Scale) -> list[str]:
    lines = []
    middles = (drawn.edges[:-1] + drawn.edges[1:]) / 2
    for place, (_, curve) in enumerate(drawn.expected):
        points = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in zip(middles, curve, strict=True))
        lines.append(f'<polyline class="curve c{place}" points="{points}"/>')
    return lines


def _axes(scale: _Scale, name: str) -> list[str]:
    base = scale.y(0)
    pieces = [f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{base:.1f}" y2="{base:.1f}"/>']
    for tick in _ticks(scale.low, scale.high, 7):
        pieces.append(f'<line class="axis" x1="{scale.x(tick):.1f}" x2="{scale.x(tick):.1f}" y1="{base:.1f}" '
                      f'y2="{base + 5:.1f}"/><text x="{scale.x(tick):.1f}" y="{base + 19:.1f}" '
                      f'text-anchor="middle">{number(tick)}</text>')
    for tick in _ticks(0, scale.top, 4):
        if tick == round(tick):
            pieces.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{scale.y(tick):.1f}" '
                          f'y2="{scale.y(tick):.1f}"/><text x="{_LEFT - 6}" y="{scale.y(tick) + 4:.1f}" '
                          f'text-anchor="end">{tick:.0f}</text>')
    pieces.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(name)}'
                  f'</text><text x="4" y="14">cases</text>')
    return pieces


def _cutoff(model: Model, scale: _Scale) -> list[str]:
    cutoff = model.score_cutoff
    if cutoff is None or not scale.low < cutoff.value < scale.high:
        return []
    x = scale.x(cutoff.value)
    below, above = (clean(cutoff.labels[side], 40) for side in (False, True))
    return [f'<line class="cutoff" x1="{x:.1f}" x2="{x:.1f}" y1="{_ABOVE - 6}" y2="{scale.y(0):.1f}"/>',
            f'<text x="{x - 6:.1f}" y="{_ABOVE - 10}" text-anchor="end">{escape(below)} ◂</text>',
            f'<text x="{x + 6:.1f}" y="{_ABOVE - 10}">▸ {escape(above)}</text>']


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most about ``most`` round numbers from ``low`` to ``high``."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [round(index * step, 12) for index in range(math.ceil(low / step), math.floor(high / step) + 1)]
