"""Start a study in Develop, keep scoring while it runs, cancel it: it ends, and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .hands import Hands

#: Cases of the simulated cohort, so many that a study of them takes longer than the scenario waits.
_CASES = 400

#: The recipe, with places for the features' names, folds and bootstrap samples.
_RECIPE = Path(__file__).with_name("own_study.toml")


def run(hands: Hands) -> None:
    hands.need("pandas", "sklearn", "lifelines", "joblib", "matplotlib")
    first = hands.start()
    recipe, cohort = _write_study(hands.folder)
    ui, folder = hands.ui, hands.folder / "study"
    ui.developSection.collapsed = False
    with hands.answering(recipe):
        ui.recipeButton.click()
    with hands.answering(cohort):
        ui.cohortButton.click()
    with hands.answering(folder):
        ui.studyFolderButton.click()
    hands.look()
    hands.expect(ui.studyRunButton.enabled, f"the study cannot be run: {ui.studyProblemLabel.text}")
    ui.studyRunButton.click()
    hands.wait(lambda: ui.studyProgressBar.value > 0 or not ui.studyCancelButton.visible, 120, "the study's progress")
    hands.expect(ui.studyCancelButton.visible, f"the study ended by itself: {ui.studyProblemLabel.text}")
    hands.stroke("Erase", hands.edge())
    hands.expect(hands.result().score != first.score, "an edit is not scored while a study runs")
    hands.expect(ui.studyCancelButton.visible, "the study ended before it was cancelled")
    ui.studyCancelButton.click()
    hands.wait(lambda: not ui.studyCancelButton.visible, 30, "the end of the study")
    hands.expect("Cancelled" in ui.studyStepLabel.text, f"the section says '{ui.studyStepLabel.text}'")
    hands.expect(not folder.exists(), "the cancelled study left a folder")
    hands.expect(ui.studyRunButton.enabled, "the study cannot be run again")


def _write_study(folder: Path) -> tuple[Path, Path]:
    from RadiomicsPrognosisLib.protocol import load_protocol

    names = list(load_protocol("ct-hu50-1mm-wavelet").feature_names())[:40]
    recipe, cohort = folder / "own.toml", folder / "cohort.csv"
    text = _RECIPE.read_text(encoding="utf-8").format(names=json.dumps(names), folds=10, bootstrap=1000)
    recipe.write_text(text, encoding="utf-8")
    generator = np.random.default_rng(0)
    features = generator.normal(size=(_CASES, len(names)))
    failure = generator.exponential(20 * np.exp(-features[:, :4].sum(axis=1) / 2))
    censoring = generator.uniform(6, 90, _CASES)
    lines = [",".join(("case", "cohort", "protocol", "time", "event", *names))]
    for row in range(_CASES):
        cohort_name = "training" if row < 0.7 * _CASES else "validation"
        time = min(failure[row], censoring[row]) + 0.05
        values = (f"c{row}", cohort_name, "ct-hu50-1mm-wavelet", f"{time:.2f}", int(failure[row] <= censoring[row]))
        lines.append(",".join(map(str, (*values, *features[row]))))
    cohort.write_text("\n".join(lines), encoding="utf-8")
    return recipe, cohort
