// What a visitor shows → an answer on the page, in their language.
// Everything that comes from a seal becomes text, never markup; the page's CSP sees to it too.

import { answerTo } from "./answer.js";
import { FileError, readCode, sealsIn } from "./pictures.js";
import { digitsIn } from "./seal.js";
import { camera } from "./camera.js";
import { framework, issuer, languages } from "./words.js";

const byId = (id) => document.getElementById(id);

let language = languages[navigator.languages.map((tag) => tag.split("-")[0]).find((l) => l in languages)]
  ?? Object.values(languages)[0];
let seals = []; // digits, of the address or of a file
let shown = 0; // which of them
let result = null; // see `answerTo`; { working: true }; { answer: "nothing", text }; or none yet
let asked = 0; // checks begun: an older one's answer is not shown

// Words.

/** A text of the labels with its {fields} filled. */
function say(word, fields = {}) {
  const known = { ...issuer, ...fields };
  return language.words[word].replace(/\{(\w+)\}/g, (_, name) => known[name]);
}

/** A date as the attestation writes it. */
function write(date) {
  const day = date.getUTCDate();
  const patterns = day === 1 ? language.firstDays : language.days;
  return patterns[date.getUTCMonth()].replace("{day}", day).replace("{year}", date.getUTCFullYear());
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A name of the framework; where it has none in the visitor's language, marked as another's. */
function named(name) {
  const { text, lang } = name[language.code];
  return element("span", lang && lang !== language.code ? { lang } : {}, text);
}

// What was shown.

async function checkAddress() {
  const fragment = location.hash.slice(1);
  if (fragment) await check([fragment]); // what is no number is no seal: `openSeal` says so
  else reset();
}

async function check(digits, which = 0) {
  seals = digits;
  shown = which;
  const turn = ++asked;
  result = { working: true };
  render();
  const found = await answerTo(digits[which], Date.now()).catch((reason) => {
    console.error(reason);
    return { answer: "unable", text: "failed_text" };
  });
  if (turn !== asked) return;
  result = found;
  render();
}

async function checkFile(file) {
  if (!file) return;
  camera.stop();
  const turn = ++asked;
  result = { working: true };
  render();
  try {
    const found = await sealsIn(file);
    if (turn === asked) await check(found);
  } catch (reason) {
    if (turn !== asked) return;
    if (!(reason instanceof FileError)) console.error(reason);
    seals = [];
    result = { answer: "nothing", text: reason instanceof FileError ? reason.reason : "failed_text" };
    render();
  }
}

function reset() {
  asked++;
  seals = [];
  result = null;
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  render();
}

// The page.

function render() {
  const { working, answer, facts } = result ?? {};
  document.documentElement.lang = language.code;
  document.title = answer ? `${say(answer)} – ${say("page_title")}` : say("page_title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(node.dataset.label));
  }
  for (const node of byId("languages").children) {
    node.setAttribute("aria-pressed", String(node.lang === language.code));
  }
  document.body.dataset.answer = answer ?? (working ? "working" : "start");
  byId("status").replaceChildren(...verdict());
  byId("facts").replaceChildren(...(facts ? attestation(facts) : []));
  byId("facts").hidden = !facts;
  byId("start").hidden = Boolean(answer || working);
  byId("after").hidden = !answer;
  byId("print").hidden = !facts;
  byId("several").hidden = seals.length < 2 || !answer;
  byId("which").textContent = say("several", { number: shown + 1, count: seals.length });
  byId("previous").disabled = shown === 0;
  byId("next").disabled = shown === seals.length - 1;
}

const SIGNS = {
  genuine: "M5 13l4.5 4.5L19 7",
  expired: "M12 6v6.5l4 2.5",
  revoked: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  not_genuine: "M6.5 6.5l11 11M17.5 6.5l-11 11",
};
const QUESTION = "M9 9.2a3.1 3.1 0 1 1 4.4 2.8c-1 .5-1.4 1-1.4 2.2M12 17.6v.2";

function* verdict() {
  const { working, answer, text, facts, list } = result ?? {};
  if (working) yield element("p", { class: "working" }, say("working"));
  if (!answer) return;
  yield sign(SIGNS[answer] ?? QUESTION);
  const expiry = facts?.validThrough && new Date(+facts.validThrough + 86_400_000);
  yield element(
    "div", {},
    element("h2", {}, say(answer)),
    element("p", {}, say(text, { day: expiry ? write(expiry) : "" })),
    list ? element("p", { class: "list" }, say(list.state, { day: list.day ? write(list.day) : "" })) : null,
  );
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const sign = (path) =>
  svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "sign" },
    svg("circle", { cx: 12, cy: 12, r: 12 }), svg("path", { d: path }));

/** The facts as the attestation lays them out, to be held against it. */
function* attestation(facts) {
  yield element("h2", {}, say("facts"));
  const badge = framework.pointsPerLevel ? [score(facts)] : [];
  yield element("div", { class: "identity" }, ...badge, details(facts));
  yield* competences(facts);
}

function score({ score: points, maxLevel }) {
  const most = framework.pointsPerLevel * framework.competences * maxLevel;
  const known = points !== null;
  const arcs = framework.domains.map(({ colour }, place, { length }) => {
    const arc = svg("circle", {
      cx: 60, cy: 60, r: 54, pathLength: 100 * length, transform: `rotate(${-90 + (360 * place) / length} 60 60)`,
      "stroke-dasharray": `94 ${100 * length - 94}`,
    });
    arc.style.stroke = colour;
    return arc;
  });
  return element(
    "div", { class: "score" },
    svg("svg", { viewBox: "0 0 120 120", "aria-hidden": "true" }, ...arcs),
    element(
      "p", {},
      element("span", { class: "spoken" }, known ? say("score_value", { score: points, max: most }) : say("score")),
      element("span", { class: "points", "aria-hidden": "true" }, known ? String(points) : "–"),
      element("span", { class: "most", "aria-hidden": "true" }, String(most)),
      known ? null : element("span", { class: "spoken" }, say("absent")),
    ),
  );
}

function details(facts) {
  const name = [facts.firstName, facts.lastName].filter((part) => part !== null).join(" ");
  const born = facts.birthDate && write(facts.birthDate);
  const place = facts.birthPlace;
  const rows = [
    ["name", name || null, "name"],
    [place === null ? "born" : "born_at", born && place !== null ? say("birth", { date: born, place }) : born ?? place],
    ["centre", facts.centre],
    ["delivered", write(facts.deliveredOn)],
    ["valid_until", facts.validThrough ? write(facts.validThrough) : say("no_expiry")],
    ["code", facts.code, "code"],
  ];
  return element("dl", {}, ...rows.map(([word, value, kind = ""]) =>
    element("div", { class: kind },
      element("dt", {}, say(word)),
      value === null
        ? element("dd", { class: "absent" }, say("absent"))
        : element("dd", {}, element("bdi", {}, value)))));
}

function* competences(facts) {
  const { levels, maxLevel } = facts;
  const known = facts.framework === framework.id && [0, 1].includes(levels.length - framework.competences);
  const highest = known && framework.levelNames[maxLevel - 1];
  const [before, after] = say(highest ? "competences_named" : "competences", { max: "\n" }).split("\n");
  yield element("h2", {}, before, highest ? named(highest) : String(maxLevel), after);
  if (!known) {
    yield element("p", {}, say("other_framework", { framework: facts.framework }));
    yield element("p", { class: "levels" }, levels.join(" · "));
    return;
  }
  const rest = [...levels];
  const tables = framework.domains.map((domain) => {
    const rows = domain.competences.map(({ number, name }) => row(number, named(name), rest.shift()));
    const table = element(
      "table", { role: "table" }, // roles: the style may lay a row out otherwise
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" },
        element("th", { scope: "col", role: "columnheader" },
          element("span", { class: "number" }, domain.number), named(domain.name)),
        element("th", { scope: "col", role: "columnheader" }, say("level")))),
      element("tbody", { role: "rowgroup" }, ...rows),
    );
    table.style.setProperty("--domain", domain.colour);
    table.style.setProperty("--ink", domain.ink);
    return table;
  });
  const letters = framework.levelNames.map((name) => name[language.code].text.length);
  const domains = element("div", { class: letters.length ? "domains named" : "domains" }, ...tables);
  domains.style.setProperty("--letters", Math.max(1, ...letters)); // of the longest level
  yield domains;
}

function row(number, name, level) {
  const reached = level
    ? (framework.levelNames[level - 1] ? named(framework.levelNames[level - 1]) : String(level))
    : element("span", { class: "spoken" }, say("not_acquired"));
  return element(
    "tr", { role: "row", class: level ? "" : "dim" },
    element("th", { scope: "row", role: "rowheader" }, element("span", { class: "number" }, number), name),
    element("td", { role: "cell" }, element("span", { class: "pill" }, reached)),
  );
}

// What a visitor does.

function prepare() {
  for (const { code, words } of Object.values(languages)) {
    const button = element("button", { type: "button", lang: code }, words.language);
    button.addEventListener("click", () => {
      language = languages[code];
      render();
    });
    byId("languages").append(button);
  }
  addEventListener("hashchange", checkAddress);
  byId("file").addEventListener("change", ({ target }) => {
    checkFile(target.files[0]);
    target.value = ""; // the same file may be chosen again
  });
  for (const event of ["dragover", "drop"]) {
    addEventListener(event, (happened) => {
      happened.preventDefault();
      if (event === "drop") checkFile(happened.dataTransfer.files[0]);
    });
  }
  byId("again").addEventListener("click", () => {
    reset();
    byId("choose").focus();
  });
  byId("print").addEventListener("click", () => print());
  byId("previous").addEventListener("click", () => check(seals, shown - 1));
  byId("next").addEventListener("click", () => check(seals, shown + 1));
  camera.prepare({
    read: async (frame) => {
      const digits = digitsIn((await readCode(frame)) ?? "");
      if (digits) check([digits]);
      return Boolean(digits);
    },
  });
}

prepare();
checkAddress();
