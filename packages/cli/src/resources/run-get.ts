import type { ResourceMessage } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import { didYouMean, suggest } from "../suggest.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { resourceJson, resourceText, statusJson, valueText } from "./resource-form.ts";
import { parseTarget, readNames } from "./target.ts";

interface Wish {
  readonly address: string;
  /** Names of what is wanted; none for everything. */
  readonly names: readonly string[];
}

/** `orrery get` */
export const command: ResourceCommand<Wish> = {
  read: ({ words: [text = ""] }) => {
    const target = parseTarget(text);
    return { address: target.address, names: readNames(target) };
  },
  act: async ({ address, names }, { server, terminal, isJson }) => {
    const { resource, watchers } = await server.ask((registry, options) => registry.get({ address }, options));
    if (resource === undefined) throw new CommandError(`Cannot read "${address}": the server told nothing of it`);
    if (names.length === 0) {
      await terminal.write(
        isJson
          ? `${JSON.stringify({ ...resourceJson(resource), watchers })}\n`
          : resourceText(resource, terminal, watchers),
      );
      return EXIT.done;
    }
    const values = names.map((name) => [name, valueNamed(resource, name, watchers)] as const);
    if (isJson) await terminal.write(`${JSON.stringify(Object.fromEntries(values))}\n`);
    else if (values.length === 1) await terminal.write(`${valueText(values[0]?.[1])}\n`);
    else await terminal.write(values.map(([name, value]) => `${name}=${valueText(value)}\n`).join(""));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** A property, or what every resource has: a property of that name comes first. */
function valueNamed(resource: ResourceMessage, name: string, watchers: number): unknown {
  const { properties = {}, address, kind, owner, created, revision, state } = resource;
  const all: Readonly<Record<string, unknown>> = {
    address,
    kind,
    owner,
    status: statusJson(resource).state,
    reason: resource.status?.reason ?? "",
    created: Number(created),
    revision: Number(revision),
    watchers,
    ...Object.fromEntries(Object.entries(state).map(([aspect, { digest }]) => [aspect, digest])),
    ...properties,
  };
  if (Object.hasOwn(all, name)) return all[name];
  const near = didYouMean(suggest(name, Object.keys(all)));
  const own = Object.keys(properties).sort();
  const known = own.length === 0 ? "it has no properties" : `it has ${own.join(", ")}`;
  throw new CommandError(`Cannot get "${name}" of "${address}": it is not set, ${near || known}`, {
    exit: EXIT.notFound,
    tip: `orrery get ${address}`,
  });
}
