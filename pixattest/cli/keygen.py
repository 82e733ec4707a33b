"""pixattest keygen key.pem → a new private key, encrypted, and its public half in a JWKS."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixattest.cli.passphrase import VARIABLE, read_passphrase


def keygen(
    key: Annotated[
        Path, typer.Argument(metavar="FILE", help="Of the private key; one that exists is kept.")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Public keys, to be extended.", show_default="keys.json beside it"
        ),
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Holds the passphrase.",
            show_default=f"{VARIABLE}, or asked for",
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001
) -> None:
    """Make a key for seals: key.pem, which is secret, and keys.json, which is not.

    Name both in the issuer's section `seal`; publish keys.json beside the verification page.
    """
    from pixattest.trust.keys import (
        PUBLIC_KEYS_FILE,
        generate_key,
        publish_key,
        published,
        refuse_taken,
        write_key,
    )

    keys = keys or key.with_name(PUBLIC_KEYS_FILE)
    refuse_taken(key)
    new = generate_key()
    published(new, keys)  # which refuses a file of something else before anything is written
    write_key(new, key, read_passphrase(passphrase_file, "the new key", twice=True))
    publish_key(new, keys)
    print(f"{key}: new key {new.public['kid']}, public in {keys}")
