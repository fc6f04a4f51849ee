"""The table of a cohort as the source of a reading study: earlier contours by several readers, clinical factors."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_cases import mask_of, small_image, small_study, write_volumes
from reproducibility_cases import RULE, S1, SCALING, model_readings

from RadiomicsPrognosisLib.cohort.table import read_cohort
from RadiomicsPrognosisLib.errors import CohortError
from RadiomicsPrognosisLib.reading.analysis import analyse_readings
from RadiomicsPrognosisLib.reading.cohort_intake import UntakenContour, cohort_sources, untaken
from RadiomicsPrognosisLib.reading.contour_file import write_contour
from RadiomicsPrognosisLib.reading.folder import StudyFolder
from RadiomicsPrognosisLib.reading.intake import Stand, take_cases
from RadiomicsPrognosisLib.reading.reading import ReadingState

ANNA, BEN, CARL = Stand("Anna", "first"), Stand("Ben", "first"), Stand("Carl", "first")
READINGS = (ANNA, BEN, Stand("Anna", "second"))


def write_table(folder: Path, header: str, *rows: str) -> Path:
    """Write volumes, a contour of each by a, b and c, and a cohort's table into ``folder``; return the table."""
    write_volumes(folder, 3)
    for number in range(3):
        for name in "abc":
            write_contour(folder / f"{name}{number + 1}.seg.nrrd", small_image(number)[1], f"GTV {name}")
    (folder / "cohort.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return folder / "cohort.csv"


def row(number: int, drawn: str, *more: str) -> str:
    return ",".join((f"P{number}", f"patient {number}.nrrd", f"{drawn}{number}.seg.nrrd", *more))


def test_rows_of_several_readers_are_one_case_each_and_none_is_lost_in_silence(tmp_path: Path) -> None:
    table = write_table(tmp_path / "volumes", "case,image,mask,reader,session", row(1, "c", "Carl", "first"),
                        row(1, "b", "Ben", "first"), row(1, "a", "Anna", "first"), row(2, "a", "Anna", "first"),
                        row(3, "c", "Carl", "first"))
    sources = cohort_sources(table, READINGS)
    assert [(item.name, item.drawn_by) for item in sources] == [("P1", BEN), ("P2", ANNA), ("P3", CARL)]
    cases = tuple(take_cases(sources, tmp_path / "study", ANNA, None, READINGS))
    study = small_study(tmp_path / "study", cases=cases, reread=None)
    assert [(item.case, item.reader, item.session) for item in study.readings() if item.usable] == [
        ("P2", "Anna", "first"), ("P1", "Ben", "first")]
    assert all(case.location is not None for case in cases)
    assert cases[2].existing is not None and not cases[2].existing.reader  # Carl's is nobody else's reading
    assert set(untaken(sources, ANNA, READINGS)) == {
        UntakenContour("P1", CARL, False), UntakenContour("P1", ANNA, False), UntakenContour("P3", CARL, True)}
    places = cohort_sources(table)
    assert all(case.existing is not None and not case.existing.reader
               for case in take_cases(places, tmp_path / "other", None, None))
    assert untaken(places, None, ()) == (UntakenContour("P1", BEN, False), UntakenContour("P1", ANNA, False))


def test_contours_without_a_reader_are_told_of_and_copies_of_a_row_are_not(tmp_path: Path) -> None:
    table = write_table(tmp_path, "case,image,mask", row(1, "a"), row(1, "a"), row(1, "b"), "P2,patient 2.nrrd,")
    sources = cohort_sources(table)
    assert untaken(sources, ANNA, READINGS) == (UntakenContour("P1", None, False),)
    assert [case.existing is not None for case in take_cases(sources, tmp_path / "study", ANNA, None, READINGS)] == [
        True, False]


def test_labels_called_by_readers_make_no_cases_that_name_them(tmp_path: Path) -> None:
    table = write_table(tmp_path, "case,image,mask,label,reader", *(
        row(number, name, f"GTV {name}", who) for number in (1, 2) for name, who in (("a", "Anna"), ("b", "Ben"))))
    assert [(item.name, item.drawn_by, item.others) for item in cohort_sources(table)] == [
        (f"P{number}", Stand("Anna", "1"), (Stand("Ben", "1"),)) for number in (1, 2)]


def test_half_a_reading_is_refused(tmp_path: Path) -> None:
    table = write_table(tmp_path, "case,image,mask,reader,session", row(1, "a", "Anna", ""))
    with pytest.raises(CohortError, match=r"row 2 \(case P1\) has no session"):
        cohort_sources(table)


def test_a_table_of_two_inputs_is_refused_and_one_of_them_taken(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text("case,image,input\na,1.nrrd,venous\nb,2.nrrd,venous\n", encoding="utf-8")
    assert [item.name for item in cohort_sources(path)] == ["a", "b"]
    path.write_text("case,image,input\na,1.nrrd,arterial\na,2.nrrd,venous\n", encoding="utf-8")
    with pytest.raises(CohortError, match=r"row 3 is of another input than those before it \('arterial', 'ven"):
        cohort_sources(path)


def test_clinical_factors_go_with_the_case_into_the_table_that_is_analysed(tmp_path: Path) -> None:
    table = write_table(tmp_path / "volumes", "case,image,mask,reader,session,n_stage,ward,age",
                        row(1, "a", "Anna", "first", "N1", "7", ""), row(1, "b", "Ben", "first", "", "7", "61"),
                        row(2, "a", "Anna", "first", "", "8", "70"), row(3, "a", "Anna", "first", "N0", "8", "50"))
    sources = cohort_sources(table, READINGS, ("age", "n_stage", "t_stage"))
    assert [dict(item.factors) for item in sources] == [
        {"n_stage": "N1", "age": "61"}, {"age": "70"}, {"n_stage": "N0", "age": "50"}]
    cases = tuple(take_cases(sources, tmp_path / "study", ANNA, None, READINGS))
    study = StudyFolder.open(small_study(tmp_path / "study", cases=cases, reread=None).path)
    assert study.factors == ("age", "n_stage") and study.design.case("P1").factors["age"] == "61"
    begun = study.begin(study.reading("P1", "Ben", "first"), "here")
    study.save(begun.__class__(**{**vars(begun), "state": ReadingState.DONE}), mask_of(study, "P1"), "here")
    rows = {(item["case"], item["reader"]): item for item in read_cohort(study.write_cohort()).to_dict("records")}
    assert rows["P1", "Ben"]["n_stage"] == "N1" and rows["P1", "Ben"]["age"] == rows["P1", "Anna"]["age"] == 61
    assert rows["P2", "Anna"]["n_stage"] != rows["P2", "Anna"]["n_stage"]  # missing
    write_table(tmp_path / "volumes", "case,image,mask,age", row(1, "a", "60"), row(1, "b", "61"))
    with pytest.raises(CohortError, match="'age' of case 'P1' is '60' in one row and '61' in row 3"):
        cohort_sources(table, (), ("age",))


def test_a_result_says_which_cases_lack_clinical_factors_for_survival() -> None:
    table = model_readings([("A", "1"), ("B", "1")], n=8)
    score = analyse_readings(table.assign(n_stage=None), rule=RULE, model=S1, scaling=SCALING).comparisons[0].score
    assert score.n == 8 and not score.changes and "compared in no case" in score.reasons[-1]
    assert "n_stage" in score.reasons[-1] and "complete_response" in score.reasons[-1]
    cases = sorted(table["case"].unique())
    given = table.assign(n_stage=["N1" if case in cases[2:] else None for case in table["case"]])
    score = analyse_readings(given, rule=RULE, model=S1, scaling=SCALING).comparisons[0].score
    assert {item.n for item in score.changes} == {6} and score.n == 8
    assert "in 6 of 8 cases: it needs the clinical factors" in score.reasons[-1]
    assert f"cases {cases[0]}, {cases[1]} lack one or more" in score.reasons[-1]
    assert not analyse_readings(table, rule=RULE, model=S1, scaling=SCALING).comparisons[0].score.reasons
