/**
 * What the author of a mechtron in AssemblyScript imports. The entry file exports what the host looks for:
 *
 *   import { Reply, Request, serve } from "@orrery/guest/assembly";
 *   export { orrery_abi, orrery_alloc, orrery_free } from "@orrery/guest/assembly";
 *   export function orrery_handle(pointer: usize, length: i32): u64 {
 *     return serve(pointer, length, (request: Request): Reply => Reply.of(request.body));
 *   }
 *
 * Compile it by: asc guest.ts --outFile guest.wasm --optimize --use abort=
 */
import { Reader, Writer } from "./proto";

@external("orrery", "call")
declare function hostCall(pointer: usize, length: i32): u64;

@external("orrery", "log")
declare function hostLog(level: i32, pointer: usize, length: i32): void;

/** Version of the interface. */
export function orrery_abi(): i32 {
  return 1;
}

/** Memory for what the host hands over. */
export function orrery_alloc(length: i32): usize {
  return heap.alloc(length);
}

/** Memory that the host has done with. */
export function orrery_free(pointer: usize, length: i32): void {
  heap.free(pointer);
}

/** A field of a header. */
export class Header {
  constructor(public name: string, public value: string) {}
}

/** A message to a mechtron, or from one to a service. */
export class Request {
  /** Empty for a request of HTTP. */
  service: string = "";
  method: string = "";
  /** Path and query of a request of HTTP. */
  path: string = "";
  headers: Header[] = [];
  contentType: string = "application/octet-stream";
  body: Uint8Array = new Uint8Array(0);
  /** On whose behalf it was sent. */
  agent: string = "";
  /** The host's time in ms since 1970. */
  nowMs: u64 = 0;
  /** Time that is left for the answer, in ms; 0 for none given. */
  budgetMs: u32 = 0;
}

/** The answer to a request; one with a code is a failure. */
export class Reply {
  /** Status of an answer to HTTP; 0 means 200. */
  status: u32 = 0;
  headers: Header[] = [];
  contentType: string = "application/octet-stream";
  body: Uint8Array = new Uint8Array(0);
  /** A code of Connect's list, such as not_found; empty where there is no failure. */
  code: string = "";
  message: string = "";
  /** A reason of Orrery's own, such as call_cycle. */
  reason: string = "";
  /** Plain JSON about the failure; empty for none. */
  details: string = "";
  /** Whether what failed was certainly not executed, or has certainly ended. */
  definite: bool = true;
  /** The host's time, in answers to calls. */
  nowMs: u64 = 0;

  /** A reply with a body. */
  static of(body: Uint8Array): Reply {
    const reply = new Reply();
    reply.body = body;
    return reply;
  }

  /** A reply that says why there is none. */
  static failed(code: string, message: string): Reply {
    const reply = new Reply();
    reply.code = code;
    reply.message = message;
    return reply;
  }
}

/** Severity of a line. */
export const DEBUG: i32 = 0;
export const INFO: i32 = 1;
export const WARN: i32 = 2;
export const ERROR: i32 = 3;

/** Answers one message of the host's by `answer`. */
export function serve(pointer: usize, length: i32, answer: (request: Request) => Reply): u64 {
  const request = readRequest(new Reader(pointer, length));
  heap.free(pointer);
  return leaveReply(answer(request));
}

/** Calls a method of a service; a reply with a code says why it failed. */
export function call(service: string, method: string, body: Uint8Array, contentType: string = "application/octet-stream", path: string = ""): Reply {
  const writer = new Writer();
  writer.text(1, service);
  writer.text(2, method);
  writer.text(3, path);
  writer.text(5, contentType);
  writer.bytes(6, body);
  const bytes = writer.finish();
  const packed = hostCall(bytes.dataStart, bytes.length);
  const pointer = (packed >> 32) as usize;
  const reply = readReply(new Reader(pointer, (packed & 0xffffffff) as i32));
  heap.free(pointer);
  return reply;
}

/** The value of a key of the state; null for none, and where the host has no state. */
export function stateGet(key: string): Uint8Array | null {
  const reply = call("orrery.state", "get", new Uint8Array(0), "", key);
  return reply.code.length == 0 ? reply.body : null;
}

/** Sets a key of the state; a reply with a code says why it could not. It is safe once the message has ended well. */
export function stateSet(key: string, value: Uint8Array): Reply {
  return call("orrery.state", "set", value, "application/octet-stream", key);
}

/** Forgets a key of the state. */
export function stateDelete(key: string): Reply {
  return call("orrery.state", "delete", new Uint8Array(0), "", key);
}

/** Writes a line. */
export function log(level: i32, text: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  hostLog(level, bytes.dataStart, bytes.length);
}

function readRequest(reader: Reader): Request {
  const request = new Request();
  request.contentType = "";
  while (reader.next()) {
    if (reader.field == 1) request.service = reader.text();
    else if (reader.field == 2) request.method = reader.text();
    else if (reader.field == 3) request.path = reader.text();
    else if (reader.field == 4) request.headers.push(readHeader(Reader.of(reader.bytes())));
    else if (reader.field == 5) request.contentType = reader.text();
    else if (reader.field == 6) request.body = reader.bytes();
    else if (reader.field == 7) request.agent = reader.text();
    else if (reader.field == 8) request.nowMs = reader.number();
    else if (reader.field == 9) request.budgetMs = reader.number() as u32;
    else reader.skip();
  }
  return request;
}

function readReply(reader: Reader): Reply {
  const reply = new Reply();
  reply.contentType = "";
  while (reader.next()) {
    if (reader.field == 1) reply.status = reader.number() as u32;
    else if (reader.field == 2) reply.headers.push(readHeader(Reader.of(reader.bytes())));
    else if (reader.field == 3) reply.contentType = reader.text();
    else if (reader.field == 4) reply.body = reader.bytes();
    else if (reader.field == 5) readFailure(Reader.of(reader.bytes()), reply);
    else if (reader.field == 6) reply.nowMs = reader.number();
    else reader.skip();
  }
  return reply;
}

function readHeader(reader: Reader): Header {
  const header = new Header("", "");
  while (reader.next()) {
    if (reader.field == 1) header.name = reader.text();
    else if (reader.field == 2) header.value = reader.text();
    else reader.skip();
  }
  return header;
}

function readFailure(reader: Reader, reply: Reply): void {
  reply.definite = false;
  while (reader.next()) {
    if (reader.field == 1) reply.code = reader.text();
    else if (reader.field == 2) reply.message = reader.text();
    else if (reader.field == 3) reply.reason = reader.text();
    else if (reader.field == 4) reply.details = reader.text();
    else if (reader.field == 5) reply.definite = reader.number() != 0;
    else reader.skip();
  }
}

function leaveReply(reply: Reply): u64 {
  const writer = new Writer();
  writer.number(1, reply.status);
  for (let index = 0; index < reply.headers.length; index++) {
    const header = new Writer();
    header.text(1, reply.headers[index].name);
    header.text(2, reply.headers[index].value);
    writer.block(2, header.finish());
  }
  writer.text(3, reply.contentType);
  writer.bytes(4, reply.body);
  if (reply.code.length > 0) {
    const failure = new Writer();
    failure.text(1, reply.code);
    failure.text(2, reply.message);
    failure.text(3, reply.reason);
    failure.text(4, reply.details);
    failure.number(5, reply.definite ? 1 : 0);
    writer.block(5, failure.finish());
  }
  return writer.leave();
}
