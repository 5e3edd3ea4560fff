import { relative } from "node:path";
import type { Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import type { App } from "@orrery/mesh";
import { shortName } from "../short-name.ts";
import { table } from "../table.ts";

/** Where it answers HTTP; empty where it does not. */
export interface ReadyPlaces {
  /** The door to all services. */
  readonly http: string;
  /** Routes of apps. */
  readonly web: string;
}

/** The one line of JSON that tells a program that everything runs. */
export function readyLine(app: App, { http, web }: ReadyPlaces): string {
  const components = app.components();
  const kept = resourcesOf(app);
  const places = { http, web, ...(kept !== undefined && { resources: kept }) };
  return `${JSON.stringify({ event: "ready", pid: process.pid, components, addresses: app.addresses(), ...places })}\n`;
}

/** What runs, and where, for people. */
export function readyListing(app: App, { http, web }: ReadyPlaces, cwd: string): string {
  const rows = app.components().flatMap(({ name, version, file, instances }) => {
    const addresses = [...new Set(instances.map(({ address }) => address || "no address"))];
    return [[name, version, String(instances.length), relative(cwd, file), addresses.join(" ")]];
  });
  const lines = table([["COMPONENT", "VERSION", "INSTANCES", "FILE", "WHERE"], ...rows]);
  const kept = resourcesOf(app);
  const shown = kept === undefined ? [] : [`Resources at ${kept}: orrery ls app.test --to=${kept}`];
  const doors = [...(http === "" ? [] : [`HTTP at ${http}`]), ...(web === "" ? [] : [`Pages and routes at ${web}`])];
  return `${[...lines, ...doors, ...shown].join("\n")}\n`;
}

/** Where commands reach the resources of what runs; undefined where it has none. */
function resourcesOf({ directory }: App): string | undefined {
  return directory.resolve(REGISTRY)[0];
}

/** What serves resources. */
const REGISTRY = "orrery.registry.v1.RegistryService";

/** Commands that are of use next. */
export function nextCommands(
  services: readonly Service[],
  { http, isListening, command }: { http: string; isListening: boolean; command: string },
): string {
  const [first] = services.map(contractOf);
  const method = first === undefined ? undefined : [...first.methods.values()][0];
  if (first === undefined || method === undefined) return "Ctrl-C stops it";
  const calls = isListening ? [`${command} services`, `${command} ${shortName(first.name)} ${method.name} --help`] : [];
  const curl =
    http === "" ? [] : [`curl ${http}/${first.name}/${method.name} -H 'content-type: application/json' -d '{}'`];
  const lines = [...calls, ...curl];
  return lines.length === 0
    ? "Ctrl-C stops it"
    : ["Next, in another terminal:", ...lines.map((line) => `  ${line}`), "Ctrl-C stops it"].join("\n");
}
