"""docs/ and what its pages link to → build/site, checked: every link holds, nothing is fetched.

The site is a copy of the repository's tree: docs/ with its pages built, and beside it the files
that they link to, so that one relative link serves a reader of the repository and of the site.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build/site"

_FETCHING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
"""Elements whose address a browser fetches by itself."""
_HARMLESS_LINKS = {"canonical", "prev", "next", "alternate"}
_BY_CSS = re.compile(r"url\(['\"]?(https?:)?//|@import")


def main() -> None:
    """Build and check; faults go to standard error."""
    shutil.rmtree(SITE, ignore_errors=True)
    tool = Path(sys.executable).with_name("zensical")
    subprocess.run([tool, "build", "--strict", "--clean"], cwd=ROOT, check=True)
    for script in (SITE / "docs").glob("*.py"):
        script.unlink()
    shutil.rmtree(SITE / "docs/generators")
    french = SITE / "docs/fr/index.html"
    text = french.read_text(encoding="utf-8")
    french.write_text(text.replace('<article class="', '<article lang="fr" class="'), "utf-8")
    faults = [fault for page in sorted(SITE.rglob("*.html")) for fault in _faults(page)]
    faults += [
        f"{sheet.relative_to(SITE)}: fetches from elsewhere"
        for sheet in SITE.rglob("*.css")
        if _BY_CSS.search(sheet.read_text(encoding="utf-8"))
    ]
    if faults:
        raise SystemExit("\n".join(faults))
    print(f"{SITE.relative_to(ROOT)}/docs/index.html")


def _faults(page: Path) -> Iterator[str]:
    """What a page fetches from elsewhere, and links to files that are not there."""
    if page.name == "404.html":  # whose links are those of any place
        return
    for is_fetched, address in _addresses(page):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            if is_fetched and parts.scheme != "data":
                yield f"{page.relative_to(SITE)}: fetches {address}"
        elif parts.path and not _is_there((page.parent / unquote(parts.path)).resolve()):
            yield f"{page.relative_to(SITE)}: there is no {address}"


def _addresses(page: Path) -> Iterator[tuple[bool, str]]:
    """The addresses in a page, and whether a browser fetches them by itself."""
    found: list[tuple[bool, str]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            is_link = tag == "link" and given.get("rel") in _HARMLESS_LINKS
            name = "href" if tag == "a" else _FETCHING.get(tag)
            if name and (address := given.get(name)):
                found.append((tag != "a" and not is_link, address))

    Parser().feed(page.read_text(encoding="utf-8"))
    yield from found


def _is_there(target: Path) -> bool:
    """Whether a file is in the site; one of the repository beside docs/ is copied into it."""
    if target.exists():
        return True
    name = target.relative_to(SITE) if target.is_relative_to(SITE) else None
    source = name and ROOT / name
    if source is None or not source.exists() or source.is_relative_to(ROOT / "docs"):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    return True


if __name__ == "__main__":
    main()
