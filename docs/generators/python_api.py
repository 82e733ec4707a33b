"""The public names, their signatures and docstrings → the page on the Python API."""

from __future__ import annotations

import enum
import inspect
import json
import re
import textwrap
import types
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any, ForwardRef, Union, get_args, get_origin

import pixattest
from generators.docstrings import parse
from pixattest import errors

FIRST = ("Press", "Record", "RecordError", "verify")
"""The names that most applications use; the page begins with them."""

GROUPS = {
    "Reading records": (
        "read_record",
        "read_records",
        "Records",
        "CheckedRow",
        "Rules",
        "schema",
        "new_code",
        "Fault",
    ),
    "A page at once": ("render",),
    "Verdicts": ("Verdict", "Part", "Answer"),
    "Issuers": ("Issuer", "read_issuer"),
    "Frameworks": (
        "Framework",
        "read_framework",
        "Domain",
        "Competence",
        "Score",
        "Band",
        "Field",
    ),
    "The ledger": ("open_ledger", "Register", "Ledger", "reprint", "Reprint"),
    "Keys": (
        "SealKey",
        "generate_key",
        "write_key",
        "read_key",
        "publish_key",
        "read_public_keys",
    ),
    "Signatures": ("Signer", "read_signature", "SignatureStatus"),
    "Attached records and revocations": ("open_attached", "Attached", "RevocationList"),
    "Files and clusters": ("write_file", "executor"),
}
"""The other names, by what they are for; errors come last."""

FURTHER = {
    "What a ledger holds": (
        "pixattest.ledger",
        (
            "Draft",
            "Issued",
            "History",
            "Revision",
            "Printing",
            "Page",
            "Revocation",
            "certification_key",
            "is_number",
            "identity",
        ),
    ),
    "The pages of a file": ("pixattest.model.pagination", ("Pagination",)),
}
"""What those need who keep a ledger or number pages themselves: title → module and its names."""

_WIDTH = 88
"""Characters of a line of a signature, at most."""

_TITLES = {"Args": "Arguments", "Attributes": "Attributes", "Raises": "Raises"}


def python_page() -> Iterator[str]:
    """Every public name, with its signature and what its docstring says."""
    yield "# The Python API\n"
    yield "What `import pixattest` gives: everything here is imported from `pixattest` itself,"
    yield "where nothing else is said. What is not here may change without notice.\n"
    yield "Three types have no class of their own: a `Source` is a `Record`, or a mapping that"
    yield "`read_record` takes; a `Sink` is whatever has a method `write` that takes bytes;"
    yield "`PublicKeys` are what `read_public_keys` returns.\n"
    for name in FIRST:
        yield from _entry(name, getattr(pixattest, name), 2)
    for title, names in GROUPS.items():
        yield f"## {title}\n"
        for name in names:
            yield from _entry(name, getattr(pixattest, name), 3)
    yield "## Errors\n"
    yield "[Errors](errors.md) has their tree, and messages that mistakes really give.\n"
    for name in pixattest.__all__:
        if name in vars(errors) and name not in (*FIRST, "Fault"):
            yield from _entry(name, getattr(pixattest, name), 3)
    for title, (module, names) in FURTHER.items():
        yield f"## {title}\n"
        yield f"These are imported from `{module}`.\n"
        for name in names:
            yield from _entry(name, getattr(import_module(module), name), 3)


def _entry(name: str, value: Any, level: int) -> Iterator[str]:
    """A heading, a signature and the docstring of a public name, and of what is in a class."""
    yield f"{'#' * level} {name}\n"
    if not inspect.isclass(value):
        yield from _function(name, value)
        return
    if issubclass(value, enum.Enum):
        yield from _prose(value)
        yield from (f"- `{member.name}`: `{member.value!r}`" for member in value)
        yield ""
    elif issubclass(value, Exception):
        bases = ", ".join(base.__name__ for base in value.__bases__)
        yield f"```pyi\nclass {name}({bases}): ...\n```\n"
        yield from _prose(value)
    else:
        yield f"```pyi\n{_class(name, value)}\n```\n"
        yield from _prose(value)
    for key, member in vars(value).items():
        if not key.startswith("_") and _is_told(member):
            yield f"{'#' * (level + 1)} {name}.{key}\n"
            yield from _member(key, member)


def _is_told(member: object) -> bool:
    """Whether it is a method or property with a docstring of its own."""
    if not isinstance(member, property | classmethod | staticmethod) and not inspect.isfunction(
        member
    ):
        return False
    return bool(member.__doc__)


def _member(name: str, member: Any) -> Iterator[str]:
    if isinstance(member, property):
        kind = inspect.signature(member.fget).return_annotation
        yield f"```pyi\n{name}: {_annotation(kind)}\n```\n"
        yield from _prose(member)
        return
    decorator = ""
    if isinstance(member, classmethod | staticmethod):
        decorator = f"@{type(member).__name__}\n"
        member = member.__func__
    yield from _function(name, member, decorator)


def _function(name: str, function: Any, decorator: str = "") -> Iterator[str]:
    wrapped = inspect.unwrap(function)
    if wrapped is not function and inspect.isgeneratorfunction(wrapped):
        decorator = "@contextmanager\n"
    yield f"```pyi\n{decorator}{_signature(name, inspect.signature(function))}\n```\n"
    yield from _prose(function)


def _prose(documented: object) -> Iterator[str]:
    """What a docstring says, as paragraphs and lists."""
    text, lists, returns = parse(documented)
    yield f"{text}\n"
    for section, title in _TITLES.items():
        if lists[section]:
            yield f"**{title}**\n"
            yield from (f"- `{name}`: {said}" for name, said in lists[section].items())
            yield ""
        if section == "Args" and returns:
            yield f"**Returns** {returns[:1].lower() + returns[1:]}\n"


# Signatures.


def _class(name: str, kind: type) -> str:
    """A class as a stub has it, with the arguments by which it is made."""
    if getattr(kind, "_is_protocol", False):
        return f"class {name}(Protocol): ..."
    made = inspect.signature(kind).replace(return_annotation="None")
    body = textwrap.indent(_signature("__init__", made, first="self"), "    ")
    return f"class {name}:\n{body}"


def _signature(name: str, found: inspect.Signature, first: str = "") -> str:
    """A signature as a stub has it: on one line, or a parameter a line where it is long.

    Args:
        name: what is called.
        found: its signature.
        first: a parameter that stands before those of the signature.
    """
    parts = [first] if first else []
    parts += _parameters(found)
    tail = ")"
    if found.return_annotation is not inspect.Signature.empty:
        tail = f") -> {_annotation(found.return_annotation)}"
    line = f"def {name}({', '.join(parts)}{tail}: ..."
    if len(line) > _WIDTH:
        line = f"def {name}(\n" + "".join(f"    {part},\n" for part in parts) + f"{tail}: ..."
    return line


def _parameters(found: inspect.Signature) -> Iterator[str]:
    starred = False
    for name, parameter in found.parameters.items():
        if name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        text = name
        if parameter.kind is parameter.VAR_POSITIONAL:
            starred, text = True, f"*{name}"
        elif parameter.kind is parameter.VAR_KEYWORD:
            text = f"**{name}"
        given = parameter.annotation is not inspect.Parameter.empty
        if given:
            text += f": {_annotation(parameter.annotation)}"
        if parameter.default is not inspect.Parameter.empty:
            text += (" = " if given else "=") + _default(parameter.default)
        yield text


def _annotation(kind: Any) -> str:
    """A type in the words of its author, without the modules that it stands in, and its bounds."""
    if isinstance(kind, ForwardRef):  # as named tuples keep their types
        kind = kind.__forward_arg__
    if isinstance(kind, str):
        return re.sub(r"\b(?:\w+\.)+(?=[A-Z]\w*)", "", kind)
    if get_origin(kind) is Annotated:
        return _annotation(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return " | ".join(map(_annotation, get_args(kind)))
    if get_origin(kind) in (tuple, dict):
        return f"{get_origin(kind).__name__}[{', '.join(map(_annotation, get_args(kind)))}]"
    if kind in (None, types.NoneType, ...):
        return "..." if kind is ... else "None"
    return _annotation(inspect.formatannotation(kind))


def _default(value: object) -> str:
    """A default as it could be written; what has no short form is left open."""
    match value:
        case enum.Enum():
            return json.dumps(value.value)
        case str():
            return json.dumps(value)
        case None | int() | float():
            return repr(value)
        case tuple():
            return f"({', '.join(map(_default, value))}{',' if len(value) == 1 else ''})"
    return "..."
