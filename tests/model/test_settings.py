"""TOML file → a typed, frozen struct, or an error with file, key and mend."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta, field

from pixattest.errors import FrameworkError, IssuerError, PixattestError
from pixattest.model.settings import in_language, read_toml


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file."""

    weight: int
    since: str | None = field(default=None, name="from")


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    title: Annotated[str, Meta(min_length=1)]
    part: Part
    rows: tuple[Part, ...] = ()


GOOD = b'title = "T"\npart = { weight = 2 }\n'


def read(folder: Path, content: bytes) -> Whole:
    """What a file with that content says."""
    path = folder / "settings.toml"
    path.write_bytes(content)
    return read_toml(path, Whole, IssuerError)


def test_file_becomes_a_struct(tmp_path: Path) -> None:
    """A table is a struct of its own."""
    assert read(tmp_path, GOOD) == Whole(title="T", part=Part(weight=2))


@pytest.mark.parametrize(
    "content", [GOOD.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + GOOD], ids=["CRLF", "BOM"]
)
def test_file_saved_on_windows_is_read(tmp_path: Path, content: bytes) -> None:
    """Line ends and byte order mark of Notepad make no difference."""
    assert read(tmp_path, content) == read(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("content", "problem", "hint"),
    [
        (b"", "missing required field `title`", ""),
        (b'title = "T"\npart = {}\n', "missing required field `weight` - at `part`", ""),
        (b"title = \n", "is not TOML: invalid value (at line 1, column 9)", ""),
        (b'title = "T"\ntitle = "U"\n', "is not TOML: cannot overwrite a value", ""),
        (b'title = "\xe9t\xe9"\n', "is not UTF-8", "Save it as UTF-8."),
        (GOOD + b'titel = "U"\n', "contains unknown field `titel`", 'Did you mean "title"?'),
        (GOOD + b"zzz = 1\n", "contains unknown field `zzz`", ""),
        (
            b'title = "T"\npart = { weigth = 2 }\n',
            "contains unknown field `weigth` - at `part`",
            'Did you mean "weight"?',
        ),
        (
            GOOD + b"rows = [{ weight = 1 }, { weight = 2, form = 3 }]\n",
            "contains unknown field `form` - at `rows[1]`",
            'Did you mean "from"?',
        ),
        (b"title = 3\n", "expected `str`, got `int` - at `title`", ""),
        (b'title = ""\n', "expected `str` of length >= 1 - at `title`", ""),
        (b'title = "T"\npart = { weight = true }\n', "expected `int`, got `bool`", ""),
        (b'title = "T"\npart = { weight = 1.5 }\n', "expected `int`, got `float`", ""),
        (b'title = "T"\npart = []\n', "expected `object`, got `array` - at `part`", ""),
        (b'title = "T"\npart = { weight = ' + b"1" * 5000 + b" }\n", "is not TOML", ""),
        (b"title = " + b"[" * 5000 + b"]" * 5000 + b"\n", "is not TOML", ""),
    ],
)
def test_mistake_is_told_with_file_key_and_mend(
    tmp_path: Path, content: bytes, problem: str, hint: str
) -> None:
    """Each message says which file, which key, and what to do."""
    with pytest.raises(IssuerError) as caught:
        read(tmp_path, content)
    assert caught.value.source == str(tmp_path / "settings.toml")
    assert problem in caught.value.problem
    assert caught.value.hint
    assert hint in caught.value.hint
    assert "\n" not in str(caught.value)
    assert len(str(caught.value).removeprefix(str(tmp_path))) < 300


@pytest.mark.parametrize("kind", [IssuerError, FrameworkError])
def test_error_is_of_the_kind_that_the_caller_names(
    tmp_path: Path, kind: type[PixattestError]
) -> None:
    """One reader serves issuers and frameworks."""
    with pytest.raises(kind) as caught:
        read_toml(tmp_path / "none.toml", Whole, kind)
    assert type(caught.value) is kind
    assert str(caught.value).startswith(f"{tmp_path / 'none.toml'}: there is no such file.")


@pytest.mark.parametrize("place", ["", "file.toml/below.toml", "x" * 300 + ".toml"])
def test_path_that_can_not_be_read_is_told(tmp_path: Path, place: str) -> None:
    """A folder, a path below a file and a name too long are errors with a hint."""
    (tmp_path / "file.toml").write_bytes(GOOD)
    with pytest.raises(IssuerError) as caught:
        read_toml(tmp_path / place, Whole, IssuerError)
    assert caught.value.source == str(tmp_path / place)
    assert caught.value.hint
    assert "Errno" not in str(caught.value)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
@settings(max_examples=2 * settings.default.max_examples)
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Only the error that the caller named comes out."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with pytest.raises(IssuerError):
        read_toml(path, Whole, IssuerError)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one for all", "one for all"),
        ({"fr": "bonjour", "en": "hello"}, "bonjour"),
        ({"en": "hello"}, None),
        ({}, None),
    ],
)
def test_text_in_a_language(text: str | dict[str, str], said: str | None) -> None:
    """One string is for every language; of several, the one asked for, or none."""
    assert in_language(text, "fr") == said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"title": "T", "part": {"weight": 2, "x": 1}}, "unknown field `x` - at `$.part`"),
        ({"title": "T", "part": {"weight": 2}, "x": 1}, "unknown field `x`"),
        ({"title": "T", "part": {}}, "missing required field `weight` - at `$.part`"),
    ],
)
def test_msgspec_words_its_messages_as_they_are_taken_apart(content: object, message: str) -> None:
    """There is no other way to learn the field; where the wording changes, `shaped` must, too."""
    with pytest.raises(msgspec.ValidationError) as refusal:
        msgspec.convert(content, Whole)
    assert str(refusal.value) == f"Object {'contains ' * ('unknown' in message)}{message}"


def test_msgspec_words_a_pattern_as_it_is_taken_apart() -> None:
    class Patterned(msgspec.Struct):
        name: Annotated[str, Meta(pattern=r"^[a-z]\Z")]

    with pytest.raises(msgspec.ValidationError) as refusal:
        msgspec.convert({"name": "1"}, Patterned)
    assert str(refusal.value) == r"Expected `str` matching regex '^[a-z]\\Z' - at `$.name`"
