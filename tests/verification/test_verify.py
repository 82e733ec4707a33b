"""A file + what is trusted → verdicts: the face, and the way of a file of several pages."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from keys import PUBLIC_KEYS, SEAL_KEY, revoking
from PIL import Image, ImageFilter
from readers import Renderer

from pixattest import Answer, InputError, IssuerError, Part, Press, SelectionError, Verdict, verify
from pixattest.trust.revocations import sign_revocations
from pixattest.verification.verdicts import Terms
from pixattest.verification.verify import check

DAY = date(2026, 1, 10)
TERMS = Terms(PUBLIC_KEYS, DAY, revoking())
TRUSTED: dict[str, Any] = {"keys": PUBLIC_KEYS, "on": DAY, "revocations": revoking()}


def answers(data: bytes, **terms: Any) -> list[tuple[Part, Answer, int | None]]:
    """What is found of a file in this process."""
    given = {name: terms.get(name, getattr(TERMS, name)) for name in Terms.__slots__}
    return [(found.part, found.answer, found.page) for found in check(data, Terms(**given))]


def seals(data: bytes, **terms: Any) -> list[Answer]:
    """The answers on its pages."""
    found = answers(data, **terms)
    return [answer for part, answer, _ in found if part is Part.SEAL]


# The face.


@pytest.mark.slow
def test_a_path_and_its_bytes_have_the_same_verdicts(page: bytes, tmp_path: Path) -> None:
    """And so have keys and a list that are named by their paths."""
    path, keys, listed = (tmp_path / name for name in ("a.pdf", "keys.json", "revoked.jws"))
    path.write_bytes(page)
    keys.write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    listed.write_bytes(sign_revocations([], SEAL_KEY, TERMS.revocations.issued))  # type: ignore[union-attr]
    found = verify(page, **TRUSTED)
    assert [(one.part, one.answer, one.page) for one in found] == [
        (Part.SEAL, Answer.GENUINE, 1),
        (Part.SIGNATURE, Answer.ABSENT, None),
        (Part.ATTACHMENT, Answer.GENUINE, None),
    ]
    assert verify(str(path), str(keys), on=DAY, revocations=str(listed)) == found


def test_without_a_day_it_is_asked_for_today(page: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(date):
        @classmethod
        def today(cls) -> date:
            return date(2030, 1, 1)

    monkeypatch.setattr("pixattest.verification.verify.date", Clock)
    (seal, *_) = verify(page, PUBLIC_KEYS, revocations=revoking())
    assert seal.answer is Answer.EXPIRED


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    """Bytes have no name."""
    path = tmp_path / "file"
    with pytest.raises(InputError, match="No such file") as missing:
        verify(path, seconds=9, **TRUSTED)
    assert missing.value.source == str(path)
    path.write_bytes(b"MZ" * 500)
    for file, name in ((path, str(path)), (path.read_bytes(), "the given bytes")):
        with pytest.raises(InputError, match="neither a PDF nor a picture") as caught:
            verify(file, **TRUSTED)
        assert caught.value.source == name
        assert caught.value.hint
        assert not re.search(r"\.\W*\.", str(caught.value))


def test_the_time_is_what_the_caller_gives_or_the_size_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute, and a second for each 2000 bytes."""
    given: list[float] = []

    def confine(*_: object, seconds: float, **__: object) -> list[Verdict]:
        given.append(seconds)
        return []

    monkeypatch.setattr("pixattest.verification.verify.confine", confine)
    (tmp_path / "file").write_bytes(bytes(4000))
    for file in (bytes(4000), tmp_path / "file"):
        verify(file, **TRUSTED)
        verify(file, seconds=1.5, **TRUSTED)
    assert given == [62, 1.5, 62, 1.5]


def test_time_that_is_too_short_is_told(page: bytes) -> None:
    """With how to give more."""
    with pytest.raises(InputError, match="not done after 0 seconds") as caught:
        verify(page, seconds=0.01, **TRUSTED)
    assert str(caught.value.hint).startswith("Give it more seconds")


@pytest.mark.parametrize("expect", [(), ("seals",), ("seal", "all")])
def test_something_is_expected_of_a_file(expect: tuple[str, ...]) -> None:
    """Else everything that lacks all proofs would hold."""
    with pytest.raises(InputError) as caught:
        verify(b"", expect=expect, **TRUSTED)
    assert caught.value.hint == "Name seal, signature, attachment."


def test_what_is_trusted_and_asked_for_is_read_first(page: bytes, tmp_path: Path) -> None:
    with pytest.raises(SelectionError):
        verify(page, pages="cover", **TRUSTED)
    with pytest.raises(IssuerError):
        verify(page, tmp_path / "missing.json", on=DAY)


# Verdicts.


def test_a_verdict_shows_no_more_of_a_person_than_the_code(page: bytes) -> None:
    """Nor do its facts, in logs and tracebacks."""
    (seal, *_) = check(page, TERMS)
    assert repr(seal) == "<Verdict seal of page 1: genuine, P-GVVP6HBM>"
    assert repr(seal.facts) == "<SealedFacts crcn P-GVVP6HBM, delivered on 2024-02-09>"
    missing = Verdict(Part.SIGNATURE, Answer.MISSING, ("signed by Camille", "x"))
    assert repr(missing) == "<Verdict signature: missing, 2 remarks>"


def test_what_holds_and_what_does_not() -> None:
    """Only what is genuine, or neither there nor due, and pages that need no seal."""
    holding = {answer for answer in Answer if Verdict(Part.SEAL, answer).holds}
    assert holding == {Answer.GENUINE, Answer.ABSENT, Answer.SKIPPED, Answer.BLANK}


# Files of several pages.


@pytest.fixture(scope="module")
def class_file(sealing: Press, example: Mapping[str, Any]) -> bytes:
    """A cover, its back, an attestation, its back."""
    file = io.BytesIO()
    sealing.write([dict(example)], file, cover=True, blank_versos=True)
    return file.getvalue()


@pytest.mark.slow
def test_backs_of_pages_need_no_seal(class_file: bytes) -> None:
    """A cover has none either, and is told to lack it, for anything may be written on it."""
    found = [*check(class_file, TERMS)]
    assert [(v.answer, v.page) for v in found] == [
        (Answer.MISSING, 1),
        (Answer.BLANK, 2),
        (Answer.GENUINE, 3),
        (Answer.BLANK, 4),
        (Answer.ABSENT, None),
        (Answer.ABSENT, None),
    ]
    assert found[0].why[1].startswith("it begins with \"pix | Liste d'émargement")


@pytest.mark.slow
def test_pages_that_are_not_asked_for_are_told(class_file: bytes) -> None:
    """Nothing else is genuine by leaving pages out: those with nothing on them prove nothing."""
    skipped = Answer.SKIPPED
    found = seals(class_file, pages="3-")
    assert found == [skipped, skipped, Answer.GENUINE, Answer.BLANK]
    nothing = [*check(class_file, Terms(PUBLIC_KEYS, DAY, pages="2,4"))]
    assert [one.answer for one in nothing[:4]] == [skipped, Answer.BLANK] * 2
    assert (nothing[4].answer, nothing[4].page) == (Answer.MISSING, None)
    assert nothing[4].why == ("there is nothing on the pages that were looked at",)


def test_an_attachment_belongs_to_the_first_page_looked_at(
    sealing: Press, example: Mapping[str, Any]
) -> None:
    """The second page's seal is another person's."""
    other = dict(example) | {"first_name": "Zoé", "verification_code": "P-22222222"}
    with (
        pikepdf.open(io.BytesIO(sealing.render(example, attach=True))) as pdf,
        pikepdf.open(io.BytesIO(sealing.render(other))) as second,
    ):
        pdf.pages.extend(second.pages)
        kept = io.BytesIO()
        pdf.save(kept)
    assert answers(kept.getvalue())[-1] == (Part.ATTACHMENT, Answer.GENUINE, None)
    chosen = answers(kept.getvalue(), pages="2")
    assert chosen[-1] == (Part.ATTACHMENT, Answer.NOT_GENUINE, None)


def test_a_picture_has_neither_signature_nor_attachment(
    renderers: Mapping[str, Renderer], page: bytes
) -> None:
    """They are missing where they are expected, in the order of Part; seals are read as ever."""
    scan = io.BytesIO()
    picture = renderers["pdfium"](page, 150).convert("L")
    picture.save(scan, "TIFF", save_all=True, append_images=[Image.new("L", (99, 99), 255)])
    everything = frozenset(Part)
    assert answers(scan.getvalue(), expect=everything) == [
        (Part.SEAL, Answer.GENUINE, 1),
        (Part.SEAL, Answer.MISSING, 2),
        (Part.SIGNATURE, Answer.MISSING, None),
        (Part.ATTACHMENT, Answer.MISSING, None),
    ]
    assert answers(scan.getvalue(), pages="1") == [
        (Part.SEAL, Answer.GENUINE, 1),
        (Part.SEAL, Answer.SKIPPED, 2),
    ]


def test_file_without_pages_is_refused() -> None:
    """No verdict at all would be taken for one that holds."""
    kept = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(kept)
    with pytest.raises(InputError):
        seals(kept.getvalue())


@pytest.mark.slow
def test_every_page_of_a_class_is_looked_at(sealing: Press, record: dict[str, Any]) -> None:
    """Also accents, hyphens, long names, no score, levels of all kinds."""
    people = [
        record,
        record | {"first_name": "Zoé Ÿasmine", "last_name": "d'Œuvre-Łącka", "score": None},
        record | {"last_name": "Villeneuve-Beauregard de la Tour d'Auvergne " * 2},
        record | {"levels": {"1.1": 6, "5.2": 6, "4.3": 1}, "score": 104, "birth_place": None},
    ]
    people = [one | {"verification_code": f"P-0000000{n}"} for n, one in enumerate(people)]
    file = io.BytesIO()
    sealing.write(people, file)
    assert seals(file.getvalue()) == [Answer.GENUINE] * 4


@pytest.mark.slow
def test_page_without_a_seal_is_not_called_genuine(press: Press, example: Any) -> None:
    assert seals(press.render(example)) == [Answer.MISSING]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_scan_is_genuine(renderers: Mapping[str, Renderer], page: bytes, kind: str) -> None:
    """At 200 dpi, with noise, blur and 15° of rotation, in grey."""
    chance = random.Random(1)
    picture = renderers["poppler"](page, 200).convert("L")
    picture = picture.filter(ImageFilter.GaussianBlur(0.8)).rotate(15, expand=True, fillcolor=255)
    grain = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    kept = io.BytesIO()
    Image.blend(picture, grain, 0.25).save(kept, kind)
    (verdict,) = check(kept.getvalue(), TERMS)
    assert verdict.answer is Answer.GENUINE
    assert "compare it with what is said here" in verdict.why[0]


@pytest.mark.slow
def test_scan_in_a_pdf_is_not_said_to_be_read(
    renderers: Mapping[str, Renderer], page: bytes
) -> None:
    """Its seal holds, but nobody has compared its words: they are not called wrong, nor right."""
    kept = io.BytesIO()
    renderers["pdfium"](page, 150).save(kept, "PDF", resolution=150)
    verdict = next(check(kept.getvalue(), TERMS))
    assert verdict.answer is Answer.UNCHECKED
    assert len(verdict.why) == 1
    assert "compare it with what is said here" in verdict.why[0]


@pytest.mark.slow
def test_corrected_page_and_the_former_one_are_genuine_or_revoked_together(
    sealing: Press, record: dict[str, Any]
) -> None:
    """As docs/trust.md says: they have one code, and nothing tells which of them holds."""
    pages = [sealing.render(record | {"score": score}) for score in (142, 140)]
    for listed, answer in (
        (revoking(), Answer.GENUINE),
        (revoking("P-GVVP6HBM"), Answer.REVOKED),
    ):
        found = [next(check(page, Terms(PUBLIC_KEYS, DAY, listed))) for page in pages]
        assert [(v.answer, v.facts and v.facts.score) for v in found] == [
            (answer, 142),
            (answer, 140),
        ]
