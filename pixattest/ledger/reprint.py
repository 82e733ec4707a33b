"""Ledger + code → the page as it was issued, from the edition that it was first printed from."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import NamedTuple

from pixattest.editions import unpacked
from pixattest.errors import LedgerError, PixattestError
from pixattest.keys import SealKey
from pixattest.ledger import History, Ledger, Page, Revision


class Reprint(NamedTuple):
    """A page that was printed again.

    Attributes:
        pdf: the whole file, of that page.
        revision: of the record.
        superseded: there is a later one.
        page: what the ledger is to be told once it is printed: `Ledger.printed`.
        edition: that it was printed from.
    """

    pdf: bytes
    revision: Revision
    superseded: bool
    page: Page
    edition: str


def reprint(
    ledger: Ledger,
    code: str,
    *,
    revision: int | None = None,
    revoked: bool = False,
    key: SealKey | None = None,
) -> Reprint:
    """The page as it was issued, with the same content, whatever has become of its template.

    It is laid out as it was first: as a file of its own, or as a page in a file of several.

    Args:
        ledger: that has it.
        code: its verification code.
        revision: of the record; None: the one that holds.
        revoked: print what was revoked, too.
        key: that the page was sealed with.

    Raises:
        LedgerError: there is no such code or revision; it was revoked; the edition can't be used;
            or the page would not be the one that was printed.
    """
    history = ledger.find(code)
    if history is None:
        raise LedgerError(f"nothing was issued under the code {code!r}", hint="Correct the code.")
    if history.revocation and not revoked:
        raise LedgerError(
            f"{code} was revoked on {history.revocation.when.date()}: {history.revocation.reason}",
            hint="Print it for the files only, with --revoked.",
        )
    found = _revision(history, revision)
    name, page = found.edition, None
    if found.printings:
        name, page, _ = found.printings[0]
    with unpacked(ledger.edition(name), name, key) as (press, edition):
        try:
            (digest,) = press.digests([found.record], alone=edition.alone)
            if edition.alone:
                pdf = press.render(found.record)
            else:
                file = io.BytesIO()
                press.write([found.record], file)
                pdf = file.getvalue()
        except PixattestError as reason:
            raise LedgerError(
                f"the page of {code} can't be printed: {reason.problem}", hint=reason.hint
            ) from reason
        if page and digest != page:
            raise LedgerError(
                f"the page of {code} would not be the one that was printed",
                hint=f"It was printed by pixattest {edition.pixattest}; print it with that.",
            )
    return Reprint(
        pdf,
        found,
        found is not history.revisions[-1],
        Page(code, found.number, digest),
        name,
    )


def keep(ledger: Ledger, reprinted: Reprint, now: datetime | None = None) -> None:
    """Tell the ledger that a page was printed, which it may not have been before.

    Args:
        ledger: that has it.
        reprinted: what `reprint` gave.
        now: the time of printing; None: the clock's.
    """
    ledger.printed([reprinted.page], reprinted.edition, now or datetime.now(UTC))


def _revision(history: History, number: int | None) -> Revision:
    if number is None:
        return history.revisions[-1]
    for found in history.revisions:
        if found.number == number:
            return found
    raise LedgerError(
        f"{history.code} has no revision {number}", hint=f"It has {len(history.revisions)}."
    )
