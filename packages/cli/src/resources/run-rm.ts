import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readRevision } from "./run-set.ts";
import { readAddress } from "./target.ts";
import { tellWritten } from "./written.ts";

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
    await tellWritten(written, { done: "Removed" }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
