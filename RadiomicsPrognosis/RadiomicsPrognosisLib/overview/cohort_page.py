"""The page of a cohort's scores: one HTML file without network, whose table sorts and filters in the browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from ..answer.answer_record import Answer
from ..cohort.columns import PATIENT
from ..cohort.image_rows import ScoredRow
from ..files import read_text, whole_file
from ..html_head import html_head
from ..models.model import Model
from ..resources import shipped_folder
from ..texts import DISCLAIMER, clean, percent
from ..version import __version__
from .score_histogram import histogram_svg, score_histogram
from .score_rows import table_html

#: Rows with a picture; a page of more would take a browser longer to open than a reader waits.
MOST_PICTURES = 2000


def write_cohort_page(cohort: pd.DataFrame, rows: Sequence[ScoredRow], model: Model, path: Path,
                      folders: Sequence[str] | None = None) -> Path:
    """Write the page to ``path``, whole or not at all, and return it.

    ``rows`` are those of ``cohort`` in its order, scored with ``model``; ``folders`` are the folders beside the page
    with each row's report, None without reports. The same rows give the same bytes. Raises FileError.
    """
    text = cohort_page(cohort, rows, model, folders)
    with whole_file(path) as f:
        f.write(text)
    return path


def cohort_page(cohort: pd.DataFrame, rows: Sequence[ScoredRow], model: Model,
                folders: Sequence[str] | None = None) -> str:
    """Return the page; every text in it is escaped, and the browser is told to load nothing and run one script."""
    answers = [row.answer for row in rows if row.answer is not None]
    folder = shipped_folder() / "CohortPage"
    script, styles = read_text(folder / "page.js", "Script"), read_text(folder / "page.css", "Style sheet")
    title = f"{clean(model.score_name, 60)} of {len(rows)} cases"
    band = next((answer.band for answer in answers if answer.band), "")
    shared = _shared_limits(answers)
    return f"""<!DOCTYPE html>
<html lang="en">
{html_head(title, script, styles, pictures=True)}
<body>
{f'<div class="band hatched"><b>{escape(band)}</b></div>' if band else ""}
<main>
<header>
<h1>{escape(title)}</h1>
<p class="muted"><bdi>{escape(clean(model.title, 300))}</bdi></p>
<p class="disclaimer">{escape(DISCLAIMER)}</p>
</header>
{_counts(cohort, rows)}
{_limits(shared)}
{_histogram(rows, model)}
{table_html(cohort, rows, model, folders, shared, MOST_PICTURES)}
{_provenance(answers, model)}
</main>
<script>{script}</script>
</body>
</html>
"""


def _counts(cohort: pd.DataFrame, rows: Sequence[ScoredRow]) -> str:
    """Return how many rows and patients there are, how many have a result, and how many are in each group."""
    who = cohort[PATIENT] if PATIENT in cohort else cohort["case"]
    patients = who.astype(str).nunique()
    scored = [row.answer for row in rows if row.answer is not None and row.answer.score]
    failed = sum(row.error is not None for row in rows)
    items = [("Rows", str(len(rows)), f"{patients} patients" if PATIENT in cohort else f"{patients} cases"),
             ("Scored", str(len(scored)), "" if len(scored) == len(rows) else f"of {len(rows)}"),
             ("Score withheld", str(sum(row.answer is not None and not row.answer.score for row in rows)), ""),
             ("Failed", str(failed), "reasons in the table" if failed else "")]
    groups = Counter((answer.group, answer.sign) for answer in scored if answer.group)
    items += [(f"{sign} {group}".strip(), str(count), percent(count / len(scored)) if count < len(scored) else "all")
              for (group, sign), count in sorted(groups.items())]
    return '<ul class="counts">' + "".join(
        f"<li><bdi>{escape(label)}</bdi><b>{value}</b><span>{escape(remark)}</span></li>"
        for label, value, remark in items) + "</ul>"


def _shared_limits(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return what limits every result alike, to be told once."""
    texts = [tuple(limit.text for limit in answer.limits) for answer in answers]
    return tuple(text for text in texts[0] if all(text in others for others in texts)) if len(texts) > 1 else ()


def _limits(shared: Sequence[str]) -> str:
    return "".join(f'<p class="warning"><b>Every row:</b> <bdi>{escape(text)}</bdi></p>' for text in shared)


def _histogram(rows: Sequence[ScoredRow], model: Model) -> str:
    values = [row.columns.get("score") for row in rows]
    scores = np.array([value for value in values if value is not None and np.isfinite(value)], float)
    if not len(scores):
        return '<p class="warning">No row has a score.</p>'
    drawn = score_histogram(scores, model)
    outside = [f"{count} {'score lies' if count == 1 else 'scores lie'} {side} the scale"
               for count, side in ((drawn.below, "below"), (drawn.above, "above")) if count]
    curves = "".join(f'<li><svg viewBox="0 0 40 8" aria-hidden="true"><line class="curve c{place}" x1="0" x2="40" '
                     f'y1="4" y2="4"/></svg> <bdi>{escape(name)}</bdi></li>'
                     for place, (name, _) in enumerate(drawn.expected))
    told = ["Bars: the scores of this cohort" + ("; hatched: the group with the worse prognosis." if model.score_cutoff
                                                 else "."),
            "Lines: how many cases each bar would hold, were this cohort as large and like the patients of the model."
            if curves else "The model does not tell the scores of its own patients.",
            *(f"{text}." for text in outside)]
    return (f'<section><h2>Scores</h2>\n<figure>{histogram_svg(drawn, model)}\n<ul class="legend">{curves}</ul>'
            f"<figcaption>{escape(' '.join(told))}</figcaption></figure></section>")


def _provenance(answers: Sequence[Answer], model: Model) -> str:
    lines = answers[0].provenance if answers else (f"Model {clean(model.id, 80)} {clean(model.version, 30)} "
                                                   f"({model.hash[:12]})",)
    items = "".join(f"<li><bdi>{escape(line)}</bdi></li>" for line in lines)
    use = f"<p>{escape(clean(model.intended_use, 300))}</p>"
    return (f'<section><h2>How it was made</h2>\n<ul class="provenance">{items}</ul>{use}'
            f"<p>Written by RadiomicsPrognosis {__version__}; scores.csv beside it holds all numbers.</p></section>")
