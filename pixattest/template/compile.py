"""SVG template + labels + framework + issuer + variant → Plate.

Jinja2 fills what is known before any record; what is left is walked once, in document order,
which is the order of reading. ARIA roles become tags; shapes and texts become operators; bound
texts become slots.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from pathlib import Path

import msgspec

from pixattest.errors import IssuerError, TemplateError, did_you_mean
from pixattest.model.framework import Framework, name_in
from pixattest.model.issuer import Issuer
from pixattest.pdf.fonts import MissingGlyphError, Run
from pixattest.pdf.images import ImageError, Picture, load_picture
from pixattest.pdf.objects import numbers, text_string
from pixattest.pdf.tags import Link, SignatureField, Tag
from pixattest.template.drawing import draw_shape, fill_colour, opacity_name
from pixattest.template.faces import FontLibrary
from pixattest.template.filling import fill, known_before
from pixattest.template.folder import inside
from pixattest.template.geometry import Box, around, multiply, placed
from pixattest.template.labels import Labels, labels_file, line_of, read_labels
from pixattest.template.plate import (
    FLOW,
    AnyVariant,
    DetailVariant,
    Flow,
    FlowBlock,
    Mark,
    Op,
    Paint,
    Plate,
    QrSlot,
    TextSlot,
    Variant,
    When,
)
from pixattest.template.sealed import find_unshown
from pixattest.template.slots import Format, parse_format
from pixattest.template.svg import SHAPES, Drawing, Findings, Node, parse_svg, scale_of
from pixattest.template.text import NoRoomError, SetText, TextBox, TextSetter

_CONTAINERS = {
    "article": "Sect",
    "document": "Sect",
    "group": "Div",
    "list": "L",
    "region": "Sect",
    "row": "TR",
    "rowgroup": "TBody",
    "table": "Table",
}
_BEARERS = {
    "caption": "Caption",
    "cell": "TD",
    "columnheader": "TH",
    "heading": "H1",
    "img": "Figure",
    "link": "Link",
    "listitem": "LI",
    "note": "Note",
    "paragraph": "P",
    "rowheader": "TH",
}
ROLES = {**_CONTAINERS, **_BEARERS, "none": "Artifact", "presentation": "Artifact"}
"""ARIA roles that a template may use, and the structure types that they become."""

_CELLS = ("cell", "columnheader", "rowheader")
_HELD = {
    "list": ("caption", "listitem"),
    "row": _CELLS,
    "rowgroup": ("row",),
    "table": ("caption", "row", "rowgroup"),
}
"""Roles whose elements hold those of certain roles only."""
_BOUND = {role for roles in _HELD.values() for role in roles} - {"caption"}
"""Roles that stand nowhere else (ISO 32000-1, 14.8.4.3)."""

_NAMING = ("aria-label", "aria-level", "data-empty")
"""Attributes that say something of an element with a role."""

_ALIKE = 0.01
"""Share of its room that an image leaves over, and that nobody sees."""

_MOVES = ("x", "y", "dx", "dy")
"""Attributes that move a part of a text away from the one before."""

_CONDITION = re.compile(r"(not )?(\S+)(?: >= ([0-9]{1,4}))?")
_CONDITION_HINT = (
    'Write a field, such as "level:1.1", "not score", "level:1.1 >= 3" or "not score >= 120".'
)

_SCOPES = {"columnheader": "Column", "rowheader": "Row"}


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
        path: of the SVG.
        variant: what its records have in common.
        issuer: who attests.
        framework: whose competences are attested.
        language: of the labels.
        library: the faces.
        findings: takes the errors of elements; None: the first one is raised.

    Raises:
        TemplateError: the template can't be used as it is.
        IssuerError: an image or text of the issuer can't.
    """
    file = path.resolve()
    folder = file.parent
    try:
        labels = read_labels(folder, language)
        findings = findings or Findings()
        known = known_before(labels, variant, issuer, framework, language)
        drawing = parse_svg(fill(file, known, findings), findings)
        return _Compiler(
            drawing, variant, issuer, framework, language, library, labels, folder, findings
        )()
    except RecursionError:
        problem = "is nested too deeply"
        raise TemplateError(problem, hint="Take groups apart.", source=path.name) from None
    except TemplateError as error:
        error.source = error.source or path.name
        raise


@dataclass(slots=True)
class _Draft:
    """A tag that is still growing."""

    type: str
    node: Node
    kids: list[_Draft | int | Link | SignatureField] = field(default_factory=list)
    scope: str | None = None
    alt: int | None = None
    slot: TextBox | None = None
    begin: int = 0
    boxes: list[Box] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    bears: bool = True

    def finish(self) -> Tag:
        box = None
        if self.type == "Figure":
            box = around(self.boxes)
        return Tag(
            self.type,
            tuple(kid.finish() if isinstance(kid, _Draft) else kid for kid in self.kids),
            self.scope,
            box,
            self.alt,
        )


class _Compiler:
    """One walk over one drawing."""

    def __init__(
        self,
        drawing: Drawing,
        variant: AnyVariant,
        issuer: Issuer,
        framework: Framework,
        language: str,
        library: FontLibrary,
        labels: Labels,
        folder: Path,
        findings: Findings,
    ) -> None:
        self._drawing = drawing
        self._variant = variant
        self._issuer = issuer
        self._framework = framework
        self._language = language
        self._library = library
        self._labels = labels
        self._calendar = labels.calendar(language)
        self._folder = folder
        self._findings = findings
        self._vocabulary = variant.vocabulary(framework, language, self._calendar, issuer)
        number = self._calendar.number
        # What the variant settles is set once, as any static text.
        self._settled = {
            "top_level": str(framework.levels),
            "top_score": number(framework.max_score(framework.levels)),
            "unit": name_in(framework.score.unit, language) if framework.score else "",
            "issuer": issuer.name,
            "certification": issuer.certification,
        }
        # Of one person's page: its own title and name.
        self._who = "{group}"
        if isinstance(variant, Variant | DetailVariant):
            self._who = "{full_name}"
            self._settled |= {
                "max_level": framework.names_of_levels(language)[variant.max_level - 1],
                "max_score": number(framework.max_score(variant.max_level)),
            }
        if isinstance(variant, Variant):
            self._settled["years"] = labels.years_in_words(variant.years)
        self._ops: list[Op] = []
        self._ground: list[str] = []
        self._covered: list[Box] = []
        self._open: _Draft | str | None = None
        self._locked = False
        self._mcids = 0
        self._in_block = False
        self._sunk = 0.0
        self._texts: list[Format] = []
        self._plain: dict[int, set[str]] = defaultdict(set)
        self._shaped: dict[int, set[tuple[int, str]]] = defaultdict(set)
        self._opacities: set[tuple[float, float]] = set()
        self._pictures: dict[str, Picture] = {}
        self._signed = isinstance(variant, Variant) and variant.signed
        self._signature: SignatureField | None = None

    def __call__(self) -> Plate:
        root = self._drawing.root
        self._findings.see_page((0, 0, self._drawing.width, self._drawing.height))
        title = self._format(self._drawing.title or self._who, root)
        name = self._format(root.attributes.get("aria-label", self._who), root)
        top = _Draft("Sect", root, bears=False)
        self._walk_children(root, top)
        self._switch(None)
        if self._signed and self._signature is None:
            raise root.error(
                "there is no place for the document's signature",
                'Draw <image data-image="signature"> also {% if variant.signed %}.',
            )
        self._refuse_unshown(root)
        if self._ground:
            ground = Mark("/Artifact BMC\n"), Paint("".join(self._ground)), Mark("EMC\n")
            self._ops[:0] = ground
        return Plate(
            variant=self._variant,
            width=self._drawing.width,
            height=self._drawing.height,
            language=self._language,
            title=title,
            name=name,
            title_of_many=self._format(self._drawing.title_of_many or "{group}", root),
            calendar=self._calendar,
            ops=tuple(self._ops),
            tags=top.finish(),
            texts=tuple(self._texts),
            plain={face: frozenset(chars) for face, chars in self._plain.items()},
            shaped={face: frozenset(glyphs) for face, glyphs in self._shaped.items()},
            opacities={opacity_name(pair): pair for pair in sorted(self._opacities)},
            pictures=self._pictures,
        )

    def _refuse_unshown(self, root: Node) -> None:
        """Refuse a sealed page that does not show what its seal says."""
        seal = self._issuer.seal
        if self._findings.errors:  # what was passed over may show it
            return
        if isinstance(self._variant, Variant) and self._variant.sealed and seal:
            for problem, hint in find_unshown(self._ops, self._variant, seal, self._framework):
                with self._findings.at(root.source, root.line):
                    raise root.error(problem, hint)

    # The walk: structure.

    def _walk_children(self, node: Node, draft: _Draft | None) -> None:
        for child in node.children:
            with self._findings.at(child.source, child.line), self._condition(child, draft):
                self._walk(child, draft)

    def _walk(self, node: Node, draft: _Draft | None) -> None:
        """Draw a node; `draft` is the tag it stands in, None within an artifact."""
        if "data-flow" in node.attributes:
            self._flow(node, draft)
            return
        role = node.attributes.get("role") or ("link" if node.tag == "a" else None)
        if role and role not in ROLES:
            hint = did_you_mean(role, ROLES) or f"Roles are {', '.join(sorted(ROLES))}."
            raise node.error(f"the role {role!r} is not supported", hint)
        hidden = node.attributes.get("aria-hidden", "false")
        if hidden not in ("true", "false"):
            raise node.error(f"aria-hidden is {hidden!r}", "It is true or false.")
        if hidden == "true" or (role and ROLES[role] == "Artifact") or draft is None:
            self._draw(node, None)
            return
        if role is None:
            for name in _NAMING:
                if name in node.attributes:
                    raise node.error(f"{name} stands on an element without a role", "Give it one.")
            self._draw(node, draft)
            return
        if self._locked:
            raise node.error(
                "an element with a role stands within data-when",
                "Put data-when on what is inside it: the structure is the same for every record.",
            )
        _check_role(role, draft.node.attributes.get("role", ""), node)
        own = self._tag(node, role)
        draft.kids.append(own)
        self._draw(node, own)
        self._finish_tag(own, role)

    def _tag(self, node: Node, role: str) -> _Draft:
        attributes = node.attributes
        draft = _Draft(ROLES[role], node, scope=_SCOPES.get(role), bears=role in _BEARERS)
        if role == "heading":
            level = attributes.get("aria-level", "1")
            if level not in ("1", "2", "3", "4", "5", "6"):
                raise node.error(f"aria-level is {level!r}", "Give a level from 1 to 6.")
            draft.type = f"H{level}"
        label = attributes.get("aria-label")
        if role == "img":
            if not label:
                raise node.error("a picture has no aria-label", "Say in it what the picture shows.")
            draft.alt = self._page_text(self._format(label, node))
        return draft

    def _finish_tag(self, draft: _Draft, role: str) -> None:
        """Check and complete a tag whose content is known."""
        node = draft.node
        empty = node.attributes.get("data-empty")
        if empty:
            if draft.words and not draft.fields:
                raise node.error("data-empty stands where no field can be empty", "Remove it.")
            # Nothing at all is left to be filled in with a pen.
            draft.slot = draft.slot or self._box(node, 0, 0, room=node)
            self._say_empty(empty, draft)
        if role == "table" and not _has(draft, "TH"):
            raise node.error(
                "a table has no headers", "Give its headers role columnheader or rowheader."
            )
        if draft.type == "Figure" and not draft.boxes:
            raise node.error("a picture is empty", "Draw it inside the element with role img.")
        if role == "link":
            href = node.attributes.get("href")
            if not href or not draft.boxes:
                raise node.error(
                    "a link has no href or no text", "Use <a href=…><text>…</text></a>."
                )
            contents = node.attributes.get("aria-label") or "".join(draft.words).strip()
            if not contents:
                raise node.error("a link has no aria-label", "Say in it where the link leads.")
            draft.kids.append(Link(href, contents, around(draft.boxes)))

    def _say_empty(self, text: str, draft: _Draft) -> None:
        """Where all fields of a tag are empty, a blank that is read as a text (14.9.4)."""
        assert draft.slot is not None
        typeface = self._library.typeface(draft.slot.typeface)
        blank = TextSetter(draft.slot, typeface, self._language, spaced=False).set(" ")
        self._use(blank.runs)
        said = f"/Span<</ActualText{text_string(text + ' ')}>>BDC\n{blank.operators}EMC\n"
        self._switch(draft)
        names = list(dict.fromkeys(draft.fields))
        for place, op in enumerate(self._ops):
            # With what is drawn anyhow where the field is empty, it makes one drawing.
            if place >= draft.begin and isinstance(op, When) and [op.field] == names:
                *others, last = op.ops
                if not op.present and op.least is None and isinstance(last, Paint):
                    last = Paint(last.content + said)
                    self._ops[place] = When(op.field, False, (*others, last))
                    return
        if not names:
            # Within the page's own content, where readers of tags look first.
            self._add(Mark(said))
            return
        said_by: Op = Paint(said)
        for name in names:
            said_by = When(name, False, (said_by,))
        self._ops.append(said_by)

    @contextmanager
    def _condition(self, node: Node, draft: _Draft | None) -> Iterator[None]:
        """Gather what a node with data-when draws into one operation."""
        condition = node.attributes.get("data-when")
        if condition is None:
            yield
            return
        found = _CONDITION.fullmatch(condition)
        if not found:
            raise node.error(f"data-when is {condition!r}", _CONDITION_HINT)
        negative, name, least = found.groups()
        self._check_field(name, node)
        if least and name not in self._vocabulary.numbers:
            hint = f"Fields with a number are {', '.join(self._vocabulary.numbers)}."
            raise node.error(f"{name} is no number", hint)
        self._switch(draft if draft and draft.bears else "Artifact")
        outer, locked = self._ops, self._locked
        self._ops, self._locked = [], True
        reached = int(least) if least else None
        try:
            with self._findings.when(name, not negative, reached):
                yield
        finally:
            outer.append(When(name, not negative, tuple(self._ops), reached))
            self._ops, self._locked = outer, locked

    # The walk: blocks that flow.

    def _flow(self, node: Node, draft: _Draft | None) -> None:
        """Columns, and the blocks that fill them."""
        if not isinstance(self._variant, DetailVariant):
            raise node.error(
                "data-flow stands on a first page",
                "Name the drawing of the first page in data-first-page of this one's <svg>.",
            )
        twice = any(isinstance(op, Flow) for op in self._ops)
        if draft is None or draft.bears or self._in_block or self._locked or twice:
            raise node.error(
                "data-flow stands twice, or within a text, a condition or decoration",
                "Put it right into <svg>, once.",
            )
        self._switch(None)
        columns: list[Box] = []
        blocks: dict[str, FlowBlock] = {}
        for child in node.children:
            with self._findings.at(child.source, child.line):
                if "data-column" in child.attributes:
                    x, y = child.length("x", 0), child.length("y", 0)
                    box = (x, y, x + child.extent("width"), y + child.extent("height"))
                    columns.append(placed(child.matrix, box))
                elif "data-block" in child.attributes:
                    blocks[child.attributes["data-block"]] = self._block(child)
                else:
                    raise child.error(
                        f"<{child.tag}> in data-flow is neither a column nor a block",
                        "Give it data-column or data-block, or put it elsewhere.",
                    )
        if not columns:
            raise node.error("a flow has no column", 'Add <rect data-column="" …>.')
        # Whatever begins a column has room in it.
        room = min(top - bottom for _, bottom, _, top in columns)
        heads = [block.height for key, block in blocks.items() if key.startswith("domain:")]
        for key, block in blocks.items():
            if max(heads, default=0.0) + block.gap + block.height > room:
                raise node.error(
                    f"the block {key!r} and a heading are higher than a column",
                    "Let the columns be higher, or the texts smaller or shorter.",
                )
        self._ops.append(Flow(tuple(columns), blocks))
        draft.kids.append(_Draft(FLOW, node))

    def _block(self, node: Node) -> FlowBlock:
        """What a block draws, as the first marked contents of a page."""
        outer = self._ops, self._open, self._mcids, self._covered
        self._ops, self._open, self._mcids, self._covered = [], None, 0, []
        self._in_block, self._sunk = True, 0.0
        draft = _Draft("Sect", node, bears=False)
        try:
            with self._findings.apart():
                self._walk_children(node, draft)
                self._switch(None)
            ops, covered = tuple(self._ops), self._covered
        finally:
            self._ops, self._open, self._mcids, self._covered = outer
            self._in_block, self._sunk = False, 0.0
        tags = [kid for kid in draft.kids if isinstance(kid, _Draft)]
        if any(tag.kids != [mcid] for mcid, tag in enumerate(tags)):
            raise node.error(
                "a block holds more than headings and paragraphs", "Put no role within another."
            )
        drawn = tuple(op for op in ops if isinstance(op, Mark | Paint))
        _, b, c, _, left, top = node.matrix
        if drawn != ops or not covered or (b, c) != (0, 0):
            raise node.error(
                "a block is empty, turned, or shows a field of the record",
                "Write what its level means in it; it is the same for all who reach the level.",
            )
        height = top - min(box[1] for box in covered)
        gap = node.extent("data-gap", 0, zero=True) * scale_of(node)
        return FlowBlock((left, top), height, gap, drawn, tuple(tag.type for tag in tags))

    # The walk: content.

    def _draw(self, node: Node, draft: _Draft | None) -> None:
        if self._sunk and (node.tag in SHAPES or node.tag in ("text", "image")):
            for part in (node, *node.children):
                part.matrix = multiply(part.matrix, (1, 0, 0, 1, 0, -self._sunk))
        if node.tag in SHAPES:
            self._shape(node, draft)
        elif node.tag == "text":
            self._text(node, draft)
        elif node.tag == "image":
            self._image(node, draft)
        else:
            self._walk_children(node, draft)

    def _shape(self, node: Node, draft: _Draft | None) -> None:
        shape = draw_shape(node)
        if shape is None:
            return
        if shape.opacity != (1, 1):
            self._opacities.add(shape.opacity)
        self._findings.see_shape(node, shape.box)
        bearer = draft if draft and draft.bears else None
        movable = not self._locked and not self._in_block
        if bearer is None and movable and not self._covers(shape.box):
            # Decoration with nothing under it is drawn first: it need not part the tags.
            self._ground.append(shape.operators)
            return
        self._switch(bearer or "Artifact")
        self._add(Paint(shape.operators))
        self._covered.append(shape.box)
        if draft:
            draft.boxes.append(shape.box)

    def _text(self, node: Node, draft: _Draft | None) -> None:
        if draft and not draft.bears:
            raise node.error(
                "a text stands in no element with a role",
                'Give it one, such as role="paragraph", or aria-hidden="true" for decoration.',
            )
        self._switch(draft or "Artifact")
        attributes = node.attributes
        source = attributes.get("data-format")
        if "data-field" in attributes:
            source = "{" + attributes["data-field"] + "}"
        if source is not None:
            self._slot(node, self._format(source, node), draft)
            return
        parts = [part for part in (node, *node.children) if part.text]
        if len(parts) > 1:
            _check_parts(node, parts)
            if "data-width" in attributes:
                self._shrink(node, parts)
        for part, box, ends in self._line(node, parts):
            self._static(part.text, part, box, draft, ends=ends)

    def _line(self, node: Node, parts: Sequence[Node]) -> Iterator[tuple[Node, TextBox, bool]]:
        """Where the parts of a text stand, and whether the next one stands apart."""
        x, y = node.length("x", 0), node.length("y", 0)
        for part, following in zip_longest(parts, parts[1:]):
            if part is not node:
                x = part.length("x", x) + part.length("dx", 0)
                y = part.length("y", y) + part.length("dy", 0)
            ends = following is None or not following.attributes.keys().isdisjoint(_MOVES)
            box = self._box(part, x, y, room=node)
            if len(parts) > 1:
                box = msgspec.structs.replace(box, width=None)  # which is that of all together
            yield part, box, ends
            if following is not None:
                x = self._set(part.text, part, box, ends=ends)[1].box[2]

    def _shrink(self, node: Node, parts: Sequence[Node]) -> None:
        """Scale the parts of a text, about where it begins, until they have room on its line."""
        *_, (last, box, _) = self._line(node, parts)
        x, y = node.length("x", 0), node.length("y", 0)
        wide = self._set(last.text, last, box)[1].box[2] - x
        scale = min(node.extent("data-width") / wide, 1)
        if scale < node.extent("data-min-size", node.style.size) / node.style.size:
            raise _no_room("".join(part.text for part in parts), node)
        for part in parts:
            part.matrix = multiply((scale, 0, 0, scale, x - x * scale, y - y * scale), part.matrix)

    def _covers(self, box: Box) -> bool:
        """Whether a box meets anything that is drawn in reading order."""
        left, bottom, right, top = box
        return any(
            left < other[2] and other[0] < right and bottom < other[3] and other[1] < top
            for other in self._covered
        )

    def _slot(self, node: Node, format_: Format, draft: _Draft | None) -> None:
        box = self._box(node, node.length("x", 0), node.length("y", 0), room=node)
        if not format_.fields:
            if text := "".join(literal for literal, _ in format_.parts):
                self._static(text, node, box, draft)
            return
        setter = TextSetter(box, self._library.typeface(box.typeface), self._language)
        self._ops.append(TextSlot(format_, box))
        wide = box.width or 0
        left = box.x - {"start": 0.0, "middle": wide / 2, "end": wide}[box.anchor]
        high = max(box.size, box.height or 0)
        place = placed(box.matrix, (left, box.y - high, left + wide, box.y + high))
        self._covered.append(place)
        if draft:
            draft.fields += format_.fields
            draft.slot = box
            draft.boxes.append(place)
        self._findings.see_text(node, place, format_, setter, says=draft is not None)

    def _static(
        self, text: str, node: Node, box: TextBox, draft: _Draft | None, *, ends: bool = True
    ) -> None:
        """Draw a text; where it does not end, its next part stands right beside it."""
        setter, found = self._set(text, node, box, ends=ends)
        if self._in_block:
            # On its own, as other blocks have the same text; what is below makes room for it.
            self._ops.append(Paint(found.operators))
            _, _, _, first, last = found.lines
            self._sunk += (last - first) * scale_of(node)
        else:
            self._add(Paint(found.operators))
        self._use(found.runs)
        place = placed(box.matrix, found.box)
        self._covered.append(place)
        if draft:
            draft.boxes.append(place)
            draft.words.append(f"{text} " if ends else text)
        self._findings.see_text(node, place, text, setter, says=draft is not None)

    def _set(
        self, text: str, node: Node, box: TextBox, *, ends: bool = True
    ) -> tuple[TextSetter, SetText]:
        """A text in its box, and what has set it."""
        typeface = self._library.typeface(box.typeface)
        setter = TextSetter(box, typeface, self._language, spaced=ends)
        try:
            return setter, setter.set(text)
        except MissingGlyphError as reason:
            raise node.error(f"in {text!r}, {reason}", "Use another character or font.") from None
        except NoRoomError:
            raise _no_room(text, node) from None

    def _box(self, node: Node, x: float, y: float, room: Node) -> TextBox:
        """Where a text goes; `room` is the <text> that says how it may be fitted."""
        style, attributes = node.style, room.attributes
        if style.fill is None:
            raise node.error("a text has no fill", "Leave it out, or give it a colour.")
        if style.stroke is not None and style.stroke_width:
            raise node.error("a text has a stroke", "Take a bolder face, or draw it as a path.")
        scale_of(node)
        grow = attributes.get("data-grow", "down")
        if grow not in ("down", "middle"):
            raise node.error(f"data-grow is {grow!r}", "It is down or middle.")
        lines = room.extent("data-lines", 1)
        if lines != int(lines):
            raise node.error(f"data-lines is {lines:g}", "It is a whole number.")
        colour = fill_colour(style.fill)
        if style.fill_opacity != 1:
            self._opacities.add((style.fill_opacity, 1))
            colour = f"/{opacity_name((style.fill_opacity, 1))} gs {colour}"
        return TextBox(
            (style.family, style.weight, style.italic),
            colour,
            node.matrix,
            x,
            y,
            style.size,
            room.extent("data-min-size", style.size),
            room.extent("data-width") if "data-width" in attributes else None,
            int(lines),
            room.extent("data-height") if "data-height" in attributes else None,
            room.extent("data-leading", 1.2),
            grow == "middle",
            style.anchor,
            style.spacing,
        )

    def _image(self, node: Node, draft: _Draft | None) -> None:
        if draft and draft.type != "Figure":
            raise node.error(
                "an image has no role",
                'Give it role="img" and aria-label, or aria-hidden="true" for decoration.',
            )
        if self._signed and node.attributes.get("data-image") == "signature":
            self._signature_field(node, draft)
            return
        x, y = node.length("x", 0), node.length("y", 0)
        width, height = node.extent("width"), node.extent("height")
        self._switch(draft or "Artifact")
        room = placed(node.matrix, (x, y, x + width, y + height))
        self._covered.append(room)
        if draft:
            draft.boxes.append(room)
        self._findings.see_image(node, room, says=draft is not None)
        if "data-field" in node.attributes:
            if node.attributes["data-field"] != "qr_address":
                raise node.error("only qr_address is shown as an image", "Show others as texts.")
            self._check_field("qr_address", node)
            slot = QrSlot(multiply((width, 0, 0, -height, x, y + height), node.matrix))
            self._ops.append(slot)
            self._findings.see_qr(node, slot)
            return
        self._add(Paint(self._picture(node)))

    def _signature_field(self, node: Node, draft: _Draft | None) -> None:
        """In place of the signature image, the field that takes the signature and shows it."""
        # A form's element holds its field and nothing else (ISO 14289-1, 7.18.4).
        if draft is None or draft.node is not node or self._signature:
            raise node.error(
                "the document's signature can't stand here",
                'Draw it once, with role="img" on the <image> itself, and not hidden.',
            )
        x, y = node.length("x", 0), node.length("y", 0)
        room = placed(node.matrix, (x, y, x + node.extent("width"), y + node.extent("height")))
        drawing = self._picture(node) if self._issuer.signature.image else ""
        self._covered.append(room)
        draft.type, draft.alt = "Form", None
        self._signature = SignatureField(node.attributes["aria-label"], room, drawing)
        draft.kids.append(self._signature)

    def _picture(self, node: Node) -> str:
        """Operators that draw the picture of an image."""
        x, y = node.length("x", 0), node.length("y", 0)
        width, height, scale = node.extent("width"), node.extent("height"), scale_of(node)
        path, error = self._image_path(node)
        try:
            picture = load_picture(path, width * scale, height * scale)
        except ImageError as reason:
            raise error(
                f"the image {path.name} {reason}",
                source=self._issuer.source if error is IssuerError else None,
                hint=reason.hint,
            ) from None
        name = f"I{len(self._pictures)}"
        self._pictures[name] = picture
        wide, high = picture.width / scale, picture.height / scale
        across, down = width - wide, height - high
        right_, below = _alignment(node, is_filled=max(across / width, down / height) < _ALIKE)
        x, y = x + across * right_, y + down * below
        place = multiply((wide, 0, 0, -high, x, y + high), node.matrix)
        box = placed(node.matrix, (x, y, x + wide, y + high))
        self._findings.see_picture(node, box, opaque=picture.alpha is None)
        return f"q {numbers(*place)} cm /{name} Do Q\n"

    def _image_path(self, node: Node) -> tuple[Path, type[IssuerError | TemplateError]]:
        bound = node.attributes.get("data-image")
        if bound is None:
            href = node.attributes.get("href")
            if not href:
                raise node.error("an image has no href", "Name a file beside the template.")
            if href.startswith("data:"):
                raise node.error(
                    "an image is embedded",
                    "Save it as PNG or JPEG beside the template, and link it by its name.",
                )
            return inside(self._folder, href), TemplateError
        known = {"signature": self._issuer.signature.image, "logo": self._issuer.wordmark.logo}
        if bound not in known:
            raise node.error(f"data-image is {bound!r}", f"It is {' or '.join(known)}.")
        path = known[bound]
        if path is None:
            raise node.error(
                f"the issuer has no {bound} image", "Draw it only {% if %} there is one."
            )
        return Path(path), IssuerError

    # What is gathered.

    def _switch(self, to: _Draft | str | None) -> None:
        """Close the marked content that is open, and open that of a tag or an artifact."""
        if self._open is to:
            return
        if self._locked:
            node = to.node if isinstance(to, _Draft) else self._drawing.root
            raise node.error("data-when stands around content and decoration at once")
        if self._open is not None:
            self._add(Mark("EMC\n"))
        if isinstance(to, _Draft):
            self._add(Mark(f"/{to.type}<</MCID {self._mcids}>>BDC\n"))
            to.kids.append(self._mcids)
            to.begin = len(self._ops)
            self._mcids += 1
        elif to:
            self._add(Mark("/Artifact BMC\n"))
        self._open = to

    def _add(self, op: Mark | Paint) -> None:
        last = self._ops[-1] if self._ops else None
        if isinstance(last, Mark | Paint) and type(last) is type(op):
            self._ops[-1] = type(op)(last.content + op.content)
        else:
            self._ops.append(op)

    def _use(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._plain[run.face].update(run.plain)
            self._shaped[run.face] |= run.shaped

    def _page_text(self, format_: Format) -> int:
        self._texts.append(format_)
        return len(self._texts) - 1

    def _format(self, text: str, node: Node) -> Format:
        """A format whose settled fields are filled in."""
        try:
            format_ = parse_format(text)
        except ValueError as reason:
            raise node.error(
                f"{text!r} has braces that do not match: {reason}",
                "Braces hold the name of a field. One to be printed comes from a label, doubled:"
                " {{ or }}.",
            ) from None
        parts: list[tuple[str, str]] = []
        for literal, name in format_.parts:
            if name in self._settled:
                literal, name = literal + self._settled[name], ""
            elif name:
                self._check_field(name, node)
            if parts and not parts[-1][1]:
                parts[-1] = (parts[-1][0] + literal, name)
            else:
                parts.append((literal, name))
        return Format(tuple(parts))

    def _check_field(self, name: str, node: Node) -> None:
        if name in self._vocabulary:
            return
        known = [*self._vocabulary, *self._settled]
        hint = did_you_mean(name, known) or f"Fields are {', '.join(_kinds(known))}."
        # In words, {person.name} stands for each person's.
        written = re.sub(r"^person:\d+\.", "person.", name)
        words = self._labels.words.items()
        word = next((word for word, text in words if f"{{{written}}}" in text), None)
        if word:
            problem = f'there is no field {written!r}, which the word "{word}" shows'
            source, line = labels_file(self._language), line_of(self._folder, self._language, word)
            raise TemplateError(problem, hint=hint, source=source, line=line)
        raise node.error(f"there is no field {name!r}", hint)


def _kinds(names: Iterable[str]) -> Iterator[str]:
    """Names of fields, one of all levels and one of all people."""
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        kind = re.sub(r"person:[0-9]+|level:.+", lambda found: found[0][:6], name)
        alike.setdefault(kind, []).append(name)
    for first, *others in alike.values():
        yield f"{first} and so on" if others else first


def _check_role(role: str, holder: str, node: Node) -> None:
    """Refuse a role that stands in a holder's where neither role allows it."""
    places = [place for place, held in _HELD.items() if role in held]
    if role in _BOUND and holder not in places:
        raise node.error(
            f"a {role} stands outside of a {' or '.join(places)}",
            "Put it right into an element of that role.",
        )
    if holder in _HELD and role not in _HELD[holder]:
        raise node.error(
            f"a {role} stands in a {holder}", f"It may hold {' or '.join(_HELD[holder])} only."
        )


def _check_parts(node: Node, parts: Sequence[Node]) -> None:
    """Refuse parts of a text that could not stand where SVG puts them."""
    if "data-lines" in node.attributes:
        raise node.error("data-lines stands on a text of several parts", "Give it one part.")
    if "data-width" in node.attributes and any("x" in part.attributes for part in parts[1:]):
        raise node.error(
            "data-width stands on a text whose parts have places of their own",
            "Let each part stand beside the one before, or be a <text> of its own.",
        )
    starts = [True, *("x" in part.attributes for part in parts[1:]), True]
    for part, alone in zip(parts, map(all, pairwise(starts)), strict=True):
        if part.style.anchor != "start" and not alone:
            raise part.error(
                f"text-anchor of a part of a text is {part.style.anchor}",
                "Give each <tspan> its own x, or let the text begin at its x.",
            )


def _no_room(text: str, node: Node) -> TemplateError:
    return node.error(
        f"{text!r} does not fit its room",
        "Widen data-width, allow more data-lines or a smaller data-min-size, or shorten it.",
    )


def _has(draft: _Draft, type_: str) -> bool:
    return draft.type == type_ or any(
        _has(kid, type_) for kid in draft.kids if isinstance(kid, _Draft)
    )


def _alignment(node: Node, *, is_filled: bool) -> tuple[float, float]:
    """Share of the room that is left over, to be put left and above (SVG 2, 8.8).

    Args:
        node: an image.
        is_filled: whether nothing is left over, so that nothing need be stretched either.
    """
    text = node.attributes.get("preserveAspectRatio", "xMidYMid").removesuffix("meet").strip()
    if text == "none" and is_filled:
        return 0.5, 0.5
    found = re.fullmatch(r"x(Min|Mid|Max)Y(Min|Mid|Max)", text)
    if not found:
        raise node.error(f"preserveAspectRatio is {text!r}", "Use one such as xMidYMid.")
    share = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
    return share[found[1]], share[found[2]]
