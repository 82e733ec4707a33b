"""What a plate is made from → the compiled plate, kept on disk for the next process.

A plate is found by a digest of all that it is made from: the content of the template's files, fonts
and images, the issuer, the framework, the language, and the version of what compiles it. A kept
plate is data, decoded into the types of a plate: nothing in it is ever run. The folder must belong
to the user alone.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer, unsaid
from pixattest.template.folder import files
from pixattest.template.plate import AnyVariant, Plate
from pixattest.version import __version__

_PACKAGE = Path(__file__).parents[1]

# The rooms whose code decides what a plate is.
_COMPILING = ("model", "pdf", "template")

# Bytes of a SHA-256 digest, which a kept plate begins with.
_DIGEST_SIZE = 32


def user_folder() -> Path | None:
    """Where the plates of this user are kept; None where PIXATTEST_CACHE is `off`."""
    named = os.environ.get("PIXATTEST_CACHE")
    if named:
        return None if named == "off" else Path(named)
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("HOME") and "~/.cache")
    return Path(home).expanduser() / "pixattest" if home else None


class PlateFolder:
    """Plates in a folder of the user's own.

    Args:
        folder: made when the first plate is kept.
        template: path of the template's drawing.
        fonts: files of all faces, in the order of the faces.
    """

    def __init__(self, folder: Path, template: Path, fonts: Iterable[Path]) -> None:
        self._folder = folder
        self._template = template
        self._fonts = tuple(fonts)

    def digest(
        self,
        variant: AnyVariant,
        issuer: Issuer,
        framework: Framework,
        language: str,
    ) -> bytes:
        """A digest of all that a plate is made from, by which it is found.

        Files count by their content, those of the template by their names in its folder as well.
        """
        home = self._template.parent
        named = [(path.relative_to(home).as_posix(), path) for path in files(home)]
        images = (issuer.signature.image, issuer.wordmark.logo)
        named += [
            ("", path) for path in (*self._fonts, *(Path(image) for image in images if image))
        ]
        found = hashlib.sha256()
        for name, path in named:
            try:
                content = hashlib.sha256(path.read_bytes()).digest()
            except OSError:
                content = b"not there"
            found.update(name.encode() + b"\0" + content)
        made_from = self._template.name, variant, unsaid(issuer), framework, language
        found.update(msgspec.msgpack.encode((made_from, *_compiler())))
        return found.digest()

    def load(self, digest: bytes) -> Plate | None:
        """The plate that was kept under a digest; None where there is none that can be trusted."""
        if not self._is_own():
            return None
        try:
            kept = (self._folder / digest.hex()).read_bytes()
        except OSError:
            return None
        seal, plate = kept[:_DIGEST_SIZE], kept[_DIGEST_SIZE:]
        if hashlib.sha256(digest + plate).digest() != seal:
            return None
        try:
            return msgspec.msgpack.decode(plate, type=Plate)
        except msgspec.MsgspecError:
            return None

    def keep(self, digest: bytes, plate: Plate) -> None:
        """Keep a plate under a digest; where that can't be done, the next process compiles anew."""
        content = msgspec.msgpack.encode(plate)
        part = self._folder / f".{os.urandom(6).hex()}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_own():
                return
            try:
                part.write_bytes(hashlib.sha256(digest + content).digest() + content)
                part.replace(self._folder / digest.hex())
            finally:
                part.unlink(missing_ok=True)
        except OSError:
            return

    def _is_own(self) -> bool:
        """Whether nobody but this user can write into the folder."""
        try:
            found = self._folder.lstat()
        except OSError:
            return False
        if not stat.S_ISDIR(found.st_mode):
            return False
        if sys.platform == "win32":
            return True  # below the user's profile, which others can't write to
        return found.st_uid == os.getuid() and not found.st_mode & 0o022


def _compiler() -> Iterator[object]:
    """What tells one state of the program that compiles plates from another.

    An installed program is told by its version, and by when a package was last installed beside
    it. In a checkout, which changes without that, each source file is told by its time and size.
    """
    yield __version__
    yield sys.version
    is_checkout = (_PACKAGE.parent / "pyproject.toml").exists()
    folders = {Path(msgspec.__file__).parents[1], *(() if is_checkout else (_PACKAGE.parent,))}
    for folder in sorted(folders):
        yield folder.stat().st_mtime_ns
    if is_checkout:
        for room in _COMPILING:
            for source in sorted((_PACKAGE / room).glob("*.py")):
                status = source.stat()
                yield source.name, status.st_mtime_ns, status.st_size
