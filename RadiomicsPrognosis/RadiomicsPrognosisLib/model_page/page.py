"""A model's page: the form, the answer, the nomogram and the card as one HTML file without network or server."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from ..files import read_text, whole_file
from ..html_head import html_head
from ..models.card import model_card
from ..models.covariates import NOT_YET_KNOWN, UNKNOWN
from ..models.model import Model
from ..resources import shipped_folder
from ..texts import DISCLAIMER, clean
from ..version import __version__
from .formula import outcome_title, page_formula

_NOMOGRAM = """<section aria-labelledby="nomogram-title">
<h2 id="nomogram-title">Nomogram</h2>
<figure><svg id="nomogram" role="img" aria-label="Nomogram: each factor's points, their total, and what it stands for; \
the form above has the same factors."></svg>
<figcaption>Drag along an axis or press a level; the form above does the same from the keyboard.</figcaption></figure>
</section>"""


def write_model_page(model: Model, path: str | Path) -> Path:
    """Write the model's page to ``path``, whole or not at all, and return it. Raises InputError as the page does."""
    text = model_page(model)
    with whole_file(path) as f:
        f.write(text)
    return Path(path)


def model_page(model: Model) -> str:
    """Return the model's page; the same model gives the same bytes.

    The browser is told to load nothing and to run this script alone. Raises InputError when the model predicts neither
    survival nor probability, or gives no range for a factor.
    """
    formula = page_formula(model)
    plain = f"{clean(model.id, 80)} {clean(model.version, 30)}"
    title, styles = escape(plain), read_text(shipped_folder() / "ModelPage" / "page.css", "Style sheet")
    origins = ", ".join(f"{name} {origin}" for name, origin in model.provenance.by_component().items())
    script = read_text(shipped_folder() / "ModelPage" / "page.js", "Script")
    return f"""<!DOCTYPE html>
<html lang="en">
{html_head(plain, script, styles)}
<body>
<main>
<header>
<h1>{_text(model.title, 300)}</h1>
<p class="muted">{title} · {_text(origins, 200)}</p>
<p class="disclaimer">{escape(DISCLAIMER)}</p>
<noscript><p class="warning">This page computes in the browser: switch JavaScript on. It loads nothing and sends
nothing.</p></noscript>
</header>
<div class="columns">
{_form(formula)}
{_answer(formula, model)}
</div>
{_NOMOGRAM}
{_card(model)}
<footer><p>Made by RadiomicsPrognosis {__version__} from model {title}, SHA-256 {escape(model.hash)}. What is entered
stays in this browser.</p></footer>
</main>
<script type="application/json" id="model">{_json(formula)}</script>
<script>{script}</script>
</body>
</html>
"""


def _json(values: dict[str, Any]) -> str:
    """Return JSON that cannot end the element it stands in."""
    return json.dumps(values, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _text(value: str, limit: int) -> str:
    return f"<bdi>{escape(clean(value, limit))}</bdi>"


def _form(formula: dict[str, Any]) -> str:
    fields = "\n".join(_levels(term) if term["levels"] else _number(term) for term in formula["terms"])
    return f'<form id="case" aria-label="The case">\n<h2>The case</h2>\n{fields}\n</form>'


def _number(term: dict[str, Any]) -> str:
    index, (low, high) = term["index"], term["ends"]
    start = "" if term["start"] is None else f' value="{term["start"]}"'
    limits = "".join(f' {name}="{term[key]}"' for name, key in (("min", "low"), ("max", "high"))
                     if term[key] is not None)
    title, unit = _text(term["title"], 90), _text(term["unit"], 20) if term["unit"] else ""
    hint = '<span class="muted">It starts at the mean of the training patients.</span>' if start else ""
    return f"""<fieldset><legend>{title}</legend>
<div class="number"><input type="range" id="range-{index}" min="{low}" max="{high}" step="any"{start} \
aria-label="{escape(term["title"])}, slider">
<span><input type="number" id="number-{index}"{limits} step="any"{start} aria-label="{escape(term["title"])}" \
aria-describedby="points-{index}"> {unit}</span></div>
<output class="points" id="points-{index}"></output>{hint}</fieldset>"""


def _levels(term: dict[str, Any]) -> str:
    name, index = escape(term["name"]), term["index"]
    choices = [f'<label><input type="radio" name="{name}" value="{escape(level["label"])}"> '
               f'{_text(level["label"], 60)}</label>' for level in term["levels"]]
    if term["shares"]:
        choices.append(f'<label><input type="radio" name="{name}" value="{UNKNOWN}" data-not-known> '
                       f"{NOT_YET_KNOWN}</label>")
    return (f"<fieldset><legend>{_text(term['title'], 90)}</legend>\n{' '.join(choices)}\n"
            f'<output class="points" id="points-{index}"></output></fieldset>')


def _answer(formula: dict[str, Any], model: Model) -> str:
    survival = formula["survival"]
    titles = [f"{month:g}-month {clean(model.endpoint.abbreviation, 20)}" for month in survival["horizons"]] \
        if survival else [outcome_title(model)]
    rows = "\n".join(f'<tr><th scope="row">{_text(title, 90)}</th><td id="outcome-{index}"></td></tr>'
                     for index, title in enumerate(titles))
    signatures = len(formula["score"])
    named = "Joint score group" if signatures > 1 else (
        f'{_text(formula["scoreName"], 60)} group' if signatures else "Group")
    group = (f'<tr><th scope="row">{named} {"(image alone)" if formula["cutoff"]["on"] == "score" else "(all factors)"}'
             '</th><td id="group"></td></tr>') if formula["cutoff"] else ""
    curve = ('<figure><svg id="curve" role="img"></svg><figcaption>Predicted '
             f"{escape(clean(model.endpoint.name, 80).lower())}.</figcaption></figure>") if survival else ""
    return f"""<section aria-labelledby="result-title">
<h2 id="result-title">What the model says</h2>
<div id="result" role="status" aria-live="polite">
<p id="standing" class="warning"></p>
<table><tbody>{group}<tr><th scope="row">Total points</th><td id="total"></td></tr></tbody></table>
<p id="ask"></p>
<div id="answer" hidden><table><tbody>
{rows}
</tbody></table>
<p id="mixed" class="muted"></p>
{curve}<p id="uncertainty" class="small muted">{_text(formula["uncertainty"], 900)}</p></div>
<data id="lp" value=""></data></div>
</section>"""


def _card(model: Model) -> str:
    rows = []
    for row in model_card(model):
        text = _text(row.text, 900)
        if row.url:
            text = f'<a href="{escape(row.url)}" rel="noreferrer">{text}</a>'
        rows.append(f"<dt>{escape(row.title)}</dt><dd>{text}</dd>")
    return f'<section><h2>The model</h2>\n<dl>{"".join(rows)}</dl></section>'
