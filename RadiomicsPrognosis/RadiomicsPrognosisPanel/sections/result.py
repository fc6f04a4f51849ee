"""The result in words and pictures: badge, scale, outcome, curve, warnings, contributions, or why there is none."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter import summary

from .. import drawing, texts
from ..section import PanelSection, Place, say

#: White text on these has a contrast of at least 5 : 1; shape and words say the same as the colour.
_BADGES = {True: ("#A84300", "▲"), False: ("#00609C", "●"), None: ("#5A5A5A", "■")}


class ResultSection(PanelSection):
    """Fills the labels of the result area, and says what is in the way of a result."""

    ui_file = "ResultSection.ui"
    place = Place.RESULT
    reads = frozenset({"live"})

    def setup(self) -> None:
        """Connect the links in the text of a problem."""
        ui = self.ui
        self._labels = (ui.badgeLabel, ui.scaleLabel, ui.outcomeLabel, ui.curveLabel, ui.warningsLabel,
                        ui.contributionsLabel, ui.pointsLabel, ui.madeLabel)
        self._drawn: tuple[Prediction | None, Model | None, int] | None = None
        ui.problemLabel.connect("linkActivated(QString)", self._on_link)

    def _on_link(self, link: str) -> None:
        problem = self.host.session.problem
        if link == texts.EXTENSIONS_LINK:
            slicer.app.openExtensionsManagerDialog()
        elif link == texts.DETAILS_LINK and problem is not None:
            slicer.util.errorDisplay(problem.message or _("A fault of the software"), detailedText=problem.details)

    def update(self) -> None:
        """Show the prediction or why there is none, and how old it is."""
        session, node = self.host.session, self.host.node
        problem, prediction = session.problem, session.shown
        sign = "" if problem is None else "→ " if problem.is_choice else "✖ "
        say(self.ui.problemLabel, sign + texts.problem(problem) if problem else "")
        live = node is not None and node.live
        say(self.ui.freshnessLabel,
            "" if problem and prediction is None else texts.freshness(session.freshness, live))
        self._draw(prediction, self.host.choices.model, self.host.result_width)

    def _draw(self, prediction: Prediction | None, model: Model | None, width: int) -> None:
        """Show ``prediction`` unless it is shown already: drawing takes a while."""
        before, self._drawn = self._drawn, (prediction, model, width)
        if before is not None and before[0] is prediction and before[1] is model and before[2] == width:
            return
        for label in self._labels:
            label.visible = False
        if prediction is None:
            return
        self._show_score(prediction, model, width)
        self._show_outcome(prediction, model, width)
        say(self.ui.warningsLabel, _warnings(prediction))
        self.ui.warningsLabel.toolTip = "\n".join(item.message for item in prediction.warnings)
        self._show_contributions(prediction, width)
        say(self.ui.pointsLabel, _points(prediction, model))
        say(self.ui.madeLabel, _origin(prediction))

    @staticmethod
    def _picture(label: qt.QLabel, pixmap: qt.QPixmap) -> None:
        label.setPixmap(pixmap)
        label.visible = True

    def _show_score(self, prediction: Prediction, model: Model | None, width: int) -> None:
        say(self.ui.badgeLabel, _badge(prediction))
        scale = summary.score_scale(prediction, model)
        if scale is None:
            return
        worse_above = None
        if prediction.group is not None:
            worse_above = prediction.group.above == prediction.group.worse
        cutoff = _("cut-off {value:g}").format(value=scale.cutoff) if scale.cutoff is not None else ""
        self._picture(self.ui.scaleLabel, drawing.draw_scale(self.ui.scaleLabel, width, scale, worse_above,
                                                             f"{scale.score:.3f}", cutoff))

    def _show_outcome(self, prediction: Prediction, model: Model | None, width: int) -> None:
        say(self.ui.outcomeLabel, _outcome(prediction))
        if prediction.survival is not None:
            step = model is None or model.survival is None or model.survival.baseline_cumulative_hazard.is_step
            self._picture(self.ui.curveLabel, drawing.draw_curve(self.ui.curveLabel, width, prediction.survival, step,
                                                                 _("months")))

    def _show_contributions(self, prediction: Prediction, width: int) -> None:
        listed, rest = summary.bars(prediction)
        if not listed:
            return
        if rest is not None:
            name = _("{count} other features").format(count=rest.name)
            listed = (*listed, summary.Bar(name, rest.tip, rest.value))
        self._picture(self.ui.contributionsLabel, drawing.draw_bars(self.ui.contributionsLabel, width, listed))


def _badge(prediction: Prediction) -> str:
    score_name = texts.escape(prediction.model.score_name)
    if prediction.score is None:
        return ""
    group = prediction.group
    colour, shape = _BADGES[group.worse if group else None]
    words = texts.escape(group.label) if group else _("no cut-off")
    title = f"{shape} {words}" if group else words
    return (f'<table width="100%" cellpadding="6"><tr><td bgcolor="{colour}"><span style="color:#FFFFFF">'
            f'<b style="font-size:large">{title}</b><br>{score_name} {prediction.score:.4f}</span></td></tr></table>')


def _outcome(prediction: Prediction) -> str:
    lines = []
    survival = prediction.survival
    if survival is not None:
        cells = "".join(f'<td align="center">{texts.escape(_horizon(months))}<br><b>{100 * share:.1f} %</b></td>'
                        for months, share in zip(survival.horizons_months, survival.at_horizons, strict=True))
        origin = texts.escape(prediction.model.provenance.get("survival", ""))
        lines.append(f"{texts.escape(prediction.model.endpoint)} ({origin})")
        lines.append(f'<table width="100%" cellpadding="2"><tr>{cells}</tr></table>')
    if prediction.probability is not None:
        lines.append(_("Probability of {outcome}: {percent}").format(
            outcome=texts.escape(prediction.outcome), percent=f"<b>{100 * prediction.probability:.1f} %</b>"))
    lines += [f"– {texts.escape(item.reason)}" for item in prediction.withheld]
    return "<br>".join(lines).replace("</table><br>", "</table>").replace("<br><table", "<table")


def _horizon(months: float) -> str:
    if months % 12 == 0:
        return _("{years:g} years").format(years=months / 12) if months > 12 else _("1 year")
    return _("{months:g} months").format(months=months)


def _warnings(prediction: Prediction) -> str:
    lines = []
    for first, others in summary.warnings(prediction):
        more = " " + _("({count} more of this kind: rest the pointer here)").format(count=others) if others else ""
        lines.append(f"⚠ {texts.escape(first.message)}{more}")
    return "<br>".join(lines)


def _points(prediction: Prediction, model: Model | None) -> str:
    rows, total = summary.points(prediction, model)
    if not rows:
        return ""
    cells = [f"<tr><td>{texts.escape(title)}&nbsp;&nbsp;</td><td>{texts.escape(value)}&nbsp;&nbsp;</td>"
             f'<td align="right">{points:.1f}</td></tr>' for title, value, points in rows]
    if total is not None:
        cells.append("<tr><td><b>" + _("Total") + f'</b></td><td></td><td align="right"><b>{total:.1f}</b></td></tr>')
    return "<b>" + _("Nomogram points") + "</b><table>" + "".join(cells) + "</table>"


def _origin(prediction: Prediction) -> str:
    scaling = prediction.scaling
    features = _("scaling {name} ({cases} cases)").format(name=scaling.name, cases=scaling.cases) if scaling else (
        _("raw features"))
    text = _("{model} {version}, protocol {protocol}, {scaling}, {engine} {engine_version}. Research use only.").format(
        model=prediction.model.id, version=prediction.model.version, protocol=prediction.protocol.id,
        scaling=features, engine=prediction.engine.name, engine_version=prediction.engine.version)
    return f"<small>{texts.escape(text)}</small>"
