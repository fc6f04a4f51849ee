"""Designs of reading studies: what is drawn at random, who reads what, what a design refuses, the papers' presets."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from hypothesis import given
from hypothesis import strategies as st
from reading_cases import small_study

from RadiomicsPrognosisLib.contract import write
from RadiomicsPrognosisLib.errors import InputError, SchemaError
from RadiomicsPrognosisLib.reading.design import ReadingStudy, design_from, file_names
from RadiomicsPrognosisLib.reading.presets import load_preset, presets
from RadiomicsPrognosisLib.reading.reading import ReadingState
from RadiomicsPrognosisLib.reading.schedule import cases_of, order, reread_cases, sample, short_washouts, washouts

NAMES = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=40, unique=True)


@given(NAMES, st.integers(1, 40), st.integers(0, 2**53), st.randoms())
def test_a_sample_is_of_the_size_asked_for_and_does_not_depend_on_the_cases_order(
        names: list[str], count: int, seed: int, shuffler: Any) -> None:
    drawn = sample(names, count, seed)
    assert len(drawn) == len(set(drawn)) == min(count, len(names)) and set(drawn) <= set(names)
    shuffled = list(names)
    shuffler.shuffle(shuffled)
    assert sample(shuffled, count, seed) == drawn
    assert set(sample(names, count - 1, seed)) <= set(drawn)  # a smaller sample is a portion of a larger one


@given(NAMES, st.integers(0, 2**53))
def test_an_order_is_a_permutation_and_stays_so(names: list[str], seed: int) -> None:
    ranked = order(names, "Anna", "1", seed)
    assert sorted(ranked) == sorted(names) and order(names[::-1], "Anna", "1", seed) == ranked


def test_readers_sessions_and_seeds_have_orders_of_their_own() -> None:
    names = [f"case {number}" for number in range(12)]
    orders = {order(names, reader, session, seed) for reader in ("A", "B") for session in ("1", "2")
              for seed in (1, 2)}
    assert len(orders) == 8
    assert len({sample(names, 6, seed) for seed in range(20)}) > 15


def test_every_case_is_drawn_as_often_as_any_other() -> None:
    names, count = list("abcdefghij"), 3000
    shares = [sum(name in sample(names, 3, seed) for seed in range(count)) / count for name in names]
    assert max(abs(share - 0.3) for share in shares) < 4 * (0.21 / count) ** 0.5  # four standard errors


def test_a_seed_means_the_same_on_every_platform() -> None:
    """Pinned: a study that is open in one version must not be drawn anew by another."""
    names = ["P1", "P2", "P3", "P4", "P5", "Ö 6"]
    assert sample(names, 3, 42) == PINNED_SAMPLE
    assert order(names, "Reader 1", "1", 42) == PINNED_ORDER


PINNED_SAMPLE = ("P1", "P3", "P5")
PINNED_ORDER = ("Ö 6", "P3", "P2", "P5", "P1", "P4")


def test_a_scope_has_all_cases_or_the_sample(tmp_path: Path) -> None:
    design = small_study(tmp_path / "study").design
    names = {case.name for case in design.cases}
    assert set(cases_of(design, "Anna", "first")) == names
    assert set(cases_of(design, "Anna", "second")) == set(cases_of(design, "Ben", "first")) == set(reread_cases(design))
    assert len(reread_cases(design)) == 2 and cases_of(design, "Ben", "second") == ()


@given(st.lists(st.text(max_size=80), max_size=12, unique=True))
def test_file_names_are_distinct_on_every_file_system(texts: list[str]) -> None:
    names = list(file_names(texts).values())
    assert len({name.lower() for name in names}) == len(texts)
    for name in names:
        assert name.isascii() and name and name[0] not in ".-" and not set(name) & set('/\\:*?"<>| ')
        assert len(name) < 80 and name.split(".")[0].lower() not in ("con", "nul", "com1")


def test_names_that_only_letters_case_or_accents_tell_apart_have_their_own_files() -> None:
    assert sorted(file_names(["Anna", "anna", "Änna", "NUL"]).values()) == ["Anna", "Anna~3", "_NUL", "anna~2"]


@pytest.mark.parametrize(("changes", "problem"), [
    ({"schema": "radiomics-prognosis/reading-study/2"}, "schema"),
    ({"readers": ["Anna", "Anna"]}, "readers"),
    ({"sessions": ["first"]}, "session 'second'"),
    ({"reread": 9}, "at most as many"),
    ({"scope": []}, "who reads what"),
    ({"cases": []}, "case"),
    ({"washout_days": -1}, "washout_days"),
    ({"shoe_size": 43}, "shoe_size"),
])
def test_a_design_refuses_what_cannot_be(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    values = write(small_study(tmp_path / "study").design)
    with pytest.raises(SchemaError, match=r"design\.json") as error:
        design_from({**values, **changes}, "design.json")
    assert problem in str(error.value)


def test_a_design_is_read_as_it_was_written(tmp_path: Path) -> None:
    design = small_study(tmp_path / "study").design
    again = design_from(json.loads(json.dumps(write(design))), "a copy")
    assert again == design and again.hash == design.hash
    assert isinstance(again, ReadingStudy) and design_from({**write(design), "seed": 2}, "other").hash != design.hash


def test_washouts_are_told_from_the_recorded_dates(tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    case = reread_cases(study.design)[0]
    first = study.reading(case, "Anna", "first")
    day = "2026-03-{:02d}T10:00:00+00:00"
    done = replace(first, state=ReadingState.DONE, started=day.format(1), saved=day.format(1))
    again = replace(first, session="second", started=day.format(4))
    (interval,) = washouts(study.design, [done, again])
    assert (interval.case, interval.session, interval.days) == (case, "second", 3.0)
    assert short_washouts(study.design, [done, again]) == (interval,)
    assert not short_washouts(study.design, [done, replace(again, started=day.format(8))])
    waiting = replace(again, started="")
    assert not washouts(study.design, [done, waiting])  # not begun, and nobody asks what would be
    (would,) = washouts(study.design, [done, waiting], datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert would.days == 1.0


def test_presets_are_the_papers(tmp_path: Path) -> None:
    loaded, errors = presets()
    assert not errors and {item.id for item in loaded} == {
        "s1_escc_lpfs_radscore", "s2_escc_ln_response", "s3_escc_early_recurrence", "s4_gnen_dl_survival",
        "every_reader_everything"}
    numbers = {item.id[:2]: (item.reread, item.washout_days, item.threshold, item.readers, item.sessions)
               for item in loaded}
    assert numbers["s1"] == (30, 60, 0.9, 2, 2) and numbers["s2"] == (None, 30, 0.75, 2, 2)
    assert numbers["s3"] == (50, 7, 0.75, 2, 2) and numbers["s4"] == (30, 30, 0.8, 1, 2)
    for item in loaded:
        assert bool(item.citation) == bool(item.threshold) and item.icc_form is None
        assert not item.citation or "the form of the ICC" in " ".join(item.not_reported)


def test_a_preset_serves_more_or_fewer_readers() -> None:
    preset = load_preset("s3_escc_early_recurrence")
    rows = preset.scope_of(("A", "B", "C"), ("1", "2"))
    assert [(row.reader, row.session, row.cases) for row in rows] == [
        ("A", "1", "all"), ("A", "2", "sample"), ("B", "1", "sample"), ("C", "1", "sample")]
    assert len(preset.scope_of(("A",), ("1", "2"))) == 2


def test_a_preset_of_ones_own_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('id = "own"\ntitle = "Own"\ntext = "All."\nscope = [{ reader = 1, session = 1, cases = "some" }]\n',
                    encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.toml.*some.*all, sample"):
        load_preset(str(path))


@pytest.mark.parametrize("name", ["s1_escc_lpfs_radscore", "s2_escc_ln_response", "s3_escc_early_recurrence",
                                  "s4_gnen_dl_survival"])
def test_what_a_preset_quotes_stands_in_the_paper(name: str) -> None:
    """Word by word, where the papers are at hand."""
    quoted = load_preset(name).text.split('"')[1::2]
    paper = SHARED.parent / "papers" / f"{name}.txt"
    if not paper.is_file():
        pytest.skip(f"the text of {name} is not at hand")
    text = paper.read_text(encoding="utf-8")
    for sentence in (item for quote in quoted for item in re.split(r"\. |\[\.\.\.\]", quote)):
        assert plain(sentence) in plain(text), sentence


def plain(text: str) -> str:
    """Return the letters and digits of a text: line ends and hyphens of a print do not count."""
    return "".join(item for item in text.lower() if item.isalnum())
