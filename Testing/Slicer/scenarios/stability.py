"""Ask how stable the answer is: cancelled, asked again, overtaken by an edit and taken back, saved, in the report."""

from __future__ import annotations

import contextlib

import slicer

from .hands import S1, Hands, Skipped


def run(hands: Hands) -> None:
    hands.start(model=S1)
    ui = hands.ui
    _open_tab(hands)
    hands.expect(ui.stabilityButton.enabled, "a current result cannot be asked after")
    _give_up(hands)
    _ask(hands)
    sentence = _sentence(hands)
    hands.expect(" in " in sentence and " of 50" in sentence, f"the tab says '{sentence}'")
    hands.expect(sentence in ui.attentionLabel.text, "the answer does not say how stable it is")
    _overtake(hands, sentence)
    _report(hands, sentence)
    path = hands.folder / "case.mrb"
    hands.expect(slicer.util.saveScene(str(path)), "the scene cannot be saved")
    hands.clear()
    hands.expect(not ui.stabilityHeadLabel.text and not ui.attentionLabel.text, "the stability outlives its scene")
    slicer.util.loadScene(str(path))
    hands.result()
    hands.look()
    hands.expect(_sentence(hands) == sentence and sentence in ui.attentionLabel.text,
                 "the saved scene does not show its stability")


def _open_tab(hands: Hands) -> None:
    """Look at the tab."""
    tabs = hands.ui.detailsTabs
    tabs.setCurrentWidget(slicer.util.findChildren(tabs, name="StabilitySection")[0])
    hands.look()


def _sentence(hands: Hands) -> str:
    """Return what the tab says first, without tags and mark."""
    text = hands.ui.stabilityHeadLabel.text
    return text[text.find(">") + 1:text.find("</b>")].strip("▲● ")


def _give_up(hands: Hands) -> None:
    """Ask, and cancel when the perturbations have begun."""
    ui = hands.ui
    ui.stabilityButton.click()
    hands.wait(lambda: ui.stabilityProgressBar.value > 0 or not ui.stabilityCancelButton.visible, 120, "progress")
    hands.expect(ui.stabilityCancelButton.visible, f"it ended by itself: {ui.stabilityStepLabel.text}")
    ui.stabilityCancelButton.click()
    with hands.time("stability cancelled"):
        hands.wait(lambda: ui.stabilityButton.visible, 30, "the end of the perturbations")
    hands.expect("Cancelled" in ui.stabilityStepLabel.text and not ui.stabilityHeadLabel.text,
                 f"the tab says '{ui.stabilityStepLabel.text}'")


def _ask(hands: Hands) -> None:
    """Ask, and wait for the answer with the main thread free."""
    ui = hands.ui
    with hands.time("stability of 50 perturbations"), hands.watch() as watch:
        ui.stabilityButton.click()
        hands.wait(lambda: ui.stabilityButton.visible, 300, "the perturbations")
    hands.latencies.seconds["main thread held by stability"].append(watch.longest)
    hands.look()  # the result is drawn in an event of its own
    hands.expect(ui.stabilityHeadLabel.text, f"there is no result: {ui.stabilityStepLabel.text}")


def _overtake(hands: Hands, sentence: str) -> None:
    """Erase, and take it back: what was known is of an earlier contour, and then of this one again."""
    ui = hands.ui
    hands.stroke("Erase", hands.edge())
    hands.result()
    hands.expect("earlier contour" in ui.stabilityAgeLabel.text and sentence in ui.stabilityHeadLabel.text,
                 f"after an edit the tab says '{ui.stabilityAgeLabel.text}'")
    hands.expect(sentence not in ui.attentionLabel.text, "the answer to another contour is called as stable")
    hands.undo()
    hands.result()
    hands.expect(not ui.stabilityAgeLabel.text and sentence in ui.attentionLabel.text,
                 f"after undo the tab says '{ui.stabilityAgeLabel.text}'")
    hands.activate("")


def _report(hands: Hands, sentence: str) -> None:
    """Write and read the report, where its packages are installed."""
    with contextlib.suppress(Skipped):  # the rest of the scenario needs no package
        hands.need("matplotlib", "fpdf", "uharfbuzz")
        _read_report(hands, sentence)


def _read_report(hands: Hands, sentence: str) -> None:
    with hands.answering(hands.folder):
        hands.ui.reportButton.click()
        hands.wait(lambda: list(hands.folder.rglob("*.pdf")), 120, "the report")
    page = next(hands.folder.rglob("*.html")).read_text(encoding="utf-8")
    capital = sentence[:1].upper() + sentence[1:]
    hands.expect("How stable is this answer?" in page and capital in page, "the report does not say how stable it is")
