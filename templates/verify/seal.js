// Digits of a QR code + public keys → what was sealed, or why it does not hold.
// The format is that of docs/trust.md: a COSE_Sign1 (RFC 9052) of CWT claims (RFC 8392) in
// deterministic CBOR, signed with Ed25519. This follows pixattest/trust/seal.py, check by check.

const MOST_DIGITS = 1200;
const DEEPEST = 4; // lists and maps within each other
const DAY = 86400; // seconds
const EXPIRY = 4, NOT_BEFORE = 5, CODE = 7, FACTS = -65537; // claims
const MOST_DAYS = 3_000_000; // from 1970: what a Date of JavaScript and Python's both hold, and more

/** A seal that does not hold; `reason` is malformed, unknown_key or altered. */
export class SealError extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

/** This browser, or the way the page was opened, has no Ed25519. */
export class Unable extends Error {}

const malformed = (what) => new SealError("malformed", what);

/** The digits of a seal in an address or by themselves; null: there are none. */
export function digitsIn(text) {
  return /#([0-9]+)$/.exec(text)?.[1] ?? (/^[0-9]{100,}$/.test(text) ? text : null);
}

/**
 * What a seal says, once its signature is found to be that of a known key.
 * keys: Map of key id in hexadecimal → CryptoKey, as `readKeys` gives it.
 */
export async function openSeal(digits, keys) {
  const { sealed, kid, payload, signature } = readEnvelope(digits);
  const key = keys.get(kid);
  if (!key) throw new SealError("unknown_key", kid);
  if (!(await verify(key, signature, sealed))) throw new SealError("altered", kid);
  return { kid, ...readFacts(payload) };
}

// Keys.

/** The Ed25519 keys of a JWKS (RFC 7517), by the id that each one's thumbprint gives it. */
export async function readKeys(jwks) {
  const keys = new Map();
  for (const { kty, crv, x } of jwks.keys) {
    if (kty !== "OKP" || crv !== "Ed25519") continue;
    const bytes = fromBase64url(x);
    const thumbprint = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`; // RFC 7638
    const digest = await sha256(new TextEncoder().encode(thumbprint));
    keys.set(toHex(digest.subarray(0, 8)), await importKey(bytes));
  }
  return keys;
}

async function importKey(bytes) {
  try {
    return await subtle().importKey("raw", bytes, "Ed25519", false, ["verify"]);
  } catch (reason) {
    throw reason.name === "NotSupportedError" ? new Unable("old") : reason;
  }
}

export const verify = (key, signature, data) => subtle().verify("Ed25519", key, signature, data);

export const sha256 = async (data) => new Uint8Array(await subtle().digest("SHA-256", data));

/** WebCrypto, which browsers keep from pages that came neither by https nor from this machine. */
function subtle() {
  if (!crypto.subtle) throw new Unable(isSecureContext ? "old" : "insecure");
  return crypto.subtle;
}

// The envelope: protected header, empty header, payload, signature.

function readEnvelope(digits) {
  if (digits.length > MOST_DIGITS || !/^[1-9][0-9]*$/.test(digits)) throw malformed("no number");
  const parts = decode(fromHex(BigInt(digits).toString(16)));
  if (!Array.isArray(parts) || parts.length !== 4) throw malformed("not four parts");
  const [header, unprotected, payload, signature] = parts;
  if (![header, payload, signature].every(isBytes)) throw malformed("parts of other types");
  const held = decode(header);
  const isOurs =
    isMap(held) && held.size === 2 && held.get(1) === -8 && isBytes(held.get(4)) &&
    isMap(unprotected) && unprotected.size === 0;
  if (!isOurs) throw malformed("another header");
  if (signature.length !== 64) throw malformed("another signature");
  // Sig_structure (RFC 9052, 4.4): the payload and header as they came, in their one form.
  const context = new TextEncoder().encode("Signature1");
  const sealed = join(
    [0x84, 0x60 + context.length], context, head(header.length), header, [0x40],
    head(payload.length), payload,
  );
  return { sealed, kid: toHex(held.get(4)), payload, signature };
}

/** The head of a byte string in CBOR; no part of a seal has 64 KiB. */
function head(length) {
  if (length < 24) return [0x40 + length];
  return length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
}

// What is in the payload.

function readFacts(payload) {
  const claims = decode(payload);
  if (!isMap(claims)) throw malformed("no claims");
  const known = [EXPIRY, NOT_BEFORE, CODE, FACTS];
  if (![...claims.keys()].every((key) => known.includes(key))) throw malformed("unknown claims");
  const facts = claims.get(FACTS);
  if (!Array.isArray(facts) || facts.length !== 10 || facts[0] !== 1) throw malformed("version");
  const [, framework, firstName, lastName, born, birthPlace, centre, score, maxLevel, levels] = facts;
  const texts = [firstName, lastName, birthPlace, centre];
  const expiry = claims.get(EXPIRY);
  const code = claims.get(CODE);
  if (
    !texts.every((text) => text === null || typeof text === "string") ||
    typeof framework !== "string" || !Number.isInteger(maxLevel) ||
    !(score === null || Number.isInteger(score)) || !(born === null || isDay(born)) ||
    !isBytes(code) || !isBytes(levels)
  ) throw malformed("a value of another type");
  return {
    framework, firstName, lastName, birthPlace, centre, score, maxLevel,
    birthDate: born === null ? null : dateAt(born),
    code: textOf(code),
    deliveredOn: dateAt(dayAt(claims.get(NOT_BEFORE))),
    validThrough: expiry === undefined ? null : dateAt(dayAt(expiry) - 1),
    levels: [...levels].flatMap((both) => [both >> 4, both & 15]),
  };
}

const isDay = (days) => Number.isInteger(days) && Math.abs(days) < MOST_DAYS;
const dateAt = (days) => new Date(days * DAY * 1000);

function dayAt(seconds) {
  if (!isDay(seconds / DAY)) throw malformed("no day");
  return seconds / DAY;
}

// Deterministic CBOR (RFC 8949, 4.2.1): integers, bytes, texts, lists, maps and null. What is
// not in its one form is not read.

function decode(data) {
  const reader = { data, at: 0 };
  const value = read(reader, 0);
  if (reader.at !== data.length) throw malformed("bytes after the value");
  return value;
}

function read(reader, depth) {
  if (reader.data[reader.at] === 0xf6) {
    reader.at++;
    return null;
  }
  const { kind, number } = readHead(reader);
  if (kind === 0) return number;
  if (kind === 1) return -1 - number;
  if (kind === 2) return take(reader, number);
  if (kind === 3) return textOf(take(reader, number));
  if (depth === DEEPEST) throw malformed("nested too deeply");
  // Each item has a byte at least, so no loop is longer than what is there.
  if (kind === 4) {
    const items = [];
    for (let i = 0; i < number; i++) items.push(read(reader, depth + 1));
    return items;
  }
  if (kind !== 5) throw malformed("a type that is not used");
  const found = new Map();
  let before = "";
  for (let i = 0; i < number; i++) {
    const begin = reader.at;
    const key = read(reader, depth + 1);
    const written = toHex(reader.data.subarray(begin, reader.at));
    if (!Number.isInteger(key) || written <= before) throw malformed("keys out of order");
    before = written;
    found.set(key, read(reader, depth + 1));
  }
  return found;
}

function readHead(reader) {
  const [first] = take(reader, 1);
  const kind = first >> 5;
  let number = first & 31;
  if (number < 24) return { kind, number };
  if (number > 27) throw malformed("an indefinite length");
  const size = 1 << (number - 24);
  number = take(reader, size).reduce((sum, byte) => sum * 256 + byte, 0);
  const least = size === 1 ? 24 : 256 ** (size / 2);
  if (number < least || !Number.isSafeInteger(number)) throw malformed("a number too long");
  return { kind, number };
}

function take(reader, length) {
  const taken = reader.data.subarray(reader.at, reader.at + length);
  if (taken.length < length) throw malformed("ends too early");
  reader.at += length;
  return taken;
}

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("not UTF-8");
  }
}

// Bytes.

const isBytes = (value) => value instanceof Uint8Array;
const isMap = (value) => value instanceof Map;
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

export const toHex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

function fromHex(hex) {
  const even = hex.length % 2 ? `0${hex}` : hex;
  return Uint8Array.from(even.match(/../g), (byte) => parseInt(byte, 16));
}

/** The bytes of a base64url text without padding (RFC 7515, 2). */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** Base64url without padding. */
export function toBase64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
