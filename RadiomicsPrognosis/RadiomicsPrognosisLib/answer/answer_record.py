"""What is told of a prediction, in words that need no more than to be set: the record that every medium shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..prediction.evidence import AcquisitionRow

#: Stands on a badge or across a corner of a result that means nothing for a patient.
BADGE = "DEMONSTRATION"

#: The code of the warning whose gist is the band.
DEMONSTRATION = "demonstration-scaling"

#: Shapes that stand for the worse group and for the better one beside their words, so that no colour is needed.
WORSE_SIGN, BETTER_SIGN = "▲", "●"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A predicted survival or probability.

    ``title`` is what it is ('36-month LPFS'), ``short`` the same where there is little room ('3 years'); ``text`` the
    number with its interval ('33 % (21 - 46)'), ``note`` what must stand beside it. ``value`` and ``interval`` are
    shares (0 - 1), ``months`` the horizon, None of a probability. One that is ``questioned`` is greyed.
    """

    title: str
    short: str
    text: str
    note: str
    value: float
    interval: tuple[float, float] | None
    months: float | None
    questioned: bool


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What limits the result: the warning's ``code`` for programs, its ``text``, and ``others`` of the same kind."""

    code: str
    text: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Omission:
    """A component of the result that is withheld: its name for programs, its ``title`` in words, and the reason."""

    component: str
    title: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is told of a prediction; an empty text is nothing to tell.

    Parameters
    ----------
    band: stands above every number of a result that means nothing for a patient ('DEMONSTRATION: ...').
    headline: the group, and what it is the group of ('Rad-score group: low risk (image alone)').
    group: the group's label in the model's words; ``worse`` tells whether it is the one with the worse prognosis, None
        without a group.
    score: the score with its name ('Rad-score 0.2502'); ``signatures`` those of a model's several signatures, of which
        it is made up; ``cutoff`` how it lies to the cut-off; ``position`` how it
        lies to the training patients; ``near`` what was observed in those with scores near it.
    sentences: what a reader must know to read group and outcomes together.
    caution: why the ``questioned`` components (score, group, survival, probability) are greyed.
    averaged: which covariates are not yet known, and what they are averaged over.
    uncertainty: what the intervals hold, or why there are none; ``uncertainty_detail`` how they were computed and what
        they leave out.
    limits: what speaks against the result, most important first; ``withheld`` is what cannot be told, and why.
    acquisition: what the model was made on beside what this image has.
    covariates: (title, value) of each clinical factor of the model.
    provenance: what made the result, line by line; ``use`` what it may be used for.
    stability: how the group holds when the case is perturbed.
    """

    band: str
    headline: str
    group: str
    worse: bool | None
    score: str
    cutoff: str
    position: str
    near: str
    sentences: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    caution: str
    questioned: tuple[str, ...]
    averaged: str
    uncertainty: str
    uncertainty_detail: str
    limits: tuple[Limit, ...]
    withheld: tuple[Omission, ...]
    acquisition: tuple[AcquisitionRow, ...]
    covariates: tuple[tuple[str, str], ...]
    provenance: tuple[str, ...]
    use: str
    stability: str = ""
    signatures: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """The shape that stands for the group, empty without one."""
        return "" if self.worse is None else WORSE_SIGN if self.worse else BETTER_SIGN

    @property
    def badge(self) -> str:
        """The word on a badge above the result, empty for one that may be a patient's."""
        return BADGE if self.band else ""

    @property
    def brief(self) -> str:
        """The answer in one line of a list: 'high risk, Rad-score 0.5103', the last outcome of a model without score,
        or why there is none.

        What a warning speaks against ends in 'unreliable for this case'.
        """
        told = [self.badge, self.group, self.score] if self.score or self.group else [self.badge, self.headline]
        if self.outcomes and not self.score:  # clinical factors alone predict
            told = [self.badge, self.group, f"{self.outcomes[-1].title} {self.outcomes[-1].text}"]
        return ", ".join(filter(None, [*told, "unreliable for this case" if self.questioned else ""]))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data for JSON."""
        return asdict(self)
