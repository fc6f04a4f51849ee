"""The page of the documentation that shows the table: every wrong input, and what the software shows of it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

from generate.markdown import escape, table

from RadiomicsPrognosisLib.voi import make_voi

from .more_rows import ROWS, UNTOLD
from .real import NAMES, whole
from .rows import Row
from .showing import Shown, plain_model

_HEAD = """# Wrong inputs

What happens when the input is wrong but looks right: {rows} of them, each made from a real CT with its real contour
(two lung tumours of pyradiomics' test data, 20 soft-tissue sarcomas from TCIA) and put through the real path. None
gives a plain result: each is **refused** (an error that says what to do), **withheld** (the number is not shown, and
why), shown **in question** (greyed, with the warning in the result's line) or shown with a **warning**. "Imitated" is
what could not be had for real.

This page is written by `Testing/wrong_inputs`, and a test runs every row again. Sentences that a result carries beside
the one that names the problem are left out. How often each mistake is told over all cases, and in which it is not, is
in `Testing/WRONG_INPUTS.md`.

"""

_GENUINE_HEAD = "## The same checks on what is right\n\n"

_GENUINE = """
On the {count} real cases as they are, under a model without limits of its own, {plain} give no warning at all. The
others' warnings are true: {others}. No check fires wrongly in {count} cases; by the exact binomial limit a case without
fault is warned about in less than {limit:.0f} % (one-sided 95 %). The cases also set the bounds, so that the rate among
other scanners and lesions may be higher.

"""

_UNTOLD = """## What cannot be told

No check of image, contour and model tells these from what is right. They are not counted above.

"""

#: What is true of a real case that a check warns of.
_TRUE = {"fat-or-air": "the contour holds lung about a small tumour", "border": "the tumour reaches the image's end"}


def text(results: Mapping[Row, Shown], genuine: Mapping[str, Mapping[str, str]]) -> str:
    """Return the page from what is shown of every row, and of every real case as it is."""
    pieces = [_HEAD.format(rows=len(ROWS))]
    for group in dict.fromkeys(row.group for row in ROWS):
        pieces.append(f"## {group}\n\n" + table(("what is wrong", "made from", "what is shown"), (
            (escape(row.wrong), escape(row.case), _cell(row, results[row]))
            for row in ROWS if row.group == group)) + "\n")
    pieces.append(_genuine(genuine))
    pieces.append(_UNTOLD + table(("what is wrong", "made from", "what stands beside the result"), (
        (escape(row.wrong), escape(row.case), escape(row.says)) for row in UNTOLD)))
    return "".join(pieces)


def _cell(row: Row, shown: Shown) -> str:
    sentence = shown.sentences[row.code].removeprefix("radiomics-prognosis: ")
    return f"**{shown.how}**: {escape(_without_folders(sentence))}"


def _without_folders(sentence: str) -> str:
    """Return a sentence whose paths are file names: the folder is another one each time."""
    return re.sub(r"(?<![\w:/])/(?:[^/\s']+/)+", "", sentence)


def _genuine(genuine: Mapping[str, Mapping[str, str]]) -> str:
    warned = {name: list(warnings) for name, warnings in genuine.items() if warnings}
    others = "; ".join(f"{name} ({', '.join(_TRUE[code] for code in codes)})" for name, codes in warned.items())
    paragraph = _GENUINE.format(count=len(genuine), plain=len(genuine) - len(warned), others=others,
                                limit=100 * (1 - 0.05 ** (1 / len(genuine))))
    return f"{_GENUINE_HEAD}{textwrap.fill(paragraph, 118)}\n\n"


def genuine_cases() -> dict[str, dict[str, str]]:
    """Return the warnings, by code, of every real case as it is."""
    protocol = plain_model().image_protocol()
    cases = ((name, whole(name)) for name in NAMES)
    return {name: {item.code: item.message for item in make_voi(case.image, case.mask, protocol).warnings}
            for name, case in cases}
