"""The IBSI's reference values: how many are within tolerance, ours beside pyradiomics'.

FOLDER is where the IBSI's repositories were cloned (https://github.com/theibsi: ibsi-doc, data_sets,
ibsi_2_reference_data); a part whose data are absent says so and is left out.
Usage: ibsi.py FOLDER [--write docs/ibsi.md]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ibsi_parts import filters, values
from ibsi_parts.table import Section

#: Each part returns its sections, none where the data it needs are not in the folder.
STANDARDS = {"IBSI-1, feature values": values.sections, "IBSI-2, filters": filters.sections}

HEAD = """# Agreement with the IBSI

The Image Biomarker Standardisation Initiative (IBSI) publishes phantoms with the values that software should compute
from them, each with a tolerance. This page is what `Testing/benchmarks/ibsi.py` writes: for every part of the standard,
how many of its values are within tolerance, computed by this library and, where pyradiomics has the same thing, by
pyradiomics.
"""


def main(folder: Path, page: Path | None) -> int:
    """Print every part's sections, write them to ``page`` where given; 1 when a part's data are absent."""
    sections: list[Section] = []
    absent = []
    for name, compute in STANDARDS.items():
        result = compute(folder)
        sections += result
        if not result:
            absent.append(name)
    for section in sections:
        print(section.printed())
    for name in absent:
        print(f"Left out: {name}; its data are not in {folder}.", file=sys.stderr)
    if page is not None:
        page.write_text("\n".join([HEAD, *(section.markdown() for section in sections)]), encoding="utf-8")
    return 1 if absent else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    sys.exit(main(arguments.folder, arguments.write))
