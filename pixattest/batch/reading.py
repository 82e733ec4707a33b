"""Rows of sources → records in the spool; rows that can't be printed are set aside there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pixattest.batch.rows import Origin
from pixattest.batch.selection import Selection
from pixattest.batch.spool import Spool
from pixattest.errors import InputError, visible
from pixattest.intake.records import Given, Reader, check_rows
from pixattest.intake.rejects import Rejects
from pixattest.intake.source import Row, Source
from pixattest.ledger.certification import certification_key
from pixattest.model.issuer import Issuer
from pixattest.model.record import Record


def check_given(sources: Sequence[Source], given: Given, issuer: Issuer) -> None:
    """Refuse a source that lacks something for all of its rows, once and before they are read.

    Raises:
        InputError: there is no centre, delivery date or code in it, and none is given.
    """
    has_codes = given.new_codes or given.codes is not None
    centre = given.centre or issuer.centre
    for source in sources:
        lacking = [
            (what, hint)
            for field, is_given, what, hint in (
                ("centre", centre, "no certification centre", _CENTRE_HINT),
                ("delivered_on", given.delivered_on, "no date", "the date with --delivered-on"),
                ("verification_code", has_codes, "no verification codes", _CODES_HINT),
            )
            if field not in source.fields and not is_given
        ]
        if lacking:
            problem = " and ".join(what for what, _ in lacking)
            hint = "; ".join(hint for _, hint in lacking)
            raise InputError(f"has {problem} in it", source=source.name, hint=f"Give {hint}.")


_CENTRE_HINT = "the centre with --centre, or in the issuer's file"
_CODES_HINT = "the codes with --codes FILE, or draw new ones with --ledger FILE or --new-codes"


_FEW = 5
"""Number of unused codes that a notice names."""


def read_rows(
    sources: Sequence[Source],
    spool: Spool,
    check: Reader,
    given: Given,
    *,
    selection: Selection | None = None,
    keyed: bool = False,
    tell_code: Callable[[str, Row, Record], object],
    on_progress: Callable[[int], object],
) -> None:
    """Read all rows of all sources.

    Args:
        sources: the sources in their order.
        spool: takes each row.
        check: makes records of the rows.
        given: the values that hold for all rows.
        selection: tells who is wanted; None: everybody is.
        keyed: each record gets the key of its certification, for a ledger, which gives the codes.
        tell_code: called for each new code, with the source's name, before anything is printed;
            never where a ledger gives the codes.
        on_progress: called with 1 for each row.

    Raises:
        InputError: a source can't be read any more, has changed meanwhile, or has no row at all.
    """
    for index, source in enumerate(sources):
        for row, record, faults, drawn, tested_on in check_rows(source, given, check):
            on_progress(1)
            origin = Origin(index, row.number, row.line)
            if record is None:
                spool.set_aside(origin, _who(row.fields), row.not_printable, faults)
                continue
            wanted = selection is None or selection.selects(
                record.last_name, record.first_name, record.verification_code
            )
            key = None
            if keyed:
                key = certification_key(record, number=row.certification, tested_on=tested_on)
            elif drawn and wanted:
                tell_code(source.name, row, record)
            spool.add(origin, record, wanted=wanted, drawn=drawn, key=key)
    spool.finish()


def notices(sources: Sequence[Source], given: Given) -> list[str]:
    """Return sentences about the sources that the user should read, and about unused codes."""
    found = []
    for source in sources:
        found += [f"{source.name} {notice}." for notice in source.notices]
        if source.date_is_of_test and not given.delivered_on:
            found.append(
                f"{source.name}: the day of the test is printed as the day of delivery; "
                "--delivered-on gives another."
            )
    if given.codes and (unused := given.codes.unused):
        whose = "; ".join(f"{code.code} ({code.whose})" for code in unused[:_FEW])
        more = f" and {len(unused) - _FEW} more" if len(unused) > _FEW else ""
        found.append(f"{given.codes.name}: codes that no row asked for: {whose}{more}.")
    return found


def write_rejects(sources: Sequence[Source], spool: Spool) -> list[Rejects]:
    """Write a file of rejects for each source that has some: they are read once more for it.

    Raises:
        InputError: a source can't be read any more, or has changed meanwhile.
        OutputError: a file can't be written.
    """
    written: list[Rejects] = []
    read = [source.content.path for source in sources if source.content.path]
    for index, source in enumerate(sources):
        asides = spool.asides(index, faulty=True)
        aside = next(asides, None)
        if aside is None:
            continue
        with Rejects(source, (*read, *(rejects.path for rejects in written))) as rejects:
            for number, came in enumerate(source.origins(), 1):
                if aside and number == aside.origin.row:
                    rejects.add(came, aside.faults)
                    aside = next(asides, None)
        written.append(rejects)
    return written


def _who(fields: dict[str, Any]) -> str:
    """Return first and last name, as far as the row has them."""
    names = (fields.get("first_name"), fields.get("last_name"))
    return visible(" ".join(name for name in names if isinstance(name, str)))
