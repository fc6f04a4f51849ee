"""A model whose covariates alone predict, in the panel: no CT, no contour, and nothing offered that would need them."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
from panel_bench import S2, PanelBench, bench, impatient  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.answer import answer_of
from RadiomicsPrognosisLib.errors import ModelMismatch
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import score_vois
from RadiomicsPrognosisLib.presenter import stored
from RadiomicsPrognosisLib.presenter.session import Freshness

S3 = "s3_escc_early_recurrence_ptnm"


def plain(label: qt.QLabel) -> str:
    """Return a label's rich text without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", label.text))


def choose(bench: PanelBench, stage: str) -> None:  # noqa: F811
    """Give the stage by the form's own box."""
    box = bench.panel.ui.clinicalSection.findChild(qt.QComboBox, "covariate_ptnm")
    box.setCurrentIndex(box.findData(stage))


def test_clinical_factors_alone_give_a_result_in_an_empty_scene(bench: PanelBench) -> None:  # noqa: F811
    bench.node.modelID = S3
    assert "no image and no contour" in plain(bench.ui.needsLabel) and "pTNM stage" in plain(bench.ui.needsLabel)
    missing = bench.result()
    assert missing.probability is None and "Give pTNM stage" in plain(bench.ui.horizonsLabel)
    bench.node.covariates = {"ptnm": "IIB"}
    bench.settle()
    result = bench.result()
    assert result == score_vois({}, load_model(S3), None, {"ptnm": "IIB"})
    told = answer_of(result, bench.panel.choices.model)
    assert bench.panel.answer.told == told and not bench.problem
    assert told.headline in plain(bench.ui.badgeLabel) and "42 % (27 - 58)" in plain(bench.ui.horizonsLabel)
    assert "clinical factors as they are given" in bench.ui.freshnessLabel.text
    assert bench.jobs == 0  # nothing was extracted
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.featuresArea)
    assert not bench.ui.contributionsLabel.visible and "IIB" in plain(bench.ui.pointsLabel)
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.cardArea)
    assert "AUC 0.678" in plain(bench.ui.cardLabel) and "no image" in plain(bench.ui.madeLabel)
    assert stored.load(bench.node.resultText) == result and json.loads(bench.node.resultText.GetText())["vois"] == {}


def test_what_needs_an_image_is_not_offered_and_says_why(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    assert bench.ui.dicomButton.enabled and bench.ui.exportButton.enabled
    offered = bench.ui.dicomButton.toolTip
    bench.node.modelID, bench.node.covariates = S3, {"ptnm": "IIIB"}
    bench.settle()
    bench.result()
    ui = bench.ui
    assert ui.modelAdvancedSection.isHidden()  # no engine computes anything
    assert ui.reportButton.enabled and ui.scoreButton.enabled
    for button in (ui.dicomButton, ui.exportButton):
        assert not button.enabled and "reads no image" in button.toolTip
    assert not ui.stabilityButton.enabled and "no score to perturb" in plain(ui.stabilityStepLabel)
    assert not ui.segmentsScoreButton.enabled and "no score for each segment" in plain(ui.segmentsStepLabel)
    assert "nothing to extract" in plain(ui.featuresProblemLabel)
    bench.node.modelID = S2
    bench.result()
    assert ui.dicomButton.enabled and ui.dicomButton.toolTip == offered and not ui.modelAdvancedSection.isHidden()


def test_without_live_another_stage_is_told_to_be_another_choice(bench: PanelBench) -> None:  # noqa: F811
    bench.node.modelID, bench.node.covariates = S3, {"ptnm": "IB"}
    bench.settle()
    first = bench.result()
    bench.node.live = False
    bench.node.covariates = {"ptnm": "IIIA"}
    bench.settle()
    assert bench.session.freshness is Freshness.CHOICES_CHANGED and bench.session.shown == first
    bench.ui.scoreButton.click()
    assert bench.result().probability == pytest.approx(8 / 12)


def test_the_logic_scores_without_nodes_and_refuses_them(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    logic = bench.widget.logic
    result = logic.score(None, None, None, S3, {"ptnm": "IIA"})
    assert result.probability == pytest.approx(25 / 58) and logic.vois == {}
    volume = bench.add_volume(textured_volume()[0])
    with pytest.raises(ModelMismatch, match="reads no image"):
        logic.score(volume, None, None, S3, {"ptnm": "IIA"})
    page = logic.report(result, tmp_path).html.read_text(encoding="utf-8")
    assert "Predicted from clinical factors alone" in page and "43 % (31 - 56)" in page
    assert "Volume kept" not in page and "Feature engine" not in page
