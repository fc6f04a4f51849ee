# ruff: noqa: F811 - the fixture `scene` is imported
"""The stand-in's Qt keeps PythonQt's manners, its widgets show what Slicer's show, and it refuses what Slicer lacks.

What is expected was read in the sources that slicer_standin/README.md names (PythonQt, CTK, Slicer).
"""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
from slicer_standin import calls, offer_extensions_manager, set_testing
from slicer_standin.testing import ctk, failing_on_errors, grab, process_events, qt, scene, slicer  # noqa: F401

UI = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0">
 <class>Panel</class>
 <widget class="qMRMLWidget" name="Panel">
  <layout class="QVBoxLayout" name="panelLayout">
   <property name="spacing"><number>3</number></property>
   <item><widget class="ctkCollapsibleButton" name="section">
     <property name="text"><string>Image</string></property>
     <layout class="QFormLayout" name="form">
      <item row="0" column="0"><widget class="QLabel" name="volumeLabel">
        <property name="text"><string>&amp;CT:</string></property>
        <property name="toolTip"><string>the image</string></property>
        <property name="buddy"><cstring>volumeSelector</cstring></property></widget></item>
      <item row="0" column="1"><widget class="qMRMLNodeComboBox" name="volumeSelector">
        <property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string></stringlist></property>
        <property name="noneEnabled"><bool>true</bool></property>
        <property name="SlicerParameterName" stdset="0"><string>volume</string></property></widget></item>
      <item row="1" column="1"><widget class="QCheckBox" name="liveCheckBox"/></item>
      <item row="2" column="1"><widget class="QPushButton" name="scoreButton"/></item>
     </layout></widget></item>
  </layout>
 </widget>
 <tabstops><tabstop>scoreButton</tabstop><tabstop>liveCheckBox</tabstop></tabstops>
 <connections><connection>
   <sender>Panel</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
   <receiver>volumeSelector</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot>
 </connection></connections>
</ui>
"""


@pytest.fixture
def label(scene) -> qt.QLabel:
    return qt.QLabel("before")


def test_properties_are_attributes_and_shadow_getters(label) -> None:
    label.text = "after"
    label.name = "someLabel"
    assert (label.text, label.objectName, label.enabled, label.isEnabled()) == ("after", "someLabel", True, True)
    label.setText("by slot")
    assert label.text == "by slot"
    with pytest.raises(TypeError, match="'str' object is not callable"):
        label.text()


@pytest.mark.parametrize(("statement", "message"), [
    ("label.txt = 'typo'", "'txt' does not exist on QLabel"),
    ("label.txt", "QLabel has no attribute named 'txt'"),
    ("label.setTextt('typo')", "setTextt"),
    ("label.setText = None", "Slot 'setText' can not be overwritten"),
    ("label.linkActivated = None", "Signal 'linkActivated' can not be overwritten"),
    ("label.width = 10", "is not writable"),
    ("label.enabled = 'yes'", "does not accept an object of type str"),
    ("label.enabled = slicer.mrmlScene", "does not accept an object of type vtkMRMLScene"),
    ("label.text = 3.5", "does not accept an object of type float"),
    ("label.text = None", "does not accept an object of type NoneType"),
    ("qt.QColor('red').foo = 1", "'foo' does not exist on QColor"),
])
def test_unknown_names_and_wrong_types_are_refused(label, statement: str, message: str) -> None:
    with pytest.raises(AttributeError, match=message):
        exec(statement, {"label": label, "qt": qt, "slicer": slicer})


@pytest.mark.parametrize("expression", [
    "qt.QThread", "qt.Signal", "qt.Slot", "qt.Property", "qt.QTextCodec", "qt.QLabell", "ctk.ctkLabel", "qt.QtCore",
    "slicer.qMRMLNodeCombobox", "slicer.modules.nosuchmodule", "slicer.app.noSuchName", "slicer.packaging.pip_ensur",
    "qt.QCheckBox().checkStateChanged", "qt.QFormLayout().setRowVisible", "qt.QShortcut.setKeys",
    # CTK and MRML widgets show properties, slots, signals and Q_INVOKABLE methods only.
    "ctk.ctkCollapsibleButton().setCollapsed", "slicer.qMRMLNodeComboBox().setNodeTypes",
    "slicer.qMRMLNodeComboBox().addItem", "slicer.qMRMLNodeComboBox().setNoneEnabled",
    "slicer.qMRMLSegmentEditorWidget().segmentEditorNode",
    # Slicer has these; the stand-in says so rather than give something without function.
    "slicer.qMRMLSegmentSelectorWidget", "ctk.ctkCollapsibleGroupBox", "slicer.packaging.pip_install",
    "slicer.app.restart",
])
def test_names_that_slicer_does_not_have_are_refused(scene, expression: str) -> None:
    with pytest.raises(AttributeError):
        eval(expression, {"qt": qt, "ctk": ctk, "slicer": slicer})


def test_python_subclasses_may_have_attributes_and_override(scene, tmp_path: Path) -> None:
    class Canvas(qt.QWidget):
        def __init__(self) -> None:
            qt.QWidget.__init__(self)
            self.painted = 0

        def paintEvent(self, _event) -> None:
            self.painted += self.width

    canvas = Canvas()
    grab(canvas, tmp_path / "canvas.png", 30, 20)
    assert canvas.painted >= 30


def test_enums_compare_with_the_ints_of_signals(scene) -> None:
    states, box = [], qt.QCheckBox()
    box.setTristate(True)
    box.connect("stateChanged(int)", lambda state: states.append(state == qt.Qt.PartiallyChecked))
    box.setCheckState(qt.Qt.PartiallyChecked)
    assert states == [True]
    assert qt.Qt.AlignRight | qt.Qt.AlignTop == 0x22


def test_signals_are_connected_by_signature_and_by_attribute(scene) -> None:
    heard, button = [], qt.QPushButton("x")
    button.checkable = True

    def one(checked):
        heard.append(("one", checked))

    def none():
        heard.append("none")

    button.connect("clicked(bool)", one)
    button.connect("clicked()", none)
    button.clicked.connect(none)  # PythonQt drops arguments that the callable does not take
    button.click()
    assert heard == [("one", True), "none", "none"]
    assert button.disconnect("clicked(bool)", one) and button.clicked.disconnect(none)
    assert not button.disconnect("clicked(bool)", one)
    heard.clear()
    button.click()
    assert heard == ["none"]
    button.clicked.emit(True)
    assert heard == ["none", "none"]


@pytest.mark.parametrize(("make", "signal"), [
    (qt.QPushButton, "clickd()"), (qt.QPushButton, "clicked(QString)"), (qt.QComboBox, "currentIndexChanged(QString)"),
    (qt.QCheckBox, "checkStateChanged(Qt::CheckState)"),
    (slicer.qMRMLNodeComboBox, "currentNodeChanged(vtkMRMLScene*)"),
    (slicer.qMRMLNodeComboBox, "currentNodeChanged(PyObject)"), (qt.QLabel, "setText(QString)"),
])
def test_unknown_signatures_are_refused(scene, make, signal: str) -> None:
    widget = make()
    for action in (widget.connect, widget.disconnect):
        with pytest.raises(ValueError, match="does not exist on"):
            action(signal, print)


def test_a_signal_can_be_connected_to_a_slot_by_signature(scene) -> None:
    slider, box, label = qt.QSlider(), qt.QSpinBox(), qt.QLabel("before")
    slider.connect("valueChanged(int)", box, "setValue(int)")
    slider.value = 7
    assert box.value == 7
    for slot in ("setNumber(int)", "setValu(int)", "setValue(QString)"):
        with pytest.raises(ValueError, match="does not exist on"):
            slider.connect("valueChanged(int)", box, slot)
    with pytest.raises(ValueError, match="does not exist on"):
        slider.connect("valueChanged(int)", label, "setMargin(int)")  # a method, but not a slot


def test_a_connection_keeps_its_receiver_alive_until_it_is_undone(scene) -> None:
    class Receiver:
        def hear(self) -> None:
            pass

    button, receiver = qt.QPushButton("x"), Receiver()
    reference = weakref.ref(receiver)
    button.clicked.connect(receiver.hear)
    del receiver
    gc.collect()
    assert reference() is not None
    button.clicked.disconnect(reference().hear)
    gc.collect()
    assert reference() is None


def test_timers_run_in_the_event_loop(scene) -> None:
    ticks, timer = [], qt.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(1)
    timer.connect("timeout()", lambda: ticks.append("timer"))
    timer.start()
    qt.QTimer.singleShot(0, lambda: ticks.append("static"))
    assert process_events(2000, lambda: len(ticks) == 2)
    assert not timer.active


@pytest.mark.parametrize("provoke", [lambda button, node: button.click(), lambda button, node: node.Modified()])
def test_an_error_in_a_slot_or_an_observer_fails_the_test(provoke) -> None:
    button, node = qt.QPushButton("x"), slicer.vtkMRMLTextNode()
    button.clicked.connect(lambda: 1 / 0)
    node.AddObserver("ModifiedEvent", lambda caller, event: 1 / 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"), failing_on_errors():
        provoke(button, node)


def test_file_dialogs_return_the_path_alone(scene) -> None:
    def cancel() -> None:
        for widget in slicer.app.topLevelWidgets():
            if isinstance(widget, qt.QFileDialog):
                widget.reject()

    qt.QTimer.singleShot(0, cancel)
    assert qt.QFileDialog.getSaveFileName(None, "Save", "table.csv", "Table (*.csv)") == ""


def test_load_ui_makes_the_widgets_properties_and_connections(scene, tmp_path: Path) -> None:
    file = tmp_path / "panel.ui"
    file.write_text(UI, encoding="utf-8")
    root = slicer.util.loadUI(str(file))
    ui = slicer.util.childWidgetVariables(root)
    assert type(root) is slicer.qMRMLWidget and type(ui.section) is ctk.ctkCollapsibleButton
    assert (ui.section.text, ui.volumeLabel.toolTip, ui.volumeSelector.noneEnabled) == ("Image", "the image", True)
    assert ui.volumeSelector.nodeTypes == ("vtkMRMLScalarVolumeNode",)
    assert ui.volumeSelector.property("SlicerParameterName") == "volume"
    assert ui.volumeLabel.buddy() is ui.volumeSelector
    assert ui.scoreButton.nextInFocusChain() is ui.liveCheckBox
    assert root.layout().spacing == 3
    root.setMRMLScene(scene)
    assert ui.volumeSelector.mrmlScene() is scene
    with pytest.raises(AttributeError):
        root.liveCheckBox  # noqa: B018


@pytest.mark.parametrize(("before", "after", "message"), [
    ('class="QCheckBox"', 'class="QCheckbox"', "QCheckbox"),
    ('class="qMRMLNodeComboBox"', 'class="qMRMLNodeCombo"', "qMRMLNodeCombo"),
    ('name="noneEnabled"', 'name="nonEnabled"', "no property 'nonEnabled'"),
    ("mrmlSceneChanged(vtkMRMLScene*)", "sceneChanged(vtkMRMLScene*)", "sceneChanged"),
    ("setMRMLScene(vtkMRMLScene*)", "setScene(vtkMRMLScene*)", "setScene"),
    ("<receiver>volumeSelector", "<receiver>otherSelector", "otherSelector"),
])
def test_load_ui_refuses_what_it_does_not_know(scene, tmp_path: Path, before: str, after: str,
                                               message: str) -> None:
    file = tmp_path / "panel.ui"
    assert before in UI
    file.write_text(UI.replace(before, after), encoding="utf-8")
    with pytest.raises(RuntimeError, match=message):
        slicer.util.loadUI(str(file))


def test_the_collapsible_button_hides_its_content(scene) -> None:
    section, content, folded = ctk.ctkCollapsibleButton(), qt.QLabel("x"), []
    qt.QVBoxLayout(section).addWidget(content)
    section.connect("contentsCollapsed(bool)", folded.append)
    section.show()
    section.collapsed = True
    assert (folded, content.visible, section.checked) == ([True], False, False)
    section.collapsed = False
    assert (folded, content.visible) == ([True, False], True)


def test_pictures_have_legible_text_in_the_shipped_font(scene, tmp_path: Path) -> None:
    widget = qt.QLabel("Wide text ✔ ²")
    assert widget.font.family() == "DejaVu Sans"
    assert qt.QFontMetrics(widget.font).horizontalAdvance("W") > 2 * qt.QFontMetrics(widget.font).horizontalAdvance("i")
    image = qt.QImage(str(grab(widget, tmp_path / "text.png", 200, 40)))
    shades = {image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height())}
    assert image.width() == 200 and min(shades) < 60 and max(shades) > 200


def test_settings_stay_in_the_test(scene) -> None:
    qt.QSettings().setValue("RadiomicsPrognosis/folder", "somewhere")
    assert slicer.util.settingsValue("RadiomicsPrognosis/folder", "") == "somewhere"
    assert slicer.util.settingsValue("RadiomicsPrognosis/none", 3, converter=int) == 3
    assert Path(qt.QSettings().fileName()).is_relative_to(slicer.app.temporaryPath)


def test_messages_answer_themselves(scene) -> None:
    def fail() -> None:
        with slicer.util.tryWithErrorDisplay("It failed.", waitCursor=True):
            raise ValueError("because")

    with pytest.raises(ValueError, match="because"):
        fail()
    assert ctk.ctkMessageBox.shown == []
    set_testing(False)
    slicer.util.confirmOkCancelDisplay("Shall I?")
    assert slicer.util.mainWindow() is None and slicer.app.layoutManager() is None
    slicer.util.messageBox("Look")
    assert ctk.ctkMessageBox.shown[-1] == "Look"
    with pytest.raises(AttributeError, match="openExtensionsManagerDialog"):
        slicer.app.openExtensionsManagerDialog()
    offer_extensions_manager(True)
    slicer.app.openExtensionsManagerDialog()
    assert calls() == [("openExtensionsManagerDialog",)]


def test_packages_are_never_installed(scene, tmp_path: Path) -> None:
    from slicer.packaging import load_requirements, pip_ensure

    file = tmp_path / "requirements.txt"
    file.write_text("# tools\nnumpy>=1.20\n--prefer-binary\nno-such-package-here>=9\n", encoding="utf-8")
    wanted = load_requirements(file)
    assert [item.name for item in wanted] == ["numpy", "no-such-package-here"]
    pip_ensure(wanted, requester="Test")
    set_testing(False)
    with pytest.raises(RuntimeError, match="declined the installation of no-such-package-here"):
        pip_ensure(wanted, requester="Test")
    pip_ensure(wanted[:1], requester="Test")


def test_texts_are_translated_in_the_context_of_their_file(scene) -> None:
    from slicer.i18n import tr

    class German(qt.QTranslator):
        def translate(self, context, text, disambiguation=None, number=-1):
            return f"[{context}] {text}"

        def isEmpty(self) -> bool:
            return False

    translator = German()
    slicer.app.installTranslator(translator)
    try:
        assert tr("Score") == "[test_slicer_standin] Score"
    finally:
        slicer.app.removeTranslator(translator)
    assert tr("Score") == "Score"


def test_arrays_pass_through_the_real_util(scene) -> None:
    volume = slicer.util.addVolumeFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4), name="CT")
    assert slicer.util.arrayFromVolume(volume)[1, 2, 3] == 23
    assert Path(slicer.util.__file__).parent == Path(slicer.__file__).parent  # the wheel's, nobody's imitation
