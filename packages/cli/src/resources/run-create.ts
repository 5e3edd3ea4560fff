import { Strategy } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { PropertyChanges } from "./property-block.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { parseTarget, readChanges, readLabels } from "./target.ts";
import { tellWritten } from "./written.ts";

interface Wish {
  readonly address: string;
  readonly kind: string;
  readonly changes: PropertyChanges;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly strategy: Strategy;
  readonly directories: boolean;
  readonly options: { readonly token: string; readonly requestId: string };
}

/** `orrery create` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const { address, kind, block } = parseTarget(input.words[0] ?? "");
    const changes = readChanges(input, block);
    const [removed] = changes.removed;
    if (removed !== undefined) throw usageError(`Cannot remove "${removed}" from what is not there yet: leave it out`);
    const said = [kind, input.text("kind") ?? ""].filter((one) => one !== "");
    if (said.length !== 1)
      throw usageError(
        `Cannot create "${address}": ${said.length === 0 ? "its kind is missing" : "it has two kinds"}, write orrery create '${address}<Kind>'`,
      );
    return {
      address,
      kind: said[0] ?? "",
      changes,
      labels: readLabels(input),
      owner: input.text("owner") ?? "",
      strategy: strategyOf(input),
      directories: input.has("directories"),
      options: { token: input.text("token") ?? "", requestId: input.text("request") ?? "" },
    };
  },
  resolve: async ({ kind, address }, { server }) => {
    const { kinds } = await server.ask((registry, options) => registry.kinds({}, options));
    if (kinds.some(({ name }) => name === kind)) return;
    const near = didYouMean(
      suggest(
        kind,
        kinds.map(({ name }) => name),
      ),
    );
    throw new CommandError(`Cannot create "${address}": there is no kind "${kind}"${near && `, ${near}`}`, {
      exit: EXIT.usage,
    });
  },
  act: async (wish, context) => {
    const { written } = await create(wish, context);
    await tellWritten(written, { done: "Created", next: `get ${wish.address}` }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function create({ changes, ...wish }: Wish, { server }: ResourceContext) {
  const request = { ...wish, labels: { ...wish.labels }, properties: { ...changes.set }, fixed: [...changes.fixed] };
  return await server.ask((registry, options) => registry.create(request, options));
}

function strategyOf(input: CommandInput): Strategy {
  if (input.has("ensure") && input.has("update"))
    throw usageError("Cannot create with --ensure and --update: name what shall become of one that is there");
  if (input.has("ensure")) return Strategy.ENSURE;
  return input.has("update") ? Strategy.UPDATE : Strategy.CREATE;
}
