import {
  type Client,
  type ClientNode,
  createTableDirectory,
  isOrreryError,
  OrreryError,
  type SendOptions,
} from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { parentText, RegistryService } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { exitCodeOf } from "../exit-code.ts";
import { parseTime } from "../parse-time.ts";
import { ownKeys } from "../reach/own-keys.ts";
import { suggest } from "../suggest.ts";
import type { Terminal } from "../terminal.ts";
import { UP_PORT } from "../up/limits.ts";
import { insideOf } from "./inside-of.ts";
import { LIST_PAGE, SERVER_TIMEOUT_MS } from "./limits.ts";

/** A server that keeps resources, and on whose behalf it is asked. */
export interface Server {
  readonly address: string;
  readonly agent: string;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  readonly node: ClientNode;
  /** Asks it; what it refuses says where and as whom. */
  ask<T>(question: (registry: Client<typeof RegistryService>, options: SendOptions) => Promise<T>): Promise<T>;
  /** Makes an error say where and as whom it came about. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

/** What a server of resources serves. */
const SERVICES = [
  ...["Registry", "File", "Bundle", "Broadcast", "Usage", "Upkeep"].map((name) => `orrery.registry.v1.${name}Service`),
  "orrery.apps.v1.AppsService",
  "orrery.billing.v1.BillingService",
  "orrery.broker.v1.BrokerService",
  "orrery.config.v1.ConfigService",
  "orrery.events.v1.EventsService",
  "orrery.store.v1.StoreService",
];

const DEFAULT = `tcp://127.0.0.1:${UP_PORT}`;

/** Opens the server that a command is about: that of --to, of ORRERY_SERVER, or where `orrery up` is by default. */
export async function openServer(input: CommandInput, terminal: Terminal): Promise<Server> {
  const said = terminal.env["ORRERY_SERVER"];
  const address = input.text("to") ?? (said === undefined || said === "" ? DEFAULT : said);
  if (!/^(tcp|ipc):\/\/./.test(address))
    throw usageError(`Cannot reach "${address}": it is no address of a server, write one such as ${DEFAULT}`);
  const agent = input.text("agent") ?? "operator";
  const timeout = input.text("timeout");
  const timeoutMs = timeout === undefined ? SERVER_TIMEOUT_MS : parseTime(timeout, "timeout");
  const keys = await ownKeys(input, terminal, { addresses: [address] });
  const directory = createTableDirectory(Object.fromEntries(SERVICES.map((name) => [name, [address]])));
  const node = await createMeshClient({ directory, agent, ...(address.includes("?key=") && keys) });
  const registry = node.client(RegistryService);
  const explain = (error: unknown) => explained(error, { address, agent, timeoutMs });
  return {
    address,
    agent,
    timeoutMs,
    node,
    explain,
    ask: async (question) => {
      try {
        return await question(registry, { timeoutMs });
      } catch (error) {
        throw explain(await withNear(error, registry, { timeoutMs }));
      }
    },
    close: () => node.stop(),
  };
}

interface Where {
  readonly address: string;
  readonly agent: string;
  readonly timeoutMs: number;
}

/** Whether nobody is there who could answer, rather than somebody who refuses. */
export function isAway(error: unknown): boolean {
  const cause = error instanceof CommandError ? error.cause : error;
  return (
    isOrreryError(cause) && (cause.kind === "unreachable" || cause.kind === "bounced") && cause.code === "unavailable"
  );
}

function explained(error: unknown, { address, agent, timeoutMs }: Where): unknown {
  if (!isOrreryError(error)) return error;
  if (error.code === "invalid_argument") return new CommandError(error.message, { exit: EXIT.usage, cause: error });
  if (error.reason === "no_such_component" || error.reason === "no_such_method")
    return new CommandError(`Cannot use "${address}": that node keeps no resources, name one of orrery up`, {
      exit: EXIT.notFound,
      tip: "orrery up, or name another server with --to=ADDRESS or ORRERY_SERVER",
      cause: error,
    });
  if (isAway(error))
    return new CommandError(`Cannot reach "${address}": nobody answers there`, {
      exit: EXIT.notFound,
      tip: "orrery up, or name another server with --to=ADDRESS or ORRERY_SERVER",
      cause: error,
    });
  if (error.kind === "timeout")
    return new CommandError(`Cannot wait any longer for "${address}": it gave no answer within ${timeoutMs} ms`, {
      exit: EXIT.timeout,
      tip: "the same with a longer --timeout",
      cause: error,
    });
  const tip = tipOf(error);
  const message = `${error.message} (${address} as ${agent === "" ? "anonymous" : agent})`;
  return new CommandError(message, { exit: exitCodeOf(error), cause: error, ...(tip === "" ? {} : { tip }) });
}

function tipOf({ code, details }: OrreryError): string {
  const { agent, verb, address, parent, near, holds, revision, target, owns, owner } = (details ?? {}) as Readonly<
    Record<string, unknown>
  >;
  if (code === "not_found" && typeof near === "string") return `orrery get ${near}`;
  if (code === "not_found" && typeof target === "string") return listingOf(target);
  if (code === "failed_precondition" && typeof holds === "string") return `orrery rm ${address} --recursive`;
  if (code === "failed_precondition" && typeof owns === "string") return `orrery chown AGENT '**' --from=${owns}`;
  if (code === "failed_precondition" && typeof owner === "string") return "orrery ls '**<User>'";
  if (code === "already_exists" || (code === "aborted" && revision !== undefined)) return `orrery get ${address}`;
  if (code === "permission_denied" && typeof verb === "string")
    return `orrery auth can ${agent || '""'} ${verb} ${String(address).includes("[") ? `'${address}'` : address}`;
  if (code === "not_found" && typeof parent === "string") return listingOf(parent);
  return code === "not_found" && typeof address === "string" ? listingOf(address) : "";
}

/** What lists the things beside an address. */
function listingOf(address: string): string {
  return `orrery ls ${parentText(address)}`.trim();
}

/** Tells of what is not there which of those beside it may have been meant, if any. */
async function withNear(
  error: unknown,
  registry: Client<typeof RegistryService>,
  options: SendOptions,
): Promise<unknown> {
  const address = isOrreryError(error) && error.code === "not_found" ? error.details["address"] : undefined;
  if (!isOrreryError(error) || typeof address !== "string" || !error.message.includes(NO_SUCH)) return error;
  const parent = parentText(address);
  const beside = parent === "" ? "*" : insideOf(parent, "*");
  try {
    const { resources } = await registry.list({ selector: beside, limit: LIST_PAGE }, options);
    const named = new Map(resources.map((one) => [nameOf(one.address), one.address]));
    const [name = ""] = suggest(nameOf(address), named.keys());
    const near = name.length < NEAR_NAME_LEAST ? undefined : named.get(name);
    if (near === undefined) return error;
    const message = error.message.replace(NO_SUCH, `${NO_SUCH}, did you mean "${near}"?`);
    return new OrreryError("not_found", message, { details: { ...error.details, near } });
  } catch {
    return error; // What it may have meant is not worth another error.
  }
}

/** What differs in an address from those beside it: its last part, without what follows a dot, which many have alike. */
function nameOf(address: string): string {
  const last = address.replace(/\/$/, "").split(/[:/]/).at(-1) ?? "";
  return last.split(".")[0] ?? "";
}

/** Letters that a name has at least for which another may have been meant: shorter ones are all near one another. */
const NEAR_NAME_LEAST = 3;
const NO_SUCH = "there is no such resource";
