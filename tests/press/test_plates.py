"""Plates kept on disk: the same bytes, and never anything that somebody else wrote."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pixattest import Press, read_issuer
from pixattest.press.plate_folder import user_folder
from pixattest.template import compile as compiler

ROOT = Path(__file__).parents[2]
ISSUER = ROOT / "examples/issuer.toml"


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


def render(record: Mapping[str, Any], cache: Path, **options: Any) -> bytes:
    """A page by a press of its own, as a process has it."""
    return Press(**{"issuer": ISSUER, **options}, cache=cache).render(record)


def test_a_kept_plate_gives_the_same_bytes(
    example: Mapping[str, Any], tmp_path: Path, compiled: list[object]
) -> None:
    """The second press compiles nothing and prints the same."""
    cache = tmp_path / "plates"
    plain = Press(issuer=ISSUER).render(example)
    assert render(example, cache) == plain
    assert len(compiled) == 2
    assert render(example, cache) == plain
    assert len(compiled) == 2


def test_without_a_cache_nothing_is_written(
    example: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library's user is not surprised by files."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    Press(issuer=ISSUER).render(example)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options", [{"language": "en"}, {"specimen": True}, {"issuer": None}], ids=str
)
def test_another_press_has_its_own_plate(
    example: Mapping[str, Any], tmp_path: Path, options: dict[str, Any]
) -> None:
    """Language, specimen and issuer are part of what a plate is found by."""
    render(example, tmp_path / "plates")
    arguments = {"issuer": ISSUER, **options}
    assert render(example, tmp_path / "plates", **options) == Press(**arguments).render(example)


def test_what_an_issuer_usually_prints_with_makes_no_other_plate(
    example: Mapping[str, Any], tmp_path: Path, compiled: list[object]
) -> None:
    """Whether its file says so or the caller: the page is the same."""
    said = msgspec.structs.replace(read_issuer(ISSUER), language="en", template="landscape")
    first = render(example, tmp_path / "plates", issuer=said)
    done = len(compiled)
    assert render(example, tmp_path / "plates", language="en", template="landscape") == first
    assert len(compiled) == done
    other = render(example, tmp_path / "plates", issuer=said, language="fr")
    assert other != first
    assert len(compiled) > done


def test_a_changed_template_is_compiled_anew(
    example: Mapping[str, Any], tmp_path: Path, compiled: list[object]
) -> None:
    """Content counts, not names or times."""
    template = tmp_path / "own"
    shutil.copytree(ROOT / "templates/attestation", template)
    before = render(example, tmp_path / "plates", template=template)
    labels = template / "labels/fr.toml"
    times = labels.stat()
    labels.write_text(labels.read_text().replace("Attestation", "Diplomatie!"), encoding="utf-8")
    os.utime(labels, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert render(example, tmp_path / "plates", template=template) != before
    assert len(compiled) == 2


@pytest.mark.parametrize(
    "spoil",
    [lambda kept: kept[:0], lambda kept: kept[:-1], lambda kept: kept[:40] + b"x" + kept[41:]],
)
def test_a_spoilt_plate_is_compiled_anew(
    example: Mapping[str, Any],
    tmp_path: Path,
    compiled: list[object],
    spoil: Callable[[bytes], bytes],
) -> None:
    """An empty, cut or changed file is passed over and replaced."""
    cache = tmp_path / "plates"
    plain = render(example, cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(spoil(kept.read_bytes()))
    assert render(example, cache) == plain
    assert len(compiled) == 2
    assert render(example, cache) == plain
    assert len(compiled) == 2


def test_each_drawing_of_a_folder_has_its_own_plate(
    example: Mapping[str, Any], tmp_path: Path
) -> None:
    """They have all their sources in common."""
    folder, cache = ROOT / "templates/attestation", tmp_path / "plates"
    upright = render(example, cache, template=folder / "template.svg")
    assert render(example, cache, template=folder / "landscape.svg") != upright


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_folder_that_others_can_write_to_is_not_used(
    example: Mapping[str, Any], tmp_path: Path, compiled: list[object]
) -> None:
    """Neither read nor written: somebody else may have put a plate there."""
    cache = tmp_path / "plates"
    render(example, cache)
    assert cache.stat().st_mode & 0o077 == 0
    cache.chmod(0o777)
    render(example, cache)
    assert len(compiled) == 2
    linked = tmp_path / "linked"
    cache.chmod(0o700)
    linked.symlink_to(cache)
    render(example, linked)
    assert len(compiled) == 3


def test_presses_at_once_leave_one_whole_plate(example: Mapping[str, Any], tmp_path: Path) -> None:
    """Eight that compile the same plate at once all print the same, and one file stays."""
    cache = tmp_path / "plates"
    with ThreadPoolExecutor(8) as executor:
        pages = set(executor.map(lambda _: render(example, cache), range(8)))
    assert len(pages) == 1
    assert len(list(cache.iterdir())) == 1


def test_a_folder_that_cannot_be_made_does_no_harm(
    example: Mapping[str, Any], tmp_path: Path
) -> None:
    """The page is printed all the same."""
    (tmp_path / "file").write_text("")
    assert render(example, tmp_path / "file/plates") == Press(issuer=ISSUER).render(example)


def test_the_users_folder_can_be_named_or_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """PIXATTEST_CACHE is a folder, or `off`; else the system's place for caches."""
    monkeypatch.setenv("PIXATTEST_CACHE", "off")
    assert user_folder() is None
    monkeypatch.setenv("PIXATTEST_CACHE", "/somewhere")
    assert user_folder() == Path("/somewhere")
    monkeypatch.delenv("PIXATTEST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert user_folder() == Path("/caches/pixattest")
