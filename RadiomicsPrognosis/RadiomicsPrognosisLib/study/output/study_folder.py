"""Write a study's folder whole or not at all: study.json, model and scaling files, tables."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...cohort.table import write_table
from ...errors import FileError
from ...files import write_json
from ..results.outcome import ValidationOutcome
from ..run import Study
from .file_names import CONTENTS, STUDY_FILE, TABLES, VALIDATION_FILE
from .tables import characteristics_table, performance_table, study_tables


@contextlib.contextmanager
def whole_folder(out: Path, marker: str) -> Iterator[Path]:
    """Yield a temporary folder beside ``out`` that takes its place when the block ends without an error.

    An existing ``out`` is replaced when it is empty, or holds ``marker`` and nothing that this program did not write,
    else FileError: nothing of the user's is overwritten.
    """
    out = out.resolve()
    if out.exists() and not (out.is_dir() and ((out / marker).is_file() or not any(out.iterdir()))):
        raise FileError(f"'{out}' exists and is no earlier result of this command; choose another folder.")
    # Hidden files are those that file managers leave.
    others = sorted(path.name for path in out.iterdir() if path.name not in CONTENTS and path.name[0] != ".") \
        if out.exists() else []
    if others:
        raise FileError(f"'{out}' holds something else beside an earlier result ({', '.join(others[:3])}); move it "
                        "away, or choose another folder.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        raise FileError(f"'{out}' cannot be written ({error.strerror}); choose another folder.") from None
    try:
        yield temporary
        temporary.chmod(0o755)
        _take_place(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _take_place(made: Path, out: Path) -> None:
    """Rename ``made`` to ``out``; an earlier folder there goes only when that has been done."""
    aside = made.with_name(f"{made.name}.earlier")
    try:
        if out.exists():
            out.rename(aside)
        made.rename(out)
    except BaseException as error:
        if aside.exists() and not out.exists():
            aside.rename(out)
        if isinstance(error, OSError):
            raise FileError(f"'{out}' cannot be replaced ({error.strerror}); close what is open of it, or choose "
                            "another folder.") from None
        raise
    shutil.rmtree(aside, ignore_errors=True)


def write_study(study: Study, folder: Path) -> None:
    """Write a study's files into an existing ``folder``."""
    write_json(folder / STUDY_FILE, study.outcome.to_dict())
    for export in study.exports:
        if export.model is not None:
            write_json(folder / export.outcome.model_file, export.model)
        if export.scaling is not None:
            write_json(folder / export.outcome.scaling_file, export.scaling)
    write_table(study.scores, folder / TABLES / "scores.csv")
    for name, table in study_tables(study.outcome).items():
        write_table(table, folder / TABLES / f"{name}.csv")


def write_validation(found: ValidationOutcome, folder: Path) -> None:
    """Write a validation's files into an existing ``folder``."""
    import pandas as pd

    write_json(folder / VALIDATION_FILE, found.to_dict())
    rows = [row for cohort in found.performance for row in performance_table(cohort)]
    write_table(pd.DataFrame(rows), folder / TABLES / "performance.csv")
    scores = [pd.DataFrame({"cohort": item.cohort, "case": item.cases, "score": item.score,
                            "linear_predictor": item.linear_predictor}) for item in found.performance]
    write_table(pd.concat(scores), folder / TABLES / "scores.csv")
    if found.characteristics:
        write_table(characteristics_table(found.characteristics), folder / TABLES / "characteristics.csv")
