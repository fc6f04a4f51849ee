"""Slicer's own Python in place of the imitation, for who has it: SLICER_PYTHON names a folder with ``slicer`` in it.

That is Base/Python of a checkout of Slicer; no package registry has these files. With them the tests tell whether the
imitation does what the original does.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import ctk
import slicer

#: Slicer's modules that take the place of imitations.
MODULES = ("i18n", "parameterNodeWrapper", "ScriptedLoadableModule")

#: Widgets that the original's connectors name and the stand-in does not have.
_WIDGETS = (
    "ctkCheckBox ctkCheckablePushButton ctkColorPickerButton ctkComboBox ctkDirectoryButton ctkDoubleRangeSlider "
    "ctkDoubleSlider ctkDoubleSpinBox ctkPathLineEdit ctkRangeWidget ctkSliderWidget qMRMLRangeWidget "
    "qMRMLSliderWidget qMRMLSpinBox"
)


def use(folder: str) -> None:
    """Import Slicer's modules from ``folder``; ``slicer.util`` stays the slicer-core wheel's."""
    package = Path(folder) / "slicer"
    if not (package / "parameterNodeWrapper").is_dir():
        raise ImportError(f"SLICER_PYTHON: there is no Slicer's Python in '{package}'")
    for name in _WIDGETS.split():
        setattr(ctk if name.startswith("ctk") else slicer, name, type(name, (), {}))
    slicer.__path__.append(str(package))
    for name in MODULES:
        importlib.import_module(f"slicer.{name}")
