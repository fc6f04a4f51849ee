"""Draw and look at the slices: each view has the answer, which follows contour and slice and leaves with the panel."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util import numpy_support

from . import mouse
from .hands import S1, Hands

#: The views of the conventional layout, and what DataProbe may have written into each of their corners.
_VIEWS, _CORNERS = ("Red", "Green", "Yellow"), range(4)

#: Red, green and blue of an answer to another contour.
_GREY = [0x5A] * 3


def run(hands: Hands) -> None:
    hands.open_module()
    empty = {name: len(_props(name)) for name in _VIEWS}
    hands.start(model=S1)
    hands.leave()
    hands.expect(_more(empty) == [0, 0, 0], "the answer is in the views of another module")
    written = _written()
    hands.come_back()
    hands.result()
    hands.expect(_more(empty) == [1, 1, 1], "the answer is not in every slice view")
    hands.expect(_written() == written, "Slicer's own corner texts were changed")
    _look_at_pixels(hands)
    _label(hands, empty)
    _draw(hands)
    _switch_off(hands, empty)
    hands.clear()
    hands.expect(_more(empty) == [0, 0, 0], "the answer outlives its scene")


def _label(hands: Hands, empty: dict[str, int]) -> None:
    """Switch the label at the segment on, and scroll away from the segment and back."""
    centre = hands.centre()
    mouse.show_plane(centre)
    hands.ui.labelAtSegmentCheckBox.click()
    hands.look()
    hands.expect(_more(empty) == [2, 2, 2], "there is no label beside the contour")
    node = mouse.slice_widget("Red").mrmlSliceNode()
    x, _y = mouse.position("Red", hands.edge(-1))  # in the axial view the patient's left is at the right
    hands.expect(_boxes("Red")[1][0] > x, "the label is not at the right of the contour")
    with hands.time("slice moved, label follows"):
        node.SetSliceOffset(node.GetSliceOffset() + 200)
        slicer.app.processEvents()
    hands.expect(_more(empty) == [1, 2, 2], "the label is in a slice that misses the segment")
    mouse.show_plane(centre)
    hands.look()
    hands.expect(_more(empty) == [2, 2, 2], "the label did not come back with its slice")


def _draw(hands: Hands) -> None:
    """Erase, with Live on and off: the answer changes with the contour, or shows that it is an old one."""
    first = _picture("Red")
    hands.stroke("Erase", hands.edge())
    hands.result()
    hands.look()
    hands.expect(not np.array_equal(_picture("Red"), first), "the answer in the view did not follow the contour")
    hands.ui.liveCheckBox.click()
    hands.stroke("Erase", hands.edge())
    hands.settle()
    old = _picture("Red")
    hands.expect(old[-2, 1, :3].tolist() == _GREY, "an answer to another contour is not grey")
    hands.ui.liveCheckBox.click()
    hands.result()
    hands.look()
    current = _picture("Red")
    hands.expect(not np.array_equal(current, old), "the answer to this contour looks like that to another")
    is_grey, is_doubtful = current[-2, 1, :3].tolist() == _GREY, bool(hands.ui.cautionLabel.text)
    hands.expect(is_grey == is_doubtful, "an answer to this contour is grey where, and only where, it is in question")
    hands.activate("")


def _switch_off(hands: Hands, empty: dict[str, int]) -> None:
    """Switch the block and the label off and on again."""
    hands.ui.showInViewsCheckBox.click()
    hands.look()
    hands.expect(_more(empty) == [1, 1, 1], "the block is shown although it is switched off")
    hands.ui.labelAtSegmentCheckBox.click()
    hands.look()
    hands.expect(_more(empty) == [0, 0, 0], "the label is shown although it is switched off")
    hands.ui.showInViewsCheckBox.click()
    hands.look()
    hands.expect(_more(empty) == [1, 1, 1], "the block did not come back")


def _look_at_pixels(hands: Hands) -> None:
    """Compare the picture with what the view really draws there; not where views draw nothing, as on the stand-in."""
    view = mouse.slice_widget("Red").sliceView()
    if not isinstance(view.renderWindow(), vtk.vtkRenderWindow):
        return
    view.forceRender()
    window, shot = view.renderWindow(), vtk.vtkWindowToImageFilter()
    shot.SetInput(window)
    shot.ReadFrontBufferOff()
    shot.ShouldRerenderOff()
    shot.Update()
    data = shot.GetOutput()
    width, height, _depth = data.GetDimensions()
    drawn = numpy_support.vtk_to_numpy(data.GetPointData().GetScalars()).reshape(height, width, -1)
    left, _bottom, right, top = _boxes("Red")[0]
    hands.expect(right <= width and top <= height, f"the block ends at {right}, {top} of a view of {width} x {height}")
    head = drawn[top - 2, left + 1, :3].astype(int)
    expected = _picture("Red")[-2, 1, :3].astype(int)
    hands.expect(np.abs(head - expected).max() <= 2, f"the block's head is drawn as {head}, not as {expected}")


def _props(name: str) -> list:
    """Return what is in the overlay renderer of a view, the first of layer 1."""
    renderers = mouse.slice_widget(name).sliceView().renderWindow().GetRenderers()
    layers = [renderers.GetItemAsObject(index) for index in range(renderers.GetNumberOfItems())]
    items = next(item for item in layers if item.GetLayer() == 1).GetViewProps()
    return [items.GetItemAsObject(index) for index in range(items.GetNumberOfItems())]


def _more(empty: dict[str, int]) -> list[int]:
    """Return how many props each view has more than before."""
    return [len(_props(name)) - empty[name] for name in _VIEWS]


def _answers(name: str) -> list:
    """Return the props of a view that are pictures: the block, then the label."""
    return [item for item in _props(name) if isinstance(item, vtk.vtkActor2D)
            and isinstance(item.GetMapper(), vtk.vtkImageMapper)]


def _boxes(name: str) -> list[tuple[int, int, int, int]]:
    """Return left, bottom, right and top of each picture."""
    sizes = [(item.GetPosition(), item.GetMapper().GetInput().GetDimensions()) for item in _answers(name)]
    return [(round(x), round(y), round(x) + wide, round(y) + high) for (x, y), (wide, high, _depth) in sizes]


def _picture(name: str) -> np.ndarray:
    """Return the pixels of the block (row from the bottom, column, RGBA)."""
    data = _answers(name)[0].GetMapper().GetInput()
    width, height, _depth = data.GetDimensions()
    return numpy_support.vtk_to_numpy(data.GetPointData().GetScalars()).reshape(height, width, 4).copy()


def _written() -> list[list[str]]:
    """Return the texts in the corners of the views."""
    texts = [mouse.slice_widget(name).sliceView().cornerAnnotation() for name in _VIEWS]
    return [[item.GetText(corner) or "" for corner in _CORNERS] for item in texts]
