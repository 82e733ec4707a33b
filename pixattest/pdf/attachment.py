"""A file to be attached → its objects (ISO 32000-1, 7.11.4; ISO 19005-3, 6.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import md5

from pixattest.pdf.objects import Stream, text_string


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels in a document, from which the document was made.

    Attributes:
        name: of the file.
        kind: its MIME type.
        description: what it is, for people.
        day: of its last change.
        data: its bytes.
    """

    name: str
    kind: str
    description: str
    day: date
    data: bytes

    def stream(self) -> Stream:
        """The file itself."""
        sum_ = md5(self.data, usedforsecurity=False).hexdigest()
        size = len(self.data)
        params = f"<</ModDate(D:{self.day:%Y%m%d}000000Z)/Size {size}/CheckSum<{sum_}>>>"
        kind = self.kind.replace("/", "#2F")
        return Stream({"Type": "/EmbeddedFile", "Subtype": f"/{kind}", "Params": params}, self.data)

    def specification(self, stream: int) -> bytes:
        """What says of the file how it belongs to the document, given the number of its stream."""
        name = text_string(self.name)
        return (
            f"<</Type/Filespec/F{name}/UF{name}/Desc{text_string(self.description)}"
            f"/AFRelationship/Data/EF<</F {stream} 0 R/UF {stream} 0 R>>>>"
        ).encode("latin-1")

    def entries(self, specification: int) -> str:
        """Those of the catalog, given the number of the specification."""
        names = f"[{text_string(self.name)} {specification} 0 R]"
        return f"/AF[{specification} 0 R]/Names<</EmbeddedFiles<</Names{names}>>>>"
