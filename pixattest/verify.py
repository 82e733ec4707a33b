"""PDF, photo or scan + public keys → for each page, whether its seal holds and what it says.

A page is rendered and its QR code read as a phone would; of a PDF, the text is held against the
seal as well. What is asked of the network or of a clock: nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixattest import assets
from pixattest.errors import InputError, PixattestError, SealError
from pixattest.framework import Framework, crcn
from pixattest.seal import SealedFacts, open_seal
from pixattest.template.labels import read_labels

if TYPE_CHECKING:
    from PIL import Image

    from pixattest.keys import PublicKeys
    from pixattest.revocations import RevocationList

_DPI = 300
_MOST_PIXELS = 30_000_000
"""Of a page that is rendered; A4 at 300 dpi has 9 million."""

_MOST_GIVEN = 80_000_000
"""Of a picture that is given; A4 at 600 dpi has 35 million."""

_SEAL = re.compile(r"[a-z]+://[^#]*#(.*)", re.DOTALL)
"""An address with something after `#`: a seal, or what was put in its place."""


class Answer(StrEnum):
    """What can be said of a page."""

    GENUINE = "genuine"
    EXPIRED = "genuine, but expired"
    REVOKED = "revoked"
    NOT_GENUINE = "not genuine"
    NO_SEAL = "no seal found"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one seal, or of a page without one.

    Attributes:
        answer: in one word.
        why: what else there is to say, in sentences without a full stop.
        facts: what the seal says, where its signature holds.
        page: of the file, from 1.
    """

    answer: Answer
    why: tuple[str, ...] = ()
    facts: SealedFacts | None = None
    page: int = 1


def check_address(
    address: str,
    keys: PublicKeys,
    on: date,
    revocations: RevocationList | None = None,
    page: int = 1,
) -> Verdict:
    """What the address of a QR code proves.

    Args:
        address: with the seal after `#`.
        keys: the issuer's public keys by their ids.
        on: the day on which it is asked.
        revocations: the issuer's list; None: revocation is not looked into, and the verdict
            says so.
        page: where it was found.
    """
    found = _SEAL.fullmatch(address)
    if not found:
        return Verdict(Answer.NO_SEAL, ("the QR code holds no seal",), page=page)
    try:
        facts = open_seal(found[1], keys)
    except SealError as error:
        return Verdict(Answer.NOT_GENUINE, (error.problem,), page=page)
    if revocations is not None and facts.code in revocations:
        return Verdict(Answer.REVOKED, ("its code was revoked by the issuer",), facts, page)
    why = []
    if revocations is None:
        why.append("whether it was revoked was not checked")
    elif revocations.expires <= datetime.combine(on, time(), UTC):
        why.append(
            f"whether it was revoked since {revocations.expires:%Y-%m-%d} could not be checked"
        )
    answer = Answer.GENUINE
    if facts.valid_through and facts.valid_through < on:
        answer = Answer.EXPIRED
        why.insert(0, f"valid through {facts.valid_through}")
    return Verdict(answer, tuple(why), facts, page)


def verify_file(
    path: Path,
    keys: PublicKeys,
    on: date,
    *,
    framework: Framework | None = None,
    revocations: RevocationList | None = None,
) -> Iterator[Verdict]:
    """A verdict for each seal of a file, and for each page without one.

    Args:
        path: a PDF, or a picture that Pillow opens.
        keys: the issuer's public keys by their ids.
        on: the day on which it is asked.
        framework: whose competences a PDF's text names (default: the CRCN).
        revocations: as of `check_address`.

    Raises:
        InputError: the file is neither a PDF nor a picture, or too large.
        PixattestError: what reads pages is not installed.
    """
    for page, (picture, text) in enumerate(_pages(path), 1):
        addresses = _read_codes(picture)
        sealed = [address for address in addresses if _SEAL.fullmatch(address)]
        if not sealed:
            said = "its QR code holds no seal" if addresses else "no QR code can be read on it"
            yield Verdict(Answer.NO_SEAL, (said,), page=page)
        for address in sealed:
            verdict = check_address(address, keys, on, revocations, page)
            if verdict.facts and text is not None:
                verdict = _hold_against(text, verdict, framework or crcn())
            yield verdict


# Text of a page against its seal.


def _hold_against(text: str, verdict: Verdict, framework: Framework) -> Verdict:
    """The verdict, unless the text says something else than the seal."""
    assert verdict.facts is not None
    differences = tuple(find_differences(text, verdict.facts, framework))
    if not differences:
        return verdict
    return Verdict(Answer.NOT_GENUINE, differences, verdict.facts, verdict.page)


def find_differences(text: str, facts: SealedFacts, framework: Framework) -> Iterator[str]:
    """Where the text of a page does not say what its seal says.

    Levels are looked for in lines as templates have them: number, name, and the level if any.
    """
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
    for what, sealed in texts.items():
        if sealed and not says(sealed):
            yield f"the page does not say the sealed {what}, {sealed}"
    days = {
        "date of birth": facts.birth_date,
        "date of delivery": facts.delivered_on,
        "last day of validity": facts.valid_through,
    }
    for what, day in days.items():
        if day and not says(day.isoformat(), *(write(day) for write in _calendars())):
            yield f"the page does not say the sealed {what}, {day}"
    try:
        levels = facts.levels_in(framework)
    except SealError as error:
        yield error.problem
        return
    for number in framework.competences:
        row = re.compile(rf"{re.escape(number)} (?:.*\D )?(\d+)|{re.escape(number)} .*")
        found = [match[1] for line in lines if (match := row.fullmatch(line))]
        sealed_level = levels.get(number)
        if not found:
            yield f"the page does not say the level of {number}"
        for level in found:
            if level != (sealed_level and str(sealed_level)):
                yield (
                    f"the page says {level or 'no level'} for {number},"
                    f" and the seal {sealed_level or 'no level'}"
                )


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


def _pages(path: Path) -> Iterator[tuple[Image.Image, str | None]]:
    """The pictures of a file's pages; of a PDF, with their texts."""
    try:
        with path.open("rb") as file:
            begin = file.read(1024)
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        raise InputError(problem, source=str(path), hint="Check its path.") from None
    return _pdf_pages(path) if b"%PDF-" in begin else _picture_pages(path)


def _pdf_pages(path: Path) -> Iterator[tuple[Image.Image, str | None]]:
    pdfium = _module("pypdfium2")
    try:
        with pdfium.PdfDocument(path) as document:
            for page in document:
                wide, high = page.get_size()
                least = (_MOST_PIXELS / max(wide * high, 1)) ** 0.5
                picture = page.render(scale=min(_DPI / 72, least)).to_pil()
                yield picture, page.get_textpage().get_text_range()
    except pdfium.PdfiumError as reason:
        hint = "Is it a whole PDF, without a password?"
        raise InputError(f"can't be read: {reason}", source=str(path), hint=hint) from None


def _picture_pages(path: Path) -> Iterator[tuple[Image.Image, str | None]]:
    import warnings

    from PIL import Image, ImageOps, ImageSequence

    hint = "Give a PDF, PNG or JPEG; 300 dpi are enough."
    try:
        with warnings.catch_warnings():  # of large pictures, of which the next line takes care
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(path)
        with opened as picture:
            if picture.width * picture.height > _MOST_GIVEN:
                raise InputError("has too many pixels", source=str(path), hint=hint)
            for frame in ImageSequence.Iterator(picture):
                yield ImageOps.exif_transpose(frame), None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        problem = "is neither a PDF nor a picture that can be read"
        raise InputError(problem, source=str(path), hint=hint) from None


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
