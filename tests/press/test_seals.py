"""Press + key → sealed pages, the same ones wherever they are printed."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pypdfium2
import pytest
import zxingcpp
from keys import SEAL_KEY, SEAL_SITE

from pixattest import IssuerError, LayoutError, PixattestError, Press, Record
from pixattest.trust.keys import public_keys
from pixattest.trust.seal import open_seal

KEYS = public_keys(json.dumps({"keys": [SEAL_KEY.public]}))


def addresses(pdf: bytes) -> list[str]:
    """What the QR code of each page says."""
    with pypdfium2.PdfDocument(pdf) as document:
        pictures = [page.render(scale=3).to_pil() for page in document]
    return [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]


@pytest.fixture(scope="module")
def sealing(press_for: Callable[..., Press]) -> Press:
    return press_for(sealed=True)


@pytest.fixture(scope="module")
def page(sealing: Press, example: Mapping[str, Any]) -> bytes:
    return sealing.render(example)


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


def test_key_does_not_leave_with_its_press(sealing: Press, example: Mapping[str, Any]) -> None:
    """A press that was sent says so, rather than print without a seal."""
    sent = pickle.dumps(sealing)
    assert bytes(range(32)) not in sent
    with pytest.raises(PixattestError, match="its key did not"):
        pickle.loads(sent).render(example)


def test_same_code_with_other_facts_has_its_own_seal(
    sealing: Press, record: dict[str, Any]
) -> None:
    """What was printed for one page is not taken for another that shows the same code."""
    file = io.BytesIO()
    sealing.write([record, record | {"score": 150}], file)
    seals = [address.rpartition("#")[2] for address in addresses(file.getvalue())]
    assert [open_seal(seal, KEYS).score for seal in seals] == [record["score"], 150]


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


def test_unsealed_on_purpose_is_by_an_issuer_without_seal(
    sealing: Press, example: Mapping[str, Any]
) -> None:
    """The same issuer, whose QR code holds the address with the code."""
    issuer = msgspec.structs.replace(sealing.issuer, seal=None)
    (address,) = addresses(Press(issuer=issuer).render(example))
    assert address.endswith("?code=P-GVVP6HBM")
