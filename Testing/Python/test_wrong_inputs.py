"""Wrong but plausible inputs, each made from a real CT with its real contour: none gives a plain result."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from wrong_inputs.more_rows import ROWS, UNTOLD
from wrong_inputs.page import genuine_cases, text
from wrong_inputs.real import is_here
from wrong_inputs.rows import Row
from wrong_inputs.showing import PLAIN, REFUSED, Shown

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not is_here(), reason="the shared data are not beside this checkout")

#: What was shown of the rows that have run in this process, for the page.
_RESULTS: dict[Row, Shown] = {}

#: Real cases whose contours are warned about, and why that is true.
_TRULY = {"lung1": {"fat-or-air"}, "STS_022": {"border"}, "STS_026": {"border"}}


def title(row: Row) -> str:
    return f"{row.wrong} ({row.case})"


def test_the_table_is_long_enough_and_names_each_row_once() -> None:
    assert len(ROWS) >= 55 and len(UNTOLD) <= 5
    assert len({(row.group, title(row)) for row in ROWS}) == len(ROWS)
    assert PLAIN not in {row.how for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=title)
def test_no_wrong_input_gives_a_plain_result(row: Row, tmp_path: Path) -> None:
    shown = _RESULTS[row] = row.show(tmp_path)
    assert shown.how == row.how and row.code in shown.sentences, shown
    assert row.says in shown.sentences[row.code]
    if row.genuine is not None:
        right = row.genuine()
        assert right.how != REFUSED and row.code not in right.sentences


@pytest.mark.parametrize("row", UNTOLD, ids=title)
def test_what_cannot_be_told_is_said_to_be_so(row: Row, tmp_path: Path) -> None:
    assert row.show(tmp_path).how == PLAIN


def test_no_check_fires_on_real_cases_but_where_it_is_true() -> None:
    assert {name: set(warnings) for name, warnings in genuine_cases().items() if warnings} == _TRULY


def test_the_page_shows_what_is_shown() -> None:
    if len(_RESULTS) < len(ROWS):
        pytest.skip("the rows did not all run before")
    path = ROOT / "docs" / "wrong_inputs.md"
    assert path.read_text(encoding="utf-8") == text(_RESULTS, genuine_cases())
