"""A page's QR codes, a file's signature, its attached record → a verdict on each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from pixattest.errors import CredentialError, SealError, SigningError, shown
from pixattest.model.fields import Kind
from pixattest.model.record import FIELDS
from pixattest.trust.credential import LARGEST, NAME, open_attached
from pixattest.trust.seal import SealedFacts, open_seal
from pixattest.verification.comparison import compare_page, find_contradictions, known_framework
from pixattest.verification.pages import File, has_form, open_file, read_attachments, read_codes
from pixattest.verification.verdicts import Answer, Part, Terms, Verdict

if TYPE_CHECKING:
    from pixattest.model.framework import Framework
    from pixattest.verification.pages import Page

# An address with something after `#`: a seal, or whatever was put in its place.
_SEAL = re.compile(r"[a-z]+://[^#]*#(.*)", re.DOTALL)

# A remark that tells which page it is repeats the first 200 characters of its text at most.
_MOST_REPEATED = 200


# Seals.


def check_page(page: Page, terms: Terms) -> Iterator[Verdict]:
    """Check each seal on a page that was looked at; a page without one gets one verdict, too."""
    addresses = read_codes(page.picture) if page.picture else []
    sealed = [address for address in addresses if _SEAL.fullmatch(address)]
    if not sealed:
        yield _judge_unsealed(page, bool(addresses), terms)
    for address in sealed:
        verdict = replace(check_address(address, terms), page=page.number)
        verdict = compare_page(verdict, page.text, terms.framework)
        if verdict.facts and page.hides:
            answer = Answer.UNCHECKED if verdict.holds else verdict.answer
            hides = (f"{what}: compare what you see with what is said here" for what in page.hides)
            verdict = replace(verdict, answer=answer, why=(*verdict.why, *hides))
        yield verdict


def _judge_unsealed(page: Page, has_code: bool, terms: Terms) -> Verdict:
    said = "its QR code holds no seal" if has_code else "no QR code can be read on it"
    if page.text is None and not has_code:
        said += ": is the picture whole, sharp and well lit?"
    verdict = terms.judge_absent(Part.SEAL, said, page.number)
    if page.text and (words := " ".join(page.text[:_MOST_REPEATED].split())):
        verdict = replace(verdict, why=(said, f"it begins with {shown(words)}"))
    return verdict


def check_address(address: str, terms: Terms) -> Verdict:
    """Check the address that a QR code holds: `site#seal`."""
    found = _SEAL.fullmatch(address)
    if not found:
        return terms.judge_absent(Part.SEAL, "the QR code holds no seal")
    try:
        facts = open_seal(found[1], terms.keys)
    except SealError as error:
        why = (error.problem, str(error.hint).rstrip("."))
        return Verdict(Part.SEAL, Answer.NOT_GENUINE, why)
    return Verdict(Part.SEAL, *judge_standing(facts, terms), facts)


def judge_standing(facts: SealedFacts, terms: Terms) -> tuple[Answer, tuple[str, ...]]:
    """Return whether a genuine certification holds on the day of asking, and remarks on that."""
    listed = terms.revocations
    if listed is not None and facts.code in listed:  # for ever, however old the list is
        return Answer.REVOKED, ("its code was revoked by the issuer",)
    tomorrow = terms.on + timedelta(1)  # where it is that day already
    if facts.delivered_on > tomorrow:
        return Answer.EARLY, (f"delivered on {facts.delivered_on}",)
    if listed is not None and listed.issued.date() > tomorrow:
        return Answer.EARLY, (f"the list of revocations is of {listed.issued:%Y-%m-%d}",)
    why = []
    if listed is None:
        how = "" if terms.ignore_revocations else ": give the issuer's list (--revocations FILE)"
        why.append(f"whether it was revoked was not checked{how}")
    elif listed.expires <= datetime.combine(terms.on, time(), UTC):
        why.append(f"whether it was revoked since {listed.issued:%Y-%m-%d} could not be checked")
    if facts.valid_through and facts.valid_through < terms.on:
        return Answer.EXPIRED, (f"valid through {facts.valid_through}", *why)
    if why and not terms.ignore_revocations:
        return Answer.UNCHECKED, (*why,)
    return Answer.GENUINE, (*why,)


# The signature.


def check_signature(file: File, terms: Terms) -> Verdict:
    """Check the signature of a PDF.

    Raises:
        SigningError: a file of roots can't be read, or pyHanko is not installed.
    """
    if not has_form(file):  # which is found sooner than pyHanko is imported
        return terms.judge_absent(Part.SIGNATURE, "the file is not signed")
    from pixattest.trust.signature_status import State
    from pixattest.trust.signing import read_signature

    try:
        with open_file(file) as opened:
            status = read_signature(opened, terms.roots)
    except SigningError as reason:
        if reason.source:
            raise  # a file of roots
        return Verdict(Part.SIGNATURE, Answer.UNCHECKED, (reason.problem,))
    signed = f"signed by {status.signer}"
    if status.state is State.NONE:
        return terms.judge_absent(Part.SIGNATURE, "the file is not signed")
    if status.state is State.MISSING:
        answer, why = Answer.MISSING, "its place is empty: it was never made, or was taken away"
    elif status.state is State.BROKEN:
        answer = Answer.NOT_GENUINE
        why = "the file is not what was signed: it was changed afterwards"
    elif status.trusted:
        when = status.stamped_at or status.signed_at
        answer, why = Answer.GENUINE, f"{signed}, {when:%Y-%m-%d}" if when else signed
    elif terms.roots:
        answer = Answer.NOT_GENUINE
        why = f"{signed}, who is not certified today by any of the roots"
    else:
        answer = Answer.UNCHECKED
        why = f"{signed}; by whom that signer is certified was not checked, as no roots are given"
    return Verdict(Part.SIGNATURE, answer, (why,))


# The attachment.


# An attached record, as far as it is compared with the seal and the page.
_Record: Any = msgspec.defstruct(
    "_Record",
    [
        (name, field.type)
        for name, field in FIELDS.items()
        if field.sealed
        or field.kind in (Kind.CODE, Kind.LEVEL, Kind.LEVELS)
        or name == "delivered_on"
    ],
    frozen=True,
)


def check_attachment(
    file: File, text: str, seals: Sequence[SealedFacts], signature: Verdict, terms: Terms
) -> Verdict:
    """Check the record that is attached to a PDF.

    Args:
        file: the PDF.
        text: text of the first page that was looked at.
        seals: the seals of that page.
        signature: the verdict on the file's signature, which may vouch for a record without badge.
        terms: what is trusted and expected.
    """

    def refuse(*why: str) -> Verdict:
        return Verdict(Part.ATTACHMENT, Answer.NOT_GENUINE, why)

    found = read_attachments(file, NAME, LARGEST)
    if not found:
        return terms.judge_absent(Part.ATTACHMENT, "no record is attached")
    if len(found) > 1:
        return refuse("several records are attached")
    try:
        said = open_attached(found[0], terms.keys)
        record = msgspec.convert(said.record, _Record)
    except CredentialError as error:
        return refuse(error.problem)
    except msgspec.ValidationError as error:
        return refuse(f"what is attached is no record: {error}")
    name = seals[0].framework if seals else _framework_named(said.credential)
    framework = known_framework(name, terms.framework)
    if framework is None:
        why = f"the framework {name!r} is not known here, so that levels can't be compared"
        return Verdict(Part.ATTACHMENT, Answer.UNCHECKED, (why,))
    facts = _facts_of(record, said.credential, framework)
    if record.levels.keys() - framework.competences.keys():
        return refuse(f"it has levels of other competences than those of {name}")
    for sealed in seals:
        if differences := [*find_contradictions(facts, sealed, framework)]:
            return refuse(*differences)
    verdict = Verdict(Part.ATTACHMENT, *judge_standing(facts, terms), facts)
    if said.credential is None and signature.answer is not Answer.GENUINE:
        why = "nothing vouches for it: it has no badge, and no trusted signature is on the file"
        verdict = Verdict(Part.ATTACHMENT, Answer.UNCHECKED, (why,), facts)
    return compare_page(verdict, text, terms.framework)


def _facts_of(record: Any, badge: Any, framework: Framework) -> SealedFacts:
    """Return what a record certifies, as a seal says it."""
    until = badge and badge.get("validUntil")
    return SealedFacts(
        kid=b"",
        framework=framework.id,
        code=record.verification_code,
        delivered_on=record.delivered_on,
        valid_through=date.fromisoformat(until[:10]) - timedelta(1) if until else None,
        max_level=record.max_level,
        levels=tuple(record.levels.get(number, 0) for number in framework.competences),
        **{name: getattr(record, name) for name, field in FIELDS.items() if field.sealed},
    )


def _framework_named(badge: Any) -> str:
    """Return the id of the framework that a badge names; without a badge, it is the CRCN's."""
    return badge["credentialSubject"]["achievement"]["id"].rpartition("#")[2] if badge else "crcn"
