"""pixattest schema → the JSON Schema of a record on standard output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    framework: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Whose competences may have a level.",
            show_default="the issuer's, or crcn",
        ),
    ] = None,
    issuer: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who attests, as TOML.", show_default="the Pix example"),
    ] = None,
) -> None:
    """Print the JSON Schema of a record."""
    import json

    from pixattest.model.framework import framework_for
    from pixattest.model.issuer import default_issuer, read_issuer
    from pixattest.model.schema import schema as record_schema

    known = read_issuer(issuer) if issuer else default_issuer()
    found = record_schema(framework_for(known, framework))
    print(json.dumps(found, ensure_ascii=False, indent=2))
