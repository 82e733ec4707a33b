"""Declaration of a record's field → what every reader, writer and store of records needs to know.

`pixattest.model.record` declares each field once, in `Record`; whatever has a list of fields takes
it from there.
"""

# Annotations are not postponed here: as text, each would be compiled at every start.

from enum import Enum
from typing import Any

import msgspec


class Kind(Enum):
    """What the values of a field are. A field of the first two kinds is handled everywhere."""

    TEXT = "a text of one line"
    DATE = "a day"
    CODE = "the verification code"
    SCORE = "the total of points"
    LEVEL = "the highest level that could be reached"
    LEVELS = "a level by competence"
    EXTRA = "the texts of the framework's own fields, by their keys"


class RecordField(msgspec.Struct, frozen=True):
    """One field of a record.

    Attributes:
        kind: what its values are.
        meaning: a phrase that says what the field is, for the schema and the documentation.
        attached: it travels with the record that is attached to a page. What is not attached is
            nobody's business but the school's.
        sealed: an issuer may put it into the seal of a page.
        sample: a made-up text that templates are tried with; empty for another kind than a text.
        longest: a long made-up text for which a template should have room.
        name: the field's name; `declared_fields` fills it in, as it does the next two.
        optional: a record may lack it.
        type: the Python type of its values.
    """

    kind: Kind
    meaning: str
    attached: bool = True
    sealed: bool = False
    sample: str = ""
    longest: str = ""
    name: str = ""
    optional: bool = False
    type: Any = None


def declared_fields(record: type[msgspec.Struct]) -> dict[str, RecordField]:
    """Read the fields that a struct declares as `name: Annotated[type, RecordField(…)]`.

    Args:
        record: the struct. A field that has a default is optional; what is not declared in this
            way is no field of a record.

    Returns:
        The fields by their names, in the order of the struct.
    """
    return {
        found.name: msgspec.structs.replace(
            said, name=found.name, optional=not found.required, type=found.type.__origin__
        )
        for found in msgspec.structs.fields(record)
        for said in getattr(found.type, "__metadata__", ())
        if isinstance(said, RecordField)
    }
