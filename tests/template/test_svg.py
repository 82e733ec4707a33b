"""SVG text to nodes: units, matrices, the cascade, sample attributes, and what is refused."""

from __future__ import annotations

import pytest

from pixattest.errors import TemplateError
from pixattest.template.lines import number_lines
from pixattest.template.node import Drawing, Node
from pixattest.template.svg import parse_svg

RED, BLUE, BLACK = (1, 0, 0), (0, 0, 1), (0, 0, 0)


def draw(body: str, size: str = 'width="100pt" height="100pt" viewBox="0 0 100 100"') -> Drawing:
    """The drawing of a body that starts on line 2 of its file."""
    return parse_svg(number_lines(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{body}</svg>'))


def only(body: str) -> Node:
    """The one element of a body."""
    (node,) = draw(body).root.children
    return node


def refused(body: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        draw(body)
    return caught.value


@pytest.mark.parametrize(
    ("length", "points"),
    [
        ("72pt", 72),
        ("96", 72),
        ("96px", 72),
        ("1in", 72),
        ("2.54cm", 72),
        ("25.4mm", 72),
        ("210mm", 595.2756),
        (" 72 pt ", 72),
    ],
)
def test_page_lengths_become_points(length: str, points: float) -> None:
    """Every unit of length of SVG becomes points, 96 pixels being an inch."""
    drawing = draw("", f'width="{length}" height="{length}"')
    assert (drawing.width, drawing.height) == pytest.approx((points, points), abs=1e-4)


@pytest.mark.parametrize("length", ["", "0mm", "100%", "-5mm", "12parsec", "mm", "1e3pt"])
def test_page_without_size_is_refused(length: str) -> None:
    """A page whose width is missing, empty, relative or in an unknown unit is refused."""
    with pytest.raises(TemplateError, match="idth of <svg> is"):
        draw("", f'width="{length}" height="297mm"')


@pytest.mark.parametrize(
    "size",
    [
        'width="1.2.3mm" height="10mm"',
        'width=".mm" height="10mm"',
        'width="10mm" height="10mm" viewBox="a b c d"',
        'width="10mm" height="10mm" viewBox="0 0 0 10"',
        'width="10mm" height="10mm" viewBox="0 0 10"',
        'width="10mm" height="10mm" viewBox="0 0 -10 -10"',
    ],
)
def test_page_with_malformed_size_is_refused(size: str) -> None:
    """A size or a viewBox that is not four numbers with an area is refused as a template error."""
    with pytest.raises(TemplateError):
        draw("", size)


def test_viewbox_scales_and_moves_to_points() -> None:
    """A point of the viewBox lands where SVG puts it, with y upwards from the lower left."""
    root = draw("", 'width="200pt" height="200pt" viewBox="10 20 100 100"').root
    assert root.matrix == (2, 0, 0, -2, -20, 240)


def test_drawing_without_viewbox_is_in_pixels() -> None:
    """Without a viewBox a unit is a CSS pixel, three quarters of a point."""
    root = draw("", 'width="100pt" height="50pt"').root
    assert root.matrix == pytest.approx((0.75, 0, 0, -0.75, 0, 50))


def test_viewbox_of_other_proportions_is_refused() -> None:
    """A viewBox that a browser would letterbox is not stretched over the page."""
    with pytest.raises(TemplateError):
        draw("", 'width="200pt" height="100pt" viewBox="0 0 100 100"')


@pytest.mark.parametrize(
    ("transform", "matrix"),
    [
        ("translate(10 20)", (1, 0, 0, -1, 10, 80)),
        ("translate(10)", (1, 0, 0, -1, 10, 100)),
        ("scale(2 3)", (2, 0, 0, -3, 0, 100)),
        ("scale(2)", (2, 0, 0, -2, 0, 100)),
        ("rotate(90)", (0, -1, -1, 0, 0, 100)),
        ("rotate(90 10 20)", (0, -1, -1, 0, 30, 90)),
        ("rotate(90,10,20)", (0, -1, -1, 0, 30, 90)),
        ("skewX(45)", (1, 0, 1, -1, 0, 100)),
        ("skewY(45)", (1, -1, 0, -1, 0, 100)),
        ("matrix(1 2 3 4 5 6)", (1, -2, 3, -4, 5, 94)),
        ("translate(10 20) scale(2)", (2, 0, 0, -2, 10, 80)),
        ("scale(2) translate(10 20)", (2, 0, 0, -2, 20, 60)),
        (" scale( 2 ) , translate(10,20) ", (2, 0, 0, -2, 20, 60)),
        ("scale(-1e0 +.5)", (-1, 0, 0, -0.5, 0, 100)),
    ],
)
def test_transforms_match_matrices_worked_by_hand(
    transform: str, matrix: tuple[float, ...]
) -> None:
    """Each kind of transform, alone and in lists, gives the matrix of SVG 2, 8.5."""
    assert only(f'<g transform="{transform}"/>').matrix == pytest.approx(matrix, abs=1e-12)


def test_transforms_of_groups_nest() -> None:
    """What stands in a group is moved by the group's transform after its own."""
    group = only('<g transform="translate(10 20)"><g transform="scale(2)"/></g>')
    assert group.children[0].matrix == (2, 0, 0, -2, 10, 80)


@pytest.mark.parametrize(
    "transform",
    [
        "rotate",
        "rotate(a)",
        "rotate(30 10)",
        "matrix(1 2 3)",
        "matrix(1 2 3 4 5 6 7)",
        "translate()",
        "perspective(3)",
        "translate(1 2) foo",
        "none",
    ],
)
def test_malformed_transform_is_refused(transform: str) -> None:
    """A transform that SVG does not know is refused with the line it stands on."""
    error = refused(f'\n<g transform="{transform}"/>')
    assert (error.problem, error.line) == (f"transform can't be {transform!r}", 3)


def test_style_attribute_beats_class_and_presentation_attribute() -> None:
    """The style attribute has the last word over attributes and classes."""
    node = only('<style>.a { fill: lime }</style><g class="a" fill="blue" style="fill: red"/>')
    assert node.style.fill == RED


def test_class_beats_presentation_attribute() -> None:
    """A class overrides a presentation attribute, as in any browser (SVG 2, 6.6)."""
    assert only('<style>.a { fill: red }</style><g class="a" fill="blue"/>').style.fill == RED


def test_later_rule_wins_whatever_the_order_of_classes() -> None:
    """Of two classes the one whose rule stands later wins (CSS Cascading, 6.1)."""
    sheet = "<style>.a { fill: blue } .b { fill: red }</style>"
    fills = [only(f'{sheet}<g class="{names}"/>').style.fill for names in ("a b", "b a")]
    assert fills == [RED, RED]


def test_rules_of_one_class_add_up() -> None:
    """A class may be described by several rules, each adding to the earlier ones."""
    style = only('<style>.a, .b { fill: red } .a { stroke: blue }</style><g class="a"/>').style
    assert (style.fill, style.stroke) == (RED, BLUE)


def test_style_is_inherited_until_it_is_set_again() -> None:
    """Children have their parent's style where they do not say otherwise."""
    outer = only(
        '<g fill="red" font-size="9px"><g font-size="8"><text/></g><rect fill="blue"/></g>'
    )
    inner, rect = outer.children
    assert (inner.children[0].style.fill, inner.children[0].style.size) == (RED, 8)
    assert (rect.style.fill, rect.style.size) == (BLUE, 9)


def test_initial_style_is_that_of_svg() -> None:
    """Without any style a shape is filled in black and not stroked."""
    style = only("<g/>").style
    assert (style.fill, style.stroke, style.stroke_width, style.size) == (BLACK, None, 1, 16)


def test_all_properties_are_read() -> None:
    """Each supported property reaches the style in the form that drawing needs."""
    style = only(
        '<rect style="fill: none; stroke: #36F; stroke-width: 2px; stroke-linecap: square;'
        " stroke-linejoin: bevel; stroke-dasharray: 4, 2 1; fill-rule: evenodd;"
        " fill-opacity: 50%; stroke-opacity: .25; font-family: 'A B', serif; font-size: 9px;"
        ' font-weight: bold; font-style: italic; letter-spacing: .5px; text-anchor: end"/>'
    ).style
    assert style.fill is None
    assert style.stroke == pytest.approx((0.2, 0.4, 1))
    assert (style.stroke_width, style.linecap, style.linejoin) == (2, 2, 2)
    assert (style.dashes, style.even_odd) == ((4, 2, 1), True)
    assert (style.fill_opacity, style.stroke_opacity) == (0.5, 0.25)
    assert (style.family, style.size, style.weight, style.italic) == ("A B", 9, 700, True)
    assert (style.spacing, style.anchor) == (0.5, "end")


@pytest.mark.parametrize(
    "declaration",
    [
        "fill: url(#gradient)",
        "fill: rgba(1,2,3,.5)",
        "fill: ",
        "font-size: 9pt",
        "font-weight: heavy",
        "stroke-linecap: flat",
        "stroke-dasharray: 5px",
        "fill-rule: odd",
        "text-anchor: left",
        "fill: red !important",
    ],
)
def test_value_that_cannot_be_drawn_is_refused(declaration: str) -> None:
    """A value that has no meaning here is refused by name, with its line."""
    error = refused(f'<rect style="{declaration}"/>')
    assert error.problem.startswith(declaration.split(":")[0] + " can't be ")
    assert error.line == 2


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0"])
def test_font_size_is_a_positive_number(value: str) -> None:
    """A font size that no text can be set in is refused."""
    refused(f'<text font-size="{value}"/>')


def test_length_that_is_not_finite_is_refused_when_it_is_read() -> None:
    """A length with a foreign unit is refused with element, attribute and line."""
    with pytest.raises(TemplateError, match="x of <rect> is '5mm', not a number") as caught:
        only('<rect x="5mm"/>').length("x")
    assert caught.value.line == 2


@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
def test_length_that_is_no_number_is_refused(value: str) -> None:
    """Not-a-number and infinity never reach a page."""
    with pytest.raises(TemplateError):
        only(f'<rect x="{value}"/>').length("x")


def test_sample_element_is_left_out() -> None:
    """What is only there for whoever looks at the drawing is not drawn."""
    assert [node.tag for node in draw('<g data-sample=""><rect/></g><line/>').root.children] == [
        "line"
    ]


def test_whole_drawing_cannot_be_a_sample() -> None:
    """A template that is a sample as a whole is refused."""
    with pytest.raises(TemplateError, match="sample as a whole"):
        draw("", 'width="9pt" height="9pt" data-sample=""')


def test_bound_attributes_replace_sample_ones() -> None:
    """`data-set-x` replaces attribute x, be it geometry, style or transform."""
    node = only(
        '<rect x="1" data-set-x="5" fill="red" data-set-fill="blue" data-set-width="7"'
        ' transform="scale(3)" data-set-transform="scale(2)"/>'
    )
    assert (node.attributes["x"], node.attributes["width"]) == ("5", "7")
    assert node.style.fill == BLUE
    assert node.matrix[0] == 2


def test_bound_attribute_is_checked_as_any() -> None:
    """`data-set-` does not let an unknown attribute in."""
    assert "attribute onload of <rect>" in refused('<rect data-set-onload="x"/>').problem


def test_bound_text_replaces_sample_text_and_its_parts() -> None:
    """`data-text` replaces the sample text with its tspans."""
    node = only('<text data-text="real">sample<tspan>more</tspan></text>')
    assert (node.text, node.children) == ("real", [])


def test_empty_bound_text_replaces_too() -> None:
    """An empty `data-text` leaves no sample text standing."""
    assert only('<text data-text="">sample</text>').text == ""


def test_white_space_of_texts_is_folded_but_not_hard_spaces() -> None:
    """Line breaks and indents are one space; a no-break space stays as it is."""
    assert only("<text>\n  a\n\t b\u00a0c </text>").text == "a b\u00a0c"


@pytest.mark.parametrize(
    ("body", "problem", "hint"),
    [
        ("<recht/>", "<recht> is not supported", 'Did you mean "rect"?'),
        ("<script/>", "<script> is not supported", "What is: rect"),
        ("<foreignObject/>", "<foreignObject> is not supported", "What is: rect"),
        ("<use/>", "<use> is not supported", "Unlink the clone"),
        ('<rect widht="3"/>', "attribute widht of <rect> is not supported", '"width"?'),
        ('<rect onclick="x()"/>', "attribute onclick of <rect> is not supported", None),
        ('<g x="1"/>', "attribute x of <g> is not supported", None),
        ('<rect style="filll: red"/>', "the property 'filll' is not supported", '"fill"?'),
        ('<g opacity="0.5"/>', "opacity of a group is not supported", "each shape"),
        ("<text>a<tspan>b</tspan>c</text>", "text after a <tspan> is not supported", "<tspan>"),
        ("<g>lost</g>", "'lost' is in no text", "<text>"),
        ("<g/>lost", "'lost' is in no text", "<text>"),
        ("<tspan>a</tspan>", "<tspan> can't stand in <svg>", "<text>"),
        ("<rect><rect/></rect>", "<rect> can't stand in <rect>", "nothing"),
        ('<text lang="fr"/>', "attribute lang of <text> is not supported", "labels"),
        ('<text xml:lang="fr"/>', "attribute lang of <text> is not supported", "labels"),
        ('<g data-wen="score"/>', "attribute data-wen of <g> is not supported", '"data-when"?'),
        ('<text data-field="a" data-text="b"/>', "data-field and data-text at once", "one"),
        ('<a role="note"/>', "attribute role of <a> is not supported", None),
        ('<title data-formt="x"/>', "attribute data-formt of <title>", '"data-format"?'),
        ('<rect style="fill red"/>', "the style 'fill red' can't be read", "name: value"),
        ('<g transform="scale(1e6) scale(1e6)"/>', "the transform leads off any page", None),
        ("<style>rect { fill: red }</style>", "the selector 'rect' is not supported", ".label"),
        ("<style>.a .b { fill: red }</style>", "the selector '.a .b' is not supported", ".label"),
    ],
)
def test_what_is_not_supported_is_refused(body: str, problem: str, hint: str | None) -> None:
    """An unknown element, attribute, property or selector is named with its line and a hint."""
    error = refused("\n\n" + body)
    assert (problem in error.problem, error.line) == (True, 4)
    assert hint is None or hint in str(error.hint)


@pytest.mark.parametrize(
    "sheet",
    ["@media print { .a { fill: red } }", ".a { fill: red", ".a { fill red }", ".a { fill: red }}"],
)
def test_style_sheet_that_is_not_understood_is_refused(sheet: str) -> None:
    """A rule is never dropped in silence, nor taken out of its at-rule."""
    refused(f'<style>{sheet}</style><g class="a"/>')


def test_rule_that_is_refused_has_its_own_line() -> None:
    """A fault in a style sheet is found at its rule, whether or not a class is used."""
    sheet = "<style>/* a\n b */\n.a { fill: red }\n.b,\n.c { fil: red }\n</style>"
    assert refused(sheet).line == 5
    assert refused(sheet.replace("fil:", "fill:").replace(".b", "b")).line == 5


def test_role_of_the_whole_drawing_is_refused() -> None:
    """The drawing is the document, and has no other role."""
    with pytest.raises(TemplateError, match="attribute role of <svg>") as caught:
        draw("", 'width="9pt" height="9pt" role="table"')
    assert caught.value.line == 1


def test_font_faces_and_comments_of_a_style_sheet_are_for_the_browser() -> None:
    """@font-face and comments do not get in the way of the rules."""
    sheet = '@font-face { font-family: "X"; src: url("x.ttf"); } /* .a { fill: blue } */'
    assert only(f'<style>{sheet} .a {{ fill: red }}</style><g class="a"/>').style.fill == RED


def test_editor_data_is_ignored() -> None:
    """Elements and attributes of other namespaces, as Inkscape writes them, do no harm."""
    body = (
        '<sodipodi:namedview xmlns:sodipodi="urn:x" zoom="1"/><metadata>x</metadata>'
        '<desc>x</desc><g xmlns:inkscape="urn:y" inkscape:label="Layer"/>'
    )
    assert [node.tag for node in draw(body).root.children] == ["g"]


def test_old_link_attribute_is_read_as_href() -> None:
    """xlink:href, which older editors write, is href."""
    body = '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://pix.fr"/>'
    assert only(body).attributes["href"] == "https://pix.fr"


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://example.org/svg11.dtd">',
        '<!DOCTYPE svg [<!ENTITY a "b">]>',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_and_entities_are_refused(prologue: str) -> None:
    """No document type is read, so that no entity can blow up or reach a file."""
    with pytest.raises(TemplateError, match="document type"):
        parse_svg(prologue + '<svg xmlns="http://www.w3.org/2000/svg"/>')


@pytest.mark.parametrize("text", ["", "<svg", "<svg></g>", "<g>&nope;</g>", "hello", "<a/><b/>"])
def test_malformed_xml_is_refused(text: str) -> None:
    """What is not well-formed is refused as such."""
    with pytest.raises(TemplateError, match="not well-formed XML"):
        parse_svg(text)


@pytest.mark.parametrize("text", ["<svg/>", "<html/>", '<g xmlns="http://www.w3.org/2000/svg"/>'])
def test_other_xml_is_refused(text: str) -> None:
    """Well-formed XML that is not an SVG drawing is refused."""
    with pytest.raises(TemplateError, match="s not an SVG drawing"):
        parse_svg(text)


def test_malformed_xml_after_a_loop_is_refused_with_its_line_in_the_file() -> None:
    """What a loop wrote twenty times does not count."""
    file = number_lines('<svg xmlns="http://www.w3.org/2000/svg">\n<g/>\n\n</oops>')
    with pytest.raises(TemplateError) as caught:
        parse_svg(file.replace('<g data-line="2"/>\n', '<g data-line="2"/>\n' * 20))
    assert caught.value.line == 4


def test_malformed_xml_is_refused_with_its_line() -> None:
    """The error of malformed XML carries the line as any other does."""
    assert refused("\n\n<g></rect>").line == 4


@pytest.mark.parametrize(
    ("body", "problem", "hint"),
    [
        (
            "<g>\n<text>a</txt>\n</g>",
            "</txt> closes nothing: what is open is the <text> of line 3",
            "Write </text>, or remove it.",
        ),
        (
            "<g>\n  <g>\n    <text>a</text>\n</g>\n",
            "the <g> of line 2 is not closed before </svg> of line 6",
            "Add </g>: by how the lines are indented, the <g> of line 3 lacks it.",
        ),
        ("<g><g></g>", "the <g> of line 2 is not closed before </svg> of line 2", "Add </g>."),
        (
            "</g>",
            "</g> closes nothing: what is open is the <svg> of line 1",
            "Write </svg>, or remove it.",
        ),
        (
            '<path d="M0 0>"/>&',
            "is not well-formed XML: not well-formed (invalid token)",
            "Write & as &amp;, and characters as themselves.",
        ),
        (
            "<g\nid=”a”/>",
            "is not well-formed XML: not well-formed (invalid token)",
            "Write straight quotes around what an attribute is, not ”.",
        ),
    ],
    ids=["another name", "forgotten", "forgotten on one line", "one too many", "&", "curly quotes"],
)
def test_malformed_xml_is_told_with_its_cause(body: str, problem: str, hint: str) -> None:
    """Tags that do not pair are both named with their lines."""
    error = refused(body)
    assert (error.problem, error.hint) == (problem, hint)


def test_the_line_of_an_end_tag_is_that_of_its_file() -> None:
    """Also after a part of the file that was left out, and in another one."""
    file = number_lines('<svg xmlns="http://www.w3.org/2000/svg">\n<g>\n\n<i/>\n</svg>')
    with pytest.raises(TemplateError) as caught:
        parse_svg(file.replace('\n\n<i data-line="4"/>', ""))
    assert caught.value.line == 5
    part = number_lines("<g>\n<a></b>", "a--b.svg")
    with pytest.raises(TemplateError, match=r"is the <a> of a--b\.svg, line 2") as caught:
        parse_svg(f'<svg data-line="1" xmlns="http://www.w3.org/2000/svg">{part}')
    assert (caught.value.source, caught.value.line) == ("a--b.svg", 2)


@pytest.mark.parametrize(
    ("style", "hint"),
    [
        ("fill: rood", "Write it as #RRGGBB, or none."),
        ("stroke: rot", "Write it as #RRGGBB, or none."),
        ("font-size: 23pt", "Write a number without a unit: it is in units of the drawing."),
        ("stroke-width: 1mm", "Write a number without a unit: it is in units of the drawing."),
        ("fill: url(#a)", "Choose a plain colour."),
    ],
)
def test_a_value_that_can_t_be_read_comes_with_its_mend(style: str, hint: str) -> None:
    """Colours, and lengths with a unit."""
    assert refused(f'<rect style="{style}"/>').hint == hint


def test_lines_are_those_of_the_source_before_loops() -> None:
    """Lines are numbered in the file as it was written, several elements on one included."""
    numbered = number_lines('<svg>\n<g><rect x="1"/>\n\n<text>a</text></g></svg>')
    assert [row for row in "1234" if f'="{row}"' in numbered] == ["1", "2", "4"]
    assert numbered.count('data-line="2"') == 2


def test_element_whose_attributes_start_on_the_next_line_has_a_line() -> None:
    """An element may have its attributes below its name, as Inkscape writes them."""
    assert only('<rect\n   x="1"/>').line == 2


def test_tags_in_comments_are_not_numbered() -> None:
    """What stands in a comment is no element, and keeps its text."""
    assert number_lines("<!-- <g>\n<b> -->\n<a/>") == '<!-- <g>\n<b> -->\n<a data-line="3"/>'


def test_elements_of_a_part_know_their_file() -> None:
    """Lines of an included file carry its name."""
    assert number_lines("\n<g/>", "parts/a.svg") == '\n<g data-line="parts/a.svg:2"/>'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a <tspan>b</tspan>", ["a ", "b"]),
        ("a<tspan> b </tspan> <tspan> c </tspan>", ["a", " b ", "c"]),
        (" <tspan>a</tspan>\n <tspan>b</tspan>\n", ["", "a ", "b"]),
        ("a <tspan data-text=' b '/>", ["a ", "b"]),
        ("a<tspan data-sample=''>gone</tspan> ", ["a"]),
    ],
)
def test_one_space_is_kept_between_parts_of_a_text(text: str, parts: list[str]) -> None:
    """White space at the borders of tspans is folded across them, and gone at the ends."""
    node = only(f"<text>{text}</text>")
    assert [node.text, *(child.text for child in node.children)] == parts


def test_title_is_the_format_of_the_document_title() -> None:
    """The title's bound format wins over its sample text."""
    assert draw("<title> A  b </title>").title == "A b"
    assert draw('<title data-format="{full_name}">A b</title>').title == "{full_name}"
    assert draw("").title == ""


def test_opacities_multiply() -> None:
    """Opacity and fill-opacity are multiplied, wherever either stands."""
    group = only('<g fill-opacity="0.5"><rect opacity="0.5"/></g>')
    assert group.children[0].style.fill_opacity == 0.25


def test_nested_drawing_is_refused() -> None:
    """An svg in the svg has a coordinate system of its own, which is not supported."""
    refused('<svg width="10" height="10" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>')
