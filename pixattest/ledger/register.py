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
        ledger: any ledger; the press's edition is kept in it at once.
        press: the press that prints the records.
        single_page_file: `Press.render` prints each record into a file of its own; else
            `Press.write` prints several into one file.

    Attributes:
        edition: the name of the press's edition in the ledger.

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
        """Make a draft of a JSON-like mapping; a code is drawn where it has none.

        Args:
            raw: a mapping as `Press.read` takes it.
            number: the number of the certification; None when it is not known: then names, birth
                date, centre and day identify the certification.
            tested_on: the day of the test; None: the day of delivery.
            source: where the mapping comes from, for messages.

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
            drafts: the drafts, in any order.
            now: the time of issue; None: the present time.

        Raises:
            RecordError: a draft of another framework than the press's.
        """
        for draft in drafts:
            refuse_foreign(draft.record, self._press.framework)
        return self._ledger.issue(drafts, self.edition, now or datetime.now(UTC))

    def printed(self, issued: Iterable[Issued], now: datetime | None = None) -> list[Fault]:
        """Keep the digests of pages once they are printed; see `Ledger.printed`.

        Args:
            issued: what `issue` returned, of records that were printed.
            now: the time of printing; None: the present time.
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
