"""The VOI's surface in space, rendered by VTK without a window, with direction letters and a scale bar."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import PackageMissing
from ..voi.voi import Voi
from .slices import scale_bar_mm
from .theme import LIGHT, Theme, new_figure, style

if TYPE_CHECKING:
    import vtk

#: Direction (LPS) from which the surface is seen: from the front, the patient's left and above.
_EYE = np.array([0.55, -1.0, 0.45])

_PIXELS = 900

#: Half the picture, in half extents of the surface.
_MARGIN = 1.35

#: Window classes of VTK from this version on fall back to rendering without a display.
_HEADLESS_VTK = (9, 4)


def draw_surface(voi: Voi, theme: Theme = LIGHT, width_cm: float = 7.5) -> Figure:
    """Return the smoothed surface of the kept voxels, inside the contour's as a transparent shell where they differ.

    Parallel projection, so that the scale bar holds everywhere. Raises PackageMissing without VTK or OpenGL.
    """
    picture, mm_per_pixel = render(voi, theme)
    side = picture.shape[0]
    with style(theme):
        figure = new_figure(width_cm, width_cm, theme)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.imshow(picture, extent=(0, side, side, 0), interpolation="none")
        axes.axis("off")
        _directions(axes, side, theme)
        length = scale_bar_mm(side * mm_per_pixel)
        x, y = 0.95 * side, 0.95 * side
        axes.plot([x - length / mm_per_pixel, x], [y, y], color=theme.ink, linewidth=2.2, solid_capstyle="butt")
        axes.text(x, y - 0.015 * side, f"{length} mm", ha="right", va="bottom", fontsize=8)
        axes.set_xlim(0, side)
        axes.set_ylim(side, 0)
    return figure


def render(voi: Voi, theme: Theme = LIGHT, pixels: int = _PIXELS) -> tuple[np.ndarray, float]:
    """Return the rendering, 8-bit RGBA (pixels, pixels, 4), and the mm that a pixel shows. Raises PackageMissing."""
    vtk = _vtk()
    renderer = vtk.vtkRenderer()
    renderer.SetBackground(*_rgb(theme.background))
    renderer.SetBackgroundAlpha(0.0)
    shell = _surface(vtk, voi, voi.contour)
    if voi.statistics.kept_voxels < voi.statistics.contoured_voxels:
        renderer.AddActor(_actor(vtk, shell, theme.muted, 0.25))
    renderer.AddActor(_actor(vtk, _surface(vtk, voi, voi.kept), theme.patient, 1.0))
    mm_per_pixel = _look(renderer, vtk.util.numpy_support.vtk_to_numpy(shell.GetPoints().GetData()), pixels)
    with _quiet(vtk):
        window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(True)
    # Depth peeling, for the transparent shell, wants alpha bits and no multisampling; FXAA smooths the edges instead.
    window.SetAlphaBitPlanes(True)
    window.SetMultiSamples(0)
    window.SetSize(pixels, pixels)
    window.AddRenderer(renderer)
    renderer.SetUseDepthPeeling(True)
    renderer.SetUseFXAA(True)
    try:
        with _quiet(vtk):
            window.Render()
        if not window.SupportsOpenGL():
            raise PackageMissing("The 3-D picture needs OpenGL, which this machine does not offer.")
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(window)
        grab.SetInputBufferTypeToRGBA()
        grab.ReadFrontBufferOff()
        grab.Update()
        values = vtk.util.numpy_support.vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
        picture = values.reshape(pixels, pixels, 4)[::-1].copy()
    finally:
        window.Finalize()
    return picture, mm_per_pixel


@contextlib.contextmanager
def _quiet(vtk: ModuleType) -> Iterator[None]:
    """Keep VTK from reporting that there is no X server before it takes another way to OpenGL."""
    shown = vtk.vtkObject.GetGlobalWarningDisplay()
    vtk.vtkObject.SetGlobalWarningDisplay(0)
    try:
        yield
    finally:
        vtk.vtkObject.SetGlobalWarningDisplay(shown)


def _vtk() -> ModuleType:
    """Return VTK. Raises PackageMissing where it is absent, or would end the process for want of a display."""
    try:
        import vtk
        import vtk.util.numpy_support
    except ImportError:
        raise PackageMissing("The 3-D picture needs VTK (part of 3D Slicer; elsewhere 'pip install vtk').") from None
    version = vtk.vtkVersion.GetVTKMajorVersion(), vtk.vtkVersion.GetVTKMinorVersion()
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not display and version < _HEADLESS_VTK:
        raise PackageMissing(f"The 3-D picture needs a display with VTK {version[0]}.{version[1]}; VTK 9.4 and newer "
                             "render without one.")
    if sys.platform.startswith("linux") and not display and not _renders_without_display():
        raise PackageMissing("The 3-D picture needs a display or OpenGL libraries (Debian: apt-get install libegl1 "
                             "libgl1-mesa-dri).")
    return sys.modules["vtk"]


@functools.cache
def _renders_without_display() -> bool:
    """Try it in a process of its own: with no OpenGL library at all, VTK ends the process that makes a window."""
    program = ("import vtk; window = vtk.vtkRenderWindow(); window.SetOffScreenRendering(True); window.Render(); "
               "raise SystemExit(not window.SupportsOpenGL())")
    try:
        return subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _surface(vtk: ModuleType, voi: Voi, mask: np.ndarray) -> vtk.vtkPolyData:
    """Return the smoothed surface of a mask's voxels in LPS mm."""
    padded = np.pad(mask, 1).astype(np.uint8)
    image = vtk.vtkImageData()
    image.SetDimensions(padded.shape[::-1])
    image.SetSpacing(voi.grid.spacing)
    origin = voi.grid.position(np.array([voi.start]) - 1)[0]
    image.SetOrigin(origin)
    image.SetDirectionMatrix(voi.grid.direction)
    image.GetPointData().SetScalars(vtk.util.numpy_support.numpy_to_vtk(padded.ravel(), deep=True))
    edges = vtk.vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    smooth = vtk.vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(edges.GetOutputPort())
    smooth.SetNumberOfIterations(40)
    smooth.SetPassBand(0.02)
    smooth.NormalizeCoordinatesOn()
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    normals.Update()
    return normals.GetOutput()


def _actor(vtk: ModuleType, surface: vtk.vtkPolyData, colour: str, opacity: float) -> vtk.vtkActor:
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputData(surface)
    mapper.ScalarVisibilityOff()
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    shine = actor.GetProperty()
    shine.SetColor(*_rgb(colour))
    shine.SetOpacity(opacity)
    shine.SetAmbient(0.15)
    shine.SetSpecular(0.15)
    return actor


def _view() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the unit vectors (LPS) towards the viewer, to the right of the picture, and up in it."""
    eye = _EYE / np.linalg.norm(_EYE)
    right = np.cross([0.0, 0.0, 1.0], eye)
    right /= np.linalg.norm(right)
    return eye, right, np.cross(eye, right)


def _look(renderer: vtk.vtkRenderer, points: np.ndarray, pixels: int) -> float:
    """Aim the camera at all of ``points`` (n, 3, mm) and return the mm that a pixel shows."""
    eye, right, up = _view()
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    half = float(np.abs((points - centre) @ np.array([right, up]).T).max())
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    camera.SetFocalPoint(centre)
    camera.SetPosition(centre + eye * 10 * half)
    camera.SetViewUp(0, 0, 1)
    # Half the height in mm; the margin leaves room for letters and scale bar.
    camera.SetParallelScale(_MARGIN * half)
    renderer.ResetCameraClippingRange()
    return 2 * _MARGIN * half / pixels


def _directions(axes: Axes, side: float, theme: Theme) -> None:
    """Draw the patient's left, anterior and superior direction as arrows in the lower left corner."""
    _, right, up = _view()
    x, y, length = 0.14 * side, 0.88 * side, 0.1 * side
    for letter, direction in (("L", (1, 0, 0)), ("A", (0, -1, 0)), ("S", (0, 0, 1))):
        step = length * np.array([np.dot(right, direction), -np.dot(up, direction)])
        arrow = {"arrowstyle": "-|>", "color": theme.ink, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (x + step[0], y + step[1]), (x, y), arrowprops=arrow)
        axes.text(x + 1.35 * step[0], y + 1.35 * step[1], letter, ha="center", va="center", fontsize=8.5,
                  fontweight="bold")


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255
