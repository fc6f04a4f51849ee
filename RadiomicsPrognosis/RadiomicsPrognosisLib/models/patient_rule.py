"""The rule by which a patient's VOIs, such as lymph nodes, give the one row that a model is made of and scores."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import entry

#: The largest or mean value of each feature, the VOI with the largest volume, or the VOI with the highest score.
MAX, MEAN, LARGEST, ANY_POSITIVE = "max", "mean", "largest", "any positive"
RULES = (MAX, MEAN, LARGEST, ANY_POSITIVE)


@dataclass(frozen=True)
class PatientRule:
    """How a patient's VOIs become one row.

    ``max`` and ``mean`` take each feature's largest or mean value, ``largest`` the VOI whose column ``size`` is
    largest. ``any positive`` learns the score from VOIs and takes each patient's highest: the patient is in the upper
    group when any VOI is, and has a binary outcome when any VOI has it. The mean of scores is the score of mean
    features.
    """

    rule: str = entry(choices=RULES)
    size: str = entry(default="kept_volume_mm3", when=("rule", LARGEST))

    @property
    def sentence(self) -> str:
        """What stands for a patient, in words."""
        return {MAX: "the largest value of each feature over the patient's VOIs",
                MEAN: "the mean value of each feature over the patient's VOIs",
                LARGEST: f"the patient's VOI with the largest '{self.size}'",
                ANY_POSITIVE: "the patient's VOI with the highest score"}[self.rule]
