"""The examples of the documentation: every ```pycon block of its pages, run by Python's doctest.

The blocks of a page share their variables. Run them all: python docs/examples.py [PAGE ...]
"""

from __future__ import annotations

import doctest
import os
import re
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent

_BLOCK = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_ONLY_FIRST_FAILURE


def pages() -> list[Path]:
    """Return the pages written by hand that hold examples."""
    folders = [path for path in DOCS.rglob("*.md") if not path.relative_to(DOCS).parts[0].startswith("_")]
    return sorted(path for path in folders if _BLOCK.search(path.read_text(encoding="utf-8")))


def examples(page: Path) -> doctest.DocTest:
    """Return the examples of a page as one test, with the page's line numbers."""
    text = page.read_text(encoding="utf-8")
    listed, parser = [], doctest.DocTestParser()
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1))
        for example in parser.get_examples(block[1], page.name):
            example.lineno += first
            listed.append(example)
    return doctest.DocTest(listed, {"__name__": "__main__"}, page.name, str(page), 0, None)


def run(page: Path) -> doctest.TestResults:
    """Run a page's examples in a folder of their own; what fails is printed."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return doctest.DocTestRunner(optionflags=_OPTIONS).run(examples(page), clear_globs=True)
        finally:
            os.chdir(before)


def main() -> int:
    """Run the pages named on the command line, all when none is; return 1 when an example fails."""
    os.environ["RADIOMICS_PROGNOSIS_HOME"] = tempfile.mkdtemp()
    results = [run(page) for page in [Path(name).resolve() for name in sys.argv[1:]] or pages()]
    failed, attempted = (sum(numbers) for numbers in zip(*((r.failed, r.attempted) for r in results), strict=True))
    print(f"{attempted} examples on {len(results)} pages, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
