"""Open a CT with a contour, choose a model: the score is there, and a script gets the same."""

from __future__ import annotations

from .hands import COVARIATES, S1, SCALING, Hands


def run(hands: Hands) -> None:
    hands.open_module()
    hands.add_case()
    hands.choose_case()
    with hands.time("choices complete to first result"):
        hands.choose(S1, SCALING, COVARIATES)
        first = hands.result()
    hands.expect(first.group is not None and len(first.survival.at_horizons) == 3, "the result has no group or curve")
    logic = hands.widget.logic
    expected = logic.score(hands.volume, hands.segmentation, hands.key, S1, COVARIATES, SCALING)
    hands.expect(expected.score == first.score, f"the logic gives {expected.score}, the panel {first.score}")
    hands.give("n_stage", "N3")
    second = hands.result()
    hands.expect(second.score == first.score, "a clinical factor has changed the Rad-score")
    hands.expect(second.survival.curve != first.survival.curve, "N stage does not change the survival")
