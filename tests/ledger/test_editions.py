"""What pages are printed from, as an archive: the same bytes, the same pages, nothing but data."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support import EXAMPLES, ROOT

from pixattest import Press, TemplateError
from pixattest.errors import LedgerError
from pixattest.ledger.editions import pack, unpacked


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A template and an issuer of one's own, in a folder that can be moved and changed."""
    folder = tmp_path / "own"
    shutil.copytree(ROOT / "templates/attestation", folder / "page")
    shutil.copy(EXAMPLES / "signature.png", folder)
    font = shutil.copy(ROOT / "fonts/source-serif-4/SourceSerif4_600SemiBold.ttf", folder)
    issuer = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    issuer = f'fonts = ["{Path(font).name}"]\n{issuer}'
    (folder / "issuer.toml").write_text(issuer, encoding="utf-8")
    return folder


def press_in(home: Path, **more: Any) -> Press:
    return Press(home / "page", home / "issuer.toml", **more)


def append(path: Path, text: str) -> None:
    """Write at the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def archive(**files: bytes) -> bytes:
    """A ZIP file; a name has / for __ and . for _."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_", "."), content)
    return packed.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False])
def test_pages_are_the_same_when_all_else_is_gone(
    home: Path, example: Mapping[str, Any], alone: bool
) -> None:
    """Byte for byte, with template, issuer, images and fonts from the archive alone."""
    press = press_in(home, language="en", specimen=True)
    record = press.read(example)

    def whole(press: Press) -> bytes:
        if alone:
            return press.render(record)
        file = io.BytesIO()
        press.write([record, record], file)
        return file.getvalue()

    before, kept = whole(press), pack(press, single_page_file=alone)
    shutil.rmtree(home)
    with unpacked(kept, "x") as (again, edition):
        assert whole(again) == before
        assert edition.single_page_file == alone
        assert pack(again, single_page_file=alone) == kept


def test_what_an_issuer_usually_prints_with_is_no_part_of_an_edition(home: Path) -> None:
    """What it was printed with is: the same edition, whether the file says so or the caller."""
    text = (home / "issuer.toml").read_text(encoding="utf-8")
    (home / "issuer.toml").write_text(f'language = "en"\nframework = "digcomp"\n{text}')
    said = pack(press_in(home))
    with unpacked(said, "x") as (press, _):
        assert (press.language, press.framework.id) == ("en", "digcomp")
    (home / "issuer.toml").write_text(text)
    assert pack(press_in(home, language="en", framework="digcomp")) == said
    assert pack(press_in(home)) != said


@pytest.mark.slow
def test_what_was_printed_unsealed_stays_so(home: Path, example: Mapping[str, Any]) -> None:
    """An edition without a key's id, of an issuer that says how attestations are sealed."""
    before = press_in(home).render(example)
    seal = '\n[seal]\nsite = "https://attestations.example/verify/"\nkey = "key.pem"\n'
    append(home / "issuer.toml", seal)
    with unpacked(pack(press_in(home), single_page_file=True), "x") as (again, edition):
        assert edition.issuer.seal
        assert again.render(example) == before


def test_the_same_content_has_the_same_bytes(home: Path, tmp_path: Path) -> None:
    """Wherever it lies, whatever the issuer's file is called, and whenever it was written."""
    kept = pack(press_in(home))
    moved = tmp_path / "elsewhere"
    shutil.copytree(home, moved)
    (moved / "issuer.toml").rename(moved / "school.toml")
    for path in moved.rglob("*"):
        os.utime(path, (1, 1))
    (moved / "page/class.csv").write_text("names of pupils")
    assert pack(Press(moved / "page", moved / "school.toml")) == kept


@pytest.mark.parametrize(
    "change",
    [
        lambda home: append(home / "page/labels/fr.toml", "\n# a word\n"),
        lambda home: append(home / "page/template.svg", "<!-- a line -->"),
        lambda home: append(home / "page/new.svg", "<svg/>"),
        lambda home: shutil.copy(ROOT / "docs/attestation.png", home / "signature.png"),
        lambda home: append(home / "issuer.toml", "\n[[validity]]\nfrom = 2031-01-01\nyears = 9\n"),
    ],
)
def test_other_content_is_another_edition(home: Path, change: Callable[[Path], object]) -> None:
    """A template's file, an image, or what the issuer's file says."""
    before = pack(press_in(home))
    change(home)
    assert pack(press_in(home)) != before


def test_how_it_is_printed_belongs_to_it(home: Path) -> None:
    """Language, specimen, and whether a page stands alone."""
    presses = [press_in(home, **more) for more in ({}, {"language": "en"}, {"specimen": True})]
    assert (
        len({pack(press, single_page_file=alone) for press in presses for alone in (True, False)})
        == 6
    )


def test_a_folder_that_is_not_a_templates_own_is_told(home: Path) -> None:
    """More than 64 MB of it."""
    with (home / "page/photo.png").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(TemplateError, match="more than 64 MB"):
        pack(press_in(home))


def test_an_image_that_is_gone_is_told(home: Path) -> None:
    """By its path."""
    press = press_in(home)
    (home / "signature.png").unlink()
    with pytest.raises(TemplateError, match=r"signature\.png: can't be read"):
        pack(press)


@pytest.mark.parametrize(
    "name",
    [
        "../out.svg",
        "template/../../out.svg",
        "/tmp/out.svg",
        "template//out.svg",
        "template\\..\\out.svg",
        "c:out.svg",
        "elsewhere/out.svg",
        "template/",
        "out.svg",
    ],
)
def test_a_file_never_leaves_its_folder(tmp_path: Path, name: str) -> None:
    """An archive is data: nothing is written elsewhere, and it is told."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(zipfile.ZipInfo(name), b"x")
    with (
        pytest.raises(LedgerError, match="edition x: is not an edition"),
        unpacked(packed.getvalue(), "x"),
    ):
        pass
    assert not (tmp_path / "out.svg").exists()


def bomb() -> bytes:
    """A small file that becomes a large one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("template/template.svg", bytes(1 << 20))
    return packed.getvalue()


def overlapping() -> bytes:
    """Many names for the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("template/a.svg", bytes(1 << 16))
        for number in range(50):
            entry = zipfile.ZipInfo(f"template/{number}.svg")
            first = made.infolist()[0]
            entry.CRC, entry.header_offset = first.CRC, first.header_offset
            entry.file_size = entry.compress_size = first.file_size
            made.filelist.append(entry)
    return packed.getvalue()


def linked() -> bytes:
    """A link instead of a file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        entry = zipfile.ZipInfo("template/template.svg")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        made.writestr(entry, "/etc/hostname")
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"plates",
        b"",
        bomb(),
        overlapping(),
        linked(),
        archive(edition_json=b"{}"),
        archive(edition_json=b"[" * 100_000),
        archive(template__template_svg=b"<svg/>"),
        archive(template__a=b"", template__a__b=b""),
    ],
    ids=["no ZIP", "nothing", "bomb", "overlap", "link", "no key", "deep", "no head", "both"],
)
def test_what_is_no_edition_is_told(content: bytes) -> None:
    """Whoever has written it: no other error, and no file that is larger than it is."""
    with pytest.raises(LedgerError, match="edition x: is not an edition"), unpacked(content, "x"):
        pass


def test_a_damaged_edition_is_told(home: Path) -> None:
    """Any byte of it: it is told, or makes no difference."""
    kept = bytearray(pack(press_in(home)))
    for place in range(0, len(kept), len(kept) // 40):
        kept[place] ^= 0xFF
        try:
            with unpacked(bytes(kept), "x"):
                pass
        except LedgerError:
            pass
        kept[place] ^= 0xFF


def test_a_file_that_lacks_in_it_is_told(home: Path) -> None:
    """With the version that could print from it."""
    kept = io.BytesIO(pack(press_in(home)))
    packed = io.BytesIO()
    with zipfile.ZipFile(kept) as whole, zipfile.ZipFile(packed, "w") as made:
        for entry in whole.infolist():
            if not entry.filename.startswith("issuer/signature"):
                made.writestr(entry, whole.read(entry))
    with (
        pytest.raises(LedgerError, match=r"it has no file 'issuer/signature\.png'") as told,
        unpacked(packed.getvalue(), "x"),
    ):
        pass
    assert "Install pixattest" in str(told.value.hint)
