"""Tasks + spool → files, each of them whole or not there at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pixattest.batch.digests import DigestFile
from pixattest.batch.manifest import Digest, Made, Manifest, digest_of
from pixattest.batch.outputs import Task, cover_file, personal_files
from pixattest.batch.rows import Stored
from pixattest.batch.spool import Spool
from pixattest.errors import Fault, LayoutError, OutputError
from pixattest.model.record import Record
from pixattest.output import Sink, new_file
from pixattest.press.press import Press

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pixattest.trust.signing import Signer

_TRIED_AT_ONCE = 64
"""Number of pages that are printed anew for each one that can't hold its record."""

_PROGRESS_PAGES = 64
"""Number of pages between two calls of `on_progress`, which may stop the printing there."""

Refused = dict[int, tuple[Fault, ...]]
"""Faults of records, by the number of their row in the batch."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all tasks of a job have in common; a worker process is given it once.

    Attributes:
        make_press: builds the press.
        spool: the path of the finished spool.
        folder: the folder that the files go to.
        edition: the digest of everything that files are made from, except their records.
        attach: each record is put into its own file.
        signer: signs each file of attestations.
        force: files that exist are replaced.
        resume: files that are whole and unchanged are left alone.
        remember: a manifest is kept in the folder.
        cover: each class has a cover.
        blank_versos: files of several people have blank pages where `Press.write` puts them.
        single_page_file: each file holds one attestation, laid out as `Press.render` does it.
        digests: the digests of pages are written down, for a ledger.
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
        task: the task that was printed.
        files: the number of its files that are there now.
        pages: the number of attestations in them.
        unchanged: the number of its files that were there already.
        refused: the faults of records that their page can't hold.
        digests: the file of the digests of its pages, which `read_digests` reads; None where the
            setting does not ask for them.
    """

    task: Task
    files: int
    pages: int
    unchanged: int
    refused: Refused
    digests: Path | None = None


class Printer:
    """Prints tasks in this process.

    Args:
        setting: what all tasks have in common.
        on_progress: called now and then with the number of pages that were printed since; it may
            raise, to stop the printing.
        press: prints the pages; None: it is built as the setting says.
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
        self._digests: DigestFile | None = None

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()

    def print(self, task: Task, executor: Executor | None = None) -> Printed:
        """Print a task's file or files.

        Args:
            task: the task to print.
            executor: prints the pages of a file of several; None: this process does.

        Raises:
            OutputError: a file exists and is not to be replaced, or can't be written.
            TemplateError, IssuerError: the template or an image can't be used.
        """
        if not self._setting.digests:
            return self._print_task(task, executor)
        with DigestFile(self._setting.spool.parent) as self._digests:
            printed = self._print_task(task, executor)
        return printed._replace(digests=self._digests.path)

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
        refused: Refused = {}
        if beside := cover_file(task):
            # Only people who have an attestation are on the list.
            refused = self.find_unfit(task)
            file = _File(beside, every, task.size, cover_only=True)
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

    def find_unfit(self, task: Task) -> Refused:
        """Return the faults of all records of a task that their page can't hold."""
        return self._find_unfit(self._spool.records(task.classes))

    def _print(
        self, file: _File, task: Task, refused: Refused, executor: Executor | None
    ) -> Printed:
        """Print a file.

        Args:
            file: the file to print.
            task: the task that it belongs to.
            refused: the records that are left out.
            executor: see `print`.
        """
        path = self._setting.folder / file.name
        force = self._setting.force
        if self._setting.resume and path.exists():
            if self._is_unchanged(file, refused, path):
                self._note(file)
                self._on_progress(0 if file.cover_only else file.size)
                return Printed(task, 1, file.size, 1, {})
            force = force or file.name in self._known
        while True:
            try:
                if len(refused) == file.size:
                    return Printed(task, 0, 0, 0, refused)
                with new_file(path, force=force) as sink:
                    content = Digest(sink)
                    digests = None if file.cover_only else self._digests
                    with digests.complete() if digests else nullcontext():
                        pages, source = self._write(file, refused, content, executor, digests)
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
        refused: Refused,
        sink: Sink,
        executor: Executor | None,
        digests: DigestFile | None = None,
    ) -> tuple[int, str]:
        """Write a file's bytes into a sink.

        Returns:
            The number of its attestations, and the digest of what it was made from.
        """
        numbers: deque[int] = deque()
        source = self._source(file)
        count, signer = file.size - len(refused), self._setting.signer

        def on_progress(pages: int) -> None:
            self._on_progress(0 if file.cover_only else pages)

        def records() -> Iterator[Record]:
            for page, stored in enumerate(file.records()):
                if page % _PROGRESS_PAGES == 0 and page:
                    on_progress(_PROGRESS_PAGES)
                source.write(stored.frozen)
                if stored.id not in refused:
                    numbers.append(stored.id)
                    yield stored.record
            on_progress(file.size % _PROGRESS_PAGES or _PROGRESS_PAGES)

        def note(found: Sequence[str]) -> None:
            assert digests
            for digest in found:
                digests.add(numbers.popleft(), digest)

        if file.cover_only:
            self._press.write_cover(records(), sink)
        elif count and self._setting.single_page_file:
            (record,) = records()
            sink.write(self._press.render(record, attach=self._setting.attach, signer=signer))
            if digests:
                note([*self._press.digests([record], single_page_file=True)])
        elif count:
            self._press.write(
                records(),
                sink,
                title=file.title,
                cover=file.cover,
                blank_versos=file.blank_versos,
                on_digests=note if digests else None,
                executor=executor,
                signer=signer,
            )
        return count, source.hexdigest()

    def _source(self, file: _File) -> Digest:
        """Begin the digest of what a file is made from; its records are still to be added."""
        source = Digest()
        source.write(self._setting.edition)
        source.write(bytes((file.cover, file.blank_versos, file.cover_only)))
        return source

    def _note(self, file: _File) -> None:
        """Write down the digests of the pages of a file that was there already."""
        if self._digests is None or file.cover_only:
            return
        records, same = tee(file.records())
        found = self._press.digests(
            (stored.record for stored in records),
            single_page_file=self._setting.single_page_file,
        )
        with self._digests.complete():
            for stored, digest in zip(same, found, strict=True):
                self._digests.add(stored.id, digest)

    def _is_unchanged(self, file: _File, refused: Refused, path: Path) -> bool:
        """Tell whether a file that exists is the one that would be printed.

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
        # The manifest has nothing of it, or it was changed since: print it again, and compare.
        self._known.pop(file.name, None)
        if self._setting.signer:
            return False  # no two signatures are the same
        content = Digest()
        try:
            self._write(file, refused, content, None)
        except LayoutError:
            return False
        return content.hexdigest() == found

    def _find_unfit(self, records: Iterable[Stored]) -> Refused:
        refused: Refused = {}
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
        name: its path in the folder.
        records: yields all its records, from the first.
        size: the number of its records.
        title: the title of the document; None: the template's.
        cover: each class in it has a cover.
        blank_versos: see `Press.write`.
        cover_only: it is the cover of a class, without attestations.
    """

    name: str
    records: Callable[[], Iterator[Stored]]
    size: int
    title: str | None = None
    cover: bool = False
    blank_versos: bool = False
    cover_only: bool = False


class _Nowhere:
    """A sink that keeps nothing."""

    def write(self, data: bytes, /) -> None:
        pass


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
