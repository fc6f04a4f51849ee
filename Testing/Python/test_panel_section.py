"""A section is a .ui file, a class and a line: an extra one is set up, shown, told of everything and taken away."""

from __future__ import annotations

import ast
import inspect
from itertools import combinations, groupby
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import slicer
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel.panel import SECTIONS, Panel
from RadiomicsPrognosisPanel.section import Host, PanelSection, Place
from test_contract_panel import UIS, accessed, bound, parameters

UI = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0">
 <class>NoteSection</class>
 <widget class="qMRMLWidget" name="NoteSection">
  <layout class="QVBoxLayout" name="noteSectionLayout">
   <item>
    <widget class="ctkCollapsibleButton" name="noteSection">
     <property name="text"><string>Note</string></property>
     <layout class="QVBoxLayout" name="noteLayout">
      <item><widget class="qMRMLNodeComboBox" name="noteVolumeSelector">
       <property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string></stringlist></property>
      </widget></item>
      <item><widget class="QLabel" name="noteLabel"/></item>
      <item><widget class="QPushButton" name="noteButton"/></item>
     </layout>
    </widget>
   </item>
  </layout>
 </widget>
 <customwidgets>
  <customwidget><class>ctkCollapsibleButton</class><extends>QWidget</extends><container>1</container></customwidget>
  <customwidget><class>qMRMLNodeComboBox</class><extends>QWidget</extends></customwidget>
  <customwidget><class>qMRMLWidget</class><extends>QWidget</extends><container>1</container></customwidget>
 </customwidgets>
 <connections>
  <connection>
   <sender>NoteSection</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
   <receiver>noteVolumeSelector</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot>
  </connection>
 </connections>
</ui>
"""


@pytest.fixture
def extra(tmp_path: Path) -> type[PanelSection]:
    """A section of nobody's: its own .ui file and class; ``told`` is what the panel has told it."""
    (tmp_path / "NoteSection.ui").write_text(UI, encoding="utf-8")

    class NoteSection(PanelSection):
        ui_file = str(tmp_path / "NoteSection.ui")
        writes = frozenset({"live"})

        def setup(self) -> None:
            self.told = ["setup"]
            self.ui.noteButton.connect("clicked()", self._on_button)

        def _on_button(self) -> None:
            node = self.node_to_write
            if node is not None:
                node.live = False

        def choices_changing(self) -> None:
            self.told.append("choices_changing")

        def show_choices(self) -> None:
            self.told.append("show_choices")
            self.ui.noteSection.text = self.host.choices.model_id

        def update(self) -> None:
            self.told.append("update")
            shown = self.host.session.shown
            self.ui.noteLabel.text = f"{shown.score:.6f}" if shown else "none"

        def enter(self) -> None:
            self.told.append("enter")

        def exit(self) -> None:
            self.told.append("exit")

        def scene_closing(self) -> None:
            self.told.append("scene_closing")

        def cleanup(self) -> None:
            self.told.append("cleanup")

    return NoteSection


def test_an_extra_section_lives_with_the_panel(bench: PanelBench, extra: type[PanelSection]) -> None:  # noqa: F811
    bench.more_sections = (extra,)
    bench.reopen()
    section = bench.panel.sections[-1]
    assert section.told[:3] == ["setup", "show_choices", "update"] and section.told.count("setup") == 1
    assert section.told[section.told.index("enter") + 1:][:3] == ["choices_changing", "show_choices", "update"]
    assert section.widget.visible and bench.ui.noteSection is section.ui.noteSection
    assert section.ui.noteVolumeSelector.mrmlScene() is slicer.mrmlScene
    section.told.clear()
    first = bench.small_case()
    assert {"choices_changing", "show_choices", "update"} == set(section.told)
    assert section.ui.noteSection.text == S2 and section.ui.noteLabel.text == f"{first.score:.6f}"
    bench.node.modelID, bench.node.scaling = S1, SCALING
    assert bench.result().score != first.score
    assert section.ui.noteSection.text == S1 and section.ui.noteLabel.text == f"{bench.panel.prediction.score:.6f}"
    section.ui.noteButton.click()
    assert not bench.node.live and not bench.ui.liveCheckBox.checked
    section.told.clear()
    slicer.mrmlScene.Clear(0)
    bench.settle()
    assert section.told[0] == "scene_closing" and section.ui.noteLabel.text == "none"
    section.told.clear()
    bench.representation.exit()
    assert section.told == ["exit"]
    bench.representation.enter()
    assert section.told[:2] == ["exit", "enter"]
    bench.close()
    assert section.told[-1] == "cleanup" and section.told.count("cleanup") == 1
    told = list(section.told)
    bench.open()
    process_events(50)
    assert section.told == told


def test_sections_stand_where_they_say_in_the_order_of_the_list(bench: PanelBench, extra: type[PanelSection]) -> None:  # noqa: F811
    places = (Place.CHOICES, Place.RESULT, Place.BELOW)
    standing = [section.place for section in SECTIONS if section.place is not Place.READING]
    assert [place for place, _ in groupby(standing)] == list(places)
    bench.more_sections = (extra, *(type(place.name, (extra,), {"place": place}) for place in places[1:]))
    bench.reopen()
    choices, result, below = ([section.widget for section in bench.panel.sections if section.place is place]
                              for place in places)
    for name, expected in (("choicesContents", [*choices, None]), ("resultFrame", result)):  # None: the spacer
        layout = getattr(bench.ui, name).layout()
        assert [layout.itemAt(index).widget() for index in range(layout.count())] == expected
    layout = bench.ui.RadiomicsPrognosis.layout()
    assert [layout.itemAt(index).widget() for index in range(layout.count())][1:] == below


def test_the_tab_key_goes_through_the_sections_from_top_to_bottom(bench: PanelBench) -> None:  # noqa: F811
    sections = {widget.get("name"): name for name, ui in UIS.items() for widget in ui.iter("widget")}
    order, widget = [], bench.ui.RadiomicsPrognosis.nextInFocusChain()
    while widget is not bench.ui.RadiomicsPrognosis:
        order.append(sections.get(widget.name, "of no section"))
        widget = widget.nextInFocusChain()
    expected = [Path(section.ui_file).stem for section in SECTIONS]
    assert [name for name, _ in groupby(name for name in order if name in expected)] == expected


def test_a_widget_that_is_being_filled_signals_no_choice(bench: PanelBench, extra: type[PanelSection]) -> None:  # noqa: F811
    bench.more_sections = (extra,)
    bench.reopen()
    section = bench.panel.sections[-1]
    with bench.panel.fill():
        section.ui.noteButton.click()
    assert bench.node.live
    bench.panel.set_node(None)
    section.ui.noteButton.click()  # and nothing happens


def test_a_section_without_a_setup_is_refused(bench: PanelBench) -> None:  # noqa: F811
    with pytest.raises(TypeError, match="setup"):
        type("Nothing", (PanelSection,), {"ui_file": "ImageSection.ui"})(bench.panel)


# What sections say of themselves


def code(section: type[PanelSection]) -> ast.Module:
    """Return the syntax tree of a section's file."""
    return ast.parse(Path(inspect.getfile(section)).read_text(encoding="utf-8"))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_a_section_says_which_parameters_it_reads_and_writes(section: type[PanelSection]) -> None:
    items = list(accessed(code(section)))
    written = {item.attr for item in items if isinstance(item.ctx, ast.Store)}
    assert written | set(bound(UIS[Path(section.ui_file).stem])) == section.writes
    assert {item.attr for item in items} - section.writes == section.reads


def test_every_parameter_is_written_by_one_section_or_is_the_panels_result() -> None:
    for first, second in combinations(SECTIONS, 2):
        assert not first.writes & second.writes, (first, second)
    results = {"resultText", "resultTable", "curveTable", "curveSeries", "curveChart"}
    assert frozenset().union(*(section.writes for section in SECTIONS)) | results == set(parameters())


def test_sections_use_of_the_panel_what_their_host_offers() -> None:
    offered = {*Host.__annotations__, *(name for name in vars(Host) if not name.startswith("_"))}
    used = {item.attr for section in SECTIONS for item in ast.walk(code(section)) if isinstance(item, ast.Attribute)
            and isinstance(item.value, ast.Attribute) and item.value.attr == "host"}
    assert used <= offered and {*used, "fill", "filling"} == offered


def test_the_panel_is_a_host(bench: PanelBench) -> None:  # noqa: F811
    for name in {*Host.__annotations__, *(name for name in vars(Host) if not name.startswith("_"))}:
        assert hasattr(bench.panel, name), name
    assert isinstance(bench.panel, Panel)


def test_a_section_knows_no_other_section() -> None:
    for section in SECTIONS:
        imported = [item.module for item in ast.walk(code(section)) if isinstance(item, ast.ImportFrom) and item.level]
        assert not any((name or "").startswith(("sections", "panel")) for name in imported)
        assert all(item.level != 1 for item in ast.walk(code(section)) if isinstance(item, ast.ImportFrom))
