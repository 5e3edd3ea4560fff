import type { GuestHeader, GuestReply, GuestRequest, ScriptReplyHead, ScriptRequestHead } from "@orrery/guest/abi";
import { guestReply, guestRequest } from "@orrery/guest/abi";
import { GuestFault } from "./guest-fault.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bodies that a script gets as text. */
const TEXT = /^(text\/|application\/(json|[\w.+-]*\+json|javascript|xml)\b)/;

/** Head of a request as a script gets it; what is empty is left out. */
export function headForScript({ body: _, ...head }: GuestRequest): string {
  return JSON.stringify(head);
}

/** Head of an answer as a script gets it. */
export function headOfAnswer({ status, headers, contentType, failure, nowMs }: GuestReply): string {
  return JSON.stringify({ status, headers, contentType, failure, nowMs });
}

/** Body of a message as a script gets it: JSON, text and nothing as text. */
export function bodyForScript(contentType: string, body: Uint8Array): string | Uint8Array {
  return TEXT.test(contentType) || (contentType === "" && body.length === 0) ? decoder.decode(body) : body;
}

/** The call that a script asks for. @throws GuestFault for a head that is none. */
export function callOfScript(headText: string, body: string | ArrayBuffer): GuestRequest {
  const head = readHead<ScriptRequestHead>(headText);
  return guestRequest({
    service: textIn(head.service),
    method: textIn(head.method),
    path: textIn(head.path),
    headers: headersIn(head.headers),
    contentType: textIn(head.contentType),
    body: bytesIn(body),
  });
}

/** The reply that a script gives. @throws GuestFault for a head that is none. */
export function replyOfScript(headText: string, body: string | ArrayBuffer): GuestReply {
  const head = readHead<ScriptReplyHead>(headText);
  const { status = 0, failure } = head;
  if (!Number.isInteger(status) || status < 0 || status > 999) throw bad(`its status is ${JSON.stringify(status)}`);
  return guestReply({
    status,
    headers: headersIn(head.headers),
    contentType: textIn(head.contentType),
    body: bytesIn(body),
    failure: failure && {
      code: textIn(failure.code),
      message: textIn(failure.message),
      reason: textIn(failure.reason),
      details: textIn(failure.details),
      definite: true,
    },
  });
}

function readHead<T extends object>(text: string): T {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    throw bad("its head is no JSON");
  }
  if (typeof head !== "object" || head === null) throw bad("its head is no object");
  return head as T;
}

function textIn(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw bad(`it says ${JSON.stringify(value)} where a text belongs`);
  return value;
}

function headersIn(value: unknown): readonly GuestHeader[] {
  if (value === undefined) return [];
  const isPair = (one: unknown) =>
    Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === "string");
  if (!Array.isArray(value) || !value.every(isPair)) throw bad("its headers are no list of [name, value]");
  return value;
}

function bytesIn(body: string | ArrayBuffer): Uint8Array {
  return typeof body === "string" ? encoder.encode(body) : new Uint8Array(body);
}

function bad(why: string): GuestFault {
  return new GuestFault("bad_reply", why);
}
