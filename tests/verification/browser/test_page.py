"""The verification page as one meets it: accessible, in six languages, deaf to code in a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from support import EXAMPLES

from pixattest import read_issuer
from pixattest.model.framework import Competence, Domain, Framework
from pixattest.trust.keys import publish_key
from pixattest.verification.site import POLICY, make_site

from .conftest import CODE, KEY, NOW, OTHER_KEY, Site, Visit, Visitor

pytestmark = pytest.mark.slow

Seal = Callable[..., str]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


# Code in a name, and the network.


def test_script_in_a_name_is_text(visitor: Visitor, seal: Seal) -> None:
    """An issuer's key signs what a registry holds, and a registry may hold anything."""
    digits = seal(first_name=HOSTILE, last_name="{issuer}", centre="</dd><a href='//evil.example'>")
    visit = visitor().open(digits)
    assert visit.answer == "genuine"
    assert visit.facts["First and last name"] == f"{HOSTILE} {{issuer}}"
    assert visit.facts["Certification centre"] == "</dd><a href='//evil.example'>"
    assert visit.page.locator("#facts :is(img, script, a)").count() == 0
    assert visit.complaints == []


def test_text_that_turns_around_stays_in_its_line(visitor: Visitor, seal: Seal) -> None:
    """A name in another direction does not reorder what stands beside it."""
    visit = visitor().open(seal(last_name="مارتان"))
    assert visit.page.locator("#facts dd bdi").first.inner_text() == "Camille مارتان"


def test_nothing_is_asked_for_but_the_folder(visitor: Visitor, site: Site, seal: Seal) -> None:
    """And the seal reaches no server: neither in an address, nor in a header."""
    digits = seal()
    visit = visitor().open(digits)
    assert visit.answer == "genuine"
    assert visit.requests
    assert all(address.startswith(site.address) for address in visit.requests)
    assert site.log
    assert not [line for line in site.log if digits[:40] in line or digits[-40:] in line]
    asked = {line.split()[1] for line in site.log}
    assert {"/", "/keys.json", "/revoked.jws"} <= asked
    assert all((site.folder / path.lstrip("/")).exists() for path in asked)


def test_policy_stops_what_would_leave_or_run(visitor: Visitor, seal: Seal, tmp_path: Path) -> None:
    """Were there a hole in the page, its policy would hold: no request elsewhere, no markup."""
    elsewhere = Site(tmp_path)
    visit = visitor().open(seal())
    visit.page.unroute_all()
    found = visit.page.evaluate(
        """async (elsewhere) => {
            const broken = [], stopped = [];
            addEventListener("securitypolicyviolation", (e) => broken.push(e.effectiveDirective));
            const attempt = (what, how) => { try { how(); } catch { stopped.push(what); } };
            attempt("markup", () => { document.body.innerHTML = "<b>x</b>"; });
            attempt("script", () => { document.createElement("script").text = "1"; });
            await fetch(elsewhere).catch(() => stopped.push("fetch"));
            const image = new Image();
            image.src = elsewhere + "x.png";
            await new Promise((resolve) => { image.onload = image.onerror = resolve; });
            navigator.sendBeacon(elsewhere, location.hash);
            return { broken, stopped };
        }""",
        elsewhere.address,
    )
    elsewhere.close()
    assert found["stopped"] == ["markup", "script", "fetch"]
    assert {"connect-src", "img-src", "require-trusted-types-for"} <= set(found["broken"])
    assert elsewhere.log == []


def test_policy_allows_nothing_inline(site: Site) -> None:
    page = (site.folder / "index.html").read_text(encoding="utf-8")
    assert "unsafe" not in POLICY
    assert re.findall(r"<script[^>]*>", page) == ['<script type="module" src="page.js">']
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", page)


# Camera.


def test_camera_reads_the_code(visitor: Visitor) -> None:
    visit = visitor(permissions=["camera"]).open()
    visit.page.click("#camera")
    visit.page.wait_for_selector("[data-answer=genuine]")
    assert visit.facts["First and last name"] == "Camille Martin"
    assert visit.page.evaluate("document.getElementById('video').srcObject") is None


def test_browsers_own_reader_is_used_where_there_is_one(visitor: Visitor, seal: Seal) -> None:
    script = f"""
        globalThis.BarcodeDetector = class {{
            static async getSupportedFormats() {{ return ["qr_code"]; }}
            async detect() {{ return [{{ rawValue: "https://a.example/#{seal()}" }}]; }}
        }};
    """
    visit = visitor(script=script, permissions=["camera"]).open()
    visit.page.click("#camera")
    visit.page.wait_for_selector("[data-answer=genuine]")
    assert not [address for address in visit.requests if "/qr/" in address]


def test_camera_that_is_refused_leaves_the_file(visitor: Visitor) -> None:
    script = """navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException("no", "NotAllowedError");
    };"""
    visit = visitor(script=script).open()
    visit.page.click("#camera")
    alert = visit.page.wait_for_selector("[role=alert]:visible")
    assert alert is not None
    assert "Choose a photo" in alert.inner_text()


# Accessibility.


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe(visit: Visit) -> list[str]:
    """What axe-core finds wrong: rule, and the elements."""
    visit.page.evaluate(AXE + "; null")
    found: dict[str, Any] = visit.page.evaluate(
        "(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES
    )
    return [
        f"{fault['id']}: {node['html']} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_finds_nothing(visitor: Visitor, seal: Seal, scheme: str, width: int) -> None:
    """In every state, on a phone in the light and a desk in the dark."""
    how: dict[str, Any] = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    visit = visitor(bypass_csp=True, **how).open()
    assert axe(visit) == []
    assert axe(visit.open(seal())) == []
    assert axe(visit.open(seal(fields=(), through=None))) == []
    assert axe(visit.open(seal(key=OTHER_KEY))) == []
    assert axe(visit.open(seal(through=NOW.date() - timedelta(days=9)))) == []
    assert visit.answer == "expired"
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_zoomed_in_page_needs_no_sideways_scrolling(visitor: Visitor, seal: Seal) -> None:
    """WCAG 2.2, 1.4.10: 320 CSS pixels, with the longest of names."""
    visit = visitor(viewport={"width": 320, "height": 640})
    visit.open(seal(first_name="A" * 60, last_name="Wolfeschlegelsteinhausenbergerdorff"))
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_answer_is_announced(visitor: Visitor, site: Site, seal: Seal) -> None:
    """The region is there before its content, so that screen readers tell of it."""
    visit = visitor().open()
    region = visit.page.locator("[role=status]")
    assert region.inner_text() == ""
    visit.follow(seal())
    assert region.inner_text().startswith("Genuine")
    assert visit.page.title().startswith("Genuine – ")
    site.revoke(CODE)
    visit.follow("12")
    assert region.inner_text().startswith("Not genuine")


def test_keyboard_reaches_everything(visitor: Visitor, seal: Seal) -> None:
    visit = visitor().open()
    reached = []
    for _ in range(9):
        visit.page.keyboard.press("Tab")
        reached.append(
            visit.page.evaluate("document.activeElement.id || document.activeElement.lang")
        )
    assert reached[:8] == ["fr", "de", "en", "es", "it", "nl", "camera", "file"]
    visit.open(seal())
    visit.page.focus("#again")
    visit.page.keyboard.press("Enter")
    assert visit.answer == "start"
    assert visit.page.evaluate("document.activeElement.id") == "choose"


# Languages.


ANSWERS = {
    "fr-CA": "Authentique",
    "en-US": "Genuine",
    "nl-BE": "Echt",
    "de-AT": "Echt",
    "es-MX": "Auténtica",
    "it-CH": "Autentica",
    "pt-PT": "Authentique",
}


@pytest.mark.parametrize("language", ANSWERS)
def test_page_speaks_the_browsers_language(visitor: Visitor, seal: Seal, language: str) -> None:
    """The issuer's, French, where it speaks none that the browser asks for."""
    visit = visitor(language=language).open(seal())
    assert visit.said.startswith(ANSWERS[language])
    spoken = language[:2] if language != "pt-PT" else "fr"
    assert visit.page.get_attribute("html", "lang") == spoken


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en", "nl", "de", "es", "it"])
def test_every_language_has_room_on_a_phone(visitor: Visitor, seal: Seal, language: str) -> None:
    """And is marked as what it is, names of competences too (WCAG 2.2, 3.1.1, 3.1.2)."""
    small: dict[str, Any] = {"viewport": {"width": 360, "height": 740}}
    visit = visitor(language=language, bypass_csp=True, **small)
    for digits in ("", seal(), seal(key=OTHER_KEY), seal(through=None, score=None)):
        visit.open(digits)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert visit.page.evaluate(FAULTS) == []
        assert axe(visit) == []
    assert visit.page.get_attribute("html", "lang") == language
    assert visit.page.locator("#facts [lang]").count() == 0
    assert "{" not in visit.page.inner_text("body")


def test_language_can_be_switched(visitor: Visitor, seal: Seal) -> None:
    """All of it, without a new check."""
    visit = visitor().open(seal())
    visit.requests.clear()
    visit.page.click("#languages [lang=fr]")
    assert visit.said.startswith("Authentique")
    assert visit.facts["Délivrée le"] == "9 février 2024"
    assert "Mener une recherche et une veille d'information" in visit.page.inner_text("#facts")
    assert "Ce que cette vérification prouve" in visit.page.inner_text("footer")
    assert visit.page.get_attribute("#languages [lang=fr]", "aria-pressed") == "true"
    assert visit.requests == []


def test_print_has_the_answer_and_the_facts(visitor: Visitor, seal: Seal) -> None:
    visit = visitor(viewport={"width": 794, "height": 1100}).open(seal())
    visit.page.emulate_media(media="print")
    assert visit.page.is_visible("[role=status] h2")
    assert visit.page.is_visible("#facts")
    assert not visit.page.is_visible("#again")
    assert not visit.page.is_visible("#languages")


def test_page_without_script_says_what_it_needs(visitor: Visitor) -> None:
    visit = visitor(java_script_enabled=False)
    visit.page.goto(visit.site.address)
    told = visit.page.inner_text("noscript")
    assert "JavaScript" in told
    assert "open the page in another browser" in told


# Frameworks of one's own.

LEVELS = ("Starter", "Gevorderd", "Zelfstandig vakmens", "Ervaringsdeskundige")
WOODWORK = Framework(
    id="wood",
    name={"fy": "Houtbewerking"},
    levels=4,
    level_names={"fy": LEVELS},
    domains=(
        Domain(
            number="A",
            name={"fy": "Gereedschap"},
            colour="#0B6E99",
            competences=(
                Competence(number="A1", name={"fy": "Handgereedschap kiezen en slijpen"}),
                Competence(number="A2", name={"fy": "De machines instellen"}),
                Competence(number="A3", name={"fy": "Opruimen"}),
            ),
        ),
        Domain(
            number="B",
            name={"fy": "Afwerking", "en": "Finish"},
            colour="#7A4A12",
            competences=(
                Competence(number="B1", name={"fy": "Oppervlaktebehandelingsmethoden kiezen"}),
                Competence(number="B2", name={"fy": "Schuren en oliën"}),
            ),
        ),
    ),
)


@pytest.fixture
def woodwork(site: Site, seal: Seal, tmp_path: Path) -> str:
    """The page of a framework in a language that it lacks, with named levels; digits of a seal."""
    publish_key(KEY, tmp_path / "keys.json")
    issuer = read_issuer(EXAMPLES / "issuer.toml")
    for name, content in make_site(issuer, tmp_path / "keys.json", WOODWORK).items():
        site.put(name, content)
    levels = dict(zip(WOODWORK.competences, (4, 2, 1, 3), strict=False))
    return seal(framework=WOODWORK, levels=levels, score=None, max_level=4)


FAULTS = """() => {
    const faults = [], box = (node) => node.getBoundingClientRect();
    const within = (inner, outer) => inner.left >= outer.left - 0.5
        && inner.right <= outer.right + 0.5
        && inner.top >= outer.top - 0.5 && inner.bottom <= outer.bottom + 0.5;
    const parted = (text) => {
        const range = document.createRange();
        return [...text.data.matchAll(/[^\\s-]+/g)].filter(({ 0: word, index }) => {
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            return !word.includes("\\u00AD") && range.getClientRects().length > 1;
        }).map(([word]) => `parted: ${word}`);
    };
    for (const row of document.querySelectorAll("#facts tr")) {
        for (const part of row.querySelectorAll("span:not(.spoken)")) {
            const said = part.textContent, text = part.firstChild;
            if (!within(box(part), box(row))) faults.push(`out of its row: ${said}`);
            if (!within(box(part), box(part.parentElement))) faults.push(`out of its box: ${said}`);
            if (text.nodeType === Node.TEXT_NODE) faults.push(...parted(text));
        }
        const number = row.querySelector(".number"), name = number.nextSibling;
        if (Math.abs(name.getClientRects()[0].top - number.getClientRects()[0].top) > 3)
            faults.push(`not beside its number: ${name.textContent}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push("scrolls sideways");
    return faults;
}"""


@pytest.mark.parametrize("width", [360, 570, 590, 1200])
def test_names_of_levels_have_room(visitor: Visitor, woodwork: str, width: int) -> None:
    """Whole words within their pill and row, and each name beside its number."""
    visit = visitor(viewport={"width": width, "height": 900}).open(woodwork)
    assert list(visit.levels.values()) == [
        LEVELS[3],
        LEVELS[1],
        LEVELS[0],
        LEVELS[2],
        "not acquired",
    ]
    assert "(up to level Ervaringsdeskundige)" in visit.page.inner_text("#facts")
    assert visit.page.evaluate(FAULTS) == []


def test_names_in_another_language_are_marked(visitor: Visitor, woodwork: str) -> None:
    """WCAG 2.2, 3.1.2: a screen reader changes its voice for them."""
    visit = visitor(bypass_csp=True, viewport={"width": 360, "height": 800}).open(woodwork)
    facts = visit.page.locator("#facts")
    assert facts.locator("h2 [lang=fy]").inner_text() == LEVELS[3]
    assert facts.locator("tbody th [lang=fy]").count() == 5
    assert facts.locator("td [lang=fy]").count() == 4
    assert facts.locator("thead [lang]").all_inner_texts() == ["GEREEDSCHAP"]
    assert "FINISH" in facts.inner_text()
    assert axe(visit) == []
