"""A seal on the verification page → one plain answer, whatever is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from support import ROOT

from pixattest.trust.cbor import decode, encode
from pixattest.trust.keys import PUBLIC_KEYS_FILE as KEYS
from pixattest.trust.revocations import REVOCATIONS_FILE as REVOCATIONS
from pixattest.trust.revocations import sign_revocations
from pixattest.trust.seal import FIELDS

from .conftest import CODE, KEY, NOW, OTHER_KEY, Site, Visitor

pytestmark = pytest.mark.slow

VECTORS: dict[str, Any] = json.loads((ROOT / "docs/seal-vectors.json").read_text(encoding="utf-8"))
Seal = Callable[..., str]


def to_digits(data: bytes) -> str:
    return str(int.from_bytes(data, "big"))


def parts_of(digits: str) -> list[Any]:
    number = int(digits)
    parts = decode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
    assert isinstance(parts, list)
    return parts


# The four answers.


def test_genuine(visitor: Visitor, seal: Seal) -> None:
    """All that was sealed is shown to be held against the paper."""
    visit = visitor().open(seal())
    assert visit.answer == "genuine"
    assert "Genuine" in visit.said
    assert "Revocation list of 28 February 2026, up to date." in visit.said
    assert visit.facts == {
        "First and last name": "Camille Martin",
        "Date of birth": "12 January 2003",
        "Certification centre": "LP De Bougainville",
        "Issued on": "9 February 2024",
        "Last day of validity": "9 February 2027",
        "Verification code": CODE,
    }
    acquired = {"1.1": 2, "1.2": 1, "2.1": 4, "2.2": 3, "3.2": 1, "4.1": 2, "4.3": 2}
    assert {n: text for n, text in visit.levels.items() if text != "not acquired"} == {
        number: str(level) for number, level in acquired.items()
    }
    assert len(visit.levels) == 16
    assert "142 out of 768" in (visit.page.text_content(".score") or "")
    assert visit.complaints == []


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        (datetime(2027, 2, 9, 23, 59, 59, tzinfo=UTC), "genuine"),
        (datetime(2027, 2, 10, tzinfo=UTC), "expired"),
    ],
)
def test_expires_after_its_last_day(
    visitor: Visitor, site: Site, seal: Seal, now: datetime, answer: str
) -> None:
    site.revoke(made=now - timedelta(days=1))
    visit = visitor(now=now).open(seal())
    assert visit.answer == answer
    if answer == "expired":
        assert "has not been valid since 10 February 2027" in visit.said
        assert visit.facts["First and last name"] == "Camille Martin"


def test_revoked(visitor: Visitor, site: Site, seal: Seal) -> None:
    site.revoke("P-22222222", CODE)
    visit = visitor().open(seal())
    assert visit.answer == "revoked"
    assert "no longer holds" in visit.said


def test_revoked_is_more_than_expired_and_outlives_the_list(
    visitor: Visitor, site: Site, seal: Seal
) -> None:
    site.revoke(CODE)
    assert visitor(now=NOW + timedelta(days=3000)).open(seal()).answer == "revoked"


def test_tampered_level_is_not_genuine(visitor: Visitor, seal: Seal) -> None:
    """One level, raised in the payload under the signature of the former one."""
    protected, unprotected, payload, signature = parts_of(seal())
    claims: Any = decode(payload)
    claims[-65537][-1] = bytes([0x88]) + claims[-65537][-1][1:]
    forged = to_digits(encode([protected, unprotected, encode(claims), signature]))
    visit = visitor().open(forged)
    assert visit.answer == "not_genuine"
    assert "it was altered" in visit.said
    assert visit.page.inner_text("#facts") == ""


def test_changed_expiry_is_not_genuine(visitor: Visitor, seal: Seal) -> None:
    protected, unprotected, payload, signature = parts_of(seal())
    claims: Any = decode(payload)
    del claims[4]
    forged = to_digits(encode([protected, unprotected, encode(claims), signature]))
    assert visitor().open(forged).answer == "not_genuine"


def test_unknown_key_is_not_genuine(visitor: Visitor, seal: Seal) -> None:
    visit = visitor().open(seal(key=OTHER_KEY))
    assert visit.answer == "not_genuine"
    assert "not signed with a key that Pix publishes" in visit.said


def test_swapped_key_id_is_not_genuine(visitor: Visitor, seal: Seal) -> None:
    """A seal of another key that gives itself the id of the issuer's."""
    _, *rest = parts_of(seal(key=OTHER_KEY))
    forged = to_digits(encode([encode({1: -8, 4: KEY.kid}), *rest]))
    assert visitor().open(forged).answer == "not_genuine"


def test_key_is_not_known_by_the_id_that_it_gives_itself(
    visitor: Visitor, site: Site, seal: Seal
) -> None:
    """Keys are found by their thumbprints; what keys.json says of their ids does not count."""
    jwks = {"keys": [OTHER_KEY.public | {"kid": KEY.public["kid"]}]}
    site.put(KEYS, json.dumps(jwks).encode())
    assert visitor().open(seal()).answer == "not_genuine"


MALFORMED = [
    *("0", "1", "12345", "code=P-GVVP6HBM", "%00", "-1", "<b>"),
    *("9" * 1200, "1" * 1201, "7" * 1_000_000),
    # Heads that promise more than is there, and parts within parts.
    *map(
        to_digits, map(bytes.fromhex, ("845bffffffffffffffff", "849bffffffffffffffff", "84" * 99))
    ),
    *map(to_digits, map(bytes.fromhex, ("9f", "84bf", "8440a04058", "84fb0000000000000000"))),
]


def test_malformed_is_not_genuine(visitor: Visitor) -> None:
    """It is refused at once, however long it is and whatever it promises."""
    visit = visitor().open()
    for fragment in MALFORMED:
        assert visit.follow(fragment).answer == "not_genuine", fragment[:20]
        assert "not a whole seal" in visit.said
    assert visit.complaints == []


@pytest.mark.parametrize("kind", ["genuine", "refused"])
def test_published_vectors(visitor: Visitor, site: Site, kind: str) -> None:
    """The page reads docs/seal-vectors.json as pixattest.trust.seal does."""
    site.put(KEYS, json.dumps(VECTORS["jwks"]).encode())
    visit = visitor()
    visit.open()
    found = visit.page.evaluate(
        """async ([cases, jwks]) => {
            const { openSeal, readKeys } = await import("./seal.js");
            const keys = await readKeys(jwks);
            const open = ({ digits }) => openSeal(digits, keys).catch((error) => error.reason);
            const found = await Promise.all(cases.map(open));
            return JSON.parse(JSON.stringify(found));
        }""",
        [VECTORS[kind], VECTORS["jwks"]],
    )
    if kind == "refused":
        assert found == [case["reason"] for case in VECTORS[kind]]
        return
    for facts, case in zip(found, VECTORS[kind], strict=True):
        record = case["record"]
        names = ("firstName", "lastName", "birthDate", "birthPlace", "centre", "score")
        for name, field in zip(names, FIELDS, strict=True):
            expected = record.get(field) if field in case["fields"] else None
            value = facts[name]
            assert (value[:10] if field == "birth_date" and value else value) == expected
        assert facts["deliveredOn"][:10] == record["delivered_on"]
        assert (facts["validThrough"] or "")[:10] == (case["valid_through"] or "")
        assert sum(facts["levels"]) == sum(level or 0 for level in record["levels"].values())


# What can't be answered.


def test_stale_list_is_not_plainly_genuine(visitor: Visitor, site: Site, seal: Seal) -> None:
    site.revoke(made=NOW - timedelta(days=31))
    visit = visitor().open(seal())
    assert visit.answer == "unchecked"
    assert "revocation not checked" in visit.said
    assert "could not be checked since 29 January 2026" in visit.said


def test_missing_list_is_not_plainly_genuine(visitor: Visitor, site: Site, seal: Seal) -> None:
    (site.folder / REVOCATIONS).unlink()
    visit = visitor().open(seal())
    assert visit.answer == "unchecked"
    assert "could not be read" in visit.said


@pytest.mark.parametrize("content", [b"", b"a.b.c", b"{}", b"e30.e30.e30", b"\xff" * 100])
def test_damaged_list_is_not_plainly_genuine(
    visitor: Visitor, site: Site, seal: Seal, content: bytes
) -> None:
    site.put(REVOCATIONS, content)
    visit = visitor().open(seal())
    assert visit.answer == "unchecked"
    assert "list is damaged" in visit.said


def test_list_of_another_key_says_nothing(visitor: Visitor, site: Site, seal: Seal) -> None:
    site.revoke(CODE, key=OTHER_KEY)
    visit = visitor().open(seal())
    assert visit.answer == "unchecked"
    assert "not signed with a known key" in visit.said


def test_altered_list_says_nothing(visitor: Visitor, site: Site, seal: Seal) -> None:
    """The claims of a list without the code, under the signature of the one that has it."""
    head, _, signature = sign_revocations([CODE], KEY, NOW).split(b".")
    _, claims, _ = sign_revocations([], KEY, NOW).split(b".")
    site.put(REVOCATIONS, b".".join((head, claims, signature)))
    assert visitor().open(seal()).answer == "unchecked"


def test_replayed_list_is_caught_where_a_newer_one_was_seen(
    visitor: Visitor, site: Site, seal: Seal
) -> None:
    """The list of before the revocation is still valid; who saw the newer one is not fooled."""
    site.revoke(CODE, made=NOW - timedelta(days=1))
    visit = visitor().open(seal())
    assert visit.answer == "revoked"
    site.revoke(made=NOW - timedelta(days=2))
    visit.open(seal())
    assert visit.answer == "unchecked"
    assert "older than one that this device has seen" in visit.said


def test_newer_list_with_fewer_codes_is_caught(visitor: Visitor, site: Site, seal: Seal) -> None:
    site.revoke(CODE, "P-22222222", made=NOW - timedelta(days=2))
    visit = visitor().open(seal())
    site.revoke("P-22222222", made=NOW - timedelta(days=1))
    assert visit.open(seal()).answer == "unchecked"


def test_renewed_list_is_believed(visitor: Visitor, site: Site, seal: Seal) -> None:
    visit = visitor().open(seal())
    site.revoke("P-22222222", made=NOW)
    assert visit.open(seal()).answer == "genuine"


def test_wrong_clock_is_no_answer(visitor: Visitor, seal: Seal) -> None:
    """A device that is set back would find everything valid."""
    visit = visitor(now=NOW - timedelta(days=200)).open(seal())
    assert visit.answer == "early"
    assert "Check the date and time of this device" in visit.said


def test_delivery_to_come_is_no_answer(visitor: Visitor, seal: Seal) -> None:
    digits = seal(delivered_on="2026-03-05", through=date(2029, 3, 5))
    assert visitor().open(digits).answer == "early"


def test_old_browser_says_so(visitor: Visitor, seal: Seal) -> None:
    """One whose WebCrypto has no Ed25519."""
    script = """
        const known = SubtleCrypto.prototype.importKey;
        SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
            if (algorithm === "Ed25519") throw new DOMException("no", "NotSupportedError");
            return known.call(this, format, data, algorithm, ...rest);
        };
    """
    visit = visitor(script=script).open(seal())
    assert visit.answer == "unable"
    assert "Use a recent version" in visit.said


def test_page_without_https_says_so(visitor: Visitor, seal: Seal) -> None:
    """Browsers keep WebCrypto from such pages."""
    script = """
        Object.defineProperty(crypto, "subtle", { value: undefined });
        Object.defineProperty(globalThis, "isSecureContext", { value: false });
    """
    visit = visitor(script=script).open(seal())
    assert visit.answer == "unable"
    assert "https" in visit.said


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "!"}]}']
)
def test_missing_keys_are_no_answer(
    visitor: Visitor, site: Site, seal: Seal, content: bytes | None
) -> None:
    if content is None:
        (site.folder / KEYS).unlink()
    else:
        site.put(KEYS, content)
    visit = visitor().open(seal())
    assert visit.answer == "unable"
    assert "public keys of Pix could not be read" in visit.said


# What is shown.


def test_fields_left_out_are_said_to_be_missing(visitor: Visitor, seal: Seal) -> None:
    """The issuer of a minor seals neither name nor birth date."""
    visit = visitor().open(seal(fields=("centre",), through=None))
    assert visit.answer == "genuine"
    missing = "Not held in the QR code: this page can't confirm it."
    assert visit.facts["First and last name"] == missing
    assert visit.facts["Date of birth"] == missing
    assert visit.facts["Last day of validity"] == "no end"
    assert missing in (visit.page.text_content(".score") or "")


def test_birth_place_is_shown_where_it_is_sealed(visitor: Visitor, seal: Seal) -> None:
    visit = visitor().open(seal(fields=FIELDS, birth_date="1958-07-01"))
    assert visit.facts["Date and place of birth"] == "1 July 1958, Nantes"


def test_dates_are_written_as_on_the_paper(visitor: Visitor, seal: Seal) -> None:
    """French writes the first of a month otherwise; time zones move no day."""
    digits = seal(fields=FIELDS, birth_date="1958-07-01")
    visit = visitor(language="fr-FR", timezone_id="Pacific/Honolulu").open(digits)
    assert visit.facts["Date et lieu de naissance"] == "1er juillet 1958 à Nantes"


def test_another_address_in_the_same_tab_is_checked(visitor: Visitor, seal: Seal) -> None:
    visit = visitor().open(seal())
    assert visit.follow(seal(key=OTHER_KEY)).answer == "not_genuine"
    assert visit.page.inner_text("#facts") == ""
    visit.page.click("#again")
    assert visit.answer == "start"
    assert "#" not in visit.page.url
