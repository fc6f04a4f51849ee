"""Open a CT with one contour: the model is the only choice, for the next patient too; its scaling is remembered."""

from __future__ import annotations

import qt

from .hands import COVARIATES, S1, S2, SCALING, Hands


def run(hands: Hands) -> None:
    qt.QSettings().remove("RadiomicsPrognosis/Scaling")
    hands.open_module()
    hands.add_case()
    hands.settle()
    hands.expect(hands.node.volume is hands.volume, "the only CT is not chosen")
    hands.expect(hands.node.segmentation is hands.segmentation, "the only segmentation is not chosen")
    hands.expect(hands.node.segmentID == hands.key, "its only segment is not chosen")
    hands.expect(not hands.node.modelID, f"the model {hands.node.modelID} is chosen by itself")
    hands.choose(S2)
    hands.result()
    hands.choose(S1)
    hands.expect(not hands.node.scaling, "a scaling for demonstration is chosen by itself")
    hands.choose(S1, SCALING, COVARIATES)
    first = hands.result()
    hands.clear()
    hands.leave()
    hands.add_case(title="Next patient")
    hands.come_back()
    hands.choose(S1)
    again = hands.result()
    hands.expect(again.score == first.score and again.scaling.name == SCALING, "the scaling is not remembered")
    hands.expect(not again.covariates, f"the next patient has the clinical factors {again.covariates}")
