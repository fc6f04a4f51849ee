"""What a section of the panel is: a .ui file, a class that fills it and listens to it, and its entry in panel.py."""

from __future__ import annotations

import abc
import enum
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

import qt
import slicer
import vtk

from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter.cache import FeatureCache
from RadiomicsPrognosisLib.presenter.card import Catalogue
from RadiomicsPrognosisLib.presenter.case import Case, Choices
from RadiomicsPrognosisLib.presenter.commands import Commands
from RadiomicsPrognosisLib.presenter.reading_desk import ReadingDesk
from RadiomicsPrognosisLib.presenter.session import Session, WorkerLike
from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer
from RadiomicsPrognosisLib.presenter.stability_check import StabilityCheck

from .notice import PanelNotice

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisLogic, RadiomicsPrognosisParameterNode

#: Where the .ui files of the sections are.
UI_FOLDER = Path(__file__).resolve().parents[1] / "Resources" / "UI"


class Place(enum.Enum):
    """Where in the panel a section stands; sections of one place follow each other as they are listed.

    Those of READING are tabs of the section Reproducibility, those of DETAILS tabs of the result.
    """

    CHOICES = "choices"
    READING = "reading"
    RESULT = "result"
    DETAILS = "details"
    BELOW = "below"

    @property
    def is_tab(self) -> bool:
        """Whether its sections are tabs, which a tab widget shows and hides."""
        return self in (Place.READING, Place.DETAILS)


class Host(Protocol):
    """What a section needs of the panel, and all that it may use of it.

    ``node`` is the parameter node (None while there is no scene to speak of), ``choices`` what it says, read once for
    all sections; ``session`` has the case, the result and how far it is; ``commands`` run in processes of their own;
    ``features`` are those at hand, and ``comparer`` extracts those of two readings; ``readings`` has the reading study
    that is open and the reading being drawn, during which results are hidden; ``stability`` has asked how stable the
    answer is; ``entered`` tells whether the module is shown.
    ``result_width`` is the width (pixels) that pictures in the result may have; ``folded`` tells whether the sections
    that can fold are out of sight; ``notice`` is what was told last.
    """

    node: RadiomicsPrognosisParameterNode | None
    choices: Choices
    catalogue: Catalogue
    session: Session[Prediction]
    features: FeatureCache
    comparer: WorkerLike
    commands: Commands
    readings: ReadingDesk
    stability: StabilityCheck
    logic: RadiomicsPrognosisLogic
    entered: bool
    folded: bool
    notice: PanelNotice

    @property
    def filling(self) -> bool:
        """Whether widgets are being filled, so that what they signal is no choice of the user's."""

    @property
    def answer(self) -> ShownAnswer | None:
        """What is told of the result that is shown, and how old it is; None when there is none."""

    @property
    def result_width(self) -> int: ...

    def fill(self) -> AbstractContextManager[None]:
        """Keep what is shown or corrected inside ``with`` from being taken for a choice or an edit of the user's."""

    def score(self) -> None:
        """Score the case as it is now."""

    def choose(self, volume: vtk.vtkObject | None, segmentation: vtk.vtkObject | None, segment_id: str,
               drawing: bool = False) -> None:
        """Choose a contour, with the brush in hand if it is to be drawn."""

    def read(self, choices: Choices) -> Case:
        """Return the case that other choices than the panel's describe."""

    def cancel(self) -> None:
        """Give up the extraction under way."""

    def fold(self, folded: bool) -> None:
        """Take the sections that can fold out of sight, or show them again."""

    def announce(self, notice: PanelNotice) -> None:
        """Tell below the result what was written, or why it could not be."""

    def use_readings(self, table: Path) -> None:
        """Choose ``table`` as the readings of the study that is developed."""

    def use_scaling(self, model_id: str, name: str) -> None:
        """Read the scalings again, and choose the one called ``name`` if its model is chosen."""

    def show(self) -> None:
        """Have all sections show what has come of something that goes on beside the session."""

    def reload_models(self) -> None:
        """Read the model files again: there may be more of them."""


class PanelSection(abc.ABC):
    """One section of the panel.

    A section knows the panel as :class:`Host`, and no other section. It writes the user's choices into the parameter
    node, and shows what node and session hold when it is told to: the panel calls ``show_choices`` when something else
    is chosen, ``update`` after every change. Of its methods only ``setup`` must be there.

    ``ui_file`` names its file in Resources/UI, whose root is a qMRMLWidget. ``writes`` are the fields of the parameter
    node that it changes, in code or by a bound widget (SlicerParameterName), ``reads`` those that its code only reads.
    ``foldable`` sections are out of sight while the choices are folded into one line, and those that are not of use
    ``while_reading`` while a reading is drawn, blinded. The title of a section that is a
    tab is the window title of its widget.
    """

    ui_file: ClassVar[str]
    place: ClassVar[Place] = Place.CHOICES
    writes: ClassVar[frozenset[str]] = frozenset()
    reads: ClassVar[frozenset[str]] = frozenset()
    foldable: ClassVar[bool] = False
    while_reading: ClassVar[bool] = False

    def __init__(self, host: Host):
        self.host = host
        self.widget = slicer.util.loadUI(str(UI_FOLDER / self.ui_file))
        self.widget.setMRMLScene(slicer.mrmlScene)
        self.ui = slicer.util.childWidgetVariables(self.widget)

    @abc.abstractmethod
    def setup(self) -> None:
        """Connect the widgets; called once, when all sections stand in the panel."""

    @property
    def useful(self) -> bool:
        """Whether the section has anything to show or to ask."""
        return True

    def choices_changing(self) -> None:  # noqa: B027 - a hook, like those that follow
        """The parameter node was changed: complete the choice before all sections are shown it."""

    def show_choices(self) -> None:  # noqa: B027
        """Show what is chosen."""

    def update(self) -> None:  # noqa: B027
        """Show what has come of it: the case, the result, progress."""

    def redraw(self) -> None:  # noqa: B027
        """Draw pictures again: the colours of the application are others."""

    def begin_drawing(self) -> None:  # noqa: B027
        """A contour was chosen to be drawn: take the brush up."""

    def before_reading(self) -> None:  # noqa: B027
        """The case is about to be read from the scene: finish what belongs to the contour."""

    def enter(self) -> None:  # noqa: B027
        """The module is shown; ``show_choices`` follows."""

    def exit(self) -> None:  # noqa: B027
        """Another module is shown: leave nothing in the views."""

    def scene_closing(self) -> None:  # noqa: B027
        """The scene is about to be emptied: let go of its nodes."""

    def cleanup(self) -> None:  # noqa: B027
        """The module is unloaded: stop timers and processes, remove observers."""

    def chosen_node(self, name: str) -> vtk.vtkObject | None:
        """Return the node that the parameter ``name`` refers to, which may have been changed by somebody else.

        The wrapper's own value may not follow yet: VTK calls the first observer of an object last, and that is the one
        by which the wrapper keeps its first parameter up to date.
        """
        node = self.host.node
        return node.parameterNode.GetNodeReference(name) if node is not None else None

    @property
    def node_to_write(self) -> RadiomicsPrognosisParameterNode | None:
        """The parameter node to write a choice of the user's into; None when a widget signals none."""
        return None if self.host.filling else self.host.node

    def fill_selector(self, selector: qt.QComboBox, options: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer ``options`` (text, data) in a combo box and select the one whose data is ``chosen``, else the first."""
        with self.host.fill():
            shown = [(selector.itemText(index), selector.itemData(index)) for index in range(selector.count)]
            if shown != list(options):
                selector.clear()
                for text, data in options:
                    selector.addItem(text, data)
            selector.setCurrentIndex(max(selector.findData(chosen), 0))


def say(label: qt.QLabel, text: str) -> None:
    """Show ``text`` in a label, which takes no room without one.

    Links get the colour of text: Qt's own blue cannot be read on a dark background.
    """
    ink = label.palette.color(qt.QPalette.WindowText).name()
    label.text = text.replace("<a href=", f'<a style="color:{ink}" href=')
    label.visible = bool(text)
