"""The bridge between MRML nodes and images: volumes and segments out of a scene, results back into it.

Works alike inside 3D Slicer and on the ``slicer-core`` wheel (MRML without Qt). MRML is RAS; the images returned are
LPS, as SimpleITK has them. Parent transforms are applied; one that is not linear must be hardened first.
"""

from __future__ import annotations

import hashlib
import importlib
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import slicer
import vtk
from vtk.util import numpy_support

from .errors import EmptyVoi, FileError, GeometryMismatch, InvalidImage, PackageMissing, SegmentNotFound
from .files import sha256_file
from .prediction import Prediction
from .prediction.columns import SCALING_COLUMNS, TEXT_COLUMNS, describe, feature_columns
from .voi.grid import Grid, Index, crop, ijk, voxel_box, xyz

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])

#: Largest entry of (direction x its transpose - identity) that rounding of a rigid transform leaves.
_ORTHOGONAL = 1e-4

#: How the transform is called that Slicer's DICOM import gives a volume of uneven slices (DICOMScalarVolumePlugin.py).
_ACQUISITION = "acquisition transform"

#: Attribute of a segmentation node that was loaded from a file: which, and in what state both were.
_LOADED = "RadiomicsPrognosis.Loaded"


def load_scene(path: str | Path) -> vtk.vtkObject:
    """Return the vtkMRMLScene in a .mrb or .mrml file, without an application.

    Raises FileError for a file that is absent, no scene, or holds not exactly one, PackageMissing where this Python
    has no segmentations.
    """
    path = Path(path)
    if not path.is_file():
        raise FileError(f"Scene '{path}' does not exist; check the path.")
    _import_segmentations(path)
    scene = slicer.vtkMRMLScene()
    logic = slicer.vtkSlicerSegmentationsModuleLogic()  # registers the segmentation node classes
    logic.SetMRMLScene(scene)
    if path.suffix.lower() != ".mrb":
        _import_scene(scene, path)
        return scene
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as bundle:
                bundle.extractall(folder)
        except zipfile.BadZipFile:
            raise FileError(f"Scene '{path}' is not a Medical Reality Bundle; save it again from Slicer.") from None
        scenes = sorted(Path(folder).glob("*/*.mrml"))
        if len(scenes) != 1:
            raise FileError(f"Scene '{path}' holds {len(scenes)} scene files, not one; save it again from Slicer.")
        _import_scene(scene, scenes[0])
    return scene


def _import_segmentations(path: Path) -> None:
    """Bring the classes of the module Segmentations into ``slicer``, as the application does while it starts.

    PythonSlicer has only the kits of Slicer's core there, but the libraries of loadable modules are on its path
    (qSlicerScriptedUtils.cxx has their names). Raises PackageMissing where there are none.
    """
    if hasattr(slicer, "vtkSlicerSegmentationsModuleLogic"):
        return
    try:
        libraries = (importlib.import_module("vtkSlicerSegmentationsModuleMRMLPython"),
                     importlib.import_module("vtkSlicerSegmentationsModuleLogicPython"))
    except ImportError:
        raise PackageMissing(f"Scene '{path}' cannot be read: this Python has no segmentations; use one with the "
                             "package slicer-core ('pip install slicer-core'), or save volume and segmentation as "
                             ".nrrd and .seg.nrrd and give them with --image and --mask.") from None
    for library in libraries:
        for name, item in vars(library).items():
            if name.startswith("vtk") and not hasattr(slicer, name):
                setattr(slicer, name, item)


def _import_scene(scene: vtk.vtkObject, path: Path) -> None:
    scene.SetURL(str(path))
    if not scene.Import():
        raise FileError(f"Scene '{path.name}' cannot be read; save it again from Slicer.")


def load_segmentation(scene: vtk.vtkObject, path: Path, name: str) -> vtk.vtkObject:
    """Return a segmentation file as a segmentation node called ``name``.

    That is the node in the scene which was loaded from the file, if neither has changed since. It has no storage node:
    saving the scene would write an edited contour into the file. Raises FileError for a file that is absent or no
    segmentation.
    """
    if not path.is_file():
        raise FileError(f"The contour '{path}' does not exist; check that the study's folder is complete.")
    kind = "vtkMRMLSegmentationNode"
    for number in range(scene.GetNumberOfNodesByClass(kind)):
        present = scene.GetNthNodeByClass(number, kind)
        if present.GetAttribute(_LOADED) == _origin(present, path):
            return present
    storage, node = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode"), scene.AddNewNodeByClass(kind, name)
    storage.SetFileName(str(path))
    is_read = storage.ReadData(node)
    scene.RemoveNode(storage)
    if not is_read:
        scene.RemoveNode(node)
        raise FileError(f"'{path}' is no segmentation that can be read; save it again as .seg.nrrd.")
    node.CreateDefaultDisplayNodes()
    node.SetAttribute(_LOADED, _origin(node, path))
    return node


def _origin(segmentation: vtk.vtkObject, path: Path) -> str:
    """Return what is another text as soon as the file or a voxel of the segmentation loaded from it has changed."""
    images = [segment_labelmap(segmentation, key) for key in _segment_ids(segmentation.GetSegmentation())]
    states = [image.GetMTime() if image is not None else 0 for image in images]
    return hashlib.sha256(f"{path} {sha256_file(path)} {states}".encode()).hexdigest()


def find_node(scene: vtk.vtkObject, class_name: str, name: str | None, what: str) -> vtk.vtkObject:
    """Return the only node of ``class_name`` named ``name`` (any when None); ``what`` is its role in errors.

    Raises FileError with those present.
    """
    nodes = [scene.GetNthNodeByClass(i, class_name) for i in range(scene.GetNumberOfNodesByClass(class_name))]
    # A segmentation's or labelmap's class derives from others: take exactly the class asked for.
    nodes = [node for node in nodes if node.GetClassName() == class_name]
    named = [node for node in nodes if name is None or node.GetName() == name]
    if len(named) == 1:
        return named[0]
    present = ", ".join(f"'{node.GetName()}'" for node in nodes) or "none"
    wanted = f"{what} named '{name}'" if name is not None else f"{what} (give its name)"
    raise FileError(f"The scene has {len(named)} nodes for the {wanted}; present: {present}.")


def volume_image(volume: vtk.vtkObject) -> sitk.Image:
    """Return a scalar volume node as an image in world LPS (mm), its intensities as stored.

    Raises InvalidImage for a node without one value per voxel, GeometryMismatch for a parent transform that is not
    linear or does not keep the axes at right angles.
    """
    voxels, grid = volume_voxels(volume)
    direction = np.array(grid.direction).reshape(3, 3)
    if np.abs(direction @ direction.T - np.eye(3)).max() > _ORTHOGONAL:
        raise GeometryMismatch(f"The transform of volume '{volume.GetName()}' shears or warps its axes; harden it "
                               "(Transforms module) before scoring.")
    return grid.image(voxels)


def volume_voxels(volume: vtk.vtkObject) -> tuple[np.ndarray, Grid]:
    """Return a view (k, j, i) of a scalar volume node's intensities as stored, and its grid in world LPS (mm).

    Raises InvalidImage for a node without one value per voxel, GeometryMismatch for a parent transform not linear.
    """
    data = volume.GetImageData()
    if data is None or data.GetNumberOfPoints() == 0:
        raise InvalidImage(f"Volume '{volume.GetName()}' holds no image; load the CT.")
    if data.GetNumberOfScalarComponents() != 1:
        raise InvalidImage(f"Volume '{volume.GetName()}' has {data.GetNumberOfScalarComponents()} components per "
                           "voxel; choose the CT itself.")
    ijk_to_ras = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(ijk_to_ras)
    return _voxels(data), _grid(data.GetDimensions(), _world_matrix(volume) @ _array(ijk_to_ras))


def segment_id(segmentation: vtk.vtkObject, segment: str) -> str:
    """Return the ID of the segment with ID or name ``segment``. Raises SegmentNotFound with the segments present."""
    container = segmentation.GetSegmentation()
    ids = _segment_ids(container)
    if segment in ids:
        return segment
    named = [key for key in ids if container.GetSegment(key).GetName() == segment]
    if len(named) == 1:
        return named[0]
    problem = f"several segments named '{segment}'; give an ID" if named else f"no segment '{segment}'"
    raise SegmentNotFound(f"Segmentation '{segmentation.GetName()}' has {problem}; present: {_present(container)}.")


def _segment_ids(container: vtk.vtkObject) -> list[str]:
    return list(container.GetSegmentIDs())


def _present(container: vtk.vtkObject) -> str:
    ids = _segment_ids(container)
    return ", ".join(f"'{container.GetSegment(key).GetName()}' ({key})" for key in ids) or "none"


def only_segment_id(segmentation: vtk.vtkObject) -> str:
    """Return the ID of the segmentation's only segment. Raises SegmentNotFound with the segments present."""
    container = segmentation.GetSegmentation()
    ids = _segment_ids(container)
    if len(ids) == 1:
        return ids[0]
    raise SegmentNotFound(f"Segmentation '{segmentation.GetName()}' has {len(ids)} segments; say which: "
                          f"{_present(container)}.")


def segment_mask(segmentation: vtk.vtkObject, segment: str, volume: vtk.vtkObject) -> tuple[sitk.Image, str]:
    """Return ``(mask, name)``: one segment (ID or name) as a 0/1 image in world LPS, the box of its voxels' own grid.

    Only this segment's voxels are in the mask, also when it shares a labelmap with others. A segmentation without
    labelmaps (closed surfaces) is converted on the grid of ``volume``; the node is not changed. Raises SegmentNotFound,
    EmptyVoi or GeometryMismatch.
    """
    key = segment_id(segmentation, segment)
    name = segmentation.GetSegmentation().GetSegment(key).GetName()
    data = slicer.vtkOrientedImageData()
    holder = segmentation if segment_labelmap(segmentation, key) is not None else _converted(segmentation, key, volume)
    # A labelmap may be as large as the CT while the segment is small: all that follows handles its box alone.
    box = None
    if holder.GetBinaryLabelmapRepresentation(key, data) and not data.IsEmpty():
        box = voxel_box(_voxels(data))
    if box is None:
        raise EmptyVoi(f"Segment '{name}' is empty: it has no voxel; draw the contour first.", "contour")
    grid = _labelmap_grid(segmentation, data)
    return grid.cropped(*box).image((crop(_voxels(data), *box) != 0).astype(np.uint8)), name


def segment_voxels(segmentation: vtk.vtkObject, key: str) -> tuple[np.ndarray, Grid] | None:
    """Return the voxels (k, j, i) of the segment ``key`` as booleans, and their grid in world LPS (mm).

    The box is its labelmap's, which other segments may share. None for a segment without labelmap or voxels in it.
    Raises GeometryMismatch for a parent transform that is not linear.
    """
    data = segment_labelmap(segmentation, key)
    if data is None or data.IsEmpty():
        return None
    value = segmentation.GetSegmentation().GetSegment(key).GetLabelValue()
    return _voxels(data) == value, _labelmap_grid(segmentation, data)


def remove_voxels(segmentation: vtk.vtkObject, key: str, start: Index, voxels: np.ndarray) -> None:
    """Take ``voxels`` (boolean, k, j, i; from index ``start`` of the labelmap's box) out of the segment ``key``.

    Other segments of a shared labelmap stay, other representations follow, as after a stroke of the Segment Editor;
    no state for undo is saved.
    """
    data = segment_labelmap(segmentation, key)
    if data is None:
        return
    first = [a + b for a, b in zip(data.GetExtent()[0::2], start, strict=True)]
    last = [a + n - 1 for a, n in zip(first, voxels.shape[::-1], strict=True)]
    modifier, matrix = slicer.vtkOrientedImageData(), vtk.vtkMatrix4x4()
    modifier.SetExtent(first[0], last[0], first[1], last[1], first[2], last[2])
    data.GetImageToWorldMatrix(matrix)
    modifier.SetGeometryFromImageToWorldMatrix(matrix)
    modifier.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    _voxels(modifier)[:] = ~voxels
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    logic.SetBinaryLabelmapToSegment(modifier, segmentation, key, logic.MODE_MERGE_MIN, modifier.GetExtent())


def segment_labelmap(segmentation: vtk.vtkObject, key: str) -> vtk.vtkObject | None:
    """Return the labelmap (vtkOrientedImageData) that holds the segment ``key``, or None."""
    representation = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
    segment = segmentation.GetSegmentation().GetSegment(key)
    return segment.GetRepresentation(representation) if segment is not None else None


def _labelmap_grid(segmentation: vtk.vtkObject, data: vtk.vtkObject) -> Grid:
    image_to_world, start = vtk.vtkMatrix4x4(), np.eye(4)
    data.GetImageToWorldMatrix(image_to_world)
    start[:3, 3] = data.GetExtent()[0::2]
    return _grid(data.GetDimensions(), _world_matrix(segmentation) @ _array(image_to_world) @ start)


def _converted(segmentation: vtk.vtkObject, key: str, volume: vtk.vtkObject) -> vtk.vtkObject:
    """Return a segmentation node outside any scene with one segment's labelmap on the volume's grid."""
    source = segmentation.GetSegmentation()
    copy = slicer.vtkMRMLSegmentationNode()
    copy.SetAndObserveTransformNodeID(None)
    target = copy.GetSegmentation()
    target.SetSourceRepresentationName(source.GetSourceRepresentationName())
    target.CopySegmentFromSegmentation(source, key)
    ijk_to_ras = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(ijk_to_ras)
    # The reference grid is wanted in the segmentation's own coordinates, before its parent transform.
    local = np.linalg.inv(_world_matrix(segmentation)) @ _world_matrix(volume) @ _array(ijk_to_ras)
    reference = slicer.vtkOrientedImageData()
    reference.SetExtent(volume.GetImageData().GetExtent())
    reference.SetImageToWorldMatrix(_matrix(local))
    target.SetConversionParameter(
        slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName(),
        slicer.vtkSegmentationConverter.SerializeImageGeometry(reference))
    if not copy.CreateBinaryLabelmapRepresentation():
        raise EmptyVoi(f"Segment '{source.GetSegment(key).GetName()}' cannot be converted to voxels of volume "
                       f"'{volume.GetName()}'; create its binary labelmap in the Segmentations module.", "conversion")
    return copy


def write_table(scene: vtk.vtkObject, prediction: Prediction, name: str,
                table: vtk.vtkObject | None = None) -> vtk.vtkObject:
    """Write the signature's features into a table node (added to ``scene`` unless given) and return it.

    Columns: signature (where there are several), feature, input, value, unit, coefficient, contribution; with a scaling also its mean, SD and the z-score.
    """
    if table is None:
        table = scene.AddNewNodeByClass("vtkMRMLTableNode", name)
    table.RemoveAllColumns()
    for field in feature_columns(prediction):
        if field in SCALING_COLUMNS and prediction.scaling is None:
            continue
        column = vtk.vtkStringArray() if field in TEXT_COLUMNS else vtk.vtkDoubleArray()
        column.SetName(field)
        for term in prediction.contributions:
            column.InsertNextValue(getattr(term, field))
        table.AddColumn(column)
    table.SetDescription(describe(prediction))
    table.Modified()
    return table


def _world_matrix(node: vtk.vtkObject) -> np.ndarray:
    """Return the 4 x 4 matrix of all parent transforms of ``node``. Raises GeometryMismatch if one is not linear."""
    transform = node.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    matrix = vtk.vtkMatrix4x4()
    if not transform.GetMatrixTransformToWorld(matrix):
        if _ACQUISITION in (transform.GetName() or ""):
            raise GeometryMismatch(f"Slicer's DICOM import gave '{node.GetName()}' the transform "
                                   f"'{transform.GetName()}', because its slices are missing, unevenly spaced or "
                                   "tilted: export the whole series again, or another reconstruction of it.")
        raise GeometryMismatch(f"The transform '{transform.GetName()}' of '{node.GetName()}' is not linear; harden it "
                               "(Transforms module) before scoring.")
    return _array(matrix)


def _grid(size: Index, ijk_to_ras: np.ndarray) -> Grid:
    """Return the grid (LPS) of ``size`` voxels with this 4 x 4 matrix from (i, j, k, 1) to RAS mm."""
    matrix = _RAS_TO_LPS @ ijk_to_ras
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    direction = matrix[:3, :3] / spacing
    return Grid(ijk(size), xyz(spacing), xyz(matrix[:3, 3]), tuple(direction.ravel().tolist()))


def _voxels(data: vtk.vtkObject) -> np.ndarray:
    """Return a view (k, j, i) of an image's scalars."""
    scalars: np.ndarray = numpy_support.vtk_to_numpy(data.GetPointData().GetScalars())
    return scalars.reshape(data.GetDimensions()[::-1])


def _array(matrix: vtk.vtkMatrix4x4) -> np.ndarray:
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _matrix(array: np.ndarray) -> vtk.vtkMatrix4x4:
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(array.ravel().tolist())
    return matrix


# Into a scene, for a reading ------------------------------------------------------------------------------------------


def set_image(volume: vtk.vtkObject, image: sitk.Image) -> None:
    """Give a scalar volume node the voxels and the place of ``image`` (LPS)."""
    voxels = sitk.GetArrayFromImage(image)
    data = vtk.vtkImageData()
    data.SetDimensions(*image.GetSize())
    data.GetPointData().SetScalars(numpy_support.numpy_to_vtk(voxels.ravel(), deep=True))
    volume.SetAndObserveImageData(data)
    volume.SetIJKToRASMatrix(_matrix(_ijk_to_ras(Grid.of(image))))


def add_segment(segmentation: vtk.vtkObject, name: str, mask: sitk.Image, volume: vtk.vtkObject) -> str:
    """Add ``mask`` (0/1, LPS) as a segment, voxel by voxel, to a segmentation drawn on ``volume``; return its ID.

    A mask whose voxels are voxels of the volume gets the volume's own grid, as the Segment Editor makes it.
    """
    own, (_, grid) = Grid.of(mask), volume_voxels(volume)
    offset = own.offset_to(grid)
    start = ijk(offset) if offset is not None else (0, 0, 0)
    data = slicer.vtkOrientedImageData()
    data.SetExtent(*(edge for first, count in zip(start, own.size, strict=True) for edge in (first, first + count - 1)))
    data.SetImageToWorldMatrix(_matrix(_ijk_to_ras(grid if offset is not None else own)))
    data.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    _voxels(data)[:] = sitk.GetArrayViewFromImage(mask) != 0
    segment = slicer.vtkSegment()
    segment.SetName(name)
    segment.AddRepresentation(slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), data)
    container = segmentation.GetSegmentation()
    key: str = container.GenerateUniqueSegmentID(name)
    container.AddSegment(segment, key)
    return key


def _ijk_to_ras(grid: Grid) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = grid.index_to_mm, grid.origin
    return _RAS_TO_LPS @ matrix
