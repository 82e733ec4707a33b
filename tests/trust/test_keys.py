"""Passphrase → key in a file; keys in a JWKS."""

from __future__ import annotations

import copy
import json
import pickle
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from keys import SEAL_KEY

from pixattest import IssuerError, OutputError
from pixattest.trust.keys import (
    SealKey,
    from_base64url,
    generate_key,
    has_signed,
    public_keys,
    publish_key,
    read_key,
    read_public_keys,
    read_published_key,
    refuse_missing,
    refuse_taken,
    to_base64url,
    write_key,
)

PASSPHRASE = "five words without any sense"
SEED = bytes(range(32))
JWK = SEAL_KEY.public


def test_key_comes_back_with_its_passphrase(tmp_path: Path) -> None:
    """And signs the same; its file is its owner's alone, and says nothing of it."""
    path = tmp_path / "key.pem"
    write_key(SEAL_KEY, path, PASSPHRASE)
    again = read_key(path, PASSPHRASE)
    assert (again.kid, again.sign(b"x")) == (SEAL_KEY.kid, SEAL_KEY.sign(b"x"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


@pytest.mark.slow
def test_openssl_opens_the_key(tmp_path: Path, run: Callable[..., str]) -> None:
    """The format is everybody's: no one is tied to pixattest; and a stronger one is read too."""
    path, word = tmp_path / "key.pem", tmp_path / "word"
    write_key(SEAL_KEY, path, PASSPHRASE)
    word.write_text(f"{PASSPHRASE}\n{PASSPHRASE}\n")  # one to read with, one to write with
    said = run("openssl", "pkey", "-in", path, "-passin", f"file:{word}", "-noout", "-text")
    assert "ED25519" in said
    given = ("-passin", f"file:{word}", "-passout", f"file:{word}")
    strong = tmp_path / "strong.pem"
    run("openssl", "pkcs8", "-topk8", "-scrypt", "-in", path, *given, "-out", strong)
    assert read_key(strong, PASSPHRASE).kid == SEAL_KEY.kid


def test_wrong_passphrase_is_refused_without_being_told(tmp_path: Path) -> None:
    """No error repeats a passphrase, right or wrong."""
    path = tmp_path / "key.pem"
    write_key(SEAL_KEY, path, PASSPHRASE)
    for wrong in ("", "another passphrase altogether"):
        with pytest.raises(IssuerError, match="passphrase is wrong") as caught:
            read_key(path, wrong)
        assert not wrong or wrong not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("passphrase", ["", "fifteen letters"])
def test_short_passphrase_is_refused(tmp_path: Path, passphrase: str) -> None:
    """And nothing is written."""
    with pytest.raises(IssuerError, match="16 characters"):
        write_key(SEAL_KEY, tmp_path / "key.pem", passphrase)
    assert not any(tmp_path.iterdir())


def test_key_is_never_replaced(tmp_path: Path) -> None:
    """Nor written through a link that points nowhere."""
    path = tmp_path / "key.pem"
    write_key(SEAL_KEY, path, PASSPHRASE)
    before = path.read_bytes()
    (tmp_path / "link.pem").symlink_to(tmp_path / "nowhere")
    for taken in (path, tmp_path / "link.pem"):
        with pytest.raises(OutputError, match="exists already"):
            write_key(generate_key(), taken, PASSPHRASE)
    assert path.read_bytes() == before
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_what_is_no_encrypted_ed25519_key_is_refused(
    tmp_path: Path, run: Callable[..., str]
) -> None:
    """A key in plain sight, one of another kind, a damaged one, something else, nothing."""
    plain = tmp_path / "plain.pem"
    plain.write_bytes(
        SEAL_KEY._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    word, other = tmp_path / "word", tmp_path / "other.pem"
    word.write_text(PASSPHRASE)
    run(
        "openssl",
        "genpkey",
        "-algorithm",
        "X25519",
        "-aes256",
        "-pass",
        f"file:{word}",
        "-out",
        other,
    )
    damaged = tmp_path / "damaged.pem"
    damaged.write_bytes(other.read_bytes()[:150])
    (tmp_path / "long.pem").write_bytes(b"-" * (1 << 21))
    for name in ("plain.pem", "other.pem", "damaged.pem", "word", "long.pem", "missing.pem"):
        with pytest.raises(IssuerError) as caught:
            read_key(tmp_path / name, PASSPHRASE)
        assert caught.value.hint


def test_an_encrypted_key_of_another_kind_does_not_seal(tmp_path: Path) -> None:
    """It opens, and is of X25519, by which nothing is signed."""
    path = tmp_path / "other.pem"
    path.write_bytes(
        x25519.X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSPHRASE.encode()),
        )
    )
    with pytest.raises(IssuerError, match="is not an Ed25519 key"):
        read_key(path, PASSPHRASE)


def test_private_key_shows_and_leaves_by_no_way() -> None:
    """Neither printed, nor pickled, nor copied into another process."""
    assert repr(SEAL_KEY) == "<SealKey 1IG2tMH7J2w>"
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            leave(SEAL_KEY)


def test_keys_differ() -> None:
    """Each is made of new chance."""
    assert len({generate_key().kid for _ in range(20)}) == 20


def test_public_keys_are_extended(tmp_path: Path) -> None:
    """A new key joins the others; the same one does not come twice; what else is there stays."""
    path = tmp_path / "keys.json"
    other = generate_key()
    path.write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-256"}], "note": "kept"}))
    for key in (SEAL_KEY, other, SEAL_KEY):
        publish_key(key, path)
    assert set(read_public_keys(path)) == {SEAL_KEY.kid, other.kid}
    said = json.loads(path.read_text())
    assert (len(said["keys"]), said["note"]) == (3, "kept")
    assert SEED.hex() not in path.read_text()


def test_key_that_is_not_published_does_not_seal(tmp_path: Path) -> None:
    """Its seals would be called forgeries by everybody."""
    path, jwks = tmp_path / "key.pem", tmp_path / "keys.json"
    write_key(SEAL_KEY, path, PASSPHRASE)
    publish_key(generate_key(), jwks)
    with pytest.raises(IssuerError, match="nobody could check"):
        read_published_key(path, jwks, PASSPHRASE)
    publish_key(SEAL_KEY, jwks)
    assert isinstance(read_published_key(path, jwks, PASSPHRASE), SealKey)


@pytest.mark.parametrize(
    ("jwks", "problem"),
    [
        ("", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "not a set of keys"),
        ('{"keys": 3}', "not a set of keys"),
        ('{"keys": [3]}', "not a set of keys"),
        ({**JWK, "d": "AA"}, "private key"),
        ({**JWK, "x": None}, "not what Ed25519"),
        ({**JWK, "x": "AAAA"}, "not what Ed25519"),
        ({**JWK, "x": JWK["x"] + "="}, "not what Ed25519"),
        ({**JWK, "x": JWK["x"][:-1] + "h"}, "not what Ed25519"),
        ({**JWK, "kid": None}, "not what Ed25519"),
        ({**JWK, "kid": "AAAAAAAAAAA"}, "has the id AAAAAAAAAAA"),
    ],
)
def test_what_is_no_set_of_public_keys_is_refused(jwks: Any, problem: str) -> None:
    """Above all a private key among them, and a key under another one's id."""
    with pytest.raises(IssuerError, match=problem):
        public_keys(jwks if isinstance(jwks, str) else json.dumps({"keys": [jwks]}))


def test_other_kinds_of_keys_are_left_out() -> None:
    """A set may serve more than seals."""
    assert public_keys(json.dumps({"keys": [{"kty": "RSA", "n": "x"}, {}]})) == {}


def test_file_named_in_errors(tmp_path: Path) -> None:
    """Which set of keys it was."""
    path = tmp_path / "keys.json"
    path.write_text("{}")
    with pytest.raises(IssuerError, match=r"keys\.json"):
        read_public_keys(path)


@pytest.mark.slow
def test_stdlib_only_until_a_key_is_needed() -> None:
    """An unsealed page never waits for cryptography to be imported."""
    import sys

    script = (
        "import json, sys, pixattest;"
        "pixattest.render(json.load(open('examples/record.json')));"
        "print([m for m in ('cryptography', 'cbor2', 'zxingcpp', 'pypdfium2') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_a_passphrase_of_sixteen_characters_is_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    write_key(SEAL_KEY, path, "x" * 16)
    assert read_key(path, "x" * 16).kid == SEAL_KEY.kid


def test_a_key_is_missed_before_its_passphrase_is_asked_for(tmp_path: Path) -> None:
    """Or found in its place."""
    path = tmp_path / "key.pem"
    refuse_taken(path)
    with pytest.raises(IssuerError, match="can't be read") as caught:
        refuse_missing(path)
    assert (caught.value.source, "keygen" in str(caught.value.hint)) == (str(path), True)
    path.write_bytes(b"")
    refuse_missing(path)
    with pytest.raises(OutputError, match="exists already"):
        refuse_taken(path)


def test_a_key_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        write_key(SEAL_KEY, tmp_path / "none" / "key.pem", PASSPHRASE)


def test_keys_in_the_largest_file_are_read(tmp_path: Path) -> None:
    """1 MiB; what is larger is none."""
    path = tmp_path / "keys.json"
    said = json.dumps({"keys": [JWK]}).encode()
    path.write_bytes(said + b" " * ((1 << 20) - len(said)))
    assert set(read_public_keys(path)) == {SEAL_KEY.kid}
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(IssuerError, match="too large"):
        read_public_keys(path)


def test_a_signature_is_that_of_its_key_and_data() -> None:
    (public,) = public_keys(json.dumps({"keys": [JWK]})).values()
    signature = SEAL_KEY.sign(b"data")
    assert has_signed(public, signature, b"data")
    assert has_signed(public, signature, b"date") is False
    assert has_signed(public, signature[:-1], b"data") is False


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "é", "A A", "+/8", 7, None])
def test_base64url_has_one_form(text: object) -> None:
    """No padding, no bits that are left over, no other alphabet."""
    with pytest.raises(ValueError, match="base64url"):
        from_base64url(text)
    for data in (b"", b"x", b"xy", b"xyz", b"\xff\xfe"):
        assert from_base64url(to_base64url(data)) == data
