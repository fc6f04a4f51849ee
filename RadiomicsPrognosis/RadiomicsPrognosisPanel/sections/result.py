"""The result: the answer in brief, always in sight, and its details in tabs below; or why there is none."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer import Answer
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.prediction.record import GROUP, SCORE
from RadiomicsPrognosisLib.presenter import summary

from .. import drawing, links, rich, texts
from ..section import PanelSection, Place, say


class ResultSection(PanelSection):
    """Fills the labels of the result, and says what is in the way of one.

    The details are filled when their tab is looked at: drawing takes a while, and an edit waits for it.
    """

    ui_file = "ResultSection.ui"
    place = Place.RESULT
    reads = frozenset({"live"})

    def setup(self) -> None:
        """Connect the tabs and the links in the texts."""
        ui = self.ui
        self._pages = {area.objectName: show for area, show in (
            (ui.outcomeArea, self._show_outcome), (ui.limitsArea, self._show_limits),
            (ui.featuresArea, self._show_score), (ui.cardArea, self._show_card))}
        self._shown: dict[str, tuple[Prediction | None, Answer | None, Model | None, int]] = {}
        drawing.hatch(ui.bandLabel)
        ui.problemLabel.connect("linkActivated(QString)", self._on_link)
        ui.attentionLabel.connect("linkActivated(QString)", self._on_link)
        ui.detailsTabs.connect("currentChanged(int)", self._on_tab)
        ui.detailsSelector.connect("activated(int)", ui.detailsTabs.setCurrentIndex)

    def _on_link(self, link: str) -> None:
        tabs = self.ui.detailsTabs
        if link == rich.LIMITS_LINK:
            tabs.setCurrentWidget(self.ui.limitsArea)
        elif link == rich.STABILITY_LINK:
            tabs.setCurrentWidget(slicer.util.findChildren(tabs, name="StabilitySection")[0])
        else:
            links.follow(link, self.host.session.problem, self.host.score)

    def _on_tab(self, index: int) -> None:
        self.ui.detailsSelector.setCurrentIndex(index)
        self._show_details()

    def _fit_tabs(self, known: bool) -> None:
        """Offer the details by a list instead of tabs in a panel that is too narrow for the tabs' titles."""
        tabs, selector = self.ui.detailsTabs, self.ui.detailsSelector
        tabs.visible = known
        narrow = tabs.tabBar().sizeHint.width() > tabs.width
        tabs.tabBar().visible = not narrow
        self.fill_selector(selector, [(tabs.tabText(index), str(index)) for index in range(tabs.count)],
                           str(tabs.currentIndex))
        selector.visible = known and narrow

    def update(self) -> None:
        """Show the prediction or why there is none, and how old it is."""
        session, node, ui = self.host.session, self.host.node, self.ui
        problem, item = session.problem, self.host.answer
        sign = "" if problem is None else "→ " if problem.is_choice else "✖ "
        say(ui.problemLabel, sign + texts.problem(problem) if problem else "")
        live = node is not None and node.live
        say(ui.freshnessLabel, "" if problem and item is None else texts.freshness(
            session.freshness, live, self.host.choices.read_image))
        ui.answerFrame.visible = item is not None
        told = item.told if item is not None else None
        say(ui.badgeLabel, rich.badge(item) if item is not None else "")
        for label, text in ((ui.bandLabel, rich.band), (ui.cautionLabel, rich.caution),
                            (ui.horizonsLabel, rich.horizons), (ui.captionLabel, rich.caption),
                            (ui.attentionLabel, rich.attention)):
            say(label, text(told) if told is not None else "")
        ui.attentionLabel.toolTip = rich.every_limit(told) if told is not None else ""
        self._fit_tabs(self.host.choices.model is not None)
        self._show_details()

    def _show_details(self) -> None:
        """Fill the tab in sight unless it shows this prediction already."""
        page = self.ui.detailsTabs.currentWidget().objectName
        if page not in self._pages:
            return  # a section of its own
        item = self.host.answer
        facts = (self.host.session.shown, item.told if item is not None else None, self.host.choices.model,
                 self.host.result_width)
        before = self._shown.get(page)
        if before is not None and all(old is new for old, new in zip(before[:3], facts[:3], strict=True)) and (
                before[3] == facts[3]):
            return
        self._shown[page] = facts
        self._pages[page](*facts)

    def redraw(self) -> None:
        """Draw the pictures again: the colours of the application are others."""
        self._shown.clear()
        self._show_details()

    def _show_outcome(self, prediction: Prediction | None, told: Answer | None, model: Model | None,
                      width: int) -> None:
        ui = self.ui
        scale = summary.score_scale(prediction, model) if prediction is not None else None
        ui.scaleLabel.visible = scale is not None
        say(ui.scaleNoteLabel, texts.scale_note(scale) if scale is not None else "")
        if prediction is not None and scale is not None:
            group = prediction.group
            clear = group is not None and not {GROUP, SCORE} & {*prediction.questioned}
            cutoff = _("cut-off {value:g}").format(value=scale.cutoff) if scale.cutoff is not None else ""
            ui.scaleLabel.setPixmap(drawing.draw_scale(
                ui.scaleLabel, width, scale, group.above == group.worse if clear else None, f"{scale.score:.3f}",
                cutoff))
        survival = prediction.survival if prediction is not None else None
        ui.curveLabel.visible = survival is not None
        say(ui.curveNoteLabel, texts.curve_note(survival, drawing.DASHES) if survival is not None else "")
        if prediction is not None and survival is not None:
            step = model is None or model.survival is None or model.survival.baseline_cumulative_hazard.is_step
            ui.curveLabel.setPixmap(drawing.draw_curve(ui.curveLabel, width, survival, step, _("months"),
                                                       "survival" in prediction.questioned))
        say(ui.outcomeLabel, rich.outcome(told) if told is not None else "")

    def _show_limits(self, _prediction: Prediction | None, told: Answer | None, _model: Model | None,
                     _width: int) -> None:
        ui = self.ui
        own = "" if self.host.choices.read_image else texts.nothing_compared()
        say(ui.warningsLabel, rich.limits(told) or own if told is not None else "")
        ui.warningsLabel.toolTip = rich.every_limit(told) if told is not None else ""
        say(ui.acquisitionLabel, rich.acquisition(told.acquisition) if told is not None else "")

    def _show_score(self, prediction: Prediction | None, _told: Answer | None, model: Model | None,
                    width: int) -> None:
        label = self.ui.contributionsLabel
        listed, rest = summary.bars(prediction) if prediction is not None else ((), None)
        label.visible = bool(listed)
        if rest is not None:
            listed = (*listed, summary.Bar(texts.other_features(int(rest.name)), rest.tip, rest.value))
        if listed:
            label.setPixmap(drawing.draw_bars(label, width, listed))
        say(self.ui.pointsLabel, rich.points(prediction, model) if prediction is not None else "")

    def _show_card(self, _prediction: Prediction | None, told: Answer | None, model: Model | None,
                   _width: int) -> None:
        card = self.host.catalogue.card(model.id) if model is not None else None
        say(self.ui.cardLabel, texts.card(card) if card is not None else "")
        say(self.ui.madeLabel, rich.origin(told) if told is not None else "")
