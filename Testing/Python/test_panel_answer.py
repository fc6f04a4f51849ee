"""Answers of every kind in the panel: in question, withheld, for demonstration, with the acquisition beside them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import failing_on_errors, process_events, set_testing, slicer

# isort: split

import qt
from panel_bench import S1, SCALING, PanelBench, impatient  # noqa: F401 - a fixture
from RadiomicsPrognosisPanel import answer as words
from RadiomicsPrognosisPanel import rich

from RadiomicsPrognosisLib.answer.sentences import inline
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.prediction.evidence import AcquisitionRow
from RadiomicsPrognosisLib.prediction.record import Withheld
from RadiomicsPrognosisLib.warning import ResultWarning

REASON = "The score is 13 SD from the mean of the model's patients."


@pytest.fixture(scope="module")
def panel() -> Iterator[tuple[PanelBench, Prediction]]:
    """The panel with a result, which each test replaces by one of its own; one for all of them."""
    with failing_on_errors():
        slicer.mrmlScene.Clear(0)
        set_testing(True)
        bench = PanelBench()
        bench.small_case()
        bench.node.modelID, bench.node.scaling = S1, SCALING
        bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
        prediction = bench.result()
        bench.wait(lambda: bench.panel.folded)
        bench.representation.resize(420, 900)
        yield bench, prediction
        bench.close()
        slicer.mrmlScene.Clear(0)
        process_events()


def show(panel: tuple[PanelBench, Prediction], **changes: Any) -> Any:
    """Show the result with changes and return the panel's widgets."""
    bench, prediction = panel
    bench.session.restore(replace(prediction, **changes))
    bench.panel.show()
    process_events(60)
    return bench.ui


def plain(label: Any) -> str:
    """Return a label's rich text without its tags; empty for a hidden label."""
    return html.unescape(re.sub(r"<[^>]*>", " ", label.text)) if label.visible else ""


def without_scaling(prediction: Prediction) -> dict[str, Any]:
    """Return the changes that make a result one of a scaling that is no demonstration's."""
    return {"scaling": replace(prediction.scaling, demonstration=False, other_disease=False),
            "warnings": tuple(item for item in prediction.warnings if item.code != "demonstration-scaling")}


def colour_of(picture: Any, x: int, y: int) -> str:
    """Return the colour (#RRGGBB) of a pixel of a picture."""
    return qt.QColor(picture.pixel(x, y)).name().upper()


def test_a_demonstration_has_a_hatched_band_above_every_number(panel: tuple[PanelBench, Prediction]) -> None:
    ui = show(panel)
    assert plain(ui.bandLabel).strip().startswith("DEMONSTRATION")
    picture = ui.bandLabel.grab().toImage()
    colours = {colour_of(picture, x, y) for x in range(picture.width()) for y in range(0, picture.height(), 3)}
    assert {words.HATCH, words.HATCH_PLATE} <= colours
    bottom = ui.bandLabel.mapTo(ui.resultFrame, qt.QPoint(0, ui.bandLabel.height)).y()
    for label in (ui.badgeLabel, ui.horizonsLabel, ui.captionLabel, ui.outcomeArea):
        assert label.mapTo(ui.resultFrame, qt.QPoint(0, 0)).y() >= bottom
    assert "Demonstration scaling" not in plain(ui.attentionLabel)  # the band says it
    assert not plain(show(panel, **without_scaling(panel[1])).bandLabel)


def test_what_is_in_question_is_grey_with_the_reason_beside_it(panel: tuple[PanelBench, Prediction]) -> None:
    plainly = show(panel, **without_scaling(panel[1]))
    clear = plainly.scaleLabel.pixmap.toImage(), plainly.curveLabel.pixmap.toImage()
    assert not plain(plainly.cautionLabel)
    changes = without_scaling(panel[1])
    changes["warnings"] = (ResultWarning("distance", REASON), *changes["warnings"])
    ui = show(panel, **changes, questioned=("score", "group", "survival"))
    assert f"Unreliable for this case: {REASON}" in re.sub(" +", " ", plain(ui.cautionLabel))
    assert 'bgcolor="#5A5A5A"' in ui.badgeLabel.text and ui.horizonsLabel.text.count(rich._PALE) == 3
    assert "unreliable for this case" in plain(ui.captionLabel)
    assert plain(ui.attentionLabel).count(REASON) == 0  # said already, in the result's own line
    assert ui.scaleLabel.pixmap.toImage() != clear[0] and ui.curveLabel.pixmap.toImage() != clear[1]


def test_what_is_withheld_has_its_reason_where_the_number_would_stand(panel: tuple[PanelBench, Prediction]) -> None:
    prediction = panel[1]
    ui = show(panel, **without_scaling(prediction), group=None, survival=None, probability=None, withheld=(
        Withheld("group", REASON, None), Withheld("survival", REASON, 0.97)))
    assert "group withheld" in plain(ui.badgeLabel) and REASON in plain(ui.badgeLabel)
    assert f"No {inline(prediction.model.endpoint)}: {REASON}" in plain(ui.horizonsLabel)
    assert "97" not in plain(ui.horizonsLabel) and not ui.curveLabel.visible
    ui = show(panel, score=None, group=None, survival=None, distance=None, linear_predictor=None, withheld=(
        Withheld("score", REASON, 6.81), Withheld("group", REASON, None), Withheld("survival", REASON, None)))
    assert "withheld" in plain(ui.badgeLabel) and REASON in plain(ui.badgeLabel)
    assert "6.81" not in plain(ui.badgeLabel) and not ui.scaleLabel.visible and not ui.scaleNoteLabel.visible


def test_warnings_stand_above_the_tabs_the_weightiest_first(panel: tuple[PanelBench, Prediction]) -> None:
    long = "The contour reaches beyond the body, " + "and so on " * 40
    warnings = (*(ResultWarning("spacing", f"Spacing {number}.") for number in range(3)),
                ResultWarning("outside", long), ResultWarning("inside", "Something inside."),
                ResultWarning("hidden", "Last."))
    ui = show(panel, **{**without_scaling(panel[1]), "warnings": warnings})
    lines = plain(ui.attentionLabel)
    assert lines.index("The contour reaches") < lines.index("Something inside") and "…" in lines
    assert "and 2 more" in lines and "Spacing" not in lines
    assert all(item.message in ui.attentionLabel.toolTip for item in warnings if item.message != long)
    fold = ui.detailsTabs.mapTo(ui.resultFrame, qt.QPoint(0, 0)).y()
    assert ui.attentionLabel.mapTo(ui.resultFrame, qt.QPoint(0, ui.attentionLabel.height)).y() <= fold
    ui.detailsTabs.setCurrentWidget(ui.limitsArea)
    assert all(text in plain(ui.warningsLabel) for text in (long.strip()[:500], "Spacing 0.", "2 more of this kind"))
    ui.detailsTabs.setCurrentWidget(ui.outcomeArea)


def test_the_acquisition_is_set_beside_what_the_model_was_made_on(panel: tuple[PanelBench, Prediction]) -> None:
    rows = (AcquisitionRow(input="image", title="Contrast agent", required="given", acquired="none", agrees=False),
            AcquisitionRow(input="image", title="Tube voltage", required="120 kV", acquired="120 kV", agrees=True),
            AcquisitionRow(input="image", title="Kernel", required="<B31f>", acquired="not stated", agrees=None))
    ui = show(panel, acquisition=rows)
    ui.detailsTabs.setCurrentWidget(ui.limitsArea)
    text = re.sub(" +", " ", plain(ui.acquisitionLabel))
    assert "Contrast agent given ⚠ none" in text and "Tube voltage 120 kV ✔ 120 kV" in text
    assert "&lt;B31f&gt;" in ui.acquisitionLabel.text and "not stated" in text
    ui.detailsTabs.setCurrentWidget(ui.outcomeArea)
    ui = show(panel, acquisition=())
    ui.detailsTabs.setCurrentWidget(ui.limitsArea)
    assert not plain(ui.acquisitionLabel)
    ui.detailsTabs.setCurrentWidget(ui.outcomeArea)


def test_the_scale_says_what_its_grey_bar_and_its_ends_are(panel: tuple[PanelBench, Prediction]) -> None:
    note = plain(show(panel).scaleNoteLabel)
    assert "mean ± 1 SD" in note and "n = 155" in note and "mean ± 3 SD" in note


def test_the_curve_has_its_interval_shaded_and_what_was_averaged(panel: tuple[PanelBench, Prediction]) -> None:
    survival = panel[1].survival
    bare = replace(survival, curve_intervals=(), horizon_intervals=(), alternatives=())
    first = show(panel, survival=bare).curveLabel.pixmap.toImage()
    assert not plain(panel[0].ui.curveNoteLabel)
    wide = tuple((0.5 * share, min(1.0, 1.5 * share)) for share in bare.curve)
    ui = show(panel, survival=replace(bare, curve_intervals=wide, horizon_intervals=tuple(
        (0.5 * share, min(1.0, 1.5 * share)) for share in bare.at_horizons)))
    assert ui.curveLabel.pixmap.toImage() != first and "Shaded: interval" in plain(ui.curveNoteLabel)
    assert "(" in plain(ui.horizonsLabel)
