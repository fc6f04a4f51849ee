"""The Analyse tab without Qt: choices and the command they make, what is in the way, and what is drawn of a result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from RadiomicsPrognosisLib.cli.main import make_parser
from RadiomicsPrognosisLib.errors import InputError, ModelMismatch
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.presenter.agreement_plots import (
    Band,
    Difference,
    DifferencePlot,
    icc_histogram,
)
from RadiomicsPrognosisLib.presenter.analysing import (
    KINDS,
    AnalysisChoices,
    StudyInput,
    command,
    obstacle,
    results_folder,
)
from RadiomicsPrognosisLib.reading.reading import Reading, ReadingState

S1, S2 = "s1_escc_lpfs_radscore", "s2_escc_ln_response"

CHOICES = AnalysisChoices(table="/data/readings.csv", folder="/data/out", scored=False, form="ICC(3,k)",
                          threshold=0.825, on="lower", kinds=KINDS[2])


def reading(case: str, reader: str, session: str = "1", state: ReadingState = ReadingState.DONE) -> Reading:
    """Return a reading without a file."""
    return Reading(case=case, reader=reader, session=session, path=Path("x.seg.nrrd"), state=state)


def study(*readings: Reading) -> StudyInput:
    """Return what a study with these readings has to analyse."""
    return StudyInput("Nodes", tuple(item for item in readings if item.usable),
                      tuple(item for item in readings if not item.usable))


# Choices


@pytest.mark.parametrize("choices", [AnalysisChoices(), CHOICES, *(replace(CHOICES, kinds=kinds) for kinds in KINDS)])
def test_choices_come_back_from_the_scene_as_they_were(choices: AnalysisChoices) -> None:
    assert AnalysisChoices.from_texts(choices.texts()) == choices
    assert all(isinstance(text, str) for text in choices.texts().values())


@pytest.mark.parametrize("texts", [{}, {"form": "ICC(4,1)", "threshold": "high", "on": "upper", "kinds": "none"},
                                   {"threshold": "1.5"}, {"threshold": "nan"}])
def test_a_scene_with_impossible_choices_gives_the_usual_ones(texts: dict[str, str]) -> None:
    assert AnalysisChoices.from_texts(texts) == AnalysisChoices()


# What is in the way


def test_what_is_missing_is_asked_for_one_after_the_other(tmp_path: Path) -> None:
    nothing = AnalysisChoices()
    assert obstacle(nothing, None).code == "no-readings"
    assert obstacle(nothing, study(reading("a", "A", state=ReadingState.OPEN))).code == "no-finished-reading"
    assert obstacle(nothing, study(reading("a", "A"), reading("b", "A"))).code == "one-reading"
    two_sessions = study(reading("a", "A"), reading("a", "A", "2"))
    assert obstacle(nothing, two_sessions) is None
    assert obstacle(nothing, study(reading("a", "A"), reading("a", "B"))) is None
    assert obstacle(replace(nothing, folder="results"), two_sessions).code == "relative-folder"
    table = tmp_path / "readings.csv"
    assert obstacle(replace(nothing, table=str(table)), two_sessions).code == "no-file"
    table.write_text("case\n", encoding="utf-8")
    assert obstacle(replace(nothing, table=str(table)), None) is None
    assert obstacle(replace(nothing, table="readings.csv"), two_sessions).code == "no-file"
    other = tmp_path / "readings.txt"
    other.touch()
    assert obstacle(replace(nothing, table=str(other)), None).code == "no-table"


# The command


def test_results_go_beside_the_readings_unless_a_folder_is_chosen() -> None:
    nothing = AnalysisChoices()
    assert results_folder(nothing, None) is None
    assert results_folder(nothing, Path("/study")) == Path("/study/reproducibility")
    assert results_folder(replace(nothing, table="/data/readings.csv"), Path("/study")) == Path(
        "/data/readings-reproducibility")
    assert results_folder(CHOICES, Path("/study")) == Path("/data/out")


@pytest.mark.parametrize(("columns", "option"), [
    ("case,image,mask,label,reader,session", "--cohort"), ("case,reader,original_firstorder_Mean", "--features"),
    ("case,image,mask,reader,protocol_hash,original_shape_Sphericity", "--features"), ("case,a,b", "--features"),
    ("", "--features")])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_is_taken_for_what_it_is(columns: str, option: str, suffix: str, tmp_path: Path) -> None:
    table = tmp_path / f"table{suffix}"
    if suffix == ".csv":
        table.write_text(f"\ufeff{columns}\n", encoding="utf-8")
    else:
        pytest.importorskip("pyarrow")
        pd.DataFrame(columns=columns.split(",")).to_parquet(table)
    arguments = command(replace(AnalysisChoices(), scored=False), table, tmp_path / "out", None, "", "ct-original-raw")
    assert arguments[1:3] == [option, str(table)] and ("--protocol" in arguments) == (option == "--cohort")


@pytest.mark.parametrize("choices", [AnalysisChoices(), CHOICES, replace(CHOICES, scored=True)])
def test_the_command_is_one_that_the_parser_knows(choices: AnalysisChoices, tmp_path: Path) -> None:
    table, model = tmp_path / "cohort.csv", load_model(S1)
    table.write_text("case,image,mask,reader\n", encoding="utf-8")
    options = make_parser().parse_args(command(choices, table, tmp_path / "out", model, "my-hospital"))
    assert (options.form, options.threshold, options.on) == (choices.form, choices.threshold, choices.on)
    assert (options.cohort, options.out) == (str(table), str(tmp_path / "out"))
    assert (options.model, options.scaling, options.protocol) == (
        (S1, "my-hospital", None) if choices.scored else (None, None, model.protocol.id))


def test_a_scaling_is_given_only_to_a_model_that_needs_one(tmp_path: Path) -> None:
    table = tmp_path / "features.csv"
    table.write_text("case,reader,original_firstorder_Mean\n", encoding="utf-8")
    assert "--scaling" not in command(AnalysisChoices(), table, tmp_path / "out", load_model(S2), "my-hospital")


def test_a_cohort_is_extracted_only_if_it_is_known_how(tmp_path: Path) -> None:
    table = tmp_path / "cohort.csv"
    table.write_text("case,image,mask,reader\n", encoding="utf-8")
    assert command(AnalysisChoices(), table, tmp_path, None, "", "ct-original-raw")[3:5] == [
        "--protocol", "ct-original-raw"]
    with pytest.raises(ModelMismatch, match="Choose a model"):
        command(AnalysisChoices(), table, tmp_path, None, "")


# Plots


def test_axes_hold_all_that_is_drawn() -> None:
    points = (Difference("a", 1.0, 0.2), Difference("b", 3.0, -0.4, True))
    plot = DifferencePlot(points, Band(-0.9, -1.5, -0.5), Band(-0.1, -0.3, 0.1), Band(0.7, 0.4, 1.2))
    first, last = plot.means()
    low, high = plot.differences()
    assert first < 1.0 and last > 3.0 and low < -1.5 and high > 1.2
    same = DifferencePlot((Difference("a", 2.0, 0.0),), Band(0.0), Band(0.0), Band(0.0))
    assert same.means()[0] < 2.0 < same.means()[1] and same.differences()[0] < 0 < same.differences()[1]


def test_a_histogram_counts_every_feature_once_and_an_edge_upwards() -> None:
    values = [-0.4, 0.0, 0.05, 0.3 - 1e-17, 0.75, 0.749999, 1.0, None, 0.15]
    kept = [False, False, False, False, True, False, True, False, False]
    histogram = icc_histogram(values, kept, 0.75)
    assert histogram.unknown == 1 and sum(item.failing + item.passing for item in histogram.bins) == 8
    bins = {item.low: (item.failing, item.passing) for item in histogram.bins}
    assert bins[None] == (1, 0) and bins[0.0] == (1, 0) and bins[0.05] == (1, 0) and bins[0.3] == (1, 0)
    assert bins[0.15] == (1, 0) and bins[0.7] == (1, 0) and bins[0.75] == (0, 1) and bins[0.95] == (0, 1)
    assert histogram.highest == 1
    with pytest.raises(InputError):
        icc_histogram([], [], 0.9)
