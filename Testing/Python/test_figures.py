"""Figures: their numbers are the result's, their files repeat byte for byte, text from outside does no harm."""

from __future__ import annotations

import io
import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from figure_cases import COX, LOGISTIC, cases, cox_prediction, edited, logistic_prediction, phantom_voi
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib import figures
from RadiomicsPrognosisLib.catalogue import CLASSES, FEATURES, SUBBANDS
from RadiomicsPrognosisLib.errors import FileError, InputError
from RadiomicsPrognosisLib.figures.planes import planes
from RadiomicsPrognosisLib.figures.slices import outline
from RadiomicsPrognosisLib.models.covariates import Covariate, Level
from RadiomicsPrognosisLib.models.cutoff import GroupLabels
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.model_nomogram import model_nomogram
from RadiomicsPrognosisLib.models.reference import Reference
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction.case_points import case_path
from RadiomicsPrognosisLib.texts import clean, feature_label, percent, wrapped
from RadiomicsPrognosisLib.voi import make_voi

pytest.importorskip("matplotlib")

CHARTS = (figures.draw_contributions, figures.draw_score_scale, figures.draw_survival, figures.draw_nomogram)


def texts(figure: Any) -> list[str]:
    """Return all visible text of a figure."""
    from matplotlib.text import Text
    return [item.get_text() for item in figure.findobj(Text) if item.get_visible() and item.get_text()]


@pytest.mark.parametrize("theme, width_cm", [(figures.LIGHT, 16.0), (figures.DARK, 9.0)], ids=["print", "panel"])
@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_files_are_whole_and_repeat(draw: Callable, width_cm: float, theme: figures.Theme) -> None:
    prediction, model = cases()["high"], load_model(COX)
    first, second = (draw(prediction, model, theme, width_cm) for _ in range(2))
    svg = figures.svg_text(first, theme)
    assert svg == figures.svg_text(second, theme)
    root = ElementTree.fromstring(svg)
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(width_cm / 2.54 * 72, abs=0.01)
    png = figures.png_bytes(first, theme)
    assert png == figures.png_bytes(second, theme)
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(png))
    assert image.width == pytest.approx(width_cm / 2.54 * figures.theme.PNG_DPI, abs=1)
    assert image.getpixel((0, 0))[:3] == tuple(bytes.fromhex(theme.background[1:]))


@pytest.mark.parametrize("width_cm", [16.0, 9.0])
@pytest.mark.parametrize("case", ["low", "high", "between", "no-survival", "logistic"])
def test_no_text_is_clipped_or_covered_by_another(case: str, width_cm: float) -> None:
    """Every text lies inside its figure, and no two of a figure overlap by more than a pixel's rounding."""
    between = cox_prediction(0.25, {"n_stage": "N1", "complete_response": "no"})
    prediction = between if case == "between" else cases()[case]
    model = load_model(prediction.model.id)
    for draw in CHARTS:
        if draw is figures.draw_survival and prediction.survival is None:
            continue
        if draw is figures.draw_nomogram and model.survival is None:
            continue
        figure = draw(prediction, model, figures.LIGHT, width_cm)
        boxes = text_boxes(figure)
        width, height = figure.bbox.size
        for text, box in boxes:
            assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, (draw.__name__, text)
        for index, (text, box) in enumerate(boxes):
            for other_text, other in boxes[:index]:
                overlap = (min(box.x1, other.x1) - max(box.x0, other.x0), min(box.y1, other.y1) - max(box.y0, other.y0))
                assert min(overlap) <= 2, (draw.__name__, text, other_text)


def text_boxes(figure: Any) -> list[tuple[str, Any]]:
    """Return (text, extent in pixels) of what matplotlib draws as text: not every text it holds comes on the page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text
    drawn = {}
    original = Text.draw

    def draw(self: Text, renderer: Any, *args: Any, **kwargs: Any) -> None:
        if self.get_text() and self.get_visible():
            drawn[id(self)] = self
        original(self, renderer, *args, **kwargs)

    with figures.theme.style(figures.LIGHT), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", draw)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        return [(item.get_text(), Text.get_window_extent(item, renderer)) for item in drawn.values()]


@pytest.mark.parametrize("name", figures.THEMES)
def test_colours_are_told_apart_from_the_background(name: str) -> None:
    """WCAG 2.1: 4.5 : 1 for text, 3 : 1 for the groups' colours; each colour once, so that a page can replace it."""
    theme = figures.THEMES[name]

    def luminance(colour: str) -> float:
        channels = np.array(list(bytes.fromhex(colour[1:]))) / 255
        linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    def contrast(a: str, b: str) -> float:
        dark, light = sorted((luminance(a), luminance(b)))
        return (light + 0.05) / (dark + 0.05)

    for colour in (theme.ink, theme.muted, theme.patient):
        assert contrast(colour, theme.background) >= 4.5
    for colour in (theme.better, theme.worse):
        assert contrast(colour, theme.background) >= 3
    assert len(set(asdict(theme).values())) == len(asdict(theme))


def inlined(figure: Any, name: str) -> str:
    return figures.inline_svg(figures.svg_text(figure, figures.LIGHT), figures.LIGHT, name)


def test_inline_svg_follows_the_page_and_shares_it() -> None:
    prediction, model = cases()["low"], load_model(COX)
    text = inlined(figures.draw_survival(prediction, model), "one")
    assert "http" not in text and "xmlns" not in text
    for field in ("ink", "patient", "background"):
        assert f"var(--{field}, " in text
    other = inlined(figures.draw_score_scale(prediction, model), "two")
    identifiers = [set(figures.theme.re.findall(r'\bid="([^"]+)"', item)) for item in (text, other)]
    assert identifiers[0] and not identifiers[0] & identifiers[1]
    used = set(figures.theme.re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    assert used <= identifiers[0]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_figures_are_saved_by_suffix(tmp_path: Any, suffix: str) -> None:
    figure = figures.draw_score_scale(cases()["low"], load_model(COX))
    path = figures.save_figure(figure, tmp_path / f"scale{suffix}", figures.LIGHT)
    assert path.read_bytes().startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    with pytest.raises(FileError, match=r"neither \.png nor \.svg"):
        figures.save_figure(figure, tmp_path / "scale.gif", figures.LIGHT)


@pytest.mark.parametrize("case", ["high", "logistic"])
def test_contributions_are_the_predictions_and_sum_to_the_score(case: str) -> None:
    prediction = cases()[case]
    model = load_model(prediction.model.id)
    rows = figures.contribution_table(prediction, model)
    assert math.fsum(row[1] for row in rows) == pytest.approx(prediction.score, abs=1e-12)
    assert [abs(row[1]) for row in rows] == sorted((abs(row[1]) for row in rows), reverse=True)
    assert len(rows) == len(model.terms) + (model.signature.intercept != 0)


def test_the_score_far_outside_is_marked_at_the_end() -> None:
    model = load_model(COX)
    figure = figures.draw_score_scale(edited(cox_prediction(-1.0, {}), score=-30.0), model)
    low, high = figure.axes[0].get_xlim()
    assert high - low < 10 * model.reference.scores[0].sd
    assert any("outside the scale" in text for text in texts(figure))


@given(st.floats(-1e6, 1e6))
@settings(max_examples=12, deadline=None)
def test_scale_shows_cut_off_and_case(score: float) -> None:
    for identifier in (COX, "s2_escc_ln_control_2y"):
        model = load_model(identifier)
        group = {"label": "a group", "above": bool(model.cutoff.is_above(score)), "worse": True}
        figure = figures.draw_score_scale(edited(cases()["high"], score=score, group=group), model)
        low, high = figure.axes[0].get_xlim()
        assert low < model.cutoff.value < high
        assert any(text.startswith("this case") for text in texts(figure))


def test_survival_figure_names_case_groups_and_horizons() -> None:
    prediction, model = cases()["low"], load_model(COX)
    figure = figures.draw_survival(prediction, model)
    shown = " ".join(texts(figure))
    assert {12, 24, 36} <= set(figure.axes[0].get_xticks())
    for share in prediction.survival.at_horizons:
        assert percent(share) in shown
    for text in ("this case", "low risk, typical", "high risk, typical"):
        assert text in shown


def test_nomogram_drawn_is_the_nomogram_computed() -> None:
    """The drawing's points, total and outcomes are those of the linear predictor and of rms' scaling (nomogram.py)."""
    prediction, model = cases()["high"], load_model(COX)
    drawn = model_nomogram(model)
    path = case_path(drawn, model, prediction)
    values = {"score": prediction.score, **prediction.covariates}
    for axis in drawn.nomogram.axes:
        contribution = model.survival.coefficients[axis.name] * values[axis.name]
        points = (contribution - min(axis.xbeta)) * drawn.nomogram.points_per_lp
        assert path.terms[axis.name][1] == pytest.approx(points, rel=1e-12)
    assert drawn.nomogram.linear_predictor(path.total) == pytest.approx(prediction.linear_predictor, abs=1e-12)
    for hazard, share in zip(model.survival.baseline_cumulative_hazard.values, path.outcomes, strict=True):
        assert drawn.nomogram.survival(path.total, math.exp(-hazard)) == pytest.approx(share, abs=1e-12)
    shown = texts(figures.draw_nomogram(prediction, model))
    assert f"N2: {drawn.nomogram.points('n_stage', 2.0):.0f} points" in shown
    assert f"{path.total:.0f} points" in shown and "<1 %" in shown
    for axis, hazard in zip(drawn.outcomes, model.survival.baseline_cumulative_hazard.values, strict=True):
        for value, points in zip(axis.values, axis.total_points, strict=True):
            assert drawn.nomogram.survival(points, math.exp(-hazard)) == pytest.approx(value, abs=1e-12)


def test_nomogram_without_all_values_shows_no_total() -> None:
    prediction, model = cases()["no-survival"], load_model(COX)
    path = case_path(model_nomogram(model), model, prediction)
    assert set(path.terms) == {"score", "n_stage"} and path.total is None and path.outcomes == ()
    shown = texts(figures.draw_nomogram(prediction, model))
    assert not any("%" in text.replace("(%)", "") for text in shown) and "12-month LPFS (%)" in shown


def test_a_model_without_nomogram_says_why() -> None:
    with pytest.raises(InputError, match="the score alone"):
        model_nomogram(load_model(LOGISTIC))
    with pytest.raises(InputError, match="neither survival nor probability"):
        model_nomogram(replace(load_model(LOGISTIC), probability=None))


def test_feature_labels_are_short_and_unique() -> None:
    names = [f"{image}_{kind}_{feature}" for image in ("original", *(f"wavelet-{band}" for band in SUBBANDS),
                                                      "wavelet2-LLL", "log-sigma-2-5-mm-3D")
             for kind, features in FEATURES.items() for feature in features
             if image == "original" or CLASSES[kind].filtered]
    labels = [feature_label(name) for name in names]
    assert len(set(labels)) == len(names)
    assert max(map(len, labels)) <= 52
    assert feature_label("wavelet-LLH_glcm_DifferenceVariance") == "GLCM difference variance · LLH"
    assert feature_label("deep_resnet50_0017") == "deep_resnet50_0017"


def test_feature_labels_say_whose_definition_it_is() -> None:
    whose = {"IBEX-like ": "IBEX (Zhang et al., Med Phys 2015)", "IBSI ": "the IBSI"}
    for kind, entry in CLASSES.items():
        label = feature_label(f"original_{kind}_{entry.features[0].name}")
        assert [source for start, source in whose.items() if label.startswith(start)] == list(
            filter(None, [entry.source])), label


@given(st.text(max_size=400), st.integers(5, 60))
def test_clean_text_is_one_short_line(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert not any(ord(char) < 32 or char in "\u2028\u2029" for char in shown)
    assert wrapped(text, 20, 2).count("\n") <= 1


def hostile_model() -> Model:
    """Return the Cox model with names as bad as they come: markup, mathematics, right-to-left, 10 kB."""
    model = load_model(COX)
    name = "<script>alert(1)</script> $\\frac{$ \u202eמאורע \x00" + "x" * 10_000
    covariates = tuple(replace(item, title=name, levels=tuple((name + str(index), number) for index, (_, number) in
                                                              enumerate(item.levels))) for item in model.covariates)
    return replace(model, cutoff=replace(model.cutoff, labels=GroupLabels(name, name)), covariates=covariates,
                   title=name, signature=replace(model.signature, name=name),
                   endpoint=replace(model.endpoint, name=name, abbreviation=name),
                   reference=Reference(scores=tuple(replace(item, cohort=name)
                                               for item in model.reference.scores)))


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_neither_break_nor_flood_a_figure(draw: Callable) -> None:
    prediction = edited(cases()["high"], group__label=hostile_model().cutoff.labels[1])
    figure = draw(prediction, hostile_model())
    assert max(map(len, texts(figure))) < 120
    svg = figures.svg_text(figure, figures.LIGHT)
    ElementTree.fromstring(svg)
    assert "<script" not in svg


def test_categorical_and_crowded_axes_keep_all_level_names() -> None:
    model = load_model(COX)
    site = Covariate(name="site", title="Site", kind="categorical",
                     levels=(Level("upper"), Level("middle"), Level("lower")))
    coefficients = {"score": 1.5, "site": {"upper": 0.0, "middle": 0.02, "lower": 1.0}}
    survival = replace(model.survival, coefficients=coefficients)
    model = replace(model, covariates=(site,), survival=survival)
    prediction = edited(cases()["high"], covariates={"site": "middle"})
    shown = texts(figures.draw_nomogram(prediction, model))
    assert {"upper", "middle", "lower"} <= set(shown)


def oriented(image: sitk.Image, mask: sitk.Image, order: str) -> tuple[sitk.Image, sitk.Image]:
    return sitk.DICOMOrient(image, order), sitk.DICOMOrient(mask, order)


@pytest.mark.parametrize("order", ["LPS", "RAS", "PIR", "SAL", "ILA"])
def test_planes_look_alike_however_the_volume_is_stored(order: str) -> None:
    """SimpleITK's DICOMOrient stores one volume in another axis order; the three pictures must not change."""
    image, mask = textured_volume()
    expected = planes(make_voi(image, mask, make_protocol()))
    drawn = planes(make_voi(*oriented(image, mask, order), make_protocol()))
    for one, other in zip(expected, drawn, strict=True):
        assert one.name == other.name and one.letters == other.letters and not other.oblique
        assert one.pixel_mm == other.pixel_mm
        # The slice of largest area may be one of two equals, and boxes of odd and even size centre half a voxel apart.
        assert other.contour.sum() == one.contour.sum()
        assert other.kept.sum() == one.kept.sum()
    axial = {plane.name: plane for plane in drawn}["axial"]
    assert axial.letters == ("R", "L", "A", "P")


@pytest.mark.parametrize("order", ["LPS", "RAI", "PSR", "SLA"])
def test_plane_shows_the_patient_the_right_way_round(order: str) -> None:
    """Bright arms to the patient's left, posterior and superior lie where a radiologist expects them."""
    arms = np.zeros((21, 21, 21), np.int16)
    arms[10, 10, 11:19] = arms[10, 11:19, 10] = arms[11:19, 10, 10] = 500  # (k, j, i) run to S, P, L
    arms[0, 0, 0] = -1000
    octahedron = (sum(abs(axis - 10) for axis in np.indices(arms.shape)) <= 5).astype(np.uint8)
    images = oriented(sitk.GetImageFromArray(arms), sitk.GetImageFromArray(octahedron), order)
    for plane in planes(make_voi(*images, make_protocol()), margin_mm=5):
        middle = plane.hu.shape[0] // 2
        right, left = plane.hu[middle, middle + 3], plane.hu[middle, middle - 3]
        below, above = plane.hu[middle + 3, middle], plane.hu[middle - 3, middle]
        expected = (500, 0, 500, 0) if plane.name == "axial" else (500, 0, 0, 500)
        assert (right, left, below, above) == expected, plane.name
        assert plane.letters == {"axial": ("R", "L", "A", "P"), "coronal": ("R", "L", "S", "I"),
                                 "sagittal": ("A", "P", "S", "I")}[plane.name]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_outline_runs_along_every_border_edge_once(seed: int) -> None:
    """The outline's length is the number of pixel edges between inside and outside, each of its own size."""
    mask = np.random.default_rng(seed).random((7, 9)) < 0.5
    wide, high = 0.7, 5.0
    padded = np.pad(mask, 1)
    horizontal = int((padded[1:] != padded[:-1]).sum())
    vertical = int((padded[:, 1:] != padded[:, :-1]).sum())
    path = outline(mask, (wide, high))
    pairs = path.vertices.reshape(-1, 2, 2)
    assert np.abs(np.diff(pairs, axis=1)).sum() == pytest.approx(wide * horizontal + high * vertical)


def test_voi_picture_keeps_voxels_at_their_true_size() -> None:
    voi = phantom_voi()
    figure = figures.draw_voi(voi)
    first = planes(voi)[1]
    assert first.pixel_mm == (0.9, 5.0)
    for axes in figure.axes:
        width, height = (abs(np.diff(limits)[0]) for limits in (axes.get_xlim(), axes.get_ylim()))
        box = axes.get_position()
        inches = figure.get_size_inches()
        assert width / (box.width * inches[0]) == pytest.approx(height / (box.height * inches[1]), rel=1e-6)
    shown = texts(figure)
    assert "contour" in shown and any(text.startswith("excluded by the HU range (") for text in shown)
    assert any(text.endswith(" mm") for text in shown)
    for letters in ("RLAP", "RLSI", "APSI"):
        assert set(letters) <= set(shown)


def test_surface_shows_the_voi_to_scale() -> None:
    """The rendered silhouette is as large as the contour's own projection, within a voxel and the smoothing."""
    pytest.importorskip("vtk")
    from RadiomicsPrognosisLib.errors import PackageMissing
    from RadiomicsPrognosisLib.figures.surface import render
    voi = phantom_voi()
    try:
        picture, mm = render(voi, pixels=300)
    except PackageMissing as error:
        pytest.skip(str(error))
    opaque = picture[..., 3] > 0
    # The lesion is contoured as a sphere of 24 mm radius.
    assert opaque.any(axis=0).sum() * mm == pytest.approx(48, abs=2 * 0.9 + 2)
    assert picture.shape == (300, 300, 4)


def test_logistic_prediction_draws_what_it_has() -> None:
    prediction, model = logistic_prediction(), load_model(LOGISTIC)
    shown = texts(figures.draw_score_scale(prediction, model))
    assert any("predicted responder" in text for text in shown)
    assert any(text.startswith("training, non-responders") for text in shown)
