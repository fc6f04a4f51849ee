"""``score --cohort``: every row of a table with one model, into ``scores.csv`` and a page that shows them all."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..models.model import TABLE, Model
from ..models.scaling import Scaling
from ..prediction import Prediction
from ..progress import Pace
from ..texts import clean
from ..voi import Voi
from .engine_option import refuse_engine
from .outputs import write_outputs
from .overwriting import check_output
from .packages import cohort_modules

if TYPE_CHECKING:
    import pandas as pd

    from ..cohort.image_rows import ScoredRow

#: Files in the folder of ``--out``.
SCORES_FILE, INDEX_FILE = "scores.csv", "index.html"

#: Columns of a cohort left out of an anonymous table: paths often hold what the patient is called, a series its UID.
_NAMING = ("image", "mask", "series")

#: A row's line on the terminal is no longer than this.
_LINE = 160


def add_cohort_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``score`` for a table of cases."""
    parser.add_argument("--cohort", metavar="F", help="instead of --image: score every row, write DIR/scores.csv and "
                        "DIR/index.html")
    parser.add_argument("--reports", action="store_true", help="with --cohort: also write every row's report")
    parser.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="with --cohort: processes on this machine (-1: all cores)")


def check_cohort_options(options: argparse.Namespace) -> None:
    """Raise InputError for options that do not go together."""
    if options.cohort and not options.out:
        raise InputError("--cohort needs --out DIR, the folder for scores.csv and index.html.")
    if options.cohort and options.json:
        raise InputError("--json prints one case; with --cohort the results are in DIR/scores.csv.")
    if options.reports and not options.cohort:
        raise InputError("--reports belongs to --cohort; a single case writes its report with --out.")
    if options.jobs != 1 and not options.cohort:
        raise InputError("--jobs belongs to --cohort; a single case is scored in one process.")
    check_jobs(options.jobs)


def check_jobs(jobs: int) -> None:
    """Raise InputError unless ``jobs`` is a number of processes, or -1 for all cores."""
    if jobs == 0 or jobs < -1:
        raise InputError(f"--jobs is {jobs}; give a number of processes, or -1 for all cores.")


@dataclass(frozen=True, kw_only=True)
class RowOutputs:
    """What is done with a scored row in the process that scored it: its picture, and its report if asked for.

    ``folders`` are those of the rows by number, empty without reports; ``anonymous`` and ``reader`` are the reports'.
    """

    model: Model
    folders: tuple[Path, ...]
    anonymous: bool
    reader: str

    def __call__(self, number: int, prediction: Prediction, vois: dict[str, Voi]) -> bytes:
        """Write the row's files and return the picture of its contour, a PNG; empty without a contour."""
        from ..overview.thumbnail import thumbnail

        if self.folders:
            write_outputs(self.folders[number], prediction, self.model, vois, anonymous=self.anonymous,
                          reader=self.reader)
        return thumbnail(vois[self.model.inputs[0].name]) if vois else b""


def score_table(options: argparse.Namespace, model: Model, scaling: Scaling | None) -> None:
    """Score a cohort's rows, from images or from the table's own features."""
    table, _ = cohort_modules()
    if _is_of_features(options, model):
        _score_features(options, model, scaling)
        return
    check_output(options, options.out, (SCORES_FILE,))
    from ..cohort.image_rows import score_rows, scores_table
    from ..cohort.inputs import join_images
    from ..overview import write_cohort_page

    cohort = join_images(table.read_cohort(options.cohort, images=not model.is_clinical), model, gaps=True)
    out = Path(options.out)
    names = table.row_names(cohort)
    folders = tuple(out / name for name in names) if options.reports else ()
    lines = RowLines(len(cohort))
    outputs = RowOutputs(model=model, folders=folders, anonymous=options.anonymous, reader=options.reader)
    rows = score_rows(cohort, model, scaling, outputs, options.jobs, lines.tell, options.anonymous,
                      options.engine, options.threads)
    scored = scores_table(cohort, rows)
    table.write_table(_nameless(scored, options), out / SCORES_FILE)
    page = write_cohort_page(cohort, rows, model, out / INDEX_FILE, names if options.reports else None)
    failed = int(scored["error"].notna().sum())
    print(f"{len(scored) - failed} of {len(scored)} rows scored to {out / SCORES_FILE}"
          + (f"; {failed} failed, see the column 'error'" if failed else "") + _missing_something(scored))
    print(f"All of them on one page: {page}")


def _is_of_features(options: argparse.Namespace, model: Model) -> bool:
    """Tell whether features in the table are scored: where no image can be, where the table names none, and where the
    model scores a patient by several VOIs."""
    if model.features_from == TABLE:
        return True
    from ..cohort.inputs import holds_features
    from ..cohort.table import read_table

    table = read_table(options.cohort, "Cohort")
    return (model.patients is not None or not {"image", "mask"} <= set(table)) and holds_features(
        table, (term.feature for term in model.terms))


def _nameless(scored: pd.DataFrame, options: argparse.Namespace) -> pd.DataFrame:
    """Return the table that is written, with ``--anonymous`` without the columns that name files and series."""
    from ..cohort.inputs import bare_column

    return scored.drop(columns=[name for name in scored if options.anonymous and bare_column(str(name)) in _NAMING])


class RowLines:
    """Tells on stderr what came of each of ``total`` rows as it ends, how long a row takes, and when all will be done.
    """

    def __init__(self, total: int):
        self._total = total
        self._done = 0
        self._pace = Pace()

    def tell(self, row: ScoredRow) -> None:
        """Print a row's line."""
        self._done += 1
        print(f"{clean(row.case, 60)}: {row_text(row)} [{self._done}/{self._total}, "
              f"{self._pace.of_cases(self._done, self._total)}]", file=sys.stderr, flush=True)


def row_text(row: ScoredRow) -> str:
    """Return what came of a row, in a line: its answer, and what failed or is withheld with the reason."""
    answer, texts = row.answer, []
    if answer is not None:
        texts = [answer.brief]
        if answer.withheld and not answer.outcomes:
            texts.append(f"no {answer.withheld[0].title}: {answer.withheld[0].reason}")
    if row.error:
        texts.append(f"failed: {row.error}")
    return clean("; ".join(texts), _LINE)


def _score_features(options: argparse.Namespace, model: Model, scaling: Scaling | None) -> None:
    """Score a table of features into ``scores.csv``."""
    if options.reports:
        raise InputError(f"--reports needs images; model '{model.id}' scores the features of this table.")
    refuse_engine(options, "images")
    table, _ = cohort_modules()
    from ..cohort.scoring import scored_features

    check_output(options, options.out, (SCORES_FILE,))
    out = Path(options.out) / SCORES_FILE
    scored, findings = scored_features(model, table.read_table(options.cohort, "Cohort"), scaling)
    for text in findings:
        print(text, file=sys.stderr)
    table.write_table(_nameless(scored, options), out)
    print(f"{len(scored)} rows scored to {out}{_missing_something(scored)}")


def _missing_something(scored: pd.DataFrame) -> str:
    """Return the end of a sentence: of how many rows something is withheld; a table of failed rows has no such column.
    """
    withheld = int((scored["withheld"].fillna("") != "").sum()) if "withheld" in scored else 0
    return f"; of {withheld} something is missing, see the column 'withheld'." if withheld else "."
