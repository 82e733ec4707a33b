"""TOML file → a typed, frozen struct; a mistake in it → an error with file, key and mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from pixattest.errors import PixattestError, did_you_mean, shown

# A text: one string for every language, or one per language code.
Text = str | dict[str, str]

_HINT = "Compare it with the shipped example."

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def read_toml(path: Path, kind: type[_Struct], error: type[PixattestError]) -> _Struct:
    """Read a TOML file as `kind`.

    Raises:
        error: the file can't be read, is not TOML, or does not have the shape of `kind`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error("there is no such file", source=str(path), hint="Check its path.") from None
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        raise error(problem, source=str(path), hint="Check its path.") from None
    except UnicodeDecodeError as reason:
        problem = f"is not UTF-8 text (byte {reason.start + 1})"
        raise error(problem, source=str(path), hint="Save it as UTF-8.") from None
    try:
        content = _parsed(text)
    except tomllib.TOMLDecodeError as reason:
        problem = str(reason)
        problem = f"is not TOML: {problem[:1].lower()}{problem[1:]}"
        raise error(problem, source=str(path), hint=_HINT) from None
    except (RecursionError, ValueError):
        problem = "is not TOML that can be read: it is nested too deeply, or has endless numbers"
        raise error(problem, source=str(path), hint=_HINT) from None
    return shaped(content, kind, error, str(path))


@lru_cache(maxsize=32)
def _parsed(text: str) -> dict[str, Any]:
    """Parse a TOML file, once while its text stays: a template's words are read at each step."""
    return tomllib.loads(text)


def shaped(content: Any, kind: type[_Struct], error: type[PixattestError], source: str) -> _Struct:
    """Make a struct of plain values.

    Raises:
        error: they do not have the shape of `kind`; it names the source.
    """
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as reason:
        problem = _in_words(str(reason).replace("`$.", "`").replace("Object ", ""), kind, content)
        unknown = re.search(r"unknown field `(.+?)`(?: - at `(.+)`)?", problem)
        near = did_you_mean(unknown[1], _fields(kind, unknown[2] or "")) if unknown else None
        hint = near or _HINT
        raise error(problem[:1].lower() + problem[1:], source=source, hint=hint) from None


def _in_words(problem: str, kind: type[msgspec.Struct], content: Any) -> str:
    """Return a problem with the meaning of its regular expression, and the value that was found."""
    found = re.fullmatch(r"Expected `str` matching regex (.+) - at `(.+)`", problem)
    meant = {repr(meta.pattern): meta.description for meta in _metas(kind)}
    if not found or not meant.get(found[1]):
        return problem
    for step in re.findall(r"\w+", found[2]):
        content = content[int(step) if isinstance(content, list) else step]
    return f"Expected {meant[found[1]]}, got {shown(content)} - at `{found[2]}`"


def _metas(kind: object) -> Iterator[msgspec.Meta]:
    """Yield the constraints that stand anywhere in a type."""
    if isinstance(kind, msgspec.Meta):
        yield kind
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield from _metas(field.type)
    else:
        for part in get_args(kind):
            yield from _metas(part)


def _fields(kind: type[msgspec.Struct], place: str) -> tuple[str, ...]:
    """Return the keys of the struct at a place such as `validity[0]`, as the file writes them."""
    for name in re.findall(r"\w+", re.sub(r"\[.*?\]", "", place)):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        kind = next(struct for struct in _structs(fields[name]))
    return kind.__struct_encode_fields__


def _structs(kind: object) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs in a type such as `Annotated[tuple[Validity, ...], …]`."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from _structs(part)


def in_language(text: Text, language: str) -> str | None:
    """Return the text in a language; None when it has only others."""
    return text if isinstance(text, str) else text.get(language)


def hint_at_languages(language: str, others: Iterable[str]) -> str:
    """Return the hint for a text that is there in other languages only."""
    hint = f'Add {language} = "…" there'
    known = " or ".join(others)
    return f"{hint}, or choose another language: --language {known}." if known else f"{hint}."
