"""Keys and documents → signed documents, as those who receive them check them."""

from __future__ import annotations

import asyncio
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pytest
from authority import PASSPHRASE, Authority
from PIL import ImageChops
from readers import Renderer
from support import EXAMPLES, lacking

from pixattest import IssuerError, Press, SigningError, TemplateError, read_issuer
from pixattest.model.issuer import Signing
from pixattest.trust.signature_status import State
from pixattest.trust.signing import Signer, read_signature

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "735190"


@pytest.fixture(scope="module")
def signed(press: Press, example: Mapping[str, Any], signer: Signer) -> bytes:
    """The example, signed."""
    return press.render(dict(example), signer=signer)


def press_signing(**signing: Any) -> Press:
    """A press of the example's issuer, who signs in some way."""
    issuer = read_issuer(EXAMPLES / "issuer.toml")
    return Press(issuer=msgspec.structs.replace(issuer, signing=Signing(**signing)))


# What a signature proves.


def test_a_signed_document_is_genuine(signed: bytes, authority: Authority) -> None:
    """It is intact, and its signer is certified by a root that is trusted."""
    found = read_signature(signed, [authority.roots])
    assert (found.state, found.trusted, found.genuine) == (State.INTACT, True, True)
    assert (found.signer, found.stamped_at) == ("Made-up director", None)


def test_a_running_event_loop_is_no_obstacle(
    press: Press, example: Mapping[str, Any], signer: Signer, authority: Authority
) -> None:
    """An async view may sign and check, though pyHanko wants a loop of its own."""

    async def view() -> bool:
        document = press.render(dict(example), signer=signer)
        return read_signature(document, [authority.roots]).genuine

    assert asyncio.run(view())


@pytest.mark.slow
def test_poppler_finds_the_whole_document_signed(
    signed: bytes, run: Callable[..., str], tmp_path: Path
) -> None:
    """`pdfsig` sees one valid PAdES signature over all of it, and qpdf a sound file."""
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed)
    said = run("pdfsig", "-nocert", file)
    assert said.count("Signature #") == 1
    for line in ("ETSI.CAdES.detached", "Total document signed", "Signature is Valid."):
        assert line in said
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", file)


def test_nobody_is_trusted_without_a_root(signed: bytes) -> None:
    """A sound signature by anybody proves nothing by itself."""
    found = read_signature(signed)
    assert (found.state, found.trusted) == (State.INTACT, False)


def test_all_before_the_signature_is_the_unsigned_document(
    press: Press, record: dict[str, Any], signer: Signer
) -> None:
    """Signed twice, documents differ in what the signature adds, and in nothing before."""
    first, second = (press.render(record, signer=signer) for _ in range(2))
    written = first.index(b"%%EOF") + 6
    assert first[:written] == second[:written]
    assert first != second


# Attacks.


@pytest.mark.slow
def test_a_changed_byte_is_found_wherever_it_is(signed: bytes, authority: Authority) -> None:
    """Each part of the file: header, streams, tables, the signature's own value, the end."""
    start, end = (int(n) for n in re.findall(rb"ByteRange \[0 (\d+) (\d+)", signed)[0])
    value = len(signed[: end - 1].rstrip(b"0"))
    places = [6, 12, *range(400, start, start // 12), value - 9, value - 300, end + 1]
    places += range(end + 5, len(signed), 97)
    for place in places:
        forged = bytearray(signed)
        forged[place] ^= 1
        try:
            found = read_signature(bytes(forged), [authority.roots])
        except SigningError:
            continue  # not even read
        assert not found.genuine, place


def test_a_signature_that_was_stripped_is_missed(signed: bytes, authority: Authority) -> None:
    """Cut off, it leaves its empty field; whoever expects one refuses the document."""
    stripped = signed[: signed.index(b"%%EOF") + 6]
    found = read_signature(stripped, [authority.roots])
    assert (found.state, found.genuine) == (State.MISSING, False)
    rebuilt = BytesIO()
    with pikepdf.open(BytesIO(signed)) as document:
        del document.Root.AcroForm, document.pages[0].Annots
        document.save(rebuilt)
    assert not read_signature(rebuilt, [authority.roots]).genuine


def test_an_unsigned_document_has_no_place_for_a_signature(
    press: Press, record: dict[str, Any]
) -> None:
    """What was never to be signed is told from what lost its signature."""
    assert read_signature(press.render(record)).state is State.NONE


def test_an_update_after_the_signature_is_found(signed: bytes, authority: Authority) -> None:
    """A page with another content, appended as an update, leaves the signed bytes as they were."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    forged = BytesIO(signed)
    writer = IncrementalPdfFileWriter(forged)
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = generic.StreamObject(stream_data=page["/Contents"].data.replace(b"0 g", b"1 g"))
    page["/Contents"] = writer.add_object(stream)
    writer.update_container(page)
    writer.write_in_place()
    found = read_signature(forged.getvalue(), [authority.roots])
    assert (found.state, found.genuine) == (State.BROKEN, False)


@pytest.mark.slow
def test_a_signature_by_another_authority_is_not_trusted(
    press: Press, record: dict[str, Any], authority: Authority, tmp_path: Path
) -> None:
    """A forger who signs with a key of his own is not the issuer."""
    forger = Authority(tmp_path, port=9)
    forged = press.render(record, signer=Signer(forger.key("director"), PASSPHRASE))
    found = read_signature(forged, [authority.roots])
    assert (found.state, found.genuine) == (State.INTACT, False)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"\0" * 5000, b"%PDF-1.7\n" + b"[" * 90_000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    """Whatever is fed to it, it answers with one error."""
    with pytest.raises(SigningError):
        read_signature(data)


# The field in the page.


@pytest.mark.slow
def test_the_field_shows_the_signature_image_in_its_place(
    press: Press, signed: bytes, record: dict[str, Any], renderers: Mapping[str, Renderer]
) -> None:
    """The signed page looks like the unsigned one, in every viewer."""
    plain = press.render(record)
    for render in renderers.values():
        difference = ImageChops.difference(render(plain, 60), render(signed, 60))
        assert max(high for _, high in difference.getextrema()) < 40  # smoothed otherwise


def test_the_signature_is_told_once(signed: bytes) -> None:
    """A Form with the field, described; no Figure beside it that says the same."""
    with pikepdf.open(BytesIO(signed)) as document:
        (field,) = document.Root.AcroForm.Fields
        assert (field.FT, field.TU) == ("/Sig", "Signature électronique du document")
        assert field.Subtype == "/Widget"
        assert "/NeedAppearances" not in document.Root.AcroForm
        assert document.Root.AcroForm.SigFlags == 3
        keys = document.Root.StructTreeRoot.ParentTree.Nums
        owner = dict(zip(map(int, keys[::2]), keys[1::2], strict=True))[int(field.StructParent)]
        assert owner.S == "/Form"
        assert [kid.Obj.objgen for kid in owner.K] == [field.objgen]
        types = re.findall(r"'/(Figure|Form)'", str(_types(document.Root.StructTreeRoot.K)))
        assert types == ["Figure", "Form"]


def _types(element: pikepdf.Object) -> list[Any]:
    kids = element.get("/K", [])
    kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    below = [_types(kid) for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
    return [str(element.S), below]


@pytest.mark.slow
def test_a_class_has_one_signature_on_its_first_page(
    press: Press, record: dict[str, Any], signer: Signer, authority: Authority
) -> None:
    """All pages are signed by it; those that follow keep their picture of a signature."""
    people = [record | {"verification_code": f"P-{n:08d}"} for n in range(100)]
    file = BytesIO()
    assert press.write(people, file, signer=signer) == 100
    assert read_signature(file, [authority.roots]).genuine
    with pikepdf.open(file) as document:
        fields = [
            [a.get("/T") for a in page.Annots if a.Subtype == "/Widget"] for page in document.pages
        ]
    assert fields == [["signature"], *[[]] * 99]


@pytest.mark.slow
def test_a_class_with_a_cover_shows_it_on_the_first_attestation(
    press: Press, example: Mapping[str, Any], signer: Signer, authority: Authority
) -> None:
    """The cover comes before it, and blank versos between; the ledger's digests know of nothing."""
    people = [dict(example) | {"verification_code": f"P-0000000{n}"} for n in range(3)]
    file, plain = BytesIO(), BytesIO()
    digests: list[str] = []
    same: list[str] = []
    options = {"cover": True, "blank_versos": True}
    press.write(people, file, signer=signer, on_digests=digests.extend, **options)
    press.write(people, plain, on_digests=same.extend, **options)
    assert read_signature(file.getvalue(), [authority.roots]).genuine
    with pikepdf.open(file) as pdf:
        shown = [
            number
            for number, page in enumerate(pdf.pages, 1)
            if any(annotation.Subtype == "/Widget" for annotation in page.get("/Annots", ()))
        ]
    assert shown == [3]
    assert digests == same == [*press.digests(map(press.read, people))]


def test_a_template_without_a_place_for_it_is_refused(
    tmp_path: Path, record: dict[str, Any], signer: Signer
) -> None:
    """It says what to draw, and where to say when."""
    template = tmp_path / "own"
    source = EXAMPLES.parent / "templates/attestation"
    subprocess.run(["cp", "-r", source, template], check=True)
    drawing = (template / "template.svg").read_text(encoding="utf-8")
    condition = "{% if issuer.signature_image or variant.signed %}"
    assert condition in drawing
    without = drawing.replace(condition, "{% if issuer.signature_image and not variant.signed %}")
    (template / "template.svg").write_text(without, encoding="utf-8")
    with pytest.raises(TemplateError, match="no place for the document's signature") as refused:
        Press(template).render(record, signer=signer)
    assert "variant.signed" in str(refused.value)


# Levels: time stamps and revocation.


@pytest.mark.slow
def test_a_time_stamp_says_when(
    record: dict[str, Any], signer: Signer, authority: Authority
) -> None:
    """B-T: the authority's time is in the signature, and its own certificate counts."""
    document = press_signing(timestamp=authority.timestamp).render(record, signer=signer)
    found = read_signature(document, [authority.roots])
    assert found.genuine
    assert found.stamped_at is not None
    assert found.signed_at is not None
    assert abs((found.stamped_at - found.signed_at).total_seconds()) < 60


@pytest.mark.slow
def test_revocation_answers_travel_with_the_signature(
    record: dict[str, Any], signer: Signer, authority: Authority
) -> None:
    """B-LT: pyHanko finds it valid for the long term with nothing but the roots."""
    from asn1crypto import pem, x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature

    press = press_signing(
        timestamp=authority.timestamp, level="B-LT", roots=(str(authority.roots),)
    )
    document = press.render(record, signer=signer)
    assert read_signature(document, [authority.roots]).genuine
    reader = PdfFileReader(BytesIO(document))
    root = x509.Certificate.load(pem.unarmor(authority.roots.read_bytes())[2])
    context = DocumentSecurityStore.read_dss(reader).as_validation_context(
        {"trust_roots": [root], "allow_fetching": False, "revocation_mode": "require"}
    )
    (found,) = reader.embedded_regular_signatures
    assert validate_pdf_signature(found, context).bottom_line


@pytest.mark.slow
def test_a_revoked_key_gets_no_long_term_signature(
    record: dict[str, Any], authority: Authority
) -> None:
    """The revocation list is asked before the document is signed."""
    press = press_signing(
        timestamp=authority.timestamp, level="B-LT", roots=(str(authority.roots),)
    )
    with pytest.raises(SigningError, match="revoked"):
        press.render(record, signer=Signer(authority.key("revoked"), PASSPHRASE))


@pytest.mark.slow
def test_a_silent_time_stamp_authority_leaves_no_file(
    record: dict[str, Any], signer: Signer, tmp_path: Path
) -> None:
    """Nothing is written that lacks the time stamp that was asked for."""
    press = press_signing(timestamp="http://127.0.0.1:9/")
    with pytest.raises(SigningError, match="time-stamp authority"):
        press.write([record], tmp_path / "class.pdf", signer=signer)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('timestamp = "tsa.example"', "not an http or https address"),
        ('level = "B-T"', "needs a time-stamp authority"),
        ('level = "B-LT"\ntimestamp = "https://tsa.example/"', "go together"),
        ('roots = ["roots.pem"]', "go together"),
        ('level = "B-LTA"', "B-LTA"),
    ],
)
def test_signing_that_can_not_be_is_refused(tmp_path: Path, said: str, problem: str) -> None:
    """Before any document is made."""
    file = tmp_path / "issuer.toml"
    example = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    file.write_text(f"{example}\n[signing]\n{said}\n", encoding="utf-8")
    with pytest.raises(IssuerError, match=problem):
        read_issuer(file)


# Keys.


def refused(key: str | Path, passphrase: str | None) -> str:
    """What is said of a key that can't be used."""
    with pytest.raises(SigningError) as error:
        Signer(key, passphrase)
    assert error.value.hint
    return str(error.value)


def test_keys_that_can_not_sign_are_refused(authority: Authority, tmp_path: Path) -> None:
    """Each says why, and none repeats the passphrase."""
    (tmp_path / "no.p12").write_bytes(b"no key")
    key = authority.key
    assert "this passphrase opens" in refused(key("director"), "wrong secret")
    assert "wrong secret" not in refused(key("director"), "wrong secret")
    assert "this passphrase opens" in refused(key("director"), None)
    assert "this passphrase opens" in refused(tmp_path / "no.p12", PASSPHRASE)
    assert "can't be read" in refused(tmp_path / "absent.p12", PASSPHRASE)
    assert "expired on 2021-01-01" in refused(key("expired"), PASSPHRASE)
    assert "not for signatures" in refused(key("enciphers"), PASSPHRASE)


def test_a_signer_shows_no_secret(signer: Signer) -> None:
    """Neither in its name, nor the key in what is sent to a worker."""
    assert PASSPHRASE not in repr(signer)
    assert len(pickle.dumps(signer)) < 500
    assert pickle.loads(pickle.dumps(signer)).certificate == signer.certificate


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("pkcs11:object=x?module-path=m.so&pin-value=1234", "PIN stands in the address"),
        ("pkcs11:object=x;slot=1?module-path=m.so", "names 'slot'"),
        ("pkcs11:object=x", "is not whole"),
        ("pkcs11:?module-path=m.so", "is not whole"),
        ("pkcs11:object=x?module-path=/absent.so", "token can't be used"),
    ],
)
def test_an_address_that_is_not_understood_is_refused(address: str, problem: str) -> None:
    """What stands in the address decides; a PIN in it is not repeated."""
    said = refused(address, PIN)
    assert problem in said
    assert "1234" not in said


@pytest.fixture(scope="module")
def token(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the director's key in a software token."""
    import pkcs11
    from asn1crypto import pem
    from pkcs11.util.x509 import decode_x509_certificate

    if not SOFTHSM.exists():
        lacking("SoftHSM2")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    tool = ["softhsm2-util", "--pin", PIN]
    new = ["--init-token", "--free", "--label", "made-up", "--so-pin", "5190"]
    subprocess.run([*tool, *new], check=True)
    key = authority.key("director").with_name("director.pem")
    brought = ["--token", "made-up", "--import", str(key), "--label", "director", "--id", "0a"]
    subprocess.run([*tool, *brought], check=True)
    der = pem.unarmor(authority.certificate("director"))[2]
    with (
        pkcs11.lib(str(SOFTHSM))
        .get_token(token_label="made-up")
        .open(user_pin=PIN, rw=True) as session
    ):
        attributes = decode_x509_certificate(der)
        label = {pkcs11.Attribute.LABEL: "director", pkcs11.Attribute.ID: b"\x0a"}
        session.create_object({**attributes, **label, pkcs11.Attribute.TOKEN: True})
    return f"pkcs11:token=made-up;object=director;id=%0A?module-path={SOFTHSM}"


@pytest.mark.slow
def test_a_token_signs(
    press: Press, record: dict[str, Any], token: str, authority: Authority
) -> None:
    """The key stays in it; a wrong PIN is told without repeating it."""
    document = press.render(record, signer=Signer(token, PIN))
    assert read_signature(document, [authority.roots]).genuine
    assert "token can't be used" in refused(token, "000000")
    assert "000000" not in refused(token, "000000")


@pytest.mark.slow
def test_without_pyhanko_it_says_what_to_install(tmp_path: Path) -> None:
    """Signing is an extra: who lacks it is told the command that brings it, and nothing is made."""
    target = tmp_path / "one.pdf"
    arguments = ["pixattest", str(EXAMPLES / "record.json"), "-o", str(target), "--sign", "key.p12"]
    code = f"import sys; sys.modules['pyhanko'] = None; sys.argv = {arguments!r}\n"
    code += "from pixattest.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'pixattest[sign]'" in done.stderr
    assert not target.exists()
