// revoked.jws + public keys → since when and until when it speaks, and which codes are revoked.
// A compact JWS (RFC 7515) that names codes by their hashes; see docs/verification-page.md.

import { fromBase64url, sha256, toBase64url, toHex, verify } from "./seal.js";

const TYPE = "pixattest-revocations+jwt";
const HASH_SIZE = 16; // bytes

/** A list that can't be relied on; `reason` is a word of the labels. */
export class ListError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * A list whose signature holds.
 * Returns { iat, exp, seq, has(code) }; times in seconds since 1970.
 */
export async function readRevocations(jws, keys) {
  let header, claims, signature;
  const parts = jws.trim().split(".");
  try {
    [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(utf8(fromBase64url(part))));
    signature = fromBase64url(parts[2]);
  } catch {
    throw new ListError("list_damaged");
  }
  const { iat, exp, seq, revoked } = claims ?? {};
  const isList =
    parts.length === 3 && header?.alg === "EdDSA" && header.typ === TYPE && !header.crit &&
    [iat, exp, seq].every(Number.isSafeInteger) && Array.isArray(revoked);
  if (!isList) throw new ListError("list_damaged");
  const key = keys.get(typeof header.kid === "string" ? kidOf(header.kid) : "");
  const signed = new TextEncoder().encode(parts.slice(0, 2).join("."));
  if (!key || !(await verify(key, signature, signed))) throw new ListError("list_foreign");
  const hashes = new Set(revoked);
  return { iat, exp, seq, has: async (code) => hashes.has(await hashOf(code)) };
}

/**
 * Whether a list is older than one that was seen here before; the newest is remembered.
 * A browser that keeps no memory knows of none.
 */
export function isReplayed({ seq, iat }) {
  const place = `pixattest revocations of ${location.pathname}`;
  try {
    const seen = JSON.parse(localStorage.getItem(place));
    if (seen && (seq < seen.seq || iat < seen.iat)) return true;
    localStorage.setItem(place, JSON.stringify({ seq, iat }));
  } catch {
    // Storage is off, full or holds something else.
  }
  return false;
}

async function hashOf(code) {
  const digest = await sha256(new TextEncoder().encode(code));
  return toBase64url(digest.subarray(0, HASH_SIZE));
}

function kidOf(text) {
  try {
    return toHex(fromBase64url(text));
  } catch {
    return "";
  }
}

const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
