"""A reading study without its images as bytes, to be kept in a scene, and the way back into a folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from ..errors import FileError, SchemaError
from ..files import whole_file
from .folder import DESIGN_FILE, EXISTING, READINGS, StudyFolder

#: The largest snapshot (bytes, unpacked) and the most files that are taken: 30 cases of 3 readings have some 200 kB.
LARGEST_BYTES, MOST_FILES = 256 * 1024 * 1024, 20_000

#: Every file has this date, so that the same study gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def snapshot(folder: Path) -> bytes:
    """Return design, contours and records of the study in ``folder`` as a ZIP archive, the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DATE), path.read_bytes(),
                             zipfile.ZIP_DEFLATED)
    return content.getvalue()


def restore(content: bytes, folder: Path) -> StudyFolder:
    """Write the study in a :func:`snapshot` into ``folder``, an empty one or none yet, and return it.

    Raises FileError for a folder that holds something, SchemaError for what is no snapshot; then nothing is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileError(f"'{folder}' is not an empty folder; choose another one for the study.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _checked(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise SchemaError(f"The study kept in the scene is damaged ({error}).") from None
    # The design last: without it the folder is no study, should the computer stop in between.
    for name in sorted(files, key=lambda name: name == DESIGN_FILE):
        with whole_file(folder / name, "wb") as f:
            f.write(files[name])
    return StudyFolder.open(folder)


def _files(folder: Path) -> list[Path]:
    deep = [path for name in (READINGS, EXISTING) for path in (folder / name).rglob("*")]
    # Names with a dot in front are those of files being written.
    return sorted(path for path in [folder / DESIGN_FILE, *deep] if path.is_file() and path.name[0] != ".")


def _checked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Return the files by name. Raises SchemaError for names that lead elsewhere, or too much of anything."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(item.file_size for item in entries) > LARGEST_BYTES:
        raise SchemaError("The study kept in the scene is larger than a study can be; it is not unpacked.")
    files = {}
    for item in entries:
        path = PurePosixPath(item.filename)
        plain = all(piece not in ("..", ".") and ":" not in piece and "\\" not in piece for piece in path.parts)
        known = str(path) == DESIGN_FILE or (len(path.parts) > 1 and path.parts[0] in (READINGS, EXISTING))
        if path.is_absolute() or not plain or not known or str(path) != item.filename or str(path) in files:
            raise SchemaError(f"The study kept in the scene holds a file '{item.filename}', which no study has; it is "
                              "not unpacked.")
        with archive.open(item) as f:
            files[str(path)] = f.read(item.file_size + 1)
        if len(files[str(path)]) != item.file_size:
            raise SchemaError("The study kept in the scene is damaged: a file has another size than it says.")
    if DESIGN_FILE not in files:
        raise SchemaError("The text kept in the scene holds no reading study.")
    return files
