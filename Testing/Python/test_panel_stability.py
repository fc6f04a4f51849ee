"""How stable an answer is, without Qt: the case on disk, the scale of the picture, whose result it is, its section."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume
from figure_cases import COX, cases
from stability_cases import PROGRAM, READERS, make_stability, of_another_score

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cli.stability import readers_agreement
from RadiomicsPrognosisLib.command_messages import StabilitySummary
from RadiomicsPrognosisLib.errors import FileError, ModelMismatch
from RadiomicsPrognosisLib.figures import DARK, svg_text
from RadiomicsPrognosisLib.figures.perturbed_scores import draw_stability
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.presenter.case import Choices, ReadyCase
from RadiomicsPrognosisLib.presenter.case_files import agreement_options, case_options, write_case
from RadiomicsPrognosisLib.presenter.command_process import CommandProcess, Stage
from RadiomicsPrognosisLib.presenter.errand import Errand
from RadiomicsPrognosisLib.presenter.stability_check import StabilityCheck
from RadiomicsPrognosisLib.report import write_report
from RadiomicsPrognosisLib.report.blocks import DataTable, Notice, Picture
from RadiomicsPrognosisLib.report.stability_section import TITLE, stability_section
from RadiomicsPrognosisLib.stability.scale import brief, shift_note, stability_scale
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask

S2, SCALING = "s2_escc_ln_response", "demonstration-sts-ct"


def oblique_case(name: str = "Tumör 1: übrig = ja") -> ReadyCase:
    """Return a case whose grid no short decimal number describes."""
    image, mask = textured_volume()
    direction, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    for item in (image, mask):
        item.SetDirection(direction.ravel().tolist())
        item.SetSpacing((0.7 / 3, 1.1 / 3, 2.5 / 3))
        item.SetOrigin((0.1, -3.7, 1 / 3))
    model = load_model(S2)
    return ReadyCase(model, None, {}, {model.inputs[0].name: make_voi(image, mask, model.image_protocol(), name)})


# The case on disk


def test_a_case_on_disk_is_the_case_to_the_last_bit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = oblique_case()
    choices = Choices(model_id=S2)
    options = [*write_case(case, tmp_path), *case_options(choices, case)]
    (voi,) = case.vois.values()
    mask, name = read_mask(options[3])
    again = make_voi(read_image(options[1]), mask, case.model.image_protocol(), name)
    assert (again.name, again.grid, again.statistics, again.warnings) == (
        voi.name, voi.grid, voi.statistics, voi.warnings)
    assert again.content_hash() == voi.content_hash()
    assert run(["score", *options, "--json"]) == 0
    assert case.matches(Prediction.from_dict(json.loads(capsys.readouterr().out)))


def test_each_volume_of_a_model_with_several_has_its_own_contour(tmp_path: Path) -> None:
    case = oblique_case()
    (voi,) = case.vois.values()
    options = write_case(replace(case, vois={"arterial": voi, "venous": voi}), tmp_path)
    assert options[0::2] == ["--image", "--mask", "--input"]
    name, _, paths = options[-1].partition("=")
    assert name == "venous" and [Path(path).is_file() for path in paths.split(",")] == [True, True]
    assert options[1] not in paths


def test_options_are_those_that_the_case_needs() -> None:
    model = load_model(COX)
    case = replace(oblique_case(), model=model, scaling=None)
    choices = Choices(model_id=COX, scaling="own", covariates={"n_stage": "N1", "complete_response": "", "age": "70"})
    assert case_options(choices, case) == ["--model", COX, "--covariate", "n_stage=N1"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="make room"):
        write_case(oblique_case(), tmp_path / "absent")


def test_an_errand_gives_its_result_or_its_error() -> None:
    assert Errand(lambda: 3).result() == 3
    broken = Errand(lambda: 1 / 0)
    broken.wait()
    assert broken.ended
    with pytest.raises(ZeroDivisionError):
        broken.result()


# The scale


def test_every_answer_is_in_one_bar_on_its_side_of_the_cutoff() -> None:
    stability = make_stability(cases()["high"], sd=0.5)
    scale = stability_scale(stability)
    for most in (5, 24, 200):
        bars = scale.bars(most)
        assert sum(bar.count for bar in bars) == 50
        assert sum(bar.count for bar in bars if bar.above) == scale.count(True) == stability.group.same
        assert all(bar.start >= scale.cutoff - 1e-12 if bar.above else bar.end <= scale.cutoff + 1e-12 for bar in bars)
        assert len({(bar.start, bar.above) for bar in bars}) == len(bars)
    marks = [scale.unperturbed, scale.cutoff, scale.lower, scale.upper, *(value for value, _ in scale.values)]
    assert all(0 < scale.share(value) < 1 for value in marks)


def test_an_answer_at_the_cutoff_is_on_the_side_that_the_model_puts_it_on() -> None:
    stability = make_stability(cases()["high"], sd=0.5)
    for above in (True, False):
        at_cutoff = replace(stability.perturbations[0], distance=0.0, above=above)
        scale = stability_scale(replace(stability, perturbations=(at_cutoff,)))
        (bar,) = scale.bars(20)
        assert bar.above is above and scale.cutoff == pytest.approx(bar.start if above else bar.end)


def test_limits_of_agreement_lie_around_the_case_and_only_on_the_scores_scale() -> None:
    case = cases()["high"]
    scale = stability_scale(make_stability(case, agreement=READERS))
    assert scale.agreement == pytest.approx((case.score - 0.18, case.score + 0.22))
    assert all(0 < scale.share(end) < 1 for end in scale.agreement)
    other = stability_scale(make_stability(replace(case, cutoff_on="linear predictor"), agreement=READERS))
    assert other.agreement is None and other.name == "Linear predictor"
    assert other.unperturbed == pytest.approx(case.cutoff + case.distance)


def test_a_model_without_groups_has_a_scale_and_a_sentence() -> None:
    case = replace(cases()["high"], group=None, cutoff=None, cutoff_on=None, distance=None)
    stability = make_stability(case)
    scale = stability_scale(stability)
    assert scale.cutoff is None and {bar.above for bar in scale.bars(20)} == {None}
    assert brief(stability).startswith("Rad-score ") and "95 % of 50" in brief(stability)


def test_answers_that_are_all_the_same_have_a_scale() -> None:
    case = replace(cases()["high"], group=None, cutoff=None, cutoff_on=None, distance=None)
    scale = stability_scale(make_stability(case, sd=0.0))
    assert scale.low < scale.unperturbed < scale.high and sum(bar.count for bar in scale.bars(10)) == 50


# Whose result it is


@pytest.fixture
def check() -> Iterator[StabilityCheck]:
    asked = StabilityCheck(CommandProcess(StabilitySummary, PROGRAM), lambda _text: None)
    yield asked
    asked.close()


def wait(check: StabilityCheck, seconds: float = 60.0) -> None:
    """Poll as the panel's timer does."""
    end = time.monotonic() + seconds
    while check.active:
        assert time.monotonic() < end, check.stage
        check.poll()
        time.sleep(0.02)


def test_a_question_is_answered_and_nothing_is_left_on_the_disk(check: StabilityCheck, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    case = oblique_case()
    check.start(Choices(model_id=S2), case)
    assert check.active and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(RuntimeError, match="already"):
        check.start(Choices(model_id=S2), case)
    wait(check)
    assert check.stage is Stage.DONE and check.problem is None
    assert case.has_answer_of(check.result.unperturbed) and not list(tmp_path.iterdir())
    check.result.check_origin(score_vois(case.vois, case.model))


@pytest.mark.parametrize("program", [
    "print('no message')", "raise ValueError('broken')",
    "print('{\"kind\": \"error\", \"code\": \"file\", \"error\": \"E\", \"message\": \"no such model\", "
    "\"details\": \"\"}')",
    "print('{\"kind\": \"stability\", \"model\": \"m\", \"group\": null, \"perturbations\": 1, \"scored\": 1, "
    "\"agreeing\": 0, \"headline\": \"\", \"json\": \"/absent/s.json\", \"report\": null}')"])
def test_a_command_that_fails_has_a_problem_and_leaves_the_earlier_result(program: str) -> None:
    earlier = make_stability(cases()["high"])
    failing = StabilityCheck(CommandProcess(StabilitySummary, (PROGRAM[0], "-c", program)), lambda _text: None)
    failing.restore(earlier)
    failing.start(Choices(model_id=S2), oblique_case())
    wait(failing)
    assert failing.stage is Stage.FAILED and failing.problem is not None and failing.result is earlier


def test_cancelling_at_any_time_leaves_nothing(check: StabilityCheck, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    hold = tmp_path / "hold"
    monkeypatch.setenv("RP_HOLD", str(hold))
    for share in (None, 0.0, 0.5):
        hold.touch()
        check.start(Choices(model_id=S2), oblique_case())
        while share is not None and check.progress.share < share:
            check.poll()
            time.sleep(0.01)
        check.cancel()
        assert check.stage is Stage.CANCELLING
        wait(check)
        hold.unlink()
        assert check.stage is Stage.CANCELLED and check.result is None and not list(tmp_path.iterdir())


def test_closing_while_it_runs_leaves_nothing(check: StabilityCheck, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("RP_HOLD", __file__)
    check.start(Choices(model_id=S2), oblique_case())
    while check.progress.share < 0.5:
        check.poll()
        time.sleep(0.01)
    check.close()
    assert not check.active and not list(tmp_path.iterdir())


# The report


@pytest.mark.parametrize("name", ["low", "high", "no-survival", "logistic"])
def test_the_section_says_what_the_result_holds(name: str) -> None:
    stability = make_stability(cases()[name], failed=3, agreement=READERS)
    section = stability_section(stability)
    assert section.title == TITLE
    tables = [block for block in section.blocks if isinstance(block, DataTable)]
    assert [len(table.rows) for table in tables] == [1 + len(stability.outcomes), 5, min(len(stability.features), 10)]
    notices = [block for block in section.blocks if isinstance(block, Notice)]
    assert notices[0].text == stability.caveat and "3 of 50" in notices[1].title
    (picture,) = (block for block in section.blocks if isinstance(block, Picture))
    assert "30 pairs" in picture.caption and "47 perturbed" in picture.caption


@pytest.mark.parametrize("width", [16.0, 9.0])
def test_the_figure_is_the_same_each_time_and_recolours(width: float) -> None:
    stability = make_stability(cases()["high"], sd=0.4, agreement=READERS)
    light, again, dark = (svg_text(draw_stability(stability, *theme, width_cm=width), *(theme or (DARK,)))
                          for theme in ((), (), (DARK,)))
    assert light == again and dark != light


def test_the_report_has_the_section_and_refuses_that_of_another_answer(tmp_path: Path) -> None:
    pytest.importorskip("fpdf")
    case = cases()["high"]
    model, stability = load_model(case.model.id), make_stability(case)
    page = write_report(case, model, tmp_path, stability=stability).html.read_text(encoding="utf-8")
    assert TITLE in page and stability.caveat in page and f"{stability.group.same} of 50" in page
    assert TITLE not in write_report(case, model, tmp_path).html.read_text(encoding="utf-8")
    for other in (of_another_score(stability), make_stability(cases()["low"])):
        with pytest.raises(ModelMismatch, match="not that of this prediction"):
            write_report(case, model, tmp_path, stability=other)


def test_the_contour_of_a_case_on_disk_is_only_its_box(tmp_path: Path) -> None:
    case = oblique_case()
    (voi,) = case.vois.values()
    write_case(case, tmp_path)
    assert sitk.ReadImage(str(tmp_path / "contour1.seg.nrrd")).GetSize() == voi.contour.shape[::-1]


# Limits of agreement at hand


def analysed(folder: Path, model_id: str, *options: str) -> Path:
    """Analyse readings by two readers of ten lesions, with the features of a model, into ``folder``."""
    model = load_model(model_id)
    names = [term.feature for term in model.terms]
    generator = np.random.default_rng(0)
    lines = [",".join(("case", "reader", "protocol", *names))]
    for case in range(10):
        lesion = generator.normal(size=len(names))
        lines += [",".join((f"c{case}", reader, model.image_protocol().id,
                            *map(str, lesion + 0.1 * generator.normal(size=len(names))))) for reader in "AB"]
    table = folder.with_suffix(".csv")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(["reproducibility", "--features", str(table), "--model", model_id, *options, "--out", str(folder)]) == 0
    return folder


def test_limits_of_agreement_are_those_of_the_same_score(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    own, other = analysed(tmp_path / "own", S2), analysed(tmp_path / "other", COX, "--scaling", SCALING)
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{", encoding="utf-8")
    case = oblique_case()
    assert agreement_options(case, [tmp_path / "absent", damaged, other, own]) == ["--agreement", str(own)]
    assert agreement_options(case, [other]) == []
    model = load_model(COX)
    scaling = load_scaling(SCALING, model)
    assert agreement_options(replace(case, model=model, scaling=scaling), [own, other]) == ["--agreement", str(other)]
    assert agreement_options(replace(case, model=model, scaling=replace(scaling, hash="0" * 64)), [other]) == []
    assert readers_agreement(other, model, scaling).pairs == 10
    with pytest.raises(ModelMismatch, match="another scale"):
        readers_agreement(other, model, replace(scaling, hash="0" * 64))


def test_a_shift_to_one_side_is_said() -> None:
    stability = make_stability(cases()["high"])
    assert shift_note(stability) == ""
    shifted = replace(stability, score_spread=replace(stability.score_spread, unperturbed=9.0))
    assert "to one side" in shift_note(shifted)
    assert any("to one side" in block.text for block in stability_section(shifted).blocks if isinstance(block, Notice))
