"""A proof that a file may hold → the verdict on it; and the terms on which verdicts are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pixattest.trust.seal import SealedFacts

if TYPE_CHECKING:
    from pixattest.model.framework import Framework
    from pixattest.trust.keys import PublicKeys
    from pixattest.trust.revocations import RevocationList


class Part(StrEnum):
    """A part of a file that may prove something."""

    SEAL = "seal"
    SIGNATURE = "signature"
    ATTACHMENT = "attachment"


class Answer(StrEnum):
    """The answer to the question whether a part, or a page, is genuine."""

    GENUINE = "genuine"
    EXPIRED = "genuine, but expired"
    REVOKED = "revoked"
    NOT_GENUINE = "not genuine"
    UNCHECKED = "not all could be checked"
    EARLY = "dated in the future"
    MISSING = "missing"
    ABSENT = "absent"
    SKIPPED = "not looked at"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What was found of a seal, a signature or an attachment, or in its place.

    Attributes:
        part: the part of the file that was checked.
        answer: the answer in one word.
        why: remarks on the answer, in sentences without a full stop.
        facts: what the part says. A seal's facts are there only if its signature holds.
        page: number of the page, from 1; None if the part belongs to the whole file.
    """

    part: Part
    answer: Answer
    why: tuple[str, ...] = ()
    facts: SealedFacts | None = None
    page: int | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the file: the part is genuine, or neither there nor due.

        Nothing speaks against a blank page either, nor against a page that was left out on request.
        """
        return self.answer in (Answer.GENUINE, Answer.ABSENT, Answer.SKIPPED, Answer.BLANK)

    def __repr__(self) -> str:
        """Name the code, and nothing else of a person: remarks may repeat a name."""
        where = f" of page {self.page}" if self.page else ""
        code = f", {self.facts.code}" if self.facts else ""
        remarks = f", {len(self.why)} remarks" if self.why else ""
        return f"<Verdict {self.part}{where}: {self.answer}{code}{remarks}>"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is trusted and expected; the attributes are arguments of `verify`."""

    keys: PublicKeys
    on: date
    revocations: RevocationList | None = None
    ignore_revocations: bool = False
    roots: Sequence[str] = ()
    expect: frozenset[Part] = frozenset({Part.SEAL})
    framework: Framework | None = None
    pages: str | None = None

    def judge_absent(self, part: Part, why: str, page: int | None = None) -> Verdict:
        """Return the verdict on a part that is not there: missing if expected, else absent."""
        answer = Answer.MISSING if part in self.expect else Answer.ABSENT
        return Verdict(part, answer, (why,), page=page)
