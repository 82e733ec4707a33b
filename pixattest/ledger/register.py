"""Ledger + Press → records issued, printed, and their pages kept: what an application calls.

with open_ledger("issued.db") as ledger:
    register = Register(ledger, press)
    (issued,) = register.issue([register.draft(raw)])
    if issued.fault is None:
        pdf = press.render(issued.record)
        register.printed([issued])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from pixattest.errors import Fault
from pixattest.ledger.certification import certification_key
from pixattest.ledger.editions import pack
from pixattest.ledger.types import Draft, Issued, Ledger, Page
from pixattest.model.record import Record, refuse_foreign
from pixattest.press.press import Press


class Register:
    """Issues, through a ledger, what a press prints.

    Args:
        ledger: any; the press's edition is kept in it at once.
        press: that prints the records.
        single_page_file: they are printed by `Press.render`, a file each; else by `Press.write`.

    Attributes:
        edition: its name in the ledger.

    Raises:
        TemplateError, IssuerError: a file of the edition can't be read.
        LedgerError: the edition could not be kept.
    """

    def __init__(self, ledger: Ledger, press: Press, *, single_page_file: bool = True) -> None:
        self._ledger = ledger
        self._press = press
        self._single_page_file = single_page_file
        self.edition = ledger.keep_edition(pack(press, single_page_file=single_page_file))

    def draft(
        self,
        raw: object,
        *,
        number: str | None = None,
        tested_on: date | None = None,
        source: str | None = None,
    ) -> Draft:
        """A draft of a JSON-like mapping; a code is drawn for one that has none.

        Args:
            raw: as `Press.read` takes it.
            number: of the certification; None when it is not known: then names, birth date, centre
                and day tell it.
            tested_on: the day of the test (default: of the delivery).
            source: where it comes from, for messages.

        Raises:
            RecordError: it breaks a rule, or its page can't hold it; every violation is in
                `faults`.
        """
        record = self._press.read(raw, source=source, new_codes=True)
        self._digests([record])
        drawn = isinstance(raw, Mapping) and raw.get("verification_code") is None
        key = certification_key(record, number=number, tested_on=tested_on)
        return Draft(key, record, drawn, self._press.rules.new_code)

    def issue(self, drafts: Sequence[Draft], now: datetime | None = None) -> list[Issued]:
        """Issue drafts before they are printed; see `Ledger.issue`.

        Args:
            drafts: in any order.
            now: the time of issue; None: the clock's.

        Raises:
            RecordError: a draft of another framework than the press's.
        """
        for draft in drafts:
            refuse_foreign(draft.record, self._press.framework)
        return self._ledger.issue(drafts, self.edition, now or datetime.now(UTC))

    def printed(self, issued: Iterable[Issued], now: datetime | None = None) -> list[Fault]:
        """Keep what pages look like, once they are printed; see `Ledger.printed`.

        Args:
            issued: those of `issue` that were printed.
            now: the time of printing; None: the clock's.
        """
        done = [one for one in issued if one.fault is None]
        digests = self._digests([one.record for one in done])
        pages = [
            Page(one.record.verification_code, one.revision, digest)
            for one, digest in zip(done, digests, strict=True)
        ]
        return self._ledger.printed(pages, self.edition, now or datetime.now(UTC))

    def _digests(self, records: Sequence[Record]) -> list[str]:
        return list(self._press.digests(records, single_page_file=self._single_page_file))
