"""Bytes of a file → Content, which can be read again; and Source, which has its rows."""

from __future__ import annotations

import os
import re
import stat
import sys
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path, PurePath
from typing import IO, Any, BinaryIO, NamedTuple
from weakref import finalize

import msgspec

from pixattest.errors import Fault, InputError, sentence, visible

# This path stands for standard input.
STANDARD = Path("-")

# The name of the column or key that a rejects file has in addition to its input. It is passed over
# when the file comes back.
CORRECTION = "what_to_correct"

# Standard input of more bytes than this is kept in a temporary file.
_IN_MEMORY = 1 << 24

# AAAAMMJJ_resultats_CLASSE.csv, also as a rejects file, a workbook, or a second download.
_CLASS_FILE = re.compile(
    r"[0-9]{8}_resultats_([^.].*?)(?: \([0-9]+\))?(?:\.[A-Za-z]+)*"
    r"(?:(?<=\.rejected)\.[0-9]+\.[A-Za-z]+)?"
)

# The name of a rejects file: the input's name, and the number of the run from the second on.
_REJECTS = re.compile(r"(.+)\.rejected(?:\.([1-9][0-9]{0,5}))?\.[A-Za-z]+")


class Line(NamedTuple):
    """One row of a table.

    Attributes:
        number: of its first line in the file, or of the sheet's row, from 1.
        cells: None when its quotation marks can't be understood.
        text: as it stands in the file, line end included; None for a sheet.
    """

    number: int
    cells: list[str] | None
    text: str | None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a source: its fields, and the values that are not understood.

    Attributes:
        number: place among the source's rows, from 1; a blank line is none.
        line: line of the text file, or row of the sheet; None within one JSON text.
        fields: what `pixattest.model.record.read_record` reads; only what the row says, and what is
            not understood as it came, so that the rest can be checked.
        certification: the certification's number.
        not_printable: why there is nothing to print, in words; None when there is.
        faults: values that are not understood; such a row is to be rejected. They are all that
            the intake finds: those of `read_record` for other fields come on top.
    """

    number: int
    line: int | None
    fields: dict[str, Any]
    certification: str | None = None
    not_printable: str | None = None
    faults: tuple[Fault, ...] = ()


class Content:
    """The bytes of a file or of standard input, read from the start as often as asked for.

    Args:
        source: path of the file, or its bytes; `-` is standard input.
        name: what messages call it (default: its path; `records` where it is bytes).

    Attributes:
        name: for messages.
        path: None for bytes, and for what can be read only once: standard input, a pipe.

    Raises:
        InputError: it can't be read.
    """

    def __init__(self, source: Path | bytes, name: str | None = None) -> None:
        self.path: Path | None = None
        self._spool: IO[bytes] | None = None
        if isinstance(source, bytes):
            self.name = name or "records"
            self._spool = BytesIO(source)
            return
        self.path = path = source
        self.name = name or ("standard input" if path == STANDARD else str(path))
        with self._told():
            if path == STANDARD:
                self._keep(sys.stdin.buffer)
            elif stat.S_ISREG(path.stat().st_mode):
                self._identity = _identity(path.stat())
            else:
                with path.open("rb") as stream:
                    self._keep(stream)

    def _keep(self, stream: BinaryIO) -> None:
        from shutil import copyfileobj  # here, because they are slow to import and seldom needed
        from tempfile import SpooledTemporaryFile

        self.path = None
        self._spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        finalize(self, self._spool.close)
        copyfileobj(stream, self._spool)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The bytes from the start.

        Raises:
            InputError: it can't be read, or is another file than the one first looked at.
        """
        with self._told():
            if self._spool is not None:
                self._spool.seek(0)
                yield self._spool
                return
            assert self.path is not None
            with self.path.open("rb") as file:
                self._check(file)
                try:
                    yield file
                except UnicodeError:
                    self._check(file)  # it was text a moment ago
                    raise
                self._check(file)

    def _check(self, file: BinaryIO) -> None:
        assert self.path is not None
        try:
            now = {_identity(os.fstat(file.fileno())), _identity(self.path.stat())}
        except FileNotFoundError:
            now = set()
        if now != {self._identity}:
            hint = "Close what writes to it, and start again."
            raise InputError("has changed while it was read", source=self.name, hint=hint)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as reason:
            problem = f"can't be read: {reason.strerror}"
            raise InputError(problem, source=self.name, hint="Check its path.") from None


class Source(ABC):
    """An opened file of records. A fault of the whole file was found when it was opened.

    Attributes:
        content: its bytes.
        kind: the format that was recognised, in words.
        fields: the record's fields that it has a place for; for JSON all of them.
        notices: what one should know about it, sentences without final stop.
        date_is_of_test: its `delivered_on` is the day of the test.
    """

    def __init__(
        self,
        content: Content,
        kind: str,
        fields: Iterable[str],
        *,
        notices: Iterable[str] = (),
        date_is_of_test: bool = False,
    ) -> None:
        self.content = content
        self.kind = kind
        self.fields = frozenset(fields)
        self.notices = tuple(notices)
        self.date_is_of_test = date_is_of_test

    @property
    def name(self) -> str:
        """For messages: the path as given, or standard input."""
        return self.content.name

    @property
    def group(self) -> str | None:
        """The class that the file's name carries, as in `20240209_resultats_TCAP1.csv`."""
        return class_in(PurePath(self.content.name).name)

    def rejects_path(self, taken: Iterable[Path] = ()) -> Path:
        """Where its rejects go: beside it; those of standard input into the current folder.

        Those of `class.csv` go to `class.csv.rejected.csv`, and what is rejected of that again to
        `class.csv.rejected.2.csv`.

        Args:
            taken: files that are not to be replaced; a later number is taken then.
        """
        path = self.content.path or Path("stdin")
        name, first = path.name, 1
        if earlier := _REJECTS.fullmatch(name):
            name, first = earlier[1], int(earlier[2] or 1) + 1
        taken = [*taken]
        marks = ("" if number == 1 else f".{number}" for number in count(first))
        paths = (path.with_name(f"{name}.rejected{mark}{self._rejects_suffix}") for mark in marks)
        return next(p for p in paths if not any(is_same_file(p, other) for other in taken))

    def rows(self) -> Iterator[Row]:
        """Its rows from the first, read as they are asked for.

        A faulty row is a row with faults.

        Raises:
            InputError: it can't be read any more, has changed meanwhile, or has no row at all.
        """
        number = 0
        for number, origin in enumerate(self.origins(), 1):
            yield self.row(number, origin)
        if not number:
            raise no_record(self.name)

    @abstractmethod
    def origins(self) -> Iterator[Any]:
        """Its rows as they came, not yet understood.

        Raises:
            InputError: it can't be read any more, or has changed meanwhile.
        """

    @abstractmethod
    def row(self, number: int, origin: Any) -> Row:
        """Read something that `origins` gave as the row of that number, from 1."""

    _rejects_suffix = ".jsonl"

    def rejects_head(self) -> str:
        """Return the beginning of a rejects file of this source."""
        return ""

    @abstractmethod
    def rejects_line(self, origin: Any, correction: str) -> str:
        """Return a row as it came, with one more value: what to correct."""


def is_same_file(path: Path, other: Path) -> bool:
    """Whether two paths name one file, which may not be there yet."""
    return path == other or (path.exists() and other.exists() and path.samefile(other))


def class_in(name: str) -> str | None:
    """Return the class in the name of a class's results file; None for any other name."""
    found = _CLASS_FILE.fullmatch(unicodedata.normalize("NFC", name))
    return found[1] if found else None


def correction(faults: Iterable[Fault]) -> str:
    """Return the problems of a row and their hints, without the place: they stand in the row."""
    return " ".join(sentence(visible(f.field), f.problem, f.hint) for f in faults)


def no_record(name: str) -> InputError:
    """The error of a file without any record."""
    hint = "Give a file with a record at least."
    return InputError("has no record in it", source=name, hint=hint)


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
