// pdf-lib over a template page: the template is one form XObject, fonts are parsed once a process.
//
// The parser is `fontkit` itself: @pdf-lib/fontkit, its fork, leaves glyphs of these fonts out of a
// subset (short `loca` offsets without padding), and a whole font is 380 kB.

import { readFileSync } from "node:fs";
import { Readable } from "node:stream";

import * as fontkit from "fontkit";
import { PDFDocument, fill, rectangle, rgb, setFillingColor, setGraphicsState } from "pdf-lib";
import QRCode from "qrcode";

import { PAGE, TEMPLATE, address, colour, fontPath, main, runs, strings } from "./serve.mjs";

const { table, qr } = PAGE;
const [WIDTH, HEIGHT] = PAGE.size;
const WHITE = rgb(1, 1, 1);
const INK = toRgb("ink");
const template = await PDFDocument.load(readFileSync(TEMPLATE));

const files = ["regular", "semibold"].map((name) => [name, readFileSync(fontPath(name))]);
const parsed = new Map(files.map(([, bytes]) => [bytes, fontkit.create(bytes)]));
const parseOnce = { create: (bytes) => adapt(parsed.get(bytes)) };

const rows = PAGE.domains.flatMap((domain) => domain.competences);

// What pdf-lib asks of a font: a subset that is a stream, and whose glyphs are objects.
function adapt(font) {
  const adapted = Object.create(font);
  adapted.createSubset = () => {
    const subset = font.createSubset();
    subset.encodeStream = () => Readable.from([subset.encode()]);
    return subset;
  };
  return adapted;
}

async function make(records) {
  const pdf = await PDFDocument.create();
  pdf.setTitle("Attestation");
  pdf.registerFontkit(parseOnce);
  const art = await pdf.embedPage(template.getPage(0));
  const fonts = {};
  for (const [name, bytes] of files) fonts[name] = await pdf.embedFont(bytes, { subset: true });
  const veil = pdf.context.register(pdf.context.obj({ ca: PAGE.veil }));
  for (const record of records) {
    const page = pdf.addPage([WIDTH, HEIGHT]);
    page.drawPage(art);
    drawRecord(page, fonts, record);
    drawVeil(page, veil, record);
  }
  return pdf.save();
}

function drawRecord(page, fonts, record) {
  const words = strings(record);
  for (const field of PAGE.fields) drawText(page, fonts, field, words[field.field]);
  for (const { id, top } of rows) {
    if (!record.levels[id]) continue;
    const place = { x: table.level_x, y: top + table.baseline, size: table.level_size };
    const level = String(record.levels[id]);
    drawText(page, fonts, { ...place, font: "semibold", align: "center" }, level);
  }
  drawQr(page, record);
}

// Veil the names of what the record lacks: one path, under one graphics state of the document.
function drawVeil(page, state, { levels }) {
  const name = page.node.newExtGState("Veil", state);
  const width = table.width - table.level_cell - 1;
  const paths = rows
    .filter(({ id }) => !levels[id])
    .map(({ top }) => rectangle(table.x, HEIGHT - top - table.row + 0.5, width, table.row - 1));
  if (paths.length === 0) return;
  page.pushOperators(setFillingColor(WHITE), setGraphicsState(name), ...paths, fill());
}

function drawText(page, fonts, { x, y, size, font: name, align }, text) {
  const font = fonts[name];
  const left = align === "center" ? x - font.widthOfTextAtSize(text, size) / 2 : x;
  page.drawText(text, { x: left, y: HEIGHT - y, size, font, color: INK });
}

function drawQr(page, record) {
  const { modules } = QRCode.create(address(record), { errorCorrectionLevel: "M" });
  const module = qr.size / modules.size;
  const operators = [setFillingColor(INK)];
  for (const [column, row, length] of runs(modules)) {
    const bottom = HEIGHT - qr.y - (row + 1) * module;
    operators.push(rectangle(qr.x + column * module, bottom, length * module, module));
  }
  page.pushOperators(...operators, fill());
}

function toRgb(name) {
  const value = colour(name);
  return rgb(...[1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16) / 255));
}

main(make, ["pdf-lib", "fontkit", "qrcode"]);
