"""Sealed pages → verdicts: what is genuine is called so, and each attack is caught."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pypdfium2
import pytest
from authority import PASSPHRASE as SIGN_PASSPHRASE
from authority import Authority
from hypothesis import given
from hypothesis import strategies as st
from keys import SEAL_KEY, SEAL_SITE
from PIL import Image, ImageFilter
from readers import Renderer
from support import EXAMPLES

from pixattest import (
    InputError,
    IssuerError,
    LayoutError,
    PixattestError,
    Press,
    Record,
    SelectionError,
)
from pixattest.ledger import open_ledger
from pixattest.trust.keys import generate_key, public_keys
from pixattest.trust.revocations import RevocationList, read_revocations, sign_revocations
from pixattest.verification.proofs import check_address
from pixattest.verification.verdicts import Answer, Part, Terms, Verdict
from pixattest.verification.verify import verify

KEYS = public_keys(json.dumps({"keys": [SEAL_KEY.public]}))
DAY = date(2026, 1, 1)
KITCHEN = str(EXAMPLES / "framework.toml")


def revoking(*codes: str) -> RevocationList:
    """The list of the first of January, which speaks until the end of the month."""
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return read_revocations(sign_revocations(codes, SEAL_KEY, made), KEYS)


NONE = revoking()
PASSPHRASE = "five words without any sense"


@pytest.fixture(scope="module")
def sealing(press_for: Callable[..., Press]) -> Press:
    return press_for(sealed=True)


@pytest.fixture(scope="module")
def page(sealing: Press, example: Mapping[str, Any]) -> bytes:
    return sealing.render(example)


def verdicts(tmp_path: Path, data: bytes, **given: Any) -> list[Verdict]:
    path = tmp_path / "given"
    path.write_bytes(data)
    given = {"keys": KEYS, "on": DAY, "revocations": NONE, **given}
    return [verdict for verdict in verify(path, **given) if verdict.part is Part.SEAL]


def address_on(page: bytes) -> str:
    """What the QR code of a page says."""
    import zxingcpp

    with pypdfium2.PdfDocument(page) as document:
        (code,) = zxingcpp.read_barcodes(document[0].render(scale=4).to_pil())
    return code.text


# What is genuine.


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_sealed_page_is_genuine(
    press_for: Callable[..., Press], example: Mapping[str, Any], tmp_path: Path, language: str
) -> None:
    """And its text says what its seal says, whatever the language."""
    page = press_for(sealed=True, language=language).render(example)
    (verdict,) = verdicts(tmp_path, page)
    assert (verdict.answer, verdict.page) == (Answer.GENUINE, 1)
    assert verdict.facts is not None
    assert verdict.facts.valid_through == date(2027, 2, 9)
    assert verdict.why == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "language", "framework", "levels", "told"),
    [
        ("landscape", "fr", "crcn", {"1.1": 2, "5.2": 1}, ("3", "2")),
        ("attestation", "de", "digcomp", {"1.1": 1, "2.1": 3}, ("3", "1")),
        ("attestation", "en", KITCHEN, {"1.1": 1, "2.1": 3}, ("Advanced", "Basic")),
    ],
)
def test_levels_are_found_wherever_a_template_puts_them(
    press_for: Callable[..., Press],
    record: dict[str, Any],
    tmp_path: Path,
    template: str,
    language: str,
    framework: str,
    levels: dict[str, int],
    told: tuple[str, str],
) -> None:
    """In a line alone, after a name of two lines, or in words; and a forged one is found there."""
    press = press_for(sealed=True, template=template, language=language, framework=framework)
    record |= {"levels": levels, "score": None, "max_level": None}
    known = {"framework": press.framework}
    (verdict,) = verdicts(tmp_path, press.render(record), **known)
    assert (verdict.answer, verdict.why) == (Answer.GENUINE, ())
    digits = press._seal(press.read(record))
    other = Press(template, press.issuer, language=language, framework=framework, key=SEAL_KEY)
    other._seal = lambda _: digits  # type: ignore[method-assign]
    forged = other.render(record | {"levels": levels | {"1.1": 3}})
    (verdict,) = verdicts(tmp_path, forged, **known)
    assert verdict.why == ("the page says {} for 1.1, and the seal {}".format(*told),)


@pytest.mark.slow
@pytest.mark.parametrize("template", ["attestation", "landscape"])
@pytest.mark.parametrize("named", [True, False])
def test_competences_may_be_numbered_in_capitals(
    press_for: Callable[..., Press],
    record: dict[str, Any],
    tmp_path: Path,
    template: str,
    named: bool,
) -> None:
    """`C1`, `AB1`: a page is genuine whatever the levels are called, and an edited one caught."""
    said = (EXAMPLES / "framework.toml").read_text(encoding="utf-8")
    said = said.replace('"1.1"', '"C1"').replace('"2.1"', '"AB1"')
    if not named:
        said = re.sub("^level_names.*$", "", said, flags=re.MULTILINE)
    (tmp_path / "own.toml").write_text(said, encoding="utf-8")
    framework = str(tmp_path / "own.toml")
    press = press_for(sealed=True, template=template, language="en", framework=framework)
    record |= {"levels": {"C1": 1, "AB1": 3}, "score": None, "max_level": None}
    known = {"framework": press.framework}
    (verdict,) = verdicts(tmp_path, press.render(record), **known)
    assert (verdict.answer, verdict.why) == (Answer.GENUINE, ())
    digits = press._seal(press.read(record))
    other = Press(template, press.issuer, language="en", framework=framework, key=SEAL_KEY)
    other._seal = lambda _: digits  # type: ignore[method-assign]
    forged = other.render(record | {"levels": {"C1": 1, "AB1": 2}})
    (verdict,) = verdicts(tmp_path, forged, **known)
    assert verdict.answer == Answer.NOT_GENUINE
    page, seal = ("Intermediate", "Advanced") if named else ("2", "3")
    assert verdict.why == (f"the page says {page} for AB1, and the seal {seal}",)


@pytest.mark.slow
def test_page_of_an_unknown_framework_is_not_called_genuine(
    press_for: Callable[..., Press], record: dict[str, Any], tmp_path: Path
) -> None:
    """Its levels can't be compared until the framework is given."""
    press = press_for(sealed=True, framework=KITCHEN)
    page = press.render(record | {"levels": {"1.1": 1}, "score": None, "max_level": None})
    (verdict,) = verdicts(tmp_path, page)
    assert verdict.answer == Answer.UNCHECKED
    assert "'kitchen' is not known" in verdict.why[0]
    (verdict,) = verdicts(tmp_path, page, revocations=revoking("P-GVVP6HBM"))
    assert verdict.answer == Answer.REVOKED


@pytest.mark.slow
def test_backs_of_pages_need_no_seal(
    sealing: Press, record: dict[str, Any], tmp_path: Path
) -> None:
    """A cover has none either, and is told to lack it, for anything may be written on it."""
    file = io.BytesIO()
    sealing.write([record], file, cover=True, blank_versos=True)
    found = verdicts(tmp_path, file.getvalue())
    assert [(v.answer, v.page) for v in found] == [
        (Answer.MISSING, 1),
        (Answer.BLANK, 2),
        (Answer.GENUINE, 3),
        (Answer.BLANK, 4),
    ]
    assert found[0].why[1].startswith("it begins with \"pix | Liste d'émargement")


@pytest.mark.slow
def test_pages_that_are_not_asked_for_are_told(
    sealing: Press, record: dict[str, Any], tmp_path: Path
) -> None:
    """Nothing else is genuine by leaving pages out: those with nothing on them prove nothing."""
    file = io.BytesIO()
    sealing.write([record], file, cover=True, blank_versos=True)
    found = verdicts(tmp_path, file.getvalue(), pages="3-")
    skipped = Answer.SKIPPED
    assert [v.answer for v in found] == [skipped, skipped, Answer.GENUINE, Answer.BLANK]
    assert all(v.holds for v in found)
    found = verdicts(tmp_path, file.getvalue(), pages="2,4")
    assert (found[-1].answer, found[-1].page) == (Answer.MISSING, None)
    with pytest.raises(InputError, match="there is no page 5") as caught:
        verdicts(tmp_path, file.getvalue(), pages="1-5")
    assert caught.value.source == str(tmp_path / "given")
    with pytest.raises(SelectionError):
        verdicts(tmp_path, file.getvalue(), pages="cover")


@pytest.mark.slow
@pytest.mark.parametrize(
    "mark",
    [
        b"0.5 g 0 0 10 10 re f",  # seen
        b"1 g 0 0 10 10 re f",  # white; what it hides elsewhere is not asked
        b"1 0 0 rg 0 0 595 842 re f",  # one colour all over
        None,  # a note without any picture
    ],
)
def test_page_is_not_blank_that_may_show_something(
    sealing: Press, record: dict[str, Any], tmp_path: Path, mark: bytes | None
) -> None:
    """A forger can't have a page passed over by what is hard to see, or drawn by viewers only."""
    file = io.BytesIO()
    sealing.write([record], file, blank_versos=True)
    with pikepdf.open(file) as pdf:
        if mark is None:
            note = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 99, 99]
            )
            pdf.pages[1].Annots = pdf.make_indirect([pdf.make_indirect(note)])
        else:
            pdf.pages[1].Contents = pdf.make_stream(mark)
        kept = io.BytesIO()
        pdf.save(kept)
    found = verdicts(tmp_path, kept.getvalue())
    assert [v.answer for v in found] == [Answer.GENUINE, Answer.MISSING]


@pytest.mark.slow
def test_every_page_of_a_class_is_looked_at(
    sealing: Press, record: dict[str, Any], tmp_path: Path
) -> None:
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
    found = verdicts(tmp_path, file.getvalue())
    assert [(v.answer, v.page) for v in found] == [(Answer.GENUINE, n) for n in range(1, 5)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_scan_is_genuine(
    renderers: Mapping[str, Renderer], page: bytes, tmp_path: Path, kind: str
) -> None:
    """At 200 dpi, with noise, blur and 15° of rotation, in grey."""
    chance = random.Random(1)
    picture = renderers["poppler"](page, 200).convert("L")
    picture = picture.filter(ImageFilter.GaussianBlur(0.8)).rotate(15, expand=True, fillcolor=255)
    grain = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    kept = io.BytesIO()
    Image.blend(picture, grain, 0.25).save(kept, kind)
    (verdict,) = verdicts(tmp_path, kept.getvalue())
    assert verdict.answer == Answer.GENUINE
    assert "compare it with what is said here" in verdict.why[0]


@pytest.mark.slow
def test_scan_in_a_pdf_is_not_said_to_be_read(
    renderers: Mapping[str, Renderer], page: bytes, tmp_path: Path
) -> None:
    """Its seal holds, but nobody has compared its words: they are not called wrong, nor right."""
    kept = io.BytesIO()
    renderers["poppler"](page, 200).save(kept, "PDF", resolution=200)
    (verdict,) = verdicts(tmp_path, kept.getvalue())
    assert verdict.answer == Answer.UNCHECKED
    assert len(verdict.why) == 1
    assert "compare it with what is said here" in verdict.why[0]


@pytest.mark.slow
def test_last_day_is_a_whole_day(page: bytes) -> None:
    """On it, it is valid; on the next day it is genuine, but expired."""
    address = address_on(page)
    last = check_address(address, Terms(KEYS, date(2027, 2, 9), ignore_revocations=True))
    assert last.answer == Answer.GENUINE
    assert check_address(address, Terms(KEYS, date(2027, 2, 10))).answer == Answer.EXPIRED


@pytest.mark.slow
def test_date_in_the_future_is_not_called_genuine(page: bytes) -> None:
    """Some clock is wrong; a day's difference may be that of time zones."""
    address = address_on(page)
    asked = {day: check_address(address, Terms(KEYS, date(2024, 2, day))).answer for day in (7, 8)}
    assert asked == {7: Answer.EARLY, 8: Answer.UNCHECKED}
    assert check_address(address, Terms(KEYS, date(2025, 12, 30), NONE)).answer == Answer.EARLY


def test_revoked_code_is_told(page: bytes) -> None:
    """Before all else; and a list that no longer speaks is told as well."""
    address = address_on(page)
    revoked = check_address(address, Terms(KEYS, date(2030, 1, 1), revoking("P-GVVP6HBM")))
    assert revoked.answer == Answer.REVOKED
    fresh = check_address(address, Terms(KEYS, DAY, NONE))
    assert (fresh.answer, fresh.why) == (Answer.GENUINE, ())
    stale = check_address(address, Terms(KEYS, date(2026, 2, 1), NONE))
    told = "whether it was revoked since 2026-01-01 could not be checked"
    assert (stale.answer, stale.why) == (Answer.UNCHECKED, (told,))
    none = check_address(address, Terms(KEYS, DAY))
    told = "whether it was revoked was not checked"
    more = ": give the issuer's list (--revocations FILE)"
    assert (none.answer, none.why) == (Answer.UNCHECKED, (told + more,))
    careless = check_address(address, Terms(KEYS, DAY, ignore_revocations=True))
    assert (careless.answer, careless.why) == (Answer.GENUINE, (told,))


@pytest.mark.slow
def test_corrected_page_and_the_former_one_are_genuine_or_revoked_together(
    sealing: Press, record: dict[str, Any], tmp_path: Path
) -> None:
    """As docs/trust.md says: they have one code, and nothing tells which of them holds."""
    pages = [sealing.render(record | {"score": score}) for score in (142, 140)]
    for listed, answer in ((NONE, Answer.GENUINE), (revoking("P-GVVP6HBM"), Answer.REVOKED)):
        found = [verdicts(tmp_path, page, revocations=listed) for page in pages]
        assert [(v.answer, v.facts and v.facts.score) for (v,) in found] == [
            (answer, 142),
            (answer, 140),
        ]


# Attacks.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"levels": {"1.1": 6}}, "the page says 6 for 1.1, and the seal 2"),
        ({"levels": {"1.3": 1}}, "the page says 1 for 1.3, and the seal no level"),
        ({"levels": {"2.1": 0}}, "the page says no level for 2.1, and the seal 4"),
        ({"first_name": "Camilla"}, "the sealed name, Camille Martin"),
        ({"birth_date": "2003-01-13"}, "the sealed date of birth, 2003-01-12"),
        ({"delivered_on": "2024-02-19"}, "the sealed date of delivery, 2024-02-09"),
        ({"delivered_on": "2025-02-09"}, "the sealed last day of validity, 2027-02-09"),
        ({"centre": "Lycée Albert Camus"}, "the sealed centre"),
        ({"score": 143}, "the sealed score, 142"),
        ({"verification_code": "P-GVVP6HBN"}, "the sealed code"),
    ],
)
def test_page_that_says_something_else_is_caught(
    sealing: Press, record: dict[str, Any], tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    """A QR code moved from a page to another one that says more: every fact is compared."""
    sealed = sealing.read(record)
    forged = dict(record)
    for name, value in changes.items():
        forged[name] = record["levels"] | value if name == "levels" else value
    forged["levels"] = {number: level for number, level in forged["levels"].items() if level}
    digits = sealing._seal(sealed)
    other = Press(issuer=sealing.issuer, key=SEAL_KEY)
    other._seal = lambda _: digits  # type: ignore[method-assign]
    (verdict,) = verdicts(tmp_path, other.render(forged))
    assert verdict.answer == Answer.NOT_GENUINE
    assert any(told in why for why in verdict.why), verdict.why


@pytest.mark.slow
def test_key_of_another_issuer_is_unknown(page: bytes, tmp_path: Path) -> None:
    """A seal proves something under the keys of its issuer only."""
    other = public_keys(json.dumps({"keys": [generate_key().public]}))
    (verdict,) = verdicts(tmp_path, page, keys=other)
    assert (verdict.answer, verdict.facts) == (Answer.NOT_GENUINE, None)


@pytest.mark.slow
def test_page_without_a_seal_is_not_called_genuine(
    press: Press, example: Any, tmp_path: Path
) -> None:
    """Nor is one whose QR code was taken off."""
    (plain,) = verdicts(tmp_path, press.render(example))
    assert plain.answer == Answer.MISSING
    kept = io.BytesIO()
    Image.new("L", (600, 800), 255).save(kept, "PNG")
    (empty,) = verdicts(tmp_path, kept.getvalue())
    assert empty.answer == Answer.MISSING


@given(st.text(max_size=60) | st.from_regex(r"https://x\.example/#[0-9]{1,1300}", fullmatch=True))
def test_any_address_has_an_answer(address: str) -> None:
    """Whatever a QR code says, malformed or oversize, it is no error."""
    answer = check_address(address, Terms(KEYS, DAY)).answer
    assert answer in (Answer.NOT_GENUINE, Answer.MISSING)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "neither a PDF nor a picture"),
        (b"%PDF-1.7 and no more", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "neither a PDF nor a picture"),
        (b"MZ" * 500, "neither a PDF nor a picture"),
    ],
)
def test_file_that_is_nothing_of_it_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    """In words, as every input."""
    with pytest.raises(InputError, match=told) as caught:
        verdicts(tmp_path, data)
    assert caught.value.hint
    assert caught.value.source == str(tmp_path / "given")
    assert not re.search(r"\.\W*\.", str(caught.value))


def test_file_without_pages_is_refused(tmp_path: Path) -> None:
    """No verdict at all would be taken for one that holds."""
    kept = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(kept)
    with pytest.raises(InputError):
        verdicts(tmp_path, kept.getvalue())


def test_file_with_a_password_is_told_apart(tmp_path: Path, page: bytes) -> None:
    """It is not damaged; who gave it knows the password."""
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(page)) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="a", owner="b"))
    with pytest.raises(InputError, match="password"):
        verdicts(tmp_path, locked.getvalue())


@pytest.mark.slow
def test_huge_pages_are_looked_at_in_few_pixels(tmp_path: Path) -> None:
    """A page of 5 m, and a picture of a thousand million pixels, take no gigabytes."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14400, 14400))
        kept = io.BytesIO()
        pdf.save(kept)
    blank, verdict = verdicts(tmp_path, kept.getvalue())
    assert (blank.answer, verdict.answer) == (Answer.BLANK, Answer.MISSING)
    picture = io.BytesIO()
    Image.new("1", (32000, 4000)).save(picture, "PNG")
    with pytest.raises(InputError):
        verdicts(tmp_path, picture.getvalue())


@pytest.mark.parametrize("expect", [(), ("seals",)])
def test_something_is_expected_of_a_file(
    page: bytes, tmp_path: Path, expect: tuple[str, ...]
) -> None:
    """Else everything that lacks all proofs would hold."""
    with pytest.raises(InputError) as caught:
        verdicts(tmp_path, page, expect=expect)
    assert caught.value.hint == "Name seal, signature, attachment."


# The press.


@pytest.mark.slow
def test_sealed_bytes_are_the_same_here_and_elsewhere(
    sealing: Press, record: dict[str, Any]
) -> None:
    """Printed by other processes, which have the seals and not the key."""
    people = [record | {"verification_code": f"P-{n:08}", "group": None} for n in range(70)]
    here, there = io.BytesIO(), io.BytesIO()
    sealing.write(people, here)
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        sealing.write(people, there, executor=executor)
    assert here.getvalue() == there.getvalue()


@pytest.mark.slow
def test_key_does_not_leave_with_its_press(sealing: Press, example: Mapping[str, Any]) -> None:
    """A press that was sent says so, rather than print without a seal."""
    sent = pickle.dumps(sealing)
    assert bytes(range(32)) not in sent
    with pytest.raises(PixattestError, match="its key did not"):
        pickle.loads(sent).render(example)


@pytest.mark.slow
def test_same_code_with_other_facts_has_its_own_seal(
    sealing: Press, record: dict[str, Any], tmp_path: Path
) -> None:
    """What was printed for one page is not taken for another that shows the same code."""
    file = io.BytesIO()
    sealing.write([record, record | {"score": 150}], file)
    assert [v.answer for v in verdicts(tmp_path, file.getvalue())] == [Answer.GENUINE] * 2


def test_too_much_for_a_seal_is_refused_in_its_row(sealing: Press, record: dict[str, Any]) -> None:
    """The record is named, with what to shorten."""
    long = {"first_name": "Ἀλέξανδρος " * 10, "last_name": "Παπαδόπουλος " * 9}
    for longest, more in (("last_name", {}), ("centre", {"centre": "Ω" * 120})):
        with pytest.raises(LayoutError) as caught:
            sealing.write([record, record | long | more], io.BytesIO())
        assert caught.value.row == 2
        sealed = [fault.field for fault in caught.value.faults if "seal's QR" in fault.problem]
        assert sealed == [longest]


def test_alternative_text_says_what_the_code_opens(page: bytes) -> None:
    """And does not read out four hundred digits."""
    with pikepdf.open(io.BytesIO(page)) as pdf:
        alts = [
            str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o
        ]
    assert f"Code QR qui ouvre {SEAL_SITE}" in alts


def test_key_without_seal_settings_is_refused() -> None:
    """Nobody would know where it is verified."""
    with pytest.raises(IssuerError, match="nothing said of seals"):
        Press(key=SEAL_KEY)


@pytest.mark.slow
@pytest.mark.parametrize(
    "printing",
    [
        lambda press, record: press.render(record),
        lambda press, record: press.write([record], io.BytesIO()),
        lambda press, record: press.write([record], "class.pdf"),
        lambda press, record: [*press.stream([record])],
        lambda press, record: [*press.digests([record])],
    ],
    ids=["render", "write", "write a path", "stream", "digests"],
)
def test_seal_settings_without_key_print_nothing(
    sealing: Press,
    example: Mapping[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    printing: Callable[[Press, Record], object],
) -> None:
    """Who takes the key for granted is told, however it is printed; no file is left."""
    monkeypatch.chdir(tmp_path)
    press = Press(issuer=sealing.issuer)
    with pytest.raises(IssuerError, match=r"given no key\. Give it key=pixattest\.read_key\("):
        printing(press, press.read(example))
    assert not [*tmp_path.iterdir()]


def test_seal_settings_without_key_print_lists(sealing: Press, example: Mapping[str, Any]) -> None:
    """A class's list is never sealed."""
    assert Press(issuer=sealing.issuer).write_cover([dict(example)], io.BytesIO()) == 1


@pytest.mark.slow
def test_unsealed_on_purpose_is_by_an_issuer_without_seal(
    sealing: Press, example: Mapping[str, Any], tmp_path: Path
) -> None:
    """The same issuer, whose QR code holds the address with the code."""
    issuer = msgspec.structs.replace(sealing.issuer, seal=None)
    (verdict,) = verdicts(tmp_path, Press(issuer=issuer).render(example))
    assert verdict.answer == Answer.MISSING


# The command line.


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with an issuer that seals, a passphrase in a file, and a record."""
    issuer = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    said = f'\n[seal]\nsite = "{SEAL_SITE}"\nkey = "key.pem"\n'
    (tmp_path / "issuer.toml").write_text(issuer + said, encoding="utf-8")
    for name in ("signature.png", "record.json"):
        (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes())
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    return tmp_path


def command(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pixattest", *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "PIXATTEST_CACHE": str(folder / "cache"), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_from_key_to_verdict(office: Path) -> None:
    """keygen, render, verify, as a user does it; and no file holds passphrase or key."""
    done = command(office, "keygen", "key.pem", "--passphrase-file", "word")
    assert done.returncode == 0, done.stderr
    render = ("record.json", "--issuer", "issuer.toml")
    done = command(office, *render, "--passphrase-file", "word")
    assert done.returncode == 0, done.stderr
    first = (office / "record.pdf").read_bytes()
    done = command(office, *render, "--force", PIXATTEST_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    assert (office / "record.pdf").read_bytes() == first
    check = ("verify", "record.pdf", "--keys", "keys.json", "--on")
    done = command(office, *check, "2026-01-01", "--json", "--no-revocations")
    assert (done.returncode, json.loads(done.stdout)[0]["answer"]) == (0, "genuine")
    done = command(office, *check, "2030-01-01")
    assert done.returncode == 1
    assert "expired" in done.stdout
    for path in office.rglob("*"):
        if path.is_file() and path.name != "word":
            assert PASSPHRASE.encode() not in path.read_bytes(), path
            assert b"BEGIN PRIVATE KEY" not in path.read_bytes(), path


@pytest.mark.slow
def test_issuer_names_keys_and_roots(office: Path, authority: Authority) -> None:
    """In the place of --keys and --roots; and the list lies beside the keys."""
    said = (office / "issuer.toml").read_text(encoding="utf-8")
    said += f'\n[signing]\ntimestamp = "{authority.timestamp}"\nlevel = "B-LT"\n'
    said += f'roots = ["{authority.roots}"]\n'
    (office / "issuer.toml").write_text(said, encoding="utf-8")
    (office / "pin").write_text(SIGN_PASSPHRASE)
    assert command(office, "keygen", "key.pem", "--passphrase-file", "word").returncode == 0
    sealing = ("--issuer", "issuer.toml", "--passphrase-file", "word")
    signing = ("--sign", str(authority.key("director")), "--sign-passphrase-file", "pin")
    done = command(office, "record.json", *sealing, *signing, "--attach")
    assert done.returncode == 0, done.stderr
    check = ("verify", "record.pdf", "--json", "--on", "2026-01-01", "--no-revocations")
    done = command(office, *check, "--issuer", "issuer.toml", "--expect", "signature")
    assert done.returncode == 0, done.stdout
    assert [one["part"] for one in json.loads(done.stdout)] == ["seal", "signature", "attachment"]
    done = command(office, *check, "--keys", "keys.json")
    assert (done.returncode, "no roots are given" in done.stdout) == (1, True)
    done = command(office, *check)
    assert (done.returncode, "--issuer" in done.stderr) == (2, True)


@pytest.mark.slow
def test_class_files_are_sealed_by_several_processes(office: Path) -> None:
    """The key is asked for once; each page of each file is genuine."""
    assert command(office, "keygen", "key.pem", "--passphrase-file", "word").returncode == 0
    one = json.loads((office / "record.json").read_text())
    people = [
        one
        | {
            "verification_code": f"P-{n:08}",
            "group": f"T{n % 2}",
            "birth_date": f"2003-01-{n % 28 + 1:02}",
        }
        for n in range(80)
    ]
    (office / "all.json").write_text(json.dumps(people))
    arguments = ("all.json", "--issuer", "issuer.toml", "--passphrase-file", "word", "-o")
    for out, jobs in (("one", "1"), ("two", "2")):
        done = command(office, *arguments, out, "--jobs", jobs)
        assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (office / "one").glob("*.pdf"))
    assert len(files) == 2
    for name in files:
        assert (office / "one" / name).read_bytes() == (office / "two" / name).read_bytes()
    check = ("verify", f"two/{files[0]}", "--keys", "keys.json", "--on", "2026-01-01")
    done = command(office, *check, "--no-revocations")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_damaged_file_does_not_hide_the_others(office: Path, page: bytes) -> None:
    """Each file has its table below its answer, or its error; the exit status tells the worst."""
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    (office / "first.pdf").write_bytes(page[:5000])
    (office / "second.pdf").write_bytes(page)
    check = ("--keys", "keys.json", "--on", "2026-01-01", "--no-revocations")
    done = command(office, "verify", "first.pdf", "second.pdf", *check)
    assert done.returncode == 2
    assert done.stderr.startswith("first.pdf: is damaged")
    assert done.stdout.startswith("second.pdf: genuine, but see the remarks")
    assert all(said in done.stdout for said in ("Camille Martin", "1.1: 2, 1.2: 1", "no other"))
    done = command(office, "verify", "first.pdf", "second.pdf", *check, "--json")
    assert (done.returncode, len(json.loads(done.stdout))) == (2, 3)


@pytest.mark.slow
def test_levels_are_told_by_the_names_that_a_page_has(
    office: Path, press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """In each language that the framework has names in, for paper may be in any; by domain."""
    said = Path(KITCHEN).read_text(encoding="utf-8").replace('"2.1"', '"D1"')
    names = 'level_names = { en = ["Basic", "Good", "Top"], fr = ["De base", "Bon", "Top"] }'
    said = re.sub("^level_names.*$", names, said, flags=re.MULTILINE)
    (office / "own.toml").write_text(said, encoding="utf-8")
    press = press_for(sealed=True, framework=str(office / "own.toml"))
    levels = {"1.1": 1, "1.2": 2, "D1": 3}
    page = press.render(record | {"levels": levels, "score": None, "max_level": None})
    (office / "own.pdf").write_bytes(page)
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    check = ("--keys", "keys.json", "--on", "2026-01-01", "--no-revocations", "--framework")
    done = command(office, "verify", "own.pdf", *check, "own.toml", COLUMNS="200")
    assert done.returncode == 0, done.stdout
    told = [line.split("│")[3].strip() for line in done.stdout.splitlines() if "│" in line]
    assert told[4:7] == ["1.1: Basic / De base, 1.2: Good / Bon", "D1: Top", "no other level"]


@pytest.mark.slow
def test_class_file_with_its_cover_is_clear_at_a_glance(
    office: Path, sealing: Press, record: dict[str, Any]
) -> None:
    """Its cover is not passed over, until who printed it says so; levels have their numbers."""
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    people = [record | {"verification_code": f"P-0000000{n}"} for n in range(3)]
    sealing.write(people, office / "class.pdf", cover=True, blank_versos=True)
    check = ("verify", "class.pdf", "--keys", "keys.json", "--on", "2026-01-01")
    check += ("--no-revocations", "--seconds", "50")
    done = command(office, *check, COLUMNS="200")
    assert done.returncode == 1
    first, *_, last = done.stdout.splitlines()
    told = "3 of 3 attestations genuine; page 1 bears no seal"
    assert first.strip() == f"class.pdf: missing – {told}"
    assert last.endswith("leave it out: --pages 2-8")
    rows = [line.split("│")[1:4] for line in done.stdout.splitlines() if "│" in line]
    told = {place.strip(): (answer.strip(), said.strip()) for place, answer, said in rows}
    del told[""]  # a second line of remarks
    assert list(told) == ["page 1", "page 3", "page 5", "page 7", "all", "pages 2,4,6,8"]
    assert told["page 5"] == ("genuine", "Camille Martin")
    assert "1.1: 2" not in done.stdout
    assert "Compare the facts (--details) with the page" in done.stdout
    assert "1.1: 2" in command(office, *check, "--details", COLUMNS="200").stdout
    done = command(office, *check, "--pages", "2-8", COLUMNS="200")
    assert done.returncode == 0, done.stdout
    told = "3 of 3 attestations genuine; page 1: not looked at"
    assert done.stdout.splitlines()[0].strip().endswith(told)
    assert "pages 2,4,6,8" in done.stdout
    done = command(office, *check, "--pages", "2-8", "--json")
    skipped, blank, seal, *_ = json.loads(done.stdout)
    assert [one["answer"] for one in (skipped, blank, seal)] == ["skipped", "blank", "genuine"]
    assert seal["facts"]["levels"] == record["levels"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "more", "told"),
    [
        (("--passphrase-file", "missing"), {}, "missing: can't be read"),
        ((), {"PIXATTEST_PASSPHRASE": "not the right one"}, "passphrase is wrong"),
        ((), {}, "--passphrase-file"),
    ],
)
def test_without_the_passphrase_nothing_is_printed(
    office: Path, arguments: tuple[str, ...], more: dict[str, str], told: str
) -> None:
    """An issuer that seals never makes a page without a seal, nor is a passphrase repeated."""
    assert command(office, "keygen", "key.pem", "--passphrase-file", "word").returncode == 0
    done = command(office, "record.json", "--issuer", "issuer.toml", "--debug", *arguments, **more)
    assert done.returncode != 0
    assert told in done.stderr
    assert "not the right one" not in done.stderr
    assert not (office / "record.pdf").exists()


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["record.json", "revocations", "reprint"])
def test_a_missing_key_is_told_before_its_passphrase_is_asked_for(office: Path, asked: str) -> None:
    """Whichever command wants it; with how to make one."""
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    with open_ledger(str(office / "issued.db")):
        pass
    arguments = {
        "record.json": ("--issuer", "issuer.toml"),
        "revocations": (".", "--issuer", "issuer.toml", "--ledger", "issued.db"),
        "reprint": ("P-GVVP6HBM", "--key", "key.pem", "--ledger", "issued.db"),
    }
    done = command(office, asked, *arguments[asked])
    assert done.returncode == 2
    assert "key.pem: can't be read: No such file" in done.stderr
    assert "pixattest keygen" in done.stderr
    assert "passphrase" not in done.stderr
