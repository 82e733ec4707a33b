"""Templates compiled: loops and includes, the sandbox, and nothing out of the folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from drawings import LABELS, P, Refused, Write
from fontTools.ttLib import TTFont
from PIL import Image

from pixattest import Press, TemplateError
from pixattest.model import assets
from pixattest.model.issuer import Issuer, Wordmark, default_issuer

SVG = "{http://www.w3.org/2000/svg}"


def test_own_template_has_its_own_fonts_and_labels(write: Write, record: dict[str, Any]) -> None:
    """A template elsewhere brings its fonts/ and labels/ with it."""
    import pymupdf

    path = write(
        '<g role="heading"><text y="50" font-family="Mine">{{ label.title }}</text></g>',
        labels=LABELS.replace("Attestation", "Félicitations"),
    )
    (path.parent / "fonts").mkdir()
    font = TTFont(assets.FONTS / "source-serif-4" / "SourceSerif4_600SemiBold.ttf")
    for name_id in (1, 16):
        font["name"].setName("Mine", name_id, 3, 1, 0x409)
    font["name"].setName("Mine-Regular", 6, 3, 1, 0x409)
    font.save(path.parent / "fonts" / "mine.ttf")
    pdf = Press(path).render(record)
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        assert str(document[0].get_text()).strip() == "Félicitations"
        assert {font[3].split("+")[1] for font in document[0].get_fonts()} == {"Mine-Regular"}


def test_template_through_a_link_is_found(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A path that links to a template of the same name is that template, with its labels."""
    link = tmp_path / "page.svg"
    link.symlink_to(write('<g role="paragraph"><text y="50">a</text></g>'))
    assert Press(link).render(record).startswith(b"%PDF")


def test_template_through_a_link_of_another_name_is_found(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A link may have another name than the template."""
    link = tmp_path / "current.svg"
    link.symlink_to(write('<g role="paragraph"><text y="50">a</text></g>'))
    assert Press(link).render(record).startswith(b"%PDF")


@pytest.mark.parametrize("name", assets.template_names())
def test_shipped_template_is_a_drawing_with_sample_text(name: str) -> None:
    """A shipped template is well-formed SVG by itself, with sample text in its bound texts."""
    root = ElementTree.parse(assets.template_path(name)).getroot()
    assert root.tag == f"{SVG}svg"
    bound = [
        text
        for text in root.iter(f"{SVG}text")
        if "data-field" in text.attrib or "data-format" in text.attrib
    ]
    assert len(bound) > 3
    assert all("".join(text.itertext()).strip() for text in bound)
    samples = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "{{" not in samples
    assert re.search(r"Camille MARTIN|Camille Martin", samples)


@pytest.mark.parametrize("name", assets.template_names())
def test_shipped_template_opens_in_an_svg_viewer(name: str) -> None:
    """A shipped template can be looked at without pixattest."""
    import pymupdf

    with pymupdf.open(assets.template_path(name)) as document:
        pixels = document[0].get_pixmap(dpi=36)
    assert len(set(pixels.samples)) > 20


def test_line_is_that_of_the_source_within_loops(refused: Refused) -> None:
    """Lines are counted in the file, not in what its loops write."""
    body = '<!--{% for n in range(9) %}-->\n<rect width="1"/>\n<!--{% endfor %}-->\n<text>a</text>'
    assert refused(body).line == 5


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("\n{{ label.titel }}", "titel"),
        ("\n{{ nothing }}", "'nothing' is undefined"),
        ("\n<!--{% if variant.nothing %}--><!--{% endif %}-->", "nothing"),
        ("\n{{ 1 / 0 }}", "division by zero"),
        ("\n{{ 'x' + 1 }}", "str"),
        ("\n{{ 'blue!'|readable }}", "blue!"),
        ("\n{{ 5|readable }}", "strip"),
        ("\n{{ '#000'|tint(2) }}", "strength"),
        ("\nword", "is in no text"),
    ],
)
def test_unknown_word_is_refused(refused: Refused, body: str, problem: str) -> None:
    """A label or value that is not there is an error, never an empty text."""
    assert problem in refused(body).problem


def test_unknown_label_has_its_line(refused: Refused) -> None:
    """An error of Jinja carries its line as any other does, and the label that was meant."""
    error = refused("\n{{ label.titel }}")
    assert (error.line, error.hint) == (3, 'Did you mean "title"?')
    assert refused("\n{{ issuer.wordmak }}").hint == 'Did you mean "wordmark"?'
    assert refused("\n{{ variant.scor }}").hint == 'Did you mean "score"?'


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("\n<recht/>", "<recht> is not supported"),
        ("\n{{ label.titel }}", "has no word 'titel'"),
        ("\n{{ 1 + }}", "unexpected"),
        ("<g>\n</rect>", "</rect> closes nothing"),
        ("\n<text>a</text>", "text stands in no element with a role"),
        ('\n<image aria-hidden="true" width="9" height="9" href="none.png"/>', "is not there"),
    ],
)
def test_error_in_an_included_file_names_that_file(
    write: Write, record: dict[str, Any], part: str, problem: str
) -> None:
    """File and line are those of the part that holds the fault."""
    path = write('\n<!--{% include "part.svg" %}-->')
    (path.parent / "part.svg").write_text(part, encoding="utf-8")
    with pytest.raises(TemplateError, match=re.escape(problem)) as caught:
        Press(path).render(record)
    assert (caught.value.source, caught.value.line) == ("part.svg", 2)


def test_missing_include_is_refused_at_its_line(refused: Refused) -> None:
    """The file that is not there is named."""
    error = refused('\n<!--{% include "none.svg" %}-->')
    assert ("'none.svg'" in error.problem, error.line) == (True, 3)


def test_jinja_syntax_error_has_its_line(refused: Refused) -> None:
    """A block that is not closed, or an expression that is none, is refused at its line."""
    assert refused("\n<!--{% for x %}-->").line == 3
    assert refused("\n{{ 1 + }}").line == 3


def test_missing_language_is_refused(write: Write, record: dict[str, Any]) -> None:
    """A language that the template lacks is an error that names the file to add."""
    with pytest.raises(TemplateError, match="no labels in the language 'en'") as caught:
        Press(write(""), language="en").render(record)
    assert "labels/en.toml" in str(caught.value.hint)


@pytest.mark.parametrize(
    "body",
    [
        P.format('<text y="20" data-filed="score">999</text>'),
        P.format('<text y="20" data-formt="{score}">999</text>'),
        P.format('<text y="20" data-felds="1">999</text>'),
        '\n<g role="img" aria-lable="x" aria-label="y"><rect width="5" height="5"/></g>',
    ],
)
def test_misspelt_binding_is_refused(refused: Refused, body: str) -> None:
    """An unknown data- or aria- attribute is refused, or a sample would be printed for all."""
    assert refused(body).line == 3


@pytest.mark.parametrize(
    "body",
    [
        P.format('<text y="20"><tspan data-field="score">999</tspan></text>'),
        P.format('<text y="20"><tspan data-when="score">999</tspan></text>'),
        P.format('<text y="20"><tspan role="note">999</tspan></text>'),
        P.format('<g data-field="score"><text y="20">999</text></g>'),
        P.format('<text y="20">a<tspan><tspan>lost</tspan></tspan></text>'),
        P.format('<text y="20">a<a href="https://pix.fr">lost</a></text>'),
        P.format('<text y="20">a<rect width="5" height="5"/></text>'),
    ],
)
def test_part_that_would_be_lost_is_refused(refused: Refused, body: str) -> None:
    """What stands where it is not looked at is refused rather than left out in silence."""
    assert refused(body).line == 3


@pytest.mark.parametrize(
    "body",
    [
        P.format('<text font-size="0" data-width="9" data-field="score"/>'),
        '<rect x="nan" width="5" height="5"/>',
        '<path d="L 5 5"/>',
        '<image role="img" aria-label="x" x="0" y="0" width="0" height="5" href="a.png"/>',
        '<!--{% include "page.svg" %}-->',
        "<g>" * 2000 + "</g>" * 2000,
        '<image aria-hidden="true" width="9" height="9" href="a.png" transform="scale(0)"/>',
        '<polygon points="1 2 3"/>',
        "<!--{% set x = 5 %}-->{{ x.y.z }}",
    ],
)
def test_absurd_template_is_refused_as_one(refused: Refused, body: str) -> None:
    """No template makes any other error than a TemplateError."""
    refused(body)


@pytest.mark.parametrize(
    "expression",
    [
        "label.__class__",
        "label.__class__.__mro__[1].__subclasses__()",
        "''.__class__",
        "variant.__class__.__init__.__globals__",
        "label['__class__'].__name__",
        "label|attr('__class__')",
        "''.join.__self__.__class__",
        "'{0.__class__}'.format(label)",
        "'{0.__class__.__mro__}'|format(label)|string ~ ''.format_map.__globals__",
        "self.__init__.__globals__",
        "lipsum.__globals__",
        "cycler.__init__.__globals__['os']",
        "namespace.__init__",
        "range(99999999)",
        "framework.domains.append(1)",
        "label.update({'a': 'b'})",
        "label.clear()",
        "framework.domains.pop()",
        "framework.domains[0].setdefault('a', 1)",
        "9 ** (9 ** 9)",
        "(9 ** 999) * (9 ** 999) * (9 ** 999) * (9 ** 999)",
        "'x' * 10 ** 9",
        "10 ** 9 * 'x'",
        "[0] * 99999999",
    ],
)
def test_sandbox_lets_nothing_out_and_nothing_be_changed(refused: Refused, expression: str) -> None:
    """Neither Python's insides nor what the template is given can be touched."""
    error = refused(P.format("<text y='20'>{{ " + expression + " }}</text>"))
    assert error.problem.startswith("Jinja2: ")


@pytest.mark.parametrize("way", ["include", "import", "extends", "from"])
@pytest.mark.parametrize(
    "name",
    ["../secret.svg", "/etc/hostname", "labels/../../secret.svg", "link.svg", "far/secret.svg"],
)
def test_template_reaches_no_file_outside_its_folder(
    write: Write, record: dict[str, Any], tmp_path: Path, way: str, name: str
) -> None:
    """No path, absolute, upwards or through a link, leads out of the template's folder."""
    (tmp_path / "secret.svg").write_text("<desc>secret</desc>", encoding="utf-8")
    tail = " as x" if way == "import" else " import x" if way == "from" else ""
    path = write(f'<!--{{% {way} "{name}"{tail} %}}-->')
    (path.parent / "link.svg").symlink_to(tmp_path / "secret.svg")
    (path.parent / "far").symlink_to(tmp_path)
    with pytest.raises(TemplateError, match="outside the template's folder"):
        Press(path).render(record)


def test_template_includes_files_of_its_folder(write: Write, record: dict[str, Any]) -> None:
    """Parts of a template may stand beside it, and below."""
    import pymupdf

    path = write('<!--{% include "parts/a.svg" %}-->')
    (path.parent / "parts").mkdir()
    part = '<g role="note"><text y="20">from a part</text></g>'
    (path.parent / "parts" / "a.svg").write_text(part, encoding="utf-8")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        assert str(document[0].get_text()).strip() == "from a part"


def test_labels_are_not_read_through_a_link_out_of_the_folder(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A link to labels elsewhere is refused, as any file outside the folder is."""
    path = write('<g role="note"><text y="20">{{ label.title }}</text></g>')
    (tmp_path / "fr.toml").write_text(LABELS, encoding="utf-8")
    (path.parent / "labels" / "fr.toml").unlink()
    (path.parent / "labels" / "fr.toml").symlink_to(tmp_path / "fr.toml")
    with pytest.raises(TemplateError):
        Press(path).render(record)


@pytest.mark.parametrize(("size", "said"), [((20, 10), 2), ((10, 20), 0.5), (None, 0)])
def test_proportion_of_the_logo_is_known_before_any_record(
    write: Write,
    record: dict[str, Any],
    tmp_path: Path,
    size: tuple[int, int] | None,
    said: float,
) -> None:
    """Its width over its height, and 0 without one."""
    import pymupdf

    wordmark = Wordmark(text="pix")
    if size:
        Image.new("RGB", size, "blue").save(tmp_path / "logo.png")
        wordmark = Wordmark(logo=str(tmp_path / "logo.png"))
    issuer: Issuer = msgspec.structs.replace(default_issuer(), wordmark=wordmark)
    path = write(P.format(f'<text y="20" data-text="{{{{ issuer.logo == {said} }}}}"/>'))
    with pymupdf.open(stream=Press(path, issuer).render(record)) as document:
        assert document[0].get_text().strip() == "True"


def test_shipped_template_can_be_copied_and_changed(record: dict[str, Any], tmp_path: Path) -> None:
    """A copy of the shipped template, elsewhere, prints the same bytes."""
    source = assets.template_path("attestation").parent
    shutil.copytree(source, tmp_path / "copy")
    assert Press(tmp_path / "copy" / "template.svg").render(record) == Press().render(record)
