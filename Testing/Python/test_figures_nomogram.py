"""The nomogram as it is drawn: every level labelled, outcomes in percent, no line through a label."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from figure_cases import COX, cases, edited
from test_figures import texts
from test_model_page import EVERY_FACTOR

from RadiomicsPrognosisLib import figures
from RadiomicsPrognosisLib.models.covariates import Covariate, Level
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.model_nomogram import model_nomogram
from RadiomicsPrognosisLib.models.store import load_model

pytest.importorskip("matplotlib")


def crowded_model() -> Model:
    """Return the Cox model with the categorical factors of two studies, their levels nearly alike in points."""
    model = load_model(COX)
    factors = {"Location": {"cardia or fundus": 0.0, "body": 0.05, "antrum": 0.02, "two thirds or more": 0.12},
               "Tumour site": {"upper": 0.0, "middle": -0.01, "lower": 0.02},
               "WHO grade": {"NETG1": 0.0, "NETG2": 0.3, "NETG3": 1.2, "MiNEN": 1.21, "NEC": 1.21},
               "Ordinal": {"1": 0.0, "2": 0.001, "3": 0.002, "4": 2.0}}
    covariates = tuple(Covariate(name=title, title=title, kind="categorical", levels=tuple(map(Level, levels)))
                       for title, levels in factors.items())
    survival = replace(model.survival, coefficients={**model.survival.coefficients, **factors})
    return replace(model, covariates=(*model.covariates, *covariates), survival=survival)


@pytest.mark.parametrize("width_cm", [16.0, 9.0])
def test_every_level_of_a_crowded_nomogram_is_labelled_and_no_line_runs_through_a_label(width_cm: float) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text
    model = crowded_model()
    prediction = edited(cases()["high"], covariates={"n_stage": 2.0, "complete_response": 0.0, "Location": "body",
                                                     "Tumour site": "lower", "WHO grade": "NEC", "Ordinal": "3"})
    figure = figures.draw_nomogram(prediction, model, width_cm=width_cm)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    shown = [item for item in figure.findobj(Text) if item.get_text()]
    words = " ".join(item.get_text() for item in shown)
    for covariate in model.covariates:
        for level in covariate.levels:
            assert all(word in words.split() for word in level.label.split()), level.label
    boxes = [item.get_window_extent(canvas.get_renderer()) for item in shown]
    for index, box in enumerate(boxes):
        assert box.x0 >= -1 and box.x1 <= figure.bbox.width + 1 and box.y0 >= -1 and box.y1 <= figure.bbox.height + 1
        for other, text in zip(boxes[index + 1:], shown[index + 1:], strict=True):
            clear = (box.x1 <= other.x0 + 1, other.x1 <= box.x0 + 1, box.y1 <= other.y0 + 1, other.y1 <= box.y0 + 1)
            assert any(clear), (shown[index].get_text(), text.get_text())
    guides = [line for line in figure.axes[0].lines if line.get_label() == "_guide"]
    assert len(guides) > 5
    for line in guides:
        (x, top), (_, bottom) = figure.axes[0].transData.transform(line.get_xydata())
        for box, text in zip(boxes, shown, strict=True):
            assert not (box.x0 < x < box.x1 and min(top, bottom) < box.y1 - 1 and max(top, bottom) > box.y0 + 1), \
                text.get_text()


def test_no_tick_lies_beside_its_axis() -> None:
    """Every upright line of the nomogram stands on an axis, minor ticks too."""
    lines = [line.get_xydata() for line in figures.draw_nomogram(None, EVERY_FACTOR["probability"]).axes[0].lines]
    axes = [line for line in lines if line[0, 1] == line[1, 1]]
    ticks = [line for line in lines if line[0, 0] == line[1, 0]]
    assert len(ticks) > 20
    for (x, y), _ in ticks:
        assert any(line[0, 1] == y and line[0, 0] - 1e-9 <= x <= line[1, 0] + 1e-9 for line in axes), (x, y)


def test_outcomes_are_percent_with_ticks_at_every_twentieth() -> None:
    model = load_model(COX)
    drawn = model_nomogram(model)
    shown = texts(figures.draw_nomogram(None, model))
    assert "12-month LPFS (%)" in shown and "95" in shown and "0.95" not in shown
    hazards = model.survival.baseline_cumulative_hazard.at(model.survival.horizons_months)
    for axis, hazard in zip(drawn.outcomes, hazards, strict=True):
        for points in drawn.minor_points[axis.name]:
            share = 20 * drawn.nomogram.survival(points, math.exp(-hazard))
            assert share == pytest.approx(round(share), abs=1e-9)
