"""pixattest ledger show, list or revoke → what was issued, in lines of text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pixattest.ledger import History, Ledger, Revision

app = typer.Typer(
    help="Look into a ledger: what was issued, superseded and revoked.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Where = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="FILE|ADDRESS",
        envvar="PIXATTEST_LEDGER",
        help="SQLite file, or postgresql:// address.",
    ),
]
_Code = Annotated[str, typer.Argument(metavar="CODE", help="Verification code.")]
_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
"""`main` looks for this option among the arguments; the commands themselves need not."""


@app.command("show")
def show(code: _Code, ledger: Where, debug: _Debug = False) -> None:  # noqa: ARG001
    """Show all that was issued under a code: each revision, its pages, and its revocation."""
    from pixattest.ledger import open_ledger

    with open_ledger(ledger, create=False) as opened:
        history = find(opened, code, opened.source)
    print("\n".join(_lines(history)))


@app.command("list")
def list_(ledger: Where, debug: _Debug = False) -> None:  # noqa: ARG001
    """List every code with its person, in the order of issue: a line each, columns by tabs."""
    from pixattest.ledger import open_ledger

    with open_ledger(ledger, create=False) as opened:
        for history in opened.histories():
            last = history.revisions[-1]
            print(
                history.code,
                last.record.last_name,
                last.record.first_name,
                last.record.birth_date,
                last.record.group or "",
                moment(last.issued),
                f"revision {last.number}",
                _standing(history),
                sep="\t",
            )


@app.command("revoke")
def revoke(
    code: _Code,
    ledger: Where,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, in one line.")],
    debug: _Debug = False,  # noqa: ARG001
) -> None:
    """Revoke what was issued under a code, for ever."""
    from pixattest.ledger import open_ledger

    with open_ledger(ledger, create=False) as opened:
        history = find(opened, code, opened.source)
        revoked = opened.revoke(history.code, reason, datetime.now(UTC))
    name = history.revisions[-1].record.full_name
    print(f"{revoked.code} ({name}): revoked: {revoked.reason}")
    renew = "Run `pixattest revocations DIR`, so that verification pages know of it."
    print(renew, file=sys.stderr)


def find(ledger: Ledger, code: str, source: str) -> History:
    """Find what was issued under a code, as it was typed or in capitals.

    Raises:
        LedgerError: nothing was issued under it.
    """
    from pixattest.errors import LedgerError

    history = ledger.find(code) or ledger.find(code.upper())
    if history is None:
        raise LedgerError(
            f"nothing was issued under the code {code!r}", source=source, hint="Correct the code."
        )
    return history


def _lines(history: History) -> Iterator[str]:
    """Yield a history as text: the first record whole, of each other one what it changed."""
    *_, last = history.revisions
    yield f"{history.code}  {last.record.full_name}  {_standing(history)}"
    former: dict[str, object] = {}
    for revision in history.revisions:
        yield ""
        superseded = "" if revision is last else f", superseded by revision {revision.number + 1}"
        yield f"revision {revision.number}, issued {moment(revision.issued)}{superseded}"
        fields = _fields(revision)
        for name in former | fields:
            value, before = fields.get(name, "–"), former.get(name, "–")
            if value != before:
                yield f"  {name}: {f'{before} → {value}' if former else value}"
        yield f"  from edition {revision.edition}"
        for printing in revision.printings:
            yield f"  printed {moment(printing.when)}: page {printing.page}"
            if printing.edition != revision.edition:
                yield f"    from edition {printing.edition}"
        if not revision.printings:
            yield "  never printed"
        former = fields


def _fields(revision: Revision) -> dict[str, object]:
    """Return the fields of a record that have a value, each level as a field of its own."""
    values = revision.record.as_mapping()
    levels = values.pop("levels")
    del values["verification_code"]
    given = {name: value for name, value in values.items() if value is not None}
    return given | {f"levels.{number}": level for number, level in levels.items()}


def _standing(history: History) -> str:
    if history.revocation:
        _, reason, when = history.revocation
        return f"revoked {moment(when)}: {reason}"
    return "issued" if history.revisions[-1].printings else "issued, never printed"


def moment(when: datetime) -> str:
    """Return a time as text."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"
