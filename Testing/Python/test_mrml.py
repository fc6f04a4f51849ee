"""Real MRML without an application: nodes to images, scenes through .mrb files, results back as a table node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

slicer = pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")
vtk = pytest.importorskip("vtk")

from RadiomicsPrognosisLib import mrml  # noqa: E402 - needs the packages above
from RadiomicsPrognosisLib.cli.main import run  # noqa: E402
from RadiomicsPrognosisLib.errors import EmptyVoi, FileError, GeometryMismatch, SegmentNotFound  # noqa: E402
from RadiomicsPrognosisLib.models.store import load_model  # noqa: E402
from RadiomicsPrognosisLib.prediction import Prediction, score_vois  # noqa: E402
from RadiomicsPrognosisLib.voi import Grid, make_voi, read_mask  # noqa: E402

MODEL = load_model("s2_escc_ln_response")


class Scene:
    """A scene with a volume 'CT' and a segmentation 'Contours' of the segments 'Tumour' and 'Node' in one labelmap."""

    def __init__(self, image: sitk.Image, mask: sitk.Image, folder: Path):
        self.image, self.mask = image, mask
        self.node = slicer.vtkMRMLScene()
        self.logic = slicer.vtkSlicerSegmentationsModuleLogic()
        self.logic.SetMRMLScene(self.node)
        self._volumes = slicer.vtkSlicerVolumesLogic()
        self._volumes.SetMRMLScene(self.node)
        self.volume = self._load(image, folder / "CT.nrrd", labels=False)
        labels = sitk.Cast(mask, sitk.sitkUInt8)
        labels[1:4, 1:4, 1:4] = 2
        labelmap = self._load(labels, folder / "labels.nrrd", labels=True)
        self.segmentation = self.node.AddNewNodeByClass("vtkMRMLSegmentationNode", "Contours")
        self.segmentation.SetReferenceImageGeometryParameterFromVolumeNode(self.volume)
        self.logic.ImportLabelmapToSegmentationNode(labelmap, self.segmentation)
        self.node.RemoveNode(labelmap)
        self.tumour, self.other = list(self.segmentation.GetSegmentation().GetSegmentIDs())
        self.segmentation.GetSegmentation().GetSegment(self.tumour).SetName("Tumour")
        self.segmentation.GetSegmentation().GetSegment(self.other).SetName("Node")

    def _load(self, image: sitk.Image, path: Path, labels: bool) -> Any:
        sitk.WriteImage(image, str(path))
        return self._volumes.AddArchetypeVolume(str(path), path.stem, int(labels))

    def transform(self, matrix: np.ndarray) -> Any:
        """Add a linear transform node with a 4 x 4 RAS matrix."""
        values = vtk.vtkMatrix4x4()
        values.DeepCopy(matrix.ravel().tolist())
        node = self.node.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Moved")
        node.SetMatrixTransformToParent(values)
        return node

    def save(self, path: Path) -> Path:
        """Write the scene as .mrb."""
        for node in (self.volume, self.segmentation):
            node.AddDefaultStorageNode()
        assert self.node.WriteToMRB(str(path))
        return path


@pytest.fixture()
def scene(tmp_path: Path) -> Scene:
    image, mask = textured_volume()
    transform = sitk.Euler3DTransform((0, 0, 0), 0.2, -0.1, 0.4)
    for item in (image, mask):
        item.SetDirection(transform.GetMatrix())
    return Scene(image, mask, tmp_path)


def scored(image: sitk.Image, mask: sitk.Image) -> Prediction:
    return score_vois({"image": make_voi(image, mask, MODEL.image_protocol())}, MODEL)


def test_volume_has_the_intensities_and_the_place_of_the_file(scene: Scene) -> None:
    image = mrml.volume_image(scene.volume)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(scene.image))
    assert Grid.of(image).offset_to(Grid.of(scene.image)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("by", ["id", "name"])
def test_one_segment_of_a_shared_labelmap(scene: Scene, by: str) -> None:
    shared = {scene.segmentation.GetBinaryLabelmapInternalRepresentation(key) for key in (scene.tumour, scene.other)}
    assert len(shared) == 1, "the two segments must share a labelmap for this test to mean anything"
    for key, name, voxels in ((scene.tumour, "Tumour", int(sitk.GetArrayFromImage(scene.mask).sum())),
                              (scene.other, "Node", 27)):
        mask, title = mrml.segment_mask(scene.segmentation, key if by == "id" else name, scene.volume)
        assert title == name
        assert int(sitk.GetArrayFromImage(mask).sum()) == voxels


def test_score_from_nodes_equals_score_from_images(scene: Scene) -> None:
    mask, _ = mrml.segment_mask(scene.segmentation, scene.tumour, scene.volume)
    assert scored(mrml.volume_image(scene.volume), mask).score == scored(scene.image, scene.mask).score


def test_a_parent_transform_moves_the_segment_on_the_image(scene: Scene) -> None:
    """A shift by whole voxels along the image's axes moves the mask by those voxels."""
    step = Grid.of(scene.image).index_to_mm @ np.array([2.0, -1.0, 1.0])
    matrix = np.eye(4)
    matrix[:3, 3] = step * (-1, -1, 1)  # LPS to RAS
    scene.segmentation.SetAndObserveTransformNodeID(scene.transform(matrix).GetID())
    mask, _ = mrml.segment_mask(scene.segmentation, scene.tumour, scene.volume)
    voi = make_voi(scene.image, mask, MODEL.image_protocol())
    unmoved = make_voi(scene.image, scene.mask, MODEL.image_protocol())
    assert np.subtract(voi.start, unmoved.start).tolist() == [2, -1, 1]
    np.testing.assert_array_equal(voi.contour, unmoved.contour)
    assert voi.statistics.moved_voxels == 0


def test_moving_volume_and_segment_together_changes_no_score(scene: Scene) -> None:
    reference = scored(scene.image, scene.mask).score
    angle = 0.3
    matrix = np.array([[np.cos(angle), -np.sin(angle), 0, 40], [np.sin(angle), np.cos(angle), 0, -7], [0, 0, 1, 3],
                       [0, 0, 0, 1]])
    transform = scene.transform(matrix)
    for node in (scene.volume, scene.segmentation):
        node.SetAndObserveTransformNodeID(transform.GetID())
    mask, _ = mrml.segment_mask(scene.segmentation, scene.tumour, scene.volume)
    assert scored(mrml.volume_image(scene.volume), mask).score == pytest.approx(reference, rel=1e-9)


def test_transforms_that_must_be_hardened(scene: Scene) -> None:
    shear = np.eye(4)
    shear[0, 1] = 0.2
    scene.volume.SetAndObserveTransformNodeID(scene.transform(shear).GetID())
    with pytest.raises(GeometryMismatch, match="harden"):
        mrml.volume_image(scene.volume)
    warp = scene.node.AddNewNodeByClass("vtkMRMLTransformNode", "Warp")
    warp.SetAndObserveTransformToParent(vtk.vtkThinPlateSplineTransform())
    scene.segmentation.SetAndObserveTransformNodeID(warp.GetID())
    with pytest.raises(GeometryMismatch, match="'Warp' of 'Contours' is not linear; harden"):
        mrml.segment_mask(scene.segmentation, scene.tumour, scene.volume)


def test_a_closed_surface_is_converted_without_changing_the_node(scene: Scene) -> None:
    scene.segmentation.CreateClosedSurfaceRepresentation()
    surface = scene.node.AddNewNodeByClass("vtkMRMLSegmentationNode", "Surface")
    container = surface.GetSegmentation()
    container.SetSourceRepresentationName("Closed surface")
    container.CopySegmentFromSegmentation(scene.segmentation.GetSegmentation(), scene.tumour)
    container.GetSegment(scene.tumour).RemoveRepresentation("Binary labelmap")
    mask, _ = mrml.segment_mask(surface, scene.tumour, scene.volume)
    expected = int(sitk.GetArrayFromImage(scene.mask).sum())
    # The surface is smoothed, so the voxels inside it are nearly, not exactly, those it was made from.
    assert int(sitk.GetArrayFromImage(mask).sum()) == pytest.approx(expected, rel=0.03)
    assert make_voi(scene.image, mask, MODEL.image_protocol()).statistics.moved_voxels == 0
    assert container.GetSegment(scene.tumour).GetRepresentation("Binary labelmap") is None


def test_unknown_and_empty_segments(scene: Scene) -> None:
    with pytest.raises(SegmentNotFound, match=r"no segment 'Liver'; present: 'Tumour' \(.*\), 'Node'"):
        mrml.segment_mask(scene.segmentation, "Liver", scene.volume)
    empty = scene.segmentation.GetSegmentation().AddEmptySegment("", "New")
    with pytest.raises(EmptyVoi, match="Segment 'New' is empty"):
        mrml.segment_mask(scene.segmentation, empty, scene.volume)


def test_round_trip_through_mrb_and_the_command_line(scene: Scene, tmp_path: Path,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    path = scene.save(tmp_path / "case.mrb")
    arguments = ["score", "--image", str(path), "--volume", "CT", "--segmentation", "Contours", "--label", "Tumour",
                 "--model", MODEL.id, "--json"]
    assert run(arguments) == 0
    prediction = json.loads(capsys.readouterr().out)
    assert prediction["score"] == pytest.approx(scored(scene.image, scene.mask).score, rel=1e-9)
    assert prediction["vois"]["image"]["segment"] == "Tumour"


def test_names_that_are_not_in_the_scene(scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scene.save(tmp_path / "case.mrb")
    assert run(["score", "--image", str(path), "--volume", "MR", "--model", MODEL.id]) == 2
    assert "volume named 'MR'; present: 'CT'" in capsys.readouterr().err
    assert run(["score", "--image", str(path), "--model", MODEL.id]) == 2
    assert "has 2 segments; say which" in capsys.readouterr().err
    (tmp_path / "fake.mrb").write_text("no zip")
    with pytest.raises(FileError, match="not a Medical Reality Bundle"):
        mrml.load_scene(tmp_path / "fake.mrb")


#: What PythonSlicer is: Slicer's own libraries without those of the module Segmentations, which may be on the path.
WITHOUT_SEGMENTATIONS = """
import sys, slicer
absent = {name: slicer.__dict__.pop(name) for name in ("vtkSlicerSegmentationsModuleLogic", "vtkMRMLSegmentEditorNode")}
sys.absent = absent
from RadiomicsPrognosisLib.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def score_without_segmentations(path: Path, *libraries: Path) -> subprocess.CompletedProcess[str]:
    """Score the scene at ``path`` without the classes of Segmentations in ``slicer``; ``libraries`` are on its path."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_SEGMENTATIONS, "score", "--image", str(path), "--segmentation", "Contours",
         "--label", "Tumour", "--model", MODEL.id, "--json"], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [
            *map(str, libraries), os.environ.get("PYTHONPATH", "")]))})


def test_a_python_without_segmentations_says_what_to_do(scene: Scene, tmp_path: Path) -> None:
    done = score_without_segmentations(scene.save(tmp_path / "case.mrb"))
    assert done.returncode == 2 and json.loads(done.stdout)["error"]["code"] == "package"
    line, = done.stderr.splitlines()
    assert "case.mrb" in line and "slicer-core" in line and "--mask" in line


def test_segmentations_are_taken_from_the_libraries_of_slicers_modules(scene: Scene, tmp_path: Path) -> None:
    libraries = tmp_path / "qt-loadable-modules"
    libraries.mkdir()
    for kind in ("MRML", "Logic"):
        (libraries / f"vtkSlicerSegmentationsModule{kind}Python.py").write_text("import sys; vars().update(sys.absent)")
    done = score_without_segmentations(scene.save(tmp_path / "case.mrb"), libraries)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["score"] == pytest.approx(scored(scene.image, scene.mask).score, rel=1e-9)


def test_the_prediction_as_a_table_node(scene: Scene) -> None:
    prediction = scored(scene.image, scene.mask)
    table = mrml.write_table(scene.node, prediction, "Rad-score")
    assert scene.node.GetFirstNodeByName("Rad-score") is table
    names = [table.GetColumnName(column) for column in range(table.GetNumberOfColumns())]
    assert names == ["feature", "input", "value", "unit", "coefficient", "contribution"]
    for row, item in enumerate(prediction.contributions):
        assert table.GetCellText(row, 0) == item.feature
        assert table.GetTable().GetValueByName(row, "contribution").ToDouble() == item.contribution
    assert "research use only" in table.GetDescription()
    assert mrml.write_table(scene.node, prediction, "ignored", table).GetNumberOfRows() == len(prediction.contributions)


def test_a_segmentation_file_written_by_slicer_is_read_by_segment_name(scene: Scene, tmp_path: Path) -> None:
    """Slicer's own storage node writes the .seg.nrrd; an overlapping third segment makes it write two layers."""
    container = scene.segmentation.GetSegmentation()
    core = sitk.BinaryErode(scene.mask, (1, 1, 1))
    other = Scene(scene.image, core, tmp_path)  # a second scene lends its segment, which overlaps 'Tumour'
    container.CopySegmentFromSegmentation(other.segmentation.GetSegmentation(), other.tumour)
    container.GetSegment(container.GetNthSegmentID(2)).SetName("Core")
    scene.segmentation.AddDefaultStorageNode()
    storage = scene.segmentation.GetStorageNode()
    path = tmp_path / "contours.seg.nrrd"
    storage.SetFileName(str(path))
    assert storage.WriteData(scene.segmentation)
    for name, expected in (("Tumour", scene.mask), ("Core", core)):
        mask, title = read_mask(path, name)
        assert title == name
        voi = make_voi(scene.image, mask, MODEL.image_protocol(), name)
        assert voi.statistics.moved_voxels == 0
        assert voi.statistics.contoured_voxels == int(sitk.GetArrayFromImage(expected).sum())
        np.testing.assert_array_equal(voi.contour, make_voi(scene.image, expected, MODEL.image_protocol()).contour)
