import { resolve } from "node:path";
import { createCurveKeys, encodeHex, readCurveKeys } from "@orrery/zmq";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Makes keys, or shows what others may know of them. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [said = ""] = input.words;
  const file = resolve(terminal.cwd, said);
  const isNew = input.command.name === "keys new";
  const { publicKey } = await typed(() => (isNew ? createCurveKeys(file) : readCurveKeys(file)));
  const key = encodeHex(publicKey);
  await terminal.write(input.text("output") === "json" ? `${JSON.stringify({ file, publicKey: key })}\n` : `${key}\n`);
  if (isNew)
    terminal.say(`The secret key is in ${said}; hosts let it in that name the public key under security.allow`);
  return EXIT.done;
}
