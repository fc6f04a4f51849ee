"""A study's figures show their records' numbers and repeat byte for byte; no text is clipped or covered."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, replace
from unittest.mock import patch

import numpy as np
import pytest
import study_report_cases as cases
from test_figures import text_boxes, texts

from RadiomicsPrognosisLib.figures.layout import series
from RadiomicsPrognosisLib.figures.theme import DARK, LIGHT, png_bytes, svg_text
from RadiomicsPrognosisLib.notation import interval, p_text, ratio_interval
from RadiomicsPrognosisLib.report.blocks import Picture, Report
from RadiomicsPrognosisLib.study import figures
from RadiomicsPrognosisLib.study.report import pictures, study_content, validation_content
from RadiomicsPrognosisLib.study.results.performance import Effect

pytest.importorskip("matplotlib")

LONG = "W" * 10_000 + " <script> $x^2$ محمد"


def draw(name: str, width_cm: float = 16.0, theme=LIGHT) -> list[Picture]:
    """Return every figure of a case's report in that width and theme."""
    def changed(draw):
        return lambda *arguments, **options: draw(*arguments, **options, theme=theme, width_cm=width_cm)

    draws = [item for item in figures.__all__ if item.startswith("draw_")]
    with patch.multiple(figures, **{item: changed(getattr(figures, item)) for item in draws}), \
            patch.object(pictures, "draw_nomogram", changed(pictures.draw_nomogram)):
        report = content(name)
    return [block for section in report.sections for block in section.blocks if isinstance(block, Picture)]


drawn = functools.cache(draw)


def content(name: str) -> Report:
    if name == "validation":
        return validation_content(cases.validation_case())
    study = cases.run_cases()[name]
    return study_content(study.result, study.stored_models())


def one_of_each(pictures: list[Picture]) -> list[Picture]:
    """Return the last picture of every kind: a validation cohort's where there are several."""
    return list({picture.name.partition("-")[0]: picture for picture in pictures}.values())


@pytest.mark.parametrize(("name", "width_cm"), [
    ("survival", 16.0), ("survival", 8.5), ("binary", 8.5), ("phases", 16.0), ("forest", 16.0), ("forest", 8.5),
    ("nothing", 16.0), ("validation", 8.5)])
def test_no_text_is_clipped_or_covered_by_another(name: str, width_cm: float) -> None:
    for picture in one_of_each(drawn(name, width_cm)):
        if picture.name.startswith("nomogram") and width_cm < 16:
            continue  # the patient's nomogram, tested with the other figures of a patient
        width, height = picture.figure.bbox.size
        assert width / picture.figure.dpi * 2.54 <= width_cm + 0.01
        boxes = text_boxes(picture.figure)
        assert boxes
        for text, box in boxes:
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
            assert inside, (picture.name, text)
        for index, (text, box) in enumerate(boxes):
            for other_text, other in boxes[:index]:
                overlap = (min(box.x1, other.x1) - max(box.x0, other.x0), min(box.y1, other.y1) - max(box.y0, other.y0))
                assert min(overlap) <= 2, (picture.name, text, other_text)


def test_files_repeat_load_nothing_and_have_the_themes_colours() -> None:
    theme = DARK
    first, second = draw("survival", 16.0, theme), draw("survival", 16.0, theme)
    assert len({picture.name for picture in first}) == len(first) > 20
    assert len(one_of_each(first)) >= 12
    for one, two in zip(one_of_each(first), one_of_each(second), strict=True):
        svg = svg_text(one.figure, theme)
        assert svg == svg_text(two.figure, theme)
        ElementTree.fromstring(svg)
        assert not re.findall(r'(?:href|src)="(?!#)[^"]*"', svg)
        assert set(re.findall(r"#[0-9a-f]{6}\b", svg)) <= set(asdict(theme).values()), one.name
    assert png_bytes(first[0].figure, theme) == png_bytes(second[0].figure, theme)


def picture(name: str, start: str):
    return next(item for item in drawn(name) if item.name.startswith(start)).figure


def test_kaplan_meier_shows_curves_numbers_at_risk_and_test() -> None:
    model = cases.survival_case().result.models[0]
    cohort = model.cohorts[1]
    figure, survival = picture("survival", "km-radscore-validation"), cohort.survival
    shown = texts(figure)
    assert survival.log_rank.test.p < 0.05
    ratio = survival.hazard_ratio
    assert any(p_text(survival.log_rank.test.p, "log-rank p") in text for text in shown)
    assert any(ratio_interval(ratio.ratio, ratio.lower, ratio.upper) in text.replace("\n", " ") for text in shown)
    steps = {tuple(line.get_ydata()) for line in figure.axes[0].lines}
    for group in survival.groups:
        assert group.label in shown
        assert (1.0, *group.curve.survival) in steps
        for number in group.at_risk:
            assert str(number) in shown
    assert figure.axes[0].get_xticks().tolist() == list(survival.ticks)


def test_a_single_group_and_an_unreached_bound_are_drawn() -> None:
    cohort = cases.survival_case().result.models[0].cohorts[0]
    line = figures.CurveLine("all", cohort.survival.groups[0].curve, cohort.survival.groups[0].at_risk, "better")
    figure = figures.draw_kaplan_meier([line], cohort.survival.ticks, "Survival")
    assert "all" in texts(figure)


@pytest.mark.parametrize(("name", "start"), [("survival", "roc-lpfs-validation"),
                                             ("binary", "roc-recurrence-training")])
def test_roc_shows_every_area_and_ends_in_both_corners(name: str, start: str) -> None:
    figure = picture(name, start)
    shown, models = texts(figure), cases.run_cases()[name].result.models
    for model in models:
        cohort = next(item for item in model.cohorts if start.endswith(item.cohort))
        measured = cohort.survival.horizons if cohort.survival else [cohort.binary]
        for area, axes in zip(measured, figure.axes, strict=True):
            assert interval(area.auc.auc, area.auc.lower, area.auc.upper) in shown
            curves = [np.column_stack(line.get_data()) for line in axes.lines]
            expected = np.column_stack([1 - area.roc.specificity, area.roc.sensitivity])
            assert any(curve.shape == expected.shape and np.array_equal(curve, expected) for curve in curves)
            assert sorted(map(tuple, expected[[0, -1]])) == [pytest.approx((0, 0)), pytest.approx((1, 1))]


def test_calibration_shows_groups_smooth_and_corrected_curves() -> None:
    model = cases.survival_case().result.models[2]
    figure = picture("survival", "calibration-nomogram-training")
    for axes, item, corrected in zip(figure.axes, model.cohorts[0].survival.horizons, model.optimism.smooth,
                                     strict=True):
        lines = [np.column_stack(line.get_data()) for line in axes.lines]

        def has(x, y, lines=lines) -> bool:
            return any(np.array_equal(line, np.column_stack([x, y])) for line in lines)

        assert has(item.smooth.predicted, item.smooth.observed)
        assert has(corrected[1], corrected[3])
        assert has([group.predicted for group in item.calibration], [group.observed for group in item.calibration])
        assert has([0, 1], [0, 1])
        for group in item.calibration:
            if group.lower is not None:
                assert has([group.predicted] * 2, [group.lower, group.upper])
        assert f"ICI {item.smooth.ici:.3f}" in [text.get_text() for text in axes.texts]


def test_decision_curves_hold_models_all_and_none() -> None:
    figure = picture("binary", "decision-recurrence-validation")
    lines = [line.get_ydata() for line in figure.axes[0].lines]
    for model in cases.binary_case().result.models:
        curve = model.cohorts[1].binary.decision
        assert any(np.array_equal(line, curve.net_benefit) for line in lines)
    assert any(np.array_equal(line, curve.treat_all) for line in lines)
    assert any(np.array_equal(line, [0, 0]) for line in lines)
    assert {"treat all", "treat none"} <= set(texts(figure))


def test_forest_prints_ratio_interval_and_p_of_every_term() -> None:
    model = cases.phases_case().result.models[1]
    shown = texts(picture("phases", "effects-clinical"))
    for effect in (*model.univariable, *model.effects):
        assert ratio_interval(effect.ratio, effect.lower, effect.upper) in shown
        assert figures.effect_label(effect) in " ".join(shown).replace("\n", " ")


def test_forest_says_why_a_term_has_no_ratio_and_marks_what_lies_beyond() -> None:
    nothing = dict.fromkeys(("coefficient", "ratio", "lower", "upper", "p"))
    effects = [Effect(term="a", title="Term A", level="", reference="", status="no variation", **nothing),
               Effect(term="b", title="Term B", level="II", reference="I", coefficient=9.0, ratio=np.exp(9.0),
                      lower=np.exp(2.0), upper=np.inf, p=0.04),
               Effect(term="c", title="Term C", level="", reference="", coefficient=0.0, ratio=1.0, lower=0.5,
                      upper=2.0, p=1.0)]
    for width_cm in (16.0, 8.5):
        figure = figures.draw_forest([("", effects)], "Odds ratio", width_cm=width_cm)
        shown = " ".join(texts(figure)).replace("\n", " ")
        assert "not fitted: no variation" in shown
        assert "Term B: II vs I" in shown and "∞" in shown and "> 0.999" in shown
        markers = [line.get_marker() for line in figure.axes[1].lines]
        assert ">" in markers
        assert all(np.isfinite(line.get_xdata()).all() for line in figure.axes[1].lines)


def test_lasso_figures_mark_both_lambdas_and_name_the_selected() -> None:
    lasso = cases.survival_case().result.signatures[0].penalised
    for start in ("cv-radscore", "paths-radscore"):
        figure = picture("survival", start)
        shown = " ".join(texts(figure))
        for index in (lasso.index_min, lasso.index_1se):
            assert f"{int(lasso.df[index])} features" in shown
            assert any(np.allclose(line.get_xdata(), np.log(lasso.lambdas[index])) for line in figure.axes[0].lines)
        assert shown.count(", taken") == 1
    lines = [line.get_ydata() for line in figure.axes[0].lines]
    for path in lasso.coefficients:
        assert any(np.array_equal(line, path) for line in lines)
    points = picture("survival", "cv-radscore").axes[0].lines
    assert any(np.array_equal(line.get_ydata(), lasso.cvm) for line in points)


def test_a_path_without_selection_is_drawn() -> None:
    lasso = cases.nothing_case().result.signatures[0].penalised
    assert lasso.df[lasso.index_min] == 0
    figure = figures.draw_coefficient_paths(lasso)
    assert len(figure.axes[0].lines) >= len(lasso.features)


def test_scores_are_all_drawn_with_the_cut_off() -> None:
    model = cases.binary_case().result.models[0]
    figure = picture("binary", "scores-radiomics")
    dots = np.concatenate([line.get_ydata() for line in figure.axes[0].lines if line.get_marker() not in ("None", "")])
    assert set(np.concatenate([cohort.score for cohort in model.cohorts])) <= set(dots)
    assert any(np.allclose(line.get_ydata(), model.cutoff.value) for line in figure.axes[0].lines)
    assert any(text.startswith("cut-off") for text in texts(figure))


def test_agreement_importances_and_cut_off_search_show_their_records() -> None:
    study = cases.survival_case().result
    shown = texts(picture("survival", "reproducibility"))
    assert f"threshold {study.reproducibility.threshold:g}" in shown
    assert all(any(text.startswith(item.comparison) for text in shown) for item in study.reproducibility.agreements)
    forest = cases.forest_case().result.signatures[1].forest
    bars = picture("forest", "forest-lnm-forest").axes[0].patches
    assert [bar.get_width() for bar in bars] == forest.importances[:len(bars)].tolist()
    assert [bar.get_facecolor()[3] > 0 for bar in bars] == [i < forest.selected for i in range(len(bars))]
    cutoff = study.models[0].cutoff
    line = picture("survival", "cutoff-radscore").axes[0].lines[0]
    assert np.array_equal(line.get_xdata(), cutoff.candidates)
    assert np.array_equal(line.get_ydata(), np.abs(cutoff.statistics))


def test_bounds_decide_on_the_lower_limit_where_the_recipe_says_so() -> None:
    reproducibility = replace(cases.survival_case().result.reproducibility, bound="lower")
    assert "Lower bound of the ICC" in texts(figures.draw_agreement(reproducibility))


def test_series_are_told_apart_without_colour_and_repeat_late() -> None:
    for theme in (LIGHT, DARK):
        looks = [tuple(map(str, series(theme, index, 1.0).values())) for index in range(16)]
        assert len(set(looks)) == 16
        assert len({look[1] for look in looks[:4]}) == 4


@pytest.mark.filterwarnings("ignore:Glyph")
def test_texts_from_outside_are_cut_to_their_room() -> None:
    cohort = cases.survival_case().result.models[0].cohorts[0].survival
    line = figures.CurveLine(LONG, cohort.groups[0].curve, cohort.groups[0].at_risk, "worse")
    item = cohort.horizons[0]
    effect = Effect(term="a", title=LONG, level=LONG, reference=LONG, coefficient=0.1, ratio=1.1, lower=1.0, upper=1.2,
                    p=0.05)
    figs = [figures.draw_kaplan_meier([line, line], cohort.ticks, LONG, LONG, LONG),
            figures.draw_roc([(LONG, [figures.RocLine(LONG, i, item.roc, item.auc) for i in range(5)])], LONG),
            figures.draw_calibration([figures.CalibrationPanel(LONG, item.calibration, item.smooth)], LONG, LONG),
            figures.draw_decision_curves([(LONG, [figures.DecisionLine(LONG, 0, item.decision)])], LONG),
            figures.draw_forest([(LONG, [effect])], LONG, LONG),
            figures.draw_score_boxes([(LONG, LONG, [figures.ScoreBox(LONG, np.arange(5.0), "worse", 0)])], LONG, 1.0,
                                     LONG)]
    for figure in figs:
        width, height = figure.bbox.size
        assert max(width, height) < 2000
        for text, box in text_boxes(figure):
            assert box.x0 >= -1 and box.x1 <= width + 1, text
            assert box.y0 >= -1 and box.y1 <= height + 1, text
