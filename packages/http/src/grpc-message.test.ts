import assert from "node:assert/strict";
import { test } from "node:test";
import { respellGrpcMessage } from "./grpc-message.ts";

for (const [text, spelt] of [
  ['Cannot find "a/b": no, 1 of 2', 'Cannot find "a/b": no, 1 of 2'],
  ["100%", "100%25"],
  ["hé\n", "h%C3%A9%0A"],
  ["😀", "%F0%9F%98%80"],
] as const) {
  test(`respellGrpcMessage spells ${JSON.stringify(text)} as gRPC has it`, () => {
    const trailer = new Headers({ "grpc-message": encodeURIComponent(text) });
    respellGrpcMessage(trailer);
    assert.equal(trailer.get("grpc-message"), spelt);
  });
}
