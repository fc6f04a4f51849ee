"""A readers' study's figures show the record's numbers and repeat byte for byte; no text is clipped or covered."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import asdict, replace
from unittest.mock import patch

import numpy as np
import pytest
import SimpleITK as sitk
from test_figures import text_boxes, texts

pytest.importorskip("matplotlib")

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from reading_report_cases import full_case, report_cases

from RadiomicsPrognosisLib.errors import GeometryMismatch
from RadiomicsPrognosisLib.figures.theme import DARK, LIGHT, Theme, png_bytes, svg_text
from RadiomicsPrognosisLib.reading import figures
from RadiomicsPrognosisLib.reading.figures.overlay import BOTH, FIRST, SECOND
from RadiomicsPrognosisLib.reading.report import reproducibility_content
from RadiomicsPrognosisLib.report.blocks import Picture
from RadiomicsPrognosisLib.statistics.bland_altman import limits_of_agreement

LONG = "W" * 10_000 + " <script> $x^2$ محمد"


def draw(name: str, width_cm: float = 16.0, theme: Theme = LIGHT) -> dict[str, Figure]:
    """Return every figure of a case's report by name, in that width and theme."""
    def changed(function: Callable) -> Callable:
        return lambda *arguments, **options: function(*arguments, **options, theme=theme, width_cm=width_cm)

    draws = [item for item in figures.__all__ if item.startswith("draw_")]
    with patch.multiple(figures, **{item: changed(getattr(figures, item)) for item in draws}):
        case = report_cases()[name]
        report = reproducibility_content(case.result, case.sources, case.known)
    return {block.name: block.figure for section in report.sections for block in section.blocks
            if isinstance(block, Picture)}


drawn = functools.cache(draw)


def assert_texts_have_room(figure: Figure, name: str) -> None:
    """Fail where a text leaves the figure or lies on another."""
    width, height = figure.bbox.size
    boxes = text_boxes(figure)
    assert boxes
    for index, (text, box) in enumerate(boxes):
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, (name, text)
        for other_text, other in boxes[:index]:
            overlap = (min(box.x1, other.x1) - max(box.x0, other.x0), min(box.y1, other.y1) - max(box.y0, other.y0))
            assert min(overlap) <= 2, (name, text, other_text)


@pytest.mark.parametrize("width_cm", [16.0, 8.5])
@pytest.mark.parametrize("name", ["full", "three-readers", "intra-only", "inter-only", "no-scaling"])
def test_no_text_is_clipped_or_covered_by_another(name: str, width_cm: float) -> None:
    shown = drawn(name, width_cm)
    for picture, figure in shown.items():
        assert figure.get_size_inches()[0] * 2.54 <= width_cm + 0.01
        assert_texts_have_room(figure, picture)
    assert {"icc-histogram", "icc-groups"} <= set(shown)
    assert ("bland-altman" in shown) == (name not in ("inter-only", "no-scaling"))
    assert ("worst-contours" in shown) == (name == "full")


def test_files_repeat_load_nothing_and_have_the_themes_colours() -> None:
    first, second = draw("full", 16.0, DARK), draw("full", 16.0, DARK)
    assert len(first) == 8
    for name, figure in first.items():
        svg = svg_text(figure, DARK)
        assert svg == svg_text(second[name], DARK), name
        ElementTree.fromstring(svg)
        assert not re.findall(r'(?:href|src)="(?!#|data:image/png)[^"]*"', svg)
        if name != "worst-contours":
            assert set(re.findall(r"#[0-9a-f]{6}\b", svg)) <= set(asdict(DARK).values()), name
    assert png_bytes(first["worst-contours"], DARK) == png_bytes(second["worst-contours"], DARK)


def lines(axes: Axes) -> list[np.ndarray]:
    return [np.column_stack(np.broadcast_arrays(*line.get_data())) for line in axes.lines]


def scores(readings: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return both readings' scores of every case, and whose group changes."""
    known = {(item.case, item.reading): item for item in full_case().result.scores}
    rows = [[known[case, reading] for reading in readings] for case in full_case().result.plan.cases]
    return (*(np.array([row[place].score for row in rows]) for place in (0, 1)),
            np.array([row[0].group != row[1].group for row in rows]))


def test_bland_altman_draws_every_case_bias_limits_and_cut_off() -> None:
    result = full_case().result
    figure = drawn("full")["bland-altman"]
    assert len(figure.axes) == 2
    for axes, name in zip(figure.axes, result.filter.comparisons, strict=True):
        item = result.comparison(name)
        limits, (first, second, flipped) = item.score.limits, scores(item.readings)
        points = np.column_stack([(first + second) / 2, second - first])
        expected = [points[~flipped], points[flipped]]
        drawn_points = [line for line in lines(axes) if len(line) != 2 or len(line) in map(len, expected)]
        assert all(any(np.array_equal(want, line) for line in drawn_points) for want in expected)
        levels = [line.get_ydata()[0] for line in axes.lines if len(line.get_ydata()) == 2]
        assert {0, limits.bias, limits.lower, limits.upper} <= set(levels)
        assert any(line.get_xdata()[0] == result.model.cutoff for line in axes.lines)
        bands = {(patch.get_y(), patch.get_y() + patch.get_height()) for patch in axes.patches}
        for ends in (limits.bias_interval, limits.lower_interval, limits.upper_interval):
            assert any(np.allclose(ends, band) for band in bands)
        low, high = axes.get_ylim()
        assert low < points[:, 1].min() and high > points[:, 1].max()
    assert any(scores(result.comparison(name).readings)[2].any() for name in result.filter.comparisons)
    assert "the group changes" in texts(figure)


def test_equal_readings_and_a_single_bias_line_are_drawn() -> None:
    values = np.array([0.1, 0.4, 0.2])
    pair = figures.ScorePair(title="T", names=("a", "b"), first=values, second=values,
                             flipped=np.zeros(3, bool), limits=limits_of_agreement(values, values))
    figure = figures.draw_bland_altman([pair], "Score", None)
    assert [text for text in texts(figure) if re.fullmatch(r"−?0\.00", text)].count("0.00") >= 1
    assert_texts_have_room(figure, "equal")
    assert "a case" in texts(figure) and "the group changes" not in texts(figure)


def test_score_pairs_and_survival_hold_both_readings() -> None:
    result = full_case().result
    item = result.comparison("intra-reader A")
    first, second, flipped = scores(item.readings)
    axes = drawn("full")["score-pairs"].axes[0]
    assert any(np.array_equal(np.column_stack([first, second])[~flipped], line) for line in lines(axes))
    cutoffs = [line for line in axes.lines if set(line.get_xdata()) == {result.model.cutoff}
               or set(line.get_ydata()) == {result.model.cutoff}]
    assert len(cutoffs) == 2
    known = {(row.case, row.reading): row for row in result.scores}
    survival = drawn("full")["survival-1"]
    assert len(survival.axes) == len(result.model.horizons_months) == 3
    for place, axes in enumerate(survival.axes):
        expected = sorted(tuple(100 * known[case, reading].survival[place] for reading in item.readings)
                          for case in item.cases)
        assert np.array(sorted(tuple(line.get_ydata()) for line in axes.lines)) == pytest.approx(np.array(expected))
        dashed = [line for line in axes.lines if line.get_marker() == "^"]
        assert len(dashed) == flipped.sum()


def test_histogram_counts_every_feature_once_with_edges_in_the_upper_bin() -> None:
    panel = figures.IccPanel("", np.array([-0.3, 0.0, 0.05, 0.15, 0.3, 0.7, 0.75, 0.8, 0.9, 1.0]), 2)
    counts = panel.counts()
    assert counts.sum() == 10 and counts[0] == 1 and counts[1] == 1 and counts[2] == 1 and counts[4] == 1
    assert counts[-1] == 1 and counts[-2] == 1  # 1.0, and 0.9 to 0.95
    assert [panel.reaching(level) for level in figures.icc.LEVELS] == [4, 3, 2]
    result = full_case().result
    figure = drawn("full")["icc-histogram"]
    for axes, name in zip(figure.axes, result.filter.comparisons, strict=True):
        item = result.comparison(name)
        known = item.icc.forms[result.form].icc.compressed()
        assert sum(bar.get_height() for bar in axes.patches if bar.get_width() < 0.1) == len(known)
        assert f"≥ 0.90: {len(item.icc.kept(result.form, 0.9))} of {len(item.icc.features)}" in \
            "\n".join(texts(figure))


def test_groups_show_median_quartiles_and_what_is_kept() -> None:
    result = full_case().result
    figure = drawn("full")["icc-groups"]
    shown, drawn_lines = texts(figure), lines(figure.axes[0])
    for place, summary in enumerate(result.comparison("intra-reader A").groups):
        other = result.comparison("inter-reader").groups[place]
        assert f"{summary.kept}/{summary.features} | {other.kept}/{other.features}" in shown
        if summary.median is not None:
            ends = [summary.lower_quartile, summary.upper_quartile]
            assert any(len(line) == 2 and np.array_equal(line[:, 0], ends) for line in drawn_lines)
            assert any(len(line) == 1 and line[0, 0] == summary.median for line in drawn_lines)


def test_contours_are_ordered_by_their_lowest_dice() -> None:
    result = full_case().result
    figure = drawn("full")["contours"]
    lowest: dict[str, float] = {}
    for item in result.contours:
        lowest[item.case] = min(lowest.get(item.case, 1.0), item.overlap.dice)
    expected = sorted(lowest, key=lambda case: (lowest[case], case))
    names = [text for text in texts(figure) if text in lowest]
    assert names == expected
    dice = sorted((line.get_xdata()[0], line.get_ydata()[0]) for line in figure.axes[0].lines)
    assert np.array(dice) == pytest.approx(np.array(sorted((item.overlap.dice, expected.index(item.case))
                                                           for item in result.contours)))


# Contours on their CT


def boxes(size: tuple[int, int, int], *spans: tuple[slice, slice, slice]) -> sitk.Image:
    array = np.zeros(size, np.uint8)
    for span in spans:
        array[span] = 1
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((0.8, 0.8, 3.0))
    return image


SIZE = (12, 40, 44)


def test_the_slice_of_most_disagreement_is_shown_whole() -> None:
    """Both hold a box in slices 3 to 8; the second one lacks half of it in slice 6 (the seventh) only."""
    first = boxes(SIZE, (slice(3, 9), slice(10, 20), slice(12, 24)))
    array = sitk.GetArrayFromImage(first)
    array[6, 10:15] = 0
    second = sitk.GetImageFromArray(array)
    second.CopyInformation(first)
    image = sitk.Cast(first, sitk.sitkInt16) * 100
    panel = figures.slice_of_most_disagreement(image, first, second, "T")
    assert (panel.position, panel.slices, panel.letters, panel.oblique) == (7, 12, ("R", "L", "A", "P"), False)
    assert panel.first.sum() == 120 and panel.second.sum() == 60 and not (panel.second & ~panel.first).any()
    assert panel.hu.shape == panel.first.shape and np.array_equal(panel.hu == 100, panel.first)
    figure = figures.draw_overlays([panel])
    colours = [tuple(patch.get_edgecolor()) for patch in figure.axes[0].patches]
    assert {FIRST, SECOND, BOTH} & set(re.findall(r"#[0-9a-f]{6}", svg_text(figure, LIGHT))) == {FIRST, SECOND, BOTH}
    assert len(colours) == 1 + 2 * 3  # hatching of what the first alone holds; three lines, each with its halo


@pytest.mark.parametrize("order", ["LPS", "RAS", "SAL", "PIR"])
def test_the_slice_is_the_same_however_the_volume_is_stored(order: str) -> None:
    first = boxes(SIZE, (slice(3, 9), slice(10, 20), slice(12, 24)))
    second = boxes(SIZE, (slice(4, 9), slice(10, 20), slice(12, 24)), (slice(5, 6), slice(20, 26), slice(12, 24)))
    image = sitk.Cast(first, sitk.sitkInt16)
    shown = figures.slice_of_most_disagreement(*(sitk.DICOMOrient(item, order) for item in (image, first, second)), "")
    plain = figures.slice_of_most_disagreement(image, first, second, "")
    assert shown.letters == plain.letters == ("R", "L", "A", "P")
    assert (shown.first ^ shown.second).sum() == (plain.first ^ plain.second).sum() == 120
    rows, columns = np.nonzero(shown.second & ~shown.first)
    assert len(rows) == 0 or np.ptp(columns) == 11
    assert shown.first.sum() == plain.first.sum()


def test_a_contour_outside_the_image_is_refused() -> None:
    first = boxes(SIZE, (slice(3, 9), slice(10, 20), slice(12, 24)))
    second = sitk.Image(first)
    second.SetOrigin((500.0, 0.0, 0.0))
    with pytest.raises(GeometryMismatch, match="second contour"):
        figures.slice_of_most_disagreement(sitk.Cast(first, sitk.sitkInt16), first, second, "")


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("width_cm", [16.0, 8.5])
def test_texts_from_outside_are_cut_to_their_room(width_cm: float) -> None:
    result = full_case().result
    values = np.array([0.1, 0.4, 0.2])
    pair = figures.ScorePair(title=LONG, names=(LONG, LONG), first=values, second=values[::-1],
                             flipped=np.array([True, False, False]), limits=limits_of_agreement(values, values[::-1]))
    mask = boxes(SIZE, (slice(3, 9), slice(10, 20), slice(12, 24)))
    panel = figures.slice_of_most_disagreement(sitk.Cast(mask, sitk.sitkInt16), mask, mask, LONG, (LONG,))
    contours = [replace(item, case=LONG + item.case) for item in result.contours[:3]]
    pairs = [((item.first, item.second), LONG) for item in contours]
    groups = [replace(item, name=LONG) for item in result.comparisons[0].groups]
    looks = {"width_cm": width_cm}
    figs = [figures.draw_icc_histograms([figures.IccPanel(LONG, values, 0)] * 2, LONG, 0.9, **looks),
            figures.draw_icc_groups([(LONG, groups)], LONG, 0.9, **looks),
            figures.draw_bland_altman([pair], LONG, 0.2, **looks),
            figures.draw_score_pairs([pair, pair], LONG, 0.2, **looks),
            figures.draw_outcome_changes([(LONG, values, values, values > 0.3)], (LONG, LONG), LONG, **looks),
            figures.draw_contour_agreement(contours, pairs, **looks), figures.draw_overlays([panel] * 3, **looks)]
    for number, figure in enumerate(figs):
        assert max(figure.bbox.size) < 2500
        assert_texts_have_room(figure, str(number))
