"""How stable an answer is: the unperturbed answer to the last bit, the same bytes from one seed, what is withheld."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume

from RadiomicsPrognosisLib.errors import Cancelled, EmptyVoi, InputError, UnstableAnswer
from RadiomicsPrognosisLib.models.cutoff import Cutoff, GroupLabels
from RadiomicsPrognosisLib.models.model import Endpoint, Input, Model, Provenance, Source
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.signature import Signature, WeightedFeature
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import score_vois
from RadiomicsPrognosisLib.protocol import Protocol
from RadiomicsPrognosisLib.stability import assess, perturbing
from RadiomicsPrognosisLib.stability.assess import assess_stability
from RadiomicsPrognosisLib.stability.record import KINDS, Stability
from RadiomicsPrognosisLib.stability.settings import NoiseSettings, load_settings
from RadiomicsPrognosisLib.stability.spreads import kinds_to_blame
from RadiomicsPrognosisLib.stability.words import headline, stability_text
from RadiomicsPrognosisLib.voi import Voi, make_voi, read_image, read_mask

PROTOCOL = make_protocol(resampling={"spacing_mm": [1.5, 1.5, 1.5]}, feature_classes=["firstorder", "glcm"])
TERMS = (("original_firstorder_Mean", 0.02), ("original_firstorder_Skewness", -0.5), ("original_glcm_Contrast", 0.01))


def simple_model(inputs: tuple[str, ...] = ("image",), cutoff: float = 0.0, protocol: Protocol = PROTOCOL) -> Model:
    """Return a model of three features of each input, with groups and nothing else."""
    terms = tuple(WeightedFeature(feature=feature, coefficient=coefficient, input=name)
                  for name in inputs for feature, coefficient in TERMS)
    return Model(
        id="simple", version="1", title="Simple", population="test", source=Source("test"),
        endpoint=Endpoint(name="event", abbreviation="E", kind="binary", event="event"),
        provenance=Provenance(signature="trained here", cutoff="trained here"),
        protocol_name=protocol.id, protocol=protocol, inputs=tuple(Input(name, name) for name in inputs),
        signature=Signature(name="Score", intercept=0.25, standardised=False, terms=terms),
        cutoff=Cutoff(value=cutoff, inclusive=False, worse="above", labels=GroupLabels("low risk", "high risk")),
        intended_use="test")


def simple_voi(seed: int = 0, protocol: Protocol = PROTOCOL) -> Voi:
    image, mask = textured_volume((36, 34, 24), (1.0, 1.0, 2.0), seed)
    return make_voi(image, mask, protocol)


def dumped(stability: Stability) -> str:
    return json.dumps(stability.to_dict(), allow_nan=False, indent=1)


@pytest.fixture(scope="module")
def simple() -> Stability:
    return assess_stability({"image": simple_voi()}, simple_model(cutoff=1.2), count=20, seed=3, jobs=1)


def test_the_unperturbed_answer_is_the_score_to_the_last_bit(simple: Stability) -> None:
    prediction = score_vois({"image": simple_voi()}, simple_model(cutoff=1.2))
    assert simple.unperturbed == prediction
    assert simple.score_spread.unperturbed == prediction.score
    assert simple.group is not None and prediction.group is not None and simple.group.label == prediction.group.label


def test_without_any_kind_on_the_features_are_those_of_the_case() -> None:
    voi, names = simple_voi(), tuple(name for name, _ in TERMS)
    native = make_protocol(feature_classes=["firstorder", "glcm"])
    for protocol in (PROTOCOL, native):
        own = simple_voi(protocol=protocol)
        lesion = perturbing.ready(own, protocol, load_settings(), names, 0)
        extracted = perturbing.perturb(lesion, perturbing.Draw(0, 0, 0, 1), ())
        expected = perturbing.extract(own, protocol, names).values
        np.testing.assert_allclose(extracted.values, [expected[name] for name in names],
                                   rtol=0 if protocol is native else 1e-3)
    assert voi.content_hash() == simple_voi().content_hash()


def test_the_same_seed_gives_the_same_bytes_from_any_number_of_processes(simple: Stability) -> None:
    again = assess_stability({"image": simple_voi()}, simple_model(cutoff=1.2), count=20, seed=3, jobs=2)
    assert dumped(again) == dumped(simple)
    other = assess_stability({"image": simple_voi()}, simple_model(cutoff=1.2), count=20, seed=4, jobs=1)
    assert other.score_spread != simple.score_spread


def test_the_record_survives_json(simple: Stability) -> None:
    text = dumped(simple)
    assert dumped(Stability.from_dict(json.loads(text))) == text
    with pytest.raises(ValueError, match="its schema is 'other'"):
        Stability.from_dict({**json.loads(text), "schema": "other"})
    with pytest.raises(TypeError, match=r"Spread\.median"):
        Stability.from_dict({**json.loads(text), "score_spread": {**json.loads(text)["score_spread"], "median": "a"}})


def test_every_number_follows_from_the_perturbations(simple: Stability) -> None:
    scores = np.array([item.score for item in simple.perturbations], float)
    spread = simple.score_spread
    assert (spread.minimum, spread.maximum) == (scores.min(), scores.max())
    assert (spread.lower, spread.median, spread.upper) == tuple(np.percentile(scores, [2.5, 50, 97.5]))
    assert spread.sd == pytest.approx(scores.std(ddof=1), rel=1e-12)
    contributions = np.array([item.contributions for item in simple.perturbations])
    np.testing.assert_allclose(contributions.sum(axis=1) + 0.25, scores, rtol=1e-12)
    assert sum(item.share or 0 for item in simple.features) == pytest.approx(1, rel=1e-9)
    assert [item.share for item in simple.features] == sorted((item.share for item in simple.features), reverse=True)
    above = [item.above for item in simple.perturbations]
    assert above == [score > 1.2 for score in scores]
    group = simple.group
    assert group is not None and group.count == 20 and group.same + group.others == 20
    assert group.sentence == f"{group.label} in {group.same} of 20"
    assert 0 < group.others < 20 and group.share_other == group.others / 20
    assert simple.distances is not None and simple.distances.median == pytest.approx(spread.median - 1.2)


def test_each_kind_is_tried_alone(simple: Stability) -> None:
    alone = load_settings().alone
    assert {item.kind for item in simple.kinds} == set(KINDS) and {item.count for item in simple.kinds} == {alone}
    assert sum(item.share or 0 for item in simple.kinds) == pytest.approx(1)
    for perturbation in simple.perturbations:
        assert set(perturbation.parameters["image"]) == set(KINDS)
    changes = sorted(item.parameters["image"]["volume"]["change"] for item in simple.perturbations)
    steps = np.floor((np.array(changes) + 0.15) / 0.3 * 20)
    np.testing.assert_array_equal(steps, np.arange(20))  # one in each of as many equal steps


def test_kinds_that_are_off_do_nothing_and_change_no_other() -> None:
    run = {"count": 10, "jobs": 1, "seed": 3}
    two = load_settings().only(["rotation", "noise"])
    some = assess_stability({"image": simple_voi()}, simple_model(), settings=two, **run)
    every = assess_stability({"image": simple_voi()}, simple_model(), **run)
    only = assess_stability({"image": simple_voi()}, simple_model(), settings=load_settings().only(["rotation"]), **run)
    assert all(set(item.parameters["image"]) == {"noise", "rotation"} for item in some.perturbations)
    for first, second in zip(some.perturbations, every.perturbations, strict=True):
        assert first.parameters["image"]["rotation"] == second.parameters["image"]["rotation"]
    assert [item.kind for item in only.kinds] == ["rotation"] and only.kinds[0].count == 10
    assert only.kinds[0].scores == tuple(item.score for item in only.perturbations) and only.kinds[0].share == 1
    assert {item.kind: item.scores for item in some.kinds} == {
        item.kind: item.scores for item in every.kinds if item.kind in ("rotation", "noise")}


def test_inputs_are_perturbed_independently() -> None:
    model = simple_model(("arterial", "venous"))
    vois = {"arterial": simple_voi(0), "venous": simple_voi(0)}
    stability = assess_stability(vois, model, count=10, jobs=1, settings=replace(load_settings(), alone=0))
    for item in stability.perturbations:
        assert item.parameters["arterial"]["rotation"] != item.parameters["venous"]["rotation"]
    assert stability.kinds == () and {item.input for item in stability.features} == {"arterial", "venous"}


def breaking(numbers: range) -> Callable[..., Any]:
    """Return ``extract`` that refuses the perturbations with these numbers (in the order of calls)."""
    real, calls = perturbing.extract, iter(range(10**6))

    def extract(*options: Any, **more: Any) -> Any:
        if next(calls) in numbers:
            raise EmptyVoi("Segment 'VOI' has 3 voxels after the HU range from 0 HU.", "after the HU range")
        return real(*options, **more)

    return extract


def test_a_perturbation_without_a_score_is_counted_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perturbing, "extract", breaking(range(5, 8)))
    stability = assess_stability({"image": simple_voi()}, simple_model(), count=20, jobs=1,
                                 settings=replace(load_settings(), alone=0))
    lost = stability.perturbations[5:8]
    assert all(item.score is None and item.group is None and item.contributions == () for item in lost)
    assert all(item.withheld == "Segment 'VOI' has 3 voxels after the HU range from 0 HU." for item in lost)
    assert (stability.count, stability.scored) == (20, 17)
    assert [(item.reason, item.count) for item in stability.failures] == [("too few voxels after the HU range", 3)]
    assert stability.warnings[0].code == "withheld-perturbations" and "3 of 20" in stability.warnings[0].message
    assert stability.group is not None and stability.group.count == 17
    assert "No score in 3 of 20: too few voxels after the HU range" in stability_text(stability)
    dumped(stability)


def test_too_few_scores_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perturbing, "extract", breaking(range(8, 20)))
    with pytest.raises(UnstableAnswer, match=r"Of 20 perturbations only 8 gave a score: too few voxels .* \(12\)"):
        assess_stability({"image": simple_voi()}, simple_model(), count=20, jobs=1,
                         settings=replace(load_settings(), alone=0))


def test_an_answer_that_is_withheld_has_no_stability() -> None:
    """A standardised signature gives no score without a scaling."""
    model = simple_model()
    model = replace(model, signature=replace(model.signature, standardised=True))
    with pytest.raises(UnstableAnswer, match=r"There is no score to perturb\. .*needs their means and SDs"):
        assess_stability({"image": simple_voi()}, model, jobs=1)


@pytest.mark.parametrize("options", [{"count": 9}, {"seed": -1}, {"seed": 2**32}, {"jobs": 0}])
def test_impossible_numbers_are_refused(options: Mapping[str, int]) -> None:
    with pytest.raises(InputError, match="at least 10 perturbations"):
        assess_stability({"image": simple_voi()}, simple_model(), **options)


def test_progress_rises_to_one_and_cancelling_stops() -> None:
    shares: list[float] = []
    assess_stability({"image": simple_voi()}, simple_model(), count=10, jobs=1,
                     progress=lambda share, text: shares.append(share))
    assert shares == sorted(shares) and shares[-1] == 1

    def stop(share: float, text: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        assess_stability({"image": simple_voi()}, simple_model(), count=10, jobs=1, progress=stop)


def test_blame_adds_up_and_knows_who_moves_nothing() -> None:
    blames = kinds_to_blame({"noise": [1.0, 1.0, None], "contour": [2.0, 0.0, 2.0], "volume": [None, 1.0]}, 1.0)
    by_kind = {item.kind: item for item in blames}
    assert blames[0].kind == "contour" and by_kind["contour"].share == 1 and by_kind["noise"].share == 0
    assert by_kind["volume"].share is None and by_kind["volume"].sd is None
    assert by_kind["contour"].shift == pytest.approx(1 / 3) and by_kind["noise"].sd == 0
    still = kinds_to_blame({"noise": [1.0, 1.0], "contour": [1.0, 1.0]}, 1.0)
    assert all(item.share is None for item in still)


def test_words_name_the_group_or_the_interval(simple: Stability) -> None:
    assert simple.group is not None
    assert headline(simple).lower().startswith(simple.group.sentence)
    assert "Score" in headline(replace(simple, group=None)) and "95 %" in headline(replace(simple, group=None))
    text = stability_text(simple)
    assert simple.caveat in text and "not a confidence interval of the outcome" in text
    assert all(kind in text for kind in KINDS)


def test_a_lesion_of_few_supervoxels_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    coarse = replace(load_settings(), alone=0)
    assert coarse.contour is not None
    stability = assess_stability({"image": simple_voi()}, simple_model(), count=10, jobs=1,
                                 settings=replace(coarse, contour=replace(coarse.contour, supervoxel_mm3=500.0)))
    fine = assess_stability({"image": simple_voi()}, simple_model(), count=10, jobs=1,
                            settings=replace(coarse, contour=replace(coarse.contour, supervoxel_mm3=20.0)))
    overlaps = [np.mean([item.parameters["image"]["contour"]["dice"] for item in result.perturbations
                         if "contour" in item.parameters["image"]]) for result in (stability, fine)]
    assert overlaps[0] < overlaps[1]
    for result, overlap in zip((stability, fine), overlaps, strict=True):
        assert any(item.code == "coarse-supervoxels" for item in result.warnings) == (overlap < 0.8)
    assert "coarse-supervoxels" in {item.code for item in stability.warnings}


def test_contours_that_are_of_another_region_are_no_answer() -> None:
    """Of a hundred voxels a supervoxel is many times the size: what it covers says nothing of the lesion."""
    image, mask = textured_volume((36, 34, 24), (1.0, 1.0, 2.0), 0)
    tiny = np.zeros(mask.GetSize()[::-1], np.uint8)
    tiny[10:14, 15:20, 16:21] = 1
    small = sitk.GetImageFromArray(tiny)
    small.CopyInformation(mask)
    voi = make_voi(image, small, PROTOCOL)
    with pytest.raises(UnstableAnswer, match=r"mean Dice of 0.* another region\. Leave out the kind 'contour'"):
        assess_stability({"image": voi}, simple_model(), count=10, jobs=1)
    without = load_settings().only([kind for kind in KINDS if kind != "contour"])
    assert assess_stability({"image": voi}, simple_model(), count=10, jobs=1, settings=without).scored > 5


def test_scores_that_all_move_to_one_side_are_warned_of(simple: Stability) -> None:
    stability = assess_stability({"image": simple_voi()}, simple_model(), count=10, jobs=1,
                                 settings=replace(load_settings().only(["noise"]), noise=NoiseSettings(6.0)))
    spread = stability.score_spread
    assert not spread.lower <= spread.unperturbed <= spread.upper
    assert "displaced" in {item.code for item in stability.warnings}
    assert simple.score_spread.lower <= simple.score_spread.unperturbed <= simple.score_spread.upper
    assert "displaced" not in {item.code for item in simple.warnings}


@pytest.mark.slow
def test_lung2_with_s1_has_every_number(lung: Callable[[str], tuple[Path, Path]]) -> None:
    model = load_model("s1_escc_lpfs_radscore")
    image, mask = lung("lung2")
    voi = make_voi(read_image(image), read_mask(mask)[0], model.image_protocol())
    stability = assess_stability({"image": voi}, model, load_scaling("demonstration-sts-ct", model),
                                 {"n_stage": "N1", "complete_response": "no"}, count=12,
                                 settings=replace(load_settings(), alone=2))
    assert stability.scored == 12 and stability.failures == ()
    assert [item.months for item in stability.outcomes] == list(model.horizons_months)
    for item in stability.outcomes:
        assert 0 <= item.spread.lower <= item.spread.median <= item.spread.upper <= 1
    assert len(stability.features) == len(model.terms)
    assert "demonstration-scaling" in {item.code for item in stability.warnings}
    assert stability.method == assess.METHOD
