"""Files of records → printed files, files of rejects, and an account of every row."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from pixattest.batch.interrupts import deferred
from pixattest.batch.issuing import find_refused, issue, keep_pages, recognise
from pixattest.batch.manifest import digest_of
from pixattest.batch.outputs import Form, Plan, Split, Task, personal_files, plan, refuse_taken
from pixattest.batch.printing import (
    Printed,
    Printer,
    Setting,
    make_folder,
    print_with_processes,
    processes,
)
from pixattest.batch.reading import Given, check_given, read_rows, write_rejects
from pixattest.batch.selection import Selection
from pixattest.batch.spool import Spool
from pixattest.batch.workplace import workplace
from pixattest.errors import Fault, OutputError, PixattestError
from pixattest.intake.opening import open_source
from pixattest.intake.rejects import Rejects
from pixattest.intake.source import Row, Source
from pixattest.ledger import Ledger
from pixattest.ledger.editions import pack
from pixattest.model.pages import Pages
from pixattest.model.pagination import Pagination
from pixattest.model.record import Record
from pixattest.output import new_file
from pixattest.press.press import Press

if TYPE_CHECKING:
    from pixattest.trust.signing import Signer

_WORTH_A_PROCESS = 1000
"""Pages that are printed while another process starts."""

_SURE_OF_ROOM = 1000
"""Attestations that one file has room for, even with 8,000 objects each."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is asked for.

    Attributes:
        inputs: files of records; `-` is standard input.
        output: a PDF, a folder, a ZIP file or `-`; None: beside the first input.
        split: what has a file of its own; None: a class, when there are several.
        cover: each class begins with the list of its people, to be signed; where each person has a
            file, that list has one, too.
        blank_versos: in files of several, each cover or attestation begins on a front.
        only: names and codes of those who are wanted; none: all.
        pages: of the batch as ordered, such as `12-17`; None: all.
        given: what is said once for all rows.
        ignored: columns or keys that are passed over.
        ledger: has the last word on codes, and keeps what is printed; it draws a code for who has
            none, too. None: codes are those of the rows.
        strict: print nothing unless everything can be printed.
        attach: put each record into its own file.
        signer: signs each file of attestations; a list alone is signed by hand.
        force: replace files that exist.
        resume: go on where the same job was stopped.
        jobs: processes that print, where it pays.
        cluster: makes an executor that prints instead, on other machines.
    """

    inputs: Sequence[Path]
    output: Path | None = None
    split: Split | None = None
    cover: bool = False
    blank_versos: bool = False
    only: Sequence[str] = ()
    pages: str | None = None
    given: Given = field(default_factory=Given)
    ignored: Sequence[str] = ()
    ledger: Ledger | None = None
    strict: bool = False
    attach: bool = False
    signer: Signer | None = None
    force: bool = False
    resume: bool = False
    jobs: int = 1
    cluster: Callable[[], AbstractContextManager[Executor]] | None = None


class Watcher(Protocol):
    """Who is told how far a job is."""

    def begin(self, what: str, total: int | None) -> None:
        """Something begins, of so many rows or pages if that is known."""

    def advance(self, count: int) -> None:
        """So many more are done."""


@dataclass
class Outcome:
    """What became of a job, while its spool is there.

    Attributes:
        sources: that were read.
        spool: of all rows.
        pagination: which pages a file of several has.
        plan: where they went; None when nothing was to be printed.
        printed: tasks that are done.
        rejects: files of rejects that were written.
        notices: what one should know.
        stopped: what ended the job before all was done; None when nothing did.
        ledger: where the ledger is that was asked; None where none was.
    """

    sources: Sequence[Source]
    spool: Spool
    pagination: Pagination
    plan: Plan | None
    printed: list[Printed]
    rejects: list[Rejects]
    notices: list[str]
    stopped: PixattestError | KeyboardInterrupt | None = None
    ledger: str | None = None

    @property
    def pages(self) -> int:
        """How many attestations were printed, or were there already."""
        return sum(printed.pages for printed in self.printed)


@contextmanager
def run(
    job: Job,
    make_press: Callable[[], Press],
    *,
    tell_code: Callable[[str, Row, Record], object],
    watcher: Watcher,
    standard_output: IO[bytes],
) -> Iterator[Outcome]:
    """Do a job; its outcome can be asked within the context.

    Args:
        job: what is asked for.
        make_press: builds the press, in another process too.
        tell_code: called for each new code, with the source's name, before anything is printed.
        watcher: told how far it is.
        standard_output: takes the file of a job whose output is `-`.

    Raises:
        InputError: an input can't be read, or lacks something for all of its rows.
        SelectionError: what is selected is not there.
        OutputError: an output is taken; nothing was printed.
        TemplateError, IssuerError: the template or an image can't be used.
    """
    press = make_press()
    if job.ledger:
        job = replace(job, given=replace(job.given, new_codes=True))
    sources = [
        open_source(path, framework=press.framework, ignored=job.ignored) for path in job.inputs
    ]
    check_given(sources, job.given, press.issuer)
    pagination = press.pagination(cover=job.cover, blank_versos=job.blank_versos)
    selection = Selection(job.only) if job.only else None
    pages = Pages(job.pages) if job.pages else None
    with workplace() as folder:
        spool = Spool(folder / "rows", new=True, particles=press.issuer.particles)
        try:
            watcher.begin("rows read", None)
            read_rows(
                sources,
                spool,
                press.read,
                job.given,
                selection=selection,
                keyed=job.ledger is not None,
                tell_code=tell_code,
                on_progress=watcher.advance,
            )
            if job.ledger and (selection or spool.has_both()):
                recognise(spool, job.ledger, selection)
            if selection:
                selection.refuse_missing(spool.people())
            if pages:
                spool.keep_pages(pages.of(sum(found.size for found in spool.classes())))
            run_of_it = _Run(job, make_press, press, pagination, sources, spool, folder, watcher)
            yield run_of_it.finish(standard_output)
        finally:
            spool.close()


class _Run:
    """A job whose rows are read."""

    def __init__(
        self,
        job: Job,
        make_press: Callable[[], Press],
        press: Press,
        pagination: Pagination,
        sources: Sequence[Source],
        spool: Spool,
        folder: Path,
        watcher: Watcher,
    ) -> None:
        self._job = job
        self._make_press = make_press
        self._press = press
        self._pagination = pagination
        self._sources = sources
        self._spool = spool
        self._staged = folder / "files"
        self._watcher = watcher
        # As one record's file is laid out, so is that of a batch of one, and that of each person.
        self._single_page_file = job.split is Split.PERSON or (
            spool.count().read == 1 and not (job.cover or job.blank_versos)
        )
        self._edition = ""

    def finish(self, standard_output: IO[bytes]) -> Outcome:
        """Print what was read, and write what was rejected."""
        job, spool = self._job, self._spool
        outcome = Outcome(self._sources, spool, self._pagination, None, [], [], self._notices())
        counts = spool.count()
        if counts.printable and not (job.strict and counts.rejected):
            made = self._plan()
            self._refuse_overfull(made)
            if not (job.strict and self._find_faults(made)):
                if job.ledger:
                    made = self._issue(job.ledger, made, outcome)
                if made.tasks:
                    self._carry_out(made, outcome, standard_output)
        # An extract leaves the file of the whole alone: corrections may stand in it already.
        if spool.count().rejected and not (job.only or job.pages):
            try:
                outcome.rejects = write_rejects(self._sources, spool)
            except PixattestError as error:
                outcome.stopped = outcome.stopped or error
        return outcome

    def _plan(self) -> Plan:
        """Share out what is to be printed.

        Raises:
            OutputError: an output is taken, or records can't travel in it.
        """
        job = self._job
        if job.attach and not self._single_page_file:
            raise OutputError(
                "a record can't travel in a file of several people",
                hint="Print a file a person, with --split person.",
            )
        extract = ", ".join(job.only) or job.pages
        made = plan(
            self._spool.classes(),
            self._sources,
            job.output,
            job.split,
            extract=extract,
            cover=job.cover,
        )
        refuse_taken(made, self._sources, force=job.force, resume=job.resume)
        return made

    def _refuse_overfull(self, made: Plan) -> None:
        """Find out before anything is issued or printed that a file can't hold its attestations.

        Raises:
            OutputError: it can't.
        """
        job = self._job
        for task in made.tasks:
            if self._single_page_file or task.size <= _SURE_OF_ROOM:
                continue
            people = (stored.record for stored in self._spool.records(task.classes))
            room = self._press.room(
                people, task.size, cover=job.cover, blank_versos=job.blank_versos
            )
            if room < task.size:
                several = len(task.classes) > 1
                raise OutputError(
                    f"a PDF/A file has no room for {task.size:,} attestations, only for some "
                    f"{room:,} of them (ISO 19005-2, 6.1.13)",
                    source=str(made.path / task.name if made.form is Form.FOLDER else made.path),
                    hint="Print a file a class, with --split class and a folder for -o."
                    if several
                    else "Print some at a time, with --pages, or a file a person, with "
                    "--split person and a folder for -o.",
                )

    def _find_faults(self, made: Plan) -> bool:
        """Whether something can't be printed, or issued, of a plan; it is set aside."""
        refused = self._find_unfit(self._setting(made), made)
        if self._job.ledger:
            refused |= find_refused(self._spool, self._job.ledger)
        self._refuse(refused)
        return bool(refused)

    def _issue(self, ledger: Ledger, made: Plan, outcome: Outcome) -> Plan:
        """Let the ledger issue what is to be printed; what of the plan remains to be printed."""
        spool = self._spool
        try:
            self._edition = ledger.keep_edition(
                pack(self._press, single_page_file=self._single_page_file)
            )
            self._watcher.begin("records issued", spool.count().printable)
            form = self._press.rules.new_code
            told = self._watcher.advance
            self._refuse(issue(spool, ledger, self._edition, told, code_form=form))
            return self._plan()
        except (PixattestError, KeyboardInterrupt) as stopped:
            outcome.stopped = stopped
            return made._replace(tasks=())

    def _carry_out(self, made: Plan, outcome: Outcome, standard_output: IO[bytes]) -> None:
        """Print a plan; what turns out to be faulty is set aside."""
        setting = self._setting(made)
        refused: dict[int, tuple[Fault, ...]] = {}
        outcome.plan = made
        staged = setting.folder == self._staged
        try:
            make_folder(setting.folder)
            self._watcher.begin("pages printed", self._spool.count().printable)
            with closing(self._print(setting, made)) as done:
                for printed in done:
                    outcome.printed.append(printed)
                    refused |= printed.refused
                    if not staged:
                        self._keep_pages(printed, outcome)
            self._deliver(made, outcome, standard_output)
            if staged:
                for printed in outcome.printed:
                    self._keep_pages(printed, outcome)
        except (PixattestError, KeyboardInterrupt) as stopped:
            outcome.stopped = stopped
            if staged:
                outcome.printed.clear()  # it goes with the temporary folder
        self._refuse(refused)

    def _keep_pages(self, printed: Printed, outcome: Outcome) -> None:
        """Let the ledger keep what pages look like that are there now."""
        if self._job.ledger and printed.digests:
            for fault in keep_pages(self._spool, self._job.ledger, self._edition, printed.digests):
                outcome.notices.append(f"{fault.problem}. {fault.hint}")
            printed.digests.unlink()

    def _refuse(self, refused: Mapping[int, tuple[Fault, ...]]) -> None:
        """Set records aside that turned out to be faulty."""
        names = [source.name for source in self._sources]
        for number, faults in refused.items():
            self._spool.refuse(number, faults, names)

    def _setting(self, made: Plan) -> Setting:
        """What is common to all tasks; what does not stand beside its target is staged."""
        is_folder = made.form is Form.FOLDER
        straight = {Form.FOLDER: made.path, Form.FILE: made.path.parent}
        return Setting(
            make_press=self._make_press,
            spool=self._spool.path,
            folder=straight.get(made.form, self._staged),
            edition=self._digest(),
            attach=self._job.attach,
            signer=self._job.signer,
            force=self._job.force,
            resume=self._job.resume,
            remember=is_folder,
            cover=self._job.cover,
            blank_versos=self._job.blank_versos,
            single_page_file=self._single_page_file,
            digests=self._job.ledger is not None,
        )

    def _digest(self) -> bytes:
        """Of what files are made from but their records; of the signature, how and by whom."""
        job = self._job
        made = job.attach, self._press.issuer.signing, job.signer and job.signer.certificate
        return sha256(
            pack(self._press, single_page_file=self._single_page_file) + repr(made).encode()
        ).digest()

    def _print(self, setting: Setting, made: Plan) -> Generator[Printed, None, None]:
        job = self._job
        pages = sum(task.size for task in made.tasks)
        several = job.jobs > 1 and pages >= _WORTH_A_PROCESS
        # A key stays in this process, which hands out pages with their seals.
        whole = several and len(made.tasks) > 1 and self._press.kid is None
        if whole and not job.cluster:
            yield from print_with_processes(setting, made.tasks, job.jobs, self._watcher.advance)
            return
        with ExitStack() as stack:
            executor = stack.enter_context(self._executor(several))
            on_progress: Callable[[int], object] = self._watcher.advance
            if executor is None:
                on_progress = _both(stack.enter_context(deferred()), on_progress)
            printer = Printer(setting, on_progress, self._press)
            stack.callback(printer.close)
            for task in made.tasks:
                yield printer.print(task, executor)

    def _executor(self, several: bool) -> AbstractContextManager[Executor | None]:
        """What prints the pages of a file: a cluster, processes, or nothing but this process."""
        if self._job.cluster:
            return self._job.cluster()
        if several:
            return processes(self._job.jobs)
        return nullcontext()

    def _find_unfit(self, setting: Setting, made: Plan) -> dict[int, tuple[Fault, ...]]:
        """Records that their page can't hold."""
        printer = Printer(setting, self._watcher.advance, self._press)
        try:
            refused: dict[int, tuple[Fault, ...]] = {}
            for task in made.tasks:
                refused |= printer.find_unfit(task)
            return refused
        finally:
            printer.close()

    def _deliver(self, made: Plan, outcome: Outcome, standard_output: IO[bytes]) -> None:
        """Bring staged files to where they belong."""
        if made.form is Form.ZIP:
            packed = self._staged.with_suffix(".zip")
            try:
                _pack(self._staged, packed)
            except OSError as reason:
                raise OutputError(
                    f"can't be written: {reason.strerror}",
                    source=str(packed),
                    hint="Make room there, or set TMPDIR to a folder with more.",
                ) from None
            force = self._job.force
            if self._job.resume and made.path.exists():
                force = force or digest_of(packed) == digest_of(made.path)
            with packed.open("rb") as file, new_file(made.path, force=force) as sink:
                shutil.copyfileobj(file, sink)
        elif made.form is Form.STANDARD:
            for printed in outcome.printed:
                if printed.files:
                    _copy(self._staged / printed.task.name, standard_output)

    def _notices(self) -> list[str]:
        """What one should know about the sources, and about codes that nobody had."""
        given = self._job.given
        notices = []
        for source in self._sources:
            notices += [f"{source.name} {notice}." for notice in source.notices]
            if source.date_is_of_test and not given.delivered_on:
                notices.append(
                    f"{source.name}: the day of the test is printed as the day of delivery; "
                    "--delivered-on gives another."
                )
        if given.codes and (unused := given.codes.unused):
            whose = "; ".join(f"{code.code} ({code.whose})" for code in unused[:_FEW])
            more = f" and {len(unused) - _FEW} more" if len(unused) > _FEW else ""
            notices.append(f"{given.codes.name}: codes that no row asked for: {whose}{more}.")
        return notices


_FEW = 5
"""Codes that a notice names."""


def places(outcome: Outcome) -> Iterator[tuple[int, str, int]]:
    """Where each record is printed: its number in the batch, file and page."""
    made, spool = outcome.plan, outcome.spool
    if made is None:
        return
    home = made.path if made.form in (Form.FOLDER, Form.ZIP) else made.path.parent
    for printed in outcome.printed:
        task: Task = printed.task
        if task.by_person:
            for name, stored in personal_files(task, spool):
                yield stored.id, str(home / name), 1
            continue
        file = str(made.path if made.form is Form.STANDARD else home / task.name)
        # Read twice, side by side: a class that has a cover is looked through beforehand.
        people = (stored.record for stored in spool.records(task.classes))
        numbers = outcome.pagination.places(people)
        for stored, page in zip(spool.records(task.classes), numbers, strict=True):
            yield stored.id, file, page


def _both(
    raise_if_stopped: Callable[[], None], on_progress: Callable[[int], object]
) -> Callable[[int], None]:
    def call(count: int) -> None:
        on_progress(count)
        raise_if_stopped()

    return call


def _pack(folder: Path, target: Path) -> None:
    """A ZIP file of a folder's files, the same bytes on any day."""
    with zipfile.ZipFile(target, "w") as packed:  # stored: a PDF is compressed already
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                entry.external_attr = 0o644 << 16
                with path.open("rb") as file, packed.open(entry, "w", force_zip64=True) as inside:
                    shutil.copyfileobj(file, inside)


def _copy(path: Path, stream: IO[bytes]) -> None:
    try:
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)
        stream.flush()
    except OSError as reason:
        raise OutputError(
            f"can't be written: {reason.strerror}", source="standard output"
        ) from None
