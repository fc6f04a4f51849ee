"""A table of readings analysed in the panel, the filter changed, and the features it keeps used in a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .hands import S2, Hands

#: Lesions, and who reads them.
_CASES, _READERS = 12, ("Ana", "Ben")

#: A usual value of each of the model's features and its SD between lesions: scores on both sides of the cut-off.
_USUAL = {
    "original_shape_Sphericity": (0.7, 0.05), "original_glcm_InverseVariance": (0.42, 0.04),
    "original_firstorder_InterquartileRange": (30.0, 8.0), "original_firstorder_90Percentile": (45.0, 12.0),
    "original_firstorder_Kurtosis": (3.5, 0.8), "original_glrlm_ShortRunEmphasis": (0.88, 0.03),
    "original_glszm_LargeAreaHighGrayLevelEmphasis": (2e6, 5e5)}


def run(hands: Hands) -> None:
    hands.need("pandas", "matplotlib", "joblib")
    hands.start(model=S2)
    ui = hands.ui
    ui.reproducibilitySection.collapsed = False
    tabs = ui.reproducibilityTabs
    tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count)].index("Analyse"))
    hands.look()
    hands.expect(ui.analyseRunButton.visible and not ui.analyseRunButton.enabled, "there are no readings to analyse")
    table = _write_table(hands.folder)
    with hands.answering(table):
        ui.analyseTableButton.click()
    hands.look()
    hands.expect(ui.analyseRunButton.enabled, f"the table cannot be analysed: {ui.analyseProblemLabel.text}")
    ui.analyseThresholdBox.value = 0.9
    ui.analyseRunButton.click()
    hands.wait(lambda: not ui.analyseCancelButton.visible, 300, "the end of the analysis")
    hands.look(0.5)
    hands.expect("Done in" in ui.analyseStepLabel.text, f"the analysis did not end well: {ui.analyseProblemLabel.text}")
    hands.expect("ICC(2,1)" in ui.analyseHeadlineLabel.text, "the score's ICC is not told")
    with hands.time("filter changed"):
        before = ui.analyseHeadlineLabel.text
        ui.analyseThresholdBox.value = 0.5
    hands.expect(ui.analyseHeadlineLabel.text != before, "another threshold does not answer at once")
    with hands.answering(table) as answers:
        ui.analyseReportButton.click()
    hands.expect(answers.opened and answers.opened[-1].endswith("reproducibility.html"), "the report is not opened")
    ui.analyseUseButton.click()
    hands.look()
    written = table.with_name("features-reproducibility-filter.csv")
    hands.expect(written.is_file() and ui.readingsEdit.text == str(written), "the study does not use the filter")
    hands.leave()
    hands.come_back()
    hands.expect("features pass" in ui.analyseHeadlineLabel.text, "the result has gone with another module")


def _write_table(folder: Path) -> Path:
    from RadiomicsPrognosisLib.models.store import load_model

    generator = np.random.default_rng(0)
    protocol = load_model(S2).protocol
    names = list(protocol.feature_names())
    mean, sd = np.array([_USUAL.get(name, (10.0, 2.0)) for name in names]).T
    lines = [",".join(("case", "reader", "protocol", "protocol_hash", *names))]
    for case in range(_CASES):
        truth = generator.normal(mean, sd)
        for reader in _READERS:
            values = generator.normal(truth, 0.5 * sd)
            lines.append(",".join(map(str, (f"N{case}", reader, protocol.id, protocol.hash, *values))))
    path = folder / "features.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
