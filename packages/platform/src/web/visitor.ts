import { isOrreryError, type Log } from "@orrery/core";
import { requestFields } from "@orrery/http";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import { statusOfCode, told } from "./answer-service.ts";
import type { Answering } from "./answering.ts";

/** Who shows a token, as everywhere; empty for nobody, or why he is not let in. */
export async function knownBy(
  request: WebRequest,
  { authenticate }: Pick<Answering, "authenticate">,
): Promise<string | Answer> {
  const authorization = headerOf(request, "authorization");
  if (authenticate === undefined || authorization === undefined) return "";
  try {
    const from = { remoteAddress: request.client, path: request.path };
    const agent = await authenticate(requestFields({ authorization }), from);
    return agent === "anonymous" ? "" : agent;
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    return { ...told(statusOfCode(error.code), error.code, error.message), endsUpload: true };
  }
}

/** Says in the log what a visitor asked for and may not have, of which he himself is told nothing. */
export function noteRefused(address: string, log: Log): void {
  log.info("a message to what is not for everybody", { address, hint: "grant x on it to anyone" });
}
