import {
  parseAddress,
  parseSelector,
  printAddress,
  printSelector,
  type ResourceMessage,
} from "@orrery/registry/service";
import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { pages } from "../resources/run-ls.ts";
import { aboveAll, isWild } from "../resources/selector-words.ts";
import { readAddress } from "../resources/target.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import { tellWritten } from "../resources/written.ts";

interface Wish {
  readonly owner: string;
  /** Address of the one that it is about; empty where selectors say which. */
  readonly address: string;
  readonly selectors: readonly string[];
  /** Only what this agent owns; empty for any. */
  readonly from: string;
}

/** `orrery chown` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [owner = "", text = ""] = input.words;
    if (owner === "") throw usageError(`Cannot give "${text}" to nobody: name a User, such as demo.test:users:ann`);
    const from = input.text("from") ?? "";
    return { owner: agentOf(owner), from: from === "" ? "" : agentOf(from), ...meantBy(text) };
  },
  act: async (wish, context) => {
    if (wish.address !== "") return giveOne(wish, context);
    const { server, terminal, isJson } = context;
    const given: string[] = [];
    for (const selector of wish.selectors)
      for await (const page of pages(server, selector))
        for (const { address, owner } of page)
          if (isMeant({ owner }, wish) && (await give(address, wish, context)) !== undefined) given.push(address);
    const text = `Gave ${given.length} ${given.length === 1 ? "resource" : "resources"} to ${wish.owner}\n`;
    await terminal.write(isJson ? `${JSON.stringify({ owner: wish.owner, given })}\n` : text);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function giveOne(wish: Wish, context: ResourceContext) {
  const { address, owner } = wish;
  const written = await give(address, wish, context);
  if (written === undefined) {
    const { resource } = await context.server.ask((registry, options) => registry.get({ address }, options));
    const { revision = 0n } = resource ?? {};
    await tellWritten({ address, revision, changed: false }, { done: "" }, context);
    return EXIT.done;
  }
  await tellWritten(written, { done: `Gave to ${owner}` }, context);
  return EXIT.done;
}

/** Gives one away, if it is still what was read; undefined where it is not meant any more. */
function give(address: string, wish: Wish, { server }: ResourceContext) {
  return untilUndisturbed(async () => {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    if (resource === undefined || !isMeant(resource, wish)) return undefined;
    const change = { address, owner: wish.owner, ifRevision: resource.revision };
    return (await server.ask((registry, options) => registry.change(change, options))).written;
  });
}

function isMeant({ owner }: Pick<ResourceMessage, "owner">, wish: Wish): boolean {
  return owner !== wish.owner && (wish.from === "" || owner === wish.from);
}

/** An agent as owners are written: an address as it is printed, or a name. */
function agentOf(text: string): string {
  return text.includes(":") ? printAddress(parseAddress(text)) : text;
}

function meantBy(text: string): Pick<Wish, "address" | "selectors"> {
  const selector = parseSelector(text);
  if (!isWild(selector)) return { address: readAddress(text), selectors: [] };
  const { kind, ...itself } = selector;
  const above = aboveAll(itself);
  const ofKind = kind === undefined ? "" : `<${kind}>`;
  return { address: "", selectors: [...(above === undefined ? [] : [`${above}${ofKind}`]), printSelector(selector)] };
}
