"""Bytes → a file that is there whole, or not at all."""

from __future__ import annotations

import errno
import os
import resource
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from pixattest.errors import OutputError
from pixattest.output import new_file, refuse_existing, write_file

DATA = b"%PDF-1.7\n" + bytes(range(256)) * 400


def fail_with(error: BaseException) -> Callable[..., NoReturn]:
    """A function that raises whatever it is called with."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("force", [False, True])
def test_file_is_written_whole(tmp_path: Path, force: bool) -> None:
    """All of the bytes, and nothing beside the file."""
    write_file(tmp_path / "a.pdf", DATA, force=force)
    assert files_in(tmp_path) == {"a.pdf": DATA}


def test_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    """The umask decides who reads it, as for any other program's file."""
    (tmp_path / "usual").write_bytes(b"")
    write_file(tmp_path / "a.pdf", DATA)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_existing_file_is_kept(tmp_path: Path) -> None:
    """Without force, what has the name stays, and the message says how to replace it."""
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")
    with pytest.raises(OutputError) as caught:
        write_file(target, DATA)
    assert str(caught.value) == f"{target}: exists already and was kept. Use --force to replace it."
    assert caught.value.source == str(target)
    assert files_in(tmp_path) == {"a.pdf": b"old"}


def test_force_replaces_an_existing_file(tmp_path: Path) -> None:
    """Longer or shorter, nothing of the old one is left."""
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old" * 100_000)
    write_file(target, DATA, force=True)
    assert files_in(tmp_path) == {"a.pdf": DATA}


@pytest.mark.parametrize("force", [False, True])
def test_folder_is_no_target(tmp_path: Path, force: bool) -> None:
    """Not even by force."""
    checks = [partial(write_file, tmp_path, DATA), partial(refuse_existing, tmp_path)]
    for check in checks:
        with pytest.raises(OutputError) as caught:
            check(force=force)
        assert str(caught.value) == f"{tmp_path}: is a folder. Give a file's name with -o."
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("place", ["none/a.pdf", "file/a.pdf", "x" * 300])
def test_place_that_can_not_be_is_told(tmp_path: Path, place: str, force: bool) -> None:
    """A folder that is not there, a file in its place, a name too long."""
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(OutputError) as caught:
        write_file(tmp_path / place, DATA, force=force)
    assert "can't be written" in caught.value.problem
    assert caught.value.source == str(tmp_path / place)
    assert caught.value.hint
    assert files_in(tmp_path) == {"file": b"in the way"}


@pytest.mark.parametrize("length", [200, 240, 255])
def test_longest_name_of_the_file_system_is_written(tmp_path: Path, length: int) -> None:
    """The temporary file's name is no longer than the target's may be."""
    name = "x" * (length - 4) + ".pdf"
    write_file(tmp_path / name, DATA)
    assert files_in(tmp_path) == {name: DATA}


@pytest.mark.parametrize("denied", [["open"], ["open", "stat"]])
def test_folder_without_permission_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, denied: list[str]
) -> None:
    """Whether it may not be written or not even looked into."""
    with monkeypatch.context() as patch:
        for method in denied:
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            patch.setattr(Path, method, fail_with(error))
        with pytest.raises(OutputError) as caught:
            write_file(tmp_path / "a.pdf", DATA)
    assert "can't be written: Permission denied" in caught.value.problem
    assert caught.value.hint
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize("step", ["fsync", "rename"])
@pytest.mark.parametrize("force", [False, True])
def test_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, force: bool
) -> None:
    """A write that fails, early or late, leaves no half file, no temporary one, and the old one."""
    target = tmp_path / "a.pdf"
    before = {}
    if force:
        target.write_bytes(b"old")
        before = {"a.pdf": b"old"}
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail_with(full))
    else:
        monkeypatch.setattr(os, "link", fail_with(full))
        monkeypatch.setattr(Path, "replace", fail_with(full))
    with pytest.raises(OutputError) as caught:
        write_file(target, DATA, force=force)
    assert "can't be written: No space left on device" in caught.value.problem
    assert caught.value.hint
    assert files_in(tmp_path) == before


def test_full_disk_is_told_though_closing_fails_too(tmp_path: Path) -> None:
    """What stands in the buffer when there is no more room has none at the end, either."""
    target = tmp_path / "a.pdf"

    def write() -> None:
        with new_file(target) as file:
            for _ in range(100):
                file.write(DATA[:1000])

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OutputError, match="can't be written: File too large") as caught:
            write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.source == str(target)
    assert files_in(tmp_path) == {}


def test_interruption_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle of a write passes on, and leaves the folder as it was."""
    monkeypatch.setattr(os, "fsync", fail_with(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "a.pdf", DATA)
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a record in the middle"),
        OutputError("another file", source="b.pdf"),
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "a-font.ttf"),
        FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), "elsewhere"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("force", [False, True])
def test_failure_while_it_is_written_passes_on(
    tmp_path: Path, force: bool, error: Exception
) -> None:
    """What goes wrong between two pages is not said of the file, which is not made."""

    def write_and_fail() -> None:
        with new_file(tmp_path / "a.pdf", force=force) as file:
            file.write(DATA)
            raise error

    with pytest.raises(type(error)) as caught:
        write_and_fail()
    assert caught.value is error
    assert files_in(tmp_path) == {}


def test_file_is_written_piece_by_piece(tmp_path: Path) -> None:
    """Its name is not there before the last piece is."""
    with new_file(tmp_path / "a.pdf") as file:
        for start in range(0, len(DATA), 1000):
            assert not (tmp_path / "a.pdf").exists()
            file.write(DATA[start : start + 1000])
    assert files_in(tmp_path) == {"a.pdf": DATA}


def test_name_is_given_only_once_the_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks while it is written sees the old file, in the same folder as the new one."""
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")
    seen: list[dict[str, bytes]] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(files_in(tmp_path)))
    write_file(target, DATA, force=True)
    (during,) = seen
    assert during.pop("a.pdf") == b"old"
    assert list(during.values()) == [DATA]
    assert next(iter(during)).startswith(".")


def test_file_that_appears_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program was quicker: its file stays, and that is told."""
    target = tmp_path / "a.pdf"
    monkeypatch.setattr(os, "fsync", lambda _: target.write_bytes(b"theirs"))
    with pytest.raises(OutputError, match="exists already and was kept"):
        write_file(target, DATA)
    assert files_in(tmp_path) == {"a.pdf": b"theirs"}


@pytest.mark.parametrize("taken", [False, True])
def test_file_system_without_links_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """A memory stick knows no hard links: the file is renamed, unless the name is taken."""
    target = tmp_path / "a.pdf"
    refusal = OSError(errno.EPERM, os.strerror(errno.EPERM))
    monkeypatch.setattr(os, "link", fail_with(refusal))
    if not taken:
        write_file(target, DATA)
        assert files_in(tmp_path) == {"a.pdf": DATA}
        return
    monkeypatch.setattr(os, "fsync", lambda _: target.write_bytes(b"theirs"))
    with pytest.raises(OutputError, match="exists already and was kept"):
        write_file(target, DATA)
    assert files_in(tmp_path) == {"a.pdf": b"theirs"}


def test_dangling_link_is_kept(tmp_path: Path) -> None:
    """A link to a file that is gone has the name all the same."""
    target = tmp_path / "a.pdf"
    target.symlink_to(tmp_path / "gone")
    with pytest.raises(OutputError, match="exists already and was kept"):
        write_file(target, DATA)
    assert target.is_symlink()
    assert files_in(tmp_path) == {}


def test_taken_name_is_found_before_the_work_is_done(tmp_path: Path) -> None:
    """So that nobody waits for a batch whose target can't be written."""
    target = tmp_path / "a.pdf"
    refuse_existing(target, force=False)
    target.write_bytes(b"old")
    refuse_existing(target, force=True)
    with pytest.raises(OutputError, match="exists already and was kept"):
        refuse_existing(target, force=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """Force replaces files: a pipe or a device such as /dev/null stays what it is."""
    target = tmp_path / "pipe"
    os.mkfifo(target)
    with pytest.raises(OutputError) as caught:
        write_file(target, DATA, force=True)
    assert caught.value.hint
    assert stat.S_ISFIFO(target.stat().st_mode)
