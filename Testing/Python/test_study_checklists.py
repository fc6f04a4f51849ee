"""The reporting checklists of a study: every item stands once, answered only by what the run has."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from study_report_cases import nothing_case, survival_case

from RadiomicsPrognosisLib.checked import Table
from RadiomicsPrognosisLib.contract import read
from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.report.blocks import DataTable
from RadiomicsPrognosisLib.report.guidelines import Guideline
from RadiomicsPrognosisLib.study.report.checklist import answers, checklist_section, guidelines
from RadiomicsPrognosisLib.study.results import StudyResult

TRIPOD_AI, CLEAR, METRICS = "TRIPOD+AI", "CLEAR", "METRICS"


def checklists(study: StudyResult) -> dict[str, tuple[set[str], ...]]:
    """Return the items answered and left open by guideline."""
    lists: dict[str, list[set[str]]] = {}
    for block in checklist_section(study).blocks:
        if isinstance(block, DataTable):
            numbers = {row[0].partition(" ")[0] for row in block.rows}
            lists.setdefault(block.title.partition(":")[0], []).append(numbers)
    return {name: tuple(sets) for name, sets in lists.items()}


def test_every_item_of_the_guidelines_is_answered_or_left_to_the_authors() -> None:
    """TRIPOD+AI has 27 items, CLEAR 58, METRICS 30 (their publications)."""
    numbers = {item.name: list(item.items) for item in guidelines()}
    assert list(numbers) == [TRIPOD_AI, CLEAR, METRICS]
    assert numbers[CLEAR] == [str(i) for i in range(1, 59)]
    assert numbers[METRICS] == [str(i) for i in range(1, 31)]
    assert list(dict.fromkeys(int(re.match(r"\d+", number)[0]) for number in numbers[TRIPOD_AI])) == list(range(1, 28))
    for guideline, (done, left) in checklists(survival_case().result).items():
        assert done and left and not done & left
        assert done | left == set(numbers[guideline])


def test_an_item_is_answered_by_something_the_run_can_have() -> None:
    named = {answer for item in guidelines() for answer in item.answered_by.values()}
    assert named == set(answers(survival_case().result))


def test_an_answer_to_an_item_that_is_not_there_is_refused() -> None:
    values = {"name": "G", "citation": "C", "doi": "10.1000/1", "items": {"1": "title"}, "answered_by": {"2": "used"}}
    with pytest.raises(SchemaError, match=r"answered_by\.2.*is no item of the guideline"):
        read(Guideline, Table(values, "g.toml"))


def test_an_item_is_answered_only_by_what_the_run_has() -> None:
    study = survival_case().result
    full = checklists(study)
    assert {"31", "44", "47", "48"} <= full[CLEAR][0] and {"14", "22", "24"} <= full[METRICS][0]
    without = checklists(replace(study, reproducibility=None, characteristics=None))
    assert {"31", "44"} <= without[CLEAR][1] and "14" in without[METRICS][1] and "20b" in without[TRIPOD_AI][1]
    alone = checklists(replace(study, models=study.models[:1], comparisons=()))
    assert {"41", "48"} <= alone[CLEAR][1]
    nothing = checklists(nothing_case().result)
    assert {"22", "23a"} <= nothing[TRIPOD_AI][1]
    assert {"8a", "21"} & full[TRIPOD_AI][0] == {"8a", "21"}
