"""The answer as a picture for the slice views: what it says, and whether it can be read over any image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

import slicer_standin.testing  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

from answer_cases import ANSWER, TOLD
from RadiomicsPrognosisPanel import answer as words
from RadiomicsPrognosisPanel import view_pictures
from RadiomicsPrognosisPanel.view_pictures import Form, Pictures
from vtk.util import numpy_support

from RadiomicsPrognosisLib.answer import Omission
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer

#: The same of a result that may be a patient's.
PLAIN = replace(ANSWER, told=replace(TOLD, band="", limits=TOLD.limits[1:]))


def of(item: ShownAnswer = ANSWER, freshness: Freshness = Freshness.CURRENT, **changes: Any) -> ShownAnswer:
    """Return ``item`` with changes of what it tells."""
    return ShownAnswer(told=replace(item.told, **changes), freshness=freshness)


def text_of(item: ShownAnswer, form: Form = Form.FULL) -> str:
    """Return the lines of a block with their columns."""
    return "\n".join(f"{line.left} {line.right}".strip() for line in view_pictures.body(item, form))


def pixels(picture: Any) -> np.ndarray:
    """Return a picture's pixels (row from the top, column, RGBA)."""
    width, height, _depth = picture.GetDimensions()
    return numpy_support.vtk_to_numpy(picture.GetPointData().GetScalars()).reshape(height, width, 4)[::-1]


# What it says


def test_it_says_score_survival_at_each_horizon_and_what_limits_it() -> None:
    assert words.headline(TOLD) == "▲ Rad-score group: high risk (image alone)" and words.group(TOLD) == "▲ high risk"
    assert text_of(ANSWER) == ("Rad-score 0.2502\n12-month LPFS 33 % (21 - 46)\n24-month LPFS 9 % (3 - 18)\n"
                               "36-month LPFS 4 % (1 - 11)\n2 warnings\nresearch use only")


def test_it_says_what_is_averaged_in_question_and_withheld() -> None:
    averaged = "Complete response not yet known: averaged over 143 without and 78 with (221 patients)."
    assert averaged in text_of(of(averaged=averaged))
    outcomes = tuple(replace(item, questioned=True) for item in TOLD.outcomes)
    doubtful = of(PLAIN, questioned=("group", "survival"), caution="13 SD from the mean.", outcomes=outcomes)
    assert text_of(doubtful).startswith("Rad-score 0.2502\nunreliable for this case\n12-month LPFS (33 % (21 - 46))")
    assert "unreliable for this case" in text_of(doubtful, Form.LEAST)
    reasons = tuple(Omission(component=name, title=name, reason="because") for name in ("score", "group", "survival"))
    none = of(PLAIN, headline="No result: Rad-score withheld", group="", worse=None, score="", outcomes=(), limits=(),
              withheld=reasons)
    assert words.headline(none.told) == words.group(none.told) == "No result: Rad-score withheld"
    assert text_of(none) == "3 values withheld\nresearch use only"


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize(("freshness", "text"), [
    (Freshness.UPDATING, "updating…"), (Freshness.CONTOUR_CHANGED, "contour has changed"),
    (Freshness.CHOICES_CHANGED, "choices have changed")])
def test_an_old_answer_begins_with_that(freshness: Freshness, text: str, form: Form) -> None:
    assert text_of(of(freshness=freshness), form).startswith(text + "\n")
    assert text not in text_of(ANSWER, form)


@pytest.mark.parametrize("form", list(Form))
def test_every_form_has_the_score_the_warnings_and_the_intended_use(form: Form) -> None:
    text = text_of(ANSWER, form)
    assert "Rad-score 0.2502" in text and "2" in text and "research use only" in text
    assert ("4 % (1 - 11)" in text) == (form is not Form.LEAST)


# How it looks


@pytest.mark.parametrize(("item", "colour"), [
    (PLAIN, "#A84300"), (of(PLAIN, worse=False), "#00609C"), (of(PLAIN, Freshness.UPDATING), "#A84300"),
    (of(PLAIN, worse=None, group=""), "#5A5A5A"), (of(PLAIN, questioned=("group",)), "#5A5A5A"),
    (of(PLAIN, Freshness.CONTOUR_CHANGED), "#5A5A5A"), (of(PLAIN, Freshness.CHOICES_CHANGED), "#5A5A5A")])
def test_its_head_has_the_groups_colour_and_grey_when_stale_or_in_question(item: ShownAnswer, colour: str) -> None:
    expected = [int(colour[at:at + 2], 16) for at in (1, 3, 5)]
    assert pixels(Pictures(item).corner(500, 400, 1.0))[1, 1].tolist() == [*expected, 255]
    (text, *_) = Pictures(item).label_texts(500, 1.0)
    assert np.allclose(pixels(Pictures(item).label(text, 500, 1.0))[1, 1, :3], expected, atol=2)


def plates(picture: np.ndarray) -> list[int]:
    """Return the rows in which the plate of a hatched badge is, and stripes beside it."""
    plate, stripe = ([int(colour[at:at + 2], 16) for at in (1, 3, 5)] for colour in (words.HATCH_PLATE, words.HATCH))
    has = [(picture[..., :3] == colour).all(axis=2).any(axis=1) for colour in (plate, stripe)]
    return np.flatnonzero(has[0] & has[1]).tolist()


@pytest.mark.parametrize("width", [90, 250, 500, 1200])
def test_a_demonstration_has_a_hatched_badge_above_every_number(width: int) -> None:
    demonstration, plain = Pictures(ANSWER), Pictures(PLAIN)
    assert not plates(pixels(plain.corner(width, 500, 1.0)))
    corner = pixels(demonstration.corner(width, 500, 1.0))
    rows = plates(corner)
    assert len(rows) > 8 and max(rows) < 0.62 * len(corner)  # below the headline, above the score
    for text in demonstration.label_texts(width, 1.0):
        label = pixels(demonstration.label(text, width, 1.0))
        assert min(plates(label)) <= 2 and max(plates(label)) < 0.6 * len(label)
        assert not plates(pixels(plain.label(text, width, 1.0)))


def luminance(colour: np.ndarray) -> float:
    """Return the relative luminance of an RGB colour (0 - 255), as WCAG 2.1 defines it."""
    share = np.asarray(colour, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("behind", [0, 128, 255])
@pytest.mark.parametrize("freshness", [Freshness.CURRENT, Freshness.CONTOUR_CHANGED])
def test_its_letters_stand_out_over_black_air_and_over_white_bone(freshness: Freshness, behind: int) -> None:
    picture = pixels(Pictures(of(PLAIN, freshness)).corner(500, 400, 1.0)).astype(float)
    shown = picture[..., :3] * picture[..., 3:] / 255 + behind * (1 - picture[..., 3:] / 255)
    for rows in (slice(2, 16), slice(24, -4)):  # of the head, of the lines below it
        block = shown[rows].reshape(-1, 3)
        light = np.array([luminance(colour) for colour in np.unique(block, axis=0)])
        assert (light.max() + 0.05) / (light.min() + 0.05) >= 4.5


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("width", [30, 90, 170, 250, 420, 800, 1600])
def test_no_picture_is_wider_than_the_view(width: int, scale: float) -> None:
    pictures = Pictures(of(group="a risk group with a rather long name"))
    assert pictures.corner(width, 400, scale).GetDimensions()[0] <= width
    for text in pictures.label_texts(width, scale):
        assert pictures.label(text, width, scale).GetDimensions()[0] <= width


def test_smaller_views_have_less_of_it() -> None:
    pictures = Pictures(ANSWER)
    sizes = [pictures.corner(width, height, 1.0).GetDimensions()
             for width, height in ((1200, 900), (512, 400), (250, 200), (250, 150))]
    assert sizes == sorted(sizes, reverse=True) and len({size[1] for size in sizes}) == 4
    for (_wide, high, _depth), room in zip(sizes, (900, 400, 200, 150), strict=True):
        assert high <= 0.6 * room


def test_a_dense_screen_has_the_same_picture_in_more_pixels() -> None:
    once, twice = (Pictures(ANSWER).corner(round(500 * scale), round(400 * scale), scale).GetDimensions()
                   for scale in (1.0, 2.0))
    assert np.allclose(np.array(twice[:2]) / once[:2], 2, rtol=0.06)
