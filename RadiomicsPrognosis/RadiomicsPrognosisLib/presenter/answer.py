"""The answer in brief, for the top of the result and for the slice views: group, score, outcome, how fresh it is."""

from __future__ import annotations

from dataclasses import dataclass

from ..prediction import Prediction
from ..prediction.record import Group
from .session import Freshness, Session


@dataclass(frozen=True, kw_only=True)
class BriefAnswer:
    """What is said of a case at a glance.

    ``horizons`` are (months, survival 0 - 1), empty without a survival model or where survival is withheld;
    ``probability`` (0 - 1) is that of ``outcome``. ``warnings`` counts what limits the result, ``withheld`` what could
    not be computed validly. ``stability`` says how it holds when the case is perturbed, empty when that is not known.
    """

    score_name: str
    score: float | None
    group: Group | None
    endpoint: str
    horizons: tuple[tuple[float, float], ...]
    probability: float | None
    outcome: str
    warnings: int
    withheld: int
    demonstration: bool
    freshness: Freshness
    stability: str = ""

    @property
    def current(self) -> bool:
        """Whether the answer belongs to the contour and the choices as they are."""
        return self.freshness is Freshness.CURRENT


def session_answer(session: Session[Prediction], stability: str = "") -> BriefAnswer | None:
    """Return the answer that ``session`` may show, or None when it has none; ``stability`` as in BriefAnswer."""
    prediction = session.shown
    return make_answer(prediction, session.freshness, stability) if prediction is not None else None


def make_answer(prediction: Prediction, freshness: Freshness, stability: str = "") -> BriefAnswer:
    """Return ``prediction`` in brief."""
    survival = prediction.survival
    return BriefAnswer(score_name=prediction.model.score_name, score=prediction.score, group=prediction.group,
                  endpoint=prediction.model.endpoint,
                  horizons=tuple(survival.by_horizon()) if survival is not None else (),
                  probability=prediction.probability, outcome=prediction.outcome, warnings=len(prediction.warnings),
                  withheld=len(prediction.withheld),
                  demonstration=prediction.scaling is not None and prediction.scaling.demonstration,
                  freshness=freshness, stability=stability)
