import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { type Clock, OrreryError } from "@orrery/core";
import type { AdminAudit } from "../admin/audit.ts";
import type { Overview, ProviderDesk } from "../admin/overview.ts";
import { parseRecord, printRecord } from "../keeper/record-text.ts";
import { CONTROL_BYTES_MAX, CONTROL_MS } from "./limits.ts";

/** What an operator asks a provider that runs. */
export type ControlAct = "status" | "pause" | "resume" | "drain";

const ACTS: readonly ControlAct[] = ["status", "pause", "resume", "drain"];
const PRIVATE = /^\/pods\/0x[0-9a-f]{64}\/(secrets|env|volumes|logs)$/;

/** The socket by which commands of the same user reach a provider that runs. */
export function controlSocket(data: string): string {
  return join(data, "control.sock");
}

/** Opens it: whoever may open the folder is the operator. What is done is written down first. */
export async function openControlSocket(options: {
  readonly data: string;
  readonly desk: ProviderDesk;
  readonly audit: AdminAudit;
  readonly clock: Pick<Clock, "now">;
}): Promise<AsyncDisposable> {
  const { data, desk, audit, clock } = options;
  const path = controlSocket(data);
  await rm(path, { force: true });
  const note = (what: string, outcome: "done" | "refused") =>
    audit.append({ atMs: clock.now(), who: "operator", what, outcome });
  const answerOf = async (url: string): Promise<readonly [status: number, text: string]> => {
    if (PRIVATE.test(url)) {
      await note(`read ${url}`, "refused");
      return [403, "Cannot read what a pod keeps to itself: it is its publisher's alone"];
    }
    const act = ACTS.find((one) => url === `/${one}`);
    if (act === undefined) return [404, `Cannot do "${url}": there are ${ACTS.join(", ")}`];
    if (act !== "status") {
      await note(act, "done");
      await desk[act]();
    }
    return [200, printRecord(await desk.overview())];
  };
  const server = createServer((asked, answer) => {
    asked.resume();
    answerOf(asked.url ?? "").then(
      ([status, text]) => answer.writeHead(status).end(text),
      (error: Error) => answer.writeHead(500).end(error.message),
    );
  });
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o600);
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Asks a provider that runs.
 * @throws OrreryError `unavailable` where none runs by this folder; `internal` with what it says
 */
export async function askProvider(data: string, act: ControlAct): Promise<Overview> {
  const asked = request({ socketPath: controlSocket(data), path: `/${act}`, method: "POST", timeout: CONTROL_MS });
  asked.end();
  const [answer] = (await once(asked, "response").catch((cause: unknown) => {
    const why = `Cannot reach the provider of "${data}": none runs; start it by "orrery provider up"`;
    throw new OrreryError("unavailable", why, { cause });
  })) as [import("node:http").IncomingMessage];
  let text = "";
  for await (const part of answer.setEncoding("utf8")) {
    text += part;
    if (text.length > CONTROL_BYTES_MAX)
      throw new OrreryError("internal", "Cannot take the provider's answer: it does not end");
  }
  if (answer.statusCode !== 200) throw new OrreryError("internal", text);
  return parseRecord<Overview>(text, "the provider's answer");
}
