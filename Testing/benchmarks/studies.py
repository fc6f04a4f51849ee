"""Run the five shipped recipes whole, from real CT to stored models, and print how long that takes and what comes out.

The CT is real, the cohorts are made (Testing/Python/simulated_cohorts.py says how), so the numbers mean nothing for any
patient; S0 and S4 read a network of a few weights. Usage: studies.py [s0 s1 ...] [--jobs N] [--tumours N]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "Python"))

import pandas as pd
import simulated_cohorts as cohorts

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.resources import HOME_VARIABLE
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe

#: Which cases of the made cohorts are read again.
READ_AGAIN = 30


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a study's cohort is made: ``balls`` per tumour of ``radius`` (mm), ``nodes`` of a patient (0: one lesion a
    patient), whose outcomes are ``by`` case or patient; ``split`` by tumour; whether it reads a network."""

    recipe: str
    balls: int = 8
    radius: float = cohorts.TUMOUR_MM
    nodes: int = 0
    by: str = "case"
    split: tuple[str, ...] = ()
    network: bool = False


PLANS = {
    "s0": Plan(recipe="s0_escc_lnm_cnn", radius=cohorts.NODE_MM, nodes=2, by="patient", network=True),
    "s1": Plan(recipe="s1_escc_lpfs_radscore"),
    "s2": Plan(recipe="s2_escc_ln_response", radius=cohorts.NODE_MM, nodes=2,
               split=("training", "training", "training", "validation")),
    "s3": Plan(recipe="s3_escc_early_recurrence"),
    "s4": Plan(recipe="s4_gnen_dl_survival", split=("training", "training", "internal", "external"), network=True),
}


def cohort_of(plan: Plan, folder: Path, sources: Sequence[Path]) -> tuple[Path, Path | None]:
    """Write images, contours, table and readings of a plan; return the paths of the tables."""
    recipe = load_recipe(plan.recipe)
    lesions = cohorts.lesions(sources, plan.balls, plan.radius)
    rows = cohorts.write_rows(folder, lesions, [item.name for item in recipe.inputs] if len(recipe.inputs) > 1 else ())
    if plan.nodes:
        whose = {item.name: f"{item.source}-{(item.number - 1) // plan.nodes}" for item in lesions}
        rows.insert(1, "patient", rows["case"].map(whose))
    rows = cohorts.with_outcomes(rows, lesions, recipe, 1.0, 3, plan.by)
    if plan.split:
        tumours = pd.factorize(rows["case"].str.rpartition("-")[0])[0]
        rows["cohort"] = [plan.split[number % len(plan.split)] for number in tumours]
    rows.to_csv(folder / "cohort.csv", index=False)
    if not recipe.reproducibility:
        return folder / "cohort.csv", None
    again = rows.head(READ_AGAIN * len(recipe.inputs))
    return folder / "cohort.csv", cohorts.write_readings(folder, again, (("a", "1"), ("a", "2"), ("b", "1")))


def measured(name: str, sources: Sequence[Path], jobs: int, folder: Path) -> list[str]:
    """Run a study and return lines about it."""
    plan = PLANS[name]
    cohort, readings = cohort_of(plan, folder, sources)
    arguments = ["study", "run", plan.recipe, "--cohort", str(cohort), "--out", str(folder / "study"),
                 "--jobs", str(jobs)]
    arguments += ["--readings", str(readings)] if readings else []
    if plan.network:
        from deep_use_cases import deep_protocol

        arguments += ["--protocol", deep_protocol(Path(os.environ[HOME_VARIABLE]), f"{name}-network")]
    start = time.perf_counter()
    if run(arguments):
        return [f"{name}: failed"]
    seconds = time.perf_counter() - start
    result = json.loads((folder / "study" / "study.json").read_text(encoding="utf-8"))
    rows = sum(item["rows"] for item in result["cohorts"])
    lines = [f"{name}: {rows} rows, {seconds:.0f} s"]
    lines += [f"  {item['id']}: {len(item['terms'])} features {item['reason']}" for item in result["signatures"]]
    return lines + [f"  {item['id']}: {item['model_file'] or item['reason'] or 'no file'}" for item in result["models"]]


def main() -> None:
    """Run the studies that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="*", choices=[[], *PLANS], help="which; all where none is named")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--tumours", type=int, default=20)
    options = parser.parse_args()
    sources = cohorts.sources()[:options.tumours]
    if not sources:
        parser.exit(2, f"There are no cases in {cohorts.SHARED / 'sts_ct'}.\n")
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME_VARIABLE] = home
        for name in options.studies or PLANS:
            with tempfile.TemporaryDirectory() as folder:
                lines += measured(name, sources, options.jobs, Path(folder))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
