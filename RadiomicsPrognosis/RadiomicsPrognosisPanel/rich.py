"""The result as rich text: badge, outcome, warnings, nomogram points and origin; texts from models are escaped."""

from __future__ import annotations

from collections.abc import Iterable

from slicer.i18n import tr as _

from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter import summary
from RadiomicsPrognosisLib.presenter.answer import BriefAnswer
from RadiomicsPrognosisLib.warning import ResultWarning

from . import answer, texts

#: Link of the answer that shows what limits it.
LIMITS_LINK = "limits"

#: Link of the answer that shows how stable it is.
STABILITY_LINK = "stability"


def badge(item: BriefAnswer) -> str:
    """Return group and score on the group's colour, on grey while they belong to something else."""
    cell = f'<td bgcolor="{answer.background(item)}">'
    return (f'<table width="100%" cellpadding="5"><tr>{cell}<span style="color:#FFFFFF">'
            f'<b style="font-size:large">{texts.escape(answer.headline(item))}</b><br>'
            f"{texts.escape(answer.score(item))}</span></td></tr></table>")


def horizons(item: BriefAnswer, prediction: Prediction) -> str:
    """Return what is predicted in one row of cells, or why it is withheld."""
    cells = "".join(f'<td align="center">{texts.escape(name)}<br><b style="font-size:large">{texts.escape(share)}</b>'
                    "</td>" for name, share in answer.outcomes(item))
    if cells:
        return f'<table width="100%" cellpadding="2"><tr>{cells}</tr></table>'
    return "<br>".join(_withheld(prediction))


def _withheld(prediction: Prediction) -> list[str]:
    return [f"– {texts.escape(item.reason)}" for item in prediction.withheld]


def caption(item: BriefAnswer, prediction: Prediction) -> str:
    """Return what the row of :func:`horizons` is and that it has no interval; empty when there is no such row."""
    if item.probability is None and not item.horizons:
        return ""
    what = item.outcome if item.probability is not None else item.endpoint
    origin = prediction.model.provenance.get("probability" if item.probability is not None else "survival", "")
    named = f"{what} ({origin})" if origin else what
    return f"<small>{texts.escape(named)}; " + _("interval not available") + "</small>"


def attention(item: BriefAnswer) -> str:
    """Return what limits the answer and how stable it is, in links to the whole of it; empty without either."""
    remarks, stability = " · ".join(map(texts.escape, answer.remarks(item))), texts.escape(answer.stability(item))
    return " · ".join(([f'⚠ <a href="{LIMITS_LINK}">{remarks}</a>'] if remarks else [])
                      + ([f'<a href="{STABILITY_LINK}">{stability}</a>'] if stability else []))


def outcome(item: BriefAnswer, prediction: Prediction) -> str:
    """Return the outcome in sentences: endpoint and its values, probability, and what is withheld."""
    lines, values = [], answer.outcomes(item)
    if item.horizons:
        origin = prediction.model.provenance.get("survival", "")
        listed = ", ".join(_unbroken(f"{name} {share}") for name, share in values)
        lines.append(f"{texts.escape(item.endpoint)} ({texts.escape(origin)}): <b>{listed}</b>")
    if item.probability is not None:
        lines += [_("Probability of {outcome}: {percent}").format(
            outcome=texts.escape(name), percent=f"<b>{_unbroken(share)}</b>") for name, share in values]
    return "<br>".join([*lines, *_withheld(prediction)])


def _unbroken(text: str) -> str:
    return texts.escape(text).replace(" ", "&nbsp;")


def limits(prediction: Prediction) -> str:
    """Return what is withheld and why, and the first warning of each kind."""
    return "<br>".join([*_withheld(prediction), *warnings(prediction.warnings)])


def warnings(items: Iterable[ResultWarning]) -> list[str]:
    """Return the first warning of each kind, and how many more there are, a line each."""
    lines = []
    for first, others in summary.warnings(items):
        more = " " + _("({count} more of this kind: rest the pointer here)").format(count=others) if others else ""
        lines.append(f"⚠ {texts.escape(first.message)}{more}")
    return lines


def points(prediction: Prediction, model: Model | None) -> str:
    """Return the nomogram's points as a table, empty for a model without a nomogram."""
    rows, total = summary.points(prediction, model)
    if not rows:
        return ""
    cells = [f"<tr><td>{texts.escape(title)}&nbsp;&nbsp;</td><td>{texts.escape(value)}&nbsp;&nbsp;</td>"
             f'<td align="right">{own:.1f}</td></tr>' for title, value, own in rows]
    if total is not None:
        cells.append("<tr><td><b>" + _("Total") + f'</b></td><td></td><td align="right"><b>{total:.1f}</b></td></tr>')
    return "<b>" + _("Nomogram points") + "</b><table>" + "".join(cells) + "</table>"


def origin(prediction: Prediction) -> str:
    """Return what the result was computed with."""
    scaling = prediction.scaling
    features = _("scaling {name} ({cases} cases)").format(name=scaling.name, cases=scaling.cases) if scaling else (
        _("raw features"))
    text = _("{model} {version}, protocol {protocol}, {scaling}, {engine} {engine_version}. Research use only.").format(
        model=prediction.model.id, version=prediction.model.version, protocol=prediction.protocol.id,
        scaling=features, engine=prediction.engine.name, engine_version=prediction.engine.version)
    return f"<small>{texts.escape(text)}</small>"
