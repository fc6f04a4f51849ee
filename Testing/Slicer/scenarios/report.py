"""Write report and table: asked once where to, whole files beside each other, and the panel offers to open them."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer

from .hands import S1, Hands


def run(hands: Hands) -> None:
    hands.need("matplotlib", "fpdf", "uharfbuzz")
    first = hands.start(model=S1)
    ui, folder = hands.ui, hands.folder
    before = _texts(hands)
    qt.QSettings().remove("RadiomicsPrognosis/ResultsFolder")  # a person who has never saved anything
    with hands.answering(folder) as answers:
        with hands.time("report"):
            ui.reportButton.click()
            hands.wait(lambda: list(folder.rglob("*.pdf")), 120, "the report")
        hands.look(6)  # longer than a message in the status bar stands
        pages, prints = list(folder.rglob("*.html")), list(folder.rglob("*.pdf"))
        hands.expect(len(pages) == len(prints) == 1, f"the report is {pages} and {prints}")
        page = pages[0].read_text(encoding="utf-8")
        hands.expect(f"{first.score:.2f}" in page and first.group.label in page, "the report has not the panel's score")
        hands.expect(prints[0].read_bytes().startswith(b"%PDF"), "the PDF is none")
        offered = [text for text in _texts(hands) if "Open" in text and text not in before]
        hands.expect(offered or answers.opened, "the finished report is neither opened nor offered")
        ui.noticeLabel.linkActivated("open")
        ui.noticeLabel.linkActivated("folder")
        opened = [Path(path) for path in answers.opened]
        hands.expect(opened == [prints[0], prints[0].parent], f"the links opened {opened}")
    with hands.answering(folder / "nowhere"):  # nobody is asked again
        ui.exportButton.click()
        hands.wait(lambda: list(folder.glob("*.csv")), 10, "the table")
        rows = next(folder.glob("*.csv")).read_text(encoding="utf-8").splitlines()
        hands.expect(len(rows) == 1 + len(first.contributions), f"the table has {len(rows)} lines")
        ui.reportButton.click()
        hands.wait(lambda: len(list(folder.rglob("*.pdf"))) == 2, 120, "the second report beside the first")
        hands.expect(prints[0].is_file(), "the second report has overwritten the first")


def _texts(hands: Hands) -> list[str]:
    widgets = [widget for name in ("QLabel", "QPushButton", "QToolButton")
               for widget in slicer.util.findChildren(hands.frame, className=name)]
    return [widget.text for widget in widgets if widget.visible]
