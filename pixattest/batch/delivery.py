"""Staged files → the ZIP file or the stream that they were made for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from pixattest.batch.manifest import digest_of
from pixattest.batch.outputs import Form, Plan
from pixattest.batch.printing import Printed
from pixattest.errors import OutputError
from pixattest.output import new_file


def deliver(
    made: Plan,
    printed: Sequence[Printed],
    staged: Path,
    standard_output: IO[bytes],
    force: bool,
    resume: bool,
) -> None:
    """Bring staged files to where they belong.

    Args:
        made: says what they were made for: a ZIP file, or standard output.
        printed: the tasks that are done.
        staged: the folder of the files.
        standard_output: takes the files of a plan for standard output.
        force: replace a ZIP file that exists.
        resume: replace one that exists and has the same bytes.

    Raises:
        OutputError: the output exists, or can't be written.
    """
    if made.form is Form.ZIP:
        packed = staged.with_suffix(".zip")
        try:
            _pack(staged, packed)
        except OSError as reason:
            raise OutputError(
                f"can't be written: {reason.strerror}",
                source=str(packed),
                hint="Make room there, or set TMPDIR to a folder with more.",
            ) from None
        if resume and made.path.exists():
            force = force or digest_of(packed) == digest_of(made.path)
        with packed.open("rb") as file, new_file(made.path, force=force) as sink:
            shutil.copyfileobj(file, sink)
        return
    for done in printed:
        if done.files:
            _copy(staged / done.task.name, standard_output)


def _pack(folder: Path, target: Path) -> None:
    """Put a folder's files into a ZIP file, which has the same bytes on any day."""
    import zipfile

    with zipfile.ZipFile(target, "w") as packed:  # stored: a PDF is compressed already
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                entry.external_attr = 0o644 << 16
                with path.open("rb") as file, packed.open(entry, "w", force_zip64=True) as inside:
                    shutil.copyfileobj(file, inside)


def _copy(path: Path, stream: IO[bytes]) -> None:
    """Copy a file into a stream."""
    try:
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)
        stream.flush()
    except OSError as reason:
        raise OutputError(
            f"can't be written: {reason.strerror}", source="standard output"
        ) from None
