"""Press + sample records → PNG pictures, and a page on this machine that shows them anew."""

from __future__ import annotations

import html
import io
import json
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.errors import PixattestError
from pixattest.output import write_file

if TYPE_CHECKING:
    from pixattest.model.record import Record
    from pixattest.press.press import Press

# Seconds between two looks at the template's files.
_LOOK = 0.3

Pictures = Mapping[str, bytes]
"""PNG files by their names, such as `long-1.png`."""


def draw_samples(
    press: Press, samples: Mapping[str, Record], dpi: int, *, cover: bool = False
) -> dict[str, bytes]:
    """A PNG of each page of each sample.

    Args:
        press: prints them.
        samples: by their names.
        dpi: pixels an inch.
        cover: draw the cover of the class that they are, instead.

    Raises:
        PixattestError: pypdfium2 is not installed, or a sample can't be printed.
    """
    try:
        import pypdfium2
    except ImportError:
        raise PixattestError(
            "pictures need pypdfium2", hint="Run pip install 'pixattest[preview]'."
        ) from None
    if cover:
        whole = io.BytesIO()
        press.write_cover(samples.values(), whole)
        documents = {"cover": whole.getvalue()}
    else:
        documents = {name: press.render(record) for name, record in samples.items()}
    found = {}
    for name, content in documents.items():
        with pypdfium2.PdfDocument(content) as document:
            for number, page in enumerate(document, 1):
                file = io.BytesIO()
                page.render(scale=dpi / 72).to_pil().save(file, "PNG")
                found[f"{name}-{number}.png"] = file.getvalue()
    return found


def write_pictures(pictures: Pictures, folder: Path) -> None:
    """Write pictures into a folder, in place of those of the same names.

    Raises:
        OutputError: it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in pictures.items():
        write_file(folder / name, data, force=True)


def changes(folder: Path) -> Iterator[None]:
    """Yield each time that a file in a folder is saved, added or removed after this call."""
    at_first = _stamps(folder)

    def look() -> Iterator[None]:
        before = at_first
        while True:
            time.sleep(_LOOK)
            now = _stamps(folder)
            if now != before:
                before = now
                yield

    return look()


def _stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    found = {}
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue  # an editor has just renamed the file
        if path.is_file():
            found[path] = (status.st_mtime_ns, status.st_size)
    return found


class Viewer:
    """A page that shows pictures, or what is wrong, and loads them anew when they change.

    Args:
        port: on the loopback interface; 0: any that is free.
    """

    def __init__(self, port: int = 0) -> None:
        self._pictures: Pictures = {}
        self._errors: list[str] = []
        self._version = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def show(self, pictures: Pictures, errors: list[str]) -> None:
        """Show pictures and errors; without new pictures, the former ones stay."""
        self._pictures = pictures or self._pictures
        self._errors = errors
        self._version += 1

    def serve(self) -> None:
        """Answer requests until `close`."""
        self._server.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """The type and content of what a path names; None where it names nothing."""
        name = path.partition("?")[0].strip("/")
        if name == "version":
            return "application/json", json.dumps(self._version).encode()
        if name in self._pictures:
            return "image/png", self._pictures[name]
        if name:
            return None
        errors = "".join(f"<li>{html.escape(error)}</li>" for error in self._errors)
        pictures = "".join(
            f'<figure><img src="/{name}?{self._version}" alt="">'
            f"<figcaption>{html.escape(name)}</figcaption></figure>"
            for name in map(html.escape, self._pictures)
        )
        said = f"<ul>{errors}</ul>" if errors else "<p>Nothing is wrong with this template.</p>"
        page = _PAGE.format(version=self._version, errors=said, pictures=pictures)
        return "text/html; charset=utf-8", page.encode()


def _handler(viewer: Viewer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = viewer.answer(self.path)
            kind, content = found or ("text/plain", b"There is nothing here.\n")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Template preview</title>
<style>
body {{ margin: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: #253858; background: #e4e7ec }}
li {{ color: #a3162b; font-family: ui-monospace, monospace }}
main {{ display: flex; flex-wrap: wrap; gap: 1.5rem }}
figure {{ margin: 0 }}
img {{ max-width: 46vw; box-shadow: 0 1px 6px #0004; background: #fff }}
</style></head>
<body data-version="{version}"><h1>Template preview</h1><div role="status">{errors}</div>
<main>{pictures}</main>
<script>
setInterval(async () => {{
  const version = await (await fetch("/version")).json();
  if (String(version) !== document.body.dataset.version) location.reload();
}}, 500);
</script></body></html>
"""
