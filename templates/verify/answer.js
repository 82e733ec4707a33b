// Digits of a seal + what lies beside the page + the time → one answer.
//
// Four answers: genuine, expired, revoked, not_genuine. Three say that none can be given:
// unchecked (genuine, but not known whether revoked), early (a date that is still to come: some
// clock is wrong) and unable.

import { ListError, isReplayed, readRevocations } from "./revocations.js";
import { SealError, Unable, openSeal, readKeys } from "./seal.js";

const DAY = 86_400_000; // milliseconds
const PATIENCE = 20_000;

/**
 * Returns { answer, text, facts, list }: text is a word of the labels that says more; facts is
 * what was sealed, where the signature holds; list is { state, day }: a word of the labels that
 * says how far the revocation list can be relied on, and its date.
 */
export async function answerTo(digits, now) {
  let keys, facts;
  try {
    keys = await readKeys(JSON.parse(await fetchText("keys.json")));
  } catch (reason) {
    return { answer: "unable", text: reason instanceof Unable ? `${reason.message}_text` : "keys_text" };
  }
  try {
    facts = await openSeal(digits, keys);
  } catch (reason) {
    if (!(reason instanceof SealError)) throw reason;
    return { answer: "not_genuine", text: `${reason.reason}_text` };
  }
  const { revoked, ...list } = await revocationOf(facts.code, keys, now);
  const answer = judge(facts, list, revoked, now);
  return { answer, text: `${answer}_text`, facts, list };
}

function judge(facts, list, revoked, now) {
  if (revoked) return "revoked"; // for ever, however old the list is
  // A day's difference may be that of time zones.
  if (list.state === "list_early" || facts.deliveredOn - now > DAY) return "early";
  if (facts.validThrough && now >= +facts.validThrough + DAY) return "expired";
  return list.state === "list_fresh" ? "genuine" : "unchecked";
}

async function revocationOf(code, keys, now) {
  let list;
  try {
    list = await readRevocations(await fetchText("revoked.jws"), keys);
  } catch (reason) {
    return { state: reason instanceof ListError ? reason.reason : "list_missing", revoked: false };
  }
  return { state: stateOf(list, now), day: new Date(list.iat * 1000), revoked: await list.has(code) };
}

function stateOf(list, now) {
  if (list.iat * 1000 - now > DAY) return "list_early";
  if (isReplayed(list)) return "list_replayed";
  return now < list.exp * 1000 ? "list_fresh" : "list_stale";
}

/** A file beside the page, as it is now. */
async function fetchText(name) {
  const how = { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) };
  const response = await fetch(new URL(name, document.baseURI), how);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.text();
}
