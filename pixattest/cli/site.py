"""pixattest site DIR → the page that verifies attestations, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixattest.cli.revocations import (
    LEDGER,
    Days,
    Debug,
    Folder,
    IssuerFile,
    Key,
    PassphraseFile,
    publish,
    read_who,
    seal_file,
)


def site(
    folder: Folder,
    issuer: IssuerFile = None,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Public keys (JWKS).", show_default="the issuer's"),
    ] = None,
    framework: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Of competences: by its name, or a TOML file.",
            show_default="the issuer's, or crcn",
        ),
    ] = None,
    ledger: Annotated[str | None, LEDGER] = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    days: Days = 30,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    debug: Debug = False,  # noqa: ARG001
) -> None:
    """Make the page that verifies attestations, in a folder that any web server can show.

    With --ledger, the signed list of revocations is written beside it.
    """
    from pixattest.model.framework import framework_for
    from pixattest.output import refuse_existing, write_file
    from pixattest.verification.site import make_site

    who = read_who(issuer)
    files = make_site(who, keys or seal_file(who, "keys"), framework_for(who, framework))
    for name in files:
        refuse_existing(folder / name, force=force)
    for name, content in files.items():
        _make_folder((folder / name).parent)
        write_file(folder / name, content, force=force)
    print(f"{folder}: {len(files)} files, {sum(map(len, files.values())) // 1000} kB")
    if ledger:
        publish(folder, ledger, key or seal_file(who, "key"), passphrase_file, days)


def _make_folder(folder: Path) -> None:
    from pixattest.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        problem = f"can't be made: {reason.strerror}"
        raise OutputError(problem, source=str(folder), hint="Choose another folder.") from None
