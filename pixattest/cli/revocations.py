"""pixattest revocations DIR → the signed list of revocations beside a verification page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixattest.cli.passphrase import VARIABLE

if TYPE_CHECKING:
    from pixattest.model.issuer import Issuer

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that a web server shows.")]
IssuerFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Who attests: a TOML file with a section `seal`."),
]
LEDGER = typer.Option(
    "--ledger",
    metavar="FILE|ADDRESS",
    envvar="PIXATTEST_LEDGER",
    help="Whose revocations are listed: SQLite file, or postgresql:// address.",
)
Key = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Private key that signs the list.", show_default="the issuer's"
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Holds the key's passphrase.",
        show_default=f"{VARIABLE}, or asked for",
    ),
]
Days = Annotated[int, typer.Option(min=1, max=366, help="For how long the list speaks.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
"""For the one who calls these commands; they need not look at it."""


def revocations(
    folder: Folder,
    ledger: Annotated[str, LEDGER],
    issuer: IssuerFile = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
    days: Days = 30,
    debug: Debug = False,  # noqa: ARG001
) -> None:
    """Renew the signed list of revocations beside a verification page; run it every day."""
    key = key or seal_file(read_who(issuer), "key")
    publish(folder, ledger, key, passphrase_file, days)


def read_who(path: Path | None) -> Issuer:
    """The issuer of that file, or the built-in one."""
    from pixattest.model.issuer import default_issuer, read_issuer

    return read_issuer(path) if path else default_issuer()


def seal_file(issuer: Issuer, name: str) -> Path:
    """The file that the issuer's [seal] names."""
    from pixattest.errors import IssuerError

    if issuer.seal is None:
        raise IssuerError(
            "it says nothing of seals", source=issuer.source, hint=f"Add [seal], or give --{name}."
        )
    return Path(getattr(issuer.seal, name))


def publish(folder: Path, ledger: str, key: Path, passphrase_file: Path | None, days: int) -> None:
    """Write the list of a ledger's revocations into a verification page's folder."""
    from pixattest.cli.passphrase import key_passphrase
    from pixattest.ledger import open_ledger
    from pixattest.trust.keys import PUBLIC_KEYS_FILE, read_key, read_public_keys
    from pixattest.trust.revocations import REVOCATIONS_FILE, publish_revocations

    published = read_public_keys(folder / PUBLIC_KEYS_FILE)
    with open_ledger(ledger, create=False) as opened:
        codes = [revocation.code for revocation in opened.revocations()]
    signing = read_key(key, key_passphrase(key, passphrase_file))
    path = folder / REVOCATIONS_FILE
    made = publish_revocations(path, codes, signing, published, datetime.now(UTC), days=days)
    print(f"{path}: {made.seq} revoked, speaks until {made.expires:%Y-%m-%d %H:%M} UTC")
