"""What was made is known again, and nothing else is taken for it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from pixattest.batch.manifest import NAME, Digest, Made, Manifest, digest_of
from pixattest.errors import OutputError


def test_what_was_said_last_counts(tmp_path: Path) -> None:
    """A file that was made anew is known as it is now."""
    manifest = Manifest(tmp_path)
    assert manifest.known() == {}
    manifest.add(Made("T2.pdf", "a", "b"))
    manifest.add(Made("T3.pdf", "a", "b"))
    manifest.add(Made("T2.pdf", "c", "d"))
    assert manifest.known() == {
        "T2.pdf": Made("T2.pdf", "c", "d"),
        "T3.pdf": Made("T3.pdf", "a", "b"),
    }


def test_a_line_that_was_cut_costs_no_other(tmp_path: Path) -> None:
    """A run was killed while it wrote; what the next one says is understood."""
    manifest = Manifest(tmp_path)
    manifest.add(Made("T2.pdf", "a", "b"))
    whole = (tmp_path / NAME).read_bytes()
    for cut in range(len(whole)):
        (tmp_path / NAME).write_bytes(whole + whole[:cut] + b"\xff")
        manifest.add(Made("T3.pdf", "a", "b"))
        assert manifest.known().keys() == {"T2.pdf", "T3.pdf"}


def test_a_digest_is_that_of_the_file(tmp_path: Path) -> None:
    """However it is written, and it passes the bytes on."""
    sink = BytesIO()
    digest = Digest(sink)
    digest.write(b"one")
    digest.write(b"two")
    (tmp_path / "file").write_bytes(b"onetwo")
    assert sink.getvalue() == b"onetwo"
    assert digest.hexdigest() == digest_of(tmp_path / "file")


def test_what_cannot_be_said_of_a_file_keeps_it_from_its_name(tmp_path: Path) -> None:
    """A full disk or the like: it is told with the file's own name."""
    (tmp_path / NAME).mkdir()
    with pytest.raises(OutputError, match=r"T1\.pdf: can't be written: Is a directory"):
        Manifest(tmp_path).add(Made("T1.pdf", "a", "b"))
