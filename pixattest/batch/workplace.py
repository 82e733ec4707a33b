"""A private folder on disk for as long as a job runs; nothing of it stays behind for long."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_PREFIX = "pixattest-"
_LOCK = "lock"
"""Name of a file that the job holds a lock on; the system releases it when the job is killed."""


@contextmanager
def workplace() -> Iterator[Path]:
    """Make a new folder, and remove it in the end; folders of killed jobs are removed first.

    The folder holds personal data: nobody else can read it, and it does not stay for ever.
    """
    if sys.platform == "win32":
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
            yield Path(folder)
        return
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        # The lock has its name once it is held: without one a folder counts as in use.
        unnamed = Path(folder, f"{_LOCK}.part")
        with unnamed.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            unnamed.rename(Path(folder, _LOCK))
            yield Path(folder)


if sys.platform != "win32":

    def _is_left(folder: Path) -> bool:
        """Tell whether a folder is this user's, and its job is gone."""
        try:
            if folder.lstat().st_uid != os.geteuid():
                return False
            with Path(folder, _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
