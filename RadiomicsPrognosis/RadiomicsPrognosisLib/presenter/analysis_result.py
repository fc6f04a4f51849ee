"""A stored result of a reading study as the panel shows it: whether it is up to date, and what is drawn of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from ..errors import CohortError, PackageMissing
from ..models.model import Model
from ..reading.judging import judged_again
from ..reading.rule import ReproducibilityFilter
from ..reading.study_result import (
    INTER,
    INTRA,
    OVERALL,
    REPORT_FILE,
    RESULT_FILE,
    ReadingComparison,
    ReproducibilityResult,
    read_result,
)
from ..statistics.icc import BOUNDS
from .agreement_plots import Band, Difference, DifferencePlot, IccHistogram, icc_histogram
from .analysing import StudyInput
from .development import is_file

ESTIMATE, _LOWER = BOUNDS

#: The kinds of comparison in the order in which they are offered.
_ORDER = (INTRA, INTER, OVERALL)


@dataclass(frozen=True)
class StoredResult:
    """A result that was read from ``folder``, written at ``written`` (UTC)."""

    folder: Path
    result: ReproducibilityResult
    written: datetime

    @property
    def report(self) -> Path | None:
        """The page about it, None where there is none."""
        path = self.folder / REPORT_FILE
        return path if is_file(path) else None


def modified(folder: Path | None) -> float | None:
    """Return when the result in ``folder`` was written (s since 1970), None where there is none."""
    try:
        return (folder / RESULT_FILE).stat().st_mtime if folder is not None else None
    except OSError:
        return None


def load(folder: Path) -> StoredResult:
    """Return the result in ``folder``. Raises FileError or SchemaError."""
    result = read_result(folder)
    return StoredResult(folder, result, datetime.fromtimestamp(modified(folder) or 0.0, UTC))


def readings_changed(stored: StoredResult, study: StudyInput) -> int:
    """Return how many readings of the study are not in the result as they are: added, taken back or drawn again."""
    known = Counter({item.label: item.cases for item in stored.result.plan.readings})
    known.update(item.reading for item in stored.result.plan.left_out)
    present = Counter(item.title for item in study.usable)
    again = sum(_saved_after(item.saved, stored.written) for item in study.usable)
    return max(sum((present - known).values()) + sum((known - present).values()), again)


def _saved_after(saved: str, moment: datetime) -> bool:
    try:
        time = datetime.fromisoformat(saved)
    except ValueError:
        return False
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)) > moment


def shown_first(result: ReproducibilityResult) -> tuple[ReadingComparison, ...]:
    """Return the comparisons in the order in which they are offered: of sessions, of readers, of all, of two."""
    return tuple(sorted(result.comparisons,
                        key=lambda item: _ORDER.index(item.kind) if item.kind in _ORDER else len(_ORDER)))


def difference_plot(result: ReproducibilityResult, comparison: ReadingComparison) -> DifferencePlot | None:
    """Return the differences (second - first) of the score in a comparison of two readings, None where it has none."""
    agreement = comparison.score
    limits = agreement.limits if agreement is not None else None
    if agreement is None or limits is None:
        return None
    scores = {(item.case, item.reading): item for item in result.scores}
    flips = {item.case for item in agreement.flips}
    points = []
    for case in comparison.cases:
        first, second = (scores[case, reading].score if (case, reading) in scores else None
                         for reading in comparison.readings)
        if first is not None and second is not None:
            points.append(Difference(case, (first + second) / 2, second - first, case in flips))
    return DifferencePlot(tuple(points), Band(limits.lower, *limits.lower_interval),
                          Band(limits.bias, *limits.bias_interval), Band(limits.upper, *limits.upper_interval))


def deciding_histogram(result: ReproducibilityResult) -> IccHistogram:
    """Return the histogram of the value that decides on each feature: the least of the filter's comparisons."""
    kept = result.filter
    least: dict[str, float | None] = {}
    for table in filter(None, (result.comparison(name).icc for name in kept.comparisons)):
        column = table.forms[kept.form].icc if kept.on == ESTIMATE else table.forms[kept.form].lower
        for name, value in zip(table.features, column.tolist(), strict=True):
            before = least.get(name, value)
            least[name] = None if value is None or before is None else min(value, before)
    passing = set(kept.kept)
    return icc_histogram([least.get(name) for name in kept.features], [name in passing for name in kept.features],
                         kept.threshold)


def median_dice(result: ReproducibilityResult, readings: tuple[str, ...] = ()) -> tuple[float, int] | None:
    """Return the median Dice of the pairs of contours (of these two readings, or of all) and their number."""
    values = [item.overlap.dice for item in result.contours
              if item.overlap is not None and (not readings or {item.first, item.second} <= set(readings))]
    return (median(values), len(values)) if values else None


def latest(known: StoredResult | None, folder: Path | None) -> StoredResult | None:
    """Return the result in ``folder``, ``known`` if that is it, None where there is none.

    Raises FileError or SchemaError for one that cannot be read.
    """
    time = modified(folder)
    if folder is None or time is None:
        return None
    if known is not None and known.folder == folder and known.written.timestamp() == time:
        return known
    return load(folder)


def judged(stored: StoredResult, rule: ReproducibilityFilter, model: Model | None) -> ReproducibilityResult:
    """Return the result as ``rule`` judges it; the features listed as failing are those of ``model``, if any.

    Without a model they are those of the one that was scored. Raises CohortError when no comparison that the rule names
    can be judged.
    """
    result = stored.result
    return judged_again(result, rule, [name for name in model_terms(result, model) if name in result.filter.features])


def model_terms(result: ReproducibilityResult, model: Model | None) -> tuple[str, ...]:
    """Return the features of ``model``, or of the one that was scored, as a result names them."""
    if model is not None:
        return tuple(dict.fromkeys(model.term_keys))
    return result.model.features if result.model is not None else ()


def write_filter(result: ReproducibilityResult, folder: Path) -> Path:
    """Write the table of features that ``result`` keeps beside its ``folder`` and return its path.

    The folder itself is a result of the command, with the filter it was run with. Raises FileError when it cannot be
    written, PackageMissing without the packages for tables, CohortError when no feature is kept.
    """
    if not result.filter.kept:
        raise CohortError("The filter keeps no feature; lower its threshold.")
    try:
        import pandas  # noqa: F401 - whether it is there
    except ImportError as error:
        raise PackageMissing(f"Writing the filter needs packages that scoring does not ({error}); press 'Analyse', "
                             "which installs them.") from None
    from ..cohort.table import write_table
    from ..reading.result_tables import filter_table

    path = folder.with_name(f"{folder.name}-filter.csv")
    write_table(filter_table(result), path)
    return path
