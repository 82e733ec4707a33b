"""Attacks on a sealed and signed file with its record in it; `verify` catches each of them.

Each test forges what somebody would, in the finished file's own bytes, and changes nothing else.
Scripts in names are attacks on the verification page: tests/verification.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from authority import Authority
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import SEAL_KEY, SEAL_SITE

from pixattest import Answer, InputError, Part, Press, SealError, Verdict, verify
from pixattest.pdf.qr import QrEncoder, read_tables, side_of
from pixattest.trust import cbor
from pixattest.trust.credential import NAME
from pixattest.trust.keys import generate_key, public_keys
from pixattest.trust.revocations import sign_revocations
from pixattest.trust.signing import Signer
from pixattest.verification.proofs import check_address
from pixattest.verification.verdicts import Terms

pytestmark = pytest.mark.slow

DAY = date(2026, 1, 10)
CODE = "P-GVVP6HBM"
EVERYTHING = (Part.SEAL, Part.SIGNATURE, Part.ATTACHMENT)
KEYS = public_keys(json.dumps({"keys": [SEAL_KEY.public]}))


@pytest.fixture(scope="module")
def sealing(press_for: Callable[..., Press]) -> Press:
    return press_for(sealed=True)


@pytest.fixture(scope="module")
def sealed(sealing: Press, example: Mapping[str, Any]) -> bytes:
    """The example, sealed, with its record attached."""
    return sealing.render(example, attach=True)


@pytest.fixture(scope="module")
def signed(sealing: Press, example: Mapping[str, Any], signer: Signer) -> bytes:
    """And signed."""
    return sealing.render(example, attach=True, signer=signer)


class Reader:
    """Somebody who checks files, with what their issuer makes known.

    Attributes:
        folder: with keys.json, revoked.jws and roots.pem.
    """

    def __init__(self, folder: Path, roots: Path) -> None:
        self.folder = folder
        (folder / "roots.pem").write_bytes(roots.read_bytes())
        (folder / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
        self.publish(datetime(2026, 1, 1, tzinfo=UTC))

    def publish(self, when: datetime, *codes: str) -> bytes:
        """Put a list of revocations beside the keys."""
        listed = sign_revocations(codes, SEAL_KEY, when)
        (self.folder / "revoked.jws").write_bytes(listed)
        return listed

    def verify(self, data: bytes, **given: Any) -> dict[Part, Verdict]:
        """What is found of each part of a file."""
        path = self.folder / "given.pdf"
        path.write_bytes(data)
        trusted = {
            "keys": self.folder / "keys.json",
            "on": DAY,
            "revocations": self.folder / "revoked.jws",
            "roots": [self.folder / "roots.pem"],
        }
        found = verify(path, **(trusted | given))
        assert len(found) == len({verdict.part for verdict in found})
        return {verdict.part: verdict for verdict in found}

    def command(self, *options: str) -> tuple[int, dict[str, str]]:
        """Exit status of the command for the file that was given last, and its answers."""
        trusted = ("--keys", "keys.json", "--roots", "roots.pem", "--on", DAY.isoformat(), "--json")
        done = subprocess.run(
            [sys.executable, "-m", "pixattest", "verify", "given.pdf", *trusted, *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr
        return done.returncode, {one["part"]: one["answer"] for one in json.loads(done.stdout)}


@pytest.fixture
def reader(tmp_path: Path, authority: Authority) -> Reader:
    return Reader(tmp_path, authority.roots)


def answers(found: Mapping[Part, Verdict]) -> list[Answer]:
    """Of seal, signature and attachment."""
    return [found[part].answer for part in EVERYTHING]


def edited(data: bytes, edit: Callable[[pikepdf.Pdf], None]) -> bytes:
    """A file as a forger saves it after some change."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        edit(pdf)
        kept = io.BytesIO()
        pdf.save(kept)
    return kept.getvalue()


def with_digits(data: bytes, digits: str) -> bytes:
    """A file whose QR code holds another seal."""
    address = f"{SEAL_SITE}#".encode()

    def paste(pdf: pikepdf.Pdf) -> None:
        operations = list(pikepdf.parse_content_stream(pdf.pages[0]))
        tables = read_tables()
        version = tables.version_for(len(address), len(digits))
        rows = QrEncoder(tables.symbol(version)).encode(address, digits)
        modules, size = bytes(255 - byte for byte in rows), side_of(version)
        for place, operation in enumerate(operations):
            if isinstance(operation, pikepdf.ContentStreamInlineImage):
                frame = f"BI /W {size} /H {size} /IM true ID ".encode()
                pasted = io.BytesIO(frame + modules + b" EI")
                image = pdf.make_stream(pasted.getvalue())
                (operations[place],) = pikepdf.parse_content_stream(image)
        pdf.pages[0].Contents = pdf.make_stream(pikepdf.unparse_content_stream(operations))

    return edited(data, paste)


def forged_digits(digits: str, change: Callable[[list[Any]], None]) -> str:
    """A seal with a part of its COSE_Sign1 changed, and its signature left."""
    number = int(digits)
    parts: Any = cbor.decode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
    change(parts)
    return str(int.from_bytes(cbor.encode(parts), "big"))


def digits_of(press: Press, record: Mapping[str, Any]) -> str:
    return press._seal(press.read(dict(record)))


@pytest.mark.slow
def test_the_file_itself_is_genuine(reader: Reader, signed: bytes, sealed: bytes) -> None:
    """What the attacks begin with: in each of its parts, for the function and the command."""
    assert answers(reader.verify(signed, expect=EVERYTHING)) == [Answer.GENUINE] * 3
    expected = [option for part in EVERYTHING for option in ("--expect", part)]
    assert reader.command(*expected) == (0, dict.fromkeys(EVERYTHING, "genuine"))
    unsigned = reader.verify(sealed)
    assert answers(unsigned) == [Answer.GENUINE, Answer.ABSENT, Answer.GENUINE]
    assert reader.command()[0] == 0


@pytest.mark.slow
def test_level_edited_in_the_page(reader: Reader, sealed: bytes, signed: bytes) -> None:
    """A digit of the content stream: 2 becomes 5 where the page shows the level of 1.1."""

    def edit(pdf: pikepdf.Pdf) -> None:
        contents = pdf.pages[0].Contents
        levels = re.compile(rb"\(\x002\x00 \)\]TJ ET\nEMC")
        forged, count = levels.subn(b"(\x005\x00 )]TJ ET\nEMC", contents.read_bytes(), count=1)
        assert count == 1
        contents.write(forged)

    found = reader.verify(edited(sealed, edit))
    assert answers(found) == [Answer.NOT_GENUINE, Answer.ABSENT, Answer.NOT_GENUINE]
    assert re.search(r"the page says 5 for \d\.\d, and the seal 2", " ".join(found[Part.SEAL].why))
    assert reader.command()[0] == 1
    assert reader.verify(edited(signed, edit))[Part.SIGNATURE].answer is not Answer.GENUINE


def name_box(data: bytes) -> tuple[float, float, float, float]:
    """Where the page says the person's name, in points: left, lower, right, upper."""
    with pypdfium2.PdfDocument(data) as document:
        words = document[0].get_textpage()
        start, count = words.search("Camille").get_next()
        boxes = [words.get_charbox(start + place) for place in range(count)]
    return boxes[0][0], min(box[1] for box in boxes), boxes[-1][2], max(box[3] for box in boxes)


def overwrite(data: bytes, words: str) -> bytes:
    """A file with a white box over the first name, and words on it."""
    left, lower, right, upper = name_box(data)
    drawn = (
        f"q 1 g {left - 1} {lower - 1} {right - left + 2} {upper - lower + 2} re f Q "
        f"q 0 g BT /Pasted {upper - lower + 2} Tf {left} {lower} Td ({words}) Tj ET Q"
    )

    def paste(pdf: pikepdf.Pdf) -> None:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page = pdf.pages[0]
        page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.Pasted)
        page.contents_add(b"q", prepend=True)
        page.contents_add(b"Q " + drawn.encode())

    return edited(data, paste)


@pytest.mark.slow
def test_other_words_pasted_over_the_sealed_ones(reader: Reader, sealed: bytes) -> None:
    """They stay in the file, so that comparing text alone finds nothing."""
    verdict = reader.verify(overwrite(sealed, "ROBERT"))[Part.SEAL]
    assert verdict.answer is Answer.UNCHECKED
    assert "text lies over other text: compare what you see with what is said here" in verdict.why
    assert reader.command()[0] == 1


@pytest.mark.slow
def test_box_without_words_is_not_noticed(reader: Reader, sealed: bytes) -> None:
    """A known limit, which the command's outcome tells: nobody knows what a drawing hides."""
    assert reader.verify(overwrite(sealed, ""))[Part.SEAL].answer is Answer.GENUINE


@pytest.mark.slow
def test_note_laid_over_the_page(reader: Reader, sealed: bytes) -> None:
    """It is no part of the page's text, and covers it all the same."""
    box = name_box(sealed)

    def cover(pdf: pikepdf.Pdf) -> None:
        wide, tall = box[2] - box[0], box[3] - box[1]
        form = pdf.make_stream(f"0 g 0 0 {wide} {tall} re f".encode())
        form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        form.BBox = [0, 0, wide, tall]
        looks = pikepdf.Dictionary(N=form)
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=[*box], F=4, AP=looks
        )
        pdf.pages[0].Annots.append(pdf.make_indirect(note))

    verdict = reader.verify(edited(sealed, cover))[Part.SEAL]
    assert verdict.answer is Answer.UNCHECKED
    assert any(why.startswith("a note or field lies on the page") for why in verdict.why)


@pytest.mark.slow
def test_qr_code_moved_from_another_page(
    reader: Reader, sealing: Press, sealed: bytes, example: Mapping[str, Any]
) -> None:
    """A genuine seal of somebody who is better: it says another name."""
    other = dict(example) | {"last_name": "Durand", "verification_code": "P-22222222"}
    found = reader.verify(with_digits(sealed, digits_of(sealing, other)))
    assert found[Part.SEAL].answer is Answer.NOT_GENUINE
    assert "the page does not say the sealed name, Camille Durand" in found[Part.SEAL].why
    assert found[Part.ATTACHMENT].answer is Answer.NOT_GENUINE


@pytest.mark.slow
def test_own_qr_code_pasted_is_still_genuine(
    reader: Reader, sealing: Press, sealed: bytes, example: Mapping[str, Any]
) -> None:
    """So that pasting alone is not what the other tests find."""
    found = reader.verify(with_digits(sealed, digits_of(sealing, example)))
    assert found[Part.SEAL].answer is Answer.GENUINE


@pytest.mark.slow
def test_key_id_swapped(
    reader: Reader, sealing: Press, sealed: bytes, example: Mapping[str, Any]
) -> None:
    """For that of another key of the issuer, or of none."""
    other = generate_key()
    keys = {"keys": [SEAL_KEY.public, other.public]}
    (reader.folder / "keys.json").write_text(json.dumps(keys))
    for kid, told in ((other.kid, "altered"), (bytes(8), "none of the issuer's")):

        def swap(parts: list[Any], kid: bytes = kid) -> None:
            parts[0] = cbor.encode({1: -8, 4: kid})

        digits = forged_digits(digits_of(sealing, example), swap)
        seal = reader.verify(with_digits(sealed, digits))[Part.SEAL]
        assert seal.answer is Answer.NOT_GENUINE
        assert told in seal.why[0]


@pytest.mark.slow
def test_expiry_changed(
    reader: Reader, sealing: Press, sealed: bytes, example: Mapping[str, Any]
) -> None:
    """Ten years more, in the seal; then in the page alone."""

    def prolong(parts: list[Any]) -> None:
        claims = cbor.decode(parts[2])
        claims[4] += 3650 * 86400
        parts[2] = cbor.encode(claims)

    digits = forged_digits(digits_of(sealing, example), prolong)
    seal = reader.verify(with_digits(sealed, digits))[Part.SEAL]
    assert (seal.answer, "altered" in seal.why[0]) == (Answer.NOT_GENUINE, True)
    other = dict(example) | {"delivered_on": "2025-02-09"}
    moved = with_digits(sealing.render(other), digits_of(sealing, example))
    assert reader.verify(moved)[Part.SEAL].answer is Answer.NOT_GENUINE
    late = reader.verify(sealed, on=date(2027, 2, 10), ignore_revocations=True)
    assert answers(late) == [Answer.EXPIRED, Answer.ABSENT, Answer.EXPIRED]


@pytest.mark.slow
def test_signature_stripped(reader: Reader, signed: bytes, sealed: bytes) -> None:
    """Cut off, it leaves its empty place; wiped out, only who expects it notices."""
    cut = signed[: signed.index(b"%%EOF") + 6]
    assert reader.verify(cut)[Part.SIGNATURE].answer is Answer.MISSING
    assert reader.command()[0] == 1
    assert reader.verify(sealed)[Part.SIGNATURE].answer is Answer.ABSENT
    assert reader.verify(sealed, expect=EVERYTHING)[Part.SIGNATURE].answer is Answer.MISSING
    assert reader.command("--expect", "seal")[0] == 0
    assert reader.command("--expect", "signature")[0] == 1


@pytest.mark.slow
def test_signature_by_somebody_else(reader: Reader, signed: bytes, authority: Authority) -> None:
    """Sound, but of nobody whom the reader's roots certify; without roots, nothing is said."""
    (reader.folder / "roots.pem").write_bytes(authority.certificate("tsa"))
    signature = reader.verify(signed)[Part.SIGNATURE]
    assert (signature.answer, "Made-up director" in signature.why[0]) == (Answer.NOT_GENUINE, True)
    assert reader.command()[0] == 1
    assert reader.verify(signed, roots=())[Part.SIGNATURE].answer is Answer.UNCHECKED


@pytest.mark.slow
def test_byte_changed_in_a_signed_file(reader: Reader, signed: bytes) -> None:
    """Even where nothing is shown of it."""
    place = signed.index(b"/Producer") if b"/Producer" in signed else 12
    forged = bytearray(signed)
    forged[place + 2] ^= 1
    assert not reader.verify(bytes(forged))[Part.SIGNATURE].holds


@pytest.mark.slow
def test_revoked_code(reader: Reader, signed: bytes) -> None:
    """For the badge, too; and where there is no list, it is not called genuine."""
    reader.publish(datetime(2026, 1, 2, tzinfo=UTC), CODE)
    revoked = reader.verify(signed)
    assert answers(revoked) == [Answer.REVOKED, Answer.GENUINE, Answer.REVOKED]
    assert reader.command()[0] == 1
    (reader.folder / "revoked.jws").unlink()
    status, found = reader.command()
    assert (status, found["seal"]) == (1, "unchecked")
    assert reader.command("--no-revocations")[0] == 0


@pytest.mark.slow
def test_old_list_of_revocations_replayed(reader: Reader, sealed: bytes) -> None:
    """The list from before is put in the place of the one that revokes."""
    reader.verify(sealed)
    old = reader.publish(datetime(2026, 1, 1, tzinfo=UTC))
    reader.publish(datetime(2026, 1, 5, tzinfo=UTC), CODE)
    assert reader.command("--remember", "seen.jws")[1]["seal"] == "revoked"
    (reader.folder / "revoked.jws").write_bytes(old)
    assert reader.command("--remember", "seen.jws")[1]["seal"] == "revoked"
    # Who sees it for the first time is fooled until its date.
    assert reader.command()[1]["seal"] == "genuine"
    late = reader.verify(sealed, on=date(2026, 2, 1))[Part.SEAL]
    assert (late.answer, "since 2026-01-01" in late.why[0]) == (Answer.UNCHECKED, True)


def test_list_of_revocations_forged(reader: Reader, sealed: bytes) -> None:
    """By somebody with a key of their own."""
    listed = sign_revocations([], generate_key(), datetime(2026, 1, 9, tzinfo=UTC))
    (reader.folder / "revoked.jws").write_bytes(listed)
    with pytest.raises(SealError, match="none of the issuer's"):
        reader.verify(sealed)


def attach(data: bytes, content: bytes) -> bytes:
    """A file with another attachment in the place of its own."""

    def swap(pdf: pikepdf.Pdf) -> None:
        del pdf.attachments[NAME]
        pdf.attachments[NAME] = pikepdf.AttachedFileSpec(pdf, content, filename=NAME)

    return edited(data, swap)


def attached(data: bytes) -> dict[str, Any]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found: dict[str, Any] = json.loads(pdf.attachments[NAME].get_file().read_bytes())
        return found


@pytest.mark.slow
def test_attachment_swapped(
    reader: Reader, sealing: Press, sealed: bytes, signed: bytes, example: Mapping[str, Any]
) -> None:
    """For that of somebody else, with its genuine badge: the code is not the page's."""
    other = dict(example) | {"last_name": "Durand", "verification_code": "P-22222222"}
    theirs = json.dumps(attached(sealing.render(other, attach=True))).encode()
    found = reader.verify(attach(sealed, theirs))
    assert answers(found) == [Answer.GENUINE, Answer.ABSENT, Answer.NOT_GENUINE]
    assert "its code is P-22222222, and that of the seal P-GVVP6HBM" in found[Part.ATTACHMENT].why
    assert reader.command()[0] == 1
    assert not reader.verify(attach(signed, theirs))[Part.SIGNATURE].holds


@pytest.mark.slow
@pytest.mark.parametrize("keep_badge", [True, False])
def test_attached_record_edited(reader: Reader, sealed: bytes, keep_badge: bool) -> None:
    """A level in the JSON; with the badge left as it is, or taken out."""
    forged = attached(sealed)
    forged["record"]["levels"]["1.1"] = 6
    if not keep_badge:
        del forged["credential"]
    found = reader.verify(attach(sealed, json.dumps(forged).encode()))
    assert found[Part.ATTACHMENT].answer is Answer.NOT_GENUINE


@pytest.mark.slow
def test_attached_badge_stripped(reader: Reader, sealed: bytes) -> None:
    """What says the same as the page, and is signed by nobody, is not genuine."""
    forged = attached(sealed)
    del forged["credential"]
    found = reader.verify(attach(sealed, json.dumps(forged).encode()))
    assert found[Part.ATTACHMENT].answer is Answer.UNCHECKED
    assert reader.command()[0] == 1


@pytest.mark.slow
def test_keys_of_another_issuer(reader: Reader, signed: bytes) -> None:
    """Whose JWKS is sound, and knows nothing of this page."""
    (reader.folder / "keys.json").write_text(json.dumps({"keys": [generate_key().public]}))
    found = reader.verify(signed, revocations=None)
    assert answers(found) == [Answer.NOT_GENUINE, Answer.GENUINE, Answer.NOT_GENUINE]
    assert found[Part.SEAL].facts is None


@pytest.mark.slow
def test_forger_with_a_key_of_their_own(
    reader: Reader, sealing: Press, example: Mapping[str, Any]
) -> None:
    """Everything is as it should be, but for the key."""
    page = Press(issuer=sealing.issuer, key=generate_key()).render(example, attach=True)
    found = reader.verify(page)
    assert answers(found) == [Answer.NOT_GENUINE, Answer.ABSENT, Answer.NOT_GENUINE]


# Malformed and oversize.


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 400, 1201, 2500])
def test_payload_of_any_length(reader: Reader, sealed: bytes, length: int) -> None:
    """Digits in the place of a seal, as many as a QR code holds."""
    seal = reader.verify(with_digits(sealed, "9" * length))[Part.SEAL]
    assert seal.answer is Answer.NOT_GENUINE


@settings(max_examples=3 * settings.default.max_examples)
@given(st.binary(min_size=1, max_size=520))
def test_any_payload_has_an_answer(payload: bytes) -> None:
    """COSE and CBOR at random: no error, and never genuine."""
    digits = int.from_bytes(b"\x84" + payload, "big")
    assert check_address(f"{SEAL_SITE}#{digits}", Terms(KEYS, DAY)).answer is Answer.NOT_GENUINE


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"record": {}}',
        b'{"record": {"levels": ' + b'{"a":' * 50_000,
        b'{"record": [], "credential": 1}',
        b'{"record": {}, "credential": "a.b.c"}',
        b"\xff" * 1000,
        b" " * (2 << 20),
    ],
    ids=range(9),
)
def test_attachment_that_is_nothing_of_it(reader: Reader, sealed: bytes, content: bytes) -> None:
    """It is told as not genuine, whatever it is; the seal is looked at all the same."""
    found = reader.verify(attach(sealed, content))
    assert answers(found) == [Answer.GENUINE, Answer.ABSENT, Answer.NOT_GENUINE]


@pytest.mark.slow
def test_file_cut_or_spoilt_anywhere(reader: Reader, signed: bytes) -> None:
    """It is refused in words, or not called genuine in all of its parts."""
    for part in range(1, 12):
        place = len(signed) * part // 12
        spoilt = signed[:place] + bytes(200) + signed[place + 200 :]
        for forged in (signed[:place], spoilt):
            try:
                found = reader.verify(forged, expect=EVERYTHING)
            except InputError:
                continue
            assert not all(verdict.holds for verdict in found.values())


def inflating(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """A stream of 700 MB of spaces in 700 kB."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = pdf.make_stream(b"")
    stream.write(b"\x78\xda" + block * 700 + packer.flush(), filter=pikepdf.Name.FlateDecode)
    return stream


def inflate_page(pdf: pikepdf.Pdf) -> None:
    """In what draws a page, as pdfium reads it."""
    pdf.pages[0].Contents = inflating(pdf)


def inflate_attachment(pdf: pikepdf.Pdf) -> None:
    """In the place of the record."""
    pdf.Root.Names.EmbeddedFiles.Names[1].EF = pikepdf.Dictionary(UF=inflating(pdf))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
@pytest.mark.parametrize("inflate", [inflate_page, inflate_attachment])
def test_file_that_inflates_takes_no_gigabytes(
    reader: Reader, sealed: bytes, inflate: Callable[[pikepdf.Pdf], None]
) -> None:
    """It is refused in words, and the largest process of the command was within its limit."""
    (reader.folder / "given.pdf").write_bytes(edited(sealed, inflate))
    measure = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=-3);"
        " print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-m", "pixattest", "verify", "given.pdf", "--keys", "keys.json"]
    done = subprocess.run(
        [sys.executable, "-c", measure, *command],
        cwd=reader.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    status, kilobytes = map(int, done.stdout.split())
    assert status == 2
    assert "needed more than 1 GB of memory" in done.stderr
    assert kilobytes < 1 << 20


@pytest.mark.slow
def test_page_that_never_ends_is_given_up(reader: Reader, sealed: bytes) -> None:
    """Forms that draw forms, twenty times each, on twelve levels: time or memory ends first."""

    def nest(pdf: pikepdf.Pdf) -> None:
        form = pdf.make_stream(b"0 0 9 9 re f")
        for _ in range(12):
            form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
            form.BBox = pikepdf.Array([0, 0, 600, 800])
            drawn, form = form, pdf.make_stream(b"/F Do " * 20)
            form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=drawn))
        pdf.pages[0].Contents, pdf.pages[0].Resources = form, form.Resources

    with pytest.raises(InputError, match=r"not done after 3 seconds|needed more than 1 GB"):
        reader.verify(edited(sealed, nest), seconds=3)
