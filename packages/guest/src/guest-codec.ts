import {
  type GuestFailure,
  type GuestHeader,
  type GuestReply,
  type GuestRequest,
  guestReply,
  guestRequest,
} from "./guest-message.ts";
import { createProtoReader, type ProtoReader } from "./proto-reader.ts";
import { createProtoWriter, type ProtoWriter } from "./proto-writer.ts";

/** Header fields of one message; a message with more is refused. */
export const GUEST_HEADERS_MAX = 200;

/** Writes a request as `orrery.guest.v1.Request`. */
export function encodeGuestRequest(request: GuestRequest): Uint8Array<ArrayBuffer> {
  const writer = createProtoWriter();
  writer.text(1, request.service);
  writer.text(2, request.method);
  writer.text(3, request.path);
  writeHeaders(writer, 4, request.headers);
  writer.text(5, request.contentType);
  writer.bytes(6, request.body);
  writer.text(7, request.agent);
  writer.number(8, request.nowMs);
  writer.number(9, request.budgetMs);
  return writer.finish();
}

/** Writes a reply as `orrery.guest.v1.Reply`. */
export function encodeGuestReply(reply: GuestReply): Uint8Array<ArrayBuffer> {
  const writer = createProtoWriter();
  writer.number(1, reply.status);
  writeHeaders(writer, 2, reply.headers);
  writer.text(3, reply.contentType);
  writer.bytes(4, reply.body);
  if (reply.failure !== undefined) writer.message(5, encodeFailure(reply.failure));
  writer.number(6, reply.nowMs);
  return writer.finish();
}

/**
 * Reads a request; unknown fields are passed over. The body is a view of `bytes`.
 * @throws Error that says what is wrong, and where.
 */
export function decodeGuestRequest(bytes: Uint8Array): GuestRequest {
  const reader = createProtoReader(bytes);
  const read: { -readonly [K in keyof GuestRequest]: GuestRequest[K] } = guestRequest({});
  const headers: GuestHeader[] = [];
  while (reader.next()) {
    if (reader.field === 1) read.service = reader.text();
    else if (reader.field === 2) read.method = reader.text();
    else if (reader.field === 3) read.path = reader.text();
    else if (reader.field === 4) addHeader(headers, reader);
    else if (reader.field === 5) read.contentType = reader.text();
    else if (reader.field === 6) read.body = reader.bytes();
    else if (reader.field === 7) read.agent = reader.text();
    else if (reader.field === 8) read.nowMs = reader.number();
    else if (reader.field === 9) read.budgetMs = reader.number();
    else reader.skip();
  }
  read.headers = headers;
  return read;
}

/**
 * Reads a reply; unknown fields are passed over. The body is a view of `bytes`.
 * @throws Error that says what is wrong, and where.
 */
export function decodeGuestReply(bytes: Uint8Array): GuestReply {
  const reader = createProtoReader(bytes);
  const read: { -readonly [K in keyof GuestReply]: GuestReply[K] } = guestReply({});
  const headers: GuestHeader[] = [];
  while (reader.next()) {
    if (reader.field === 1) read.status = reader.number();
    else if (reader.field === 2) addHeader(headers, reader);
    else if (reader.field === 3) read.contentType = reader.text();
    else if (reader.field === 4) read.body = reader.bytes();
    else if (reader.field === 5) read.failure = decodeFailure(reader.bytes());
    else if (reader.field === 6) read.nowMs = reader.number();
    else reader.skip();
  }
  read.headers = headers;
  return read;
}

function writeHeaders(writer: ProtoWriter, field: number, headers: readonly GuestHeader[]): void {
  for (const [name, value] of headers) {
    const header = createProtoWriter();
    header.text(1, name);
    header.text(2, value);
    writer.message(field, header.finish());
  }
}

function encodeFailure(failure: GuestFailure): Uint8Array<ArrayBuffer> {
  const writer = createProtoWriter();
  writer.text(1, failure.code);
  writer.text(2, failure.message);
  writer.text(3, failure.reason);
  writer.text(4, failure.details);
  writer.number(5, failure.definite ? 1 : 0);
  return writer.finish();
}

function addHeader(headers: GuestHeader[], outer: ProtoReader): void {
  if (headers.length === GUEST_HEADERS_MAX) throw new Error(`there are more than ${GUEST_HEADERS_MAX} headers`);
  const reader = createProtoReader(outer.bytes());
  let name = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  headers.push([name, value]);
}

function decodeFailure(bytes: Uint8Array): GuestFailure {
  const reader = createProtoReader(bytes);
  const read = { code: "", message: "", reason: "", details: "", definite: false };
  while (reader.next()) {
    if (reader.field === 1) read.code = reader.text();
    else if (reader.field === 2) read.message = reader.text();
    else if (reader.field === 3) read.reason = reader.text();
    else if (reader.field === 4) read.details = reader.text();
    else if (reader.field === 5) read.definite = reader.number() !== 0;
    else reader.skip();
  }
  return read;
}
