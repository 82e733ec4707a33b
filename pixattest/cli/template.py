"""pixattest template new, check or preview → a copy to start from, what is wrong, pictures."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from pixattest.errors import PixattestError, TemplateError
from pixattest.model.framework import framework_for
from pixattest.model.issuer import default_issuer, read_issuer, usual
from pixattest.model.record import Rules
from pixattest.press.press import Press
from pixattest.template.check import check_template, languages_for
from pixattest.template.copying import copy_template
from pixattest.template.folder import COVER, find_template
from pixattest.template.labels import language_for, languages_of
from pixattest.template.samples import sample_records

app = typer.Typer(
    help="Make a template of your own: copy one, check it, look at it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Template = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME|PATH",
        help="Template, folder or SVG; without it, the issuer's, or attestation.",
        show_default=False,
    ),
]
_Issuer = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Who attests, as TOML.", show_default="the Pix example"),
]
_Framework = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Whose competences the samples have.",
        show_default="the issuer's, or crcn",
    ),
]
_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
"""`main` looks for this option among the arguments; the commands themselves need not."""


@app.command("new")
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made by this command.")],
    debug: _Debug = False,  # noqa: ARG001
) -> None:
    """Copy the shipped template into a new folder, with its words and fonts, to start from."""
    copy_template(folder)
    print(f"{folder}/template.svg can be opened in a browser and changed; then:")
    print(f"  pixattest template check {folder}")
    print(f"  pixattest template preview {folder} --watch")


@app.command("check")
def check(
    template: _Template = None,
    issuer: _Issuer = None,
    framework: _Framework = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="May be repeated.", show_default="the issuer's, or all that can be"
        ),
    ] = None,
    debug: _Debug = False,  # noqa: ARG001
) -> None:
    """Tell everything that is wrong with a template, or all in a folder, each with its line."""
    trial = _Trial(template, issuer, framework)
    folder = trial.path.parent
    path = folder if folder == Path(trial.named).resolve() else trial.path
    left_out: dict[str, list[str]] = {}
    if not language and trial.issuer.language:
        language = [language_for(trial.issuer, folder)]
        others = [other for other in languages_of(folder) if other not in language]
        left_out = {"the issuer's file names another": others} if others else {}
    elif not language:
        language, left_out = languages_for(path, trial.issuer, trial.framework)
    errors = _errors(trial, path, language)
    for error in errors:
        print(error, file=sys.stderr)
    tried = f"Tried in {', '.join(language)}"
    for why, others in left_out.items():
        tried += f"; left out: {', '.join(others)} ({why})"
    if errors:
        print(f"{len(errors)} to mend. {tried}.", file=sys.stderr)
        raise typer.Exit(1)
    print(f"{trial.named}: nothing is wrong. {tried}.")


@app.command("preview")
def preview(
    template: _Template = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="For the pictures.", show_default="preview"
        ),
    ] = None,
    issuer: _Issuer = None,
    framework: _Framework = None,
    language: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Of the page.", show_default="the issuer's, or fr"),
    ] = None,
    dpi: Annotated[int, typer.Option(min=20, max=600, help="Pixels an inch.")] = 100,
    watch: Annotated[
        bool, typer.Option("--watch", help="Draw again at each save, in a page on this machine.")
    ] = False,
    port: Annotated[int, typer.Option(help="Of that page; 0: any that is free.")] = 0,
    debug: _Debug = False,  # noqa: ARG001
) -> None:
    """Draw sample records (short, long, empty, full) as PNG; of cover.svg, a list of them."""
    from pixattest.press.preview import Viewer, changes, draw_samples, write_pictures

    trial = _Trial(template, issuer, framework)
    spoken = language_for(trial.issuer, trial.path.parent, language)
    key = None
    if trial.issuer.seal:
        from pixattest.trust.keys import generate_key

        key = generate_key()  # its pictures prove nothing, and have codes as large as real ones

    # A cover stands before pages of the template beside it.
    cover = trial.path.name == COVER
    printed = find_template(trial.path.parent) if cover else trial.path

    def draw() -> tuple[dict[str, bytes], list[str]]:
        told: list[str] = []
        try:
            told += map(str, _errors(trial, trial.path, [spoken]))
            press = Press(
                printed, trial.issuer, language=spoken, framework=trial.framework, key=key
            )
            return draw_samples(press, trial.samples, dpi, cover=cover), told
        except PixattestError as error:
            return {}, told or [str(error)]

    saves = changes(trial.path.parent)
    pictures, errors = draw()
    if output or not watch:
        folder = output or Path("preview")
        write_pictures(pictures, folder)
        for name in pictures:
            print(folder / name)
    if not watch:
        if errors:
            print("\n".join(errors), file=sys.stderr)
            raise typer.Exit(1)
        return
    viewer = Viewer(port)
    viewer.show(pictures, errors)
    threading.Thread(target=viewer.serve, daemon=True).start()
    print(f"Look at {viewer.address}; Ctrl-C ends it.", flush=True)
    try:
        for _ in saves:
            viewer.show(*draw())
    except KeyboardInterrupt:
        viewer.close()


class _Trial:
    """A template that is tried: its name and path, who attests, sample records of a framework."""

    def __init__(self, template: str | None, issuer: Path | None, framework: str | None) -> None:
        self.issuer = read_issuer(issuer) if issuer else default_issuer()
        self.named = usual(self.issuer, "template") if template is None else template
        self.path = find_template(self.named)
        self.framework = framework_for(self.issuer, framework)
        self.samples = sample_records(self.framework, Rules.of(self.framework, self.issuer))


def _errors(trial: _Trial, path: Path, languages: list[str]) -> list[TemplateError]:
    """Everything wrong with a drawing or a folder's in some languages."""
    return check_template(
        path,
        issuer=trial.issuer,
        framework=trial.framework,
        languages=languages,
        samples=trial.samples,
    )
