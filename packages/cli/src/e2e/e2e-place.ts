import { join } from "node:path";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import { choose, placesOf } from "../environments/chosen.ts";
import { readJson } from "../environments/config-folder.ts";
import { LOCAL, LOCAL_HTTP } from "../environments/environments.ts";
import { READY_FILE } from "../environments/ready-file.ts";
import type { Terminal } from "../terminal.ts";
import { UP_WEB_PORT } from "../up/limits.ts";

/** Where the story is lived. */
export interface E2ePlace {
  /** What the operator calls it. */
  readonly name: string;
  /** Where users come in. */
  readonly http: string;
  /** Where the host of a Space is served. */
  readonly web: (space: string) => string;
  /** Folder in which letters arrive. */
  readonly mailbox: string;
  /** Whose letters arrive there; each tenant has `+NAME` before the @. */
  readonly email: string;
  /** Spaces lie under it. */
  readonly domain: string;
  readonly plan: string;
  readonly isInsecure: boolean;
  /** Flags by which the operator's own commands find the platform. */
  readonly flags: readonly string[];
}

/** Finds it by what was typed. @throws CommandError where users come in nowhere */
export function findPlace(input: CommandInput, terminal: Terminal): E2ePlace {
  const { environment, address, agent } = choose(input, terminal);
  const ready = readyAt(environment?.place);
  const isLocal = address === LOCAL.place;
  const known = address.startsWith("http") ? address : (ready?.http ?? (isLocal ? LOCAL_HTTP : undefined));
  const http = input.text("http") ?? known;
  if (http === undefined || placesOf(http).http === undefined)
    throw usageError(
      `Cannot live the story at "${address}": it is not known where users come in there`,
      "orrery admin e2e --http=https://HOST",
    );
  const web = input.text("web") ?? ready?.web ?? (isLocal ? `http://127.0.0.1:${UP_WEB_PORT}` : undefined);
  const folder = environment !== undefined && ready !== undefined ? environment.place : ".orrery/data";
  const flags = ["to", "env", "agent", "key-file", "timeout"].flatMap((name) => {
    const said = input.text(name);
    return said === undefined ? [] : [`--${name}=${said}`];
  });
  return {
    name: environment?.name ?? `${address} as ${agent}`,
    ...{ http, flags },
    web: (space) => web ?? `${new URL(http).protocol}//${space}`,
    mailbox: input.text("mailbox") ?? join(folder, "mail"),
    email: input.text("email") ?? "e2e@example.com",
    domain: input.text("domain") ?? "test",
    plan: input.text("plan") ?? "",
    isInsecure: input.has("insecure"),
  };
}

/** What an `orrery up` over a folder says of itself. */
function readyAt(place: string | undefined): { readonly http?: string; readonly web?: string } | undefined {
  if (place === undefined || /^\w+:\/\//.test(place)) return undefined;
  return readJson(join(place, READY_FILE)) as { readonly http?: string; readonly web?: string } | undefined;
}
