"""TOML file → a typed, frozen struct; a mistake in it → an error with file, key and mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, get_args

import msgspec

from pixattest.errors import PixattestError, did_you_mean

Text = str | dict[str, str]
"""A text: one string for every language, or one per language code."""

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
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        problem = str(reason)
        problem = f"is not TOML: {problem[:1].lower()}{problem[1:]}"
        raise error(problem, source=str(path), hint=_HINT) from None
    except (RecursionError, ValueError):
        problem = "is not TOML that can be read: it is nested too deeply, or has endless numbers"
        raise error(problem, source=str(path), hint=_HINT) from None
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as reason:
        problem = str(reason).replace("`$.", "`").replace("Object ", "")
        unknown = re.search(r"unknown field `(.+?)`(?: - at `(.+)`)?", problem)
        near = did_you_mean(unknown[1], _fields(kind, unknown[2] or "")) if unknown else None
        hint = near or _HINT
        raise error(problem[:1].lower() + problem[1:], source=str(path), hint=hint) from None


def _fields(kind: type[msgspec.Struct], place: str) -> tuple[str, ...]:
    """The keys of the struct at a place such as `validity[0]`, as the file writes them."""
    for name in re.findall(r"\w+", re.sub(r"\[.*?\]", "", place)):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        kind = next(struct for struct in _structs(fields[name]))
    return kind.__struct_encode_fields__


def _structs(kind: object) -> Iterator[type[msgspec.Struct]]:
    """The structs in a type such as `Annotated[tuple[Validity, ...], …]`."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from _structs(part)


def in_language(text: Text, language: str) -> str | None:
    """The text in a language; None when it has others only."""
    return text if isinstance(text, str) else text.get(language)
