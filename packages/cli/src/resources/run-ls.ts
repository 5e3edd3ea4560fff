import { parseSelector, printSelector, type ResourceMessage } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { table } from "../table.ts";
import { insideOf } from "./inside-of.ts";
import { LIST_PAGE } from "./limits.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { resourceJson, statusText } from "./resource-form.ts";
import { aboveAll, isWild } from "./selector-words.ts";
import type { Server } from "./server.ts";

interface Wish {
  /** One after the other. */
  readonly selectors: readonly string[];
  /** Address that must be there, where one was named; empty for none. */
  readonly root: string;
  readonly isLong: boolean;
}

/** `orrery ls` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ ...meantBy(input.words[0] ?? "*"), isLong: input.has("long") }),
  act: async ({ selectors, root, isLong }, context) => {
    const { server, terminal, isJson } = context;
    const found: ResourceMessage[] = [];
    for (const selector of selectors)
      for await (const page of pages(server, selector)) {
        if (isJson || isLong) found.push(...page);
        else await terminal.write(page.map(({ address, kind }) => `${address}<${kind}>\n`).join(""));
        if (page.length > 0 && found.length === 0) found.push(...page.slice(0, 1));
      }
    if (found.length === 0 && root !== "")
      await server.ask((registry, options) => registry.get({ address: root }, options));
    if (isJson) await terminal.write(`${JSON.stringify(found.map(resourceJson))}\n`);
    else if (isLong) await terminal.write(longText(found, context));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** The pages of a list, to its end. */
export async function* pages(server: Server, selector: string): AsyncGenerator<readonly ResourceMessage[]> {
  for (let after = ""; ; ) {
    const at = { selector, after, limit: LIST_PAGE };
    const { resources, next } = await server.ask((registry, options) => registry.list(at, options));
    yield resources;
    if (next === "") return;
    after = next;
  }
}

/** An address without `*` means what is in it, a file itself; with `:**` behind it, it is listed before all that is in it. */
function meantBy(text: string): Omit<Wish, "isLong"> {
  const selector = parseSelector(text);
  const { kind, ...itself } = selector;
  const ofKind = (one: string) => (kind === undefined ? one : `${one}<${kind}>`);
  const above = aboveAll(itself);
  if (above !== undefined) return { selectors: [ofKind(above), printSelector(selector)], root: above };
  if (isWild(selector)) return { selectors: [printSelector(selector)], root: "" };
  const root = printSelector(itself);
  const isFile = selector.path !== undefined && !root.endsWith("/");
  return { selectors: [ofKind(isFile ? root : insideOf(root, "*"))], root };
}

function longText(found: readonly ResourceMessage[], { terminal }: ResourceContext): string {
  if (found.length === 0) return "";
  const rows = found.map((one) => [one.kind, statusText(one, terminal), one.owner, String(one.revision), one.address]);
  return `${table([["KIND", "STATUS", "OWNER", "REVISION", "ADDRESS"], ...rows]).join("\n")}\n`;
}
