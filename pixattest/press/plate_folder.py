"""What a plate is made from → the compiled plate, kept on disk for the next process.

A cached plate is data, decoded into the types of a plate: nothing in it is ever run. It is found
by a digest of everything it depends on, and the folder must belong to the user alone.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer, unsaid
from pixattest.template.plate import AnyVariant, Plate

_PACKAGE = Path(__file__).parents[1]
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
        template: path of the template.
        fonts: files of all faces.
    """

    def __init__(self, folder: Path, template: Path, fonts: Iterable[Path]) -> None:
        self._folder = folder
        self._template = template
        self._sources = [
            *sorted(path for path in template.parent.rglob("*") if path.is_file()),
            *fonts,
            *sorted(_PACKAGE.rglob("*.py")),
        ]

    def digest(
        self,
        variant: AnyVariant,
        issuer: Issuer,
        framework: Framework,
        language: str,
    ) -> bytes:
        """A digest of the content of all that a plate is made from."""
        found = hashlib.sha256()
        # The folder's drawings are all sources; which of them is meant, only its path says.
        drawing = str(self._template)
        used = (drawing, variant, unsaid(issuer), framework, language)
        said = (*used, sys.version, msgspec.__version__)
        images = (issuer.signature.image, issuer.wordmark.logo)
        for path in (*self._sources, *(Path(image) for image in images if image)):
            try:
                content = hashlib.sha256(path.read_bytes()).digest()
            except OSError:
                content = b"not there"
            found.update(str(path).encode() + b"\0" + content)
        found.update(msgspec.msgpack.encode(said))
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
