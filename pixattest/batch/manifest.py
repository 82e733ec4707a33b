"""Files that a run makes → what each was made from, kept beside them to go on after a stop."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec

from pixattest.errors import OutputError
from pixattest.output import Sink

NAME = ".pixattest.jsonl"

_CHUNK = 1 << 20


class Made(NamedTuple):
    """A file as it was made.

    Attributes:
        file: its path within the folder, with slashes.
        source: digest of the records and all else that it was made from.
        content: digest of its bytes.
    """

    file: str
    source: str
    content: str


class Manifest:
    """What is known of the files in a folder.

    A line is added before a file gets its name, so that one is trusted only together with the
    file's own bytes: whatever is killed when, a file that is not whole does not pass for it.

    Args:
        folder: of the files.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._folder = folder

    def known(self) -> dict[str, Made]:
        """What was said last of each file."""
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
        """Say of a file, which is about to get its name, what it is.

        Raises:
            OutputError: that can't be written, so the file can't be finished.
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
    """A digest that is written to like a file, and passes on what it takes.

    Args:
        sink: to whom; None: to nobody.
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
        """Of all that was taken so far."""
        return self._hash.hexdigest()


def digest_of(path: Path) -> str:
    """The digest of a file's bytes."""
    found = Digest()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.write(chunk)
    return found.hexdigest()
