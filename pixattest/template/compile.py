"""SVG template + labels + framework + issuer + variant → Plate.

Jinja2 first fills in what is known before any record. Then the drawing is walked once, in document
order, which is the order of reading: an element with an ARIA role becomes a tag, shapes and texts
become operators in that tag's content, and texts bound to fields become slots.
"""

from __future__ import annotations

from pathlib import Path

from pixattest.errors import TemplateError
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.template.drawing import draw_shape, opacity_name
from pixattest.template.faces import FontLibrary
from pixattest.template.fields import Fields
from pixattest.template.filling import fill, known_before
from pixattest.template.findings import Findings
from pixattest.template.flow import draw_flow
from pixattest.template.geometry import multiply
from pixattest.template.image_elements import draw_image
from pixattest.template.labels import read_labels
from pixattest.template.node import Drawing, Node
from pixattest.template.page import ARTIFACT, Content, Page
from pixattest.template.plate import (
    AnyVariant,
    CoverVariant,
    Mark,
    Paint,
    Plate,
    Variant,
    with_floats,
)
from pixattest.template.sealed import find_unshown
from pixattest.template.structure import (
    OpenTag,
    begin_tag,
    check_tag,
    refuse_description,
    role_of,
)
from pixattest.template.svg import SHAPES, parse_svg
from pixattest.template.text_elements import draw_empty, draw_text


def compile_template(
    path: Path,
    variant: AnyVariant,
    *,
    issuer: Issuer,
    framework: Framework,
    language: str,
    library: FontLibrary,
    findings: Findings | None = None,
) -> Plate:
    """Compile a template for one variant.

    Args:
        path: the SVG file.
        variant: what the records that it will print have in common.
        issuer: who attests.
        framework: the competences that are attested.
        language: the language of the labels, as BCP 47 writes it.
        library: the faces.
        findings: takes the errors of elements; where it is None, the first one is raised.

    Raises:
        TemplateError: the template can't be used as it is.
        IssuerError: an image or text of the issuer can't be used.
    """
    file = path.resolve()
    folder = file.parent
    try:
        labels = read_labels(folder, language)
        findings = findings or Findings()
        known = known_before(labels, variant, issuer, framework, language)
        drawing = parse_svg(fill(file, known, findings), findings)
        fields = Fields(variant, framework, issuer, labels, language, folder)
        root = drawing.root
        page = Page(
            root, variant, issuer, fields, language, library, folder, findings, Content(root)
        )
        return _compile(drawing, page, framework)
    except RecursionError:
        problem = "is nested too deeply"
        raise TemplateError(problem, hint="Take groups apart.", source=path.name) from None
    except TemplateError as error:
        error.source = error.source or path.name
        raise


def _compile(drawing: Drawing, page: Page, framework: Framework) -> Plate:
    """Walk over a drawing, and return the plate of all that it draws."""
    root, content, fields = drawing.root, page.content, page.fields
    page.findings.see_page((0, 0, drawing.width, drawing.height))
    whose = "{group}" if isinstance(page.variant, CoverVariant) else "{full_name}"
    title = fields.read_format(drawing.title or whose, root)
    name = fields.read_format(root.attributes.get("aria-label", whose), root)
    top = OpenTag("Sect", root, bears=False)
    _walk_children(root, top, page)
    content.switch(None)
    if page.is_signed and page.signature is None:
        raise root.error(
            "there is no place for the document's signature",
            'Draw <image data-image="signature"> also {% if variant.signed %}.',
        )
    _refuse_unshown(page, framework)
    if content.ground:
        content.ops[:0] = Mark(f"/{ARTIFACT} BMC\n"), Paint("".join(content.ground)), Mark("EMC\n")
    return with_floats(
        Plate(
            variant=page.variant,
            width=drawing.width,
            height=drawing.height,
            language=page.language,
            title=title,
            name=name,
            title_of_many=fields.read_format(drawing.title_of_many or "{group}", root),
            calendar=fields.calendar,
            ops=tuple(content.ops),
            tags=top.finish(),
            texts=tuple(page.texts),
            plain={face: "".join(sorted(chars)) for face, chars in page.plain.items()},
            shaped={face: tuple(sorted(glyphs)) for face, glyphs in page.shaped.items()},
            opacities={opacity_name(pair): pair for pair in sorted(page.opacities)},
            pictures=page.pictures,
        )
    )


def _refuse_unshown(page: Page, framework: Framework) -> None:
    """Refuse a sealed page that does not show what its seal says."""
    variant, seal = page.variant, page.issuer.seal
    if page.findings.errors:  # an element that was passed over may show it
        return
    if isinstance(variant, Variant) and variant.sealed and seal:
        for problem, hint in find_unshown(page.content.ops, variant, seal, framework):
            with page.findings.at(page.root.source, page.root.line):
                raise page.root.error(problem, hint)


def _walk_children(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Walk over the children of an element, each under its condition if it has one."""
    for child in node.children:
        with page.findings.at(child.source, child.line):
            condition = page.fields.read_condition(child)
            if condition is None:
                _walk(child, tag, page)
                continue
            with page.content.when(condition, tag), page.findings.when(*condition):
                _walk(child, tag, page)


def _walk(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw an element; one with a role begins a tag.

    Args:
        node: the element.
        tag: the tag that it stands in; None within decoration.
        page: takes what is drawn.
    """
    if "data-flow" in node.attributes:
        draw_flow(node, tag, page, _walk_children)
        return
    role = role_of(node)
    if role == "none" or tag is None:
        _draw(node, None, page)
        return
    if role is None:
        refuse_description(node)
        _draw(node, tag, page)
        return
    if page.content.is_conditional:
        raise node.error(
            "an element with a role stands within data-when",
            "Put data-when on what is inside it: the structure is the same for every record.",
        )
    own = begin_tag(node, role, tag)
    if role == "img":
        label = page.fields.read_format(node.attributes["aria-label"], node)
        own.alt = page.number_text(label)
    _draw(node, own, page)
    if empty := node.attributes.get("data-empty"):
        draw_empty(empty, own, page)
    check_tag(own, role)


def _draw(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw an element within a tag that has begun, or as decoration where `tag` is None."""
    sunk = page.content.sunk
    if sunk and (node.tag in SHAPES or node.tag in ("text", "image")):
        for part in (node, *node.children):
            part.matrix = multiply(part.matrix, (1, 0, 0, 1, 0, -sunk))
    if node.tag in SHAPES:
        _draw_shape(node, tag, page)
    elif node.tag == "text":
        draw_text(node, tag, page)
    elif node.tag == "image":
        draw_image(node, tag, page)
    else:
        _walk_children(node, tag, page)


def _draw_shape(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw a shape, in the content of its tag or as decoration."""
    shape = draw_shape(node)
    if shape is None:
        return
    if shape.opacity != (1, 1):
        page.opacities.add(shape.opacity)
    page.findings.see_shape(node, shape.box)
    content = page.content
    bearer = tag if tag and tag.bears else None
    is_movable = not content.is_conditional and not content.is_block
    if bearer is None and is_movable and not content.covers(shape.box):
        # Decoration with nothing under it is drawn first, so that it does not part the tags.
        content.ground.append(shape.operators)
        return
    content.switch(bearer or ARTIFACT)
    content.add(Paint(shape.operators))
    content.cover(shape.box, tag)
