"""Drafts + what the ledger has → what becomes of each draft, and the rows to add."""

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
"""Number of things that a correction may change at once, where only the code says whose it is: one
part of the identity, or the results. Twins differ by their first names, and the two certifications
of one person by their dates; in both cases the results differ, too."""


class Standing(NamedTuple):
    """An attestation as it stands: its latest revision.

    Attributes:
        id: the ledger's own number of it.
        code: its verification code.
        revision: the number of the latest revision.
        record: the frozen record of that revision.
        numbered: one of its keys is a certification number.
        revocation: None while it holds.
    """

    id: int
    code: str
    revision: int
    record: str
    numbered: bool
    revocation: Revocation | None


class Issuing:
    """Decides the drafts of one call one after the other, and gathers the rows that they add.

    Args:
        drafts: all drafts of the call.
        codes: codes[key]: the code that the ledger has for a draft's key, if it has one.
        standings: standings[code]: how a code stands; it has these codes, and those in the drafts,
            as far as the ledger knows them.
        last_id: the highest number of an attestation in the ledger.
        taken: tells whether the ledger has a code.

    Attributes:
        attestations: new rows of id, code, and whether a key of it is a certification number.
        numbered: the ids that have their first certification number now.
        certifications: new rows of key and id.
        revisions: new rows of id, number and frozen record.
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
        # From one call to the next, an alike record with the same code is the same one, mended.
        # Within one call it would be a second person, or a second truth: a new key may not claim
        # a code that another draft has.
        self._owned = frozenset(codes.values())
        self._claims = Counter(
            draft.record.verification_code for draft in drafts if not draft.drawn
        )

    def decide(self, draft: Draft) -> Issued:
        """Decide what becomes of the next draft."""
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
        """Issue the first revision of an attestation, under a code that is nobody else's."""
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
        """Tell whether the ledger has a code drawn here; that of the draft is in the standings."""
        return code != draft.record.verification_code and self._taken(code)

    def _next(self, draft: Draft, standing: Standing) -> Issued:
        """Issue an attestation again, or a revision that supersedes the former one."""
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
        """Add a revision, and let the following drafts see it."""
        self.revisions.append((standing.id, standing.revision, standing.record))
        self._standings[standing.code] = standing
        self._settled.add(standing.code)

    def _lead(self, key: str, attestation: int, code: str) -> None:
        """Let a key lead to an attestation."""
        self.certifications.append((key, attestation))
        self._codes[key] = code


def _mends(draft: Draft, standing: Standing, former: Record) -> bool:
    """Tell whether a draft with a known code and a new key corrects the attestation of the code."""
    if standing.numbered and is_number(draft.key):
        return False
    pairs = zip(identity(draft.record), identity(former), strict=True)
    changed = sum(one != other for one, other in pairs)
    return changed + _differ(draft.record, former) <= _MENDED


def _differ(one: Record, other: Record) -> bool:
    """Tell whether the results of two records differ, in what both of them have."""
    known = one.score is not None and other.score is not None
    both = one.extra.keys() & other.extra.keys()
    return (
        one.levels != other.levels
        or (known and one.score != other.score)
        or any(one.extra[key] != other.extra[key] for key in both)
    )


def _refused(state: State, draft: Draft, revision: int, problem: str, hint: str) -> Issued:
    """Return a draft that is not issued, and why."""
    code = draft.record.verification_code
    fault = Fault("verification_code", None if draft.drawn else code, problem, hint)
    return Issued(draft.record, revision, state, fault)
