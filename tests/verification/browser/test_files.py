"""A picture or PDF that is given to the verification page → the answer of the seal in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pikepdf
import pytest
from PIL import Image
from readers import Renderer
from support import EXAMPLES

from pixattest import Press

from .conftest import CODE, Visit, Visitor, as_file, code_picture

pytestmark = pytest.mark.slow

Seal = Callable[..., str]


@pytest.fixture(scope="module")
def sealed(press_for: Callable[..., Press]) -> Press:
    """A press that seals with KEY."""
    return press_for(sealed=True)


@pytest.fixture(scope="module")
def attestation(sealed: Press, example: Mapping[str, Any]) -> bytes:
    """The example's attestation as it is issued."""
    return sealed.render(dict(example))


@pytest.fixture
def visit(visitor: Visitor) -> Iterator[Visit]:
    """At the page, with nothing shown yet; nothing is asked for elsewhere, nor complained of."""
    here = visitor().open()
    yield here
    assert here.complaints == []
    assert all(address.startswith((here.site.address, "blob:")) for address in here.requests)


def name_shown(visit: Visit) -> str:
    return visit.page.inner_text("#facts .name dd")


def test_dropped_picture_of_the_code(visit: Visit, seal: Seal) -> None:
    visit.drop("code.png", as_file(code_picture(seal()), "PNG"))
    assert visit.answer == "genuine"
    assert name_shown(visit) == "Camille Martin"


def test_chosen_picture_of_the_code(visit: Visit, seal: Seal) -> None:
    visit.choose("code.png", as_file(code_picture(seal()), "PNG"))
    assert visit.answer == "genuine"


def test_pdf_as_it_is_issued(visit: Visit, attestation: bytes) -> None:
    visit.drop("attestation.pdf", attestation)
    assert visit.answer == "genuine"
    assert name_shown(visit) == "Camille Martin"


def test_pdf_saved_anew_by_another_program(visit: Visit, attestation: bytes) -> None:
    """Object streams are gone, and lengths may stand elsewhere."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(attestation)) as pdf:
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert visit.choose("attestation.pdf", target.getvalue()).answer == "genuine"


def test_every_attestation_of_a_class_file(
    visit: Visit, sealed: Press, example: Mapping[str, Any], tmp_path: Any
) -> None:
    """One at a time, with buttons to the others."""
    codes = ("P-22222222", "P-33333333", CODE)
    people = ("Ada", "Blaise", "Camille")
    records = [
        sealed.read(dict(example) | {"verification_code": code, "first_name": name})
        for code, name in zip(codes, people, strict=True)
    ]
    sealed.write(records, tmp_path / "class.pdf")
    visit.drop("class.pdf", (tmp_path / "class.pdf").read_bytes())
    assert (visit.answer, name_shown(visit)) == ("revoked", "Ada Martin")
    assert visit.page.inner_text("#which") == "Attestation 1 of 3 in this file"
    assert visit.page.is_disabled("#previous")
    for name in people[1:]:
        visit.page.click("#next")
        visit.wait()
        assert (visit.answer, name_shown(visit)) == ("genuine", f"{name} Martin")
    assert visit.page.is_disabled("#next")


def test_scan_in_a_pdf(visit: Visit, attestation: bytes, renderers: Mapping[str, Renderer]) -> None:
    """A page scanned askew at 200 dots per inch, in JPEG within a PDF."""
    page = renderers["pdfium"](attestation, 200).convert("L")
    askew = page.rotate(3, Image.Resampling.BICUBIC, fillcolor=235)
    assert visit.choose("scan.pdf", as_file(askew, "PDF", resolution=200)).answer == "genuine"


def test_photo_of_the_paper(
    visit: Visit, attestation: bytes, renderers: Mapping[str, Renderer]
) -> None:
    """Turned, grey, and as a JPEG of middling quality."""
    page = renderers["pdfium"](attestation, 200).convert("L").point(lambda v: 60 + v * 0.6)
    photo = as_file(page.rotate(15, Image.Resampling.BICUBIC, fillcolor=90), "JPEG", quality=60)
    assert visit.choose("photo.jpg", photo).answer == "genuine"


def refused(visit: Visit, name: str, content: bytes) -> str:
    visit.choose(name, content)
    assert visit.answer == "nothing"
    return visit.said


def test_pdf_of_fax_pictures_is_told_to_be_unreadable(visit: Visit, seal: Seal) -> None:
    """CCITT, as some scanners write; what to do is said."""
    content = as_file(code_picture(seal()).convert("1"), "PDF")
    assert b"CCITTFaxDecode" in content
    assert "Take a photo of the QR code" in refused(visit, "scan.pdf", content)


def test_locked_pdf_is_told_to_be_unreadable(visit: Visit, attestation: bytes) -> None:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(attestation)) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert "protected" in refused(visit, "attestation.pdf", target.getvalue())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("white.png", as_file(Image.new("L", (400, 400), 255), "PNG"), "no signed QR code"),
        ("letter.docx", b"PK\x03\x04 and so on", "neither a picture nor a PDF"),
        ("nothing.pdf", b"", "neither a picture nor a PDF"),
        ("empty.pdf", b"%PDF-1.7\n%%EOF", "no signed QR code"),
        ("torn.pdf", b"%PDF-1.7\n1 0 obj<</Length 99999999>>stream\nBI/W 30/H 30", "no signed"),
        ("loop.pdf", b"%PDF-1.7\n" + b"1 0 obj<<>>stream\nendstream\n" * 2000, "no signed"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_other_files_are_told_apart(visit: Visit, name: str, content: bytes, told: str) -> None:
    assert told in refused(visit, name, content)


def test_plain_code_is_told_to_hold_no_seal(visit: Visit, press: Press) -> None:
    """An attestation that was printed without a key."""
    record = press.read_file(EXAMPLES / "record.json")
    told = refused(visit, "attestation.pdf", press.render(record))
    assert "a verification code only" in told
