"""The Typer app → the page on the command line."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from generators.markdown import code, table


def cli_page() -> Iterator[str]:
    """Every command, its arguments and options, from the Typer app."""
    import typer.main

    from pixattest.cli import COMMANDS, make_app

    yield "# The command line\n"
    yield "Without a command, `render` is meant: `pixattest record.json`. `--help` tells the"
    yield "same as this page.\n"
    yield "Exit status: 0, all was made; 1, a record was rejected or a template has faults; 2,"
    yield "usage, or an input or output that can't be used; 130, interrupted.\n"
    yield "What a template is compiled to is kept in the user's cache folder, so that the next"
    yield "start is quick; the variable `PIXATTEST_CACHE` names another folder, or is `off`.\n"
    yield from _command(typer.main.get_command(make_app(COMMANDS)), "pixattest", 2)


def _command(command: Any, name: str, level: int) -> Iterator[str]:
    import typer

    if not hasattr(command, "list_commands"):
        yield f"{'#' * level} {name}\n"
        yield f"{inspect.cleandoc(command.help or '')}\n"
        shown = [p for p in command.params if not getattr(p, "hidden", False)]
        kinds = ("argument", "option")
        arguments, options = ([p for p in shown if p.param_type_name == k] for k in kinds)
        yield from table(
            ("argument", "meaning"),
            *((code(_metavar(p)), getattr(p, "help", "") or "") for p in arguments),
        )
        yield from table(
            ("option", "meaning", "without it"),
            *((_spelt(p), p.help or "", _default(p)) for p in options),
        )
        return
    context = typer.Context(command)
    for each in command.list_commands(context):
        yield from _command(command.get_command(context, each), f"{name} {each}", level)


def _metavar(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return f"{name}…" if parameter.nargs == -1 or getattr(parameter, "multiple", False) else name


def _spelt(option: Any) -> str:
    value = ""
    if not option.is_flag:
        kind = option.type
        choices = getattr(kind, "choices", None)
        plain = "N" if kind.name.startswith(("integer", "float")) else kind.name.upper()
        named = option.metavar or ("|".join(map(str, choices)) if choices else plain)
        value = f" {named}"
    return ", ".join(code(f"{spelling}{value}") for spelling in reversed(option.opts))


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    if option.required:
        variable = f", unless `{option.envvar}` is set" if option.envvar else ""
        return f"refused{variable}"
    return (
        "" if option.default in (None, False, ()) or option.is_flag else code(str(option.default))
    )
