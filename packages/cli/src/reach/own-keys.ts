import { resolve } from "node:path";
import { type CurveOptions, readCurveKeys } from "@orrery/zmq";
import type { CommandInput } from "../command.ts";
import { typed, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Options of a node by which a command reaches addresses. */
export interface OwnKeys {
  readonly curve?: CurveOptions;
}

/**
 * Gives the keys by which a command shows who it is: those of --key-file, or the ones that the run files of its project name.
 * @throws CommandError for a file that cannot be used, and where addresses ask for keys and there are none.
 */
export async function ownKeys(
  input: CommandInput,
  terminal: Terminal,
  { addresses, running = [] }: { addresses: readonly string[]; running?: readonly { readonly keys?: string }[] },
): Promise<OwnKeys> {
  const said = input.text("key-file");
  const file = said === undefined ? running.find(({ keys }) => keys !== undefined)?.keys : resolve(terminal.cwd, said);
  if (file !== undefined) return { curve: { keyPair: await typed(() => readCurveKeys(file)) } };
  const sealed = addresses.find((address) => address.includes("?key="));
  if (sealed === undefined) return {};
  throw usageError(
    `Cannot connect to "${sealed}": it asks for keys and there are none, name yours by --key-file`,
    "orrery keys new FILE makes them; who runs the host must allow them",
  );
}
