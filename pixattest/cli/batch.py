"""Job → its files, messages about what became of the rows, and an exit status."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.batch.report import tell, tell_faults
from pixattest.batch.report_file import refuse_report, write_report
from pixattest.batch.running import run
from pixattest.cli.progress import Meter
from pixattest.errors import RecordError
from pixattest.intake.source import STANDARD

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pixattest.batch.job import Job, Outcome
    from pixattest.intake.source import Row
    from pixattest.model.record import Record
    from pixattest.press.press import Press

# Exit status of a command that Ctrl-C has ended, as shells have it.
_INTERRUPTED = 130


def run_job(job: Job, make_press: Callable[[], Press], report: Path | None, *, quiet: bool) -> int:
    """Do a job, and print what became of it.

    Args:
        job: what the batch is asked to do.
        make_press: builds the press, in another process too.
        report: the file that the report of every row goes to; None: there is none.
        quiet: print faults and new codes only.

    Returns:
        The exit status.
    """
    # SIGTERM must leave nothing half-written either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    standard = job.output == STANDARD or (job.output is None and [*job.inputs] == [STANDARD])
    out = sys.stderr if standard else sys.stdout
    meter = Meter(quiet=quiet)

    def tell_code(name: str, row: Row, record: Record) -> None:
        code = record.verification_code
        print(f"{name}, record {row.number}: new code {code}", file=out, flush=True)

    if report:
        refuse_report(report, inputs=job.inputs)
    outcome = None
    try:
        with run(
            job,
            make_press,
            tell_code=tell_code,
            watcher=meter,
            standard_output=sys.stdout.buffer,
        ) as outcome:
            meter.close()
            if report:
                write_report(outcome, report)
            for line in tell_faults(outcome):
                print(line, file=sys.stderr)
            if not quiet:
                for line in tell(outcome):
                    print(line, file=out)
            return _status(outcome)
    except KeyboardInterrupt:
        what = "not all of this was told" if outcome else "nothing was printed"
        print(f"Interrupted: {what}.", file=sys.stderr)
        return _INTERRUPTED
    finally:
        meter.close()


def _status(outcome: Outcome) -> int:
    """Print what stopped a job, and return its exit status."""
    stopped = outcome.stopped
    if stopped is None:
        return 1 if outcome.spool.count().rejected else 0
    done = sum(printed.files for printed in outcome.printed)
    made = f"{done} of {len(outcome.plan.tasks)} files are whole; " if outcome.plan else ""
    hint = "run it again with --resume to go on" if done else "nothing was printed"
    if isinstance(stopped, KeyboardInterrupt):
        print(f"Interrupted: {made}{hint}.", file=sys.stderr)
        return _INTERRUPTED
    print(f"{stopped}\n{made}{hint}.", file=sys.stderr)
    return 1 if isinstance(stopped, RecordError) else 2


def connect_dask(address: str) -> AbstractContextManager[Executor]:
    """Connect to the Dask scheduler whose workers are to print."""
    from pixattest.press.distributed import executor

    return executor(address)
