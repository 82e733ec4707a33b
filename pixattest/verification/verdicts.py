"""PDF, photo or scan + what is trusted → for each seal, signature and attachment, whether it holds.

A page is rendered and its QR code read as a phone would; of a PDF, the text is held against the
seal as well, and so is the attached record; what was drawn over the text is noticed where it is
text itself, a note or a field. Nothing is asked of the network.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import chain
from os import SEEK_END, PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pixattest.errors import (
    CredentialError,
    InputError,
    PixattestError,
    SealError,
    SelectionError,
    SigningError,
    shown,
)
from pixattest.model import assets
from pixattest.model.framework import Framework, read_framework
from pixattest.template.labels import read_labels
from pixattest.trust.credential import LARGEST, NAME, open_attached
from pixattest.trust.seal import SealedFacts, open_seal
from pixattest.verification.confinement import ConfinedError, confine

if TYPE_CHECKING:
    from PIL import Image

    from pixattest.trust.keys import PublicKeys
    from pixattest.trust.revocations import RevocationList

_DPI = 300
_MOST_PIXELS = 30_000_000
"""Of a page that is rendered; A4 at 300 dpi has 9 million."""

_MOST_GIVEN = 80_000_000
"""Of a picture that is given; A4 at 600 dpi has 35 million."""

_SECONDS = 60
_BYTES_A_SECOND = 2000
"""How long a file may take: a page needs a third of a second, and has more than 3,600 bytes."""

_MOST_REPEATED = 200
"""Characters that are read of a page, to tell which it is."""

_NO_LOOKS = 2
"""Bytes of an annotation's appearance that is not there: the end of a text in UTF-16."""

_LARGEST_LETTER = 40
"""Points; what is larger is no fact, and may be a watermark."""

_A_CLUSTER = 8
"""Characters that may be drawn as one letter, with its marks over each other."""

_SEAL = re.compile(r"[a-z]+://[^#]*#(.*)", re.DOTALL)
"""An address with something after `#`: a seal, or what was put in its place."""


class Part(StrEnum):
    """What may prove something."""

    SEAL = "seal"
    SIGNATURE = "signature"
    ATTACHMENT = "attachment"


class Answer(StrEnum):
    """What can be said of it."""

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a seal, a signature or an attachment, or in its place.

    Attributes:
        part: what it is of.
        answer: in one word.
        why: what else there is to say, in sentences without a full stop.
        facts: what it says; of a seal, where its signature holds.
        page: of the file, from 1; None: it is of the whole file.
    """

    part: Part
    answer: Answer
    why: tuple[str, ...] = ()
    facts: SealedFacts | None = None
    page: int | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the file: it is genuine, or not there nor expected.

        Nothing speaks against a blank page, nor against one that one did not want to be looked at.
        """
        return self.answer in (Answer.GENUINE, Answer.ABSENT, Answer.SKIPPED, Answer.BLANK)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is trusted and expected, as `verify` takes it."""

    keys: PublicKeys
    on: date
    revocations: RevocationList | None
    ignore_revocations: bool
    roots: Sequence[str]
    expect: frozenset[Part]
    framework: Framework | None
    pages: str | None = None

    def none(self, part: Part, why: str, page: int | None = None) -> Verdict:
        """The verdict on what is not there."""
        answer = Answer.MISSING if part in self.expect else Answer.ABSENT
        return Verdict(part, answer, (why,), page=page)


def verify(
    file: str | PathLike[str],
    keys: PublicKeys | str | PathLike[str],
    on: date,
    *,
    revocations: RevocationList | str | PathLike[str] | None = None,
    ignore_revocations: bool = False,
    roots: Sequence[str | PathLike[str]] = (),
    expect: Collection[str] = (Part.SEAL,),
    framework: Framework | None = None,
    pages: str | None = None,
    seconds: float | None = None,
) -> list[Verdict]:
    """What proves a file, and whether it does: a verdict for each seal, signature and attachment.

    A file is genuine when each verdict `holds`. What is there must hold, and what is expected must
    be there: taking a signature away leaves no other trace. Pages with nothing on them are
    told, and need no seal.

    Args:
        file: a PDF, or a picture that Pillow opens.
        keys: the issuer's public keys, or the path of their JWKS, from a place that you trust.
        on: the day on which it is asked.
        revocations: the issuer's list, or its path. None: the answer is not plain genuine.
        ignore_revocations: it is, for nobody wants to know.
        roots: PEM files of the certificates that are trusted to certify who signs.
        expect: `seal`, `signature` and `attachment`, one at least; a seal on each page.
        framework: whose competences the page names, if it is none of the shipped ones.
        pages: that are looked at, from 1, such as `2-31` or `2-`; each other one is told to be
            skipped. None: all.
        seconds: that it may take. None: more than any file of its size needs.

    Raises:
        InputError: the file is neither a PDF nor a picture, has no such page, or takes too much
            memory or time; nothing is expected.
        SelectionError: the pages are not understood.
        IssuerError, SealError, SigningError: keys, list or roots can't be read, or don't hold.
        PixattestError: what reads pages is not installed.
    """
    from pixattest.trust.keys import read_public_keys
    from pixattest.trust.revocations import read_revocations_file

    if not expect or not {*expect} <= {*Part}:
        raise InputError("nothing is expected of the file", hint=f"Name {', '.join(Part)}.")
    if pages is not None:
        from pixattest.model.pages import Pages

        Pages(pages)
    if isinstance(keys, str | PathLike):
        keys = read_public_keys(Path(keys))
    if isinstance(revocations, str | PathLike):
        revocations = read_revocations_file(Path(revocations), keys)
    terms = _Terms(
        keys,
        on,
        revocations,
        ignore_revocations,
        [fspath(root) for root in roots],
        frozenset(map(Part, expect)),
        framework,
        pages,
    )
    path = Path(file)
    try:
        with path.open("rb") as opened:
            size = opened.seek(0, SEEK_END)
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        raise InputError(problem, source=str(path), hint="Check its path.") from None
    public = {kid: key.public_bytes_raw() for kid, key in keys.items()}
    try:
        return confine(
            _verify_apart,
            *(path, replace(terms, keys={}), public),
            returns=list[Verdict],
            seconds=seconds or _SECONDS + size / _BYTES_A_SECOND,
        )
    except ConfinedError as reason:
        hint = "No attestation does that: it is damaged, or made to do harm. Ask for another."
        if seconds:
            hint = "Give it more seconds, or ask for another: it may be made to do harm."
        raise InputError(f"can't be checked: {reason}", source=str(path), hint=hint) from reason


def _verify_apart(path: Path, terms: _Terms, public: Mapping[bytes, bytes]) -> list[Verdict]:
    """What `verify` tells, in a process of its own."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    keys = {kid: Ed25519PublicKey.from_public_bytes(x) for kid, x in public.items()}
    return [*_verify(path, replace(terms, keys=keys))]


def _verify(path: Path, terms: _Terms) -> Iterator[Verdict]:
    first: _Page | None = None
    first_seals: list[SealedFacts] = []
    page = None
    for page in _pages(path, terms.pages):
        if page.picture is None:
            yield Verdict(Part.SEAL, Answer.SKIPPED, ("nobody asked for it",), page=page.number)
        elif page.is_bare and _is_white(page.picture):
            yield Verdict(Part.SEAL, Answer.BLANK, page=page.number)
        else:
            found = [*_check_page(page, page.picture, terms)]
            yield from found
            if first is None:
                first = page._replace(picture=None)
                first_seals = [verdict.facts for verdict in found if verdict.facts]
    if page is None:
        raise InputError("has no page", source=str(path), hint="Ask for the file again.")
    if first is None:
        yield terms.none(Part.SEAL, "there is nothing on the pages that were looked at")
    text = first.text if first else ""
    if text is None:
        for part in terms.expect - {Part.SEAL}:
            yield Verdict(part, Answer.MISSING, ("a picture can't have it",))
        return
    signature = _check_signature(path, terms)
    yield signature
    yield _check_attachment(path, text, first_seals, signature, terms)


# Seals.


def _check_page(page: _Page, picture: Image.Image, terms: _Terms) -> Iterator[Verdict]:
    text = page.text
    addresses = _read_codes(picture)
    sealed = [address for address in addresses if _SEAL.fullmatch(address)]
    if not sealed:
        said = "its QR code holds no seal" if addresses else "no QR code can be read on it"
        if text is None and not addresses:
            said += ": is the picture whole, sharp and well lit?"
        verdict = terms.none(Part.SEAL, said, page.number)
        if text and (words := " ".join(text[:_MOST_REPEATED].split())):
            verdict = replace(verdict, why=(said, f"it begins with {shown(words)}"))
        yield verdict
    for address in sealed:
        verdict = _check_address(address, terms, page.number)
        if verdict.facts:
            verdict = _hold_against(text, verdict, verdict.facts, terms)
        if verdict.facts and page.hides:
            answer = Answer.UNCHECKED if verdict.holds else verdict.answer
            hides = (f"{what}: compare what you see with what is said here" for what in page.hides)
            verdict = replace(verdict, answer=answer, why=(*verdict.why, *hides))
        yield verdict


def check_address(
    address: str,
    keys: PublicKeys,
    on: date,
    revocations: RevocationList | None = None,
    *,
    ignore_revocations: bool = False,
) -> Verdict:
    """What the address of a QR code proves: `site#seal`. The arguments are those of `verify`."""
    terms = _Terms(keys, on, revocations, ignore_revocations, (), frozenset({Part.SEAL}), None)
    return _check_address(address, terms, None)


def _check_address(address: str, terms: _Terms, page: int | None) -> Verdict:
    found = _SEAL.fullmatch(address)
    if not found:
        return terms.none(Part.SEAL, "the QR code holds no seal", page)
    try:
        facts = open_seal(found[1], terms.keys)
    except SealError as error:
        why = (error.problem, str(error.hint).rstrip("."))
        return Verdict(Part.SEAL, Answer.NOT_GENUINE, why, page=page)
    return Verdict(Part.SEAL, *_standing(facts, terms), facts, page)


def _standing(facts: SealedFacts, terms: _Terms) -> tuple[Answer, tuple[str, ...]]:
    """How a certification stands on the day: the answer, and why."""
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


def _check_signature(path: Path, terms: _Terms) -> Verdict:
    pdfium = _module("pypdfium2")
    with pdfium.PdfDocument(path) as document:
        if (
            document.get_formtype() == pdfium.raw.FORMTYPE_NONE
        ):  # which is sooner found than pyHanko
            return terms.none(Part.SIGNATURE, "the file is not signed")
    from pixattest.trust.signing import State, read_signature

    try:
        with path.open("rb") as file:
            status = read_signature(file, terms.roots)
    except SigningError as reason:
        if reason.source:
            raise  # a file of roots
        return Verdict(Part.SIGNATURE, Answer.UNCHECKED, (reason.problem,))
    if status.state is State.NONE:
        return terms.none(Part.SIGNATURE, "the file is not signed")
    if status.state is State.MISSING:
        why = "its place is empty: it was never made, or was taken away"
        return Verdict(Part.SIGNATURE, Answer.MISSING, (why,))
    if status.state is State.BROKEN:
        why = "the file is not what was signed: it was changed afterwards"
        return Verdict(Part.SIGNATURE, Answer.NOT_GENUINE, (why,))
    signed = f"signed by {status.signer}"
    if status.trusted:
        when = status.stamped_at or status.signed_at
        why = f"{signed}, {when:%Y-%m-%d}" if when else signed
        return Verdict(Part.SIGNATURE, Answer.GENUINE, (why,))
    if not terms.roots:
        why = f"{signed}; by whom that signer is certified was not checked, as no roots are given"
        return Verdict(Part.SIGNATURE, Answer.UNCHECKED, (why,))
    why = f"{signed}, who is not certified today by any of the roots"
    return Verdict(Part.SIGNATURE, Answer.NOT_GENUINE, (why,))


# The attachment.


class _Record(msgspec.Struct, frozen=True):
    """An attached record, as far as it is compared."""

    first_name: str
    last_name: str
    birth_date: date
    birth_place: str | None
    centre: str
    delivered_on: date
    verification_code: str
    score: int | None
    max_level: int
    levels: dict[str, int]


def _check_attachment(
    path: Path,
    text: str,
    seals: Sequence[SealedFacts],
    signature: Verdict,
    terms: _Terms,
) -> Verdict:
    """What the attached record proves, and whether it is that of the first page looked at."""

    def refuse(*why: str) -> Verdict:
        return Verdict(Part.ATTACHMENT, Answer.NOT_GENUINE, why)

    found = _attached(path)
    if not found:
        return terms.none(Part.ATTACHMENT, "no record is attached")
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
        if differences := [*_find_contradictions(facts, sealed, framework)]:
            return refuse(*differences)
    verdict = Verdict(Part.ATTACHMENT, *_standing(facts, terms), facts)
    if said.credential is None and signature.answer is not Answer.GENUINE:
        why = "nothing vouches for it: it has no badge, and no trusted signature is on the file"
        verdict = Verdict(Part.ATTACHMENT, Answer.UNCHECKED, (why,), facts)
    return _hold_against(text, verdict, facts, terms)


def _facts_of(record: _Record, badge: Any, framework: Framework) -> SealedFacts:
    """What a record certifies, as a seal says it."""
    until = badge and badge.get("validUntil")
    return SealedFacts(
        kid=b"",
        framework=framework.id,
        code=record.verification_code,
        delivered_on=record.delivered_on,
        valid_through=date.fromisoformat(until[:10]) - timedelta(1) if until else None,
        first_name=record.first_name,
        last_name=record.last_name,
        birth_date=record.birth_date,
        birth_place=record.birth_place,
        centre=record.centre,
        score=record.score,
        max_level=record.max_level,
        levels=tuple(record.levels.get(number, 0) for number in framework.competences),
    )


def _framework_named(badge: Any) -> str:
    return badge["credentialSubject"]["achievement"]["id"].rpartition("#")[2] if badge else "crcn"


def _find_contradictions(
    attached: SealedFacts, sealed: SealedFacts, framework: Framework
) -> Iterator[str]:
    """Where an attached record says something else than the seal beside it."""
    try:
        if attached.levels_in(framework) != sealed.levels_in(framework):
            yield "its levels are not those of the seal"
    except SealError as error:
        yield error.problem
    for name in (field.name for field in fields(SealedFacts)):
        one, other = getattr(attached, name), getattr(sealed, name)
        if name not in ("kid", "levels") and None not in (one, other) and one != other:
            yield f"its {name} is {one}, and that of the seal {other}"


def _attached(path: Path) -> list[bytes]:
    """The attached files that have the name of a record's."""
    pdfium = _module("pypdfium2")
    with pdfium.PdfDocument(path) as document:
        found = map(document.get_attachment, range(document.count_attachments()))
        return [_content(pdfium, one) for one in found if one.get_name() == NAME]


def _content(pdfium: Any, attachment: Any) -> bytes:
    """What is attached; nothing of what is too large to be a record, or can't be read."""
    size = ctypes.c_ulong()
    pdfium.raw.FPDFAttachment_GetFile(attachment, None, 0, size)
    return bytes(attachment.get_data()) if 0 < size.value <= LARGEST else b""


# Text of a page against what is certified.


def known_framework(name: str, given: Framework | None) -> Framework | None:
    """The framework of that name: the given one, or one that ships."""
    if given and given.id == name:
        return given
    return read_framework(name) if name in assets.framework_names() else None


def _hold_against(text: str | None, verdict: Verdict, facts: SealedFacts, terms: _Terms) -> Verdict:
    """The verdict, unless the text says something else than the facts."""
    if not (text and text.strip()):
        # Whoever gives a picture looks at it; of a PDF, one expects that its words were read.
        answer = Answer.UNCHECKED if text is not None and verdict.holds else verdict.answer
        why = "the page is a picture, which was not read: compare it with what is said here"
        return replace(verdict, answer=answer, why=(*verdict.why, why))
    framework = known_framework(facts.framework, terms.framework)
    part, page = verdict.part, verdict.page
    if framework is None:
        why = f"the framework {facts.framework!r} is not known here, so the page was not compared"
        answer = Answer.UNCHECKED if verdict.holds else verdict.answer
        return Verdict(part, answer, (*verdict.why, why), facts, page)
    differences = tuple(find_differences(text, facts, framework, part))
    if not differences:
        return verdict
    return Verdict(part, Answer.NOT_GENUINE, differences, facts, page)


def find_differences(
    text: str, facts: SealedFacts, framework: Framework, part: Part = Part.SEAL
) -> Iterator[str]:
    """Where the text of a page does not say what its seal, or its attachment, says.

    Levels are looked for as templates have them: number, name, and the level if any.
    """
    said = {Part.SEAL: "sealed", Part.ATTACHMENT: "attached"}[part]
    lines = [_plain(line) for line in text.splitlines()]
    whole = " ".join(lines)

    def says(*forms: str) -> bool:
        return any(re.search(rf"(?<!\w){re.escape(_plain(form))}(?!\w)", whole) for form in forms)

    names = [name for name in (facts.first_name, facts.last_name) if name]
    texts = {
        "name": " ".join(names),
        "place of birth": facts.birth_place,
        "centre": facts.centre,
        "code": facts.code,
        "score": None if facts.score is None else str(facts.score),
    }
    for what, value in texts.items():
        if value and not says(value):
            yield f"the page does not say the {said} {what}, {value}"
    days = {
        "date of birth": facts.birth_date,
        "date of delivery": facts.delivered_on,
        "last day of validity": facts.valid_through,
    }
    for what, day in days.items():
        if day and not says(day.isoformat(), *(write(day) for write in _calendars())):
            yield f"the page does not say the {said} {what}, {day}"
    try:
        levels = facts.levels_in(framework)
    except SealError as error:
        yield error.problem
        return
    called = {str(n): framework.call_level(n) for n in range(1, framework.levels + 1)}

    def call(level: str | None) -> str:
        return called.get(level, level) if level else "no level"

    for number, found in _levels_said(lines, framework):
        certified = str(levels[number]) if number in levels else None
        if not found:
            yield f"the page does not say the level of {number}"
        for level in found:
            if level != certified:
                yield f"the page says {call(level)} for {number}, and the {part} {call(certified)}"


def _levels_said(
    lines: Sequence[str], framework: Framework
) -> Iterator[tuple[str, list[str | None]]]:
    """For each competence, the levels that lines name for it; None: a line without a level."""
    named = {
        _plain(name): str(level)
        for names in framework.lists_of_names
        for level, name in enumerate(names, 1)
    }
    level = "|".join(map(re.escape, sorted(named, key=len, reverse=True))) or r"\d+"
    whole = "\n".join(lines)
    for number, competence in framework.competences.items():
        start = re.escape(_plain(number))
        row = re.compile(rf"{start} (?:.*\D )?({level})|{start} .*")
        found = [match[1] for line in lines if (match := row.fullmatch(line))]
        # Its name in any language may go on in the next line, and the level stand in a line alone.
        names = [competence.name] if isinstance(competence.name, str) else competence.name.values()
        words = "|".join(r"\s".join(map(re.escape, _plain(name).split())) for name in names)
        whole_row = re.compile(rf"^{start} (?:{words})(?:\s({level}))?$", re.MULTILINE)
        if whole_rows := [match[1] for match in whole_row.finditer(whole)]:
            found = whole_rows + [said for said in found if said]
        yield number, [named.get(said, said) if said else None for said in dict.fromkeys(found)]


def _plain(text: str) -> str:
    """A text as it is compared: composed, without capitals, one space between words."""
    text = text.replace("\u00ad", "").replace("\ufffe", "-").replace("\x02", "-")
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _calendars() -> list[Any]:
    """How the languages of the shipped template write dates."""
    folder = assets.template_path("attestation").parent
    languages = sorted(path.stem for path in (folder / "labels").glob("*.toml"))
    return [read_labels(folder, language).calendar(language).write for language in languages]


# Pages.


class _Page(NamedTuple):
    """A page of a file, from 1.

    Attributes:
        picture: None: it is not to be looked at.
        text: None: the file is a picture.
        is_bare: nothing is drawn on it, and no note or field is either, which the picture may lack.
        hides: what lies over its text, where that is noticed.
    """

    number: int
    picture: Image.Image | None = None
    text: str | None = None
    is_bare: bool = False
    hides: tuple[str, ...] = ()


def _pages(path: Path, wanted: str | None) -> Iterator[_Page]:
    """The pages of a file; of those that are wanted (None: all), what is on them."""
    with path.open("rb") as file:
        begin = file.read(1024)
    return (_pdf_pages if b"%PDF-" in begin else _picture_pages)(path, wanted)


def _choose(wanted: str | None, last: int, path: Path) -> Collection[int]:
    """The numbers of the wanted pages."""
    if wanted is None:
        return range(1, last + 1)
    from pixattest.model.pages import Pages

    try:
        return {*chain(*Pages(wanted).of(last))}
    except SelectionError as error:
        raise InputError(error.problem, source=str(path), hint=error.hint) from None


def _pdf_pages(path: Path, wanted: str | None) -> Iterator[_Page]:
    pdfium = _module("pypdfium2")
    try:
        with pdfium.PdfDocument(path) as document:
            chosen = _choose(wanted, len(document), path)
            for number in range(1, len(document) + 1):
                if number not in chosen:
                    yield _Page(number)
                    continue
                page = document[number - 1]
                wide, high = page.get_size()
                least = (_MOST_PIXELS / max(wide * high, 1)) ** 0.5
                scale = min(_DPI / 72, least)
                picture = page.render(scale=scale).to_pil()
                drawn = pdfium.raw.FPDFPage_CountObjects(page)
                noted = pdfium.raw.FPDFPage_GetAnnotCount(page)
                words = page.get_textpage()
                hides = []
                if noted and _has_notes(pdfium.raw, page, noted):
                    bare = page.render(scale=scale, draw_annots=False).to_pil()
                    if bare.tobytes() != picture.tobytes():
                        hides.append("a note or field lies on the page")
                if _is_overwritten(pdfium.raw, words):
                    hides.append("text lies over other text")
                text = words.get_text_range()
                yield _Page(number, picture, text, not drawn and not noted, (*hides,))
    except pdfium.PdfiumError as reason:
        problem, hint = "is damaged, or only a part of a PDF", "Ask for the file again."
        if "password" in str(reason):
            problem, hint = "opens with a password only", "Save it without, or give a scan of it."
        raise InputError(problem, source=str(path), hint=hint) from reason


def _has_notes(raw: Any, page: Any, count: int) -> bool:
    """Whether a page has an annotation that may show something; a plain link does not."""
    for index in range(count):
        note = raw.FPDFPage_GetAnnot(page, index)
        try:
            looks = raw.FPDFAnnot_GetAP(note, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
            if raw.FPDFAnnot_GetSubtype(note) != raw.FPDF_ANNOT_LINK or looks > _NO_LOOKS:
                return True
        finally:
            raw.FPDFPage_CloseAnnot(note)
    return False


def _is_overwritten(raw: Any, words: Any) -> bool:
    """Whether a letter or figure has most of another one under it, from elsewhere in the text.

    Letters of one word may overlap, and a letter is drawn twice to look bolder; neither counts.
    """
    left, right, low, high = (ctypes.c_double() for _ in range(4))
    near: dict[tuple[int, int], list[tuple[int, int, float, float, float, float]]] = {}
    for index in range(words.count_chars()):
        code = raw.FPDFText_GetUnicode(words, index)
        if not chr(code).isalnum():
            continue
        raw.FPDFText_GetCharBox(words, index, left, right, low, high)
        box = (left.value, low.value, right.value, high.value)
        wide, tall = box[2] - box[0], box[3] - box[1]
        if not (0 < wide < _LARGEST_LETTER and 0 < tall < _LARGEST_LETTER):
            continue
        cells = {
            (int(x // _LARGEST_LETTER), int(y // _LARGEST_LETTER))
            for x in (box[0], box[2])
            for y in (box[1], box[3])
        }
        for cell in cells:
            for before, other, *there in near.get(cell, ()):
                common = min(box[2], there[2]) - max(box[0], there[0])
                shared = min(box[3], there[3]) - max(box[1], there[1])
                if common <= 0 or shared <= 0 or other == code or index - before < _A_CLUSTER:
                    continue
                smaller = min(wide * tall, (there[2] - there[0]) * (there[3] - there[1]))
                if common * shared > smaller / 2:
                    return True
            near.setdefault(cell, []).append((index, code, *box))
    return False


def _picture_pages(path: Path, wanted: str | None) -> Iterator[_Page]:
    import warnings

    from PIL import Image, ImageSequence

    hint = "Give a PDF, PNG or JPEG; 300 dpi are enough."
    try:
        with warnings.catch_warnings():  # of large pictures, of which the next line takes care
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(path)
        with opened as picture:
            if picture.width * picture.height > _MOST_GIVEN:
                raise InputError("has too many pixels", source=str(path), hint=hint)
            chosen = _choose(wanted, getattr(picture, "n_frames", 1), path) if wanted else None
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                # A QR code is read however it lies.
                yield _Page(number, frame if chosen is None or number in chosen else None)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        problem = "is neither a PDF nor a picture that can be read"
        raise InputError(problem, source=str(path), hint=hint) from None


def _is_white(picture: Image.Image) -> bool:
    """Whether it is paper, and no grey, for colours can be told apart that have one grey."""
    return picture.convert("RGB").getextrema() == ((255, 255),) * 3


def _read_codes(picture: Image.Image) -> list[str]:
    """What the QR codes of a picture say, each once."""
    zxing = _module("zxingcpp")
    grey = picture.convert("L")
    found = zxing.read_barcodes(grey, formats=zxing.BarcodeFormat.QRCode)
    return list(dict.fromkeys(code.text for code in found))


def _module(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise PixattestError(
            f"{name} is not installed", hint="Run pip install 'pixattest[verify]'."
        ) from None
