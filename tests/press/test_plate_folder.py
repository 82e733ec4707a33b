"""Plates kept on disk: found by all that they are made from, and never what somebody else wrote."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pixattest import Press, read_framework
from pixattest.model import assets
from pixattest.model.framework import crcn
from pixattest.model.issuer import default_issuer
from pixattest.press import plate_folder
from pixattest.press.plate_folder import PlateFolder, user_folder
from pixattest.template import compile as compiler
from pixattest.template.compile import compile_template
from pixattest.template.faces import library_for
from pixattest.template.plate import Plate, Variant

# By what a plate is found.


VARIANT = Variant(6, True, True, 3, False, False, False)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template's drawing, beside its labels."""
    folder = tmp_path / "template"
    (folder / "labels").mkdir(parents=True)
    (folder / "labels/fr.toml").write_text("")
    (folder / "template.svg").write_text("<svg/>")
    return folder / "template.svg"


def digest(template: Path, fonts: Sequence[Path] = (), **other: Any) -> bytes:
    """What a plate of a template is found by."""
    made_from = {
        "variant": VARIANT,
        "issuer": default_issuer(),
        "framework": crcn(),
        "language": "fr",
    }
    return PlateFolder(Path("unused"), template, fonts).digest(**(made_from | other))


def rewrite(path: Path, content: str) -> None:
    """Change a file's content, but not its times."""
    times = path.stat()
    path.write_text(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_plate_is_found_by_the_content_of_its_files(template: Path, tmp_path: Path) -> None:
    """Wherever they lie and whenever they were written; files that are no template's are not."""
    font = tmp_path / "font.ttf"
    font.write_text("font")
    before = digest(template, [font])
    moved = Path(shutil.copytree(template.parent, tmp_path / "moved")) / template.name
    (moved.parent / "notes.txt").write_text("for a designer")
    assert digest(moved, [font.rename(tmp_path / "moved.ttf")]) == before
    seen = {before, digest(template)}
    for path in (tmp_path / "moved.ttf", moved, moved.parent / "labels/fr.toml"):
        rewrite(path, "another")
        seen.add(digest(moved, [tmp_path / "moved.ttf"]))
    (moved.parent / "labels/fr.toml").rename(moved.parent / "labels/en.toml")
    seen.add(digest(moved, [tmp_path / "moved.ttf"]))
    assert len(seen) == 6


@pytest.mark.parametrize("image", ["signature", "logo"])
def test_a_plate_is_found_by_the_content_of_the_issuers_images(
    template: Path, tmp_path: Path, image: str
) -> None:
    """One that is not there counts too: it may come."""
    drawing = tmp_path / "image.svg"
    replace = msgspec.structs.replace
    issuer = default_issuer()
    if image == "logo":
        wordmark = replace(issuer.wordmark, logo=str(drawing), text=None)
        issuer = replace(issuer, wordmark=wordmark)
    else:
        signature = replace(issuer.signature, image=str(drawing))
        issuer = replace(issuer, signature=signature)
    seen = [digest(template, issuer=issuer)]
    for content in ("one", "another"):
        drawing.write_text(content)
        seen.append(digest(template, issuer=issuer))
    assert len({*seen, digest(template)}) == 4


def test_a_plate_is_found_by_all_else_that_it_is_made_from(template: Path) -> None:
    """Each alone makes another plate, and so does another drawing of the same folder."""
    other = template.with_name("other.svg")
    other.write_text("<svg/>")
    issuer = msgspec.structs.replace(default_issuer(), certification="Cuisine")
    seen = [
        digest(template),
        digest(other),
        digest(template, variant=msgspec.structs.replace(VARIANT, signed=True)),
        digest(template, issuer=issuer),
        digest(template, framework=read_framework("digcomp")),
        digest(template, language="en"),
    ]
    assert len(set(seen)) == len(seen)
    # What an issuer usually prints with is said by the rest.
    usual = msgspec.structs.replace(default_issuer(), language="en", template="landscape")
    assert digest(template, issuer=usual) == seen[0]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of another copy of the program, as kept plates see it; it is installed."""
    package = tmp_path / "place/pixattest"
    for room in ("model", "pdf", "template", "batch"):
        (package / room).mkdir(parents=True)
        (package / room / "some.py").write_text("")
    monkeypatch.setattr(plate_folder, "_PACKAGE", package)
    return package


def touch(path: Path) -> None:
    """Change the time of a file or folder, and nothing else."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


@pytest.mark.parametrize("room", ["model", "pdf", "template"])
def test_in_a_checkout_a_plate_is_found_by_the_state_of_the_source(
    template: Path, package: Path, room: str
) -> None:
    """Who works on the program never gets a plate of before; rooms that make none do not count."""
    (package.parent / "pyproject.toml").write_text("")
    source = package / room / "some.py"
    before = digest(template)
    touch(package / "batch/some.py")
    touch(package.parent)
    assert digest(template) == before
    seen = {before}
    rewrite(source, "#")
    seen.add(digest(template))
    touch(source)
    seen.add(digest(template))
    source.rename(source.with_name("other.py"))
    seen.add(digest(template))
    assert len(seen) == 4


def test_an_installed_program_finds_a_plate_by_version_until_something_is_installed(
    template: Path, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are not looked at, but the folders of it and of the packages that it leans on."""
    library = tmp_path / "packages/msgspec"
    library.mkdir(parents=True)
    monkeypatch.setattr(msgspec, "__file__", str(library / "__init__.py"))
    before = digest(template)
    rewrite(package / "template/some.py", "#")
    assert digest(template) == before
    seen = {before}
    for folder in (package.parent, library.parent):
        touch(folder)
        seen.add(digest(template))
    for module, name in ((plate_folder, "__version__"), (sys, "version")):
        monkeypatch.setattr(module, name, "99")
        seen.add(digest(template))
    assert len(seen) == 5


# What is kept.


@pytest.fixture(scope="module")
def plate() -> Plate:
    """The plate of the shipped template."""
    issuer = default_issuer()
    drawing = assets.template_path("attestation")
    return compile_template(
        drawing,
        VARIANT,
        issuer=issuer,
        framework=crcn(),
        language="fr",
        library=library_for(drawing, issuer, assets.FONTS),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is not there yet, nor the one above it."""
    return tmp_path / "caches/plates"


def kept(folder: Path) -> PlateFolder:
    """The plates in a folder."""
    return PlateFolder(folder, Path("unused"), ())


KEY = bytes(range(32))


def test_a_kept_plate_is_found_by_its_digest_alone(folder: Path, plate: Plate) -> None:
    """In a folder that is made for it, and is its owner's."""
    plates = kept(folder)
    assert plates.load(KEY) is None
    plates.keep(KEY, plate)
    assert kept(folder).load(KEY) == plate
    assert kept(folder).load(KEY[::-1]) is None
    assert [path.name for path in folder.iterdir()] == [KEY.hex()]
    shutil.copy(folder / KEY.hex(), folder / KEY[::-1].hex())
    assert kept(folder).load(KEY[::-1]) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept[:0],
        lambda kept: kept[:-1],
        lambda kept: kept[:40] + bytes([kept[40] ^ 1]) + kept[41:],
        lambda _: hashlib.sha256(KEY + b"\x01").digest() + b"\x01",
    ],
    ids=["empty", "cut", "changed", "of another type"],
)
def test_a_spoilt_plate_is_passed_over_and_replaced(
    folder: Path, plate: Plate, spoil: Callable[[bytes], bytes]
) -> None:
    """Nothing of it is used."""
    plates = kept(folder)
    plates.keep(KEY, plate)
    path = folder / KEY.hex()
    path.write_bytes(spoil(path.read_bytes()))
    assert plates.load(KEY) is None
    plates.keep(KEY, plate)
    assert plates.load(KEY) == plate


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_folder_that_others_can_write_to_is_not_used(folder: Path, plate: Plate) -> None:
    """Neither read nor written, nor one behind a link: somebody else may have put a plate there."""
    kept(folder).keep(KEY, plate)
    assert folder.stat().st_mode & 0o077 == 0
    (linked := folder.with_name("linked")).symlink_to(folder)
    assert kept(linked).load(KEY) is None
    for mode in (0o720, 0o702, 0o777):
        folder.chmod(mode)
        assert kept(folder).load(KEY) is None
        kept(folder).keep(KEY[::-1], plate)
    assert len([*folder.iterdir()]) == 1
    folder.chmod(0o755)
    assert kept(folder).load(KEY) == plate


@pytest.mark.skipif(os.name == "nt", reason="users are POSIX's")
def test_a_folder_of_another_user_is_not_used(
    folder: Path, plate: Plate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its mode says."""
    kept(folder).keep(KEY, plate)
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    assert kept(folder).load(KEY) is None


@pytest.mark.parametrize("name", ["file/plates", "file"])
def test_a_folder_that_cannot_be_made_does_no_harm(tmp_path: Path, plate: Plate, name: str) -> None:
    """Nothing is kept, and nothing raised."""
    (tmp_path / "file").write_text("")
    kept(tmp_path / name).keep(KEY, plate)
    assert kept(tmp_path / name).load(KEY) is None


def test_a_plate_that_cannot_be_written_leaves_nothing(
    folder: Path, plate: Plate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No part of it stays."""

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", fail)
    kept(folder).keep(KEY, plate)
    assert [*folder.iterdir()] == []


# Presses that share a folder.


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was compiled since."""
    done: list[object] = []
    original: Callable[..., Any] = compiler.compile_template

    def spy(*arguments: Any, **options: Any) -> Any:
        done.append(arguments)
        return original(*arguments, **options)

    monkeypatch.setattr(compiler, "compile_template", spy)
    return done


def render(record: Mapping[str, Any], cache: Path | None, **options: Any) -> bytes:
    """A page by a press of its own, as a process has it."""
    return Press(cache=cache, **options).render(record)


@pytest.mark.slow
def test_a_kept_plate_gives_the_same_bytes(
    example: Mapping[str, Any],
    folder: Path,
    compiled: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second press compiles nothing and prints the same; without a folder nothing is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent))
    plain = render(example, None)
    assert not folder.parent.exists()
    assert render(example, folder) == plain
    assert len(compiled) == 2
    assert render(example, folder) == plain
    assert len(compiled) == 2
    english = render(example, folder, language="en")
    assert len(compiled) == 3
    assert english != plain


@pytest.mark.slow
def test_presses_at_once_leave_one_whole_plate(example: Mapping[str, Any], folder: Path) -> None:
    """Eight that compile the same plate at once all print the same, and one file stays."""
    with ThreadPoolExecutor(8) as executor:
        pages = set(executor.map(lambda _: render(example, folder), range(8)))
    assert len(pages) == 1
    assert len(list(folder.iterdir())) == 1


# Where it is.


def test_the_users_folder_can_be_named_or_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """PIXATTEST_CACHE is a folder, or `off`; else the system's place for caches."""
    monkeypatch.setenv("PIXATTEST_CACHE", "off")
    assert user_folder() is None
    monkeypatch.setenv("PIXATTEST_CACHE", "/somewhere")
    assert user_folder() == Path("/somewhere")
    monkeypatch.delenv("PIXATTEST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert user_folder() == Path("/caches/pixattest")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert user_folder() == Path("/home/somebody/.cache/pixattest")
    monkeypatch.delenv("HOME")
    assert user_folder() is None
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/profile")
    assert user_folder() == Path("/profile/pixattest")
