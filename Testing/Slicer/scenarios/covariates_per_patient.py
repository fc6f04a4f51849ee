"""Clinical factors are a patient's: never carried to another's CT, shown again with their own, saved with the scene."""

from __future__ import annotations

import slicer

from .hands import S1, SCALING, Hands

_GIVEN = {"n_stage": "N2", "complete_response": "yes"}


def run(hands: Hands) -> None:
    hands.start()
    first = hands.volume
    _place(first, "Doe^Jane")
    hands.choose(S1, SCALING, _GIVEN)
    hands.result()
    hands.add_case(title="CT of another")
    second = hands.volume
    _place(second, "Roe^Jane")
    hands.choose_case()
    hands.settle()
    hands.expect(not hands.panel.choices.covariates, f"another patient has {hands.panel.choices.covariates}")
    hands.give("n_stage", "N3")
    hands.result()
    hands.ui.volumeSelector.setCurrentNode(first)
    hands.settle()
    hands.expect(hands.panel.choices.covariates == _GIVEN, f"the first patient has {hands.panel.choices.covariates}")
    hands.add_case(title="Venous phase")
    _place(hands.volume, "Doe^Jane")
    hands.choose_case()
    hands.settle()
    hands.expect(hands.panel.choices.covariates == _GIVEN, "a second series of the patient has not her factors")
    path = str(hands.folder / "case.mrb")
    hands.expect(slicer.util.saveScene(path), "the scene was not saved")
    hands.clear()
    slicer.util.loadScene(path)
    hands.settle()
    for name, given in (("CT of another", {"n_stage": "N3"}), ("CT", _GIVEN)):
        hands.ui.volumeSelector.setCurrentNode(slicer.util.getNode(name))
        hands.settle()
        hands.expect(hands.panel.choices.covariates == given, f"after reopening, {name} has "
                     f"{hands.panel.choices.covariates}")
    slicer.mrmlScene.RemoveNode(slicer.util.getNode("CT"))
    hands.settle()
    hands.ui.volumeSelector.setCurrentNode(slicer.util.getNode("CT of another"))
    hands.settle()
    hands.expect(hands.panel.choices.covariates == {"n_stage": "N3"}, "a deleted CT has left its factors behind")


def _place(volume: object, patient: str) -> None:
    """Put a volume below a patient of the subject hierarchy, as loading from DICOM does."""
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    owner = tree.GetItemChildWithName(tree.GetSceneItemID(), patient)
    if not owner:
        owner = tree.CreateSubjectItem(tree.GetSceneItemID(), patient)
    tree.SetItemParent(tree.GetItemByDataNode(volume), tree.CreateStudyItem(owner, "Study"))
