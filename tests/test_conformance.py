"""Every file is PDF/UA-1 and PDF/A-2a, and its tags read as a person reads the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pytest
from authority import Authority
from support import EXAMPLES, lacking
from tags import read_aloud, tags_of
from verapdf import VeraPDF, VeraPDFMissingError

from pixattest import Press, __version__
from pixattest.model import assets
from pixattest.model.framework import read_framework
from pixattest.model.issuer import Signing
from pixattest.trust.signing import Signer

# veraPDF judges all files at once, before the first test: four minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

INKSCAPE = Path(__file__).parent / "template/inkscape/saved.svg"
_COMPETENCES = [f"{d}.{c}" for d, n in enumerate((3, 4, 4, 3, 2), 1) for c in range(1, n + 1)]

VARIANTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "example": ({}, {}),
    "english": ({}, {"language": "en"}),
    "no-score": ({"score": None}, {}),
    "score-0": ({"score": 0}, {}),
    "no-place": ({"birth_place": None}, {}),
    "neither-score-nor-place": ({"score": None, "birth_place": None}, {"signed": False}),
    "before-recognition": ({"delivered_on": "2021-12-31"}, {}),
    "no-signature": ({}, {"signed": False}),
    "specimen": ({}, {"specimen": True}),
    "specimen-english-no-score": ({"score": None}, {"specimen": True, "language": "en"}),
    "top-level-1": ({"max_level": 1, "levels": {"1.1": 1}, "score": 8}, {}),
    "top-level-5": ({"max_level": 5}, {}),
    "top-level-7": ({"max_level": 7}, {}),
    "top-level-8": ({"max_level": 8}, {}),
    "all-levels": ({"levels": dict.fromkeys(_COMPETENCES, 6), "score": 768}, {}),
    "one-level": ({"levels": {"3.3": 1}, "score": 8}, {}),
    "vietnamese": ({"first_name": "Thị Ánh Nguyệt", "last_name": "Nguyễn-Đặng"}, {}),
    "greek": ({"first_name": "Ἀλέξανδρος", "last_name": "Παπαδόπουλος"}, {"language": "en"}),
    "cyrillic": ({"first_name": "Владислава", "last_name": "Шевченко-Ґалаґан"}, {}),
    "loose-marks": ({"first_name": "M\u0302aria Marie", "last_name": "Q\u0323o\u0308x"}, {}),
    "sealed": ({}, {"sealed": True}),
    "sealed-english-specimen": ({}, {"sealed": True, "specimen": True, "language": "en"}),
    "punctuation": ({"first_name": r"Ltd. <script>&(\)", "last_name": "O'Neil “d’Or” [/]"}, {}),
    "landscape": ({}, {"template": "landscape"}),
    "landscape-english-no-score": ({"score": None}, {"template": "landscape", "language": "en"}),
    "landscape-all-levels": (
        {"levels": dict.fromkeys(_COMPETENCES, 8), "max_level": 8, "birth_place": None},
        {"template": "landscape", "specimen": True, "signed": False},
    ),
    "saved-by-inkscape": ({}, {"template": str(INKSCAPE)}),
    "detailed": ({}, {"template": "detailed"}),
    "detailed-english-all-levels": (
        {"levels": dict.fromkeys(_COMPETENCES, 8), "max_level": 8},
        {"template": "detailed", "language": "en", "specimen": True},
    ),
    "long": ({"first_name": "Maximilienne-Alexandrine " * 3, "centre": "Lycée " * 12}, {}),
}


_FONTS = {"fonts": True}
_SCRIPTS = {
    "arabic": ("محمد", "فاطمة الزهراء"),
    "arabic-ligature-and-latin": ("Camille", "لاله (پری‌چهر)"),
    "hebrew-with-points": ("שָׁלוֹם", "בן־דוד"),
    "devanagari": ("श्रीकृष्ण", "विद्यार्थी"),
    "thai": ("น้ำฝน", "ผู้ใหญ่"),
    "cjk-postscript-outlines": ("太郎ｱ", "王小明 민준"),
}
_LEVELS = {"levels": {"1.1": 1, "2.1": 3}, "score": None, "max_level": None}

WORLD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    **{
        f"{template}-{framework}-{language}": (
            {} if framework == "crcn" else _LEVELS,
            {"template": template, "framework": framework, "language": language},
        )
        for template in assets.template_names()
        for framework in assets.framework_names()
        for language in assets.languages()
        if template != "detailed" or read_framework(framework).describes(language)
    },
    "named-levels-en": (
        _LEVELS,
        {"language": "en", "framework": str(EXAMPLES / "framework.toml")},
    ),
    **{
        name: ({"first_name": first, "last_name": last}, _FONTS)
        for name, (first, last) in _SCRIPTS.items()
    },
}
"""Templates, frameworks and languages, and scripts with fonts that the issuer adds."""


CLASSES: dict[str, tuple[int, dict[str, Any]]] = {
    "class-of-1": (1, {}),
    "class-of-2": (2, {"signed": False}),
    "class-of-32": (32, {}),
    "class-of-33": (33, {"language": "en"}),
    "class-of-100": (100, {"signed": False, "language": "en"}),
    "class-of-70-specimens": (70, {"specimen": True}),
    "class-of-64-by-threads": (64, {}),
    "class-of-40-sealed": (40, {"sealed": True}),
    "class-of-100-detailed": (100, {"template": "detailed"}),
    "class-of-1000": (1000, {}),
}
"""Files of many people: how many, and the press."""

COVERED: dict[str, tuple[tuple[int, ...], dict[str, Any], dict[str, bool]]] = {
    **{
        f"cover-{language}": ((1, 2), {"language": language}, {"cover": True})
        for language in assets.languages()
    },
    "cover-of-1-page": ((1,), {}, {"cover": True}),
    "cover-of-3-pages": ((60,), {"language": "en"}, {"cover": True}),
    "covers-of-several-classes": ((26, 1, 25), {"specimen": True}, {"cover": True}),
    "several-classes": ((3, 100, 1), {}, {}),
    "blank-versos": ((49,), {}, {"blank_versos": True}),
    "covers-and-blank-versos-detailed": (
        (48, 2),
        {"template": "detailed", "specimen": True},
        {"cover": True, "blank_versos": True},
    ),
    "covers-and-blank-versos": ((48, 2), {}, {"cover": True, "blank_versos": True}),
    "signed-with-covers-and-blank-versos": ((3, 2), {}, {"cover": True, "blank_versos": True}),
}
"""Files of several classes: how many people each has, the press, and what is printed with them."""

SIGNED: dict[str, tuple[int | None, dict[str, Any]]] = {
    "signed": (None, {}),
    "signed-without-image": (None, {"signed": False, "language": "en"}),
    "signed-landscape": (None, {"template": "landscape"}),
    "signed-for-the-long-term": (None, {}),
    "signed-class-of-40": (40, {"specimen": True}),
}
"""Signed files: of how many people (None: of one), and the press."""

ATTACHED = {"attached": False, "attached-and-signed": True}
"""Files with their record in them, PDF/A-3a: whether they are signed."""

FILES = [*VARIANTS, *WORLD, *CLASSES, *COVERED, *SIGNED, "cover-alone"]


def people(example: Mapping[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Records of each kind in turn, all of them made up."""
    kinds = [changes for changes, _ in VARIANTS.values()]
    for index in range(count):
        code = f"P-{index:08d}"
        yield {**example, **kinds[index % len(kinds)], "verification_code": code}


@pytest.fixture(scope="module")
def verdicts(
    press_for: Callable[..., Press],
    example: Mapping[str, Any],
    authority: Authority,
    signer: Signer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, list[str]]:
    """The failures of each variant, by both standards."""
    try:
        verapdf = VeraPDF(["ua1", "2a"])
    except VeraPDFMissingError as missing:
        lacking(str(missing))
    folder = tmp_path_factory.mktemp("conformance")
    for name, (changes, kind) in {**VARIANTS, **WORLD}.items():
        (folder / f"{name}.pdf").write_bytes(press_for(**kind).render({**example, **changes}))
    for name, (count, kind) in CLASSES.items():
        executor = ThreadPoolExecutor(3) if "threads" in name else None
        press = press_for(**kind)
        press.write(people(example, count), folder / f"{name}.pdf", executor=executor)
    for name, (sizes, kind, options) in COVERED.items():
        groups = [f"T{number}" for number, size in enumerate(sizes) for _ in range(size)]
        both = zip(people(example, len(groups)), groups, strict=True)
        records = ({**record, "group": group} for record, group in both)
        by = signer if name.startswith("signed") else None
        press_for(**kind).write(records, folder / f"{name}.pdf", signer=by, **options)
    press_for().write_cover(people(example, 2), folder / "cover-alone.pdf")
    for name, (many, kind) in SIGNED.items():
        press, target = press_for(**kind), folder / f"{name}.pdf"
        if "long-term" in name:
            signing = Signing(authority.timestamp, "B-LT", (str(authority.roots),))
            press = Press(issuer=msgspec.structs.replace(press.issuer, signing=signing))
        if many:
            press.write(people(example, many), target, signer=signer)
        else:
            target.write_bytes(press.render(dict(example), signer=signer))
    # A file that claims to conform and does not: the judge is awake.
    with pikepdf.open(folder / "example.pdf") as broken:
        del broken.Root.MarkInfo
        broken.save(folder / "broken.pdf")
    for name, is_signed in ATTACHED.items():
        data = press_for(sealed=True).render(
            dict(example), attach=True, signer=signer if is_signed else None
        )
        (folder / f"{name}.pdf").write_bytes(data)
    found = VeraPDF(["ua1", "3a"]).validate(folder / f"{name}.pdf" for name in ATTACHED)
    found |= verapdf.validate(folder / f"{name}.pdf" for name in [*FILES, "broken"])
    return {file.stem: failures for file, failures in found.items()}


@pytest.mark.parametrize("variant", [*FILES, *ATTACHED])
def test_every_variant_is_accessible_and_archival(
    verdicts: Mapping[str, list[str]], variant: str
) -> None:
    """The variant passes PDF/UA-1 and PDF/A-2a, or 3a where the record is attached."""
    assert verdicts[variant] == []


def test_the_validator_refuses_a_file_that_does_not_conform(
    verdicts: Mapping[str, list[str]],
) -> None:
    """A file without marked content is refused by both standards."""
    assert {failure.split(":")[0] for failure in verdicts["broken"]} == {"ua1", "2a"}


# The tags.


def test_the_tags_of_the_example(
    press: Press, record: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    """Types, scopes, alternatives and titles of the example's tags are those reviewed."""
    golden("tags.txt", "\n".join(tags_of(press.render(record)).lines()) + "\n")


def test_the_example_read_from_its_tags(
    press: Press, record: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    """`pdfinfo -struct-text` reads the example as reviewed."""
    golden("read-aloud.txt", read_aloud(press.render(record)))


@pytest.mark.parametrize(
    "words",
    [
        "pix | Attestation",
        "Prénom et nom : Camille Martin",
        "Date et lieu de naissance : 12 janvier 2003 à Nantes",
        "Centre de certification : LP De Bougainville",
        "date de délivrance Dernier jour de validité : 9 février 2027",
        "142 768*",
        "1 INFORMATIONS ET DONNÉES",
        "1.1 Mener une recherche et une veille d'information",
        "1.3 Traiter des données",
        "Vérifier l'authenticité de la certification",
        "Code de vérification P-GVVP6HBM",
        "les 8 niveaux du référentiel Pix",
    ],
)
def test_words_are_read_apart(press: Press, record: dict[str, Any], words: str) -> None:
    """Label and value, number and name, line and line are not run into one word."""
    aloud = read_aloud(press.render(record))
    assert words in re.sub(r"\s+", " ", aloud)


def test_a_wrapped_name_is_read_as_words(press: Press, record: dict[str, Any]) -> None:
    """The end of a line parts two words in the tags, too."""
    record |= {"first_name": "Anne Marie " * 8, "last_name": "Martin Durand " * 5}
    aloud = read_aloud(press.render(record))
    assert " ".join(["Anne Marie"] * 8 + ["Martin Durand"] * 5) in re.sub(r"\s+", " ", aloud)


def test_headings_go_from_the_person_to_the_domains(press: Press, record: dict[str, Any]) -> None:
    """One H1, an H2 a part, an H3 a domain, in that order."""
    types = [element.type for element in tags_of(press.render(record)).walk()]
    headings = [type_ for type_ in types if type_ in ("H1", "H2", "H3")]
    assert headings == ["H1", "H2", *["H3"] * 5, "H2"]


def test_each_domain_is_a_table_with_headers(press: Press, record: dict[str, Any]) -> None:
    """Two column headers, then a row header and a cell for each competence."""
    tables = tags_of(press.render(record)).find("Table")
    assert [len(table.find("TR")) for table in tables] == [1 + n for n in (3, 4, 4, 3, 2)]
    for table in tables:
        first, *rows = [[(cell.type, cell.scope) for cell in row.kids] for row in table.find("TR")]
        assert first == [("TH", "Column")] * 2
        assert all(row == [("TH", "Row"), ("TD", None)] for row in rows)


@pytest.mark.parametrize(("language", "words"), [("fr", "non acquise"), ("en", "not acquired")])
def test_an_empty_cell_says_so(
    press_for: Callable[..., Press], record: dict[str, Any], language: str, words: str
) -> None:
    """The nine cells of what was not acquired are read as that; the others as their level."""
    cells = tags_of(press_for(language).render(record)).find("TD")
    empty = [number for number in _COMPETENCES if number not in record["levels"]]
    said = {number: cell.actual.strip() for number, cell in zip(_COMPETENCES, cells, strict=True)}
    assert said == {number: words if number in empty else "" for number in _COMPETENCES}


def test_figures_say_what_they_are(press: Press, record: dict[str, Any]) -> None:
    """The QR code says what it opens, the signature what it is."""
    qr, signature = (figure.alt for figure in tags_of(press.render(record)).find("Figure"))
    assert qr
    assert "https://app.pix.fr/verification-certificat?code=P-GVVP6HBM" in qr
    assert signature == "Signature manuscrite"


def test_footnotes_are_notes_and_the_address_is_a_link(
    press: Press, record: dict[str, Any]
) -> None:
    """Three notes; one link with its annotation."""
    tags = tags_of(press.render(record))
    assert len(tags.find("Note")) == 3
    (link,) = tags.find("Link")
    assert link.objects == [("/Link", "app.pix.fr/verification-certificat")]


def test_the_metadata_of_the_example(
    press: Press, record: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    """The XMP packet is the one reviewed."""
    with pikepdf.open(BytesIO(press.render(record))) as document:
        packet = document.Root.Metadata.read_bytes().decode()
    packet = packet.replace(f"pixattest {__version__}", "pixattest VERSION")
    golden("metadata.xmp", re.sub(r">(?=<[^/])", ">\n", packet) + "\n")


def test_markup_in_a_name_stays_a_name_in_the_metadata(
    press: Press, record: dict[str, Any]
) -> None:
    """`<script>` and `&` reach the XMP packet's title as text."""
    record |= {"first_name": "Ltd. <script>", "last_name": 'A & B ]]> "x"'}
    with pikepdf.open(BytesIO(press.render(record))) as document, document.open_metadata() as xmp:
        title = str(xmp["dc:title"])
        assert title == str(document.docinfo["/Title"])
    assert title.endswith('Ltd. <script> A & B ]]> "x"')
