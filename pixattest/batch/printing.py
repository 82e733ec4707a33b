"""Tasks + spool → files, each whole or not there; printed here or by several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice, tee
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from pixattest.batch.interrupts import deferred
from pixattest.batch.manifest import Digest, Made, Manifest, digest_of
from pixattest.batch.outputs import Task, cover_file, personal_files
from pixattest.batch.spool import Spool, Stored
from pixattest.errors import Fault, LayoutError, OutputError, PixattestError
from pixattest.model.record import Record
from pixattest.output import Sink, new_file
from pixattest.press.press import Press

if TYPE_CHECKING:
    from pixattest.trust.signing import Signer

_TRIED_AT_ONCE = 64
"""Pages that are printed anew for each one that does not fit."""

_DIGEST = struct.Struct(">Q32s")
"""Number of a row in the batch, and the digest of its page."""

_PROGRESS_PAGES = 64
"""Pages between two signs of progress; one may be stopped there."""

_LOOK = 0.1
"""Seconds between two looks whether somebody said to stop."""

_Refused = dict[int, tuple[Fault, ...]]
"""By number of the row in the batch."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all tasks of a run have in common; a process is given it once.

    Attributes:
        make_press: builds the press.
        spool: path of the finished spool.
        folder: where the files go.
        edition: digest of all that files are made from but their records.
        attach: put each record into its own file.
        signer: signs each file of attestations.
        force: replace files that exist.
        resume: leave those that are whole and unchanged.
        remember: keep a manifest in the folder.
        cover: each class has a cover.
        blank_versos: files of several have blank pages where `Press.write` puts them.
        single_page_file: each file of attestations is of one page, laid out as that of one record.
        digests: tell what pages look like, for a ledger.
    """

    make_press: Callable[[], Press]
    spool: Path
    folder: Path
    edition: bytes
    attach: bool
    signer: Signer | None
    force: bool
    resume: bool
    remember: bool
    cover: bool
    blank_versos: bool
    single_page_file: bool
    digests: bool


class Printed(NamedTuple):
    """What became of a task.

    Attributes:
        task: that was printed.
        files: that are there now.
        pages: attestations in them.
        unchanged: of the files, those that were there already.
        refused: faults of the records that their page can't hold, by number in the batch.
        digests: file of the digests of its pages, to be read by `read_digests`; None where none
            were asked for.
    """

    task: Task
    files: int
    pages: int
    unchanged: int
    refused: _Refused
    digests: Path | None = None


class StoppedError(Exception):
    """Another process said to stop."""


class Printer:
    """Prints tasks in this process.

    Args:
        setting: of the run.
        on_progress: told how many pages more were printed, now and then; it may raise.
        press: None: it is built as the setting says.
    """

    def __init__(
        self, setting: Setting, on_progress: Callable[[int], object], press: Press | None = None
    ) -> None:
        self._setting = setting
        self._on_progress = on_progress
        self._press = press or setting.make_press()
        self._spool = Spool(setting.spool, new=False)
        self._manifest = Manifest(setting.folder) if setting.remember else None
        self._known = self._manifest.known() if self._manifest and setting.resume else {}
        self._digests: IO[bytes] | None = None

    def close(self) -> None:
        """Let go of the spool."""
        self._spool.close()

    def print(self, task: Task, executor: Executor | None = None) -> Printed:
        """Print a task's file or files.

        Args:
            task: what to print.
            executor: prints the pages of a file elsewhere; None: here.

        Raises:
            OutputError: a file exists and is not to be replaced, or can't be written.
            TemplateError, IssuerError: the template or an image can't be used.
        """
        if not self._setting.digests:
            return self._print_task(task, executor)
        with tempfile.NamedTemporaryFile(dir=self._setting.spool.parent, delete=False) as digests:
            self._digests = digests
            printed = self._print_task(task, executor)
        return printed._replace(digests=Path(digests.name))

    def _print_task(self, task: Task, executor: Executor | None) -> Printed:
        setting = self._setting
        every = partial(self._spool.records, task.classes)
        if not task.by_person:
            file = _File(
                task.name, every, task.size, task.title, setting.cover, setting.blank_versos
            )
            return self._print(file, task, {}, executor)
        folder = setting.folder / task.name
        make_folder(folder)
        files = pages = unchanged = 0
        refused: _Refused = {}
        if beside := cover_file(task):
            # Who is on the list has an attestation.
            refused = self.find_unfit(task)
            file = _File(beside, every, task.size, roll_only=True)
            done = self._print(file, task, refused, executor)
            files, unchanged = done.files, done.unchanged
        for name, stored in personal_files(task, self._spool):
            if stored.id in refused:
                continue
            done = self._print(_File(name, partial(iter, (stored,)), 1), task, {}, None)
            files += done.files
            pages += done.pages
            unchanged += done.unchanged
            refused |= done.refused
        return Printed(task, files, pages, unchanged, refused)

    def find_unfit(self, task: Task) -> _Refused:
        """The records of a task that a page can't hold, each with its faults."""
        return self._find_unfit(self._spool.records(task.classes))

    def _print(
        self, file: _File, task: Task, refused: _Refused, executor: Executor | None
    ) -> Printed:
        """Print a file.

        Args:
            file: what to print.
            task: that it is of.
            refused: records that are left out.
            executor: as of `print`.
        """
        path = self._setting.folder / file.name
        force = self._setting.force
        if self._setting.resume and path.exists():
            if self._is_unchanged(file, refused, path):
                self._note(file)
                self._on_progress(0 if file.roll_only else file.size)
                return Printed(task, 1, file.size, 1, {})
            force = force or file.name in self._known
        while True:
            try:
                if len(refused) == file.size:
                    return Printed(task, 0, 0, 0, refused)
                with new_file(path, force=force) as sink:
                    content = Digest(sink)
                    with self._noting(file) as note:
                        pages, source = self._write(file, refused, content, executor, note)
                    # What was made without all of its records is not to be taken for whole.
                    if self._manifest and not refused:
                        self._manifest.add(Made(file.name, source, content.hexdigest()))
                return Printed(task, 1, pages, 0, refused)
            except LayoutError as error:
                if refused:
                    raise  # all that was left did fit: no use to go on
                # What stands before the first one did fit, unless a cover came before it.
                begin = 0 if file.cover else (error.row or 1) - 1
                refused = self._find_unfit(islice(file.records(), begin, None))

    def _write(
        self,
        file: _File,
        refused: _Refused,
        sink: Sink,
        executor: Executor | None,
        note: Callable[[int, str], object] | None = None,
    ) -> tuple[int, str]:
        """A file's bytes into a sink; its pages, and the digest of what it was made from."""
        numbers: deque[int] = deque()
        source = self._source(file)
        count, signer = file.size - len(refused), self._setting.signer

        def on_progress(pages: int) -> None:
            self._on_progress(0 if file.roll_only else pages)

        def records() -> Iterator[Record]:
            for page, stored in enumerate(file.records()):
                if page % _PROGRESS_PAGES == 0 and page:
                    on_progress(_PROGRESS_PAGES)
                source.write(stored.frozen)
                if stored.id not in refused:
                    numbers.append(stored.id)
                    yield stored.record
            on_progress(file.size % _PROGRESS_PAGES or _PROGRESS_PAGES)

        def note_all(digests: Sequence[str]) -> None:
            assert note
            for digest in digests:
                note(numbers.popleft(), digest)

        if file.roll_only:
            self._press.write_cover(records(), sink)
        elif count and self._setting.single_page_file:
            (record,) = records()
            sink.write(self._press.render(record, attach=self._setting.attach, signer=signer))
            if note:
                note_all([*self._press.digests([record], single_page_file=True)])
        elif count:
            self._press.write(
                records(),
                sink,
                title=file.title,
                cover=file.cover,
                blank_versos=file.blank_versos,
                on_digests=note_all if note else None,
                executor=executor,
                signer=signer,
            )
        return count, source.hexdigest()

    def _source(self, file: _File) -> Digest:
        """The digest of what a file is made from, without its records yet."""
        source = Digest()
        source.write(self._setting.edition)
        source.write(bytes((file.cover, file.blank_versos, file.roll_only)))
        return source

    @contextmanager
    def _noting(self, file: _File) -> Iterator[Callable[[int, str], object] | None]:
        """What writes down the digests of pages, by the numbers of their rows, if it is asked for.

        It takes back those of a file that a page was refused in. A cover is not kept.
        """
        noted = self._digests
        if noted is None or file.roll_only:
            yield None
            return
        begin = noted.tell()
        try:
            yield lambda number, digest: noted.write(_DIGEST.pack(number, bytes.fromhex(digest)))
        except LayoutError:
            noted.seek(begin)
            noted.truncate()
            raise
        except OSError as reason:
            raise OutputError(
                f"can't keep the digests of pages: {reason.strerror}",
                source=str(self._setting.spool.parent),
                hint="Make room there, or set TMPDIR to a folder with more.",
            ) from None

    def _note(self, file: _File) -> None:
        """Write down the digests of the pages of a file that was there already."""
        with self._noting(file) as note:
            if note:
                records, same = tee(file.records())
                found = self._press.digests(
                    (stored.record for stored in records),
                    single_page_file=self._setting.single_page_file,
                )
                for stored, digest in zip(same, found, strict=True):
                    note(stored.id, digest)

    def _is_unchanged(self, file: _File, refused: _Refused, path: Path) -> bool:
        """Whether a file that exists is what would be printed.

        Raises:
            OutputError: it can't be read.
        """
        try:
            found = digest_of(path)
        except OSError as reason:
            raise OutputError(
                f"can't be read: {reason.strerror}", source=str(path), hint="Remove it."
            ) from None
        known = self._known.get(file.name)
        if known and known.content == found:
            source = self._source(file)
            for stored in file.records():
                source.write(stored.frozen)
            return known.source == source.hexdigest()
        # Nothing is known of it, or it was changed; what would be printed tells.
        self._known.pop(file.name, None)
        if self._setting.signer:
            return False  # no two signatures are the same
        content = Digest()
        try:
            self._write(file, refused, content, None)
        except LayoutError:
            return False
        return content.hexdigest() == found

    def _find_unfit(self, records: Iterable[Stored]) -> _Refused:
        refused: _Refused = {}
        records = iter(records)
        while tried := list(islice(records, _TRIED_AT_ONCE)):
            while tried:
                try:
                    self._press.write(
                        [stored.record for stored in tried], _Nowhere(), cover=self._setting.cover
                    )
                    break
                except LayoutError as error:
                    refused[tried.pop((error.row or 1) - 1).id] = error.faults
            self._on_progress(0)
        return refused


class _File(NamedTuple):
    """A file to be printed.

    Attributes:
        name: in the folder.
        records: all that it is of, from the first.
        size: their number.
        title: of the document; None: the template's.
        cover: each class in it has a cover.
        blank_versos: as of `Press.write`.
        roll_only: it is a cover, without attestations.
    """

    name: str
    records: Callable[[], Iterator[Stored]]
    size: int
    title: str | None = None
    cover: bool = False
    blank_versos: bool = False
    roll_only: bool = False


class _Nowhere:
    """Takes bytes and keeps none."""

    def write(self, data: bytes, /) -> None:
        pass


def read_digests(path: Path) -> Iterator[tuple[int, str]]:
    """The digests of pages that were printed, by the numbers of their rows in the batch."""
    with path.open("rb") as file:
        while digest := file.read(_DIGEST.size):
            number, content = _DIGEST.unpack(digest)
            yield number, content.hex()


def make_folder(folder: Path) -> None:
    """Make a folder where there is none yet.

    Raises:
        OutputError: it can't be made.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as reason:
        raise OutputError(
            f"can't be made: {reason.strerror}", source=str(folder), hint="Choose another with -o."
        ) from None


# Several processes: each prints whole tasks, reads the spool and writes its files by itself.


def print_with_processes(
    setting: Setting, tasks: Sequence[Task], jobs: int, on_progress: Callable[[int], object]
) -> Iterator[Printed]:
    """Print tasks by several processes, the largest first; each as it is done.

    When the caller stops early, so do they, and leave nothing half-written.

    Raises:
        OutputError: as of `Printer.print`.
        PixattestError: a process ended.
    """
    stop = _SPAWN.Event()
    workers = ProcessPoolExecutor(jobs, _SPAWN, initializer=_begin, initargs=(setting, stop))
    told: set[Future[Printed]] = set()
    futures: list[Future[Printed]] = []
    with deferred() as raise_if_stopped:  # else what is done could be lost on its way to the caller
        try:
            largest_first = sorted(tasks, key=lambda task: -task.size)
            futures = [workers.submit(_print_here, task) for task in largest_first]
            pending = set(futures)
            while pending:
                raise_if_stopped()
                done, pending = wait(pending, timeout=_LOOK, return_when=FIRST_COMPLETED)
                for future in done:
                    printed = future.result()
                    told.add(future)
                    on_progress(printed.task.size)
                    yield printed
        except (KeyboardInterrupt, PixattestError):
            stop.set()
            workers.shutdown(cancel_futures=True)
            for future in futures:  # what was done meanwhile is done
                if future not in told and not future.cancelled() and not future.exception():
                    yield future.result()
            raise
        except BrokenExecutor as reason:
            raise PixattestError(
                f"a process that was printing ended: {reason}",
                hint="Print with fewer processes; the machine may be short of memory.",
            ) from None
        finally:
            stop.set()
            workers.shutdown(cancel_futures=True)


def processes(jobs: int) -> Executor:
    """Processes that print the pages of one file, as `Press.write` shares them out."""
    return ProcessPoolExecutor(jobs, _SPAWN, initializer=_attend)


# Not forked: what this process holds in memory is not theirs, nor are its threads.
_SPAWN = multiprocessing.get_context("spawn")

_printer: Printer | None = None
"""Of a worker process."""


def _begin(setting: Setting, stop: Event) -> None:
    """Make a worker process ready."""
    global _printer
    _attend()

    def raise_if_stopped(_: int) -> None:
        if stop.is_set():
            raise StoppedError

    _printer = Printer(setting, raise_if_stopped)


def _attend() -> None:
    """Leave it to the first process to hear Ctrl-C, and end when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for tasks for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _print_here(task: Task) -> Printed:
    """What a worker process is handed."""
    assert _printer is not None
    return _printer.print(task)
