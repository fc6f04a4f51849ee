"""The table on a cohort's page: a row for each contour, with its picture, its answer, and what speaks against it."""

from __future__ import annotations

import base64
import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import pandas as pd

from ..answer.answer_record import Answer, Outcome
from ..cohort.image_rows import ScoredRow
from ..cohort.table import IDENTIFYING
from ..models.model import Model
from ..texts import clean, number
from .thumbnail import SIDE

#: The states of a row, which the page's filter offers.
SCORED, WITHHELD, FAILED = "scored", "withheld", "failed"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell: its HTML, what it sorts by (a number, or text in lower case; empty sorts last), and its CSS class."""

    html: str
    key: float | str = ""
    kind: str = ""


def table_html(cohort: pd.DataFrame, rows: Sequence[ScoredRow], model: Model, folders: Sequence[str] | None,
               shared: Collection[str], most_pictures: int) -> str:
    """Return the section with filter and table.

    ``folders`` hold the rows' reports; limits that are ``shared`` by all rows are not told again; at most
    ``most_pictures`` rows have a picture, and a sentence says so where there are more.
    """
    titles = _outcome_titles(rows)
    factors = [item.title for item in model.covariates_used()]
    head = ["Contour", "Case", "Group", clean(model.score_name, 40), *titles, *factors, "What limits it"]
    body = "\n".join(
        _row(row, described, head, [
            _picture(row, described, most_pictures), _case(described, None if folders is None else folders[row.number],
                                                           row), *_result(row.answer, row),
            *_outcomes(row.answer, titles), *_factors(row.answer, factors), _remarks(row, shared)])
        for row, described in zip(rows, cohort.to_dict("records"), strict=True))
    without = (f'<p class="muted">The first {most_pictures} of {len(rows)} rows have pictures.</p>'
               if len(rows) > most_pictures else "")
    return f"""<section aria-labelledby="cases-title"><h2 id="cases-title">Cases</h2>
<form id="filter" role="search"><label>Case or text <input type="search" id="words" autocomplete="off"></label>
<label>Rows <select id="state"><option value="">all</option><option>{SCORED}</option><option>{WITHHELD}</option>\
<option>{FAILED}</option></select></label> <output id="shown" aria-live="polite">{len(rows)} rows</output></form>
{without}<table id="cases"><thead>{_band(rows, len(head))}<tr>{_heads(head)}</tr></thead>
<tbody>
{body}
</tbody></table></section>"""


def _band(rows: Sequence[ScoredRow], columns: int) -> str:
    """Return the row of the head that repeats the band on every printed page."""
    band = next((row.answer.band for row in rows if row.answer is not None and row.answer.band), "")
    if not band:
        return ""
    return f'<tr class="on-paper"><td class="hatched" colspan="{columns}"><b>{escape(band)}</b></td></tr>'


def _heads(titles: Sequence[str]) -> str:
    """Return the column heads: buttons that sort, but for the picture's."""
    first = f'<th scope="col">{escape(titles[0])}</th>'
    return first + "".join(f'<th scope="col" data-title="{title}"><button type="button">{title}</button></th>'
                           for title in map(escape, titles[1:]))


def state_of(row: ScoredRow) -> str:
    """Return whether a row is scored, its score withheld, or failed."""
    if row.answer is None or row.error:
        return FAILED
    return SCORED if row.answer.score else WITHHELD


def _row(row: ScoredRow, described: Mapping[Hashable, object], head: Sequence[str], cells: Sequence[Cell]) -> str:
    inner = "".join(f'<td data-title="{escape(title)}" data-key="{escape(_key(cell.key))}" class="{cell.kind}">'
                    f"{cell.html}</td>" for title, cell in zip(head, cells, strict=True))
    return f'<tr data-state="{state_of(row)}">{inner}</tr>'


def _key(value: float | str) -> str:
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return value


def _picture(row: ScoredRow, described: Mapping[Hashable, object], most: int) -> Cell:
    if not row.picture or row.number >= most:
        return Cell(html="", kind="picture")
    data = base64.b64encode(row.picture).decode()
    return Cell(kind="picture", html=f'<img alt="Contour of {escape(clean(row.case, 60))}, axial" width="{SIDE}" '
                f'height="{SIDE}" loading="lazy" decoding="async" src="data:image/png;base64,{data}">')


def _case(described: Mapping[Hashable, object], folder: str | None, row: ScoredRow) -> Cell:
    """Return the case with what tells its rows apart, leading to its report where there is one."""
    name = _text(clean(row.case, 60))
    if folder is not None and row.answer is not None:
        name = f'<a href="{quote(folder)}/report.html">{name}</a>'
    others = [f"{key} {clean(described[key], 40)}" for key in IDENTIFYING[1:]
              if key in described and not _is_empty(described[key])]
    return Cell(html=name + _small("; ".join(others)), key=row.case.lower(), kind="case")


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or not str(value).strip()


def _result(answer: Answer | None, row: ScoredRow) -> list[Cell]:
    """Return group and score."""
    if answer is None:
        return [Cell(html='<b class="failed">failed</b>', key="~failed"), Cell(html="")]
    tone = {True: "worse", False: "better", None: ""}[answer.worse]
    group = f'<b class="{tone}">{answer.sign} {_text(answer.group)}</b>' if answer.group else "withheld"
    score = row.columns.get("score")
    badge = f'<span class="badge hatched"><b>{escape(answer.badge)}</b></span>' if answer.badge else ""
    told = number(float(score), 4) if isinstance(score, float) else "withheld"
    return [Cell(html=group + badge, key=answer.group.lower() or "~withheld", kind=_tone(answer, "group")),
            Cell(html=f'<b>{told}</b>{_small(answer.position)}', kind=f"number {_tone(answer, 'score')}",
                 key=float(score) if isinstance(score, float) else "")]


def _tone(answer: Answer, component: str) -> str:
    return "questioned" if component in answer.questioned else ""


def _outcome_titles(rows: Sequence[ScoredRow]) -> list[str]:
    """Return the outcomes that any row has, in their order."""
    return list(dict.fromkeys(item.title for row in rows if row.answer is not None for item in row.answer.outcomes))


def _outcomes(answer: Answer | None, titles: Sequence[str]) -> list[Cell]:
    known: dict[str, Outcome] = {item.title: item for item in answer.outcomes} if answer is not None else {}
    cells = []
    for title in titles:
        item = known.get(title)
        cells.append(Cell(html="", kind="number") if item is None else
                     Cell(html=_text(item.text), key=item.value,
                          kind="number questioned" if item.questioned else "number"))
    return cells


def _factors(answer: Answer | None, titles: Sequence[str]) -> list[Cell]:
    values = dict(answer.covariates) if answer is not None else {}
    return [Cell(html=_text(values.get(clean(title, 120), "")), key=values.get(clean(title, 120), "").lower())
            for title in titles]


def _remarks(row: ScoredRow, shared: Collection[str]) -> Cell:
    """Return why a row failed, what is withheld of it and why, and its own warnings."""
    texts = [f"Failed: {clean(row.error, 900)}"] if row.error else []
    if row.answer is not None:
        texts += [f"No {item.title}: {item.reason}" for item in row.answer.withheld]
        texts += [text for limit in row.answer.limits for text in (limit.text, *limit.others) if text not in shared]
    items = "".join(f"<li>{_text(text)}</li>" for text in texts)
    return Cell(html=f"<ul>{items}</ul>" if items else "", key=float(len(texts)), kind="remarks")


def _small(text: str) -> str:
    return f"<small>{_text(text)}</small>" if text else ""


def _text(value: str) -> str:
    return f"<bdi>{escape(value)}</bdi>"
