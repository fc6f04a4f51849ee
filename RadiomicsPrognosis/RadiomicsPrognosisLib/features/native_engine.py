"""The native engine: pyradiomics' values from numpy, scipy and SimpleITK alone, which 3D Slicer brings along.

Values equal those of ``radiomics.featureextractor`` on the same settings (van Griethuysen et al., Cancer Research
2017) to 1e-9 relative.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ..catalogue import find_class
from ..progress import Progress, Pulse
from ..protocol import Protocol
from ..voi.grid import crop
from ..voi.images import inside
from .aggregation import compute_class
from .heartbeat import Heartbeat
from .plan import Plan
from .preparation import Prepared
from .region import Region, Surroundings

#: Voxels of a mask from which a second thread shortens the run: Python works in one thread at a time, and only the
#: loops of numpy over many voxels leave room for another.
_WORTH_THREADS = 50_000


@dataclass(frozen=True)
class _ClassTask:
    """The features wanted of one class on one image type, and the image they are computed on."""

    image_type: str
    feature_class: str
    features: tuple[str, ...]
    region: Region

    def __str__(self) -> str:
        return f"{self.image_type} {self.feature_class}"

    def run(self) -> dict[str, float]:
        """Return the values by the features' full names."""
        entry, direction = find_class(self.feature_class)
        computed = compute_class(entry, self.region, self.features, direction)
        return {f"{self.image_type}_{self.feature_class}_{name}": value for name, value in computed.items()}


class NativeEngine:
    """This library's own feature classes behind the :class:`~.engine.Engine` interface.

    ``threads`` of them, the caller's included, compute the feature classes of a VOI that is large enough to gain by it.
    """

    name = "native"
    #: Changes when a value changes, so that rows computed before are computed again.
    version = "1.0.0"

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def unavailable_because(self) -> str:
        """Return an empty text: what the engine needs comes with 3D Slicer and with the library."""
        return ""

    def cannot_make(self, protocol: Protocol, plan: Plan) -> str:
        """Return an empty text: every feature of the catalogue is the engine's."""
        return ""

    def extract(self, prepared: Prepared, protocol: Protocol, plan: Plan,
                progress: Progress | None = None) -> dict[str, float]:
        """Return the plan's features by name, NaN where the definition gives no value."""
        beat, steps = Heartbeat(progress), plan.steps()
        tasks = _tasks(prepared, protocol, plan, beat)
        if self.threads == 1 or prepared.voxels < _WORTH_THREADS:
            results = _in_turn(tasks, steps, beat)
        else:
            results = _side_by_side(tasks, steps, beat, self.threads)
        values: dict[str, float] = {}
        for computed in results:
            values.update(computed)
        return plan.complete(values)


def _tasks(prepared: Prepared, protocol: Protocol, plan: Plan, pulse: Pulse) -> Iterator[_ClassTask]:
    """Yield the work of ``plan``, one filtered image after the other: none is made before its turn."""
    masks = {"intensity": inside(prepared.cut(prepared.mask)),
             "morphology": inside(prepared.cut(prepared.shape_mask))}
    spacing, start, size = prepared.image.GetSpacing(), *prepared.box
    wide = _looks_around(plan)
    for image_type, values in prepared.filtered(protocol, plan, wide):
        around = Surroundings(values, inside(prepared.mask), inside(prepared.shape_mask)) if wide else None
        box = crop(values, start, size) if wide else values
        regions = {name: Region(values=box, mask=mask, spacing=spacing, protocol=protocol, around=around, pulse=pulse)
                   for name, mask in masks.items()}
        for feature_class, features in plan.work[image_type].items():
            yield _ClassTask(image_type, feature_class, features, regions[find_class(feature_class)[0].region])


def _looks_around(plan: Plan) -> bool:
    """Tell whether a class may look beyond the mask's box: pyradiomics' own see nothing else."""
    return not all(find_class(name)[0].pyradiomics for classes in plan.work.values() for name in classes)


def _in_turn(tasks: Iterator[_ClassTask], steps: int, beat: Heartbeat) -> Iterator[dict[str, float]]:
    for done, task in enumerate(tasks):
        beat.begin(done, steps, str(task))
        yield task.run()


def _side_by_side(tasks: Iterator[_ClassTask], steps: int, beat: Heartbeat,
                  threads: int) -> Iterator[dict[str, float]]:
    """Yield what each task gives, in the order of the tasks, having worked on them in this thread and others beside it.

    This thread filters, computes what the others have no hands for, and says how far the run is; when that raises,
    the tasks not begun are dropped and the others end at their next pulse. Few tasks wait at a time, for each holds an
    image.
    """
    helpers = threads - 1
    results: list[Future[dict[str, float]]] = []
    with ThreadPoolExecutor(helpers) as pool:
        try:
            for number, task in enumerate(tasks):
                unfinished = _unfinished(results)
                beat.begin(number - unfinished, steps, str(task))
                results.append(pool.submit(task.run) if unfinished < 2 * helpers else _finished(task))
            while wait(results, beat.AGAIN_S, FIRST_EXCEPTION).not_done:
                beat()
                _unfinished(results)
            yield from (result.result() for result in results)
        finally:
            beat.stopped = True
            pool.shutdown(wait=False, cancel_futures=True)


def _unfinished(results: list[Future[dict[str, float]]]) -> int:
    """Return how many results are still to come. Raises what a task raised."""
    done = [result for result in results if result.done()]
    for result in done:
        result.result()
    return len(results) - len(done)


def _finished(task: _ClassTask) -> Future[dict[str, float]]:
    result: Future[dict[str, float]] = Future()
    result.set_result(task.run())
    return result
