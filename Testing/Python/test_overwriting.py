"""No command puts its results in the place of others unless it is told to."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import papers
import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.cli.main import make_parser, run
from RadiomicsPrognosisLib.cli.overwriting import check_output
from RadiomicsPrognosisLib.errors import FileError, PackageMissing

MODEL = "s2_escc_ln_response"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a CT, its contour, a cohort of it, and a table of features."""
    folder = tmp_path_factory.mktemp("case")
    for name, item in zip(("ct", "mask"), textured_volume(), strict=True):
        sitk.WriteImage(item, str(folder / f"{name}.nrrd"))
    (folder / "cohort.csv").write_text("case,image,mask\na,ct.nrrd,mask.nrrd\n", encoding="utf-8")
    generator = np.random.default_rng(2)
    pd.DataFrame({"case": [f"P{number}" for number in range(24)], "outcome": [0, 1] * 12,
                  **{name: generator.normal(size=24) for name in papers.S2_RESPONSE_BETAS}}).to_csv(
        folder / "features.csv", index=False)
    return folder


@pytest.fixture(autouse=True)
def no_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the reports, whose pictures take long, as where their packages are missing."""
    def missing(*_: object, **__: object) -> None:
        raise PackageMissing("No pictures here.")

    monkeypatch.setattr("RadiomicsPrognosisLib.cli.outputs.write_report", missing)
    monkeypatch.setattr("RadiomicsPrognosisLib.study.report.write_validation_report", lambda *_: None)


#: A command by its words, without --out; the file that it leaves last in the folder, empty where --out is the file.
COMMANDS = [
    (["score", "--image", "{}/ct.nrrd", "--mask", "{}/mask.nrrd", "--model", MODEL], "prediction.json"),
    (["score", "--cohort", "{}/cohort.csv", "--model", MODEL], "scores.csv"),
    (["extract", "--cohort", "{}/cohort.csv", "--protocol", "ct-original-raw", "--features",
      "original_firstorder_Mean"], ""),
    (["study", "validate", MODEL, "--cohort", "{}/features.csv"], "validation.json"),
]


@pytest.mark.parametrize(("words", "result"), COMMANDS, ids=lambda item: item[0] if isinstance(item, list) else "")
def test_results_are_overwritten_by_force_alone(case: Path, tmp_path: Path, words: list[str], result: str,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out" if result else tmp_path / "out.csv"
    command = [word.format(case) for word in words] + ["--out", str(out)]
    assert run(command) == 0
    file = out / result if result else out
    file.write_text("mine", encoding="utf-8")
    capsys.readouterr()
    assert run(command) == 2
    error = capsys.readouterr().err
    assert str(file) in error and "--force" in error and file.read_text(encoding="utf-8") == "mine"
    assert run([*command, "--force"]) == 0
    assert file.read_text(encoding="utf-8") != "mine"


def test_a_run_that_was_stopped_goes_on_in_its_folder(case: Path, tmp_path: Path) -> None:
    """The rows that were done left their folders, and no table."""
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "out" / "a" / "prediction.json").write_text("{}", encoding="utf-8")
    assert run(["score", "--cohort", str(case / "cohort.csv"), "--model", MODEL, "--out", str(tmp_path / "out"),
                "--reports"]) == 0
    assert (tmp_path / "out" / "a" / "prediction.json").read_text(encoding="utf-8") != "{}"


def test_what_is_there_is_named(tmp_path: Path) -> None:
    names = [f"{number}.json" for number in range(5)]
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(FileError, match=r"0\.json', '.*1\.json', '.*2\.json' and 2 more would be overwritten"):
        check_output(argparse.Namespace(force=False), tmp_path, names)
    check_output(argparse.Namespace(force=False), tmp_path, ["other.json"])
    check_output(argparse.Namespace(force=True), tmp_path, names)


def test_every_command_with_an_output_can_be_forced() -> None:
    def parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
        inner = [item for action in parser._actions if isinstance(action, argparse._SubParsersAction)
                 for item in action.choices.values()]
        return [parser, *(deeper for item in inner for deeper in parsers(item))]

    options = {item.prog: {option for action in item._actions for option in action.option_strings}
               for item in parsers(make_parser())}
    writing = {prog: names for prog, names in options.items() if "--out" in names}
    assert len(writing) >= 8
    assert [prog for prog, names in writing.items() if "--force" not in names] == []
