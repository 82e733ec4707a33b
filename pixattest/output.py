"""Bytes → a file that is there whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, Protocol

from pixattest.errors import OutputError


@contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[Sink]:
    """Open a file beside its target; it gets the target's name once it is whole.

    Args:
        path: the target.
        force: replace a file that has that name already; else it is kept.

    Raises:
        OutputError: the target exists, or can't be written.
    """
    refuse_existing(path, force=force)
    part = path.with_name(f".{os.urandom(6).hex()}.part")  # the target's name may be full length
    try:
        with _told(path):
            file = part.open("xb")
        try:
            yield _Part(file, path)
            with _told(path):
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):  # it tries once more to write what there was no room for
                file.close()
        with _told(path):
            if force:
                part.replace(path)
            else:
                _rename_to_new(part, path)
    finally:
        with suppress(OSError):
            part.unlink()


class Sink(Protocol):
    """Anything that takes the bytes of a file."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes; where they are fewer than all, return how many."""


def write_all(sink: Sink, data: bytes) -> None:
    """Write bytes, of which a raw stream (a pipe, a socket) may take only some at a time.

    Raises:
        OutputError: it takes none, and does not wait until it can.
    """
    while (taken := sink.write(data)) != len(data):
        if taken == 0 or (taken is None and isinstance(sink, RawIOBase)):
            raise OutputError(
                "the stream takes no more bytes, and the file is not whole",
                hint="Give a stream that waits until it can (blocking), or a path.",
            )
        if not isinstance(taken, int) or taken > len(data):
            return  # it is no stream of Python's, and does not count
        data = data[taken:]


class _Part:
    """A file that is being written; its errors name the target."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, data: bytes, /) -> int:
        with _told(self._path):
            return self._file.write(data)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn an error of the system into an OutputError that names the target."""
    try:
        yield
    except FileExistsError:
        raise _exists(path) from None
    except OSError as reason:
        raise _unwritable(path, reason) from None


def write_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file that is there whole, or not at all.

    Args:
        path: the target.
        data: all of it.
        force: replace what has that name; else it is kept.

    Raises:
        OutputError: the target exists, or can't be written.
    """
    with new_file(path, force=force) as file:
        file.write(data)


def refuse_existing(path: Path, *, force: bool) -> None:
    """Refuse a target that is taken, before the work is done.

    Raises:
        OutputError: it exists and `force` does not say to replace it.
    """
    try:
        is_folder, is_file, exists = path.is_dir(), path.is_file(), path.exists()
    except OSError as reason:
        raise _unwritable(path, reason) from None
    if is_folder:
        raise OutputError("is a folder", source=str(path), hint="Give a file's name with -o.")
    if exists and not force:
        raise _exists(path)
    if exists and not is_file:
        hint = "Give a file's name with -o; - is standard output."
        raise OutputError("is not a file", source=str(path), hint=hint)


def _rename_to_new(part: Path, path: Path) -> None:
    """Rename without ever replacing, where the file system can; a link to a taken name fails."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError from None
        part.replace(path)


def _unwritable(path: Path, reason: OSError) -> OutputError:
    return OutputError(
        f"can't be written: {reason.strerror}",
        source=str(path),
        hint="Choose another with -o.",
        errno=reason.errno,
    )


def _exists(path: Path) -> OutputError:
    return OutputError(
        "exists already and was kept", source=str(path), hint="Use --force to replace it."
    )
