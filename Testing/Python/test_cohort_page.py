"""A cohort's scores on one page: what it says of every row, that it sorts in a browser, and that processes agree."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from browser import run_in_page
from conftest import textured_volume

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort import image_rows
from RadiomicsPrognosisLib.cohort.image_rows import ScoredRow, score_rows, scores_table
from RadiomicsPrognosisLib.cohort.table import read_cohort, read_table
from RadiomicsPrognosisLib.errors import CohortError, FileError
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.overview.cohort_page import cohort_page
from RadiomicsPrognosisLib.overview.score_histogram import score_histogram
from RadiomicsPrognosisLib.overview.thumbnail import SIDE, thumbnail
from RadiomicsPrognosisLib.progress import Pace, duration
from RadiomicsPrognosisLib.voi import make_voi

MODEL = load_model("s2_escc_ln_response")
CASES = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four cases in a cohort.csv, the last without a contour, scored by the command in one process."""
    path = tmp_path_factory.mktemp("cohort")
    lines = ["case,image,mask,patient"]
    for number in range(CASES):
        image, mask = textured_volume(seed=number)
        sitk.WriteImage(image, str(path / f"ct{number}.nrrd"))
        sitk.WriteImage(mask * int(number < CASES - 1), str(path / f"mask{number}.nrrd"))
        lines.append(f"<b>P{number},ct{number}.nrrd,mask{number}.nrrd,patient {number // 2}")
    (path / "cohort.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(["score", "--cohort", str(path / "cohort.csv"), "--model", MODEL.id, "--out", str(path / "one")]) == 0
    return path


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[ScoredRow]:
    """The rows of the cohort as the demonstration scaling scores them, without pictures."""
    model = load_model("s1_escc_lpfs_radscore")
    cohort = read_cohort(folder / "cohort.csv").assign(n_stage=["N0", "N1", None, "N1"], complete_response="no")
    return score_rows(cohort, model, load_scaling("demonstration-sts-ct", model))


def page_of(folder: Path) -> str:
    return (folder / "one" / "index.html").read_text(encoding="utf-8")


def test_processes_write_the_same_bytes_and_tell_every_case(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["score", "--cohort", str(folder / "cohort.csv"), "--model", MODEL.id]
    assert run([*arguments, "--out", str(folder / "two"), "--jobs", "2"]) == 0
    for name in ("scores.csv", "index.html"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()
    captured = capsys.readouterr()
    assert "3 of 4 rows scored" in captured.out
    assert str(folder / "two" / "index.html") in captured.out
    lines = captured.err.splitlines()
    assert sorted(line.split(":")[0] for line in lines) == [f"<b>P{number}" for number in range(CASES)]
    assert [re.search(r"\[(\d)/4, ", line)[1] for line in lines] == ["1", "2", "3", "4"]
    table = pd.read_csv(folder / "one" / "scores.csv")
    for line in lines:
        row = table[table["case"] == line.split(":")[0]].iloc[0]
        assert (f"failed: {row['error']}"[:60] if isinstance(row["error"], str) else row["group"]) in line


def test_the_page_counts_rows_and_patients_and_names_what_failed(folder: Path) -> None:
    text = page_of(folder)
    counts = dict(re.findall(r"<li><bdi>([^<]*)</bdi><b>(\d+)</b>", text))
    assert (counts["Rows"], counts["Scored"], counts["Failed"], counts["Score withheld"]) == ("4", "3", "1", "0")
    assert "2 patients" in text
    assert sum(int(count) for name, count in counts.items() if "responder" in name) == 3
    assert text.count('data-state="scored"') == 3 and text.count('data-state="failed"') == 1
    assert "holds no label at all" in text
    assert MODEL.hash[:12] in text and "scores.csv" in text


def test_the_page_loads_nothing_and_escapes_what_comes_from_outside(folder: Path) -> None:
    text = page_of(folder)
    assert "<b>P0" not in text and "&lt;b&gt;P0" in text
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)
    assert "default-src 'none'" in text and "unsafe-eval" not in text
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]*", "", text), re.IGNORECASE)


def test_every_scored_row_has_its_contour_in_a_small_picture(folder: Path, tmp_path: Path) -> None:
    assert page_of(folder).count("data:image/png;base64,") == 3
    image, mask = textured_volume(seed=1)
    data = thumbnail(make_voi(image, mask, MODEL.image_protocol()))
    (tmp_path / "small.png").write_bytes(data)
    pixels = np.rint(255 * matplotlib.image.imread(tmp_path / "small.png")).astype(int)
    assert pixels.shape[:2] == (SIDE, SIDE)
    yellow = (pixels[..., :3] == (255, 221, 0)).all(axis=-1)
    grey = (pixels[..., 0] == pixels[..., 1]) & (pixels[..., 1] == pixels[..., 2])
    assert (yellow ^ grey).all()
    assert SIDE / 2 < yellow.sum() < SIDE * SIDE / 4
    assert len(data) < 8000


def test_a_browser_sorts_and_filters_the_table(folder: Path, tmp_path: Path) -> None:
    script = """
    const column = (place) => [...document.querySelectorAll("#cases tbody tr:not([hidden])")]
      .map((row) => row.cells[place].dataset.key);
    const heads = [...document.querySelectorAll("#cases thead tr:last-child th")];
    const score = heads.findIndex((head) => head.dataset.title === "Rad-score");
    const press = (place) => { heads[place].querySelector("button").click(); return column(score); };
    const up = press(score), sorted = heads[score].getAttribute("aria-sort"), down = press(score);
    const type = (id, value, name) => { document.getElementById(id).value = value;
      document.getElementById(id).dispatchEvent(new Event(name)); return column(1); };
    const failed = type("state", "failed", "change"), both = type("words", "p0", "input");
    const none = document.getElementById("shown").textContent;
    type("state", "", "change");
    return {up, sorted, down, failed, both, none, one: column(1), names: press(1).length};
    """
    result = run_in_page(page_of(folder), script, tmp_path)
    scores = sorted(read_table(folder / "one" / "scores.csv")["score"].dropna())
    assert [float(key) for key in result["up"] if key] == scores
    assert [float(key) for key in result["down"] if key] == scores[::-1]
    assert result["up"][-1] == result["down"][-1] == ""  # what has no score comes last
    assert result["sorted"] == "ascending"
    assert result["failed"] == ["<b>p3"] and result["both"] == []
    assert result["none"] == "0 of 4 rows" and result["one"] == ["<b>p0"] and result["names"] == 1


def test_a_demonstration_says_so_above_every_number_and_tells_shared_limits_once(rows: list[ScoredRow]) -> None:
    model = load_model("s1_escc_lpfs_radscore")
    cohort = pd.DataFrame({"case": [row.case for row in rows]})
    text = cohort_page(cohort, rows, model)
    assert text.index('class="band hatched"') < text.index("<h1>")
    assert text.count('class="badge hatched"') == 3
    shared = rows[0].answer.limits[0].text
    assert html.unescape(text).count(shared) == 1
    assert "No local progression-free survival: Give N stage" in text
    assert re.search(r'data-title="36-month LPFS"[^>]*class="number[^>]*"><bdi>&?\w*;?\d+ %', text)


def test_the_histogram_holds_every_score_and_the_training_patients(rows: list[ScoredRow]) -> None:
    scores = np.array([row.columns["score"] for row in rows if row.columns])
    drawn = score_histogram(np.append(scores, [40.0, -40.0]), MODEL)
    assert drawn.counts.sum() + drawn.below + drawn.above == len(scores) + 2
    assert drawn.below >= 1 and drawn.above >= 1
    assert np.isclose(drawn.edges, MODEL.score_cutoff.value).any()
    names = [name for name, _ in drawn.expected]
    assert names == ["training, responders (75)", "training, non-responders (27)"]
    assert sum(curve.sum() for _, curve in drawn.expected) == pytest.approx(len(scores) + 2, rel=0.01)
    # Means 1.243 and 0.698 of the paper: the higher curve's peak lies above the other's.
    peaks = [drawn.edges[curve.argmax()] for _, curve in drawn.expected]
    assert peaks[0] > peaks[1]


def test_a_cohort_of_thousands_stays_a_page(folder: Path, rows: list[ScoredRow]) -> None:
    picture = thumbnail(make_voi(*textured_volume(seed=1), MODEL.image_protocol()))
    many = [replace(rows[number % 2], number=number, picture=picture) for number in range(3000)]
    text = cohort_page(pd.DataFrame({"case": [row.case for row in many]}), many, load_model("s1_escc_lpfs_radscore"))
    assert text.count("<tr data-state") == 3000
    assert text.count("data:image/png") == 2000 and "The first 2000 of 3000 rows have pictures" in text
    assert len(text) < 20e6


def test_a_fault_of_the_software_costs_one_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = image_rows.score_vois

    def broken(vois: dict, *arguments: object) -> object:
        if abs(next(iter(vois.values())).statistics.mean_hu - first) < 1e-9:
            raise ZeroDivisionError("division by zero")
        return real(vois, *arguments)

    cohort = read_cohort(folder / "cohort.csv")
    first = make_voi(*textured_volume(seed=0), MODEL.image_protocol()).statistics.mean_hu
    monkeypatch.setattr(image_rows, "score_vois", broken)
    result = score_rows(cohort, MODEL)
    assert [row.error is None for row in result] == [False, True, True, False]
    assert "fault of the software (ZeroDivisionError" in result[0].error
    with pytest.raises(CohortError, match="None of the 1 rows"):
        scores_table(cohort.head(1), result[:1])


def test_an_anonymous_cohort_names_no_path(folder: Path) -> None:
    assert run(["score", "--cohort", str(folder / "cohort.csv"), "--model", MODEL.id, "--out",
                str(folder / "nobody"), "--anonymous"]) == 0
    for name in ("scores.csv", "index.html"):
        text = (folder / "nobody" / name).read_text(encoding="utf-8")
        assert "holds no label at all" in text and "[mask]" in text
        assert str(folder) not in text and "mask3.nrrd" not in text and "ct0" not in text


def fail(*_: object) -> bytes:
    raise FileError("the report cannot be written")


def test_a_row_whose_report_fails_in_another_process_keeps_its_score(folder: Path) -> None:
    result = score_rows(read_cohort(folder / "cohort.csv").head(2), MODEL, scored=fail, jobs=2)
    assert [row.error for row in result] == ["the report cannot be written"] * 2
    assert all(row.columns["score"] is not None for row in result)


def test_times_are_told_as_estimates() -> None:
    assert [duration(seconds) for seconds in (-1, 0.4, 99, 150, 5400, 7800)] == \
        ["0 s", "0 s", "99 s", "2 min", "1 h 30 min", "2 h 10 min"]
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.left(0.5) == ""
    now = 60.0
    assert pace.left(0.25) == "about 3 min left"
    assert pace.left(0.001) == pace.left(1.0) == ""
    assert pace.of_cases(20, 60) == "3 s a case, about 2 min left"
    assert pace.of_cases(60, 60) == "1 s a case"
