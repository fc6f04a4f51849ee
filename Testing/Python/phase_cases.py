"""Models, tables and images of cases with two phases, one row each as ``extract`` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.resources import shipped_folder

PHASES = ("arterial", "venous")


def two_phase_model(user_home: Path) -> str:
    """Write S2 with its features read by turns from an arterial and a venous phase as a user's own; return its id."""
    values = json.loads((shipped_folder() / "Models" / "s2_escc_ln_response.json").read_text(encoding="utf-8"))
    first = values["inputs"][0]
    values["inputs"] = [{**first, "name": "arterial", "title": "Arterial phase"},
                        {**first, "name": "venous", "title": "Venous phase"}]
    for number, term in enumerate(values["signature"]["terms"]):
        term["input"] = PHASES[number % 2]
    write_json(user_home / "Models" / "phases.json", {**values, "id": "phases"})
    return "phases"


def rows_by_input(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Return the rows of a table with columns ``arterial:x`` and ``venous:x`` as two rows each, shuffled; what is told
    of a case stands in the row of one of them only."""
    own = [name for name in table if name.startswith(PHASES)]
    keys = [name for name in ("case", "label", "reader", "session") if name in table]
    shared = table[[name for name in table if name not in (*own, *keys)]]
    generator, blocks = np.random.default_rng(seed), []
    silent = generator.random(len(table)) < 0.3
    for phase, told in zip(PHASES, (~silent, np.ones(len(table), bool)), strict=True):
        block = table[[name for name in own if name.startswith(phase)]].rename(columns=lambda name: name.split(":")[1])
        blocks.append(pd.concat([table[keys], shared[told].reindex(shared.index), block], axis=1).assign(input=phase))
    rows = pd.concat(blocks, ignore_index=True)
    return rows.iloc[generator.permutation(len(rows))].reset_index(drop=True)


def two_phase_cohort(folder: Path, cases: int = 3) -> Path:
    """Write CTs, contours and the table of cases with two phases; the last case has no venous row."""
    rows = []
    for number in range(cases):
        image, mask = textured_volume((20, 18, 16), seed=number)
        for phase, shift in zip(PHASES, (0.0, 8.0), strict=True):
            name = f"{phase}{number}"
            sitk.WriteImage(sitk.ShiftScale(image, shift), str(folder / f"{name}.nrrd"))
            drawn = mask if phase == "arterial" else sitk.BinaryDilate(mask, [1, 1, 0])
            sitk.WriteImage(drawn, str(folder / f"{name}-mask.nrrd"))
            if (number, phase) != (cases - 1, "venous"):
                rows.append({"case": f"0{number}", "input": phase, "image": f"{name}.nrrd",
                             "mask": f"{name}-mask.nrrd"})
    path = folder / "cohort.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path
