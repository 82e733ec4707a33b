"""Address of a QR code, or attached record, + terms → a verdict; nothing is rendered here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st
from keys import PUBLIC_KEYS, SEAL_KEY, SEAL_SITE, revoking
from PIL import Image
from support import EXAMPLES

from pixattest import Press, generate_key
from pixattest.model.framework import crcn
from pixattest.trust.credential import NAME, attach_record
from pixattest.trust.seal import FIELDS, SealedFacts, open_seal, seal_record
from pixattest.verification.pages import Page
from pixattest.verification.proofs import check_address, check_attachment, check_page
from pixattest.verification.verdicts import Answer, Part, Terms, Verdict

DAY = date(2026, 1, 10)
THROUGH = date(2027, 2, 9)
CODE = "P-GVVP6HBM"
TERMS = Terms(PUBLIC_KEYS, DAY, revoking())
UNSIGNED = Verdict(Part.SIGNATURE, Answer.ABSENT)
SIGNED = Verdict(Part.SIGNATURE, Answer.GENUINE)


@pytest.fixture(scope="module")
def address(press: Press, example: Mapping[str, Any]) -> str:
    """What the QR code of the example says."""
    record = press.read(dict(example))
    return f"{SEAL_SITE}#{seal_record(record, press.framework, FIELDS, THROUGH, SEAL_KEY)}"


@pytest.fixture(scope="module")
def facts(address: str) -> SealedFacts:
    return open_seal(address.rpartition("#")[2], PUBLIC_KEYS)


# How a certification stands.


def stands(address: str, **terms: Any) -> tuple[Answer, tuple[str, ...]]:
    found = check_address(address, replace(TERMS, **terms))
    return found.answer, found.why


def test_a_seal_that_holds_is_genuine(address: str, facts: SealedFacts) -> None:
    """With what it says; of no page yet."""
    assert check_address(address, TERMS) == Verdict(Part.SEAL, Answer.GENUINE, (), facts)


@pytest.mark.slow
def test_last_day_is_a_whole_day(address: str) -> None:
    """On it, it is valid; on the next day it is genuine, but expired."""
    careless: dict[str, Any] = {"revocations": None, "ignore_revocations": True}
    told = "whether it was revoked was not checked"
    assert stands(address, on=THROUGH, **careless) == (Answer.GENUINE, (told,))
    after = stands(address, on=date(2027, 2, 10), **careless)
    assert after == (Answer.EXPIRED, ("valid through 2027-02-09", told))


@pytest.mark.slow
def test_date_in_the_future_is_not_called_genuine(address: str) -> None:
    """Some clock is wrong; a day's difference may be that of time zones."""
    assert stands(address, on=date(2024, 2, 7), revocations=None) == (
        Answer.EARLY,
        ("delivered on 2024-02-09",),
    )
    assert stands(address, on=date(2024, 2, 8), revocations=None)[0] is Answer.UNCHECKED
    told = "the list of revocations is of 2026-01-01"
    assert stands(address, on=date(2025, 12, 30)) == (Answer.EARLY, (told,))
    assert stands(address, on=date(2025, 12, 31)) == (Answer.GENUINE, ())


def test_a_revoked_code_is_revoked_for_ever(address: str) -> None:
    """Before all else, however old the list is."""
    for day in (date(2020, 1, 1), DAY, date(2030, 1, 1)):
        found = stands(address, on=day, revocations=revoking("P-22222222", CODE))
        assert found == (Answer.REVOKED, ("its code was revoked by the issuer",))


def test_a_list_that_has_expired_says_nothing_new(address: str) -> None:
    """It speaks through the 30th; on the 31st nobody knows what came after it."""
    told = "whether it was revoked since 2026-01-01 could not be checked"
    assert stands(address, on=date(2026, 1, 30)) == (Answer.GENUINE, ())
    assert stands(address, on=date(2026, 1, 31)) == (Answer.UNCHECKED, (told,))
    late = stands(address, on=date(2026, 1, 31), ignore_revocations=True)
    assert late == (Answer.GENUINE, (told,))
    expired = stands(address, on=date(2028, 1, 1))
    assert expired == (Answer.EXPIRED, ("valid through 2027-02-09", told))


def test_without_a_list_it_is_not_called_genuine(address: str) -> None:
    """And it is said how to give one."""
    told = "whether it was revoked was not checked: give the issuer's list (--revocations FILE)"
    assert stands(address, revocations=None) == (Answer.UNCHECKED, (told,))


def test_a_certification_without_an_end_does_not_expire(
    press: Press, example: Mapping[str, Any]
) -> None:
    digits = seal_record(press.read(dict(example)), press.framework, FIELDS, None, SEAL_KEY)
    late = Terms(PUBLIC_KEYS, date(2999, 1, 1), ignore_revocations=True)
    assert check_address(f"{SEAL_SITE}#{digits}", late).answer is Answer.GENUINE


@pytest.mark.slow
def test_key_of_another_issuer_is_unknown(address: str) -> None:
    """A seal proves something under the keys of its issuer only."""
    found = check_address(address, Terms({}, DAY))
    assert (found.answer, found.facts) == (Answer.NOT_GENUINE, None)
    assert "none of the issuer's" in found.why[0]
    assert not found.why[1].endswith(".")


@given(st.text(max_size=60) | st.from_regex(r"https://x\.example/#[0-9]{1,1300}", fullmatch=True))
def test_any_address_has_an_answer(address: str) -> None:
    """Whatever a QR code says, malformed or oversize, it is no error."""
    assert check_address(address, TERMS).answer in (Answer.NOT_GENUINE, Answer.MISSING)


@pytest.mark.parametrize("address", ["", "https://x.example/?code=1", "x#1", "tel:1#2"])
def test_an_address_without_a_seal_lacks_it(address: str) -> None:
    """It is missing where it is expected, else absent."""
    found = check_address(address, TERMS)
    assert (found.answer, found.why) == (Answer.MISSING, ("the QR code holds no seal",))
    signed = replace(TERMS, expect=frozenset({Part.SIGNATURE}))
    assert check_address(address, signed).answer is Answer.ABSENT


# Pages.


def page_with(*texts: str, **page: Any) -> Page:
    """A page whose picture has these QR codes beside each other."""
    codes = [qrcode.make(text, box_size=3).get_image().convert("L") for text in texts]
    wide = sum(code.width for code in codes) or 9
    high = max((code.height for code in codes), default=9)
    picture = Image.new("L", (wide, high), 255)
    left = 0
    for code in codes:
        picture.paste(code, (left, 0))
        left += code.width
    return Page(7, picture, **page)


def test_each_seal_of_a_page_has_a_verdict(address: str) -> None:
    """A forger may leave the genuine one where it is; other codes are passed over."""
    page = page_with(address, "https://x.example/#1", "https://x.example/")
    found = [*check_page(page, TERMS)]
    assert sorted(verdict.answer for verdict in found) == ["genuine", "not genuine"]
    assert {verdict.page for verdict in found} == {7}


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (page_with(), ("no QR code can be read on it: is the picture whole, sharp and well lit?",)),
        (page_with(text=""), ("no QR code can be read on it",)),
        (
            page_with(text="One\r\ntwo"),
            ("no QR code can be read on it", "it begins with 'One two'"),
        ),
        (page_with("https://x.example/"), ("its QR code holds no seal",)),
    ],
)
def test_a_page_without_a_seal_is_told(page: Page, why: tuple[str, ...]) -> None:
    """With what it begins, so that one finds it."""
    (found,) = check_page(page, TERMS)
    assert found == Verdict(Part.SEAL, Answer.MISSING, why, None, 7)


@pytest.mark.parametrize(
    ("on", "answer"), [(DAY, Answer.UNCHECKED), (date(2030, 1, 1), Answer.EXPIRED)]
)
def test_what_lies_over_a_page_is_told(address: str, on: date, answer: Answer) -> None:
    """It is not called genuine then; what is graver stays."""
    (found,) = check_page(page_with(address, hides=("a fly",)), replace(TERMS, on=on))
    assert found.answer is answer
    assert found.why[-1] == "a fly: compare what you see with what is said here"
    (refused,) = check_page(page_with("https://x.example/#1", hides=("a fly",)), TERMS)
    assert "a fly" not in " ".join(refused.why)


# Attachments.


def pdf_with(*attached: bytes) -> bytes:
    """A PDF with these files attached under the name of a record's, and another one."""
    kept = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for number, content in enumerate(attached):
            spec = pikepdf.AttachedFileSpec(pdf, content, filename=NAME)
            pdf.attachments[f"{NAME}{number}"] = spec
        pdf.attachments["other.json"] = pikepdf.AttachedFileSpec(pdf, b"{}", filename="other.json")
        pdf.save(kept)
    return kept.getvalue()


@pytest.fixture(scope="module")
def attached(press: Press, example: Mapping[str, Any]) -> dict[str, Any]:
    """What is attached to the example, with its badge."""
    record = press.read(dict(example))
    data = attach_record(record, press.issuer, press.framework, "fr", SEAL_KEY)
    return dict(json.loads(data))


@pytest.fixture(scope="module")
def text(press: Press, example: Mapping[str, Any]) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(press.render(example)) as document:
        return str(document[0].get_textpage().get_text_range())


Check = Callable[..., Verdict]


@pytest.fixture
def check(text: str, facts: SealedFacts) -> Check:
    """Check attached files beside the example's text and its seal."""

    def call(*said: Any, seals: Any = None, signature: Verdict = UNSIGNED, **terms: Any) -> Verdict:
        content = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in said]
        sealed = [facts] if seals is None else seals
        return check_attachment(
            pdf_with(*content), text, sealed, signature, replace(TERMS, **terms)
        )

    return call


def with_record(attached: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """An attached file without a badge, whose record is changed."""
    return {"record": attached["record"] | changes}


def test_a_badge_vouches_for_its_record(check: Check, attached: dict[str, Any]) -> None:
    """Beside a seal and alone; what it certifies is what the seal says."""
    found = check(attached)
    assert (found.answer, found.why) == (Answer.GENUINE, ())
    assert found.facts
    assert (found.facts.code, found.facts.valid_through) == (CODE, THROUGH)
    assert found.facts.levels_in(crcn()) == attached["record"]["levels"]
    assert check(attached, seals=[]) == found


def test_an_attachment_expires_and_is_revoked_as_a_seal_is(
    check: Check, attached: dict[str, Any]
) -> None:
    assert check(attached, on=date(2027, 2, 10), revocations=None).answer is Answer.EXPIRED
    assert check(attached, revocations=revoking(CODE)).answer is Answer.REVOKED


def test_nothing_attached_is_absent_or_missing(check: Check) -> None:
    """A file of another name is no record."""
    why = ("no record is attached",)
    assert check() == Verdict(Part.ATTACHMENT, Answer.ABSENT, why)
    assert check(expect=frozenset({Part.ATTACHMENT})).answer is Answer.MISSING


def test_a_signature_vouches_for_a_record_without_a_badge(
    check: Check, attached: dict[str, Any]
) -> None:
    """Without either, it may be anybody's."""
    bare = with_record(attached)
    told = "nothing vouches for it: it has no badge, and no trusted signature is on the file"
    found = check(bare)
    assert (found.answer, found.why) == (Answer.UNCHECKED, (told,))
    assert found.facts
    assert found.facts.valid_through is None
    assert check(bare, signature=SIGNED).answer is Answer.GENUINE
    assert check(bare, signature=SIGNED, seals=[]).answer is Answer.GENUINE


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"score": 700}, "its score is 700, and that of the seal 142"),
        ({"levels": {"1.1": 6}}, "its levels are not those of the seal"),
        ({"levels": {"9.9": 1}}, "it has levels of other competences than those of crcn"),
        ({"birth_date": "2003-13-01"}, "what is attached is no record: "),
        ({"levels": {"1.1": "2"}}, "what is attached is no record: "),
    ],
)
def test_a_record_that_is_not_the_seals_is_caught(
    check: Check, attached: dict[str, Any], changes: dict[str, Any], told: str
) -> None:
    """Even where a signature vouches for it."""
    found = check(with_record(attached, **changes), signature=SIGNED)
    assert found.answer is Answer.NOT_GENUINE
    assert any(why.startswith(told) for why in found.why), found.why


def test_a_record_that_is_not_the_pages_is_caught(check: Check, attached: dict[str, Any]) -> None:
    """Where there is no seal, the page's text is compared."""
    forged = with_record(attached, first_name="Robert")
    found = check(forged, seals=[], signature=SIGNED)
    told = "the page does not say the attached name, Robert Martin"
    assert (found.answer, found.why) == (Answer.NOT_GENUINE, (told,))


def test_several_or_forged_attachments_are_refused(check: Check, attached: dict[str, Any]) -> None:
    found = check(attached, attached)
    assert (found.answer, found.why) == (Answer.NOT_GENUINE, ("several records are attached",))
    other = replace(TERMS, keys={}).keys
    assert check(attached, keys=other).why == ("is signed by an unknown key",)
    for content in (b"", b"null", b"[" * 9999, b" " * (2 << 20)):
        assert check(content).answer is Answer.NOT_GENUINE


def test_a_framework_that_is_not_known_leaves_levels_unchecked(
    check: Check, attached: dict[str, Any], facts: SealedFacts
) -> None:
    found = check(attached, seals=[replace(facts, framework="kitchen")])
    told = "the framework 'kitchen' is not known here, so that levels can't be compared"
    assert (found.answer, found.why) == (Answer.UNCHECKED, (told,))


def test_the_badge_names_the_framework_where_there_is_no_seal(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """Of a file whose page could not be read."""
    press = press_for(framework=str(EXAMPLES / "framework.toml"), language="en")
    record |= {"levels": {"1.1": 1}, "score": None, "max_level": None}
    read = press.read(record)
    data = attach_record(read, press.issuer, press.framework, "en", SEAL_KEY)
    terms = replace(TERMS, framework=press.framework)
    found = check_attachment(pdf_with(data), "", [], UNSIGNED, terms)
    assert found.facts
    assert found.facts.framework == "kitchen"
    assert found.facts.levels_in(press.framework) == {"1.1": 1}
    unknown = check_attachment(pdf_with(data), "", [], UNSIGNED, TERMS)
    assert "'kitchen' is not known here" in unknown.why[0]


def test_another_key_makes_no_badge(press: Press, example: Mapping[str, Any], check: Check) -> None:
    data = attach_record(
        press.read(dict(example)), press.issuer, press.framework, "fr", generate_key()
    )
    assert check(data).why == ("is signed by an unknown key",)
