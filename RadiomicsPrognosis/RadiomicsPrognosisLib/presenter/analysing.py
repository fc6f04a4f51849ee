"""The Analyse tab without Qt: what is analysed and how, the command that does it, and the result as it stands."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..catalogue import parse_name
from ..errors import ModelMismatch, SchemaError
from ..models.model import Model
from ..reading.folder import Reading, StudyFolder
from ..reading.rule import COMPARISONS, INTER, INTRA, ReproducibilityFilter
from ..statistics.icc import BOUNDS, FORMS
from .case_files import engine_options
from .development import SUFFIXES, is_file
from .problem import Problem

#: In which kinds of comparison a feature can be asked to pass.
KINDS = (COMPARISONS, (INTRA,), (INTER,))

#: Options of the command for what a table is.
_COHORT, _FEATURES = "--cohort", "--features"

#: Name of the results' folder in a study's folder, and what is added to a table's name for its own.
_IN_STUDY, _BESIDE_TABLE = "reproducibility", "-reproducibility"


@dataclass(frozen=True, kw_only=True)
class AnalysisChoices:
    """What is analysed and how.

    ``table`` is the path of a table of readings, empty for the open reading study; ``folder`` that of the results,
    empty for one beside the readings. ``scored`` compares the score of the panel's model, too. The filter asks for an
    ICC of ``form`` whose estimate or lower bound (``on``) reaches ``threshold`` (0 - 1) in each of ``kinds``.
    """

    table: str = ""
    folder: str = ""
    scored: bool = True
    form: str = "ICC(2,1)"
    threshold: float = 0.9
    on: str = BOUNDS[0]
    kinds: tuple[str, ...] = KINDS[0]

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> AnalysisChoices:
        """Return the choices that :meth:`texts` gave; what is absent or impossible is as it is without a choice."""
        standard = cls()
        kinds = tuple(texts.get("kinds", "").split())
        return cls(table=texts.get("table", ""), folder=texts.get("folder", ""), scored=texts.get("scored") != "no",
                   form=texts["form"] if texts.get("form") in FORMS else standard.form,
                   threshold=_share(texts.get("threshold", ""), standard.threshold),
                   on=texts["on"] if texts.get("on") in BOUNDS else standard.on,
                   kinds=kinds if kinds in KINDS else standard.kinds)

    @property
    def rule(self) -> ReproducibilityFilter:
        """The rule by which features are kept."""
        return ReproducibilityFilter(self.form, self.threshold, self.on, self.kinds)

    def texts(self) -> dict[str, str]:
        """Return the choices as texts by name, as the scene keeps them."""
        return {"table": self.table, "folder": self.folder, "scored": "yes" if self.scored else "no", "form": self.form,
                "threshold": f"{self.threshold:g}", "on": self.on, "kinds": " ".join(self.kinds)}


def _share(text: str, standard: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return standard
    return value if 0 <= value <= 1 else standard


@dataclass(frozen=True)
class StudyInput:
    """What the open study has to analyse: its finished readings, and those left out for their state or problem."""

    title: str
    usable: tuple[Reading, ...]
    left_out: tuple[Reading, ...]


def study_input(study: StudyFolder) -> StudyInput:
    """Return what a study has to analyse now. Raises FileError when its folder cannot be read."""
    readings = tuple(_with_image(item, study) for item in study.readings())
    return StudyInput(study.design.title, tuple(item for item in readings if item.usable),
                      tuple(item for item in readings if not item.usable))


def _with_image(reading: Reading, study: StudyFolder) -> Reading:
    """Return a reading, with a problem if its image is gone; whether it is the right one is seen when it is read."""
    image = study.image_path(reading.case)
    if reading.usable and not image.exists():
        return replace(reading, problem=f"Its image '{image}' does not exist; put it back.")
    return reading


def obstacle(choices: AnalysisChoices, study: StudyInput | None) -> Problem | None:
    """Return what is missing or wrong in the choices, the first in the order in which they stand, or None."""
    if choices.table:
        path = Path(choices.table)
        if not path.is_absolute() or not is_file(path):
            return Problem("no-file", values={"path": choices.table})
        if path.suffix.lower() not in SUFFIXES:
            return Problem("no-table", values={"path": choices.table})
    elif study is None:
        return Problem("no-readings")
    elif not study.usable:
        return Problem("no-finished-reading", values={"title": study.title})
    elif len({(item.reader, item.session) for item in study.usable}) < 2:
        return Problem("one-reading", values={"title": study.title})
    if choices.folder and not Path(choices.folder).is_absolute():
        return Problem("relative-folder", values={"path": choices.folder})
    return None


def results_folder(choices: AnalysisChoices, study: Path | None) -> Path | None:
    """Return where the results go: the folder chosen, else one beside the readings; None when there are none.

    ``study`` is the folder of the open reading study.
    """
    if choices.folder:
        return Path(choices.folder)
    if choices.table:
        path = Path(choices.table)
        return path.with_name(path.stem + _BESIDE_TABLE)
    return study / _IN_STUDY if study is not None else None


def command(choices: AnalysisChoices, table: Path, folder: Path, model: Model | None, scaling: str,
            protocol: str = "", engine: str = "") -> list[str]:
    """Return the arguments of the command that analyses ``table``.

    ``model`` is the panel's with its ``scaling`` (a name, may be empty), ``protocol`` the reading study's, by which
    features are made without a model, ``engine`` makes those of a cohort (empty: the preferred one). Raises
    ModelMismatch where a cohort is to be extracted and nothing says how, and for a model that scores no image. The
    folder is the study's own, whose analysis is made anew.
    """
    option, settings = _option(table), []
    if choices.scored and model is not None:
        settings = ["--model", model.id, *(["--scaling", scaling] if scaling and model.needs_scaling else [])]
    elif option == _COHORT:
        settings = ["--protocol", model.image_protocol().id if model is not None else protocol]
        if not settings[1]:
            raise ModelMismatch("Choose a model (section Model): its protocol says how features are made of images.")
    settings += engine_options(engine) if option == _COHORT else []
    return ["reproducibility", option, str(table), *settings, "--form", choices.form, "--on", choices.on,
            "--threshold", f"{choices.threshold:g}", "--out", str(folder), "--force"]


def _option(table: Path) -> str:
    """Return by which option the command takes ``table``: as a cohort to extract, or as features."""
    columns = _columns(table)
    return _COHORT if {"image", "mask"} <= columns and not any(map(_is_feature, columns)) else _FEATURES


def _columns(table: Path) -> set[str]:
    """Return the names of a table's columns; none of a file that is none, which the command then refuses."""
    if table.suffix.lower() == ".csv":
        try:
            with table.open(encoding="utf-8-sig", newline="") as f:
                return set(next(csv.reader(f), []))
        except (OSError, ValueError, csv.Error):
            return set()
    try:
        import pandas as pd
    except ImportError:
        return set()
    try:
        return set(map(str, pd.read_parquet(table).columns))
    except (OSError, ValueError, ImportError):
        return set()


def _is_feature(name: str) -> bool:
    try:
        parse_name(name)
    except SchemaError:
        return False
    return True
