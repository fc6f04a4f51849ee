"""The consensus values of IBSI-1, read from the tables of the reference manual."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

#: Where the manual's chapter of features lies in the IBSI's repository ibsi-doc.
CHAPTER = Path("ibsi-doc", "docs", "03_Image_features.rst")


class Reference(NamedTuple):
    """A consensus ``value`` with its ``tolerance``: the feature's family and title (headings of the manual) and
    identifier, the data set, e.g. ``config. A``, and the aggregation, empty where there is none."""

    family: str
    title: str
    code: str
    data: str
    aggregation: str
    value: float
    tolerance: float

    def met_by(self, value: float) -> bool:
        """Tell whether ``value``, to as many digits as the manual prints (three), is within tolerance."""
        rounded = float(f"{value:.2e}")
        return abs(rounded - self.value) <= self.tolerance + 1e-6 * abs(self.value)


def references(folder: Path) -> list[Reference]:
    """Return every value that the manual in ``folder`` gives, in its order."""
    lines = (folder / CHAPTER).read_text(encoding="utf-8").splitlines()
    family, title, code, result, within = "", "", "", [], False
    for at, line in enumerate(lines):
        heading = lines[at - 1].strip()
        if re.fullmatch(r"-{4,}", line) and heading.endswith("features") and heading != "Aggregating features":
            family = heading
        if re.fullmatch(r"\^{4,}", line):
            title, code = heading, ""
        caption = re.search(r"Reference values for the \*(.*?)\*", " ".join(lines[at:at + 2]))
        if line.startswith(".. table::") and caption:
            title = caption[1]
        identifier = re.search(r'text-align:right">\s*(\w{4})\s*<', line)
        if identifier and title:
            code = identifier[1]
        cells = [cell.strip(" *") for cell in line.strip().strip("|").split("|")]
        within = cells[0] == "data" or (within and bool(line.strip()))
        if within and cells[0].startswith(("dig", "config")):
            value, tolerance = (_number(cell) for cell in cells[-3:-1])
            if value is not None:
                result.append(Reference(family, title, code, cells[0], cells[1] if len(cells) == 5 else "", value,
                                        tolerance or 0.0))
    return result


def _number(cell: str) -> float | None:
    """Return the number that a cell gives in reStructuredText's mathematics, None for a dash."""
    plain = re.sub(r":math:`|`|\\ |\\|\s", "", cell).replace("−", "-").replace("–", "-").replace("times10^", "e")
    plain = plain.replace("{", "").replace("}", "")
    return None if plain in ("", "—", "--", "---", "-") else float(plain)
