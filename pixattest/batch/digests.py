"""Digests of printed pages → a file of them, which the ledger is given once the pages are there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType

from pixattest.errors import LayoutError, OutputError

_ENTRY = struct.Struct(">Q32s")
"""The number of a row in the batch, and the digest of its page."""


class DigestFile:
    """A new file that digests are added to; a context that closes it.

    Args:
        folder: the folder that it is made in.

    Attributes:
        path: the path of the file, to be read by `read_digests`.
    """

    def __init__(self, folder: Path) -> None:
        self._file = NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115
        self.path = Path(self._file.name)

    def __enter__(self) -> DigestFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, number: int, digest: str) -> None:
        """Add the digest of a page, by the number of its row in the batch."""
        self._file.write(_ENTRY.pack(number, bytes.fromhex(digest)))

    @contextmanager
    def complete(self) -> Iterator[None]:
        """Keep what is added within, unless a page is refused: then nothing of it is kept.

        Raises:
            OutputError: the file can't be written.
        """
        begin = self._file.tell()
        try:
            yield
        except OutputError:
            raise  # it is that of the pages themselves
        except LayoutError:
            self._file.seek(begin)
            self._file.truncate()
            raise
        except OSError as reason:
            raise OutputError(
                f"can't keep the digests of pages: {reason.strerror}",
                source=str(self.path.parent),
                hint="Make room there, or set TMPDIR to a folder with more.",
            ) from None


def read_digests(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the digests of pages, each after the number of its row in the batch."""
    with path.open("rb") as file:
        while entry := file.read(_ENTRY.size):
            number, digest = _ENTRY.unpack(entry)
            yield number, digest.hex()
