"""A study that runs in seconds: a recipe with one signature and one model, and a cohort for it."""

from __future__ import annotations

import json
from pathlib import Path

from study_cases import cohort_table, protocol_features, shipped_values

from RadiomicsPrognosisLib.presenter.development import StudyChoices
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe, parse_recipe

RECIPE = "s1_escc_lpfs_radscore"


def small_study(folder: Path) -> StudyChoices:
    """Write a recipe file and a cohort into ``folder`` and return the choices that run it."""
    features = protocol_features(load_recipe(RECIPE), 12)
    lines = (f"""
id = "own_study"
version = "1.0.0"
title = "A study of our own"
population = "Simulated"
protocol = "ct-hu50-1mm-wavelet"
[source]
citation = "Nobody 2026"
[split]
kind = "column"
[[endpoints]]
id = "lpfs"
name = "Local progression-free survival"
abbreviation = "LPFS"
kind = "time-to-event"
event = "progression"
time_column = "time"
event_column = "event"
horizons_months = [24]
[[signatures]]
id = "radscore"
title = "Rad-score"
endpoint = "lpfs"
scaling = "z-score"
score = "penalised"
features = {{ names = {json.dumps(features)} }}
penalised = {{ folds = 5, rule = "min" }}
[[models]]
id = "radscore"
title = "Rad-score"
endpoint = "lpfs"
signatures = ["radscore"]
cutoff = {{ rule = "median", labels = {{ below = "low risk", above = "high risk" }} }}
[validation]
bootstrap = 0
""")
    recipe, cohort = folder / "own.toml", folder / "cohort.csv"
    recipe.write_text(lines, encoding="utf-8")
    table = cohort_table(parse_recipe(shipped_values(RECIPE), RECIPE), 140, 3, features,
                         cohorts=(("training", 90), ("validation", 50)))
    table.assign(protocol="ct-hu50-1mm-wavelet").to_csv(cohort, index=False)
    return StudyChoices(str(recipe), str(cohort), "", str(folder / "study"))
