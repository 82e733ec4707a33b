"""Title, author, language, day → the XMP packet, document information and output intent.

What PDF/UA-1 (ISO 14289-1, 7.1) and PDF/A-2a (ISO 19005-2, 6.2.3, 6.6) require of them.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from pixattest.pdf.objects import Stream, deflated, text_string
from pixattest.version import __version__

PRODUCER = f"pixattest {__version__}"

_ICC_PROFILE = Path(__file__).with_name("srgb.icc")

_NAMESPACES = "".join(
    f' xmlns:{prefix}="http://{address}"'
    for prefix, address in {
        "dc": "purl.org/dc/elements/1.1/",
        "xmp": "ns.adobe.com/xap/1.0/",
        "pdf": "ns.adobe.com/pdf/1.3/",
        "pdfaid": "www.aiim.org/pdfa/ns/id/",
        "pdfuaid": "www.aiim.org/pdfua/ns/id/",
        "pdfaExtension": "www.aiim.org/pdfa/ns/extension/",
        "pdfaSchema": "www.aiim.org/pdfa/ns/schema#",
        "pdfaProperty": "www.aiim.org/pdfa/ns/property#",
    }.items()
)
# A schema that PDF/A does not know must be described in the packet itself (ISO 19005-2, 6.6.2.3).
_PDFUA_SCHEMA = (
    '<pdfaExtension:schemas><rdf:Bag><rdf:li><rdf:Description pdfaSchema:schema="PDF/UA"'
    ' pdfaSchema:namespaceURI="http://www.aiim.org/pdfua/ns/id/" pdfaSchema:prefix="pdfuaid">'
    '<pdfaSchema:property><rdf:Seq><rdf:li pdfaProperty:name="part"'
    ' pdfaProperty:valueType="Integer" pdfaProperty:category="internal"'
    ' pdfaProperty:description="Part of ISO 14289"/></rdf:Seq></pdfaSchema:property>'
    "</rdf:Description></rdf:li></rdf:Bag></pdfaExtension:schemas>"
)


class Properties(msgspec.Struct, frozen=True):
    """What a document says of itself.

    Attributes:
        title: shown in the window's title bar.
        author: who issues it.
        language: BCP 47.
        day: of creation; never read from a clock.
    """

    title: str
    author: str
    language: str
    day: date


def info(properties: Properties) -> bytes:
    """The document information dictionary (ISO 32000-1, 14.3.3)."""
    day = f"(D:{properties.day:%Y%m%d}000000Z)"
    return (
        f"<</Title{text_string(properties.title)}/Author{text_string(properties.author)}"
        f"/Producer({PRODUCER})/CreationDate{day}/ModDate{day}>>"
    ).encode("latin-1")


def xmp(properties: Properties, part: int = 2) -> Stream:
    """The XMP packet, which says the same and what the file conforms to.

    Args:
        properties: of the document.
        part: of ISO 19005: 2, or 3 where a file is attached.
    """
    title, author, language = (
        text.translate(_ESCAPED)
        for text in (properties.title, properties.author, properties.language)
    )
    day = f"{properties.day.isoformat()}T00:00:00Z"
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about=""{_NAMESPACES}>'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"
        f"<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>"
        f"<xmp:CreateDate>{day}</xmp:CreateDate><xmp:ModifyDate>{day}</xmp:ModifyDate>"
        f"<pdf:Producer>{PRODUCER}</pdf:Producer>"
        f"<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>"
        f"<pdfuaid:part>1</pdfuaid:part>{_PDFUA_SCHEMA}</rdf:Description>"
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    # Left uncompressed, so that tools that do not read PDF find it.
    return Stream({"Type": "/Metadata", "Subtype": "/XML"}, packet.encode(), encoded=True)


_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@cache
def icc_profile() -> Stream:
    """The sRGB profile of the output intent."""
    return deflated({"N": 3}, _ICC_PROFILE.read_bytes())
