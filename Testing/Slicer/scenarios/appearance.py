"""Dark colours and a screen reader: every text can be read, every control has a name, pictures follow the colours."""

from __future__ import annotations

from typing import Any

import qt
import slicer

from .hands import S1, Hands

#: What text must stand out from its background by (WCAG 2.2, 1.4.3).
CONTRAST = 4.5

#: What a person can act on.
CONTROLS = ("QPushButton", "QToolButton", "QCheckBox", "QComboBox", "QLineEdit", "QAbstractSpinBox", "QProgressBar",
            "QTabWidget", "qMRMLNodeComboBox")


def run(hands: Hands) -> None:
    hands.start(model=S1)
    light = _picture(hands)
    hands.frame.setPalette(qt.QPalette(qt.QColor(40, 40, 40)))
    try:
        hands.look(0.2)
        hands.expect(_picture(hands) != light, "pictures keep the colours of the light theme")
        faint = _faint_labels(hands)
        hands.expect(not faint, f"texts that cannot be read on dark: {', '.join(faint)}")
    finally:
        hands.frame.setPalette(qt.QPalette())
        hands.look(0.2)
    if hands.panel.folded:
        slicer.util.findChild(hands.frame, "chosenButton").click()
        hands.look(0.2)
    faint = _faint_labels(hands)
    hands.expect(not faint, f"texts that cannot be read: {', '.join(faint)}")
    nameless = _nameless_controls(hands)
    hands.expect(not nameless, f"controls without a name for a screen reader: {', '.join(nameless)}")


def _picture(hands: Hands) -> Any:
    return hands.ui.curveLabel.pixmap.toImage()


def _own(hands: Hands) -> list[Any]:
    """Return what is visible in the panel but for the Segment Editor's own widgets."""
    return [widget for widget in slicer.util.findChildren(hands.frame, className="*")
            if widget.isWidgetType() and widget.visible and not hands.editor.isAncestorOf(widget)]


def _faint_labels(hands: Hands) -> list[str]:
    labels = [widget for widget in _own(hands) if widget.inherits("QLabel") and widget.text and widget.objectName]
    return [label.objectName for label in labels if _contrast(label.palette) < CONTRAST]


def _contrast(palette: Any) -> float:
    lights = sorted(_luminance(brush.color()) for brush in (palette.windowText(), palette.window()))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: Any) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    channels = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
                for value in (colour.redF(), colour.greenF(), colour.blueF())]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def _nameless_controls(hands: Hands) -> list[str]:
    """Return the controls with neither text nor accessible name; those made by others' widgets have no object name."""
    controls = [widget for widget in _own(hands) if any(widget.inherits(name) for name in CONTROLS)
                and widget.objectName and not widget.objectName.startswith(("qt_", "ScrollLeft", "ScrollRight"))]
    return [widget.objectName for widget in controls
            if not widget.accessibleName and not getattr(widget, "text", "")]
