"""The rule by which features that repeat are kept, with what it kept; the six forms of the ICC in a sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import entry
from ..result import Result
from ..statistics.icc import BOUNDS, FORMS, IccTable

#: Comparisons of repeated readings: one reader's sessions, and readers.
INTRA, INTER = "intra-reader", "inter-reader"
COMPARISONS = (INTRA, INTER)

#: What each form of Shrout & Fleiss (Psychol Bull 1979;86:420) says; McGraw & Wong's name in brackets.
FORM_SENTENCES = {
    "ICC(1,1)": "ICC(1,1), one-way random, single reading (McGraw and Wong's ICC(1)): the share of the variance that "
                "is between cases when every case may have been read by other readers, so that any difference between "
                "readings counts as error.",
    "ICC(2,1)": "ICC(2,1), two-way random, single reading, absolute agreement (ICC(A,1)): the share of the variance "
                "that is between cases, for one reading by a reader like those of the study; a shift between readers "
                "counts as error.",
    "ICC(3,1)": "ICC(3,1), two-way mixed, single reading, consistency (ICC(C,1)): the share of the variance that is "
                "between cases, for one reading by these very readers; a constant shift between them does not count.",
    "ICC(1,k)": "ICC(1,k), one-way random, mean of k readings (ICC(k)): as ICC(1,1), for the mean of all k readings of "
                "a case; a single reading repeats less well.",
    "ICC(2,k)": "ICC(2,k), two-way random, mean of k readings, absolute agreement (ICC(A,k)): as ICC(2,1), for the "
                "mean of all k readings of a case; a single reading repeats less well.",
    "ICC(3,k)": "ICC(3,k), two-way mixed, mean of k readings, consistency (ICC(C,k)): as ICC(3,1), for the mean of all "
                "k readings of a case; a single reading repeats less well.",
}


@dataclass(frozen=True)
class ReproducibilityFilter:
    """Keep features whose ICC of ``form`` has its ``bound`` (estimate or lower) at or above ``threshold`` in every one
    of ``comparisons`` (intra-reader, inter-reader) that the readings allow."""

    form: str = entry(choices=FORMS)
    threshold: float = entry(low=-1, high=1)
    bound: str = entry(default=BOUNDS[0], choices=BOUNDS)
    comparisons: tuple[str, ...] = entry(default=COMPARISONS, choices=COMPARISONS)

    @property
    def text(self) -> str:
        """The rule in words."""
        return rule_text(self.form, self.bound, self.threshold)


def rule_text(form: str, bound: str, threshold: float) -> str:
    """Return a rule in words, e.g. 'ICC(2,1), estimate ≥ 0.9'; ``bound`` is estimate or lower."""
    what = "estimate" if bound == BOUNDS[0] else "lower bound of the 95 % interval"
    return f"{form}, {what} ≥ {threshold:g}"


@dataclass(frozen=True)
class SourceTable(Result):
    """A file the result was made from: its name and the SHA-256 of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Agreement(Result):
    """Intraclass correlations of a ``comparison``, intra-reader or inter-reader, and the ``features`` it keeps."""

    comparison: str
    readings: tuple[str, ...]
    icc: IccTable
    features: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Reproducibility(Result):
    """The reproducibility filter: ``form`` of the ICC, ``threshold`` on its ``bound``, and what passes everywhere.

    Of a filter that a table holds, ``table`` is the file, ``comparisons`` are what it judged by, and there are no
    ``agreements``.
    """

    form: str
    threshold: float
    bound: str
    agreements: tuple[Agreement, ...]
    kept: tuple[str, ...]
    table: SourceTable | None = None
    comparisons: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The rule in words."""
        return rule_text(self.form, self.bound, self.threshold)
