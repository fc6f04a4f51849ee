"""Text fit to be shown: readable feature names, names from outside on one short line, numbers and shares."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from .catalogue import image_type_words, parse_name
from .errors import SchemaError

#: Stands at the head of every report and in every structured report.
DISCLAIMER = "Research use only. Not a medical device; not for decisions about a patient's treatment."

#: Applied in this order to the camel-case name.
_SHORTER = (
    ("GrayLevel", "Grey"), ("NonUniformity", " non-uniformity"), ("Normalized", " norm."), ("AbsoluteDeviation",
     " abs. deviation"), ("SizeZone", "Size-zone"), ("RunLength", "Run-length"), ("SmallDependence", "Small-dep."),
    ("LargeDependence", "Large-dep."), ("SmallDistance", "Near"), ("LargeDistance", "Far"), ("ZoneDistance",
     "Dist."), ("SmallArea", "Small-area"), ("LargeArea", "Large-area"),
    ("ShortRun", "Short-run"), ("LongRun", "Long-run"), ("LowGrey", " low-grey"), ("HighGrey", " high-grey"),
)


#: Characters that reorder the text around them: a name must not turn what stands beside it.
_REORDERING = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def feature_label(name: str) -> str:
    """Return a feature as a reader knows it, e.g. 'GLCM difference variance · LLH' (wavelet sub-band at the end).

    A name that the catalogue does not have (a deep feature) is returned as it is, cut to 40 characters.
    """
    try:
        parsed = parse_name(name)
    except SchemaError:
        return clean(name, 40)
    entry = parsed.entry
    words, feature = parsed.described.words, parsed.feature
    if not words:
        for long, short in _SHORTER:
            feature = feature.replace(long, short)
        words = " ".join(re.sub(r"(?<=[a-z.])(?=[A-Z])", " ", feature).split()).lower()
    degrees, _, offset = parsed.feature_class.partition("-")[2].partition("-")
    along = "/".join(filter(None, (f"{degrees}°" if degrees else "", offset)))
    named = " ".join(filter(None, (entry.prefix, along, words)))
    return " · ".join(filter(None, (named, image_type_words(parsed.image_type))))


def clean(text: object, limit: int = 60) -> str:
    """Return ``text`` on one line, without control and reordering characters, cut to ``limit`` with an ellipsis."""
    # No more than can be shown is examined, so that a huge text costs nothing.
    head = str(text)[: 8 * limit].translate(_REORDERING)
    head = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in head)
    head = " ".join(head.split())
    return head if len(head) <= limit else head[: limit - 1].rstrip() + "…"


def wrapped(text: object, width: int, lines: int = 2) -> str:
    """Return cleaned ``text`` broken into at most ``lines`` lines of ``width`` characters, the rest as an ellipsis."""
    whole = clean(text, 10 * width).replace(" · ", "\u00a0·\u00a0").replace(" %", "\u00a0%")
    return "\n".join(textwrap.wrap(whole, width, max_lines=lines, placeholder=" …")).replace("\u00a0", " ")


def number(value: float, digits: int = 3) -> str:
    """Return a number to ``digits`` significant digits with a true minus sign."""
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def unit_text(unit: str) -> str:
    """Return a unit as it is printed: 'HU2 mm3' as 'HU²·mm³'."""
    return unit.replace(" ", "·").replace("2", "²").replace("3", "³")


def signed(text: str) -> str:
    """Return a number with a true minus sign, any other text as it is."""
    return text.replace("-", "−") if is_number(text) else text


def is_number(text: str) -> bool:
    """Tell whether ``text`` is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def percent(share: float) -> str:
    """Return a share (0 - 1) in whole percent; a prediction is never shown as a certain 0 or 100 %."""
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def percent_interval(share: float, interval: tuple[float, float] | None) -> str:
    """Return a share (0 - 1) with its interval (lower, upper) in whole percent, as '33 % (21 - 46)'.

    Bounds beyond what is shown are '<1' and '>99'. Without an interval it is the share alone.
    """
    if interval is None:
        return percent(share)
    lower, upper = (percent(bound).removesuffix(" %") for bound in interval)
    return f"{percent(share)} ({lower} - {upper})"
