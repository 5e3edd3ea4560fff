import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readCount } from "../spaces/space-place.ts";
import type { Terminal } from "../terminal.ts";
import { type ConfigPlaceWish, readConfigPlace } from "./config-words.ts";
import { setConfig } from "./set-config.ts";

interface Wish extends ConfigPlaceWish {
  readonly pairs: readonly (readonly [path: string, value: string])[];
  readonly secret: boolean;
  readonly ifVersion: number | undefined;
}

/** `orrery config set` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const { words } = input;
    if (words.length % 2 === 1)
      throw usageError(
        `Cannot set "${words.at(-1)}": it has no value, write PATH VALUE, in quotes where the value has blanks`,
        `orrery config set ${words.at(-1)} VALUE`,
      );
    const pairs = words.flatMap((path, at) => (at % 2 === 0 ? [[path, words[at + 1] ?? ""] as const] : []));
    if (pairs.filter(([, value]) => value === "-").length > 1)
      throw usageError(`Cannot set "${pairs.at(-1)?.[0]}": standard input is one value, write - once`);
    const place = readConfigPlace(input, terminal);
    return { ...place, pairs, secret: input.has("secret"), ifVersion: readCount(input, "if-version") };
  },
  act: async ({ space, scope, pairs, secret, ifVersion }, context) => {
    const steps = [];
    for (const [path, said] of pairs) {
      const value = fromJson(ValueSchema, said === "-" ? await readText(context.terminal) : readValue(said));
      steps.push({ path, secret, value });
    }
    const at = ifVersion === undefined ? {} : { ifVersion: BigInt(ifVersion) };
    const [[first = ""] = []] = pairs;
    const what = pairs.length === 1 ? `"${first}"` : `${pairs.length} paths`;
    const done = `Set ${secret ? "secret " : ""}${what}`;
    await setConfig(
      { space, scope, steps, ...at },
      { done, next: `config get ${pairs.length === 1 ? first : ""}`.trim() },
      context,
    );
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** What reads as JSON is that, all else is text. */
function readValue(said: string): JsonValue {
  try {
    return JSON.parse(said) as JsonValue;
  } catch {
    return said;
  }
}

/** Standard input is text, without the line's end that a shell puts there. */
async function readText(terminal: Terminal): Promise<string> {
  return new TextDecoder().decode(await terminal.readInput()).replace(/\r?\n$/, "");
}
