"""The programme itself → docs/reference/*.md, and the pictures of its drawings.

Run it after an option, a public name, a supported element or a key of a TOML file has changed;
tests/test_reference.py fails until then.
"""

from __future__ import annotations

import html
import inspect
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

import pixattest
from pixattest import Press, errors, ledger
from pixattest.intake.headings import AMBIGUOUS, WORDS
from pixattest.model import assets
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.model.settings import Text
from pixattest.template.compile import ROLES
from pixattest.template.labels import Labels
from pixattest.template.style import HARMLESS, PROPERTIES
from pixattest.template.svg import CHILDREN, ELEMENTS, IGNORED

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs/reference"
EXAMPLE = json.loads((ROOT / "examples/record.json").read_text(encoding="utf-8"))

_MADE = "<!-- Made by docs/make_reference.py: change the programme, not this page. -->\n\n"


def main() -> None:
    """Write all of them."""
    draw_pictures()
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def pages() -> dict[Path, str]:
    """The pages, by their paths."""
    made = {
        "cli": cli_page,
        "record": record_page,
        "python": python_page,
        "svg": svg_page,
        "toml": toml_page,
        "errors": errors_page,
    }
    return {REFERENCE / f"{name}.md": _MADE + "\n".join(make()) for name, make in made.items()}


def _cell(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("\n", " ").strip()


def _table(*rows: Iterable[str]) -> Iterator[str]:
    """A table, its headings first; nothing when there is nothing below them."""
    head, *body = [[*map(_cell, row)] for row in rows]
    if body:
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        for row in body:
            yield f"| {' | '.join(row)} |"
        yield ""


def _code(text: str) -> str:
    """As code; a bar is written so that all readers of tables take it for one."""
    if "|" in text:
        return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"
    return f"`{text}`" if text else ""


# The command line.


def cli_page() -> Iterator[str]:
    """Every command, its arguments and options, from the Typer app."""
    import typer.main

    from pixattest.cli import app

    yield "# The command line\n"
    yield "Without a command, `render` is meant: `pixattest record.json`. `--help` tells the"
    yield "same as this page.\n"
    yield "Exit status: 0, all was made; 1, a record was rejected or a template has faults; 2,"
    yield "usage, or an input or output that can't be used; 130, interrupted.\n"
    yield "What a template is compiled to is kept in the user's cache folder, so that the next"
    yield "start is quick; the variable `PIXATTEST_CACHE` names another folder, or is `off`.\n"
    yield from _command(typer.main.get_command(app), "pixattest", 2)


def _command(command: Any, name: str, level: int) -> Iterator[str]:
    import typer

    if not hasattr(command, "list_commands"):
        yield f"{'#' * level} {name}\n"
        yield f"{inspect.cleandoc(command.help or '')}\n"
        shown = [p for p in command.params if not getattr(p, "hidden", False)]
        kinds = ("argument", "option")
        arguments, options = ([p for p in shown if p.param_type_name == k] for k in kinds)
        yield from _table(
            ("argument", "meaning"),
            *((_code(_metavar(p)), getattr(p, "help", "") or "") for p in arguments),
        )
        yield from _table(
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
    return ", ".join(_code(f"{spelling}{value}") for spelling in reversed(option.opts))


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    if option.required:
        variable = f", unless `{option.envvar}` is set" if option.envvar else ""
        return f"refused{variable}"
    return (
        "" if option.default in (None, False, ()) or option.is_flag else _code(str(option.default))
    )


# The record.


def record_page() -> Iterator[str]:
    """Every field, from the JSON Schema and the docstring of Record."""
    shape = pixattest.schema()
    _, meanings = described(pixattest.Record)
    yield "# The record\n"
    yield "One JSON object, one certification of one person; the same names are the headings of a"
    yield "CSV, XLSX or ODS file, with a column a competence (`1.1`, `1.2` …) for `levels`."
    yield "Unknown fields are refused. `pixattest schema` prints the JSON Schema.\n"
    fields = shape["properties"].items()
    required = {name: name in shape["required"] for name, _ in fields}
    required["verification_code"] = True
    yield from _table(
        ("field", "type", "without it", "meaning"),
        *(
            (
                _code(name),
                _json_type(field),
                "refused" if required[name] else _code(str(field.get("default", ""))),
                field.get("description") or meanings[name].replace("None", "Null"),
            )
            for name, field in fields
        ),
    )
    yield "```json"
    yield json.dumps(EXAMPLE, ensure_ascii=False, indent=2)
    yield "```\n"
    yield "Texts are brought to Unicode NFC, and stripped of space around them.\n"
    yield "## Headings of a table\n"
    yield "A column is headed by the field's name, as in Pix's results files, or with one of these"
    yield "words; case, accents, spaces and signs do not count. A framework's"
    yield "[own fields](../frameworks.md#fields-of-your-own) go before them.\n"
    words = ((_code(role), ", ".join(words)) for role, words in WORDS.items())
    yield from _table(("column", "also headed"), *words)
    yield "`name_prefix` is what stands before the last name, such as `van den`: it is joined to"
    yield "it, with a space unless it ends with an apostrophe. `certification` is the"
    yield "certification's number."
    yield f"{' or '.join(AMBIGUOUS)} alone could be the whole name, and is to be renamed.\n"
    yield "A date is written as `09/02/2024`, `09-02-2024` or `09.02.2024`, day, month and year, or"
    yield "as `2024-02-09`. A day or month below 10 may have one figure: `9-2-2024`. Any other"
    yield "form, such as a year of two figures, is refused. A level is a figure or the name of a"
    yield "level; `-`, or nothing, is one not assessed.\n"


def _json_type(field: dict[str, Any]) -> str:
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    (kind,) = (kind for kind in kinds if kind != "null")
    if field.get("format") == "date":
        return "`YYYY-MM-DD`"
    return {"integer": "whole number"}.get(kind, kind)


# Python.


_FOR_THE_FEW = {
    "The ledger of an application": (
        "ledger.register.Register",
        "ledger.reprint.Reprint",
        "ledger.reprint.reprint",
        "ledger.reprint.keep",
    ),
    "Frameworks built in Python": tuple(
        f"framework.{name}" for name in ("Domain", "Competence", "Score", "Band", "Field")
    ),
    "Keys and signatures": (
        "keys.SealKey",
        "keys.PublicKeys",
        "keys.generate_key",
        "keys.write_key",
        "keys.read_key",
        "keys.publish_key",
        "keys.read_public_keys",
        "signing.Signer",
        "signing.SignatureStatus",
        "signing.read_signature",
    ),
    "What travels with a file": (
        "credential.Attached",
        "credential.open_attached",
        "revocations.RevocationList",
    ),
    "Files": ("output.write_file", "output.Sink", "press.Source", "pagination.Pagination"),
}
"""Names of the modules that applications use; the how-to pages import no others."""


def python_page() -> Iterator[str]:
    """Every public name, to be filled in from its docstring by mkdocstrings."""
    public = [n for n in pixattest.__all__ if not n.startswith("_")]
    kinds: dict[str, Callable[[Any], bool]] = {
        "Classes": lambda v: inspect.isclass(v) and not issubclass(v, Exception),
        "Functions": inspect.isfunction,
        "Errors": lambda v: inspect.isclass(v) and issubclass(v, Exception),
    }
    yield "# The Python API\n"
    yield "Made from the docstrings of the names that `import pixattest` gives, and of the modules"
    yield "for the few who need more. What is not here may change without notice. In a clone,"
    yield "read it with `python -m pydoc pixattest`, or build the site:"
    yield "`python docs/build_site.py`.\n"
    for title, is_kind in kinds.items():
        yield f"## {title}\n"
        for name in public:
            if is_kind(getattr(pixattest, name)):
                yield f"::: pixattest.{name}\n"
    yield "## Workers of a Dask cluster\n"
    yield "::: pixattest.press.distributed.executor\n"
    yield "## The ledger\n"
    for name in ledger.__all__:
        if inspect.isclass(getattr(ledger, name)) or inspect.isfunction(getattr(ledger, name)):
            yield f"::: pixattest.ledger.{name}\n"
    for title, names in _FOR_THE_FEW.items():
        yield f"## {title}\n"
        for name in names:
            yield f"::: pixattest.{name}\n"


# SVG.

_TEXT = 'font-family="Source Sans 3" font-size="16" fill="#253858"'
_INK = 'fill="none" stroke="#253858"'

DRAWINGS: dict[str, str] = {
    "svg": '<rect x="2" y="2" width="116" height="56" fill="#EEF1F6"/>',
    "g": '<g fill="#3D68FF" transform="rotate(8 60 30)">\n'
    '  <rect x="20" y="15" width="30" height="30"/>\n'
    '  <rect x="70" y="15" width="30" height="30"/>\n</g>',
    "a": '<g role="paragraph">\n  <a href="https://example.org/">\n'
    f'    <text x="12" y="36" {_TEXT}>example.org</text>\n  </a>\n</g>',
    "text": '<g role="paragraph">\n'
    f'  <text x="12" y="36" {_TEXT} data-field="full_name" data-width="96"'
    ' data-min-size="8">Ada</text>\n</g>',
    "tspan": '<g role="paragraph">\n'
    f'  <text x="12" y="36" {_TEXT}>level <tspan font-weight="600">6</tspan></text>\n</g>',
    "image": '<g role="img" aria-label="Three stripes">\n'
    '  <image href="stripes.png" x="30" y="10" width="60" height="40"/>\n</g>',
    "title": '<title data-format="Attestation – {full_name}">Attestation</title>\n'
    '<rect x="10" y="10" width="100" height="40" fill="#EEF1F6"/>',
    "rect": '<rect x="20" y="12" width="80" height="36" rx="8" fill="#F24645"/>',
    "circle": '<circle cx="60" cy="30" r="22" fill="#1A8C89"/>',
    "ellipse": '<ellipse cx="60" cy="30" rx="45" ry="20" fill="#3D68FF"/>',
    "line": '<line x1="12" y1="48" x2="108" y2="12" stroke="#AC008D" stroke-width="4"/>',
    "polyline": f'<polyline points="12,48 40,12 70,48 108,12" {_INK} stroke-width="4"/>',
    "polygon": '<polygon points="60,6 100,54 20,54" fill="#5E2563"/>',
    "path": '<path d="M12 40 C40 -10 80 70 108 20 A8 8 0 0 1 108 36 Z" fill="#1A8C89"/>',
    "fill": '<rect x="12" y="15" width="30" height="30" fill="#F24645"/>\n'
    '<rect x="45" y="15" width="30" height="30" fill="teal"/>\n'
    '<rect x="78" y="15" width="30" height="30" fill="rgb(61, 104, 255)"/>',
    "fill-opacity": '<circle cx="45" cy="30" r="24" fill="#3D68FF"/>\n'
    '<circle cx="75" cy="30" r="24" fill="#F24645" fill-opacity="0.5"/>',
    "fill-rule": '<path d="M12 10h36v40h-36z M20 18h20v24h-20z" fill="#5E2563"/>\n'
    '<path d="M72 10h36v40h-36z M80 18h20v24h-20z" fill="#5E2563" fill-rule="evenodd"/>',
    "font-family": '<g role="paragraph">\n'
    '  <text x="8" y="36" font-family="Source Serif 4" font-weight="600" font-size="18"'
    ' fill="#253858">Attestation</text>\n</g>',
    "font-size": '<g role="paragraph" font-family="Source Sans 3" fill="#253858">\n'
    '  <text x="12" y="40" font-size="12">Pix</text>\n'
    '  <text x="50" y="40" font-size="36px">Pix</text>\n</g>',
    "font-style": '<g role="paragraph">\n'
    f'  <text x="12" y="36" {_TEXT} font-style="normal">upright</text>\n</g>',
    "font-weight": '<g role="paragraph">\n'
    f'  <text x="8" y="36" {_TEXT}>plain</text>\n'
    f'  <text x="60" y="36" {_TEXT} font-weight="600">bold</text>\n</g>',
    "letter-spacing": '<g role="paragraph">\n'
    f'  <text x="8" y="36" {_TEXT} letter-spacing="4">spaced</text>\n</g>',
    "opacity": '<rect x="12" y="10" width="60" height="40" fill="#253858"/>\n'
    '<rect x="48" y="16" width="60" height="28" fill="#F24645" opacity="0.6"/>',
    "stroke": f'<circle cx="60" cy="30" r="22" {_INK} stroke-width="4"/>',
    "stroke-dasharray": f'<path d="M12 30 H108" {_INK} stroke-width="6" stroke-dasharray="12 6"/>',
    "stroke-linecap": f'<path d="M20 15 H100" {_INK} stroke-width="10" stroke-linecap="butt"/>\n'
    f'<path d="M20 30 H100" {_INK} stroke-width="10" stroke-linecap="round"/>\n'
    f'<path d="M20 45 H100" {_INK} stroke-width="10" stroke-linecap="square"/>',
    "stroke-linejoin": f'<path d="M10 48 L25 14 L40 48" {_INK} stroke-width="8"/>\n'
    f'<path d="M48 48 L63 14 L78 48" {_INK} stroke-width="8" stroke-linejoin="round"/>\n'
    f'<path d="M86 48 L99 14 L112 48" {_INK} stroke-width="8" stroke-linejoin="bevel"/>',
    "stroke-opacity": f'<circle cx="60" cy="30" r="20" {_INK} stroke-width="10"'
    ' stroke-opacity="0.4"/>',
    "stroke-width": f'<path d="M12 15 H108" {_INK} stroke-width="1"/>\n'
    f'<path d="M12 40 H108" {_INK} stroke-width="12"/>',
    "text-anchor": '<g role="paragraph">\n'
    f'  <text x="60" y="20" {_TEXT} text-anchor="start">start</text>\n'
    f'  <text x="60" y="37" {_TEXT} text-anchor="middle">middle</text>\n'
    f'  <text x="60" y="54" {_TEXT} text-anchor="end">end</text>\n</g>',
}
"""A drawing for each element and property, within a page of 120 x 60 points."""


def whole(body: str) -> str:
    """A drawing as a file."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="120pt" height="60pt" viewBox="0 0 120 60">'
        f"\n{body}\n</svg>\n"
    )


_WORDS = 'date = "d/M/y"\n[words]\n[years]\n3 = "trois ans"\n'


def printed(body: str, folder: Path) -> bytes:
    """The PDF of a drawing, by way of a template's folder."""
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels/fr.toml").write_text(_WORDS, encoding="utf-8")
    (folder / "stripes.png").write_bytes((REFERENCE / "svg/stripes.png").read_bytes())
    (folder / "template.svg").write_text(whole(body), encoding="utf-8")
    return Press(folder).render(EXAMPLE)


def draw_pictures() -> None:
    """What is printed of each drawing, as PNG."""
    import pypdfium2
    from PIL import Image

    stripes = Image.new("RGB", (3, 2), "#1A8C89")
    stripes.putdata([(242, 70, 69), (26, 140, 137), (61, 104, 255)] * 2)
    stripes.resize((60, 40), resample=0).save(REFERENCE / "svg/stripes.png", optimize=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, body in DRAWINGS.items():
            with pypdfium2.PdfDocument(printed(body, Path(folder))) as document:
                picture = document[0].render(scale=2).to_pil().quantize(32)
            picture.save(REFERENCE / f"svg/{name}.png", optimize=True)


def svg_page() -> Iterator[str]:
    """Every element and property, from the tables that the reader goes by."""
    yield "# The supported SVG\n"
    yield "What stands here is printed as any browser shows it. Anything else is refused with its"
    yield "line, but for what changes nothing, which stands at the end. The pictures are what"
    yield "pixattest prints of the drawings beside them, in a page of 120 by 60 points.\n"
    yield "All elements have `id`, `class` and `style`; those that are drawn also have"
    yield "`transform`, `data-when` and `data-sample`, ARIA's `role`, `aria-label`, `aria-level`"
    yield "and `aria-hidden`, and `data-empty`: see [templates](../templates.md).\n"
    yield "## Elements\n"
    common = set(ELEMENTS["g"])
    for tag, attributes in ELEMENTS.items():
        yield f"### `<{tag}>`\n"
        own = [name for name in attributes if tag == "g" or name not in common]
        yield f"Attributes: {', '.join(map(_code, own))}.  " if tag != "g" else _GROUP
        held = CHILDREN.get(tag)
        yield f"Holds: {', '.join(_code(f'<{name}>') for name in held)}.\n" if held else ""
        yield from _drawing(tag)
    yield "## Properties\n"
    yield "As attributes, in `style`, or in the rules of classes (`.label { … }`) of a `<style>`.\n"
    for name in PROPERTIES:
        yield f"### `{name}`\n"
        yield from _drawing(name)
    yield "## Roles\n"
    yield from _table(("role", "tag in the PDF"), *((_code(r), t) for r, t in ROLES.items()))
    yield "## What is passed over\n"
    yield f"Elements that draw nothing: {', '.join(_code(f'<{tag}>') for tag in IGNORED)}; elements"
    yield "and attributes of other namespaces, such as Inkscape's; comments; what has"
    yield "`display: none`; properties that begin with a hyphen; and the following, where they have"
    yield "the value that changes nothing:\n"
    yield from _table(
        ("property", "values"),
        *((_code(n), ", ".join(map(_code, v)) or "any") for n, v in HARMLESS.items()),
    )


_GROUP = "What it sets holds for all in it; `opacity` is set on each shape instead.  "


def _drawing(name: str) -> Iterator[str]:
    body = DRAWINGS[name]
    shown = whole(body).rstrip() if name in ("svg", "title") else body
    yield f"```svg\n{shown}\n```\n"
    yield f"![What is printed of it](svg/{name}.png)\n"


# TOML.


def toml_page() -> Iterator[str]:
    """Every key of the files, from the structs that they are read into."""
    yield "# The TOML files\n"
    yield "A key that is not here is refused, with the one that was probably meant. A *text* is"
    yield 'either one string for all languages, or one each: `{ fr = "…", en = "…" }`. Paths are'
    yield "relative to their file.\n"
    files: dict[str, tuple[str, type[msgspec.Struct]]] = {
        "The issuer": ("`--issuer`; start from [issuer.toml](../../examples/issuer.toml).", Issuer),
        "The framework": ("Domains, competences and levels.", Framework),
        "Labels": (
            "`labels/LANGUAGE.toml` in a template's folder; start from"
            " [fr.toml](../../templates/attestation/labels/fr.toml).",
            Labels,
        ),
    }
    for title, (about, kind) in files.items():
        yield f"## {title}\n"
        yield f"{about}\n"
        for name, table in _structs_of(kind):
            if name:
                yield f"### `{name}`\n"
                yield f"{described(table)[0]}\n"
            yield from _table(("key", "type", "without it", "meaning"), *_keys(table))


def _structs_of(kind: type[msgspec.Struct], name: str = "") -> Iterator[tuple[str, Any]]:
    """A struct and those below it, by the headings that they have in a file."""
    yield name, kind
    for field in _fields_of(kind):
        inner, many = _struct_in(field.type)
        if inner:
            below = f"{name.strip('[]')}.{field.encode_name}".strip(".")
            if get_origin(field.type) is dict:
                below += ".KEY"
            yield from _structs_of(inner, f"[[{below}]]" if many else f"[{below}]")


def _fields_of(kind: type[msgspec.Struct]) -> list[Any]:
    # An issuer knows where it was read from, which no file says.
    return [f for f in msgspec.structs.fields(kind) if f.name != "source"]


def _struct_in(kind: Any) -> tuple[Any, bool]:
    """The struct that a type holds, and whether it holds several."""
    if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
        return kind, False
    for part in get_args(kind):
        if inner := _struct_in(part)[0]:
            return inner, get_origin(kind) is tuple or _struct_in(part)[1]
    return None, False


def _keys(kind: type[msgspec.Struct]) -> Iterator[tuple[str, ...]]:
    _, meanings = described(kind)
    for field in _fields_of(kind):
        default = field.default
        if field.required:
            without = "refused"
        else:
            plain = isinstance(default, str | int) and default != ""
            without = _code(json.dumps(default, ensure_ascii=False)) if plain else ""
        meaning = meanings.get(field.name, "")
        if not meaning and (inner := _struct_in(field.type)[0]):
            meaning = described(inner)[0]
        yield _code(field.encode_name), _type_name(field.type), without, meaning


def _type_name(kind: Any) -> str:
    """A type in a reader's words."""
    if kind in (Text, Text | None):
        return "text"
    inner, many = _struct_in(kind)
    if inner:
        return "tables" if many else "table"
    if get_origin(kind) is tuple:
        return f"list of {_type_name(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return "table"
    if hasattr(kind, "__metadata__"):
        (meta,) = kind.__metadata__
        least, most = meta.ge, meta.le
        bounds = f" from {least} to {most}" if most else f" from {least}" if least else ""
        return _type_name(get_args(kind)[0]) + bounds
    named = {str: "string", int: "whole number", bool: "true or false"}
    if get_origin(kind) is Literal:
        return " or ".join(_code(str(value)) for value in get_args(kind))
    if parts := [part for part in get_args(kind) if part is not type(None)]:
        return " or ".join(map(_type_name, parts))
    return named.get(kind, kind.__name__)


def described(kind: type) -> tuple[str, dict[str, str]]:
    """The first sentence of a docstring, and what its section "Attributes" says of each name."""
    own = inspect.cleandoc(kind.__doc__ or "")
    inherited = inspect.cleandoc(kind.__mro__[1].__doc__ or "")
    about, _, listed = (own if "Attributes:" in own else inherited).partition("Attributes:\n")
    about = about if "Attributes:" in own else own
    meanings: dict[str, str] = {}
    name = ""
    for line in listed.splitlines():
        if line.startswith("    ") and not line.startswith("     "):
            name, _, said = line.strip().partition(": ")
            meanings[name] = said[:1].upper() + said[1:]
        elif line.strip():
            meanings[name] += f" {line.strip()}"
    return " ".join(about.split()), meanings


# Errors.


def errors_page() -> Iterator[str]:
    """The tree, each kind, and messages that mistakes really give."""
    yield "# Errors\n"
    yield "All errors that pixattest raises on purpose descend from `PixattestError`. Each says"
    yield "where, what and how to mend it, and has the parts as attributes (`source`, `line`,"
    yield "`problem`, `hint`). A record's faults are all told at once, in `faults`.\n"
    yield "<!-- not run: a tree, which tests/test_errors.py holds to the code -->"
    yield "```text"
    yield (errors.__doc__ or "").partition("\n\n")[2].strip()
    yield "```\n"
    yield "On the command line they go to standard error; the exit status is 1 for a `RecordError`,"
    yield "otherwise 2. `--debug` shows where in the code they come from.\n"
    yield "## Messages you may meet\n"
    yield "Each is what the mistake beside it gives, tried when this page was made.\n"
    yield from _table(("mistake", "message"), *((w, f"`` {m} ``") for w, m in messages()))


def _given(**changes: object) -> dict[str, object]:
    return EXAMPLE | changes


def _without(name: str) -> dict[str, object]:
    return {key: value for key, value in EXAMPLE.items() if key != name}


MISTAKES: dict[str, Callable[[Press, Path], object]] = {
    "A field is missing.": lambda press, _: press.read(_without("last_name")),
    "There is no verification code.": lambda press, _: press.read(_without("verification_code")),
    "A field's name is misspelt.": lambda press, _: press.read(
        _without("centre") | {"centr": "LP De Bougainville"}
    ),
    "A date is written as people do.": lambda press, _: press.read(_given(birth_date="12/1/2003")),
    "A day does not exist.": lambda press, _: press.read(_given(birth_date="2007-02-31")),
    "Born after the delivery.": lambda press, _: press.read(_given(birth_date="2025-01-12")),
    "A level is above the highest one.": lambda press, _: press.read(_given(levels={"3.2": 9})),
    "A competence does not exist.": lambda press, _: press.read(_given(levels={"3,2": 1})),
    "Nothing was acquired.": lambda press, _: press.read(_given(levels={})),
    "The score is too high.": lambda press, _: press.read(_given(score=9000)),
    "A name has letters that no font has.": lambda press, _: press.render(_given(first_name="Անի")),
    "A text has no room.": lambda press, _: press.render(_given(centre="W" * 99)),
    "A record's file is not there.": lambda press, _: press.read_file("record.json"),
    "There is nothing to print.": lambda press, here: press.write([], here / "class.pdf"),
    "The target is there already.": lambda press, here: press.write([EXAMPLE], here / "taken.pdf"),
    "A template is not there.": lambda *_: Press(template="atestation"),
    "A language has no labels.": lambda *_: Press(language="br"),
    "An issuer's key is misspelt.": lambda _, here: Press(issuer=here / "issuer.toml"),
    "A drawing has an unknown field.": lambda _, here: _draw(
        here, '<g role="note"><text data-field="ful_name">Ada</text></g>'
    ),
    "A text of a drawing has no role.": lambda _, here: _draw(here, "<text>Ada</text>"),
    "A picture of a drawing is not described.": lambda _, here: _draw(
        here, '<g role="img"><rect width="9" height="9"/></g>'
    ),
    "A drawing has a gradient.": lambda _, here: _draw(
        here, '<rect width="9" height="9" fill="url(#shade)"/>'
    ),
}
"""Mistakes, and what makes them with a press, in a folder."""


def _draw(folder: Path, body: str) -> None:
    printed(body, folder)


def messages() -> Iterator[tuple[str, str]]:
    """Each mistake and the first line that it gives."""
    press = Press()
    issuer = assets.ISSUER.read_text(encoding="utf-8")
    for mistake, make in MISTAKES.items():
        with tempfile.TemporaryDirectory() as temporary:
            here = Path(temporary)
            (here / "taken.pdf").touch()
            (here / "issuer.toml").write_text(issuer.replace("title =", "titel ="), "utf-8")
            try:
                make(press, here)
            except errors.PixattestError as error:
                told = str(error).splitlines()
                # The record's file names the field; the rest of the message is the same.
                yield mistake, told[-1].replace(f"{temporary}/", "")
            else:
                raise AssertionError(f"{mistake} gives no error")


if __name__ == "__main__":
    main()
