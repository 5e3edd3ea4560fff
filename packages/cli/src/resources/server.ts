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
import { CommandError, EXIT } from "../command-error.ts";
import { type Chosen, choose, isUnknown, whereText } from "../environments/chosen.ts";
import { LOCAL } from "../environments/environments.ts";
import { exitCodeOf } from "../exit-code.ts";
import { parseTime } from "../parse-time.ts";
import { ownKeys } from "../reach/own-keys.ts";
import { suggest } from "../suggest.ts";
import type { Terminal } from "../terminal.ts";
import { insideOf } from "./inside-of.ts";
import { LIST_PAGE, SERVER_TIMEOUT_MS } from "./limits.ts";

/** A server that keeps resources, and on whose behalf it is asked. */
export interface Server {
  readonly address: string;
  readonly agent: string;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  /** Calls its services, by its node or by HTTP. */
  readonly node: Pick<ClientNode, "client">;
  /** How it was found. */
  readonly chosen: Chosen;
  /** Asks it; what it refuses says where and as whom. */
  ask<T>(question: (registry: Client<typeof RegistryService>, options: SendOptions) => Promise<T>): Promise<T>;
  /** Makes an error say where and as whom it came about. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

/** What a server of resources serves. */
const SERVICES = [
  "orrery.accounts.v1.AccountsService",
  ...["Registry", "File", "Bundle", "Broadcast", "Usage", "Upkeep"].map((name) => `orrery.registry.v1.${name}Service`),
  "orrery.admin.v1.AdminService",
  "orrery.apps.v1.AppsService",
  "orrery.apps.v1.CallsService",
  "orrery.billing.v1.BillingService",
  "orrery.broker.v1.BrokerService",
  "orrery.config.v1.ConfigService",
  "orrery.events.v1.EventsService",
  "orrery.signup.v1.SignupService",
  "orrery.signup.v1.MembersService",
  "orrery.store.v1.StoreService",
];

/** Opens the server that a command is about, as `choose` finds it. */
export async function openServer(input: CommandInput, terminal: Terminal): Promise<Server> {
  const chosen = choose(input, terminal);
  const { address, agent } = chosen;
  const timeout = input.text("timeout");
  const timeoutMs = timeout === undefined ? SERVER_TIMEOUT_MS : parseTime(timeout, "timeout");
  const isHttp = /^https?:/.test(address);
  const open = isHttp
    ? (await import("./open-by-http.ts")).openByHttp(chosen, { terminal, timeoutMs })
    : await openByNode(chosen, { input, terminal });
  const { node, close } = open;
  const registry = node.client(RegistryService);
  const explain = (error: unknown) => explained(error, { chosen, timeoutMs });
  return {
    address,
    agent,
    timeoutMs,
    node,
    chosen,
    explain,
    ask: async (question) => {
      try {
        return await question(registry, { timeoutMs });
      } catch (error) {
        throw explain(await withNear(error, registry, { timeoutMs }));
      }
    },
    close,
  };
}

type Open = Pick<Server, "node" | "close">;

async function openByNode(
  { address, agent }: Chosen,
  { input, terminal }: { readonly input: CommandInput; readonly terminal: Terminal },
): Promise<Open> {
  const keys = await ownKeys(input, terminal, { addresses: [address] });
  const directory = createTableDirectory(Object.fromEntries(SERVICES.map((name) => [name, [address]])));
  const node = await createMeshClient({ directory, agent, ...(address.includes("?key=") && keys) });
  return { node, close: () => node.stop() };
}

interface Where {
  readonly chosen: Chosen;
  readonly timeoutMs: number;
}

/** Whether nobody is there who could answer, rather than somebody who refuses. */
export function isAway(error: unknown): boolean {
  const cause = error instanceof CommandError ? error.cause : error;
  return (
    isOrreryError(cause) && (cause.kind === "unreachable" || cause.kind === "bounced") && cause.code === "unavailable"
  );
}

function explained(error: unknown, { chosen, timeoutMs }: Where): unknown {
  if (!isOrreryError(error)) return error;
  const { address, environment } = chosen;
  if (error.code === "invalid_argument") return new CommandError(error.message, { exit: EXIT.usage, cause: error });
  if (error.reason === "no_such_component" || error.reason === "no_such_method")
    return new CommandError(`Cannot use "${address}": that node keeps no resources, name one of orrery up`, {
      exit: EXIT.notFound,
      tip: "orrery up, or name another server with --to=ADDRESS or ORRERY_SERVER",
      cause: error,
    });
  if (isAway(error)) return awayError(error, { address, environment });
  if (error.kind === "timeout")
    return new CommandError(
      `Cannot wait any longer for "${address}": it gave no answer within ${timeoutMs} ms (${whereText(chosen)})`,
      {
        exit: EXIT.timeout,
        tip: "the same with a longer --timeout",
        cause: error,
      },
    );
  const tip = isUnknown(error, chosen) ? loginTip(chosen) : tipOf(error);
  const message = `${error.message} (${whereText(chosen)})`;
  return new CommandError(message, { exit: exitCodeOf(error), cause: error, ...(tip === "" ? {} : { tip }) });
}

/** Nobody is there: a server of this machine may be started, another environment be taken. */
function awayError(cause: unknown, { address, environment }: Pick<Chosen, "address" | "environment">): CommandError {
  const isNamed = environment !== undefined && address !== LOCAL.place;
  const what = isNamed ? `environment "${environment.name}" at "${address}"` : `"${address}"`;
  const others = "name another server with --to=ADDRESS or ORRERY_SERVER";
  const tip = isNamed ? "orrery env ls, and orrery env use NAME for another" : `orrery up, or ${others}`;
  return new CommandError(`Cannot reach ${what}: nobody answers there`, { exit: EXIT.notFound, tip, cause });
}

function loginTip({ environment, login }: Chosen): string {
  const name = environment === undefined ? "" : ` --env=${environment.name}`;
  return `orrery login ${login?.user ?? "USER"}${name}`;
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
