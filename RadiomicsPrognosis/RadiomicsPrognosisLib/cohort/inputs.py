"""Rows of several inputs of a case, one row each as ``extract`` writes them, joined to one row per VOI."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..catalogue import parse_name
from ..errors import CohortError, ModelMismatch, SchemaError
from ..features.engine import joint_identity, mixed_column
from ..models.model import Model
from ..suggestions import did_you_mean
from .columns import COHORT, PATIENT, require_columns
from .extraction import ACQUIRED, PROVENANCE
from .table import IDENTIFYING

#: The column that tells whose volume of a model a row is of, and what stands between an input and a column of its own.
INPUT, SEPARATOR = "input", ":"

#: The name of the input of a model or recipe that does not name its inputs: rows of any one input fit it.
ONLY_INPUT = "image"

#: Columns of a row's own files, and between what several values of one cell stand.
FILES = ("image", "mask", "series")
_AND, _LISTED = " + ", "; "

#: Columns that the rows of a VOI share in one cell: what made the features, in which device, and what went wrong.
_MAKER = ("engine", "engine_version")
_TOLD = ("protocol", "protocol_hash", "voi_hash", *ACQUIRED)
_LABEL, _WARNINGS, _ERROR = "label", "warnings", "error"

#: Columns that each input has of its own, beside its features.
_OWN = frozenset((*FILES, *PROVENANCE)) - {*_MAKER, *_TOLD, _WARNINGS, _ERROR}


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What rows are joined for: the ``names`` of the inputs of ``who`` (a model or recipe); ``table`` is what messages
    call the rows.

    Empty ``names`` stand for the inputs that the table itself names. Columns ``alike`` must be the same in all rows of
    a VOI (outcomes, covariates), ``is_feature`` tells features whose names are not the catalogue's.
    """

    names: tuple[str, ...] = ()
    who: str = "the table"
    table: str = "cohort"
    alike: Collection[str] = ()
    is_feature: Callable[[str], bool] = lambda name: False

    @classmethod
    def of_model(cls, model: Model, alike: Collection[str] = ()) -> Inputs:
        """Return what a table is joined for that ``model`` scores; columns ``alike`` beside its covariates."""
        return cls(names=tuple(item.name for item in model.inputs), who=f"model '{model.id}'",
                   alike={*alike, *(item.name for item in model.covariates)},
                   is_feature={term.feature for term in model.terms}.__contains__)


def own_column(name: str, column: str) -> str:
    """Return the column of a joined table that holds ``column`` of the input ``name``, e.g. ``venous:mask``."""
    return f"{name}{SEPARATOR}{column}"


def bare_column(column: str) -> str:
    """Return what a column is called before its table was joined: ``venous:mask`` is ``mask``."""
    return column.rpartition(SEPARATOR)[2]


def holds_features(table: pd.DataFrame, names: Iterable[str]) -> bool:
    """Tell whether a table has a column of any of the features ``names``, of whichever input."""
    return not set(names).isdisjoint(map(bare_column, map(str, table.columns)))


def input_names(table: pd.DataFrame) -> list[str]:
    """Return the inputs (k,) that a table's column ``input`` names, in their order; none without such a column."""
    return [name for name in dict.fromkeys(_texts(table, INPUT)) if name]


def join_inputs(table: pd.DataFrame, inputs: Inputs, gaps: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """Return one row per VOI (case, label, reader, session), and sentences about the rows that were joined.

    A table of one input, or without the column ``input``, is returned as it is. Else features, files, voxel counts and
    what differs between the inputs stand in columns ``input:name``; what is the same stays one column, and a cell that
    one row leaves empty is that of the others. Labels that no two inputs share name drawings and tell no VOIs apart
    where each case has one row per input. A failed input makes the joined row a failed one. ``gaps`` admits a VOI
    without a row of one input, whose columns are empty there.

    Raises CohortError for a row without input or of one that is not asked for, a missing or repeated input of a VOI,
    and cells of ``inputs.alike`` that differ; ModelMismatch for engines whose values differ.
    """
    names = input_names(table)
    if not names:
        return table, []
    require_columns(table, ["case"])
    if len(inputs.names) == 1 or (not inputs.names and len(names) == 1):
        _check_only(names, inputs)
        return table, []
    asked = inputs.names or tuple(names)
    _check_named(table, asked, inputs)
    groups = _Groups.of(table, asked, inputs.table)
    groups.check(asked, gaps)
    joined = groups.joined(asked, inputs)
    return joined, [f"{len(table)} rows of the inputs {', '.join(asked)} were joined to {len(joined)}, one per VOI.",
                    *groups.repeated()]


def join_images(cohort: pd.DataFrame, model: Model, gaps: bool = False) -> pd.DataFrame:
    """Return one row per VOI of a cohort of images: as it is for a model of one input or none, else joined as
    :func:`join_inputs` does. Raises CohortError for what that refuses, or without the column ``input``."""
    named = bool(input_names(cohort))
    inputs = Inputs.of_model(model)
    if len(model.inputs) == 1 and named:
        _check_only(input_names(cohort), inputs)
    if len(model.inputs) == 1 or not (model.inputs or named):
        return cohort
    if not named:
        raise CohortError(f"Model '{model.id}' reads {len(inputs.names)} volumes; give a row for each of them, and a "
                          f"column '{INPUT}' that says which it is: {', '.join(inputs.names)}.")
    return join_inputs(cohort, inputs, gaps)[0]


def input_cells(row: Mapping[Hashable, Any], name: str) -> dict[Hashable, Any]:
    """Return a joined row's cells as those of the input ``name`` were before: files and, if it has one, label."""
    own: dict[Hashable, Any] = {
        column: row[own_column(name, column)] for column in (*FILES, _LABEL)
        if own_column(name, column) in row}
    return {**row, **own}


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    """Return a column's cells (n,) as texts, empty where there is nothing."""
    if column not in table:
        return [""] * len(table)
    return ["" if pd.isna(value) else str(int(value)) if isinstance(value, float) and value.is_integer()
            else str(value).strip() for value in table[column]]


def _check_only(names: Sequence[str], inputs: Inputs) -> None:
    """Raise CohortError unless the table is of one input, the one that is asked for where that has a name."""
    wanted = inputs.names[0] if inputs.names else names[0]
    if len(names) > 1:
        raise CohortError(f"The rows of the {inputs.table} are of the inputs {', '.join(names)}, and {inputs.who} "
                          f"reads one ('{wanted}'); keep the rows of one input.")
    if wanted not in (ONLY_INPUT, names[0]):
        raise CohortError(f"The rows of the {inputs.table} are of the input '{names[0]}', and {inputs.who} reads "
                          f"'{wanted}'; extract the features of that input.")


def _check_named(table: pd.DataFrame, asked: Sequence[str], inputs: Inputs) -> None:
    """Raise CohortError for a row whose input is empty or none of those ``asked``."""
    for row, name in enumerate(_texts(table, INPUT)):
        where = f"Row {row + 2} of the {inputs.table} (case {table['case'].iloc[row]})"
        if not name:
            raise CohortError(f"{where} has no {INPUT}; fill it in or remove the row.")
        if name not in asked:
            raise CohortError(f"{where} is of the input '{name}', which {inputs.who} does not read; allowed: "
                              f"{', '.join(asked)}.{did_you_mean(name, asked)}")


def _is_catalogued(name: str) -> bool:
    try:
        parse_name(name)
    except SchemaError:
        return False
    return True


@dataclass(frozen=True, eq=False, kw_only=True)
class _Groups:
    """Rows of a ``table`` by VOI: ``number`` (n,) is that of a row's VOI, ``names`` (n,) that of its input.

    ``labels_differ`` tells that labels name drawings and are no key, ``what`` what messages call the table.
    """

    what: str
    table: pd.DataFrame
    number: np.ndarray
    names: np.ndarray
    labels_differ: bool

    @classmethod
    def of(cls, table: pd.DataFrame, asked: Sequence[str], what: str) -> _Groups:
        """Return the rows grouped by the columns that tell VOIs from each other."""
        names = np.array(_texts(table, INPUT))
        keys = {column: _texts(table, column) for column in IDENTIFYING if column != INPUT and column in table}
        labels_differ = _labels_name_drawings(keys, names, asked)
        cells = [texts for column, texts in keys.items() if column != _LABEL or not labels_differ]
        numbers: dict[tuple[str, ...], int] = {}
        number = [numbers.setdefault(key, len(numbers)) for key in zip(*cells, strict=True)]
        return cls(what=what, table=table.reset_index(drop=True), number=np.array(number), names=names,
                   labels_differ=labels_differ)

    def check(self, asked: Sequence[str], gaps: bool) -> None:
        """Raise CohortError for an input that a VOI has twice, or (unless ``gaps``) not at all."""
        held: set[tuple[int, str]] = set()
        for row, key in enumerate(zip(self.number.tolist(), self.names.tolist(), strict=True)):
            if key in held:
                raise CohortError(f"Row {row + 2} of the {self.what} repeats the input '{key[1]}' of {self._who(row)}; "
                                  "keep one row of each input, or tell VOIs apart by label, reader or session.")
            held.add(key)
        for number, row in zip(*np.unique(self.number, return_index=True), strict=True):
            absent = [name for name in asked if (int(number), name) not in held]
            if absent and not gaps:
                raise CohortError(f"The {self.what} has no row of the input '{absent[0]}' for {self._who(int(row))}; "
                                  f"add it, or remove the row of '{self.names[row]}'.")

    def repeated(self) -> list[str]:
        """Return a sentence about VOIs with one image and contour in two inputs, as 'extract' tells them, if any."""
        marks = pd.DataFrame({"number": self.number, "mark": _texts(self.table, "voi_hash")})
        twice = np.flatnonzero((marks["mark"] != "") & marks.duplicated())
        if not len(twice):
            return []
        return [f"{len(set(self.number[twice]))} VOIs of the {self.what} (first: {self._who(int(twice[0]))}) have the "
                "same image and contour in two inputs; give each its own."]

    def _who(self, row: int) -> str:
        """Return a row's VOI in words: its case, and label, reader and session where the table has them."""
        keys = [key for key in IDENTIFYING if key in self.table and key != INPUT
                and not (key == _LABEL and self.labels_differ)]
        texts = {key: _texts(self.table.iloc[[row]], key)[0] for key in keys}
        return ", ".join(f"{key} {text}" for key, text in texts.items() if text)

    def joined(self, asked: Sequence[str], inputs: Inputs) -> pd.DataFrame:
        """Return the joined table (VOIs, columns); see :func:`join_inputs`."""
        own, shared = self._columns(inputs)
        one = self.table[shared].groupby(self.number, sort=True).first()
        pieces = [one, pd.DataFrame(self._told(), index=one.index, dtype=object)]
        for name in asked:
            rows = np.flatnonzero(self.names == name)
            piece = self.table.loc[rows, own].set_axis(self.number[rows], axis=0).reindex(one.index)
            pieces.append(piece.set_axis([own_column(name, column) for column in own], axis=1))
        joined = pd.concat(pieces, axis=1).reset_index(drop=True)
        repeated = joined.columns[joined.columns.duplicated()]
        if len(repeated):
            raise CohortError(f"The {self.what} has a column '{repeated[0]}' beside the column '{INPUT}'; give the "
                              "features of an input in one of the two ways.")
        return joined

    def _columns(self, inputs: Inputs) -> tuple[list[str], list[str]]:
        """Return the columns that each input has of its own, and those that its VOI has.

        Raises CohortError for cells that must not differ and do.
        """
        label = {_LABEL} if self.labels_differ else set()
        keys, alike = {*IDENTIFYING} - {INPUT, *label}, {PATIENT, COHORT, *inputs.alike}
        told = {*_MAKER, *_TOLD, _WARNINGS, _ERROR}
        rest = [column for column in map(str, self.table.columns) if column not in keys | told | {INPUT}]
        own = {column for column in rest if column in _OWN | label or (
            column not in alike and (_is_catalogued(column) or inputs.is_feature(column)))}
        open_ = [column for column in rest if column not in own]
        values = self.table[open_].replace(r"^\s*$", np.nan, regex=True)
        differing = values.groupby(self.number, sort=True).nunique() > 1
        for column in (name for name in open_ if differing[name].any()):
            if column in alike:
                self._fail(column, int(differing[column].to_numpy().argmax()))
            own.add(column)
        return ([column for column in rest if column in own],
                [column for column in map(str, self.table.columns) if column in keys or column in {*open_} - own])

    def _fail(self, column: str, number: int) -> None:
        rows = np.flatnonzero(self.number == number)
        cells = " and ".join(f"'{self.table[column].iloc[row]}' in the row of {self.names[row]}" for row in rows)
        raise CohortError(f"Column '{column}' of {self._who(int(rows[0]))} is {cells}; the rows of a VOI must agree on "
                          "it.")

    def _told(self) -> dict[str, list[object]]:
        """Return, by column, what the rows of each VOI tell in one cell: distinct values joined, reasons with their
        input."""
        members = [np.flatnonzero(self.number == number) for number in range(self.number.max() + 1)]
        told: dict[str, list[object]] = {}
        for column in (name for name in (*_TOLD, _WARNINGS) if name in self.table):
            texts, between = _texts(self.table, column), _LISTED if column == _WARNINGS else _AND
            told[column] = [between.join(dict.fromkeys(text for row in rows for text in texts[row].split(_LISTED)
                                                       if text)) or None for rows in members]
        if _ERROR in self.table:
            texts = _texts(self.table, _ERROR)
            told[_ERROR] = [_LISTED.join(f"{self.names[row]}: {texts[row]}" for row in rows if texts[row]) or None
                            for rows in members]
        if {*_MAKER} <= set(self.table):
            makers = [self._makers(rows) for rows in members]
            told |= {column: [pair[place] for pair in makers] for place, column in enumerate(_MAKER)}
        return told

    def _makers(self, rows: np.ndarray) -> tuple[str | None, str | None]:
        """Return name and version of what made the features of a VOI. Raises ModelMismatch for engines whose values
        differ."""
        cells = self.table.loc[rows, list(_MAKER)].dropna().astype(str)
        makers = set(zip(*(cells[column] for column in _MAKER), strict=True))
        if not makers:
            return None, None
        if mixed_column(makers):
            raise ModelMismatch(f"The rows of {self._who(int(rows[0]))} were extracted by "
                                f"{' and '.join(' '.join(maker) for maker in sorted(makers))}, whose values differ; "
                                "extract all inputs alike.")
        return joint_identity(makers)


def _labels_name_drawings(keys: dict[str, list[str]], names: np.ndarray, asked: Sequence[str]) -> bool:
    """Tell whether labels are names of drawings: no two inputs share one, and without them each case has one row per
    input."""
    if _LABEL not in keys:
        return False
    by_input = [{text for text, own in zip(keys[_LABEL], names, strict=True) if own == name} for name in asked]
    distinct = sum(map(len, by_input)) == len(set().union(*by_input))
    others = [texts for column, texts in keys.items() if column != _LABEL]
    rows = list(zip(names.tolist(), *others, strict=True))
    return distinct and len(set(rows)) == len(rows)
