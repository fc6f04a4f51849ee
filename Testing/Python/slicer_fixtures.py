"""pytest's side of the Slicer stand-in; a test module takes it with ``pytest_plugins = ["slicer_fixtures"]``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slicer_standin import calls, set_testing
from slicer_standin.helpers import ctk, failing_on_errors, process_events, slicer


@pytest.fixture
def scene() -> Iterator[Any]:
    """The application's scene, empty, in testing mode with empty settings; errors in slots and observers fail the test.

    There is one scene for all tests, as there is one in Slicer.
    """
    with failing_on_errors():
        slicer.mrmlScene.Clear(0)
        set_testing(True)
        calls().clear()
        ctk.ctkMessageBox.shown.clear()
        slicer.app.settings().clear()
        yield slicer.mrmlScene
        slicer.mrmlScene.Clear(0)
        process_events()
