// pdfkit, the engine that Pix uses, and the `qrcode` package. Fonts are parsed once a process.

import * as fontkit from "fontkit";
import PDFDocument from "pdfkit";
import QRCode from "qrcode";

import {
  PAGE,
  SIGNATURE,
  address,
  colour,
  fontPath,
  main,
  runs,
  staticTexts,
  strings,
} from "./serve.mjs";

const { table } = PAGE;
const texts = staticTexts();
const fonts = Object.keys(PAGE.fonts).map((name) => [name, fontkit.openSync(fontPath(name))]);

async function make(records) {
  const pdf = new PDFDocument({
    size: PAGE.size,
    margin: 0,
    autoFirstPage: false,
    font: null,
    info: { Title: "Attestation" },
  });
  const chunks = [];
  pdf.on("data", (chunk) => chunks.push(chunk));
  const ended = new Promise((resolve, reject) => {
    pdf.on("end", resolve);
    pdf.on("error", reject);
  });
  for (const [name, font] of fonts) pdf.registerFont(name, font);
  for (const record of records) {
    pdf.addPage();
    drawPage(pdf, record);
  }
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function drawPage(pdf, record) {
  drawArt(pdf);
  for (const text of texts) drawText(pdf, text, text.text);
  const words = strings(record);
  for (const field of PAGE.fields) drawText(pdf, field, words[field.field]);
  for (const domain of PAGE.domains) drawDomain(pdf, domain, record.levels);
  drawQr(pdf, record);
  const { x, y, width, height } = PAGE.signature;
  pdf.image(SIGNATURE, x, y, { width, height });
}

function drawArt(pdf) {
  const { rule, divider, badge, info } = PAGE;
  pdf.lineWidth(rule.width).strokeColor(colour(rule.colour));
  pdf.moveTo(rule.x1, rule.y).lineTo(rule.x2, rule.y).stroke();
  pdf.moveTo(divider.x, divider.y1).lineTo(divider.x, divider.y2).stroke();
  pdf.circle(info.x, info.y, info.radius).fill(colour(info.colour));
  pdf.roundedRect(badge.x, badge.y, badge.width, badge.height, badge.radius);
  pdf.lineWidth(badge.line).stroke(colour(badge.colour));
}

function drawText(pdf, { x, y, font, size, colour: ink, align }, text) {
  pdf.font(font, size).fillColor(colour(ink));
  const left = align === "center" ? x - pdf.widthOfString(text) / 2 : x;
  pdf.text(text, left, y, { lineBreak: false, baseline: "alphabetic" });
}

function drawDomain(pdf, domain, levels) {
  const { x, width, row: height, baseline, level_cell: cell } = table;
  pdf.rect(x, domain.top, width, height).fill(domain.colour);
  const title = { y: domain.top + baseline, font: "semibold", colour: "white" };
  drawText(pdf, { ...title, x: table.name_x, size: table.title_size }, domain.title);
  const word = { ...title, x: table.level_x, size: table.level_word_size, align: "center" };
  drawText(pdf, word, table.level_word);
  pdf.lineWidth(PAGE.rule.width).strokeColor(colour("line"));
  for (const row of domain.competences) {
    pdf.rect(x + width - cell, row.top, cell, height).fill(colour("pale"));
    const bottom = row.top + height;
    pdf.moveTo(x, bottom).lineTo(x + width, bottom).stroke();
  }
  for (const { id, name, top } of domain.competences) {
    const level = levels[id];
    const y = top + baseline;
    const ink = level ? "ink" : "dim";
    drawText(pdf, { x: table.name_x, y, font: "regular", size: table.size, colour: ink }, name);
    if (!level) continue;
    const place = { x: table.level_x, y, font: "semibold", size: table.level_size, colour: "ink" };
    drawText(pdf, { ...place, align: "center" }, String(level));
  }
}

function drawQr(pdf, record) {
  const { modules } = QRCode.create(address(record), { errorCorrectionLevel: "M" });
  const { x, y, size } = PAGE.qr;
  const module = size / modules.size;
  for (const [column, row, length] of runs(modules)) {
    pdf.rect(x + column * module, y + row * module, length * module, module);
  }
  pdf.fill(colour("ink"));
}

main(make, ["pdfkit", "fontkit", "qrcode"]);
