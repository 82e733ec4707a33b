"""Records of a spool ↔ their drafts: what asks a ledger for a code, and what the ledger said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from pixattest.batch.rows import Asked, Origin
from pixattest.batch.spool import Spool, freeze, thaw
from pixattest.model.record import Record

if TYPE_CHECKING:
    from pixattest.ledger.types import Issued

# Rows that may contradict each other are asked together: all rows of one key, and before all
# others the tangled ones: their code stands with several keys, or their key with several codes
# (or with a code in one row and none in another).
_TURN = "CREATE TEMP TABLE turn(number INTEGER PRIMARY KEY, id INTEGER, tangled INTEGER)"
_FILL_TURN = """
INSERT INTO turn(id, tangled) SELECT id,
    certification IN (SELECT certification FROM draft
        GROUP BY certification HAVING count(DISTINCT ifnull(code, '')) > 1)
    OR ifnull(code IN (SELECT code FROM draft
        GROUP BY code HAVING count(DISTINCT certification) > 1), 0) AS tangled
FROM draft JOIN record USING (id) WHERE wanted ORDER BY tangled DESC, certification, id
"""
_NEXT = """
SELECT t.number, t.tangled, t.id, d.certification, d.code ISNULL, r.body
FROM turn t JOIN draft d USING (id) JOIN record r USING (id) WHERE t.number > ?
ORDER BY t.number
"""
_DRAWN = """
SELECT id, certification, 1, body FROM draft JOIN record USING (id)
WHERE code ISNULL AND id > ? ORDER BY id LIMIT ?
"""


class Drafts:
    """The drafts of a batch that is issued through a ledger.

    Args:
        spool: the spool of the batch, finished; each record was added to it with a key.
    """

    def __init__(self, spool: Spool) -> None:
        self._base = spool.database

    def has_both(self) -> bool:
        """Tell whether codes of some records were drawn, and others not."""
        query = "SELECT count(code) BETWEEN 1 AND count(*) - 1 FROM draft"
        ((both,),) = self._base.read(query)
        return bool(both)

    def drawn(self, most: int) -> Iterator[list[Asked]]:
        """Yield all records whose code was drawn, wanted or not, `most` at a time."""
        last = -1
        while rows := list(self._base.read(_DRAWN, (last, most))):
            last = rows[-1][0]
            yield list(map(_asked, rows))

    def recognise(self, known: Iterable[tuple[int, Record, bool]]) -> None:
        """Take note of records that the ledger has already.

        Args:
            known: the number of each in the batch, the record with its code, and whether it is
                wanted now that its code is known.
        """
        with self._base.transaction():
            for number, record, wanted in known:
                code = record.verification_code
                self._base.run("UPDATE draft SET code = ? WHERE id = ?", (code, number))
                self._base.run(
                    "UPDATE record SET body = ?, wanted = wanted OR ? WHERE id = ?",
                    (freeze(record), wanted, number),
                )

    def asked(self, most: int) -> Iterator[list[Asked]]:
        """Yield the wanted records; those that may contradict each other come together.

        Args:
            most: number of records at a time; it is exceeded only by those that belong together.
        """
        self._base.run(_TURN)
        self._base.run(_FILL_TURN)
        last = 0
        while rows := list(islice(self._base.read(_NEXT, (last,)), most)):
            rows += takewhile(partial(_belong, rows[-1]), self._base.read(_NEXT, (rows[-1][0],)))
            last = rows[-1][0]
            yield [_asked(row) for _, _, *row in rows]
        self._base.run("DROP TABLE turn")

    def issue(self, answers: Iterable[tuple[Asked, Issued]]) -> None:
        """Take note of what the ledger said of records."""
        with self._base.transaction():
            for asked, issued in answers:
                record, state = issued.record, issued.state
                keeps_no_code = state == "conflict" and asked.drawn
                code = None if keeps_no_code else record.verification_code
                self._base.run(
                    "UPDATE draft SET code = ?, state = ?, revision = ? WHERE id = ?",
                    (code, state, issued.revision, asked.id),
                )
                if record is not asked.record:
                    self._base.run(
                        "UPDATE record SET body = ? WHERE id = ?", (freeze(record), asked.id)
                    )

    def revisions(self, numbers: Iterable[int]) -> list[tuple[str, int]]:
        """Return code and revision of issued records, by their numbers in the batch."""
        one = "SELECT code, revision FROM draft WHERE id = ?"
        return [(code, rev) for n in numbers for code, rev in self._base.read(one, (n,))]

    def states(self) -> dict[str, int]:
        """Count the records by the state that the ledger gave them."""
        query = "SELECT state, count(*) FROM draft WHERE state NOTNULL GROUP BY state"
        return dict(self._base.read(query))

    def corrected(self) -> Iterator[tuple[Origin, Record, int]]:
        """Yield the records that supersede an earlier revision, with the number of theirs."""
        for *place, body, revision in self._base.read(
            "SELECT source, row, line, body, revision FROM draft JOIN record USING (id)"
            " WHERE state = 'corrected' ORDER BY id"
        ):
            yield Origin(*place), thaw(body), revision


def _asked(row: Sequence[Any]) -> Asked:
    number, key, drawn, body = row
    return Asked(number, key, bool(drawn), thaw(body))


def _belong(last: tuple[Any, ...], row: tuple[Any, ...]) -> bool:
    """Tell whether a row of a turn has to be asked together with the one before."""
    _, last_is_tangled, _, last_key, *_ = last
    _, is_tangled, _, key, *_ = row
    return bool(last_is_tangled and is_tangled) or last_key == key
