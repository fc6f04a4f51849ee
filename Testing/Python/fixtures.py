"""The reference results R computed: JSON and CSV files of data/statistics, made by the scripts beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parent / "data" / "statistics"


def reference(name: str) -> dict[str, Any]:
    """Return a reference JSON file, named without its ending."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def columns(name: str) -> dict[str, np.ndarray]:
    """Return the numeric columns of a reference CSV file, named without its ending."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as f:
        header = [item.strip().strip('"') for item in f.readline().split(",")]
        table = np.loadtxt(f, delimiter=",")
    return dict(zip(header, table.T, strict=True))
