"""Score the rows of a cohort from their images and contours, in one process or several; a failure stays in its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..answer import answer_of
from ..answer.answer_record import Answer
from ..errors import CohortError, InputError
from ..features.engine import get_engine
from ..features.maker import check_maker, located
from ..features.threads import itk_threads
from ..models.model import Model
from ..models.scaling import Scaling
from ..prediction import Prediction, score_vois
from ..prediction.columns import result_columns
from ..prediction.redaction import without_names
from ..protocol import Protocol
from ..voi import Voi, make_voi, read_acquired, read_mask
from ..voi.voi import identity_of_vois
from ..warning import ResultWarning
from .inputs import input_cells
from .mistakes import repeated_files
from .table import label_of, series_of

#: What an error quotes, up to a mark that ends it, and the segments that a mask is said to hold.
_QUOTED, _PRESENT = re.compile(r"'(.+?)'(?=[\s.,;:)]|$)"), re.compile(r"(present: ).*?(?=[.;]( |$)|$)")

#: Called after each row that was scored, in the process that scored it, with its number, the prediction and its VOIs by
#: input name; what it returns is kept as the row's picture. It must be picklable where there are several processes.
Scored = Callable[[int, Prediction, dict[str, Voi]], bytes | None]

#: Called in this process after each row, in the order in which they end.
RowDone = Callable[["ScoredRow"], None]


@dataclass(frozen=True, kw_only=True)
class ScoredRow:
    """What came of the row ``number`` (from 0) of a cohort.

    ``columns`` are those of the result, ``answer`` what is told of it; both empty where ``error`` says why there is
    none. ``picture`` is what :data:`Scored` returned.
    """

    number: int
    case: str
    columns: dict[str, Any]
    answer: Answer | None
    picture: bytes
    error: str | None


@dataclass(frozen=True, kw_only=True)
class ScoringTask:
    """One row's work, to be sent to another process.

    ``engine`` is the name of the engine, empty where a network gives the features, ``threads`` how many may work on
    the row at a time. What comes of an ``anonymous`` one names neither patient nor series nor the paths of its files.
    """

    number: int
    row: Mapping[Hashable, Any]
    model: Model
    scaling: Scaling | None
    warnings: tuple[ResultWarning, ...]
    scored: Scored | None
    threads: int
    anonymous: bool
    engine: str


def score_rows(cohort: pd.DataFrame, model: Model, scaling: Scaling | None = None, scored: Scored | None = None,
               jobs: int = 1, row_done: RowDone | None = None, anonymous: bool = False,
               engine: str = "", threads: int = 1) -> list[ScoredRow]:
    """Return what came of every row, in the cohort's order, whatever the number of processes ``jobs`` (-1: all cores).

    Columns named like the model's covariates are used as such, a column ``series`` names the DICOM series of a row's
    folder. A row that cannot be scored, or whose ``scored`` raises, carries the reason; so does one that meets a fault
    of the software, for hours of work must not be lost to one row. ``engine`` names what computes the features, empty
    the preferred engine, and ``threads`` work on a row at a time. The rows are as :func:`~.inputs.join_images` returns
    them. Raises CohortError when a process was killed, and what :func:`..features.maker.check_maker` raises.
    """
    protocol = model.image_protocol()
    check_maker(protocol, engine)
    model = replace(model, protocol=located(protocol))
    name = get_engine(engine).name if protocol.deep is None else ""
    warnings = _repeated(cohort, model)
    tasks = [ScoringTask(number=number, row=row, model=model, scaling=scaling, warnings=warnings[number],
                         scored=scored, threads=threads, anonymous=anonymous, engine=name)
             for number, row in enumerate(cohort.to_dict("records"))]
    rows: dict[int, ScoredRow] = {}
    for row in map(score_row, tasks) if jobs == 1 else _in_processes(tasks, jobs):
        rows[row.number] = row
        if row_done is not None:
            row_done(row)
    return [rows[number] for number in range(len(tasks))]


def _repeated(cohort: pd.DataFrame, model: Model) -> list[tuple[ResultWarning, ...]]:
    """Return the warnings of each row about files that stand in rows of somebody else, whichever input they are of."""
    if len(model.inputs) == 1:
        return repeated_files(cohort)
    rows = cohort.to_dict("records")
    by_input = repeated_files(pd.DataFrame([input_cells(row, item.name) for item in model.inputs for row in rows]))
    return [tuple(dict.fromkeys(warning for of_row in by_input[number::len(rows)] for warning in of_row))
            for number in range(len(rows))]


def _in_processes(tasks: list[ScoringTask], jobs: int) -> Iterator[ScoredRow]:
    """Yield rows in the order in which they end. Raises CohortError when a process was killed."""
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    done = 0
    try:
        for row in joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
                joblib.delayed(score_row)(task) for task in tasks):
            done += 1
            yield row
    except TerminatedWorkerError:
        raise CohortError(f"A process was killed after {done} of {len(tasks)} rows, as happens when memory runs out; "
                          "run with fewer --jobs.") from None


def score_row(task: ScoringTask) -> ScoredRow:
    """Return what came of one row; it raises nothing."""
    row = ScoredRow(number=task.number, case=str(task.row["case"]), columns={}, answer=None, picture=b"", error=None)
    try:
        with itk_threads(task.threads):
            prediction, vois = _predict_row(task)
        told = without_names(prediction, identity_of_vois(vois)) if task.anonymous else prediction
        row = replace(row, columns=result_columns(told), answer=answer_of(told, task.model))
        if task.scored is not None:
            row = replace(row, picture=task.scored(task.number, prediction, vois) or b"")
    except InputError as error:
        row = replace(row, error=str(error))
    except Exception as error:
        row = replace(row, error=f"A fault of the software ({type(error).__name__}: {error}); please report it with "
                      "this row's files.")
    if row.error and task.anonymous:
        row = replace(row, error=_without_names(row.error, task))
    return row


def _without_names(text: str, task: ScoringTask) -> str:
    """Return an error without the row's paths, its quotations and what a mask holds: they may name the patient.

    What it quotes of the row's covariates stays, and the others' quotation marks do.
    """
    known = {str(item) for covariate in task.model.covariates
             for item in (covariate.name, task.row.get(covariate.name), *(level.label for level in covariate.levels))}
    for column, path in ((column, Path(str(cells[column]))) for item in task.model.inputs
                         for cells in [_cells(task, item.name)] for column in ("image", "mask")):
        for name in (str(path), str(path.parent), path.name):
            text = text.replace(name, f"[{column}]") if len(name) > 1 else text
    text = _PRESENT.sub(r"\1…", text)
    return _QUOTED.sub(lambda match: match[0] if match[1] in known or match[1][:1] == "[" else "'…'", text)


def _predict_row(task: ScoringTask) -> tuple[Prediction, dict[str, Voi]]:
    row, model = task.row, task.model
    vois = {item.name: _voi(_cells(task, item.name), model.image_protocol(), item.name) for item in model.inputs}
    covariates = {item.name: row[item.name] for item in model.covariates
                  if item.name in row and not pd.isna(row[item.name])}
    prediction = score_vois(vois, model, task.scaling, covariates, get_engine(task.engine, task.threads))
    return replace(prediction, warnings=(*task.warnings, *prediction.warnings)), vois


def _cells(task: ScoringTask, name: str) -> Mapping[Hashable, Any]:
    """Return the row's cells that tell the files of one input."""
    return task.row if len(task.model.inputs) == 1 else input_cells(task.row, name)


def _voi(cells: Mapping[Hashable, Any], protocol: Protocol, name: str) -> Voi:
    """Return the VOI of the input ``name``. Raises InputError, CohortError where the table has no row of it."""
    if pd.isna(cells["image"]):
        raise CohortError(f"The table has no row of the input '{name}' for this case; add it.")
    mask, segment = read_mask(cells["mask"], label_of(cells))
    return make_voi(read_acquired(cells["image"], series_of(cells)), mask, protocol, segment)


def scores_table(cohort: pd.DataFrame, rows: list[ScoredRow]) -> pd.DataFrame:
    """Return ``cohort`` with the result's columns and ``error``. Raises CohortError when no row at all was scored."""
    result = pd.DataFrame([{**row.columns, "error": row.error} for row in rows], index=cohort.index)
    if "score" not in result:
        raise CohortError(f"None of the {len(result)} rows could be scored; the first says: {result['error'].iloc[0]}")
    order = [name for name in result if name != "error"] + ["error"]
    return pd.concat([cohort.drop(columns=[name for name in order if name in cohort]), result[order]], axis=1)
