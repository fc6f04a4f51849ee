"""Write the page of the documentation: python -m wrong_inputs, from Testing, with Testing/Python and docs on the path.

``--rates`` writes instead how often what is wrong is told, over all real cases: Testing/WRONG_INPUTS.md.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "Python"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "docs"))

from .more_rows import ROWS
from .page import genuine_cases, text
from .rates import rates_page

TESTING = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run every row, or every case under every change, and write the page."""
    if "--rates" in sys.argv:
        (TESTING / "WRONG_INPUTS.md").write_text(rates_page(), encoding="utf-8")
        return
    results = {}
    for row in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            results[row] = row.show(Path(folder))
    (TESTING.parent / "docs" / "wrong_inputs.md").write_text(text(results, genuine_cases()), encoding="utf-8")


main()
