"""An answer as the library words it, made by hand: what slice views and panel show is tested without a case."""

from __future__ import annotations

from RadiomicsPrognosisLib.answer import Answer, Limit, Outcome
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer


def survival_outcome(months: float, text: str, questioned: bool = False) -> Outcome:
    """Return an outcome of local progression-free survival."""
    short = "1 year" if months == 12 else f"{months / 12:g} years"
    return Outcome(title=f"{months:g}-month LPFS", short=short, text=text, note="reconstructed from published tables",
                   value=float(text.split()[0]) / 100, interval=None, months=months, questioned=questioned)


TOLD = Answer(
    band="DEMONSTRATION: scaled with 20 cases of another disease. Not a result for a patient.",
    headline="Rad-score group: high risk (image alone)", group="high risk", worse=True, score="Rad-score 0.2502",
    cutoff="cut-off 0.1411; this case is 0.109 above", position="higher than 83 % of the training patients", near="",
    sentences=("The group comes from the image alone.",),
    outcomes=(survival_outcome(12, "33 % (21 - 46)"), survival_outcome(24, "9 % (3 - 18)"),
              survival_outcome(36, "4 % (1 - 11)")),
    caution="", questioned=(), averaged="", uncertainty="Numbers in brackets are 95 % intervals by Monte Carlo.",
    uncertainty_detail="4000 draws.",
    limits=(Limit(code="demonstration-scaling", text="Demonstration scaling."),
            Limit(code="spacing", text="Slice thickness 5 mm is outside.")),
    withheld=(), acquisition=(), covariates=(("N stage", "N1"),), provenance=("Model s1",), use="Research only.")

ANSWER = ShownAnswer(told=TOLD, freshness=Freshness.CURRENT)
