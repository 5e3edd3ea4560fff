import type { ResourceMessage } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import { choose } from "../environments/chosen.ts";
import { statusJson } from "../resources/resource-form.ts";
import type { Server } from "../resources/server.ts";
import { readSpace } from "../spaces/space-place.ts";
import type { Terminal } from "../terminal.ts";

/** A domain, and the space that it is to lead to. */
export interface DomainWish {
  readonly space: string;
  readonly domain: string;
  /** Of the resource that it is. */
  readonly address: string;
}

/** The space whose domains are meant. @throws CommandError where none can be told */
export function readDomainSpace(input: CommandInput, terminal: Terminal): string {
  const said = readSpace(input, terminal);
  const own = choose(input, terminal).agent.split(":")[0] ?? "";
  const space = said === "" ? own : said;
  if (space !== "") return space;
  throw usageError(`Cannot ${input.command.name}: no space is named`, "--space=demo.test");
}

/** The domain that is meant. @throws CommandError for what is none */
export function readDomain(input: CommandInput, terminal: Terminal): DomainWish {
  const space = readDomainSpace(input, terminal);
  const domain = (input.words[0] ?? "").toLowerCase().replace(/\.$/, "");
  const isName = domain.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(domain);
  if (!isName || /\.\d+$/.test(domain))
    throw usageError(`Cannot read domain "${input.words[0] ?? ""}": write a whole one such as shop.example.com`);
  return { space, domain, address: `${space}:${domain}` };
}

/** How a domain stands. */
export interface DomainStand {
  readonly domain: string;
  readonly state: string;
  readonly reason?: string;
  /** The record that proves it: its name, and its text. */
  readonly record: string;
  readonly text: string;
  /** What the platform was asked to look by when it did. */
  readonly look?: number;
}

/** Reads it of the resource that it is. */
export function standOf(resource: ResourceMessage): DomainStand {
  const {
    state,
    reason,
    details = {},
  } = statusJson(resource) as {
    readonly state: string;
    readonly reason?: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
  const textOf = (name: string) => (typeof details[name] === "string" ? details[name] : "");
  const look = typeof details["look"] === "number" ? { look: details["look"] } : {};
  const domain = resource.address.slice(resource.address.lastIndexOf(":") + 1);
  return {
    domain,
    state,
    ...(reason !== undefined && { reason }),
    record: textOf("record"),
    text: textOf("text"),
    ...look,
  };
}

/** Waits until the platform has looked at a domain, as it was asked to by a number, and gives how it stands. */
export async function awaitLook(address: string, look: number | undefined, server: Server): Promise<DomainStand> {
  for (const lastMs = performance.now() + server.timeoutMs; ; ) {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const stand = standOf(resource as ResourceMessage);
    if ((stand.record !== "" && stand.look === look) || performance.now() > lastMs) return stand;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
