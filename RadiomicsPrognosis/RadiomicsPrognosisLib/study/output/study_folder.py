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
from ..results import ValidationResult
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


def _take_place(finished: Path, out: Path) -> None:
    """Rename ``finished`` to ``out``; an earlier folder there goes only when that has been done."""
    aside = finished.with_name(f"{finished.name}.earlier")
    try:
        if out.exists():
            out.rename(aside)
        finished.rename(out)
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
    write_json(folder / STUDY_FILE, study.result.to_dict())
    for item in study.stored:
        if item.model is not None and item.result.model_file:
            write_json(folder / item.result.model_file, item.model.to_dict())
        if item.scaling is not None and item.result.scaling_file:
            write_json(folder / item.result.scaling_file, item.scaling.to_dict())
    write_table(study.scores, folder / TABLES / "scores.csv")
    for name, table in study_tables(study.result).items():
        write_table(table, folder / TABLES / f"{name}.csv")


def write_validation(result: ValidationResult, folder: Path) -> None:
    """Write a validation's files into an existing ``folder``."""
    import pandas as pd

    write_json(folder / VALIDATION_FILE, result.to_dict())
    rows = [row for cohort in result.performance for row in performance_table(cohort)]
    write_table(pd.DataFrame(rows), folder / TABLES / "performance.csv")
    scores = [pd.DataFrame({"cohort": item.cohort, "case": item.cases, "score": item.score,
                            "linear_predictor": item.linear_predictor}) for item in result.performance]
    write_table(pd.concat(scores), folder / TABLES / "scores.csv")
    if result.characteristics:
        write_table(characteristics_table(result.characteristics), folder / TABLES / "characteristics.csv")
