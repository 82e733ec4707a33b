"""The structure of finished pages: elements, parent tree, links, texts, as pikepdf reads them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pixattest import Press


@pytest.fixture(scope="module")
def pdf(press: Press) -> Iterator[pikepdf.Pdf]:
    """The example's file."""
    example = press.read_file(Path(__file__).parents[2] / "examples" / "record.json")
    with pikepdf.open(io.BytesIO(press.render(example))) as file:
        yield file


def kids(element: Any) -> list[Any]:
    found = element.get("/K", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def elements(root: Any) -> Iterator[Any]:
    """All structure elements below one, in reading order."""
    for kid in kids(root):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def types(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element.S) for element in elements(pdf.Root.StructTreeRoot)]


def owners(pdf: pikepdf.Pdf) -> dict[int, Any]:
    """The parent tree: value by key, from whatever nodes it is made of."""

    def entries(node: Any) -> Iterator[tuple[int, Any]]:
        pairs = list(node.get("/Nums", []))
        yield from ((int(key), value) for key, value in zip(pairs[::2], pairs[1::2], strict=True))
        for below in node.get("/Kids", []):
            yield from entries(below)

    found = list(entries(pdf.Root.StructTreeRoot.ParentTree))
    assert [key for key, _ in found] == sorted({key for key, _ in found})
    return dict(found)


def mcids_in(pdf: pikepdf.Pdf) -> list[int]:
    """Numbers of the marked contents that the page draws, in order."""
    return [
        int(operands[1].MCID)
        for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])
        if str(operator) == "BDC" and "/MCID" in operands[1]
    ]


def test_parent_tree_leads_from_marked_content_to_its_owner(pdf: pikepdf.Pdf) -> None:
    """Every MCID of the page is listed under the element that has it as a kid, and no other."""
    page = pdf.pages[0]
    listed = list(owners(pdf)[int(page.StructParents)])
    owned: dict[int, Any] = {}
    for element in elements(pdf.Root.StructTreeRoot):
        for kid in kids(element):
            if isinstance(kid, int):
                assert kid not in owned
                owned[kid] = element
                assert element.Pg.objgen == page.objgen
    assert len(owned) > 40
    assert sorted(owned) == list(range(len(listed)))
    assert [owned[mcid].objgen for mcid in range(len(listed))] == [e.objgen for e in listed]


def test_every_marked_content_is_drawn_once(pdf: pikepdf.Pdf) -> None:
    """The page draws each MCID once, and their order is that of reading."""
    drawn = mcids_in(pdf)
    assert sorted(drawn) == list(range(len(drawn)))
    read = [kid for e in elements(pdf.Root.StructTreeRoot) for kid in kids(e) if type(kid) is int]
    assert sorted(read) == sorted(drawn)


def test_marked_content_is_named_after_its_element(pdf: pikepdf.Pdf) -> None:
    """The tag in the content is the type of the element that owns it."""
    listed = list(owners(pdf)[int(pdf.pages[0].StructParents)])
    for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]):
        if str(operator) == "BDC" and "/MCID" in operands[1]:
            assert str(operands[0]) == str(listed[int(operands[1].MCID)].S)


def test_nothing_is_drawn_outside_of_marked_content(pdf: pikepdf.Pdf) -> None:
    """Every text, path and image is tagged or an artifact, and marks are balanced."""
    depth = 0
    for _, operator in pikepdf.parse_content_stream(pdf.pages[0]):
        name = str(operator)
        depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
        assert depth >= 0
        if name in ("f", "f*", "S", "B", "B*", "TJ", "Tj", "Do", "INLINE IMAGE"):
            assert depth > 0
    assert depth == 0


def test_parent_tree_leads_from_links_to_their_owner(pdf: pikepdf.Pdf) -> None:
    """A link annotation belongs to one Link element, which refers back to it."""
    tree = owners(pdf)
    links = [a for a in pdf.pages[0].Annots if a.Subtype == "/Link"]
    assert len(links) == 1
    for link in links:
        owner = tree[int(link.StructParent)]
        assert owner.S == "/Link"
        referred = [k.Obj.objgen for k in kids(owner) if not isinstance(k, int) and "/Obj" in k]
        assert referred == [link.objgen]
        assert str(link.Contents)
        assert str(link.A.URI).startswith("https://")
    assert int(pdf.Root.StructTreeRoot.ParentTreeNextKey) > max(tree)


def test_elements_know_what_is_above_them(pdf: pikepdf.Pdf) -> None:
    """Each element's parent has it as a kid."""

    def check(parent: Any) -> int:
        count = 0
        for kid in kids(parent):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == parent.objgen
                count += 1 + check(kid)
        return count

    assert check(pdf.Root.StructTreeRoot) == len(types(pdf)) > 80


def test_structure_of_the_example(pdf: pikepdf.Pdf) -> None:
    """One document with one H1, a table a domain, a row a competence, and figures with a box."""
    found = types(pdf)
    assert found[0] == "/Document"
    assert found.count("/H1") == 1
    assert found.count("/Table") == 5
    assert found.count("/TR") == 5 + 16
    assert found.count("/TD") == 16
    assert found.count("/Link") == 1
    for element in elements(pdf.Root.StructTreeRoot):
        if element.S == "/Figure":
            assert str(element.Alt)
            left, bottom, right, top = (float(n) for n in element.A.BBox)
            assert 0 < left < right < 596
            assert 0 < bottom < top < 842
        if element.S == "/TH":
            assert str(element.A.Scope) in ("/Row", "/Column")


def test_notes_have_ids_of_their_own(pdf: pikepdf.Pdf) -> None:
    """Each Note has an ID, and no two the same (ISO 14289-1, 7.9)."""
    ids = [str(e.ID) for e in elements(pdf.Root.StructTreeRoot) if e.S == "/Note"]
    assert len(ids) == len(set(ids)) >= 2


def test_empty_cells_read_as_not_acquired(pdf: pikepdf.Pdf, record: dict[str, Any]) -> None:
    """What stands in for the figure of a level that was not acquired is read as words."""
    content = pdf.pages[0].Contents.read_bytes()
    acquired = len(record["levels"])
    assert content.count(b"/ActualText(non acquise )") == 16 - acquired


def test_alternative_text_says_what_the_qr_code_opens(pdf: pikepdf.Pdf) -> None:
    """The QR code's description holds the address with the record's code."""
    alts = [str(e.Alt) for e in elements(pdf.Root.StructTreeRoot) if "/Alt" in e]
    assert any(re.search(r"https://\S+P-GVVP6HBM", alt) for alt in alts)


@pytest.mark.parametrize("place", ["a (b) \\ c", ")", "((", "\\", "Łódź – Đà Nẵng"])
def test_texts_of_tags_are_escaped(press: Press, record: dict[str, Any], place: str) -> None:
    """Parentheses and backslashes of a record do not break the structure."""
    data = press.render(record | {"birth_place": place, "first_name": "O(\\", "last_name": place})
    with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as file:
        assert len(types(file)) > 80
        assert str(file.docinfo.Title).endswith(f"O(\\ {place}")
