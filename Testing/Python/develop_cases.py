"""A study that runs in seconds: a recipe with one signature and one model, and a cohort for it."""

from __future__ import annotations

import json
from pathlib import Path

from study_cases import cohort_table, protocol_features, shipped_values

from RadiomicsPrognosisLib.presenter.development import StudyChoices
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe, parse_recipe

RECIPE = "s1_escc_lpfs_radscore"

#: The recipe that the scenario of a study runs, too.
_TEMPLATE = Path(__file__).resolve().parents[1] / "Slicer" / "scenarios" / "own_study.toml"


def small_study(folder: Path) -> StudyChoices:
    """Write a recipe file and a cohort into ``folder`` and return the choices that run it."""
    features = protocol_features(load_recipe(RECIPE), 12)
    text = _TEMPLATE.read_text(encoding="utf-8").format(names=json.dumps(features), folds=5, bootstrap=0)
    recipe, cohort = folder / "own.toml", folder / "cohort.csv"
    recipe.write_text(text, encoding="utf-8")
    table = cohort_table(parse_recipe(shipped_values(RECIPE), RECIPE), 140, 3, features,
                         cohorts=(("training", 90), ("validation", 50)))
    table.assign(protocol="ct-hu50-1mm-wavelet").to_csv(cohort, index=False)
    return StudyChoices(str(recipe), str(cohort), "", str(folder / "study"))
