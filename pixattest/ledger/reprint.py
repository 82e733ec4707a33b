"""Ledger + code → the page as it was issued, from the edition that it was last printed from."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from pixattest.errors import LedgerError, PixattestError
from pixattest.ledger.editions import short, unpacked
from pixattest.ledger.types import History, Ledger, Page, Printing, Revision
from pixattest.trust.keys import SealKey


class Reprint(NamedTuple):
    """A page that was printed again.

    Attributes:
        pdf: the whole file of the page.
        revision: the revision of the record.
        superseded: there is a later revision.
        page: the page as `Ledger.printed` takes it, once it is printed; see `keep`.
        edition: the name of the edition that it was printed from.
        template: the name of the edition's drawing.
        language: the language of the edition.
        printed: when it was printed from this edition before; None: it never was.
        others: the revision's printings from other editions, in the order of time.
    """

    pdf: bytes
    revision: Revision
    superseded: bool
    page: Page
    edition: str
    template: str
    language: str
    printed: datetime | None
    others: tuple[Printing, ...]


def reprint(
    ledger: Ledger,
    code: str,
    *,
    revision: int | None = None,
    edition: str | None = None,
    revoked: bool = False,
    key: SealKey | None = None,
) -> Reprint:
    """Print a page as it was issued, with the same content, whatever became of its template.

    It is laid out as it was then: as a file of its own, or as a page in a file of several.

    Args:
        ledger: the ledger that has the attestation.
        code: the verification code of the attestation.
        revision: the number of the revision; None: the one that holds.
        edition: the beginning of the name of an edition to print from; None: the one that it was
            printed from last, as the page that its holder has.
        revoked: print even what was revoked.
        key: the key that sealed the page.

    Raises:
        LedgerError: there is no such code, revision or edition; it was revoked; the edition can't
            be used; or the page would not be the one that was printed.
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
    printing = _printing(code, found, edition)
    name = printing.edition if printing else found.edition
    with unpacked(ledger.edition(name), name, key) as (press, kept):
        try:
            (digest,) = press.digests([found.record], single_page_file=kept.single_page_file)
            if kept.single_page_file:
                pdf = press.render(found.record)
            else:
                file = io.BytesIO()
                press.write([found.record], file)
                pdf = file.getvalue()
        except PixattestError as reason:
            raise LedgerError(
                f"the page of {code} can't be printed: {reason.problem}", hint=reason.hint
            ) from reason
        if printing and digest != printing.page:
            raise LedgerError(
                f"the page of {code} would not be the one that was printed",
                hint=f"It was printed by pixattest {kept.pixattest}; print it with that.",
            )
    return Reprint(
        pdf,
        found,
        found is not history.revisions[-1],
        Page(code, found.number, digest),
        name,
        PurePosixPath(kept.template).name,
        kept.language,
        printing and printing.when,
        tuple(other for other in found.printings if other is not printing),
    )


def keep(ledger: Ledger, reprinted: Reprint, now: datetime | None = None) -> None:
    """Keep in the ledger that a page was printed; it may have been the first time.

    Args:
        ledger: the ledger that has the attestation.
        reprinted: what `reprint` returned.
        now: the time of printing; None: the present time.
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


def _printing(code: str, revision: Revision, edition: str | None) -> Printing | None:
    """Return the printing that is to be repeated; None: the revision was never printed yet.

    Raises:
        LedgerError: it was printed from no edition whose name begins so, or from several.
    """
    printings = revision.printings
    if edition is None:
        return printings[-1] if printings else None
    typed = edition.lower()
    found = [one for one in printings if typed and one.edition.startswith(typed)]
    if len(found) == 1:
        return found[0]
    if not printings:
        raise LedgerError(f"{code} was never printed", hint="Leave the edition out.")
    if found:
        problem = f"several editions that {code} was printed from begin with {edition!r}"
    else:
        problem = f"{code} was not printed from the edition {edition!r}"
    named = ", ".join(short(one.edition) for one in found or printings)
    raise LedgerError(problem, hint=f"Give one of these: {named}.")
