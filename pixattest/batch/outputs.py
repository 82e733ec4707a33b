"""Classes of a batch + what is asked for → the files that it goes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pixattest.batch.names import Names
from pixattest.batch.rows import Class, Stored
from pixattest.batch.spool import Spool
from pixattest.errors import OutputError
from pixattest.intake.source import STANDARD, Source, is_same_file
from pixattest.output import refuse_existing

_STEM = "attestations"
"""Name of a file or folder that is made from standard input, or from several files."""

_LONGEST_TITLE = 80
"""Characters of a title made of the names of classes: more does not fit above a window."""


class Split(StrEnum):
    """What has a file of its own: everything together, each class, or each person."""

    NONE = "none"
    CLASS = "class"
    PERSON = "person"


class Form(StrEnum):
    """What the output is."""

    STANDARD = "standard output"
    FILE = "file"
    FOLDER = "folder"
    ZIP = "zip"


class Task(NamedTuple):
    """A file to be printed, or a folder of files of one person each.

    Attributes:
        name: the name of the file or folder, in the folder of all; "" is that folder itself.
        classes: the classes whose records it has, in their order, as ids in the spool.
        size: the number of its records.
        title: the title of the document; None: the template's, with the class.
        by_person: it is a folder with a file for each person.
        cover: the name, in that folder, of the file of the class's cover; None: there is none.
    """

    name: str
    classes: tuple[int, ...]
    size: int
    title: str | None = None
    by_person: bool = False
    cover: str | None = None


class Plan(NamedTuple):
    """What is to be made, and where.

    Attributes:
        form: what the output is.
        path: the path of the one file, of the folder, or of the ZIP file.
        tasks: the tasks in the order of the batch.
    """

    form: Form
    path: Path
    tasks: tuple[Task, ...]


def plan(
    classes: Sequence[Class],
    sources: Sequence[Source],
    output: Path | None,
    split: Split | None,
    *,
    extract: str | None = None,
    cover: bool = False,
) -> Plan:
    """Share the classes out to files.

    Args:
        classes: the classes in their order; one without any record to be printed has no file.
        sources: the sources of the batch; its files go beside the first one.
        output: a PDF, a folder, a ZIP file or `-`; None: beside the first source.
        split: what has a file of its own; None: a class, when there are several.
        extract: the name of a selection, which goes to one file unless `split` says otherwise.
        cover: each class has a cover, in its file or beside the files of its people.

    Raises:
        OutputError: one file can't be split.
    """
    classes = [found for found in classes if found.size]
    first = sources[0].content.path
    stem = first.stem if first and len(sources) == 1 else _STEM
    if extract:
        stem = f"{stem} - {extract}"
    names = Names()
    home = first.parent if first else Path()
    if output is None and first is None and len(sources) == 1 and split is None:
        output = STANDARD
    form = Form.FOLDER if output is None else _form(output)
    if split is None:
        takes_one = form in (Form.STANDARD, Form.FILE)
        split = Split.NONE if takes_one or extract or len(classes) < 2 else Split.CLASS
    if output is not None:
        path = output
    else:
        form = Form.FILE if split is Split.NONE else Form.FOLDER
        suffix = ".pdf" if form is Form.FILE else ""
        path = home / names.give("..", stem, suffix=suffix)
    ids = tuple(found.id for found in classes)
    size = sum(found.size for found in classes)
    if form in (Form.STANDARD, Form.FILE) and split is not Split.NONE and size > 1:
        if split is Split.PERSON or len(classes) > 1:
            raise OutputError(
                f"one file can't be split by {split}", source=str(path), hint="Name a folder."
            )
        split = Split.NONE
    if split is Split.NONE:
        title = None if len(classes) == 1 else stem if extract else _title(classes) or stem
        name = path.name if form is Form.FILE else names.give("", stem, suffix=".pdf")
        return Plan(form, path, (Task(name, ids, size, title),) if ids else ())
    by_person = split is Split.PERSON
    suffix = "" if by_person else ".pdf"
    tasks = []
    for found in classes:
        if by_person and found.name is None:
            name = ""
        else:
            name = names.give("", found.name or stem, suffix=suffix)
        beside = (found.name or stem) if by_person and cover else None
        tasks.append(Task(name, (found.id,), found.size, None, by_person, beside))
    return Plan(form, path, tuple(tasks))


def _title(classes: Sequence[Class]) -> str | None:
    """Return the names of classes as a title; None where one has no name, or they are too long."""
    title = ", ".join(found.name or "" for found in classes)
    return title if all(found.name for found in classes) and len(title) <= _LONGEST_TITLE else None


def cover_file(task: Task, names: Names | None = None) -> str | None:
    """Return the file of a task's cover; None: it has no cover.

    Args:
        task: a task with a file for each person.
        names: gives the names in its folder, the cover's first; None: no others are asked for.
    """
    if task.cover is None:
        return None
    name = (names or Names()).give(task.name, task.cover)
    return f"{task.name}/{name}" if task.name else name


def personal_files(task: Task, spool: Spool) -> Iterator[tuple[str, Stored]]:
    """Yield the file of each person of a task; homonyms are told apart by their codes."""
    names = Names()
    cover_file(task, names)

    def wanted(stored: Stored) -> str:
        return f"{stored.record.last_name} {stored.record.first_name}"

    for stored in spool.records(task.classes):
        names.expect(task.name, wanted(stored))
    for stored in spool.records(task.classes):
        mark = stored.record.verification_code
        name = names.give(task.name, wanted(stored), mark=mark)
        yield f"{task.name}/{name}" if task.name else name, stored


def refuse_taken(made: Plan, sources: Sequence[Source], *, force: bool, resume: bool) -> None:
    """Find out before the work is done that an output is taken, or is an input.

    Raises:
        OutputError: a file exists that is not to be replaced, or has another kind.
    """
    if made.form is Form.STANDARD:
        return
    if made.form is Form.FOLDER:
        if made.path.exists() and not made.path.is_dir():
            raise OutputError(
                "is a file, not a folder", source=str(made.path), hint="Name a folder with -o."
            )
        targets = [made.path / task.name for task in made.tasks if not task.by_person]
    else:
        targets = [made.path]
    for target in targets:
        for source in sources:
            path = source.content.path
            if path and is_same_file(target, path):
                hint = "Choose another file with -o."
                raise OutputError("is the record itself", source=str(target), hint=hint)
        refuse_existing(target, force=force or resume)


def _form(output: Path) -> Form:
    """Tell what an output is, by what stands there, or else by its name."""
    if output == STANDARD:
        return Form.STANDARD
    if output.is_dir():
        return Form.FOLDER
    if output.suffix.lower() == ".zip":
        return Form.ZIP
    return Form.FILE if output.suffix.lower() == ".pdf" or output.exists() else Form.FOLDER
