"""The tab of all segments: a table with one row a segment, what they say of the patient, and how old that is."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.answer.segment_table import band_of, segment_row, table_text
from RadiomicsPrognosisLib.presenter.segment_scoring import AllSegments, SegmentEntry
from RadiomicsPrognosisLib.presenter.series import series_info
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.worker.client import Worker

from .. import links, saving, texts
from .. import segment_texts as words
from ..layout import EventWatch
from ..notice import PanelNotice
from ..section import PanelSection, Place, say
from ..sight import has_contour, jump_to

#: How often the worker is asked for news (ms), and how long after a change the contours are looked at again.
_POLL_MS, _VERIFY_MS = 10, 400

#: Width and height (pixels) of a segment's colour, and what the table's frame adds to the height of its rows.
_SWATCH, _FRAME = 12, 4

#: So many columns hold texts, which share the width that the numbers of the others leave.
_WIDE = 2


class SegmentsSection(PanelSection):
    """Scores all segments by a worker of its own, and keeps the rows in step with contours and choices.

    Whether contours have changed is looked at while the tab is in sight, one contour at a time.
    """

    ui_file = "SegmentsSection.ui"
    place = Place.DETAILS

    def setup(self) -> None:
        """Connect buttons, table and timers, and hear when the tab comes into sight."""
        ui = self.ui
        self._scoring = AllSegments(Worker(), self.host.read, self.host.features)
        self._shown: tuple[object, ...] = ()
        self._poll_timer = self._timer(_POLL_MS, self._on_poll)
        self._verify_timer = self._timer(_VERIFY_MS, self._on_verify)
        self._sight = EventWatch((qt.QEvent.Show,), self._verify_timer.start)
        self.widget.installEventFilter(self._sight)
        ui.segmentsScoreButton.connect("clicked()", self._on_score)
        ui.segmentsCancelButton.connect("clicked()", self._on_cancel)
        ui.segmentsCopyButton.connect("clicked()", self._on_copy)
        ui.segmentsSaveButton.connect("clicked()", self._on_save)
        ui.segmentsStepLabel.connect("linkActivated(QString)", self._on_link)
        ui.segmentsTable.connect("cellClicked(int,int)", self._on_row)
        ui.segmentsTable.connect("cellActivated(int,int)", self._on_row)

    def _timer(self, interval: int, action: object) -> qt.QTimer:
        timer = qt.QTimer(self.widget)
        timer.setInterval(interval)
        timer.connect("timeout()", action)
        return timer

    # What the user does ----------------------------------------------------------------------------------------------

    def _on_score(self) -> None:
        if self._obstacle() is None:
            self._scoring.start(self.host.choices)
            self._poll_timer.start()
            self.update()

    def _on_cancel(self) -> None:
        self._scoring.cancel()
        self.update()

    def _on_row(self, row: int, _column: int) -> None:
        """Choose the segment of a row, and see it."""
        choices, entries = self.host.choices, self._scoring.entries
        if row >= len(entries) or choices.volume is None or choices.segmentation is None:
            return
        key = entries[row].result.label
        if choices.segmentation.GetSegmentation().GetSegment(key) is None:
            return
        self.host.choose(choices.volume, choices.segmentation, key)
        if has_contour(choices.segmentation, key):
            jump_to(choices.segmentation, key, choices.volume)

    def _on_copy(self) -> None:
        slicer.app.clipboard().setText(table_text(self._scoring.results, "\t"))
        self.host.announce(PanelNotice(_("The table of all segments is in the clipboard.")))

    def _on_save(self) -> None:
        folder, model = saving.folder(), self._scoring.model
        if folder is not None and model is not None:
            self.host.announce(saving.export_segments(table_text(self._scoring.results), model.id,
                                                      series_info(self.host.choices.volume), folder))

    def _on_link(self, link: str) -> None:
        links.follow(link, self._scoring.problem, self._on_score)

    # What goes on ----------------------------------------------------------------------------------------------------

    def _on_poll(self) -> None:
        changed = self._scoring.poll()
        if not self._scoring.active:
            self._poll_timer.stop()
            self._scoring.follow(self.host.choices)  # which may have changed meanwhile, as contours may have
            self._look_again_soon()
        if changed:
            self._show()

    def _on_verify(self) -> None:
        """Look at one contour; a busy worker and a tab out of sight can wait."""
        if not self.widget.visible or self._scoring.active or not self._scoring.verify():
            self._verify_timer.stop()
        else:
            self._verify_timer.setInterval(0)
        self._show()

    def _look_again_soon(self) -> None:
        if self._scoring.entries and not self._scoring.active:
            self._scoring.look_again()
            self._verify_timer.setInterval(_VERIFY_MS)
            self._verify_timer.start()  # anew, so that strokes in a row are looked at once

    def exit(self) -> None:
        """Look at no contour while another module is shown."""
        self._verify_timer.stop()

    def scene_closing(self) -> None:
        """Let go of the scene's nodes."""
        self._scoring.close()
        self._show()

    def cleanup(self) -> None:
        """End timers and worker."""
        self._poll_timer.stop()
        self._verify_timer.stop()
        self._scoring.close()

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_choices(self) -> None:
        """See which rows are of other choices than these."""
        if self.host.readings.blinded or self.host.node is None:
            self._scoring.close()
        elif not self._scoring.active:
            self._scoring.follow(self.host.choices)

    def update(self) -> None:
        """Show how far it is; a contour may have changed."""
        self._look_again_soon()
        self._show()

    def redraw(self) -> None:
        """Fill the table again: the colours of the application are others."""
        self._shown = ()
        self._show()

    def _obstacle(self) -> str | None:
        """Return what is still to be chosen, None if nothing is."""
        problem, choices = self.host.session.case.problem, self.host.choices
        if self.host.node is None or self.host.readings.blinded or choices.segmentation is None:
            return texts.problem(problem) if problem is not None else ""
        if problem is not None and problem.is_choice and problem.code != "segment":
            return texts.problem(problem)
        return None if choices.volume is not None and choices.model is not None else ""

    def _show(self) -> None:
        ui, scoring, obstacle = self.ui, self._scoring, self._obstacle()
        ui.segmentsScoreButton.visible = not scoring.active
        ui.segmentsScoreButton.enabled = obstacle is None
        ui.segmentsProgressBar.visible = ui.segmentsCancelButton.visible = scoring.active
        ui.segmentsProgressBar.value = round(100 * scoring.progress)
        say(ui.segmentsStepLabel, words.step(scoring, obstacle or ""))
        is_whole = scoring.summary is not None and scoring.is_current and not scoring.new_segments
        say(ui.segmentsSummaryLabel, words.summary(scoring.summary if is_whole else None))
        ui.segmentsCopyButton.enabled = ui.segmentsSaveButton.enabled = is_whole
        self._show_table()

    def _show_table(self) -> None:
        """Fill the table unless it shows these rows already."""
        ui, scoring, model = self.ui, self._scoring, self._scoring.model
        has_rows = bool(scoring.entries) and model is not None
        facts = (*scoring.entries, model, self.host.result_width)
        if not self._shown or facts != self._shown:
            self._shown = facts
            band = band_of(scoring.results, model) if model is not None else ""
            say(ui.segmentsBandLabel, f"<b>{texts.escape(band)}</b>" if band else "")
            say(ui.segmentsCaveatsLabel, words.caveats(has_rows))
            for widget in (ui.segmentsTable, ui.segmentsCopyButton, ui.segmentsSaveButton):
                widget.visible = has_rows
            self._fill()
        chosen = [entry.result.label == self.host.choices.segment_id for entry in scoring.entries]
        if True in chosen and ui.segmentsTable.currentRow() != chosen.index(True):
            ui.segmentsTable.selectRow(chosen.index(True))

    def _fill(self) -> None:
        table, model = self.ui.segmentsTable, self._scoring.model
        table.clearSpans()
        table.setRowCount(len(self._scoring.entries))
        titles = words.columns(model)
        table.setColumnCount(len(titles))
        table.setHorizontalHeaderLabels(titles)
        for column, tip in enumerate(words.column_tips(model)):
            table.horizontalHeaderItem(column).setToolTip(tip)
        for number, entry in enumerate(self._scoring.entries if model is not None else ()):
            self._fill_row(number, entry)
        header = table.horizontalHeader()
        for column in range(len(titles)):
            wide = column < _WIDE
            header.setSectionResizeMode(column, qt.QHeaderView.Stretch if wide else qt.QHeaderView.ResizeToContents)
        table.resizeRowsToContents()  # texts are wrapped at the width of their columns
        rows = sum(table.rowHeight(number) for number in range(table.rowCount))
        table.setFixedHeight(header.sizeHint.height() + rows + _FRAME)

    def _fill_row(self, number: int, entry: SegmentEntry) -> None:
        table, row = self.ui.segmentsTable, segment_row(entry.result, self._scoring.model)
        shown, tip = words.cells(row, entry.freshness), words.row_tip(row, entry.freshness)
        is_old = entry.freshness is not Freshness.CURRENT
        grey = qt.QBrush(table.palette.color(qt.QPalette.Disabled, qt.QPalette.Text))
        for column, text in enumerate(shown):
            cell = qt.QTableWidgetItem(text)
            cell.setToolTip(tip)
            if is_old or words.COMPONENTS.get(column) in row.questioned:
                cell.setForeground(grey)
            if column >= _WIDE:
                cell.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
            table.setItem(number, column, cell)
        if row.colour is not None:
            swatch = qt.QPixmap(_SWATCH, _SWATCH)
            swatch.fill(qt.QColor(*(round(255 * value) for value in row.colour)))
            table.item(number, 0).setIcon(qt.QIcon(swatch))
        if not row.group and not row.score and row.reason:
            table.setSpan(number, 1, 1, len(words.COMPONENTS))
