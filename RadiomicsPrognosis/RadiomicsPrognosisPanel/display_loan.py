"""The look of a reader's segment, borrowed for a comparison and given back: also after the scene was saved meanwhile.

What was before is kept in an attribute of the display node itself, which is saved with it: Slicer tells nobody that a
scene is about to be saved, and a saved scene would else keep colours that its owner did not choose.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote, unquote

import numpy as np
import slicer
import vtk

_ATTRIBUTE = "RadiomicsPrognosis.CompareLook"

#: Properties of a segment (as vtkMRMLSegmentationDisplayNode names them) and what each is while borrowed.
_SEGMENT: dict[str, bool | float] = {
    "SegmentVisibility": True, "SegmentVisibility2DFill": False, "SegmentVisibility2DOutline": True,
    "SegmentOpacity2DOutline": 1.0}

#: The same of the whole display node.
_NODE: dict[str, bool | float] = {"Visibility": True, "Visibility2D": True, "Visibility2DOutline": True,
                                  "Opacity2DOutline": 1.0, "Opacity": 1.0}

_THICKNESS, _COLOUR = "SliceIntersectionThickness", "SegmentOverrideColor"


@dataclass(frozen=True)
class BorrowedLook:
    """An outline without fill: the segment, its colour (red, green, blue; 0 - 1), its width in pixels."""

    segment_id: str
    colour: tuple[float, float, float]
    width: int


def borrow(display: vtk.vtkObject, looks: tuple[BorrowedLook, ...]) -> None:
    """Show segments of ``display`` (a segmentation's display node) in these looks, until :func:`give_back`."""
    give_back(display)
    loans = [[name, "", _get(display, name, ""), value] for name, value in _NODE.items()]
    loans.append([_THICKNESS, "", _get(display, _THICKNESS, ""), max(look.width for look in looks)])
    for look in looks:
        key = look.segment_id
        loans += [[name, key, _get(display, name, key), value] for name, value in _SEGMENT.items()]
        loans.append([_COLOUR, key, _get(display, _COLOUR, key), list(look.colour)])
    with slicer.util.NodeModify(display):
        for name, key, _before, value in loans:
            _set(display, name, key, value)
        # Quoted: a scene's file separates attributes by characters that an ID may contain.
        display.SetAttribute(_ATTRIBUTE, quote(json.dumps(loans)))


def give_back(display: vtk.vtkObject) -> None:
    """Restore what was before :func:`borrow`, except what somebody has changed meanwhile."""
    text = display.GetAttribute(_ATTRIBUTE)
    if not text:
        return
    present = _segment_ids(display)
    with slicer.util.NodeModify(display):
        for name, key, before, value in json.loads(unquote(text)):
            # A scene's file has some six digits of a colour.
            if (not key or key in present) and np.allclose(_get(display, name, key), value, atol=1e-4):
                _set(display, name, key, before)
        display.RemoveAttribute(_ATTRIBUTE)


def give_back_all() -> None:
    """Restore every look that is still borrowed, as in a scene that was saved in the midst of a comparison."""
    scene, name = slicer.mrmlScene, "vtkMRMLSegmentationDisplayNode"
    for index in range(scene.GetNumberOfNodesByClass(name)):
        give_back(scene.GetNthNodeByClass(index, name))


def _segment_ids(display: vtk.vtkObject) -> set[str]:
    node = display.GetDisplayableNode()
    return set(node.GetSegmentation().GetSegmentIDs()) if node is not None else set()


def _get(display: vtk.vtkObject, name: str, key: str) -> bool | float | list[float]:
    value = getattr(display, f"Get{name}")(*([key] if key else []))
    return [float(item) for item in value] if name == _COLOUR else value


def _set(display: vtk.vtkObject, name: str, key: str, value: bool | float | list[float]) -> None:
    values = value if isinstance(value, list) else [value]
    if name == _COLOUR and min(values) < 0:
        display.UnsetSegmentOverrideColor(key)
    else:
        getattr(display, f"Set{name}")(*([key] if key else []), *values)
