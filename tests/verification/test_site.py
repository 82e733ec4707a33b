"""Issuer, framework and keys → the files of the verification page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from support import EXAMPLES, ROOT

from pixattest import Issuer, IssuerError, read_issuer
from pixattest.model.framework import crcn, read_framework
from pixattest.model.issuer import Wordmark
from pixattest.template.labels import languages_of, read_labels
from pixattest.trust.keys import SealKey, publish_key
from pixattest.verification.site import make_site

KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    publish_key(KEY, tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def issuer() -> Issuer:
    return read_issuer(EXAMPLES / "issuer.toml")


def words(files: dict[str, bytes]) -> dict[str, Any]:
    """What words.js exports."""
    lines = files["words.js"].decode().splitlines()
    parts = [line.removeprefix("export const ").removesuffix(";").split(" = ", 1) for line in lines]
    return {name: json.loads(value) for name, value in parts}


def test_same_issuer_gives_the_same_files(issuer: Issuer, keys: Path) -> None:
    assert make_site(issuer, keys) == make_site(issuer, keys)


def test_site_is_small_enough_for_a_phone(issuer: Issuer, keys: Path) -> None:
    """What is loaded before a code must be read from a picture."""
    files = make_site(issuer, keys)
    at_once = [content for name, content in files.items() if not name.startswith("qr/")]
    assert sum(map(len, at_once)) < 250_000


def test_every_file_that_is_named_is_there(issuer: Issuer, keys: Path) -> None:
    files = make_site(issuer, keys)
    page = files["index.html"].decode()
    for name in ("page.js", "verify.css", "icon.svg", "qr/LICENSE"):
        assert f'"{name}"' in page
        assert name in files
    licences = {"fonts/source-sans-3-OFL.txt", "fonts/source-serif-4-OFL.txt", "qr/LICENSE"}
    assert licences <= files.keys()


def test_page_speaks_every_language_that_the_attestation_does(issuer: Issuer, keys: Path) -> None:
    """In the order of the switch: the issuer's, then by code."""
    languages = list(words(make_site(issuer, keys))["languages"])
    assert languages == ["fr", "de", "en", "es", "it", "nl"]
    assert sorted(languages) == languages_of(ROOT / "templates/attestation")
    dutch = msgspec.structs.replace(issuer, language="nl")
    files = make_site(dutch, keys)
    assert list(words(files)["languages"]) == ["nl", "de", "en", "es", "fr", "it"]
    assert '<html lang="nl">' in files["index.html"].decode()


def test_languages_say_the_same_things(issuer: Issuer, keys: Path) -> None:
    languages = words(make_site(issuer, keys))["languages"]
    english = languages["en"]["words"]
    for language, said in languages.items():
        assert said["words"].keys() == english.keys(), language
        for name, text in said["words"].items():
            assert sorted(_fields(text)) == sorted(_fields(english[name])), (language, name)
            assert text.strip(), (language, name)


def test_words_are_those_of_the_attestation() -> None:
    """What one compares is called by the same name on both."""
    for language in languages_of(ROOT / "templates/attestation"):
        printed = read_labels(ROOT / "templates/attestation", language)
        said = read_labels(ROOT / "templates/verify", language)
        for name in ("code", "level", "not_acquired", "competences", "competences_named"):
            filled = printed.words[name].replace("{max_level}", "{max}")
            assert said.words[name] == filled, (language, name)
        assert said.words["centre"] == printed.words["centre"].rstrip(" \u00a0\u202f:")
        assert said.date == printed.date
        assert said.first_of_month == printed.first_of_month


def _fields(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


def test_every_word_of_the_labels_is_used(issuer: Issuer, keys: Path) -> None:
    """Those that are put together in the scripts end in _text or begin with list_."""
    files = make_site(issuer, keys)
    scripts = b"".join(content for name, content in files.items() if name.endswith(("js", "html")))
    used = scripts.replace(files["words.js"], b"").decode()
    made = ("genuine", "expired", "revoked", "not_genuine", "unchecked", "early", "unable")
    for name in words(files)["languages"]["en"]["words"]:
        found = f'"{name}"' in used or f'"{name.removesuffix("_text")}"' in used
        assert found or name in ("language", "page_title", "no_script", *made), name


def test_issuers_name_is_no_markup(issuer: Issuer, keys: Path) -> None:
    hostile = msgspec.structs.replace(
        issuer, name="<script>alert(1)</script>", wordmark=Wordmark(text='"><b>&')
    )
    files = make_site(hostile, keys)
    page = files["index.html"].decode()
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>" not in page


def test_logo_stands_in_the_wordmarks_place(issuer: Issuer, keys: Path, tmp_path: Path) -> None:
    Image.new("RGB", (40, 20)).save(tmp_path / "Our Logo.PNG")
    files = make_site(
        msgspec.structs.replace(issuer, wordmark=Wordmark(logo=str(tmp_path / "Our Logo.PNG"))),
        keys,
    )
    assert files["logo.png"] == (tmp_path / "Our Logo.PNG").read_bytes()
    assert '<img src="logo.png" alt="Pix">' in files["index.html"].decode()


def test_missing_logo_is_told(issuer: Issuer, keys: Path) -> None:
    gone = msgspec.structs.replace(issuer, wordmark=Wordmark(logo="/nowhere/logo.png"))
    with pytest.raises(IssuerError, match=r"the logo logo\.png can't be read"):
        make_site(gone, keys)


def test_framework_in_one_language_gives_a_page_in_it(issuer: Issuer, keys: Path) -> None:
    files = make_site(issuer, keys, _named_in("en"))
    assert list(words(files)["languages"]) == ["en"]
    assert '<html lang="en">' in files["index.html"].decode()


def test_framework_in_another_language_is_shown_in_it(issuer: Issuer, keys: Path) -> None:
    said = words(make_site(issuer, keys, _named_in("nn")))
    assert list(said["languages"]) == ["fr", "de", "en", "es", "it", "nl"]
    name = said["framework"]["domains"][0]["competences"][0]["name"]
    assert name["fr"] == name["en"]
    assert name["fr"]["lang"] == "nn"  # the only one that it has


def _named_in(language: str) -> Any:
    """The CRCN with names in one language only."""

    def only(part: Any) -> Any:
        if isinstance(part, dict):
            if "fr" in part:
                return {language: part["en"]}
            return {name: only(value) for name, value in part.items()}
        return [only(value) for value in part] if isinstance(part, list) else part

    return msgspec.convert(only(msgspec.json.decode(msgspec.json.encode(crcn()))), type(crcn()))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": [{"kty": "OKP", "d": "AA"}]}'])
def test_keys_that_are_none_are_refused(issuer: Issuer, keys: Path, content: bytes) -> None:
    """Above all a private key, which would be shown to the world."""
    keys.write_bytes(content)
    with pytest.raises(IssuerError):
        make_site(issuer, keys)


def test_a_framework_without_score_has_levels_by_name(issuer: Issuer, keys: Path) -> None:
    files = make_site(issuer, keys, read_framework(ROOT / "examples/framework.toml"))
    said = words(files)["framework"]
    assert said["pointsPerLevel"] == 0
    assert len(said["domains"]) == 3
    assert [name["en"]["text"] for name in said["levelNames"]] == [
        "Basic",
        "Intermediate",
        "Advanced",
    ]
