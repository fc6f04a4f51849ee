"""Two readings of one lesion: what differs, by how much, through which features, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume
from contour_edits import EDITS

from RadiomicsPrognosisLib.errors import GeometryMismatch, ModelMismatch
from RadiomicsPrognosisLib.models.scaling import Scaling, load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction.predict import score_vois
from RadiomicsPrognosisLib.prediction.record import Contribution, Group, Prediction
from RadiomicsPrognosisLib.reading.comparison import ReadingPair, ScoredContour, compare_readings
from RadiomicsPrognosisLib.reading.overlap import contour_overlap
from RadiomicsPrognosisLib.voi import Voi, make_voi

S1, S2 = load_model("s1_escc_lpfs_radscore"), load_model("s2_escc_ln_response")
IMAGE, MASK = textured_volume()


def edited(name: str) -> sitk.Image:
    second = sitk.GetImageFromArray(EDITS[name](sitk.GetArrayFromImage(MASK) > 0).astype(np.uint8))
    second.CopyInformation(MASK)
    return second


def voi(mask: sitk.Image, image: sitk.Image = IMAGE) -> Voi:
    return make_voi(image, mask, S2.image_protocol(), "Tumour")


def scored(name: str, mask: sitk.Image, image: sitk.Image = IMAGE) -> ScoredContour:
    vois = {"image": voi(mask, image)}
    return ScoredContour(name, vois, score_vois(vois, S2))


@pytest.fixture(scope="module")
def pair() -> tuple[ScoredContour, ScoredContour]:
    return scored("Reader A", MASK), scored("Reader B", edited("tight"))


def test_scores_features_and_contours_side_by_side(pair: tuple[ScoredContour, ScoredContour]) -> None:
    comparison = compare_readings(*pair)
    a, b = (reading.prediction for reading in pair)
    assert (comparison.a, comparison.b, comparison.names) == (a, b, ("Reader A", "Reader B"))
    assert comparison.overlap == contour_overlap(MASK, edited("tight"))
    assert comparison.score_change == b.score - a.score != 0
    changes = {item.feature: item for item in comparison.features}
    for first, second in zip(a.contributions, b.contributions, strict=True):
        item = changes[first.feature]
        assert (item.a, item.b, item.change_sd) == (first.value, second.value, None)
        assert item.change_share == pytest.approx(abs(second.value - first.value)
                                                  / max(abs(first.value), abs(second.value)))
        assert item.contribution_change == pytest.approx(first.coefficient * (second.value - first.value))
    moved = [item.change_share for item in comparison.features]
    assert moved == sorted(moved, reverse=True)
    assert sum(item.contribution_change for item in comparison.features) == pytest.approx(comparison.score_change)
    assert sum(item.score_share for item in comparison.features) == pytest.approx(1.0)
    plain = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    assert plain["score_change"] == comparison.score_change and plain["features"][0]["feature"] in changes
    assert Prediction.from_dict(plain["b"]) == b


def test_the_other_way_round_everything_changes_its_sign(pair: tuple[ScoredContour, ScoredContour]) -> None:
    there, back = compare_readings(*pair), compare_readings(*pair[::-1])
    assert back.score_change == -there.score_change
    assert [item.feature for item in back.features] == [item.feature for item in there.features]
    for one, other in zip(there.features, back.features, strict=True):
        assert other.contribution_change == -one.contribution_change and other.score_share == one.score_share


def test_identical_readings_change_nothing() -> None:
    comparison = compare_readings(scored("Reader A", MASK), scored("Reader B", MASK))
    assert (comparison.overlap.dice, comparison.score_change, comparison.group_changes) == (1, 0, False)
    assert {(item.moved, item.contribution_change, item.score_share) for item in comparison.features} == {(0, 0, None)}


def test_with_a_scaling_features_are_ordered_by_sd() -> None:
    """S1 as the demonstration scaling has it; a z-score differs by what the feature differs in SD."""
    scaling = load_scaling("demonstration-sts-ct", S1)
    given = {"n_stage": "N1", "complete_response": "no"}
    readings = []
    for name, mask in (("Reader A", MASK), ("Reader B", edited("tight"))):
        vois = {"image": make_voi(IMAGE, mask, S1.image_protocol(), "Tumour")}
        readings.append(ScoredContour(name, vois, score_vois(vois, S1, scaling, given)))
    comparison = compare_readings(*readings)
    z = {first.feature: second.z - first.z for first, second in zip(
        *(reading.prediction.contributions for reading in readings), strict=True)}
    assert {item.feature: item.change_sd for item in comparison.features} == pytest.approx(z)
    moved = [abs(item.change_sd) for item in comparison.features]
    assert moved == sorted(moved, reverse=True)
    assert [item.code for item in comparison.warnings].count("demonstration-scaling") == 1
    other = replace(scaling, hash="0" * 64)
    with pytest.raises(ModelMismatch, match="'Reader A' and 'Reader B' differ in more than their contours: scaling"):
        compare_readings(readings[0], scored_again(readings[1], other, given))


def scored_again(reading: ScoredContour, scaling: Scaling, given: dict[str, str]) -> ScoredContour:
    return replace(reading, prediction=score_vois(reading.vois, S1, scaling, given))


def with_terms(reading: ScoredContour, values: tuple[float, ...]) -> ScoredContour:
    """Return the reading with terms of coefficient 1, and the score that is their sum."""
    terms = tuple(Contribution(feature=f"original_firstorder_{n}", input="image", value=value, unit="", mean=None,
                               sd=None, z=None, coefficient=1.0, contribution=value) for n, value in enumerate(values))
    return replace(reading, prediction=replace(reading.prediction, contributions=terms, score=sum(values)))


@pytest.mark.parametrize(("b", "shares"), [
    ((2.0, 1.0), {"original_firstorder_0": 0.5, "original_firstorder_1": 0.5}),
    ((4.0, -1.0), {"original_firstorder_0": 1.5, "original_firstorder_1": -0.5}),
    ((2.0, -0.92), {"original_firstorder_0": None, "original_firstorder_1": None}),  # 0.08 of 1.92 is left
])
def test_shares_of_changes_that_cancel(pair: tuple[ScoredContour, ScoredContour], b: tuple[float, ...],
                                       shares: dict[str, float | None]) -> None:
    comparison = compare_readings(with_terms(pair[0], (1.0, 0.0)), with_terms(pair[1], b))
    assert {item.feature: item.score_share for item in comparison.features} == pytest.approx(shares)
    assert {item.feature: item.change_share for item in comparison.features}["original_firstorder_1"] == 1.0


def with_group(reading: ScoredContour, group: Group | None) -> ScoredContour:
    return replace(reading, prediction=replace(reading.prediction, group=group))


def test_the_group_changes_or_is_not_known(pair: tuple[ScoredContour, ScoredContour]) -> None:
    high, low = Group("high risk", True, True), Group("low risk", False, False)

    def compare(a: Group | None, b: Group | None) -> ReadingPair:
        return compare_readings(with_group(pair[0], a), with_group(pair[1], b))

    assert compare(high, low).group_changes is True
    assert compare(low, low).group_changes is False
    assert compare(high, None).group_changes is None


def test_a_withheld_score_leaves_contours_and_the_reason() -> None:
    readings = []
    for name, mask in (("Reader A", MASK), ("Reader B", edited("tight"))):
        vois = {"image": make_voi(IMAGE, mask, S1.image_protocol(), "Tumour")}
        readings.append(ScoredContour(name, vois, score_vois(vois, S1)))
    comparison = compare_readings(*readings)
    assert (comparison.score_change, comparison.group_changes, comparison.features) == (None, None, ())
    assert "choose a scaling" in comparison.a.why_withheld("score")
    assert 0 < comparison.overlap.dice < 1
    json.dumps(comparison.to_dict(), allow_nan=False)


def test_a_contour_of_another_grid_is_compared_as_resampled_and_said_to_be() -> None:
    finer = sitk.Resample(edited("tight"), [48, 44, 40], sitk.Transform(), sitk.sitkNearestNeighbor, MASK.GetOrigin(),
                          [value / 2 for value in MASK.GetSpacing()], MASK.GetDirection(), 0, sitk.sitkUInt8)
    comparison = compare_readings(scored("Reader A", MASK), scored("Reader B", finer))
    stated = [item.message for item in comparison.warnings if item.code == "resampled"]
    assert len(stated) == 1 and stated[0].startswith("Reader B: The contour came in another grid")
    assert 0 < comparison.overlap.dice < 1


def test_refusals(pair: tuple[ScoredContour, ScoredContour]) -> None:
    a, b = pair
    for name, changes in (("model", {"model": replace(b.prediction.model, hash="other")}),
                          ("protocol", {"protocol": replace(b.prediction.protocol, hash="other")}),
                          ("engine", {"engine": replace(b.prediction.engine, version="0.1")}),
                          ("clinical factors", {"covariates": {"n_stage": "N1"}})):
        with pytest.raises(ModelMismatch, match=f"differ in more than their contours: {name};"):
            compare_readings(a, replace(b, prediction=replace(b.prediction, **changes)))
    with pytest.raises(ModelMismatch, match="not the one the prediction was made from"):
        compare_readings(a, replace(b, vois=a.vois))
    for image in (IMAGE + 1, IMAGE[:-1, :, :]):
        other = scored("Reader B", edited("tight")[:image.GetWidth(), :, :], image)
        with pytest.raises(GeometryMismatch, match=r"different (images|grids)"):
            compare_readings(a, other)
