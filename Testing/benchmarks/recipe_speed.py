"""How long the recipe of S1 takes without extraction: 221 rows, 851 features, readings of 30 cases, bootstrap or not.

Usage: recipe_speed.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python"))

from study_cases import cohort_table, protocol_features, readings_table, shipped_values

from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.run import run_study


def main() -> int:
    """Print the seconds of both."""
    values = shipped_values("s1_escc_lpfs_radscore")
    features = protocol_features(parse_recipe(values, "s1"))
    table = cohort_table(parse_recipe(values, "s1"), 221, 1, features)
    readings = readings_table(table, features, 30, 1, features[::4])
    for bootstrap in (0, values["validation"]["bootstrap"]):
        recipe = parse_recipe({**values, "validation": {**values["validation"], "bootstrap": bootstrap}}, "s1")
        start = time.perf_counter()
        study = run_study(recipe, table, readings).result
        print(f"{bootstrap:3} bootstrap repetitions per model: {time.perf_counter() - start:.1f} s, "
              f"{len(study.signatures[0].terms)} of {len(features)} features selected, {len(study.models)} models")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
