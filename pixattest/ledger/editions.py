"""Press ↔ an edition: everything that pages are printed from, except records, in one archive.

The archive is a ZIP file without compression, so that the same content has the same bytes with any
zlib: `edition.json` with framework, issuer, language and the like; the template's files below
`template/`; those of the issuer below `issuer/`; the fonts that every template has below `fonts/`.
It is data: whoever made it, opening it writes nothing but its files below one folder.
"""

from __future__ import annotations

import io
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import msgspec

from pixattest.errors import LedgerError, PixattestError, TemplateError
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer, Signing, unsaid
from pixattest.press.press import Press
from pixattest.template.folder import files
from pixattest.trust.keys import SealKey, to_base64url
from pixattest.version import __version__

MOST = 64 << 20
"""Bytes that an edition may have: a folder with more is hardly that of a template alone."""

_HEAD = "edition.json"
_PARTS = ("fonts", "issuer", "template")
_DATE = (1980, 1, 1, 0, 0, 0)
"""The first day that a ZIP file can name."""


class Edition(msgspec.Struct, frozen=True):
    """The head of an edition, `edition.json`.

    Attributes:
        pixattest: the version of pixattest that printed from it first.
        template: the path of the drawing in the archive.
        language: the language of the page.
        specimen: SPÉCIMEN is printed over the page.
        single_page_file: each page was made as a file of its own, else in a file of several.
        framework: the framework whose competences are attested.
        issuer: who attests; its files are paths in the archive, except those of its keys.
        kid: the id of the key that sealed the pages, as in the list of public keys; None: they
            have no seal.
    """

    pixattest: str
    template: str
    language: str
    specimen: bool
    single_page_file: bool
    framework: Framework
    issuer: Issuer
    kid: str | None = None


def short(name: str) -> str:
    """Return the beginning of an edition's name, which is enough to tell it from all others."""
    return name[:12]


def pack(press: Press, *, single_page_file: bool = False) -> bytes:
    """Pack the edition of a press: the same bytes for the same content, wherever it lies.

    Args:
        press: the press, as it prints now.
        single_page_file: pages are made by `Press.render`, else by `Press.write`.

    Raises:
        TemplateError, IssuerError: a file can't be read.
        TemplateError: it would be too large.
    """
    home = press.template.parent
    paths = {f"template/{path.relative_to(home).as_posix()}": path for path in files(home)}
    fonts = sorted(press.fonts.rglob("*.ttf"))
    paths |= {f"fonts/{path.relative_to(press.fonts).as_posix()}": path for path in fonts}

    def keep(name: str | None, role: str) -> str | None:
        """Keep a file of the issuer, and return its name in the archive."""
        if name is None:
            return None
        kept = f"issuer/{role}{Path(name).suffix.lower()}"
        paths[kept] = Path(name)
        return kept

    issuer = unsaid(press.issuer)
    replace = msgspec.structs.replace
    edition = Edition(
        pixattest=__version__,
        template=f"template/{press.template.name}",
        language=press.language,
        specimen=press.specimen,
        single_page_file=single_page_file,
        framework=press.framework,
        issuer=replace(
            issuer,
            wordmark=replace(issuer.wordmark, logo=keep(issuer.wordmark.logo, "logo")),
            signature=replace(issuer.signature, image=keep(issuer.signature.image, "signature")),
            fonts=tuple(
                str(keep(font, f"fonts/{number:03}")) for number, font in enumerate(issuer.fonts)
            ),
            signing=Signing(),  # a page does not depend on it
            source="issuer",  # the same edition, whatever the issuer's file is called
            seal=issuer.seal and replace(issuer.seal, key="", keys=""),
        ),
        kid=to_base64url(press.kid) if press.kid else None,
    )
    if sum(path.stat().st_size for path in paths.values() if path.exists()) > MOST:
        raise TemplateError(
            f"the template's folder {home} has more than {MOST >> 20} MB in it",
            hint="Give the template a folder of its own.",
        )
    contents = {_HEAD: msgspec.json.encode(edition, order="deterministic")}
    for name, path in paths.items():
        try:
            contents[name] = path.read_bytes()
        except OSError as reason:
            raise TemplateError(
                f"can't be read: {reason.strerror}", source=str(path), hint="Check its path."
            ) from None
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # on Windows, too
            archive.writestr(entry, content)
    return packed.getvalue()


@contextmanager
def unpacked(
    content: bytes, name: str, key: SealKey | None = None
) -> Iterator[tuple[Press, Edition]]:
    """Open the press of an edition; its files lie in a temporary folder meanwhile.

    Args:
        content: the bytes that `pack` made, or any others, which are refused.
        name: the name of the edition, for messages.
        key: the key that sealed its pages; without a seal, it is not used.

    Raises:
        LedgerError: it is not an edition, or this pixattest can't print from it, or not without
            the key that sealed its pages.
    """
    with tempfile.TemporaryDirectory(prefix="pixattest-") as temporary:
        folder = Path(temporary)
        try:
            _extract(content, folder)
            edition = msgspec.json.decode((folder / _HEAD).read_bytes(), type=Edition)
        except _DAMAGE as reason:
            raise LedgerError(
                f"is not an edition that pixattest {__version__} can open: {reason}",
                source=f"edition {short(name)}",
                hint="Update pixattest, or restore the ledger from a copy.",
            ) from None
        if edition.kid and (key is None or to_base64url(key.kid) != edition.kid):
            raise LedgerError(
                f"its pages are sealed by the key {edition.kid}",
                source=f"edition {short(name)}",
                hint="Give that key: --key, with the file that its issuer names in [seal].",
            )
        try:
            press = _press(edition, folder, key if edition.kid else None)
        except PixattestError as reason:
            raise LedgerError(
                f"pixattest {__version__} can't print from it: {reason.problem}",
                source=f"edition {short(name)}",
                hint=f"Install pixattest {edition.pixattest}, which did.",
            ) from reason
        yield press, edition


_DAMAGE = (
    msgspec.MsgspecError,
    zipfile.BadZipFile,
    OSError,
    ValueError,
    # Kinds of ZIP file, or encrypted ones, that the library does not read.
    NotImplementedError,
    RuntimeError,
)


def _press(edition: Edition, folder: Path, key: SealKey | None) -> Press:
    def there(name: str) -> str:
        """Return the path of a file that the edition names."""
        if name not in {path.relative_to(folder).as_posix() for path in folder.rglob("*")}:
            raise TemplateError(f"it has no file {name!r}")
        return str(folder / name)

    issuer, replace = edition.issuer, msgspec.structs.replace
    logo, image = issuer.wordmark.logo, issuer.signature.image
    issuer = replace(
        issuer,
        wordmark=replace(issuer.wordmark, logo=logo and there(logo)),
        signature=replace(issuer.signature, image=image and there(image)),
        fonts=tuple(map(there, issuer.fonts)),
        seal=issuer.seal if key else None,  # printed unsealed, it stays so
    )
    return Press(
        there(edition.template),
        issuer,
        language=edition.language,
        framework=edition.framework,
        specimen=edition.specimen,
        fonts=folder / "fonts",
        key=key,
    )


def _extract(content: bytes, folder: Path) -> None:
    """Write the files of an archive below a folder.

    Raises:
        ValueError: a name leads elsewhere, or it would become larger than it is.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        # Nothing is compressed, and no two entries share their bytes.
        if sum(entry.file_size for entry in entries) > len(content):
            raise ValueError("it would become larger than it is")
        for entry in entries:
            _refuse_elsewhere(entry)
            path = folder / entry.filename
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(archive.read(entry))


def _refuse_elsewhere(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    path = PurePosixPath(name)
    plain = name == str(path) and name.isprintable() and not set(name) & set('\\:*?"<>|')
    if not plain or ".." in path.parts or not (name == _HEAD or path.parts[0] in _PARTS):
        raise ValueError(f"it has a file named {name!r}")
    if entry.compress_type != zipfile.ZIP_STORED or stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"{name!r} is not a plain file")
