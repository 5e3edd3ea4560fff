import { isOrreryError } from "@orrery/core";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { removalWaits } from "./resource-form.ts";
import { readRevision } from "./run-set.ts";
import { readAddress } from "./target.ts";
import { tellWritten, type WrittenMessage } from "./written.ts";

interface Wish {
  readonly address: string;
  readonly isRecursive: boolean;
  readonly ifRevision: bigint;
  readonly options: { readonly token: string; readonly requestId: string };
}

/** `orrery rm` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({
    address: readAddress(input.words[0] ?? ""),
    isRecursive: input.has("recursive"),
    ifRevision: readRevision(input),
    options: { token: input.text("token") ?? "", requestId: input.text("request") ?? "" },
  }),
  resolve: async ({ address }, { server }) => {
    await server.ask((registry, options) => registry.get({ address }, options));
  },
  act: async ({ isRecursive, ...wish }, context) => {
    const request = { ...wish, ...(isRecursive && { recursive: true }) };
    const { written } = await context.server.ask((registry, options) => registry.remove(request, options));
    const waits = await waitsOf(wish.address, context);
    if (waits.length === 0) await tellWritten(written, { done: "Removed" }, context);
    else await tellGoing(written, waits, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Who must do something before a resource that was removed is gone; nobody where it is. */
function waitsOf(address: string, { server }: ResourceContext): Promise<readonly string[]> {
  return server.ask(async (registry, options) => {
    try {
      const { resource } = await registry.get({ address }, options);
      return resource === undefined ? [] : removalWaits(resource);
    } catch (error) {
      if (isOrreryError(error) && (error.code === "not_found" || error.code === "permission_denied")) return [];
      throw error;
    }
  });
}

async function tellGoing(
  written: WrittenMessage | undefined,
  waits: readonly string[],
  { terminal, isJson, isInScript }: ResourceContext,
): Promise<void> {
  const { address = "", revision = 0n, changed = false } = written ?? {};
  if (isJson) {
    await terminal.write(`${JSON.stringify({ address, revision: Number(revision), changed, waits })}\n`);
    return;
  }
  const what = changed ? `Removing ${address} at revision ${revision}` : `${address} is being removed already`;
  await terminal.write(`${what}, it waits for ${waits.join(", ")}\n`);
  if (!isInScript) terminal.say(`Next: orrery status ${address}`);
}
