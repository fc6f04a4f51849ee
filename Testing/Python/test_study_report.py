"""A study's report: every field of the outcome is in it, what is missing is explained, text from outside is text."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from browser import run_in_page
from study_report_cases import (
    binary_case,
    forest_case,
    nothing_case,
    phases_case,
    run_cases,
    survival_case,
    validation_case,
)

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from RadiomicsPrognosisLib.errors import FileError
from RadiomicsPrognosisLib.notation import fixed, interval, p_cell, ratio, share
from RadiomicsPrognosisLib.report.blocks import DataTable, Notice, Picture, Report
from RadiomicsPrognosisLib.report.page import html_page
from RadiomicsPrognosisLib.study import figures
from RadiomicsPrognosisLib.study.report import pictures, study_content, validation_content, write_validation_report
from RadiomicsPrognosisLib.study.report.checklist import guidelines
from RadiomicsPrognosisLib.study.results.performance import Unavailable

#: Markup, a right-to-left override, control characters, a very long word.
HOSTILE = '</title><script>alert("x")</script>&<b>\u202e\x07 محمد ' + "W" * 2000


class Page(HTMLParser):
    """Collects tags, attributes and visible text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def without_figures(build, *arguments) -> Report:
    """Return a report whose figures are empty, so that only its words and tables count."""
    blank = Figure()
    draws = {name: (lambda *_, **__: blank) for name in figures.__all__ if name.startswith("draw_")}
    with patch.multiple(figures, **draws), patch.object(pictures, "draw_nomogram", lambda *_: blank):
        return build(*arguments)


def words(report: Report) -> str:
    """Return all words and numbers of a report, without the pictures' own names and titles."""
    texts: list[str] = [report.title, report.subtitle]
    for section in report.sections:
        for block in section.blocks:
            texts.append("" if isinstance(block, Picture) else repr(block))
    return "\n".join(texts)


# Every field


#: Fields that are for programs, or say again what other fields say; study.json and the tables hold them.
ONLY_IN_FILES = {
    # Intervals are 95 % wherever the study engine makes them; the headings say so.
    "IccTable.confidence", "Concordance.confidence", "TimeAuc.confidence", "Auc.confidence",
    # Identifiers of what is shown by its title, and a kind that decides how it is shown.
    "Characteristic.name", "Characteristic.kind", "Effect.term", "EndpointSummary.id", "IccForm.form",
    # Drawn: numbers at risk with where they stand, the corrected calibration curve.
    "GroupCurve.at_risk", "SurvivalPerformance.ticks", "BootstrapOptimism.smooth",
    # The groups' names and numbers stand with their curves.
    "LogRank.groups", "LogRank.n", "LogRank.observed",
    # The same as the group's and the model's own.
    "TimeRoc.time", "TimeRoc.auc", "TimeAuc.time", "Brier.time", "ModelCohort.cases",
    # Lists of hundreds of features, whose lengths are shown; the number of readings beside their names.
    "IccTable.features", "IccTable.dropped", "IccTable.raters", "Agreement.features", "Reproducibility.kept",
    "PenalisedSelection.features",
}

#: Of a stored model's hazard ratio of the risk groups, both groups, ratio, interval and p are shown.
GROUPS_RATIO = {"Effect.title", "Effect.coefficient", "Effect.status"}


def leaves(value: Any, path: tuple = ()) -> Iterator[tuple[str, tuple, Any]]:
    """Yield (Class.field, path, value) of every single value below a record; arrays are drawn or in the tables."""
    for field in fields(value):
        item = getattr(value, field.name)
        yield from _below(f"{type(value).__name__}.{field.name}", (*path, field.name), item)


def _below(name: str, path: tuple, item: Any) -> Iterator[tuple[str, tuple, Any]]:
    if is_dataclass(item):
        yield from leaves(item, path)
    elif isinstance(item, Mapping):
        for key, inner in item.items():
            yield from _below(name, (*path, key), inner)
    elif isinstance(item, tuple):
        for index, inner in enumerate(item):
            yield from _below(name, (*path, index), inner)
    elif isinstance(item, bool | int | float | str):
        yield name, path, item


def changed(record: Any, path: tuple, value: Any) -> Any:
    """Return the record with another value at ``path``."""
    head, *rest = path
    if is_dataclass(record):
        inner = changed(getattr(record, head), tuple(rest), value) if rest else value
        return replace(record, **{head: inner})
    inner = changed(record[head], tuple(rest), value) if rest else value
    if isinstance(record, Mapping):
        return {**record, head: inner}
    values = (*record[:head], inner, *record[head + 1:])
    return type(record)(*values) if hasattr(record, "_fields") else values


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.25 + 0.0375 if math.isfinite(value) else 1.0
    return value + "QQ"


def assert_every_field_shows(record: Any, build, only_in_files: set[str] = ONLY_IN_FILES) -> None:
    """Change one value after the other: the report must change with at least one instance of every field."""
    before = words(without_figures(build, record))
    shown, hidden = set(), {}
    for name, path, value in leaves(record):
        if name in shown or name in only_in_files or len(hidden.get(name, ())) >= 12:
            continue
        try:
            after = words(without_figures(build, changed(record, path, another(value))))
        except (KeyError, StopIteration, ValueError):
            after = ""  # a name that others refer to
        if after != before:
            shown.add(name)
        else:
            hidden.setdefault(name, []).append(path)
    assert sorted(set(hidden) - shown) == []
    assert len(shown) > 40


@pytest.mark.parametrize("case", [survival_case, binary_case, forest_case], ids=["survival", "binary", "forest"])
def test_every_field_of_a_study_is_in_its_report(case) -> None:
    study = case().result
    models = tuple(replace(model, unavailable=(Unavailable("a file", "a reason"),)) for model in study.models)
    assert_every_field_shows(replace(study, models=models, findings=("A finding.",)), study_content)


def test_every_field_of_a_validation_is_in_its_report() -> None:
    assert_every_field_shows(validation_case(), validation_content, ONLY_IN_FILES | GROUPS_RATIO)


@functools.cache
def page_text(name: str) -> str:
    study = run_cases()[name]
    return re.sub(r"\s+", " ", Page(html_page(without_figures(study_content, study.result))).text)


@pytest.mark.parametrize("name", ["survival", "phases"])
def test_the_numbers_papers_report_are_printed(name: str) -> None:
    text = page_text(name)
    for model in run_cases()[name].result.models:
        for cohort in model.cohorts:
            survival = cohort.survival
            assert interval(survival.concordance.c, survival.concordance.lower, survival.concordance.upper) in text
            assert ratio(survival.hazard_ratio.ratio) in text
            for item in survival.horizons:
                assert interval(item.auc.auc, item.auc.lower, item.auc.upper) in text
        for effect in model.effects:
            assert ratio(effect.ratio) in text and fixed(effect.coefficient, 4) in text
    for signature in run_cases()[name].result.signatures:
        for term in signature.terms:
            assert term.feature in text and f"{abs(term.coefficient):.8g}".split("e")[0] in text
        for step in signature.steps:
            assert step.text in text


def test_a_binary_study_prints_classification_and_comparisons() -> None:
    text, study = page_text("binary"), binary_case().result
    for model in study.models:
        for cohort in model.cohorts:
            called = cohort.binary.classification
            for value in (called.accuracy, called.sensitivity, called.specificity, called.ppv, called.npv):
                assert share(value) in text
            assert fixed(called.f1) in text
    rows = [row[4:] for table in tables(without_figures(study_content, study)) for row in table.rows
            if table.title.startswith("Paired")]
    differences = [item.difference for item in study.comparisons]
    expected = [(interval(item.difference, item.lower, item.upper), fixed(item.se, 4), fixed(item.z, 2), p_cell(item.p))
                for item in differences]
    assert sorted(rows) == sorted(expected)


def tables(report: Report) -> list[DataTable]:
    return [block for section in report.sections for block in section.blocks if isinstance(block, DataTable)]


@pytest.mark.parametrize("name", ["survival", "binary"])
def test_coefficients_stand_beside_their_terms(name: str) -> None:
    study = run_cases()[name].result
    shown = [table.rows for table in tables(without_figures(study_content, study))
             if table.title == "Coefficients of the final model"]
    fits = [model.fit for model in study.models if model.fit is not None]
    assert len(shown) == len(fits) > 1
    for rows, fit in zip(shown, fits, strict=True):
        before = ["Intercept"] * (name == "binary")
        assert [row[0] for row in rows] == [*before, *fit.terms]
        numbers = [[float(cell.replace("−", "-")) for cell in row[1:3]] for row in rows]
        np.testing.assert_allclose(numbers, np.column_stack([fit.coefficients, fit.se]), rtol=1e-5)
        for row, (coefficient, _) in zip(rows[len(before):], numbers[len(before):], strict=True):
            assert float(row[5]) == pytest.approx(math.exp(coefficient), rel=1e-3)


# What is missing


def notices(report: Report) -> dict[str, str]:
    return {block.title: block.text for section in report.sections for block in section.blocks
            if isinstance(block, Notice)}


def test_what_is_missing_says_why() -> None:
    study = nothing_case().result
    report = without_figures(study_content, study)
    reasons = notices(report)
    assert "No feature is selected" in reasons["No signature"]
    for model in study.models:
        assert reasons[f"No {model.title}"] == model.reason
    assert reasons.keys() >= {"No reproducibility filter", "No comparison", "No nested resampling",
                              "No permutation control"}
    bare = without_figures(study_content, replace(study, characteristics=None))
    assert "No characteristics" in notices(bare)


def test_a_measure_that_is_not_available_is_listed_with_its_reason() -> None:
    study = phases_case().result
    listed = [(item.what, item.reason) for model in study.models for cohort in model.cohorts
              for item in cohort.unavailable]
    assert listed, "the case is meant to have short follow-up"
    report = without_figures(study_content, study)
    rows = [row for section in report.sections for block in section.blocks
            if isinstance(block, DataTable) and block.title == "Not available" for row in block.rows]
    assert {(what, reason) for _, what, reason in rows} >= set(listed)


def test_a_model_without_cut_off_has_no_groups_and_says_so() -> None:
    study = survival_case().result
    first = study.models[0]
    cohorts = tuple(replace(cohort, above=None, characteristics=None, survival=replace(
        cohort.survival, groups=(), log_rank=None, hazard_ratio=None)) for cohort in first.cohorts)
    report = without_figures(study_content, replace(study, models=(replace(first, cutoff=None, cohorts=cohorts),
                                                                   *study.models[1:])))
    assert "No cut-off" in notices(report)


# The page


def test_hostile_texts_are_text_and_nothing_else() -> None:
    study: Any = survival_case().result
    for name, path, value in list(leaves(study)):
        # Words that programs read stay: roles, kinds, rules and what others refer to.
        if isinstance(value, str) and name in (
                "StudyResult.recipe", "StudyResult.data", "StudyResult.software", "StudyResult.findings",
                "EndpointSummary.name", "EndpointSummary.event", "EndpointSummary.abbreviation", "Characteristic.title",
                "CharacteristicLevel.label", "SignatureResult.title", "ModelResult.title", "Effect.title",
                "SelectionStep.text", "SelectedFeature.feature", "PenalisedSelection.text", "CutoffSearch.text",
                "ModelResult.model_file", "Unavailable.reason", "Agreement.readings"):
            study = changed(study, path, HOSTILE)
    text = html_page(without_figures(study_content, study))
    page = Page(text)
    assert "script" not in page.tags and "b" not in set(page.tags) - {"b"}
    assert not any(name.startswith("on") for _, name, _ in page.attributes)
    assert "\u202e" not in text and "\x07" not in text and "W" * 1000 not in text
    assert "&lt;script&gt;" in text and "محمد" in text


@pytest.mark.parametrize("name", ["survival", "binary"])
def test_a_cohorts_name_cannot_leave_its_place(name: str, tmp_path: Path) -> None:
    """Cohorts' names come from the table and end in file names and identifiers."""
    renamed: Any = json_like(run_cases()[name].result)
    report = without_figures(study_content, renamed)
    names = [block.name for section in report.sections for block in section.blocks if isinstance(block, Picture)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9-]+", item) for item in names)
    page = Page(html_page(report))
    assert "script" not in page.tags


def json_like(study: Any) -> Any:
    """Return the outcome with every cohort renamed to something hostile, wherever it is named."""
    names = {item.name: f'../"><script>{index}' for index, item in enumerate(study.cohorts)}
    for _, path, value in list(leaves(study)):
        if isinstance(value, str) and value in names and path[-1] != "role":
            study = changed(study, path, names[value])
    return study


def test_the_page_holds_everything_and_leads_only_to_publications_and_its_own_files() -> None:
    study = binary_case()
    result = replace(study.result, recipe={**study.result.recipe, "doi": "10.1000/a b"})
    text = html_page(study_content(result, study.stored_models()))
    page = Page(text)
    links = {f"https://doi.org/{item.doi}" for item in guidelines()} | {"https://doi.org/10.1000/a%20b"}
    sections = {f"#{value}" for tag, name, value in page.attributes if tag == "section" and name == "id"}
    assert len(sections) == page.tags.count("h2")
    files = {model.page_file for model in result.models if model.page_file}
    assert files and all(re.fullmatch(r"Pages/[\w.-]+\.html", file) for file in files)
    places = sections | files
    assert {value for tag, name, value in page.attributes if tag == "a" and name == "href"} == links | places
    for tag, name, value in page.attributes:
        if name in ("href", "src", "xlink:href", "action", "data"):
            assert value.startswith("#") or (tag == "a" and value in links | files), value
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) <= links
    assert "script" not in page.tags and "default-src 'none'" in text
    identifiers = [value for _, name, value in page.attributes if name == "id"]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("case", [phases_case, survival_case])
def test_every_column_is_in_sight_on_a_screen(case, tmp_path: Path) -> None:
    """In a browser, the tables of a study of several cohorts are no wider than the page, and what tests them is read
    in a few lines."""
    page = html_page(without_figures(study_content, case().result))
    page = page.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    wide = run_in_page(page, """
        return [...document.querySelectorAll('.scroll:has(table)')].filter(box => box.scrollWidth > box.clientWidth)
            .map(box => box.querySelector('caption').textContent);""", tmp_path)
    assert wide == []
    lines = run_in_page(page, """
        const rows = [...document.querySelectorAll('table')].filter(
            table => table.textContent.startsWith('\\nCharacteristics'));
        return rows.flatMap(table => [...table.querySelectorAll('td:nth-last-child(2)')]).map(
            cell => cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight));""", tmp_path)
    assert lines and max(lines) < 4


def test_the_same_outcome_gives_the_same_files(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        write_validation_report(validation_case(), tmp_path / name)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        written.append({path.name: path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert {".html", ".svg", ".png"} == {Path(name).suffix for name in written[0]}
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        write_validation_report(validation_case(), tmp_path / "file")


def test_a_nomogram_is_drawn_from_the_stored_model() -> None:
    study = survival_case()
    for models, expected in ((study.stored_models(), True), ({}, False)):
        report = without_figures(study_content, study.result, models)
        names = [block.name for section in report.sections for block in section.blocks if isinstance(block, Picture)]
        assert ("nomogram-nomogram" in names) is expected
