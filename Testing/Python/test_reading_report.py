"""A readers' study's report: its facts are the record's, GRRAS is whole, the page stands alone and repeats."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from test_study_report import HOSTILE, Page

pytest.importorskip("matplotlib")

from reading_cases import mask_of, small_study
from reading_report_cases import KNOWN, ReportCase, full_case, report_cases

from RadiomicsPrognosisLib.notation import fixed
from RadiomicsPrognosisLib.reading.reading import ReadingState
from RadiomicsPrognosisLib.reading.report import (
    UNKNOWN,
    Circumstances,
    circumstances_of,
    reproducibility_content,
    write_report,
)
from RadiomicsPrognosisLib.reading.report.checklist import answers, grras
from RadiomicsPrognosisLib.reading.report.references import References
from RadiomicsPrognosisLib.reading.report.words import icc_value, kappa_text, share_text
from RadiomicsPrognosisLib.reading.result_tables import result_tables
from RadiomicsPrognosisLib.reading.study_result import AGREEMENT_FILE, GroupFlip, ReproducibilityResult
from RadiomicsPrognosisLib.report.blocks import DataTable, Notice, Picture, Report
from RadiomicsPrognosisLib.report.page import html_page
from RadiomicsPrognosisLib.statistics.kappa import agreement_on_categories
from RadiomicsPrognosisLib.texts import DISCLAIMER, number
from RadiomicsPrognosisLib.warning import ResultWarning

CASES = ("full", "three-readers", "intra-only", "inter-only", "no-scaling")


def content(case: ReportCase) -> Report:
    return reproducibility_content(case.result, case.sources, case.known)


def words(case: ReportCase) -> str:
    """Return all words of a report but those in its pictures."""
    return "\n".join(f"{section.title}\n" + "\n".join("" if isinstance(block, Picture) else repr(block)
                     for block in section.blocks) for section in content(case).sections)


def tables(case: ReportCase, start: str) -> list[DataTable]:
    return [block for section in content(case).sections for block in section.blocks
            if isinstance(block, DataTable) and block.title.startswith(start)]


def changed(**values: object) -> ReproducibilityResult:
    return replace(full_case().result, **values)


@pytest.mark.parametrize("name", CASES)
def test_a_page_of_any_study_stands_alone_without_nan(name: str, tmp_path: Path) -> None:
    case = report_cases()[name]
    path = write_report(case.result, tmp_path / "one", case.sources, None, case.known)
    text = path.read_text(encoding="utf-8")
    page = Page(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))
    assert not re.search(r"\b(nan|NaN|inf|Infinity|None|True|False)\b", page.text)
    assert page.text.count(DISCLAIMER) == 2
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert "default-src 'none'" in text
    for tag, attribute, value in page.attributes:
        if attribute in ("href", "src", "xlink:href"):
            assert value.startswith("#") or value.startswith("data:image/png;base64,") or (
                tag == "a" and value.startswith("https://doi.org/")), (tag, value[:80])
    identifiers = [value for _, attribute, value in page.attributes if attribute == "id"]
    assert len(identifiers) == len(set(identifiers))
    drawn = {picture.name for section in content(case).sections for picture in section.blocks
             if isinstance(picture, Picture)}
    assert {item.name for item in (path.parent / "figures").iterdir()} == \
        {f"{name}{suffix}" for name in drawn for suffix in (".svg", ".png")}


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    case = full_case()
    hashes = []
    for folder in ("one", "two"):
        write_report(case.result, tmp_path / folder, case.sources, None, case.known)
        hashes.append({item.relative_to(tmp_path / folder): hashlib.sha256(item.read_bytes()).hexdigest()
                       for item in (tmp_path / folder).rglob("*") if item.is_file()})
    assert hashes[0] == hashes[1] and len(hashes[0]) > 12


def test_what_limits_the_answer_stands_before_the_numbers() -> None:
    warning = ResultWarning("copied-reading", "Two readings are one file.")
    result = changed(warnings=(warning,), notes=("Drawn by nobody.",))
    blocks = reproducibility_content(result).sections[0].blocks
    assert [type(block).__name__ for block in blocks[:3]] == ["Notice", "Notice", "Tiles"]
    assert isinstance(blocks[0], Notice) and blocks[0].text == "Two readings are one file."
    assert isinstance(blocks[1], Notice) and blocks[1].text == "Drawn by nobody."


def test_the_summary_says_the_records_numbers_in_words() -> None:
    result = full_case().result
    text = words(full_case())
    for name in result.filter.comparisons:
        score = result.comparison(name).score
        limits = score.limits
        assert icc_value(score.icc, result.form).text in text
        assert f"{number(limits.lower, 3)} to {number(limits.upper, 3)} in 95 % of cases" in text
        flips = len(score.flips)
        expected = f"In {flips} of {score.kappa.n} cases the risk group changed" if flips else \
            f"In none of {score.kappa.n} cases did the risk group change"
        assert expected in text and share_text(flips, score.kappa.n, 0.95) in text
    assert any(result.comparison(name).score.flips for name in result.filter.comparisons)
    assert f"{len(result.filter.kept)} of {len(result.filter.features)}" in text
    none_fails = replace(full_case(), result=replace(result, filter=replace(result.filter, failed=())))
    assert f"Of the {len(result.model.features)} features of the model {result.model.id}, all do." in words(none_fails)
    lowest = min(item.overlap.dice for item in result.contours)
    assert f"Dice {fixed(lowest, 2)}" in text


def test_a_demonstration_scaling_is_named_beside_every_score() -> None:
    case = full_case()
    answers_block = next(block for block in content(case).sections[0].blocks if type(block).__name__ == "Tiles")
    scores = [item for item in answers_block.items if item.label.startswith(("Rad-score", "Risk group"))]
    assert len(scores) == 4 and all("demonstration scaling (another disease)" in item.remark for item in scores)
    scaling = replace(case.result.model.scaling, demonstration=False)
    own = changed(model=replace(case.result.model, scaling=scaling), warnings=())
    assert "demonstration scaling (" not in words(replace(case, result=own))


def test_kappa_without_disagreement_has_no_interval() -> None:
    """Its standard error is 0 whatever the number of cases: the exact interval of the share is given instead."""
    kappa = next(item.score.kappa for item in report_cases()["full"].result.comparisons)
    assert "(" in kappa_text(replace(kappa, kappa=0.5, se=0.1, lower=0.3, upper=0.7))
    alike = agreement_on_categories([["low", "high", "low"]] * 2)
    assert kappa_text(alike) == "1.00 (no interval: all agree)"
    score = replace(report_cases()["full"].result.comparisons[0].score, kappa=alike)
    result = report_cases()["full"].result
    one = replace(result, comparisons=(replace(result.comparisons[0], score=score), *result.comparisons[1:]))
    rows = result_tables(one)[AGREEMENT_FILE].query(f"comparison == '{one.comparisons[0].id}'").set_index("measure")
    assert rows.loc["group kappa (Cohen)", "reason"] == "no interval: all agree"
    assert rows.loc["group kappa (Cohen)", ["lower", "upper"]].isna().all()
    assert share_text(0, 20, 0.95) == "0.0 % (0.0–16.8 %)"
    assert share_text(3, 30, 0.95) == "10.0 % (2.1–26.5 %)"


def test_groups_are_counted_as_in_the_record() -> None:
    case = full_case()
    counts = tables(case, "Risk group in A · 1 (rows) and A · 2 (columns)")[0]
    kappa = case.result.comparison("intra-reader A").score.kappa
    assert [list(map(int, row[1:-1])) for row in counts.rows[:-1]] == [list(row) for row in kappa.counts]
    assert int(counts.rows[-1][-1]) == kappa.n == 12
    flips = {(item.title, flip.case) for item in case.result.comparisons for flip in item.score.flips}
    shown = {(row[1], row[0]) for table in tables(case, "Cases whose risk group changes") for row in table.rows}
    assert shown == flips and flips


def test_features_of_the_model_that_fail_come_first() -> None:
    case = full_case()
    rows = tables(case, "Features of the model")[0].rows
    failed = {item.feature for item in case.result.filter.failed}
    assert 0 < len(failed) < len(case.result.model.features) == len(rows)
    assert [row[-1] for row in rows] == ["fails"] * len(failed) + ["kept"] * (len(rows) - len(failed))
    assert {row[0] for row in rows[:len(failed)]} == failed


def test_counts_at_three_thresholds_are_the_tables() -> None:
    result = full_case().result
    for row, item in zip(tables(full_case(), "ICC(2,1) of")[0].rows, result.comparisons, strict=True):
        assert [int(cell) for cell in row[3:6]] == [len(item.icc.kept("ICC(2,1)", level)) for level in
                                                    (0.75, 0.80, 0.90)]


# Methods


def methods(case: ReportCase) -> str:
    section = next(item for item in content(case).sections if item.title == "Methods")
    return " ".join(getattr(block, "text", "") for block in section.blocks)


def test_methods_say_what_was_done() -> None:
    text = methods(full_case())
    for expected in ("2 readers (A and B) contoured 12 cases in 2 sessions", "36 readings", "Drawn by nobody.",
                     "simple random sample of 2", "wash-out of 60 days", "61 to 70 days by reader A before session 2",
                     "from 2026-01-02 to 2026-03-04", "3.2 minutes", "ICC(2,1), two-way random",
                     "estimate of its ICC(2,1) was at least 0.9 in both comparisons", "s1_escc_lpfs_radscore",
                     "resampled to 1 × 1 × 1 mm", "from −50 HU", "binned by 25 HU", "wavelet coif1",
                     "limits of agreement", "exact intervals", "Cohen's kappa", "HD95", "SimpleITK"):
        assert expected in text, expected
    assert "To be stated" not in text
    lower = methods(report_cases()["intra-only"])
    assert "lower bound of the 95 % confidence interval of its ICC(3,1) was at least 0.75 in the comparison" in lower
    assert "To be stated by the authors: how the cases were sampled, the time between sessions and whether readers " \
        "were blinded" in lower
    assert "Fleiss' kappa" in methods(report_cases()["three-readers"])
    absent = methods(report_cases()["no-scaling"])
    assert "Not every case is in every reading (3 of 36 are absent)" in absent and "planned" not in absent
    alone = methods(report_cases()["inter-only"])
    assert "kappa" not in alone and "Dice" not in alone and "scaling" not in alone


def test_every_citation_has_its_publication_once() -> None:
    section = next(item for item in content(full_case()).sections if item.title == "Methods")
    listed = [label for label, _ in section.blocks[-1].rows]
    cited = {int(text) for group in re.findall(r"\[([\d, ]+)\]", methods(full_case())) for text in group.split(",")}
    assert listed == [f"[{place}]" for place in range(1, len(listed) + 1)]
    assert cited == set(range(1, len(listed) + 1))
    with pytest.raises(KeyError):
        References()("nobody")


# GRRAS


def checklist(case: ReportCase) -> dict[str, set[str]]:
    section = content(case).sections[-1]
    return {block.title.partition(" (")[0]: {row[0].partition(" ")[0] for row in block.rows}
            for block in section.blocks if isinstance(block, DataTable)}


@pytest.mark.parametrize("name", CASES)
def test_every_item_of_grras_stands_once(name: str) -> None:
    """GRRAS has 15 items (Kottner et al., J Clin Epidemiol 2011;64:96, table 1)."""
    done, left = checklist(report_cases()[name]).values()
    assert done | left == {str(item) for item in range(1, 16)} and not done & left
    assert {"10", "11", "13", "15"} <= done and {"1", "5", "12", "14"} <= left


def test_an_item_is_answered_only_where_the_data_answer_it() -> None:
    assert {"7", "8", "9"} <= checklist(full_case())["GRRAS: answered by this page"]
    unknown = replace(full_case(), known=UNKNOWN, result=changed(protocol=None))
    left = checklist(unknown)["GRRAS: for the authors"]
    assert {"2", "7", "8", "9"} <= left
    assert "to be stated by the authors" in words(unknown)
    assert set(answers(full_case().result, KNOWN)) == set(grras().answered_by.values())


# Text from outside, and what is missing


def test_names_from_outside_are_text() -> None:
    result = full_case().result
    first = result.comparisons[0]
    hostile = replace(first, title=HOSTILE, score=replace(first.score, flips=(GroupFlip(HOSTILE, (HOSTILE, "b")),)))
    result = changed(comparisons=(hostile, *result.comparisons[1:]), notes=(HOSTILE,),
                     model=replace(result.model, title=HOSTILE, endpoint=HOSTILE))
    text = html_page(reproducibility_content(result, (), Circumstances(title=HOSTILE, notes=(HOSTILE,))))
    page = Page(text)
    assert "script" not in page.tags and "<script" not in text and "\u202e" not in text
    assert 'alert("x")' in page.text


def test_what_is_not_there_is_said_with_its_reason() -> None:
    no_scaling = words(report_cases()["no-scaling"])
    assert "choose a scaling" in no_scaling and "3 readings of a case are missing" in no_scaling
    no_model = words(report_cases()["inter-only"])
    assert "No model was given with the readings" in no_model and "No contours" in no_model
    assert "names no images and masks of the readings, or they are not at hand" in no_model
    gone = replace(full_case(), sources=tuple(replace(item, image="/nowhere.nrrd") for item in full_case().sources))
    assert words(gone).count("No picture of case") == 3 and "does not exist" in words(gone)
    assert words(replace(full_case(), sources=())).count("was not at hand") == 3


# Circumstances, from a study's folder


def test_a_study_folder_tells_how_its_readings_came_about(tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    for item in study.readings():
        opened = study.begin(item, "s")
        study.save(replace(opened, state=ReadingState.DONE, seconds=60.0), mask_of(study, item.case), "s")
    known = circumstances_of(study.write_cohort(), ["A note."])
    assert known.title == "A small study" and known.notes == ("A note.",)
    assert "sample of 2 of the 3 cases (seed 1)" in known.sampling and "Anna in session second" in known.sampling
    assert "was to be read by" in known.sampling  # what was read, the counts of readings say
    assert known.washout_days == 7.0 and known.seconds == 60.0 and known.blinding
    (interval,) = known.intervals
    assert (interval.reader, interval.session, interval.cases) == ("Anna", "second", 2)
    assert 0 <= interval.shortest_days <= interval.longest_days < 1
    assert known.first_day <= known.last_day and re.fullmatch(r"\d{4}-\d\d-\d\d", known.first_day)


def test_any_other_table_tells_nothing(tmp_path: Path) -> None:
    table = tmp_path / "cohort.csv"
    table.write_text("case\n", encoding="utf-8")
    assert circumstances_of(table, ["A note."]) == Circumstances(notes=("A note.",))
