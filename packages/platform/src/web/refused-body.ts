import type { Route } from "../bind/bind.ts";
import type { Answer } from "./answer.ts";
import { BodyTooLong } from "./bounded-body.ts";
import { BodiesFull } from "./held-bodies.ts";
import { page } from "./page.ts";

/** The answer to a body that was not taken. @throws what failed for any other reason */
export function refusedBody(error: unknown, route: Route): Answer {
  if (error instanceof BodyTooLong) return tooLong(route);
  if (!(error instanceof BodiesFull)) throw error;
  const answer = page(503, "There is no room for the body now. Try again in a moment.", [["retry-after", "1"]]);
  return { ...answer, endsUpload: true };
}

/** The answer to a body that is longer than a route takes. */
export function tooLong({ bodyBytesMax }: Route): Answer {
  return { ...page(413, `The body has more than ${bodyBytesMax} bytes.`), endsUpload: true };
}
