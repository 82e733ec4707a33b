"""PDF, photo or scan + what is trusted → a verdict on each seal, signature and attachment.

Each page is rendered, and its QR code is read as a phone reads it. The text of a PDF is compared
with the seal, and so is the attached record. Text, notes and fields that lie over the text are
noticed; other drawings that cover it are not. Nothing is asked of the network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from os import SEEK_END, PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.errors import InputError
from pixattest.verification.confinement import ConfinedError, confine
from pixattest.verification.pages import File, read_pages
from pixattest.verification.proofs import check_attachment, check_page, check_signature
from pixattest.verification.verdicts import Answer, Part, Terms, Verdict

if TYPE_CHECKING:
    from pixattest.model.framework import Framework
    from pixattest.trust.keys import PublicKeys
    from pixattest.trust.revocations import RevocationList
    from pixattest.trust.seal import SealedFacts

# A file may take 60 seconds, and one more for each 2000 bytes. A page needs a third of a second,
# and has more than 3,600 bytes.
_SECONDS = 60
_BYTES_A_SECOND = 2000


def verify(
    file: str | PathLike[str] | bytes,
    keys: PublicKeys | str | PathLike[str],
    *,
    on: date | None = None,
    revocations: RevocationList | str | PathLike[str] | None = None,
    ignore_revocations: bool = False,
    roots: Sequence[str | PathLike[str]] = (),
    expect: Collection[str] = (Part.SEAL,),
    framework: Framework | None = None,
    pages: str | None = None,
    seconds: float | None = None,
) -> list[Verdict]:
    """Check a file; return a verdict on each of its seals, signatures and attachments.

    A file is genuine when each verdict `holds`. Whatever is there must hold, and whatever is
    expected must be there, because a signature that was taken away leaves no other trace. A page
    with nothing on it needs no seal.

    Args:
        file: path or bytes of a PDF, or of a picture that Pillow opens.
        keys: the issuer's public keys, or the path of their JWKS, from a place that you trust.
        on: the day for which the question is asked. None: today.
        revocations: the issuer's list, or its path. None: the answer is not plainly genuine.
        ignore_revocations: the answer may be genuine though no list was asked.
        roots: PEM files of the certificates that you trust to certify signers.
        expect: one or more of `seal`, `signature` and `attachment`. A seal is expected on each
            page.
        framework: the framework whose competences a page names, if it is not one that ships.
        pages: pages to look at, from 1, such as `2-31` or `2-`; the others are answered as
            skipped. None: all pages.
        seconds: time that checking may take. None: more than any file of its size needs.

    Raises:
        InputError: the file is neither a PDF nor a picture, has no such page, or takes too much
            memory or time; or nothing is expected.
        SelectionError: the pages are not understood.
        IssuerError, SealError, SigningError: keys, list or roots can't be read, or don't hold.
        PixattestError: a library that reads pages is not installed.
    """
    from pixattest.trust.keys import read_public_keys
    from pixattest.trust.revocations import read_revocations_file

    if not expect or not {*expect} <= {*Part}:
        raise InputError("nothing is expected of the file", hint=f"Name {', '.join(Part)}.")
    if pages is not None:
        from pixattest.model.pages import Pages

        Pages(pages)
    if isinstance(keys, str | PathLike):
        keys = read_public_keys(Path(keys))
    if isinstance(revocations, str | PathLike):
        revocations = read_revocations_file(Path(revocations), keys)
    terms = Terms(
        keys={},  # keys are not pickled; the other process gets their bytes
        on=on or date.today(),
        revocations=revocations,
        ignore_revocations=ignore_revocations,
        roots=[fspath(root) for root in roots],
        expect=frozenset(map(Part, expect)),
        framework=framework,
        pages=pages,
    )
    given = file if isinstance(file, bytes) else Path(file)
    try:
        allowed = _SECONDS + _size(given) / _BYTES_A_SECOND
        public = {kid: key.public_bytes_raw() for kid, key in keys.items()}
        return confine(
            _check_here, given, terms, public, returns=list[Verdict], seconds=seconds or allowed
        )
    except ConfinedError as reason:
        problem = f"can't be checked: {reason}"
        hint = "No attestation does that: it is damaged, or made to do harm. Ask for another."
        if seconds:
            hint = "Give it more seconds, or ask for another: it may be made to do harm."
        raise InputError(problem, source=_name(given), hint=hint) from reason
    except InputError as error:
        error.source = _name(given)
        raise


def _name(file: File) -> str:
    return "the given bytes" if isinstance(file, bytes) else str(file)


def _size(file: File) -> int:
    if isinstance(file, bytes):
        return len(file)
    try:
        with file.open("rb") as opened:
            return opened.seek(0, SEEK_END)
    except OSError as reason:
        raise InputError(f"can't be read: {reason.strerror}", hint="Check its path.") from None


def _check_here(file: File, terms: Terms, public: Mapping[bytes, bytes]) -> list[Verdict]:
    """Check a file in this process, which `verify` has started for it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    keys = {kid: Ed25519PublicKey.from_public_bytes(x) for kid, x in public.items()}
    return [*check(file, replace(terms, keys=keys))]


def check(file: File, terms: Terms) -> Iterator[Verdict]:
    """Check a file in this process, without bounds on memory and time.

    Raises:
        InputError: the file can't be read, or has no page.
    """
    first_text: str | None = ""
    first_seals: list[SealedFacts] | None = None
    page = None
    for page in read_pages(file, terms.pages):
        if page.picture is None:
            yield Verdict(Part.SEAL, Answer.SKIPPED, ("nobody asked for it",), page=page.number)
        elif page.is_blank:
            yield Verdict(Part.SEAL, Answer.BLANK, page=page.number)
        else:
            found = [*check_page(page, terms)]
            yield from found
            if first_seals is None:
                first_text = page.text
                first_seals = [verdict.facts for verdict in found if verdict.facts]
    if page is None:
        raise InputError("has no page", hint="Ask for the file again.")
    if first_seals is None:
        why = "there is nothing on the pages that were looked at"
        yield terms.judge_absent(Part.SEAL, why)
    if first_text is None:
        for part in (Part.SIGNATURE, Part.ATTACHMENT):
            if part in terms.expect:
                yield Verdict(part, Answer.MISSING, ("a picture can't have it",))
        return
    signature = check_signature(file, terms)
    yield signature
    yield check_attachment(file, first_text, first_seals or [], signature, terms)
