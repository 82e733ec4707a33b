"""A file, an environment variable or a prompt → the passphrase of a private key."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.errors import InputError

if TYPE_CHECKING:
    from pixattest.model.issuer import Seal
    from pixattest.trust.keys import SealKey
    from pixattest.trust.signing import Signer

VARIABLE = "PIXATTEST_PASSPHRASE"
SIGN_VARIABLE = "PIXATTEST_SIGN_PASSPHRASE"

_LONGEST = 1024
"""Bytes of a passphrase's file."""


def read_passphrase(
    file: Path | None,
    what: str,
    *,
    twice: bool = False,
    variable: str = VARIABLE,
    option: str = "--passphrase-file",
) -> str:
    """The passphrase of a key.

    Args:
        file: whose first line it is; None: the environment variable, or else a prompt.
        what: whose passphrase, for the prompt.
        twice: ask for it again, when it is a new one.
        variable: the one of the environment.
        option: the one that names the file.

    Raises:
        InputError: the file can't be read, there is nobody to ask, or two answers differ.
    """
    if file:
        return _read(file)
    if variable in os.environ:
        return os.environ[variable]
    if not sys.stdin.isatty():
        raise InputError(
            f"the passphrase of {what} is missing, and there is no terminal to ask for it",
            hint=f"Use {option}, or set {variable}.",
        )
    answer = getpass(f"Passphrase of {what}: ")
    if twice and getpass("The same again: ") != answer:
        raise InputError("the two passphrases differ", hint="Try it again.")
    return answer


def open_key(seal: Seal, file: Path | None) -> SealKey:
    """The key that an issuer seals with, whose public half must be published.

    Raises:
        InputError: there is no passphrase.
        IssuerError: the key can't be read, or is not among the public keys.
    """
    from pixattest.trust.keys import read_published_key

    key = Path(seal.key)
    return read_published_key(key, Path(seal.keys), key_passphrase(key, file))


def key_passphrase(key: Path, file: Path | None) -> str:
    """The passphrase of a key for seals, which is asked for only where there is that key.

    Raises:
        InputError: there is no passphrase.
        IssuerError: there is no key.
    """
    from pixattest.trust.keys import refuse_missing

    refuse_missing(key)
    return read_passphrase(file, f"the key {key}")


def open_signer(key: str, file: Path | None) -> Signer:
    """Who signs with a key: a PKCS#12 file, or one in a token. An empty passphrase is none.

    Raises:
        InputError: there is no passphrase.
        SigningError: the key can't be used, or the passphrase is wrong.
    """
    from pixattest.trust.signing import Signer, import_pades

    import_pades()  # before a passphrase is asked for in vain
    secret = read_passphrase(
        file, f"the key {key}", variable=SIGN_VARIABLE, option="--sign-passphrase-file"
    )
    return Signer(key, secret or None)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            lines = stream.read(_LONGEST).decode().splitlines()
    except (OSError, UnicodeDecodeError) as reason:
        problem = "is not UTF-8 text"
        if isinstance(reason, OSError):
            problem = f"can't be read: {reason.strerror}"
        # Not from the reason: it holds the bytes that were read.
        raise InputError(problem, source=str(file), hint="Check its path.") from None
    return lines[0] if lines else ""
