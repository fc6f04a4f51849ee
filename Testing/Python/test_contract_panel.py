"""What Slicer reads without running it must agree: the .ui file, the parameter node, the code that names both."""

from __future__ import annotations

import ast
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

MODULE = Path(__file__).resolve().parents[2] / "RadiomicsPrognosis"
MAIN = MODULE / "RadiomicsPrognosis.py"
CODE = [MAIN, *sorted((MODULE / "RadiomicsPrognosisPanel").rglob("*.py"))]
UIS = {path.stem: ElementTree.parse(path).getroot() for path in sorted((MODULE / "Resources" / "UI").glob("*.ui"))}
WIDGETS = {widget.get("name"): widget for ui in UIS.values() for widget in ui.iter("widget")}

#: Which types each widget can be bound to (Slicer 5.12, parameterNodeWrapper/guiConnectors.py).
BINDS = {
    "QCheckBox": {"bool"}, "ctkCheckBox": {"bool"}, "QPushButton": {"bool"}, "QLineEdit": {"str"},
    "qMRMLNodeComboBox": {"vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode"},
}

#: Widgets that only hold others.
CONTAINERS = {"qMRMLWidget", "QWidget", "QScrollArea"}


def property_of(widget: ElementTree.Element, name: str) -> str | None:
    """Return the text of a property of a widget of the .ui file."""
    for item in widget.findall("property"):
        if item.get("name") == name:
            return "".join(item.itertext()).strip()
    return None


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield each file of the Qt side with its syntax tree."""
    for path in CODE:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of the function or method ``name``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name == getattr(node.func, "attr", getattr(node.func, "id", None)):
            yield node


def parameters() -> dict[str, str]:
    """Return the fields of the parameter node with their types as written."""
    tree = ast.parse(MAIN.read_text(encoding="utf-8"))
    wrapper = next(node for node in tree.body
                   if isinstance(node, ast.ClassDef) and node.name == "RadiomicsPrognosisParameterNode")
    assert [decorator.id for decorator in wrapper.decorator_list] == ["parameterNodeWrapper"]
    return {item.target.id: ast.unparse(item.annotation) for item in wrapper.body if isinstance(item, ast.AnnAssign)}


def bound(ui: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Return the widgets of a .ui file that are bound to a parameter, by its name."""
    widgets = {property_of(widget, "SlicerParameterName"): widget for widget in ui.iter("widget")}
    return {name: widget for name, widget in widgets.items() if name}


def test_every_bound_widget_has_a_parameter_it_can_show() -> None:
    widgets = [item for ui in UIS.values() for item in bound(ui).items()]
    assert sorted(name for name, _ in widgets) == sorted([
        "volume", "secondVolume", "segmentation", "secondSegmentation", "sharedContour", "live", "limitPainting",
        "previewExcluded", "studyCohort", "studyReadings", "studyFolder", "showInViews", "labelAtSegment",
        "compareSegmentationA", "compareSegmentationB", "compareInViews", "compareIn3D"])
    for name, widget in widgets:
        assert parameters()[name] in BINDS[widget.get("class")]
        types = property_of(widget, "nodeTypes")
        assert types is None or types == parameters()[name]


def test_every_widget_that_code_names_is_in_the_ui_file() -> None:
    named = set()
    for _path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (
                    (isinstance(node.value, ast.Attribute) and node.value.attr in ("ui", "_ui"))
                    or (isinstance(node.value, ast.Name) and node.value.id == "ui")):
                named.add(node.attr)
    assert named and named <= set(WIDGETS)


def accessed(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield where code reads or writes an attribute of the parameter node, as sections, panel and module call it."""
    for item in ast.walk(tree):
        owner = item.value if isinstance(item, ast.Attribute) else None
        if (isinstance(owner, ast.Name) and owner.id == "node") or (
                isinstance(owner, ast.Attribute) and owner.attr in ("node", "_parameterNode")):
            yield item


def test_every_parameter_that_code_names_is_in_the_parameter_node() -> None:
    own, count = {"parameterNode", "connectGui", "disconnectGui"}, 0
    for path, tree in trees():
        if path.parent.name == "sections" or path.name == "panel.py":
            for item in accessed(tree):
                assert item.attr in parameters() or item.attr in own, f"{path.name}: {item.attr}"
                count += 1
    assert count > 30


def test_names_in_the_ui_files_are_unique_and_connections_exist() -> None:
    names = [widget.get("name") for ui in UIS.values() for widget in ui.iter("widget")]
    assert len(names) == len(set(names))
    for name, ui in UIS.items():
        widgets = {widget.get("name"): widget.get("class") for widget in ui.iter("widget")}
        root = ui.find("widget")
        assert (root.get("class"), root.get("name")) == ("qMRMLWidget", name)
        assert {stop.text for stop in ui.iter("tabstop")} <= set(widgets)
        receivers = {item.find("receiver").text for item in ui.iter("connection")
                     if item.find("signal").text == "mrmlSceneChanged(vtkMRMLScene*)"
                     and item.find("slot").text == "setMRMLScene(vtkMRMLScene*)"
                     and item.find("sender").text == name}
        assert receivers == {key for key, kind in widgets.items() if kind.startswith("qMRML") and key != name}
        known = {item.find("class").text for item in ui.iter("customwidget")}
        assert {kind for kind in widgets.values() if not kind.startswith("Q")} == known


@pytest.mark.parametrize("name", sorted(name for name in WIDGETS if WIDGETS[name].get("class") not in CONTAINERS))
def test_every_control_has_a_tooltip(name: str) -> None:
    assert property_of(WIDGETS[name], "toolTip")


#: Widgets that speak by what they hold or by nothing of their own.
SILENT = {*CONTAINERS, "QFrame", "QSplitter", "QLabel", "ctkCollapsibleButton"}


@pytest.mark.parametrize("name", sorted(name for name in WIDGETS if WIDGETS[name].get("class") not in SILENT))
def test_every_control_has_a_name_for_a_screen_reader(name: str) -> None:
    """Buttons are read out by their text; what has none needs an accessible name."""
    text = (property_of(WIDGETS[name], "text") or "").strip("… .")
    assert text or property_of(WIDGETS[name], "accessibleName")


def test_no_button_has_a_shortcut_of_its_own() -> None:
    """Two shortcuts of the same keys in one window are ambiguous, and neither is heard: see shortcut.py."""
    assert not [name for name, widget in WIDGETS.items() if property_of(widget, "shortcut")]


def test_controls_come_in_reading_order_on_the_keyboard() -> None:
    focused = {"qMRMLNodeComboBox", "QComboBox", "QCheckBox", "QLineEdit", "QPushButton", "QToolButton", "QTabWidget"}
    for ui in UIS.values():
        order = [widget.get("name") for widget in ui.iter("widget")]
        stops = [stop.text for stop in ui.iter("tabstop")]
        above = [name for name in stops if name != "cancelButton"]  # shown only while it is of use
        assert sorted(above, key=order.index) == above
        assert {name for name in order if WIDGETS[name].get("class") in focused
                or property_of(WIDGETS[name], "focusPolicy") == "Qt::StrongFocus"} == set(stops)


def test_the_module_file_imports_only_what_slicer_has_loaded_anyway() -> None:
    tree = ast.parse(MAIN.read_text(encoding="utf-8"))
    imported = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.partition(".")[0])
    assert imported <= set(sys.stdlib_module_names) | {"slicer", "vtk", "qt", "ctk"}


def test_the_module_file_does_nothing_when_it_is_imported() -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
    body = ast.parse(MAIN.read_text(encoding="utf-8")).body
    assert all(isinstance(node, allowed) for node in body[1:]) and isinstance(body[0], ast.Expr)
    assert [node.name for node in body if isinstance(node, ast.ClassDef)] == [
        "RadiomicsPrognosis", "RadiomicsPrognosisParameterNode", "RadiomicsPrognosisWidget",
        "RadiomicsPrognosisLogic", "RadiomicsPrognosisTest"]


def test_the_module_file_is_thin() -> None:
    assert len(MAIN.read_text(encoding="utf-8").splitlines()) < 400


def test_texts_to_translate_are_literals() -> None:
    count = 0
    for path, tree in trees():
        for call in calls(tree, "_"):
            assert len(call.args) == 1 and isinstance(call.args[0], ast.Constant), f"{path.name}:{call.lineno}"
            assert isinstance(call.args[0].value, str)
            count += 1
    assert count > 50


def test_texts_set_on_widgets_are_translated() -> None:
    """No literal English reaches a widget's text, tooltip or dialog without passing through ``_``."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(
                    node.value.value, str) and node.value.value:
                shown = [target for target in node.targets if isinstance(target, ast.Attribute)
                         and target.attr in ("text", "toolTip", "title", "specialValueText", "suffix")]
                assert not shown, f"{path.name}:{node.lineno}"


def test_nothing_is_used_that_pythonqt_or_qt_6_cannot_do() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("Signal", "Slot", "QThread", "QTextCodec", "exec_", "QRegExp"), path.name
        for name in ("connect", "disconnect"):
            for call in calls(tree, name):  # a lambda would keep the panel alive after it is closed
                assert not any(isinstance(item, ast.Lambda) for item in ast.walk(call)), f"{path.name}:{call.lineno}"
                assert isinstance(call.args[0], ast.Constant) and call.args[0].value.endswith(")"), path.name


def test_timers_go_with_a_widget() -> None:
    """What is connected to a timer stays in memory with it; a reloaded panel's timers must not outlive its widgets."""
    timers = [(path, call) for path, tree in trees() for call in calls(tree, "QTimer")]
    assert timers
    for path, call in timers:
        assert call.args, f"{path.name}:{call.lineno}"


def test_what_is_connected_for_good_is_disconnected() -> None:
    """Signals of application-wide objects outlive the panel; those of its own widgets go with them."""
    editor = ast.parse((MODULE / "RadiomicsPrognosisPanel" / "editor.py").read_text(encoding="utf-8"))
    signals = {name: [ast.unparse(call.args[0]) for call in calls(editor, name)] for name in ("connect", "disconnect")}
    assert signals["connect"] == signals["disconnect"] == ["'effectRegistered(QString)'"]


def test_files_and_functions_are_of_a_size_that_can_be_read() -> None:
    for path in [*CODE, *sorted((MODULE / "RadiomicsPrognosisLib" / "presenter").glob("*.py")),
                 *sorted((MODULE / "RadiomicsPrognosisLib" / "worker").glob("*.py"))]:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 45, f"{path.name}: {node.name}"
