// A picture or PDF → the texts of the QR codes in it. Nothing is sent anywhere.
//
// Of a PDF, this reads what attestations and scans are made of: QR codes drawn as image masks,
// links, and pictures in JPEG or as plain pixels. It does not draw pages; what has another shape
// (pictures in JBIG2, JPEG 2000 or CCITT, a password) is told to the caller.

import { digitsIn } from "./seal.js";

const LARGEST_FILE = 64 << 20, LARGEST_STREAM = 128 << 20; // bytes
const MOST_PIXELS = 24e6;
const MOST_SEALS = 500;

/** A file that can't be read; `reason` is a word of the labels. */
export class FileError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** The text of a QR code in a picture; null when none is found. */
export async function readCode(image) {
  const native = await detector();
  if (native) {
    const [found] = await native.detect(image).catch(() => []);
    if (found) return found.rawValue;
  }
  return decode(image);
}

/** The browser's own reader of QR codes, where it has one. */
async function detector() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  return formats?.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
}

async function decode(image) {
  const { decodeQR } = await import("./qr/decode.js");
  try {
    return decodeQR(image instanceof ImageData ? image : pixelsOf(image), { timeLimit: 500 });
  } catch {
    return null; // no QR code
  }
}

function pixelsOf(image) {
  const width = image.videoWidth ?? image.width, height = image.videoHeight ?? image.height;
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  const size = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
  const context = new OffscreenCanvas(...size).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#FFFFFF"; // under what is transparent
  context.fillRect(0, 0, ...size);
  context.drawImage(image, 0, 0, ...size);
  return context.getImageData(0, 0, ...size);
}

/** The digits of all seals in a file, each once, in its order. */
export async function sealsIn(file) {
  if (file.size > LARGEST_FILE) throw new FileError("file_large");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const texts = latin(bytes.subarray(0, 1024)).includes("%PDF-") ? pdfCodes(bytes) : [picture(file)];
  const found = new Set();
  for await (const text of texts) {
    const digits = digitsIn(text ?? "");
    if (digits && found.add(digits).size === MOST_SEALS) break;
  }
  if (!found.size) throw new FileError("no_seal");
  return [...found];
}

async function picture(blob) {
  const image = await createImageBitmap(blob).catch(() => {
    throw new FileError("file_unknown");
  });
  return readCode(image);
}

// PDF (ISO 32000-1), as far as it goes.

async function* pdfCodes(bytes) {
  const text = latin(bytes);
  if (/\/Encrypt\s+\d+ \d+ R/.test(text)) throw new FileError("pdf_locked");
  let unread = false, found = false;
  for (const { head, data } of streams(text, bytes)) {
    const kind = /\/Subtype\s*\/Image\b/.test(head) ? imageCodes : contentCodes;
    try {
      for await (const code of kind(head, data)) {
        found ||= Boolean(digitsIn(code ?? ""));
        yield code;
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      unread = true;
    }
  }
  yield* links(text);
  if (unread && !found) throw new FileError("pdf_shape");
}

/** Every stream of a PDF: its dictionary as text, and its bytes as they are stored. */
function* streams(text, bytes) {
  const start = /\bstream\r?\n/g;
  for (let match; (match = start.exec(text)); ) {
    const head = text.slice(Math.max(text.lastIndexOf(" obj", match.index), 0), match.index);
    const said = /\/Length\s+(\d+)(?:\s+(\d+)\s+R)?/.exec(head);
    let length = said && !said[2] ? Number(said[1]) : NaN;
    const end = start.lastIndex + length;
    if (!/^\s*endstream/.test(text.slice(end, end + 12))) {
      const stop = text.indexOf("endstream", start.lastIndex);
      if (stop < 0) return;
      length = text.slice(start.lastIndex, stop).replace(/\r?\n$/, "").length;
    }
    yield { head, data: bytes.subarray(start.lastIndex, start.lastIndex + length) };
    start.lastIndex += length;
  }
}

const filtersOf = (head) => {
  const said = /\/Filter\s*(\[[^\]]*\]|\/\w+)/.exec(head);
  return said ? said[1].match(/\w+/g) ?? [] : [];
};

async function* contentCodes(head, data) {
  const filters = filtersOf(head);
  if (/\/FontFile|\/Type\s*\/(XRef|Metadata)\b|\/Length1\b/.test(head)) return;
  if (filters.some((name) => name !== "FlateDecode")) return;
  const content = filters.length ? await inflate(data) : data;
  const text = latin(content);
  yield* links(text);
  // BI/W 77/H 77/IM true … ID (bytes) EI: a mask that is painted where its bits are 0, or 1.
  const mask = /\bBI\b([^<>]{1,200}?)\bID\s/g;
  for (let match; (match = mask.exec(text)); ) {
    const [said, begin] = [match[1], mask.lastIndex];
    const side = number(said, "W"), size = Math.ceil(side / 8) * side;
    if (!/\/IM\s+true/.test(said) || !(side > 20 && side < 200) || side !== number(said, "H")) continue;
    const isHex = /\/F\s*\/AHx/.test(said);
    mask.lastIndex += isHex ? 2 * size : size;
    const bits = isHex
      ? Uint8Array.from(text.slice(begin, mask.lastIndex).match(/../g) ?? [], (b) => parseInt(b, 16))
      : content.subarray(begin, mask.lastIndex);
    if (bits.length === size) yield decode(modules(side, bits, /\/D\s*\[\s*1/.test(said)));
  }
}

function* links(text) {
  for (const [address] of text.matchAll(/https?:\/\/[^\s()<>#]{1,300}#[1-9][0-9]{99,1199}(?![0-9])/g)) {
    yield address;
  }
}

/** Modules as pixels: 4 each, within a quiet zone of 4 modules. */
function modules(side, bits, paintsOnes) {
  const scale = 4, edge = 4, row = Math.ceil(side / 8);
  const size = (side + 2 * edge) * scale;
  const image = new ImageData(size, size);
  image.data.fill(255);
  const ink = new Uint32Array(image.data.buffer);
  for (let y = 0; y < side * scale; y++) {
    for (let x = 0; x < side * scale; x++) {
      const column = Math.floor(x / scale);
      const bit = (bits[Math.floor(y / scale) * row + (column >> 3)] >> (7 - (column & 7))) & 1;
      if (bit === Number(paintsOnes)) ink[(y + edge * scale) * size + x + edge * scale] = BLACK;
    }
  }
  return image;
}

const BLACK = new Uint32Array(Uint8Array.of(0, 0, 0, 255).buffer)[0];

async function* imageCodes(head, data) {
  const filters = filtersOf(head);
  const last = filters.at(-1);
  if (filters.length > 1 + (filters[0] === "FlateDecode")) throw new FileError("pdf_shape");
  const content = filters[0] === "FlateDecode" ? await inflate(data) : data;
  if (last === "DCTDecode") yield picture(new Blob([content], { type: "image/jpeg" }));
  else if (!last || last === "FlateDecode") yield readCode(pixels(head, content));
  else throw new FileError("pdf_shape");
}

/** Plain pixels, of one bit or of bytes in grey or RGB. */
function pixels(head, content) {
  const width = number(head, "Width"), height = number(head, "Height");
  const mask = /\/ImageMask\s+true/.test(head);
  const depth = mask ? 1 : number(head, "BitsPerComponent");
  const predicted = number(head, "Predictor") > 1;
  const row = content.length / height;
  const channels = depth === 8 ? row / width : row === Math.ceil(width / 8) ? 1 : 0;
  if (predicted || ![1, 8].includes(depth) || ![1, 3].includes(channels) || width * height > MOST_PIXELS) {
    throw new FileError("pdf_shape");
  }
  const inverted = /\/Decode\s*\[\s*1/.test(head);
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    for (let channel = 0; channel < 3; channel++) {
      const x = at % width, y = Math.floor(at / width);
      const value = depth === 8
        ? content[y * row + x * channels + (channels === 3 ? channel : 0)]
        : ((content[y * row + (x >> 3)] >> (7 - (x & 7))) & 1) * 255;
      image.data[at * 4 + channel] = inverted ? 255 - value : value;
    }
    image.data[at * 4 + 3] = 255;
  }
  return image;
}

const number = (head, name) => Number(new RegExp(`/${name}\\s+(\\d+)`).exec(head)?.[1] ?? NaN);

/** What was deflated (RFC 1950), up to a limit: a small file can hold an endless stream. */
async function inflate(data) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const chunks = [];
  let size = 0;
  try {
    for (let next; !(next = await reader.read()).done; ) {
      chunks.push(next.value);
      size += next.value.length;
      if (size > LARGEST_STREAM) throw new FileError("file_large");
    }
  } catch (error) {
    if (error instanceof FileError) throw error;
    // Damaged, or followed by other bytes: what came before may do.
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Bytes as a text of as many characters; windows-1252, which leaves ASCII alone. */
const latin = (bytes) => new TextDecoder("latin1").decode(bytes);
