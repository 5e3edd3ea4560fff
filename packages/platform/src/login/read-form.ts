import type { WebRequest } from "../web/answer.ts";
import { bounded } from "../web/bounded-body.ts";
import { FORM_BYTES_MAX } from "./limits.ts";

/** Reads the fields of a form. @throws BodyTooLong */
export async function readForm({ body }: Pick<WebRequest, "body">): Promise<URLSearchParams> {
  const pieces = await Array.fromAsync(bounded(body, FORM_BYTES_MAX));
  return new URLSearchParams(Buffer.concat(pieces).toString("utf8"));
}
