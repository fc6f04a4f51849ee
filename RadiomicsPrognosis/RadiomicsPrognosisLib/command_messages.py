"""What a command with ``--json-lines`` writes and the program that started it reads: JSON objects, one a line.

Progress comes as often as there is any, then one last word: the result, an error, or that the work was cancelled.
The object's ``kind`` says which; its other keys are the fields of the record. Results here are what a person is told
at once; everything else is in the files that they name.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import NoReturn

from .progress import ProgressMessage
from .records import from_plain

#: The ``code`` of an error that is a fault of the software, not of the input.
FAULT = "fault"


class BadLine(ValueError):
    """A line that is none of these messages."""


@dataclass(frozen=True)
class StudyCohort:
    """A cohort: numbers of VOI ``rows`` and of ``patients``."""

    name: str
    rows: int
    patients: int


@dataclass(frozen=True)
class StudySignature:
    """A signature: how many ``terms`` were selected from how many ``candidates``; ``reason`` is why none was."""

    id: str
    terms: int
    candidates: int
    reason: str


@dataclass(frozen=True)
class StudyDiscrimination:
    """A model's main measure of discrimination (0 - 1) in a cohort with its 95 % interval; None: not known."""

    cohort: str
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, kw_only=True)
class StudyModel:
    """A model: its main ``measure`` (C-index, AUC ...; empty: none) in every cohort.

    ``reason`` is why there is no model, else empty; ``model_file`` and ``scaling_file`` are paths in the study's
    folder, None where there is no file.
    """

    id: str
    measure: str
    discrimination: tuple[StudyDiscrimination, ...]
    model_file: str | None
    scaling_file: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class StudySummary:
    """The last word of a study that is done: what people are told of it, and where the rest is.

    ``notes`` are sentences a reader must know; ``folder`` holds everything, ``report`` is the page in it.
    """

    recipe: str
    version: str
    title: str
    cohorts: tuple[StudyCohort, ...]
    signatures: tuple[StudySignature, ...]
    models: tuple[StudyModel, ...]
    notes: tuple[str, ...]
    folder: str
    report: str


@dataclass(frozen=True, kw_only=True)
class ReproducibilitySummary:
    """The last word of ``reproducibility``: how much was compared, what repeats, and where the rest is.

    ``cases`` VOIs in ``readings`` readings by so many ``readers`` in so many ``sessions``; ``kept`` of ``features``
    features pass the ``threshold`` of the ICC's ``form`` (e.g. "ICC(2,1)"), judged ``on`` its "estimate" or its "lower"
    bound. ``model`` is the id of the model whose score was compared, None without one; ``failing`` are its features
    that do not pass, ``score_icc`` the ICC of its score with its 95 % interval, None where it is not known.

    ``notes`` are sentences a reader must know. ``folder`` holds everything; ``report`` is the page in it, ``json`` the
    whole result.
    """

    cases: int
    readings: int
    readers: int
    sessions: int
    form: str
    threshold: float
    on: str
    features: int
    kept: int
    model: str | None
    failing: tuple[str, ...]
    score_icc: float | None
    score_lower: float | None
    score_upper: float | None
    notes: tuple[str, ...]
    folder: str
    report: str
    json: str


@dataclass(frozen=True, kw_only=True)
class StabilitySummary:
    """The last word of ``stability``: how far the answer held, and where the whole result is.

    ``group`` is the risk group (None for a model without groups) of the case as it was drawn; of ``perturbations``
    perturbed cases ``scored`` had a score and ``agreeing`` of them the same group. ``headline`` says so to a person.
    ``json`` is the file of the whole result, ``report`` the page about it, None when none was written.
    """

    model: str
    group: str | None
    perturbations: int
    scored: int
    agreeing: int
    headline: str
    json: str
    report: str | None


@dataclass(frozen=True, kw_only=True)
class ExtractionSummary:
    """The last word of ``extract``: of ``rows`` rows ``failed`` could not be extracted, for a reason in the ``table``.

    ``first_error`` is that of the first of them, empty if all rows were extracted.
    """

    rows: int
    failed: int
    first_error: str
    table: str


@dataclass(frozen=True)
class ScalingSummary:
    """The last word of ``scaling``: what was fitted for which ``model`` from so many ``cases``, and its ``file``."""

    name: str
    model: str
    cases: int
    file: str


#: The results, one for each command that speaks in lines.
Result = StudySummary | ReproducibilitySummary | StabilitySummary | ExtractionSummary | ScalingSummary


@dataclass(frozen=True)
class CommandError:
    """The last word of a command that failed: the error's stable ``code`` and class, its text for people.

    ``code`` is that of an InputError, or :data:`FAULT`; ``details`` are what a fault report needs (a traceback).
    """

    code: str
    error: str
    message: str
    details: str = ""


@dataclass(frozen=True)
class CommandCancelled:
    """The last word of a command that was cancelled: nothing was written."""


#: What a line can be.
Message = ProgressMessage | Result | CommandError | CommandCancelled

_KINDS: dict[str, type[Message]] = {
    "progress": ProgressMessage, "result": StudySummary, "reproducibility": ReproducibilitySummary,
    "stability": StabilitySummary, "extraction": ExtractionSummary, "scaling": ScalingSummary,
    "error": CommandError, "cancelled": CommandCancelled}


def to_line(message: Message) -> str:
    """Return ``message`` as a line without its end, in ASCII. Raises ValueError for NaN or Infinity."""
    kind = next(name for name, cls in _KINDS.items() if type(message) is cls)
    return json.dumps({"kind": kind, **asdict(message)}, allow_nan=False)


def from_line(line: str) -> Message:
    """Return the message that :func:`to_line` wrote. Raises BadLine for any other line."""
    try:
        values = json.loads(line, parse_constant=_refuse)
        message = from_plain(_KINDS[values.pop("kind")], values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadLine(f"{type(error).__name__}: {error}") from None
    if isinstance(message, ProgressMessage) and not 0 <= message.share <= 1:
        raise BadLine(f"a share of {message.share} is not between 0 and 1")
    return message


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
