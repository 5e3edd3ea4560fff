import assert from "node:assert/strict";
import { type Code, isOrreryError, type OrreryError } from "@orrery/core";

/** Waits for an error of a code whose message has a text. Gives it. */
export async function expectRefusal(doing: Promise<unknown>, code: Code, text = ""): Promise<OrreryError> {
  const error = await doing.then(
    (value) => assert.fail(`it was not refused: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isOrreryError(error)) throw error;
  assert.equal(error.code, code, error.message);
  assert.ok(error.message.includes(text), error.message);
  return error;
}
