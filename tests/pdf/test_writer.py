"""Objects to a file: object streams, cross-reference stream, file ID, as other tools read them."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pixattest.pdf.objects import Stream
from pixattest.pdf.writer import Writer

NOISE = random.Random(1).randbytes(100_000)


class Pipe(io.RawIOBase):
    """A file that can only be written to, as standard output is."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)

    def seek(self, *_: Any) -> int:
        raise OSError("not seekable")

    def tell(self) -> int:
        raise OSError("not seekable")


def build(extra: int = 0, streams: tuple[bytes, ...] = (), file: Any = None) -> bytes:
    """A document of one empty page, with objects that its catalog refers to."""
    target = file or io.BytesIO()
    writer = Writer(target)
    catalog, pages = writer.reserve(), writer.reserve()
    held = [writer.append(b"<</Number %d/Text(%d)>>" % (i, i)) for i in range(extra)]
    held += [writer.append(Stream({}, data)) for data in streams]
    references = " ".join(f"{n} 0 R" for n in held)
    page = writer.append(f"<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 9 9]>>".encode())
    writer.add(pages, f"<</Type/Pages/Count 1/Kids[{page} 0 R]>>".encode())
    writer.add(catalog, f"<</Type/Catalog/Pages {pages} 0 R/Held[{references}]>>".encode())
    writer.finish(catalog, writer.append(b"<</Title(T)>>"))
    return target.data if isinstance(target, Pipe) else target.getvalue()


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data), suppress_warnings=False, attempt_recovery=False)


@pytest.mark.parametrize(
    ("extra", "streams"),
    [(0, ()), (199, ()), (200, ()), (1000, ()), (450, (b"x", b"", NOISE, b"y" * 10**6))],
)
def test_files_are_clean_for_qpdf(
    run: Callable[..., str], tmp_path: Path, extra: int, streams: tuple[bytes, ...]
) -> None:
    """Qpdf finds nothing to complain of, however many objects and object streams."""
    (tmp_path / "a.pdf").write_bytes(build(extra, streams))
    said = run("qpdf", "--check", tmp_path / "a.pdf")
    assert "No syntax or stream encoding errors found" in said


@pytest.mark.parametrize("extra", [1, 199, 200, 201, 1000])
def test_every_object_is_found_in_its_object_stream(extra: int) -> None:
    """Objects are read back from wherever they were packed, in several object streams."""
    data = build(extra)
    with opened(data) as pdf:
        held = list(pdf.Root.Held)
        assert [int(item.Number) for item in held] == list(range(extra))
        assert [str(item.Text) for item in held] == [str(i) for i in range(extra)]
    assert data.count(b"/ObjStm") == (extra + 4 + 199) // 200


def test_streams_are_read_back_beyond_two_byte_offsets() -> None:
    """Where objects stand beyond 64 KiB, offsets take three bytes and lead to them."""
    streams = (NOISE, b"after", b"")
    data = build(10, streams)
    assert len(data) > 65535
    assert re.search(rb"/W \[1 3 2\]", data)
    with opened(data) as pdf:
        assert tuple(item.read_bytes() for item in list(pdf.Root.Held)[10:]) == streams


def test_encoded_stream_is_written_as_it_is() -> None:
    """A stream that carries its filter is not compressed again."""
    file = io.BytesIO()
    writer = Writer(file)
    writer.add(writer.reserve(), Stream({"Filter": "/ASCIIHexDecode"}, b"6162>", encoded=True))
    assert b"<</Filter /ASCIIHexDecode/Length 5>>stream\n6162>\nendstream" in file.getvalue()


def test_objects_may_be_written_in_any_order() -> None:
    """A reserved number may be written after later ones."""
    file = io.BytesIO()
    writer = Writer(file)
    first = writer.reserve(3)
    writer.add(first + 2, b"<</Type/Pages/Count 0/Kids[]>>")
    writer.add(first + 1, b"(late)")
    writer.add(first, f"<</Type/Catalog/Pages {first + 2} 0 R/Late {first + 1} 0 R>>".encode())
    writer.finish(first, writer.append(b"<<>>"))
    with opened(file.getvalue()) as pdf:
        assert str(pdf.Root.Late) == "late"


def test_reserved_numbers_follow_one_another() -> None:
    """Reserving several gives the first of them, and the next number is past the last."""
    writer = Writer(io.BytesIO())
    assert (writer.reserve(), writer.reserve(5), writer.reserve(0), writer.reserve()) == (
        1,
        2,
        7,
        7,
    )


def test_file_need_not_be_seekable() -> None:
    """A pipe gets the same bytes as a file."""
    assert build(300, (NOISE,), Pipe()) == build(300, (NOISE,))


def test_file_id_is_stable_and_tells_contents_apart() -> None:
    """The same content has the same ID in every run, other content another one."""
    ids = []
    for data in (build(5), build(5), build(6)):
        with opened(data) as pdf:
            one, other = pdf.trailer.ID
            assert bytes(one) == bytes(other)
            assert len(bytes(one)) == 16
            ids.append(bytes(one))
    assert ids[0] == ids[1] != ids[2]
    assert build(5) == build(5)


def test_header_says_version_and_binary() -> None:
    """The file is PDF 1.7 and says in its second line that it is binary (7.5.2)."""
    first, second, *_ = build().split(b"\n")
    assert first == b"%PDF-1.7"
    assert second.startswith(b"%")
    assert min(second[1:5]) > 127
    assert build().endswith(b"%%EOF\n")


def test_info_and_root_are_in_the_trailer() -> None:
    """The cross-reference stream is the trailer, with the catalog, the information and the size."""
    with opened(build(3)) as pdf:
        assert str(pdf.trailer.Info.Title) == "T"
        assert pdf.trailer.Root.Type == "/Catalog"
        assert int(pdf.trailer.Size) == len(pdf.objects) + 1
