"""pixattest schema → the JSON Schema of a record on standard output."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    framework: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Whose competences may have a level.")
    ] = "crcn",
) -> None:
    """Print the JSON Schema of a record."""
    import json

    from pixattest.framework import read_framework
    from pixattest.record import schema as record_schema

    found = record_schema(read_framework(framework))
    print(json.dumps(found, ensure_ascii=False, indent=2))
