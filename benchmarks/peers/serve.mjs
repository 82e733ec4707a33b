// Records + a peer's `make` function → a PDF in a file, or timings on standard output.
// What every Node peer shares; the same as serve.py, where it is explained.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PEERS = dirname(fileURLToPath(import.meta.url));
const ROOT = join(PEERS, "..", "..");
export const SIGNATURE = join(ROOT, "examples", "signature.png");
export const TEMPLATE = join(PEERS, "..", "out", "template.pdf");
export const PAGE = JSON.parse(readFileSync(join(PEERS, "page.json"), "utf8"));

const MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"];
MONTHS.push("septembre", "octobre", "novembre", "décembre");

export const fontPath = (name) => join(ROOT, "fonts", PAGE.fonts[name]);

export const colour = (name) => PAGE.colours[name] ?? name;

export function staticTexts() {
  const words = { max_level: PAGE.max_level, max_pix: 16 * 8 * PAGE.max_level };
  const fill = (text) => text.replace(/\{(\w+)\}/g, (_, word) => words[word]);
  return PAGE.texts.map((text) => ({ ...text, text: fill(text.text) }));
}

function longDate(iso) {
  const [year, month, day] = iso.split("-");
  return `${day === "01" ? "1er" : Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
}

export function strings(record) {
  const birth = longDate(record.birth_date);
  return {
    full_name: `${record.first_name} ${record.last_name}`,
    birth: record.birth_place ? `${birth} à ${record.birth_place}` : birth,
    centre: record.centre,
    delivered: `Délivrée le ${longDate(record.delivered_on)}`,
    score: String(record.score),
    code: record.verification_code,
  };
}

export const address = (record) => PAGE.address.replace("{code}", record.verification_code);

// A QR matrix as horizontal runs of dark modules: [column, row, length], from the top left.
export function runs({ size, data }) {
  const found = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const start = column;
      while (column < size && data[row * size + column]) column += 1;
      if (column > start) found.push([start, row, column - start]);
    }
  }
  return found;
}

function readRecords(path) {
  const text = readFileSync(path, "utf8");
  if (path.endsWith(".json")) return [JSON.parse(text)];
  return text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));
}

function versions(packages) {
  const found = { node: process.versions.node };
  for (const name of packages) {
    const path = join(PEERS, "..", "node_modules", name, "package.json");
    found[name] = JSON.parse(readFileSync(path, "utf8")).version;
  }
  return found;
}

// make: async (records) => the bytes of one PDF. packages: what the peer draws with.
export async function main(make, packages) {
  const args = process.argv.slice(2);
  if (!args.includes("--serve")) {
    const records = readRecords(args[args.indexOf("--records") + 1]);
    writeFileSync(args[args.indexOf("--out") + 1], await make(records));
    return;
  }
  const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  const loaded = new Map();
  answer({ ready: true, versions: versions(packages) });
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    const path = command.records;
    try {
      if (!loaded.has(path)) loaded.set(path, readRecords(path));
      answer(await serve(make, loaded.get(path), command));
    } catch (error) {
      answer({ error: String(error) });
    }
  }
}

async function serve(make, records, { count, skip = 0, repeat = 1, out }) {
  const seconds = [];
  let start = skip;
  let data = new Uint8Array();
  for (let turn = 0; turn < repeat; turn += 1) {
    const batch = [];
    for (let place = 0; place < count; place += 1) {
      batch.push(records[(start + place) % records.length]);
    }
    start += count;
    const began = process.hrtime.bigint();
    data = await make(batch);
    seconds.push(Number(process.hrtime.bigint() - began) / 1e9);
  }
  if (out) writeFileSync(out, data);
  return { seconds, bytes: data.length };
}
