"""Drafts + what is recorded → what becomes of each draft, and the rows to add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from pixattest.errors import Fault
from pixattest.ledger.certification import identity, is_number
from pixattest.ledger.frozen import freeze, thaw, with_code
from pixattest.ledger.types import Draft, Issued, Revocation, State
from pixattest.model.codes import new_code
from pixattest.model.record import Record

_MENDED = 1
"""Things that a correction may change at once, where only the code says whose it is: one part of
the identity, or the results. Twins differ by a first name, and who passes twice by a date; both
have other results."""


class Standing(NamedTuple):
    """An attestation as it stands: its latest revision.

    Attributes:
        id: the ledger's own number of it.
        code: its verification code.
        revision: the latest.
        record: of that revision, frozen.
        numbered: a certification number leads to it.
        revocation: None while it holds.
    """

    id: int
    code: str
    revision: int
    record: str
    numbered: bool
    revocation: Revocation | None


class Issuing:
    """One call's drafts, decided one after the other; the rows that they add are gathered.

    Args:
        drafts: all of them.
        codes: by key, where the ledger has one for it.
        standings: by code: of these codes, and of those that the other drafts have.
        last_id: the highest number in the ledger.
        taken: whether the ledger has a code.

    Attributes:
        attestations: rows of id, code, and whether a certification number leads to it.
        numbered: rows of the ids to which a first one leads now.
        certifications: rows of key and id.
        revisions: rows of id, number and frozen record.
    """

    def __init__(
        self,
        drafts: Sequence[Draft],
        codes: dict[str, str],
        standings: dict[str, Standing],
        last_id: int,
        taken: Callable[[str], bool],
    ) -> None:
        self.attestations: list[tuple[int, str, bool]] = []
        self.numbered: list[tuple[int]] = []
        self.certifications: list[tuple[str, int]] = []
        self.revisions: list[tuple[int, int, str]] = []
        self._codes = codes
        self._standings = standings
        self._last_id = last_id
        self._taken = taken
        self._settled: set[str] = set()
        # A new key may claim the code of none of the other drafts, however alike they are: what
        # is a mended name from one call to the next would be two people, or two truths, in one.
        self._owned = frozenset(codes.values())
        self._claims = Counter(
            draft.record.verification_code for draft in drafts if not draft.drawn
        )

    def decide(self, draft: Draft) -> Issued:
        """What becomes of the next draft."""
        given = draft.record.verification_code
        code = self._codes.get(draft.key)
        if code is None and (draft.drawn or given not in self._standings):
            return self._first(draft)
        if code is None:
            contested = self._claims[given] > 1 or given in self._owned
            if contested:
                problem = f"{given} is the code of another one of these records"
                hint = "Correct the code, or keep the one record that is right."
                return _refused("conflict", draft, 0, problem, hint)
            former = thaw(self._standings[given].record)
            if not _mends(draft, self._standings[given], former):
                whose = f"{former.full_name}, delivered on {former.delivered_on.isoformat()}"
                problem = f"{given} is the code of another certification ({whose})"
                hint = (
                    "Correct the code, or leave it out; a correction changes one thing at a time."
                )
                return _refused("conflict", draft, 0, problem, hint)
        elif code != given and not draft.drawn and not self._standings[code].revocation:
            problem = f"{given} is not {code}, the code that the same certification has already"
            return _refused("conflict", draft, 0, problem, f"Give {code}, or no code.")
        return self._next(draft, self._standings[code or given])

    def _first(self, draft: Draft) -> Issued:
        """The first revision of an attestation, under a code that is nobody else's."""
        code = draft.record.verification_code
        if draft.drawn:
            while code in self._standings or code in self._claims or self._was_taken(draft, code):
                code = new_code(draft.code_form)
        self._last_id += 1
        numbered = is_number(draft.key)
        self.attestations.append((self._last_id, code, numbered))
        self._lead(draft.key, self._last_id, code)
        self._keep(Standing(self._last_id, code, 1, freeze(draft.record, code), numbered, None))
        return Issued(with_code(draft.record, code), 1, "new")

    def _was_taken(self, draft: Draft, code: str) -> bool:
        """Whether the ledger has a code that was drawn just now; the drafts' own are looked up."""
        return code != draft.record.verification_code and self._taken(code)

    def _next(self, draft: Draft, standing: Standing) -> Issued:
        """The same attestation again, or a revision that supersedes the former."""
        if standing.revocation:
            _, reason, when = standing.revocation
            problem = (
                f"this certification was issued before, and its code"
                f" {standing.code} was revoked on {when.date()}: {reason}"
            )
            hint = (
                "Leave it out: what is revoked is not issued again, under any code. A new"
                " certification has another number, or, where it has none, another day."
            )
            refused = _refused("revoked", draft, standing.revision, problem, hint)
            return replace(refused, record=with_code(draft.record, standing.code))
        frozen = freeze(draft.record, standing.code)
        again = frozen == standing.record
        if not again and standing.code in self._settled:
            problem = f"{standing.code} stands twice among these records, with other data"
            return _refused("conflict", draft, 0, problem, "Keep the record that is right.")
        if draft.key not in self._codes:
            self._lead(draft.key, standing.id, standing.code)
            if is_number(draft.key):
                self.numbered.append((standing.id,))
                standing = standing._replace(numbered=True)
        if not again:
            standing = standing._replace(revision=standing.revision + 1, record=frozen)
            self._keep(standing)
        self._settled.add(standing.code)
        self._standings[standing.code] = standing
        record = with_code(draft.record, standing.code)
        return Issued(record, standing.revision, "again" if again else "corrected")

    def _keep(self, standing: Standing) -> None:
        """Add a revision, and let the drafts to come see it."""
        self.revisions.append((standing.id, standing.revision, standing.record))
        self._standings[standing.code] = standing
        self._settled.add(standing.code)

    def _lead(self, key: str, attestation: int, code: str) -> None:
        """Let a key lead to an attestation."""
        self.certifications.append((key, attestation))
        self._codes[key] = code


def _mends(draft: Draft, standing: Standing, former: Record) -> bool:
    """Whether a draft that has the code of an attestation, and a new key, is of the same one."""
    if standing.numbered and is_number(draft.key):
        return False
    pairs = zip(identity(draft.record), identity(former), strict=True)
    changed = sum(one != other for one, other in pairs)
    return changed + _differ(draft.record, former) <= _MENDED


def _differ(one: Record, other: Record) -> bool:
    """Whether two records have other results; what only one of them says is none."""
    known = one.score is not None and other.score is not None
    both = one.extra.keys() & other.extra.keys()
    return (
        one.levels != other.levels
        or (known and one.score != other.score)
        or any(one.extra[key] != other.extra[key] for key in both)
    )


def _refused(state: State, draft: Draft, revision: int, problem: str, hint: str) -> Issued:
    """A draft that is not issued, and why."""
    code = draft.record.verification_code
    fault = Fault("verification_code", None if draft.drawn else code, problem, hint)
    return Issued(draft.record, revision, state, fault)
