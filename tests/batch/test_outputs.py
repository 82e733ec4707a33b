"""What is asked for → the files that are made, and those that are in the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pixattest import OutputError
from pixattest.batch.outputs import Form, Plan, Split, Task, personal_files, plan, refuse_taken
from pixattest.batch.rows import Class
from pixattest.intake.opening import open_source
from pixattest.intake.source import Source
from pixattest.model.framework import crcn

from .conftest import spool_of

ONE = [Class(0, "T2", 3)]
TWO = [*ONE, Class(1, "T10", 2)]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A file of records."""
    path = tmp_path / "class.jsonl"
    path.write_text("{}\n{}")
    return open_source(path, framework=crcn())


def made(found: Plan, folder: Path) -> tuple[str, str, list[str]]:
    """Form, path and names of a plan."""
    path = found.path.relative_to(folder).as_posix() if found.path.is_absolute() else "."
    return found.form.value, path, [task.name for task in found.tasks]


@pytest.mark.parametrize(
    ("classes", "output", "split", "expected"),
    [
        (ONE, None, None, ("file", "class.pdf", ["class.pdf"])),
        (TWO, None, None, ("folder", "class", ["T2.pdf", "T10.pdf"])),
        (TWO, None, Split.NONE, ("file", "class.pdf", ["class.pdf"])),
        (ONE, None, Split.CLASS, ("folder", "class", ["T2.pdf"])),
        (ONE, None, Split.PERSON, ("folder", "class", ["T2"])),
        (TWO, "x.pdf", None, ("file", "x.pdf", ["x.pdf"])),
        (TWO, "x.ZIP", None, ("zip", "x.ZIP", ["T2.pdf", "T10.pdf"])),
        (ONE, "x", None, ("folder", "x", ["class.pdf"])),
        (TWO, "x", Split.PERSON, ("folder", "x", ["T2", "T10"])),
        (ONE, "x.pdf", Split.CLASS, ("file", "x.pdf", ["x.pdf"])),
        ([Class(0, None, 2), ONE[0]], None, None, ("folder", "class", ["class.pdf", "T2.pdf"])),
        (
            [Class(0, "T/2", 2), Class(1, "T\\2", 2)],
            None,
            None,
            ("folder", "class", ["T-2.pdf", "T-2 (2).pdf"]),
        ),
        ([Class(0, "T2", 0), Class(1, "T3", 1)], None, None, ("file", "class.pdf", ["class.pdf"])),
    ],
)
def test_what_goes_where(
    tmp_path: Path,
    source: Source,
    classes: Sequence[Class],
    output: str | None,
    split: Split | None,
    expected: tuple[str, str, list[str]],
) -> None:
    """A file a class when there are several, unless it is said otherwise."""
    target = tmp_path / output if output else None
    assert made(plan(classes, [source], target, split), tmp_path) == expected


@pytest.mark.parametrize(
    ("classes", "extract", "title"),
    [
        (ONE, None, None),
        (TWO, None, "T2, T10"),
        (TWO, "page 2", "class - page 2"),
        ([*ONE, Class(1, None, 2)], None, "class"),
        ([*ONE, Class(1, None, 0)], None, None),
        ([Class(number, f"T{number}", 1) for number in range(40)], None, "class"),
    ],
)
def test_a_file_of_several_classes_has_their_names_for_its_title(
    source: Source, classes: Sequence[Class], extract: str | None, title: str | None
) -> None:
    """An extract, or a file of too many or of people in no class, has its own; of one, None."""
    (task,) = plan(classes, [source], None, Split.NONE, extract=extract).tasks
    assert task.title == title


@pytest.mark.parametrize("split", [Split.CLASS, Split.PERSON])
def test_one_file_is_not_split(tmp_path: Path, source: Source, split: Split) -> None:
    """A PDF that is named can't be several."""
    with pytest.raises(OutputError, match="can't be split"):
        plan(TWO, [source], tmp_path / "x.pdf", split)


def test_an_extract_is_one_file(tmp_path: Path, source: Source) -> None:
    """Its name says what it is, and is legal."""
    found = plan(TWO, [source], None, None, extract='D"Or/Ève')
    assert made(found, tmp_path) == ("file", "class - D-Or-Ève.pdf", ["class - D-Or-Ève.pdf"])


def test_homonyms_have_two_files(tmp_path: Path) -> None:
    """Told apart by their codes; another's name stays plain."""
    spool = spool_of(tmp_path, "T2 Martin Hugo", "T2 Abel Ali", "T2 MARTIN hugo")
    task = Task("T2", (0,), 3, by_person=True)
    assert [name for name, _ in personal_files(task, spool)] == [
        "T2/Abel Ali.pdf",
        "T2/Martin Hugo (P-GVVP6HBM).pdf",
        "T2/MARTIN hugo (P-GVVP6HBM) (2).pdf",
    ]


def test_an_input_is_never_replaced(tmp_path: Path, source: Source) -> None:
    """Not even by force."""
    found = plan(ONE, [source], tmp_path / "class.jsonl", None)
    assert found.form is Form.FILE
    with pytest.raises(OutputError, match="is the record itself"):
        refuse_taken(found, [source], force=True, resume=False)


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path, source: Source) -> None:
    """Before anything is printed."""
    (tmp_path / "class").write_text("mine")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        refuse_taken(plan(TWO, [source], None, None), [source], force=True, resume=False)
