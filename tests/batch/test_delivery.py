"""Staged files arrive whole in a ZIP file or a stream, or not at all."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from pixattest import OutputError
from pixattest.batch.delivery import deliver
from pixattest.batch.outputs import Form, Plan, Task
from pixattest.batch.printing import Printed


def printed(name: str, files: int = 1) -> Printed:
    """A task of one record that is done."""
    return Printed(Task(name, (0,), 1), files, files, 0, {})


def staged(folder: Path, **contents: bytes) -> Path:
    """A folder of files; a name's double underscore stands for a folder."""
    root = folder / "files"
    for name, content in contents.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def zipped(folder: Path, root: Path, *, force: bool = False, resume: bool = False) -> Path:
    """The ZIP file of a folder of staged files."""
    target = folder / "out.zip"
    deliver(Plan(Form.ZIP, target, ()), [], root, io.BytesIO(), force, resume)
    return target


def test_a_zip_has_every_file_in_the_order_of_the_names(tmp_path: Path) -> None:
    target = zipped(tmp_path, staged(tmp_path, b=b"2", a__c=b"1"))
    with zipfile.ZipFile(target) as packed:
        assert packed.namelist() == ["a/c", "b"]
        assert packed.read("a/c") == b"1"
        assert packed.getinfo("b").external_attr == 0o644 << 16
        assert packed.getinfo("b").date_time == (1980, 1, 1, 0, 0, 0)


def test_a_zip_that_exists_is_kept_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    root = staged(tmp_path, a=b"1")
    target = tmp_path / "out.zip"
    target.write_bytes(b"another")
    for resume in False, True:
        with pytest.raises(OutputError, match="exists"):
            zipped(tmp_path, root, resume=resume)
        assert target.read_bytes() == b"another"
    assert zipfile.is_zipfile(zipped(tmp_path, root, force=True))


def test_a_zip_that_is_the_same_is_no_hindrance_to_going_on(tmp_path: Path) -> None:
    root = staged(tmp_path, a=b"1")
    before = zipped(tmp_path, root).read_bytes()
    assert zipped(tmp_path, root, resume=True).read_bytes() == before
    with pytest.raises(OutputError, match="exists"):
        zipped(tmp_path, root)


def test_a_stream_takes_the_files_that_are_there(tmp_path: Path) -> None:
    """A task of which every record was refused has no file."""
    out = io.BytesIO()
    plan = Plan(Form.STANDARD, Path("-"), ())
    done = [printed("a"), printed("none", files=0), printed("b")]
    deliver(plan, done, staged(tmp_path, a=b"1", b=b"2"), out, False, False)
    assert out.getvalue() == b"12"


def test_a_stream_that_takes_no_more_is_told(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    plan = Plan(Form.STANDARD, Path("-"), ())
    with pytest.raises(OutputError, match=r"standard output.*No space left"):
        deliver(plan, [printed("a")], staged(tmp_path, a=b"1"), Full(), False, False)


def test_a_zip_for_which_there_is_no_room_is_told(tmp_path: Path) -> None:
    root = staged(tmp_path, a=b"1")
    (tmp_path / "files.zip").mkdir()
    with pytest.raises(OutputError, match="can't be written") as refused:
        zipped(tmp_path, root)
    assert "TMPDIR" in (refused.value.hint or "")
    assert not (tmp_path / "out.zip").exists()
