"""The verification page in a real browser, served from this machine, with all that it asks for."""

from __future__ import annotations

import base64
import functools
import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from keys import SEAL_KEY, SEAL_SITE
from PIL import Image
from support import EXAMPLES

from pixattest import Record, read_issuer, read_record
from pixattest.model.framework import Framework, crcn
from pixattest.model.issuer import DEFAULT_FIELDS
from pixattest.model.record import Rules
from pixattest.trust.keys import SealKey, publish_key
from pixattest.trust.revocations import REVOCATIONS_FILE as REVOCATIONS
from pixattest.trust.revocations import sign_revocations
from pixattest.trust.seal import seal_record
from pixattest.verification.site import make_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
VALID_THROUGH = date(2027, 2, 9)
CODE = "P-GVVP6HBM"


KEY = SEAL_KEY
OTHER_KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32))


@pytest.fixture(scope="session")
def seal(example: Mapping[str, Any]) -> Callable[..., str]:
    """The digits of the example's seal, with changes to its record."""

    def make(
        *,
        key: SealKey = KEY,
        through: date | None = VALID_THROUGH,
        fields: tuple[str, ...] = DEFAULT_FIELDS,
        framework: Framework | None = None,
        **changes: object,
    ) -> str:
        what = framework or crcn()
        record: Record = read_record(dict(example) | changes, rules=Rules.of(what))
        return seal_record(record, what, fields, through, key)

    return make


def code_picture(digits: str) -> Image.Image:
    """The QR code of a seal as it is printed, 4 pixels a module."""
    import qrcode
    from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=4, border=4)
    code.add_data(QRData(f"{SEAL_SITE}#".encode(), mode=MODE_8BIT_BYTE), optimize=0)
    code.add_data(QRData(digits.encode(), mode=MODE_NUMBER), optimize=0)
    code.make(fit=True)
    return code.make_image().get_image().convert("L")


def as_file(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file of a kind that Pillow writes."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


class Site:
    """A folder with the page in it, behind a server of its own.

    Attributes:
        folder: what is served.
        address: of the page.
        log: request lines and headers of all that was asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log: list[str] = []
        log = self.log

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def end_headers(self) -> None:
                log.append(f"{self.requestline}\n{self.headers}")
                super().end_headers()

        serve = functools.partial(Handler, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def revoke(
        self, *codes: str, key: SealKey = KEY, made: datetime = NOW - timedelta(days=1)
    ) -> None:
        """Put a list of revocations beside the page."""
        self.put(REVOCATIONS, sign_revocations(codes, key, made))

    def put(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def site_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the example's issuer, whose key is KEY."""
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    publish_key(KEY, keys)
    return make_site(read_issuer(EXAMPLES / "issuer.toml"), keys)


@pytest.fixture
def site(tmp_path: Path, site_files: dict[str, bytes]) -> Iterator[Site]:
    """The page, with a list of yesterday that revokes another code."""
    for name, content in site_files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    found = Site(tmp_path / "site")
    found.revoke("P-22222222")
    yield found
    found.close()


class Visit:
    """A visitor at the page, whose browser tells of every request and every refusal."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._heard: dict[Any, Callable[..., None]] = {
            "request": lambda request: self.requests.append(request.url),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": lambda said: self.complaints.append(said.text),
        }
        for event, keep in self._heard.items():
            page.on(event, keep)
        # What goes elsewhere is kept in `requests`, and stopped.
        page.route(lambda address: not address.startswith(site.address), lambda way: way.abort())

    def leave(self) -> None:
        """Leave the browser as it was."""
        for event, keep in self._heard.items():
            self.page.remove_listener(event, keep)
        self.page.unroute_all()

    def open(self, fragment: str = "") -> Visit:
        """Go to the page, as a phone does that has read a QR code; wait for its answer."""
        self.page.goto("about:blank")
        self.page.goto(self.site.address + (f"#{fragment}" if fragment else ""))
        return self.wait()

    def follow(self, fragment: str) -> Visit:
        """Go to another address of the page in the same tab."""
        self.page.evaluate(
            """(fragment) => new Promise((resolve) => {
                addEventListener("hashchange", resolve, { once: true });
                location.hash = fragment;
            }).then(() => null)""",
            fragment,
        )
        return self.wait()

    def choose(self, name: str, content: bytes) -> Visit:
        """Choose a file, as with the button."""
        kind = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
        mime = kind.get(name.rsplit(".")[-1], "application/octet-stream")
        self.page.set_input_files("#file", {"name": name, "mimeType": mime, "buffer": content})
        return self.wait()

    def drop(self, name: str, content: bytes) -> Visit:
        """Drop a file onto the page."""
        self.page.evaluate(
            """([name, content]) => {
                const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([bytes], name));
                const how = { bubbles: true, cancelable: true, dataTransfer };
                document.querySelector(".drop").dispatchEvent(new DragEvent("drop", how));
            }""",
            [name, base64.b64encode(content).decode()],
        )
        return self.wait()

    def wait(self) -> Visit:
        """Wait until the page is through."""
        self.page.wait_for_selector("body:not([data-answer=working]):has(#languages button)")
        return self

    @property
    def answer(self) -> str:
        return str(self.page.get_attribute("body", "data-answer"))

    @property
    def said(self) -> str:
        """What a screen reader is told."""
        return self.page.inner_text("[role=status]")

    @property
    def facts(self) -> dict[str, str]:
        """Term → what the page says of it."""
        pairs = self.page.locator("#facts dl > div").all()
        return {p.locator("dt").inner_text(): p.locator("dd").inner_text() for p in pairs}

    @property
    def levels(self) -> dict[str, str]:
        """Number of competence → what its cell says, as a screen reader reads it."""
        rows = self.page.locator("#facts tbody tr").all()
        return {
            row.locator(".number").inner_text(): row.locator("td").text_content() or ""
            for row in rows
        }


@pytest.fixture(scope="module")
def browser(
    needs: Callable[[str], str],
    seal: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """Chromium, whose camera sees the example's QR code.

    A file's own: Playwright keeps an event loop running, which other files' tests may not expect.
    """
    from playwright.sync_api import sync_playwright

    still = Image.new("L", (1280, 720), 200)
    still.paste(code_picture(seal()), (420, 120))
    grey = bytes([128]) * (1280 * 720 // 2)  # the two planes of colour
    film = tmp_path_factory.mktemp("camera") / "code.y4m"
    head = b"YUV4MPEG2 W1280 H720 F5:1 Ip A1:1 C420jpeg\nFRAME\n"
    film.write_bytes(head + still.tobytes() + grey)
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=needs("chromium"), args=arguments, headless=True
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab for all whose browser need not be special; each test is at an address of its own."""
    with browser.new_context(locale="en-GB") as context:
        yield context.new_page()


Visitor = Callable[..., Visit]


@pytest.fixture
def visitor(browser: Browser, tab: Page, site: Site) -> Iterator[Visitor]:
    """Visitors to whom it is NOW, in the common tab or in browsers of their own."""
    with ExitStack() as leaving:

        def come(*, now: datetime = NOW, language: str = "", script: str = "", **how: Any) -> Visit:
            page = tab
            if language or script or how:
                context = browser.new_context(locale=language or "en-GB", **how)
                leaving.enter_context(context)
                context.add_init_script(script)
                page = context.new_page()
            page.clock.set_fixed_time(now)
            visit = Visit(page, site)
            leaving.callback(visit.leave)
            return visit

        yield come
