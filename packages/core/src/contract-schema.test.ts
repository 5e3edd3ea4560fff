import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { contractOf } from "./contract.ts";
import { defineService } from "./contract-schema.ts";
import { bytes, json } from "./json-body.ts";
import { OrreryError } from "./orrery-error.ts";

const Weather = defineService("acme.weather", {
  today: {
    request: z.object({ place: z.string() }),
    reply: z.object({ celsius: z.number() }),
    idempotent: true,
    horizon: "network",
    timeoutMs: 250,
    summary: "Weather of today.",
  },
  picture: { request: json<{ place: string }>(), reply: bytes },
  report: { mode: "async", request: z.object({ celsius: z.number() }), keep: true },
  watch: { mode: "stream", request: z.object({ place: z.string() }), reply: json<{ celsius: number }>() },
  storm: { mode: "broadcast", request: json<string>() },
});

test("defineService gives a contract with modes, body forms and options", () => {
  const contract = contractOf(Weather);
  assert.equal(contract.name, "acme.weather");
  assert.deepEqual(
    [...contract.methods.values()].map((method) => ({
      ...method,
      request: method.request.contentType,
      reply: method.reply.contentType,
    })),
    [
      {
        ...rest,
        name: "today",
        localName: "today",
        fingerprint: "1187ee59f89ef9a9",
        idempotent: true,
        horizon: "network",
        timeoutMs: 250,
        summary: "Weather of today.",
      },
      {
        ...rest,
        name: "picture",
        localName: "picture",
        reply: "application/octet-stream",
        fingerprint: "d24d9b8c5c88bdd8",
      },
      { ...rest, name: "report", localName: "report", mode: "async", keep: true, fingerprint: "e179dc67d9eb4387" },
      { ...rest, name: "watch", localName: "watch", mode: "stream", fingerprint: "7abcb95c4423a820" },
      { ...rest, name: "storm", localName: "storm", mode: "broadcast", fingerprint: "fe732ad914db0f19" },
    ],
  );
});

const rest = {
  mode: "sync",
  request: "application/json",
  reply: "application/json",
  idempotent: false,
  horizon: "any",
  timeoutMs: 0,
  summary: "",
  keep: false,
};

const schema = json<unknown>();
const refused: readonly { readonly what: string; readonly define: () => unknown; readonly text: string }[] = [
  { what: "an empty name", define: () => defineService("", {}), text: named("") },
  { what: "a name with a space", define: () => defineService("a b", {}), text: named("a b") },
  { what: "a name with an empty part", define: () => defineService("a..b", {}), text: named("a..b") },
  { what: "a name that begins with a digit", define: () => defineService("1a", {}), text: named("1a") },
  {
    what: "a method name with a dot",
    define: () => defineService("a", { "b.c": { request: schema, reply: schema } }),
    text: 'Cannot define method "a.b.c": a name is letters, digits, "-" and "_"',
  },
  {
    what: "a mode that does not exist",
    define: () => defineService("a", { b: { mode: "later" as never, request: schema, reply: schema } }),
    text: 'Cannot define method "a.b": there is no mode "later", write sync, async, stream or broadcast',
  },
  {
    what: "a method that is no object",
    define: () => defineService("a", { b: null as never }),
    text: 'Cannot define method "a.b": got null, write { request, reply }',
  },
  {
    what: "a request that is no schema",
    define: () => defineService("a", { b: { request: { type: "object" } as never, reply: schema } }),
    text: 'Cannot define method "a.b": "request" is no Standard Schema, pass one of zod, valibot or the like',
  },
  {
    what: "a reply that is no schema",
    define: () => defineService("a", { b: { request: schema, reply: 1 as never } }),
    text: 'Cannot define method "a.b": "reply" is no Standard Schema, pass one of zod, valibot or the like',
  },
  {
    what: "a sync method without a reply",
    define: () => defineService("a", { b: { request: schema } as never }),
    text: 'Cannot define method "a.b": it has no "reply", add one or make its mode async or broadcast',
  },
  {
    what: "a call that is kept",
    define: () => defineService("a", { b: { request: schema, reply: schema, keep: true } as never }),
    text: 'Cannot define method "a.b": it is kept and its mode is sync, only messages of mode async are kept',
  },
  {
    what: "a keep that is no boolean",
    define: () => defineService("a", { b: { request: schema, mode: "async", keep: "yes" as never } }),
    text: 'Cannot define method "a.b": its keep is of type string, write true or false',
  },
  {
    what: "a stream without a reply",
    define: () => defineService("a", { b: { mode: "stream", request: schema } as never }),
    text: 'Cannot define method "a.b": it has no "reply", add one or make its mode async or broadcast',
  },
  {
    what: "an async method with a reply",
    define: () => defineService("a", { b: { mode: "async", request: schema, reply: schema } as never }),
    text: 'Cannot define method "a.b": a method of mode async has no reply',
  },
  {
    what: "a broadcast with a reply",
    define: () => defineService("a", { b: { mode: "broadcast", request: schema, reply: schema } as never }),
    text: 'Cannot define method "a.b": a method of mode broadcast has no reply',
  },
  {
    what: "a horizon that does not exist",
    define: () => defineService("a", { b: { request: schema, reply: schema, horizon: "galaxy" as never } }),
    text: 'Cannot define method "a.b": its horizon is "galaxy", write process, host, network or any',
  },
  {
    what: "a time limit below the least",
    define: () => defineService("a", { b: { request: schema, reply: schema, timeoutMs: 0.5 } }),
    text: 'Cannot define method "a.b": its timeout is 0.5 ms, write a number from 1 to 86400000',
  },
  {
    what: "a time limit beyond the greatest",
    define: () => defineService("a", { b: { request: schema, reply: schema, timeoutMs: 86_400_001 } }),
    text: 'Cannot define method "a.b": its timeout is 86400001 ms, write a number from 1 to 86400000',
  },
  {
    what: "a time limit that is no number",
    define: () => defineService("a", { b: { request: schema, reply: schema, timeoutMs: Number.NaN } }),
    text: 'Cannot define method "a.b": its timeout is NaN ms, write a number from 1 to 86400000',
  },
];

function named(name: string): string {
  return `Cannot define service "${name}": a name is letters, digits, "-" and "_", in parts joined by "."`;
}

for (const { what, define, text } of refused) {
  test(`defineService refuses ${what}`, () => {
    assert.throws(define, new OrreryError("invalid_argument", text));
  });
}
