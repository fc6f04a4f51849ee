"""Score a frame of a 4-D series, browse to another and back: the result follows the frame shown."""

from __future__ import annotations

import numpy as np
import slicer

from .hands import S2, Hands, Skipped


def run(hands: Hands) -> None:
    if not hasattr(slicer.modules, "sequences"):
        raise Skipped("this Slicer has no Sequences module")
    hands.open_module()
    hands.add_case()
    logic, browser = slicer.modules.sequences.logic(), _browser(hands.volume)
    logic.UpdateProxyNodesFromSequences(browser)
    slicer.mrmlScene.RemoveNode(hands.volume)
    hands.volume = browser.GetProxyNode(browser.GetMasterSequenceNode())
    hands.settle()
    hands.choose_case()
    hands.choose(S2)
    first = hands.result()
    browser.SetSelectedItemNumber(1)
    logic.UpdateProxyNodesFromSequences(browser)
    second = hands.result()
    hands.expect(second.score != first.score, "another frame gives the score of the first")
    browser.SetSelectedItemNumber(0)
    logic.UpdateProxyNodesFromSequences(browser)
    hands.expect(hands.result().score == first.score, "the first frame gives another score than before")
    hands.stroke("Erase", hands.edge())
    hands.expect(hands.result().score != first.score, "an edit on the 4-D series does not change the score")


def _browser(volume):
    """Return a browser of a sequence with ``volume`` and a noisier, brighter copy."""
    scene = slicer.mrmlScene
    sequence = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "4-D CT")
    sequence.SetIndexName("time")
    sequence.SetDataNodeAtValue(volume, "0")
    array = slicer.util.arrayFromVolume(volume)
    before = array.copy()
    array[:] += np.random.default_rng(0).normal(25, 40, array.shape).astype(array.dtype)
    slicer.util.arrayFromVolumeModified(volume)
    sequence.SetDataNodeAtValue(volume, "1")
    array[:] = before
    slicer.util.arrayFromVolumeModified(volume)
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    return browser
