"""The answer as the panel shows it: what is told of the prediction, and how that relates to contour and choices."""

from __future__ import annotations

from dataclasses import dataclass

from ..answer import Answer, answer_of
from ..models.model import Model
from ..prediction import Prediction
from ..stability.record import Stability
from .case import ReadyCase
from .session import Freshness, Session


@dataclass(frozen=True, kw_only=True)
class ShownAnswer:
    """What is ``told`` of the case; ``freshness`` says whether it belongs to contour and choices as they are."""

    told: Answer
    freshness: Freshness

    @property
    def current(self) -> bool:
        """Whether the answer belongs to the contour and the choices as they are."""
        return self.freshness is Freshness.CURRENT

    @property
    def stale(self) -> bool:
        """Whether it is about another contour or other choices, with nothing under way to renew it."""
        return self.freshness in (Freshness.CONTOUR_CHANGED, Freshness.CHOICES_CHANGED)


class Answers:
    """The answer of a session, worded once for each prediction: the panel asks for it after every event."""

    def __init__(self) -> None:
        self._known: tuple[Prediction, Model, Stability | None, Answer] | None = None

    def of(self, session: Session[Prediction], stability: Stability | None = None) -> ShownAnswer | None:
        """Return the answer that ``session`` may show, or None when it has none; ``stability`` is of its prediction."""
        prediction, case = session.shown, session.case
        if prediction is None or not isinstance(case, ReadyCase):
            return None
        known = self._known
        if known is None or known[0] is not prediction or known[1] is not case.model or known[2] is not stability:
            told = answer_of(prediction, case.model, stability)
            known = self._known = prediction, case.model, stability, told
        return ShownAnswer(told=known[3], freshness=session.freshness)
