"""Framework → the JSON Schema of its records."""

from __future__ import annotations

from itertools import chain
from os import PathLike
from typing import Any

from pixattest.model.checks import LONGEST_TEXT
from pixattest.model.fields import Kind, RecordField
from pixattest.model.framework import Framework, framework_for
from pixattest.model.issuer import Issuer, default_issuer
from pixattest.model.record import FIELDS

# There is no maxLength: characters are counted in NFC, without the space around the text.
_TEXT_RULE = f"At most {LONGEST_TEXT} characters, composed (NFC)."


def schema(
    framework: Framework | str | PathLike[str] | None = None, issuer: Issuer | None = None
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record's input.

    Args:
        framework: or its name or path; None: the issuer's, else the CRCN.
        issuer: None: the Pix example.

    Raises:
        FrameworkError, IssuerError: the issuer's framework can't be used, or is not there.
    """
    framework = framework_for(issuer or default_issuer(), framework)
    needs_extra = any(own.required for own in framework.fields.values())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pixattest record",
        "description": "One certification of one person.",
        "type": "object",
        "additionalProperties": False,
        "required": [
            name
            for name, field in FIELDS.items()
            if not (field.optional or field.kind is Kind.CODE)
            or (field.kind is Kind.EXTRA and needs_extra)
        ],
        "properties": {name: _property(field, framework) for name, field in FIELDS.items()},
    }


def _property(field: RecordField, framework: Framework) -> dict[str, Any]:
    """The schema of a field's values."""
    found: dict[str, Any]
    meaning = field.meaning
    match field.kind:
        case Kind.TEXT:
            found = _text(optional=field.optional)
            meaning += f" {_TEXT_RULE}"
        case Kind.DATE:
            kind = ["string", "null"] if field.optional else "string"
            found = {"type": kind, "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        case Kind.CODE:
            found = {"type": ["string", "null"]}
        case Kind.SCORE:
            found = {"type": "null"}
            if framework.score:
                found = {"type": ["integer", "null"], "minimum": 0}
                found["maximum"] = framework.max_score(framework.levels)
        case Kind.LEVEL:
            found = _level(framework, minimum=1) | {"default": framework.usual_max_level}
        case Kind.LEVELS:
            level = _level(framework, minimum=0)
            found = {
                "type": "object",
                "additionalProperties": False,
                "properties": dict.fromkeys(framework.competences, level),
            }
        case Kind.EXTRA:
            found = _extra(framework)
    return found | {"description": meaning}


def _text(*, optional: bool) -> dict[str, Any]:
    return {"type": ["string", "null"] if optional else "string", "minLength": 1}


def _level(framework: Framework, minimum: int) -> dict[str, Any]:
    """The schema of a level: a figure, or one of the names that the framework has for levels."""
    figure = {"type": ["integer", "null"], "minimum": minimum, "maximum": framework.levels}
    names = list(dict.fromkeys(chain.from_iterable(framework.lists_of_names)))
    return {"anyOf": [figure, {"enum": names}]} if names else figure


def _extra(framework: Framework) -> dict[str, Any]:
    """The schema of the framework's own fields."""
    needed = [key for key, own in framework.fields.items() if own.required]
    return {
        "type": "object" if needed else ["object", "null"],
        "additionalProperties": False,
        "properties": {
            key: _text(optional=not own.required)
            | {
                "title": " / ".join(dict.fromkeys(own.names)),
                "description": _TEXT_RULE,
            }
            for key, own in framework.fields.items()
        },
        "required": needed,
    }
