"""TOML file → a typed, frozen struct; a mistake in it → an error with file, key and mend."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from pixattest.errors import PixattestError, did_you_mean

Text = str | dict[str, str]
"""A text: one string for every language, or one per language code."""

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def read_toml(path: Path, kind: type[_Struct], error: type[PixattestError]) -> _Struct:
    """Read a TOML file as `kind`.

    Raises:
        error: the file can't be read, is not TOML, or does not have the shape of `kind`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error("there is no such file", source=str(path), hint="Check its path.") from None
    except (OSError, UnicodeDecodeError) as reason:
        raise error(f"can't be read: {reason}", source=str(path)) from None
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as reason:
        problem = str(reason)
        raise error(f"is not TOML: {problem[:1].lower()}{problem[1:]}", source=str(path)) from None
    except msgspec.ValidationError as reason:
        problem = str(reason).replace("`$.", "`").replace("Object ", "")
        unknown = re.search(r"unknown field `(.+?)`", problem)
        near = did_you_mean(unknown[1], kind.__struct_encode_fields__) if unknown else None
        hint = near or "Compare it with the shipped example."
        raise error(problem[:1].lower() + problem[1:], source=str(path), hint=hint) from None


def in_language(text: Text, language: str) -> str | None:
    """The text in a language; None when it has others only."""
    return text if isinstance(text, str) else text.get(language)
