"""Job: files of records → printed files, files of rejects, and the outcome of every row."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import replace
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from pixattest.batch.delivery import deliver
from pixattest.batch.interrupts import deferred
from pixattest.batch.job import Job, Outcome, Watcher
from pixattest.batch.outputs import Form, Plan, Split, plan, refuse_taken
from pixattest.batch.printing import Printed, Printer, Refused, Setting, make_folder
from pixattest.batch.reading import check_given, notices, read_rows, write_rejects
from pixattest.batch.selection import Selection
from pixattest.batch.spool import Spool
from pixattest.batch.workplace import workplace
from pixattest.errors import Fault, OutputError, PixattestError
from pixattest.intake.opening import open_source
from pixattest.model.pages import Pages
from pixattest.press.press import Press

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from pixattest.intake.source import Row, Source
    from pixattest.ledger.types import Ledger
    from pixattest.model.pagination import Pagination
    from pixattest.model.record import Record

_WORTH_A_PROCESS = 1000
"""Number of pages that are printed while another process starts."""

_SURE_OF_ROOM = 1000
"""Number of attestations that one file has room for, even with 8,000 objects each."""


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
        job: what the batch is asked to do.
        make_press: builds the press, in another process too.
        tell_code: called for each new code, with the source's name, before anything is printed.
        watcher: is told how far the job is.
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
            if job.ledger:
                _recognise(spool, job.ledger, selection)
            if selection:
                selection.refuse_missing(spool.people())
            if pages:
                spool.keep_pages(pages.of(sum(found.size for found in spool.classes())))
            read = _Run(job, make_press, press, pagination, sources, spool, folder, watcher)
            yield read.finish(standard_output)
        finally:
            spool.close()


def _recognise(spool: Spool, ledger: Ledger, selection: Selection | None) -> None:
    """Give records the codes that the ledger has for them, where that may change the selection."""
    from pixattest.batch.drafts import Drafts
    from pixattest.batch.issuing import recognise

    drafts = Drafts(spool)
    if selection or drafts.has_both():
        recognise(drafts, ledger, selection)


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
        # The file of a batch of one, or of each person, is laid out as that of a single record.
        self._single_page_file = job.split is Split.PERSON or (
            spool.count().read == 1 and not (job.cover or job.blank_versos)
        )
        self._edition = ""

    def finish(self, standard_output: IO[bytes]) -> Outcome:
        """Print what was read, and write what was rejected."""
        job, spool = self._job, self._spool
        said = notices(self._sources, job.given)
        outcome = Outcome(self._sources, spool, self._pagination, None, [], [], said)
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
        """Share the records out to files.

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
            OutputError: a file can't hold them.
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
        """Set aside what can't be printed or issued of a plan; tell whether there was any."""
        refused = self._find_unfit(self._setting(made), made)
        if self._job.ledger:
            from pixattest.batch.drafts import Drafts
            from pixattest.batch.issuing import find_refused

            refused |= find_refused(Drafts(self._spool), self._job.ledger)
        self._refuse(refused)
        return bool(refused)

    def _issue(self, ledger: Ledger, made: Plan, outcome: Outcome) -> Plan:
        """Let the ledger issue what is to be printed; return the plan of what is still left."""
        from pixattest.batch.drafts import Drafts
        from pixattest.batch.issuing import issue

        drafts, form = Drafts(self._spool), self._press.rules.new_code
        on_progress = self._watcher.advance
        try:
            self._edition = ledger.keep_edition(self._packed())
            self._watcher.begin("records issued", self._spool.count().printable)
            self._refuse(issue(drafts, ledger, self._edition, on_progress, code_form=form))
            return self._plan()
        except (PixattestError, KeyboardInterrupt) as stopped:
            outcome.stopped = stopped
            return made._replace(tasks=())

    def _carry_out(self, made: Plan, outcome: Outcome, standard_output: IO[bytes]) -> None:
        """Print a plan; what turns out to be faulty is set aside."""
        setting = self._setting(made)
        refused: Refused = {}
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
            if staged:
                job = self._job
                deliver(made, outcome.printed, self._staged, standard_output, job.force, job.resume)
                for printed in outcome.printed:
                    self._keep_pages(printed, outcome)
        except (PixattestError, KeyboardInterrupt) as stopped:
            outcome.stopped = stopped
            if staged:
                outcome.printed.clear()  # it goes with the temporary folder
        self._refuse(refused)

    def _keep_pages(self, printed: Printed, outcome: Outcome) -> None:
        """Let the ledger keep the digests of pages that are there now."""
        if self._job.ledger and printed.digests:
            from pixattest.batch.drafts import Drafts
            from pixattest.batch.issuing import keep_pages

            drafts = Drafts(self._spool)
            for fault in keep_pages(drafts, self._job.ledger, self._edition, printed.digests):
                outcome.notices.append(f"{fault.problem}. {fault.hint}")
            printed.digests.unlink()

    def _refuse(self, refused: Mapping[int, tuple[Fault, ...]]) -> None:
        """Set records aside that turned out to be faulty."""
        names = [source.name for source in self._sources]
        for number, faults in refused.items():
            self._spool.refuse(number, faults, names)

    def _setting(self, made: Plan) -> Setting:
        """Return what all tasks have in common; files of a ZIP or a stream are staged first."""
        is_folder = made.form is Form.FOLDER
        straight = {Form.FOLDER: made.path, Form.FILE: made.path.parent}
        return Setting(
            make_press=self._make_press,
            spool=self._spool.database.path,
            folder=straight.get(made.form, self._staged),
            edition=self._digest() if is_folder else b"",
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

    def _packed(self) -> bytes:
        """Return the edition that the job prints from."""
        from pixattest.ledger.editions import pack

        return pack(self._press, single_page_file=self._single_page_file)

    def _digest(self) -> bytes:
        """Return the digest of all that files are made from, except their records."""
        job = self._job
        made = job.attach, self._press.issuer.signing, job.signer and job.signer.certificate
        return sha256(self._packed() + repr(made).encode()).digest()

    def _print(self, setting: Setting, made: Plan) -> Generator[Printed, None, None]:
        job = self._job
        pages = sum(task.size for task in made.tasks)
        several = job.jobs > 1 and pages >= _WORTH_A_PROCESS
        # A key stays in this process, which hands out pages with their seals.
        whole = several and len(made.tasks) > 1 and self._press.kid is None
        if whole and not job.cluster:
            from pixattest.batch.workers import print_with_processes

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
        """Return what prints the pages of a file: a cluster, processes, or None: this process."""
        if self._job.cluster:
            return self._job.cluster()
        if several:
            from pixattest.batch.workers import processes

            return processes(self._job.jobs)
        return nullcontext()

    def _find_unfit(self, setting: Setting, made: Plan) -> Refused:
        """Return the faults of records that their page can't hold."""
        with closing(Printer(setting, self._watcher.advance, self._press)) as printer:
            refused: Refused = {}
            for task in made.tasks:
                refused |= printer.find_unfit(task)
            return refused


def _both(
    raise_if_stopped: Callable[[], None], on_progress: Callable[[int], object]
) -> Callable[[int], None]:
    """Return a function that reports progress, and then hears Ctrl-C."""

    def call(count: int) -> None:
        on_progress(count)
        raise_if_stopped()

    return call
