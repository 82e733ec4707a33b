"""Files of a job → a list of what each was made from, by which a stopped job can go on."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from pixattest.errors import OutputError
from pixattest.output import Sink

NAME = ".pixattest.jsonl"
"""Name of the manifest, in the folder of the files."""

_CHUNK = 1 << 20
"""Bytes of a file that are read at a time."""


class Made(NamedTuple):
    """A file as it was made.

    Attributes:
        file: its path within the folder, with slashes.
        source: the digest of the records and everything else that it was made from.
        content: the digest of its bytes.
    """

    file: str
    source: str
    content: str


class Manifest:
    """The list of the files in a folder, with what each was made from.

    A line is added just before a file gets its name, and it holds the digest of the file's bytes.
    So whatever is killed when, a file that is not whole is never taken for one that is.

    Args:
        folder: the folder of the files.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._folder = folder

    def known(self) -> dict[str, Made]:
        """Return the last line about each file."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return {}
        found = {}
        for line in lines:
            try:
                made = msgspec.json.decode(line, type=Made)
            except (msgspec.MsgspecError, ValueError):
                continue  # the last line of a run that was killed
            found[made.file] = made
        return found

    def add(self, made: Made) -> None:
        """Add a line about a file that is about to get its name.

        Raises:
            OutputError: the line can't be written, so the file can't be finished.
        """
        try:
            with self._path.open("ab") as file:
                file.write(b"\n" + msgspec.json.encode(made) + b"\n")
        except OSError as reason:
            raise OutputError(
                f"can't be written: {reason.strerror}",
                source=str(self._folder / made.file),
                hint="Make room there, or choose another folder with -o.",
            ) from None


class Digest:
    """A digest that is written to like a file, and passes the bytes on.

    Args:
        sink: takes the bytes; None: they go nowhere.
    """

    def __init__(self, sink: Sink | None = None) -> None:
        self._hash = blake2b(digest_size=16)
        self._sink = sink

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        self._hash.update(data)
        if self._sink:
            self._sink.write(data)

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far, in hexadecimal digits."""
        return self._hash.hexdigest()


def digest_of(path: Path) -> str:
    """Return the digest of a file's bytes."""
    found = Digest()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.write(chunk)
    return found.hexdigest()
