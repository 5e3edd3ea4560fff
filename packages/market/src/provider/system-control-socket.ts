import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { type Clock, OrreryError } from "@orrery/core";
import type { Addons, AddonView } from "../addon/system-addons.ts";
import type { AdminAudit } from "../admin/audit.ts";
import type { Overview, ProviderDesk } from "../admin/overview.ts";
import { ownOfPod } from "../admin/own-of-pod.ts";
import { boundedText } from "../bounded-text.ts";
import { parseRecord, printRecord } from "../keeper/record-text.ts";
import { listenAt } from "../system-listen.ts";
import { CONTROL_BYTES_MAX, CONTROL_MONEY_MS, CONTROL_MS } from "./limits.ts";
import type { MoneyMove } from "./stake.ts";

/** What an operator asks a provider that runs. */
export type ControlAct = "status" | "pause" | "resume" | "drain";

const ACTS: readonly ControlAct[] = ["status", "pause", "resume", "drain"];

/** Does what an operator asks for, and tells how the provider stands then. @throws OrreryError `not_found` for another act */
export async function operate(desk: ProviderDesk, act: string): Promise<Overview> {
  const known = ACTS.find((one) => one === act);
  if (known === undefined) throw new OrreryError("not_found", `Cannot do "${act}": there are ${ACTS.join(", ")}`);
  if (known !== "status") await desk[known]();
  return await desk.overview();
}

/** What is done to add-ons; nothing where they are looked at alone. */
export interface AddonChange {
  /** A folder that is one. */
  readonly add?: string;
  /** Name of one. */
  readonly remove?: string;
}

/** The socket by which commands of the same user reach a provider that runs. */
export function controlSocket(data: string): string {
  return join(data, "control.sock");
}

/** Opens it: whoever may open the folder is the operator. What is done is written down first. */
export async function openControlSocket(options: {
  readonly data: string;
  readonly desk: ProviderDesk;
  readonly audit: AdminAudit;
  readonly addons: Addons;
  readonly clock: Pick<Clock, "now">;
}): Promise<AsyncDisposable> {
  const { data, desk, audit, addons, clock } = options;
  const path = controlSocket(data);
  await rm(path, { force: true });
  const note = (what: string, outcome: "done" | "refused") =>
    audit.append({ atMs: clock.now(), who: "operator", what, outcome });
  const changeAddons = async ({ add, remove }: AddonChange): Promise<readonly AddonView[]> => {
    if (add !== undefined) await note(`add add-on of ${add}`, "done");
    if (add !== undefined) await addons.add(add);
    if (remove !== undefined) await note(`remove add-on ${remove}`, "done");
    if (remove !== undefined) await addons.remove(remove);
    return addons.list();
  };
  const answerOf = async (url: string, body: string): Promise<readonly [status: number, text: string]> => {
    if (ownOfPod(url) !== undefined) {
      await note(`read ${url}`, "refused");
      return [403, "Cannot read what a pod keeps to itself: it is its publisher's alone"];
    }
    if (url === "/addons") return [200, printRecord(await changeAddons(parseRecord<AddonChange>(body, "a change")))];
    if (url === "/money") {
      const move = parseRecord<MoneyMove>(body, "a move of money");
      await note("amount" in move ? `${move.kind} ${move.amount}` : move.kind, "done");
      return [200, printRecord({ moved: await desk.moveMoney(move) })];
    }
    const act = url.slice(1);
    if (act !== "status" && ACTS.some((one) => one === act)) await note(act, "done");
    return [200, printRecord(await operate(desk, act))];
  };
  const server = createServer((asked, answer) => {
    (async () => answerOf(asked.url ?? "", (await boundedText(asked, CONTROL_BYTES_MAX)) ?? ""))().then(
      ([status, text]) => answer.writeHead(status).end(text),
      (error: Error) => answer.writeHead(500).end(error.message),
    );
  });
  const { close } = await listenAt(server, { path });
  await chmod(path, 0o600);
  return { [Symbol.asyncDispose]: close };
}

/**
 * Asks a provider that runs.
 * @throws OrreryError `unavailable` where none runs by this folder; `internal` with what it says
 */
export async function askProvider(data: string, act: ControlAct): Promise<Overview> {
  return parseRecord<Overview>(await ask(data, `/${act}`, ""), "the provider's answer");
}

/** Changes the add-ons of a provider that runs, and tells which it has then. @throws OrreryError as `askProvider` does */
export async function askAddons(data: string, change: AddonChange = {}): Promise<readonly AddonView[]> {
  return parseRecord<readonly AddonView[]>(await ask(data, "/addons", printRecord(change)), "the provider's answer");
}

/**
 * Has a provider that runs move its money. Gives how much it was.
 * @throws OrreryError `unavailable` where none runs by this folder, and nothing was moved; else as `askProvider` does
 */
export async function askMoney(data: string, move: MoneyMove): Promise<bigint> {
  const said = await ask(data, "/money", printRecord(move), CONTROL_MONEY_MS);
  return parseRecord<{ readonly moved: bigint }>(said, "the provider's answer").moved;
}

async function ask(data: string, path: string, body: string, timeoutMs: number = CONTROL_MS): Promise<string> {
  const asked = request({ socketPath: controlSocket(data), path, method: "POST", timeout: timeoutMs });
  asked.once("timeout", () => asked.destroy(new Error(`it did not answer within ${timeoutMs / 1_000} s`)));
  asked.end(body);
  const [answer] = (await once(asked, "response").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT" && cause.code !== "ECONNREFUSED")
      throw new OrreryError("unknown", `Cannot tell what the provider of "${data}" did: ${cause.message}`, { cause });
    const why = `Cannot reach the provider of "${data}": none runs; start it by "orrery provider up"`;
    throw new OrreryError("unavailable", why, { cause });
  })) as [import("node:http").IncomingMessage];
  const said = await boundedText(answer, CONTROL_BYTES_MAX);
  if (said === undefined) throw new OrreryError("internal", "Cannot take the provider's answer: it does not end");
  if (answer.statusCode !== 200) throw new OrreryError("internal", said);
  return said;
}
