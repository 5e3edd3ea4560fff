import type { Clock } from "@orrery/core";
import type { Route } from "../bind/bind.ts";
import type { Answer } from "./answer.ts";
import { page } from "./page.ts";

/** What comes in pieces has to come in time. */
export function inPieces(answer: Answer, { timeoutMs }: Route): Answer {
  const { body } = answer;
  return body === undefined || isWhole(body) ? answer : { ...answer, pieceTimeoutMs: timeoutMs };
}

/** Whether a body is there all at once. */
export function isWhole(body: NonNullable<Answer["body"]>): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}

/** What takes too long is answered 504; what comes of it later is let go. */
export async function inTime(answer: Promise<Answer>, timeoutMs: number, clock: Clock): Promise<Answer> {
  const late = Promise.withResolvers<Answer>();
  const timer = clock.timer(timeoutMs, () => late.resolve(page(504, "It took too long to read the file.")));
  return Promise.race([answer, late.promise]).finally(() => timer.cancel());
}
