"""What a study or a validation leaves, and its folder: study.json, model and scaling files, tables."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ... import files
from ...cohort.table import write_table
from ...models.model import Model
from ..results.study import StudyResult, ValidationResult
from .file_names import CONTENTS, STUDY_FILE, TABLES, VALIDATION_FILE
from .model_file import StoredModel
from .tables import characteristics_table, performance_table, study_tables, with_counts


@dataclass(frozen=True, eq=False)
class Study:
    """A study's ``result``, its models as they are ``stored``, and a table of every row's ``scores``."""

    result: StudyResult
    stored: tuple[StoredModel, ...]
    scores: pd.DataFrame

    def stored_models(self) -> dict[str, Model]:
        """Return the models that have a file, by their identifier in the recipe."""
        return {item.result.id: item.model for item in self.stored if item.model is not None}


def whole_folder(out: Path, marker: str) -> AbstractContextManager[Path]:
    """Return the context that writes ``out`` whole or not at all; ``marker`` tells an earlier result of the command.

    Raises FileError as :func:`...files.whole_folder` does: nothing of the user's is overwritten.
    """
    return files.whole_folder(out, marker, CONTENTS)


def write_study(study: Study, folder: Path) -> None:
    """Write a study's files into an existing ``folder``. Raises FileError."""
    files.write_json(folder / STUDY_FILE, study.result.to_dict())
    for item in study.stored:
        if item.model is not None and item.result.model_file:
            files.write_json(folder / item.result.model_file, item.model.to_dict())
        if item.scaling is not None and item.result.scaling_file:
            files.write_json(folder / item.result.scaling_file, item.scaling.to_dict())
        if item.page is not None and item.result.page_file:
            with files.whole_file(folder / item.result.page_file) as f:
                f.write(item.page)
    write_table(study.scores, folder / TABLES / "scores.csv")
    for name, table in study_tables(study.result).items():
        write_table(table, folder / TABLES / f"{name}.csv")


def write_validation(result: ValidationResult, folder: Path) -> None:
    """Write a validation's files into an existing ``folder``. Raises FileError."""
    files.write_json(folder / VALIDATION_FILE, result.to_dict())
    rows = [row for cohort in result.performance for row in performance_table(cohort)]
    write_table(with_counts(pd.DataFrame(rows)), folder / TABLES / "performance.csv")
    scores = [pd.DataFrame({"cohort": item.cohort, "case": item.cases, "score": item.score,
                            "linear_predictor": item.linear_predictor}) for item in result.performance]
    write_table(pd.concat(scores), folder / TABLES / "scores.csv")
    if result.characteristics:
        write_table(characteristics_table(result.characteristics), folder / TABLES / "characteristics.csv")
