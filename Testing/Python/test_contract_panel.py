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
CODE = [MAIN, *sorted((MODULE / "RadiomicsPrognosisPanel").glob("*.py"))]
UI = ElementTree.parse(MODULE / "Resources" / "UI" / "RadiomicsPrognosis.ui").getroot()
WIDGETS = {widget.get("name"): widget for widget in UI.iter("widget")}

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
    found = next(node for node in tree.body
                 if isinstance(node, ast.ClassDef) and node.name == "RadiomicsPrognosisParameterNode")
    assert [decorator.id for decorator in found.decorator_list] == ["parameterNodeWrapper"]
    return {item.target.id: ast.unparse(item.annotation) for item in found.body if isinstance(item, ast.AnnAssign)}


def test_every_bound_widget_has_a_parameter_it_can_show() -> None:
    bound = {property_of(widget, "SlicerParameterName"): widget for widget in WIDGETS.values()
             if property_of(widget, "SlicerParameterName")}
    assert set(bound) == {"volume", "secondVolume", "segmentation", "live", "limitPainting", "previewExcluded",
                          "studyCohort", "studyReadings", "studyFolder"}
    for name, widget in bound.items():
        assert parameters()[name] in BINDS[widget.get("class")]
        types = property_of(widget, "nodeTypes")
        assert types is None or types == parameters()[name]


def test_every_widget_that_code_names_is_in_the_ui_file() -> None:
    named = set()
    for _path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (
                    (isinstance(node.value, ast.Attribute) and node.value.attr == "ui")
                    or (isinstance(node.value, ast.Name) and node.value.id == "ui")):
                named.add(node.attr)
    assert named and named <= set(WIDGETS)


def test_every_parameter_that_code_names_is_in_the_parameter_node() -> None:
    own = {"parameterNode", "connectGui", "disconnectGui"}
    for path, tree in trees():
        for node in ast.walk(tree):
            owner = node.value if isinstance(node, ast.Attribute) else None
            if isinstance(owner, ast.Attribute) and owner.attr in ("_node", "_parameterNode") and path.name in (
                    "panel.py", "develop.py", "RadiomicsPrognosis.py"):
                assert node.attr in parameters() or node.attr in own, f"{path.name}: {node.attr}"


def test_names_in_the_ui_file_are_unique_and_connections_exist() -> None:
    names = [widget.get("name") for widget in UI.iter("widget")]
    assert len(names) == len(set(names))
    assert {stop.text for stop in UI.iter("tabstop")} <= set(names)
    receivers = {item.find("receiver").text for item in UI.iter("connection")
                 if item.find("signal").text == "mrmlSceneChanged(vtkMRMLScene*)"
                 and item.find("slot").text == "setMRMLScene(vtkMRMLScene*)"
                 and item.find("sender").text == UI.find("widget").get("name")}
    mrml = {name for name, widget in WIDGETS.items()
            if widget.get("class").startswith("qMRML") and widget is not UI.find("widget")}
    assert UI.find("widget").get("class") == "qMRMLWidget" and receivers == mrml
    known = {item.find("class").text for item in UI.iter("customwidget")}
    assert {widget.get("class") for widget in WIDGETS.values() if not widget.get("class").startswith("Q")} <= known


@pytest.mark.parametrize("name", sorted(name for name in WIDGETS if WIDGETS[name].get("class") not in CONTAINERS))
def test_every_control_has_a_tooltip(name: str) -> None:
    assert property_of(WIDGETS[name], "toolTip")


def test_score_is_on_the_keyboard_and_controls_come_in_reading_order() -> None:
    assert property_of(WIDGETS["scoreButton"], "shortcut") == "Ctrl+Return"
    order = [widget.get("name") for widget in UI.iter("widget")]
    stops = [stop.text for stop in UI.iter("tabstop")]
    above = [name for name in stops if name != "cancelButton"]  # shown only while it is of use
    assert sorted(above, key=order.index) == above
    focused = {"qMRMLNodeComboBox", "QComboBox", "QCheckBox", "QLineEdit", "QPushButton"}
    assert {name for name in WIDGETS if WIDGETS[name].get("class") in focused} == set(stops)


def test_the_module_file_imports_only_what_slicer_has_loaded_anyway() -> None:
    tree = ast.parse(MAIN.read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    assert found <= set(sys.stdlib_module_names) | {"slicer", "vtk", "qt", "ctk"}


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
                assert not any(isinstance(part, ast.Lambda) for part in ast.walk(call)), f"{path.name}:{call.lineno}"
                assert isinstance(call.args[0], ast.Constant) and call.args[0].value.endswith(")"), path.name


def test_what_is_connected_for_good_is_disconnected() -> None:
    """Signals of application-wide objects outlive the panel; those of its own widgets go with them."""
    editor = ast.parse((MODULE / "RadiomicsPrognosisPanel" / "editor.py").read_text(encoding="utf-8"))
    signals = {name: [ast.unparse(call.args[0]) for call in calls(editor, name)] for name in ("connect", "disconnect")}
    assert signals["connect"] == signals["disconnect"] == ["'effectRegistered(QString)'"]


def test_files_and_functions_are_of_a_size_that_can_be_read() -> None:
    for path in [*CODE, *sorted((MODULE / "RadiomicsPrognosisLib" / "panel").glob("*.py")),
                 *sorted((MODULE / "RadiomicsPrognosisLib" / "worker").glob("*.py"))]:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 45, f"{path.name}: {node.name}"
