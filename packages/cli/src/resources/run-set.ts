import { isOrreryError } from "@orrery/core";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { CHANGE_TRIES_MAX } from "./limits.ts";
import type { PropertyChanges } from "./property-block.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import type { Server } from "./server.ts";
import { parseTarget, readChanges, readLabels } from "./target.ts";
import { tellWritten } from "./written.ts";

interface Wish {
  readonly address: string;
  readonly changes: PropertyChanges;
  readonly labels: Readonly<Record<string, string>>;
  readonly removedLabels: readonly string[];
  readonly owner: string;
  readonly ifRevision: bigint;
  readonly options: { readonly token: string; readonly requestId: string };
}

/** `orrery set` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const { address, kind, block } = parseTarget(input.words[0] ?? "");
    if (kind !== "") throw usageError(`Cannot set the kind of "${address}": it stays what it was created as`);
    const changes = readChanges(input, block);
    const labels = readLabels(input);
    const removedLabels = input.texts("unlabel");
    const owner = input.text("owner") ?? "";
    const count = Object.keys(changes.set).length + changes.removed.length + Object.keys(labels).length;
    if (count + removedLabels.length === 0 && owner === "")
      throw usageError(
        `Cannot set anything of "${address}": nothing is named, write orrery set '${address}{ +title="Hi" }' or --set title=Hi`,
      );
    const options = { token: input.text("token") ?? "", requestId: input.text("request") ?? "" };
    return { address, changes, labels, removedLabels, owner, ifRevision: readRevision(input), options };
  },
  resolve: async ({ address }, { server }) => {
    await server.ask((registry, options) => registry.get({ address }, options));
  },
  act: async (wish, context) => {
    const { written } = await change(wish, context.server);
    await tellWritten(written, { done: "Set" }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** The revision that a resource must be at; 0 for any. @throws CommandError for what is none */
export function readRevision(input: CommandInput, flag = "if-revision"): bigint {
  const text = input.text(flag);
  if (text === undefined) return 0n;
  if (/^[1-9]\d{0,15}$/.test(text)) return BigInt(text);
  throw usageError(`Cannot read flag --${flag}: "${text}" is no revision, write a whole number from 1`);
}

async function change({ changes, ...wish }: Wish, server: Server) {
  const request = {
    ...wish,
    labels: { ...wish.labels },
    removedLabels: [...wish.removedLabels],
    removedProperties: [...changes.removed],
    ...(Object.keys(changes.set).length > 0 && { properties: { ...changes.set } }),
  };
  const { address } = wish;
  if (changes.fixed.length === 0) return await server.ask((registry, options) => registry.change(request, options));
  for (let tries = 1; ; tries++) {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const names = [...new Set([...(resource?.fixed ?? []), ...changes.fixed])];
    const ifRevision = wish.ifRevision === 0n ? (resource?.revision ?? 0n) : wish.ifRevision;
    try {
      return await server.ask((registry, options) =>
        registry.change({ ...request, fixed: { names }, ifRevision }, options),
      );
    } catch (error) {
      const isLate = error instanceof CommandError && isOrreryError(error.cause) && "revision" in error.cause.details;
      if (!isLate || wish.ifRevision !== 0n || tries === CHANGE_TRIES_MAX) throw error;
    }
  }
}
