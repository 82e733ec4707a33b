"""The structs that TOML files are read into → the page on the TOML files."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import msgspec

from generators.docstrings import described
from generators.markdown import code, table
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.model.settings import Text
from pixattest.template.labels import Labels


def toml_page() -> Iterator[str]:
    """Every key of the files, from the structs that they are read into."""
    yield "# The TOML files\n"
    yield "A key that is not here is refused, with the one that was probably meant. A *text* is"
    yield 'either one string for all languages, or one each: `{ fr = "…", en = "…" }`. Paths are'
    yield "relative to their file.\n"
    files: dict[str, tuple[str, type[msgspec.Struct]]] = {
        "The issuer": ("`--issuer`; start from [issuer.toml](../../examples/issuer.toml).", Issuer),
        "The framework": ("Domains, competences and levels.", Framework),
        "Labels": (
            "`labels/LANGUAGE.toml` in a template's folder; start from"
            " [fr.toml](../../templates/attestation/labels/fr.toml).",
            Labels,
        ),
    }
    for title, (about, kind) in files.items():
        yield f"## {title}\n"
        yield f"{about}\n"
        for name, struct in _structs_of(kind):
            if name:
                yield f"### `{name}`\n"
                yield f"{described(struct)[0]}\n"
            yield from table(("key", "type", "without it", "meaning"), *_keys(struct))


def _structs_of(kind: type[msgspec.Struct], name: str = "") -> Iterator[tuple[str, Any]]:
    """A struct and those below it, by the headings that they have in a file."""
    yield name, kind
    for field in _fields_of(kind):
        inner, many = _struct_in(field.type)
        if inner:
            below = f"{name.strip('[]')}.{field.encode_name}".strip(".")
            if get_origin(field.type) is dict:
                below += ".KEY"
            yield from _structs_of(inner, f"[[{below}]]" if many else f"[{below}]")


def _fields_of(kind: type[msgspec.Struct]) -> list[Any]:
    # An issuer knows where it was read from, which no file says.
    return [f for f in msgspec.structs.fields(kind) if f.name != "source"]


def _struct_in(kind: Any) -> tuple[Any, bool]:
    """The struct that a type holds, and whether it holds several."""
    if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
        return kind, False
    for part in get_args(kind):
        if inner := _struct_in(part)[0]:
            return inner, get_origin(kind) is tuple or _struct_in(part)[1]
    return None, False


def _keys(kind: type[msgspec.Struct]) -> Iterator[tuple[str, ...]]:
    _, meanings = described(kind)
    for field in _fields_of(kind):
        default = field.default
        if field.required:
            without = "refused"
        else:
            plain = isinstance(default, str | int) and default != ""
            without = code(json.dumps(default, ensure_ascii=False)) if plain else ""
        meaning = meanings.get(field.name, "")
        if not meaning and (inner := _struct_in(field.type)[0]):
            meaning = described(inner)[0]
        yield code(field.encode_name), _type_name(field.type), without, meaning


def _type_name(kind: Any) -> str:
    """A type in a reader's words."""
    if kind in (Text, Text | None):
        return "text"
    inner, many = _struct_in(kind)
    if inner:
        return "tables" if many else "table"
    if get_origin(kind) is tuple:
        return f"list of {_type_name(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return "table"
    if hasattr(kind, "__metadata__"):
        (meta,) = kind.__metadata__
        least, most = meta.ge, meta.le
        bounds = f" from {least} to {most}" if most else f" from {least}" if least else ""
        return _type_name(get_args(kind)[0]) + bounds
    named = {str: "string", int: "whole number", bool: "true or false"}
    if get_origin(kind) is Literal:
        return " or ".join(code(str(value)) for value in get_args(kind))
    if parts := [part for part in get_args(kind) if part is not type(None)]:
        return " or ".join(map(_type_name, parts))
    return named.get(kind, kind.__name__)
