import type { CommandData } from "../command.ts";
import { COMMON_FLAGS } from "../command.ts";
import { PLATFORM_FLAGS, REACH_FLAGS } from "./reach-flags.ts";

/** `orrery call`, and `orrery SERVICE METHOD`. */
export const callCommand: CommandData = {
  name: "call",
  summary: "Call a method of a service",
  description:
    "The request is built from flags named by the contract's fields, or is JSON, or both: flags go over the JSON. `orrery SERVICE METHOD` is the same, and with --help it prints the flags. A service is named whole, by its last part, or by that in any case. --timeout and the other flags listed here belong to the command; behind -- every flag is a field. A reply in protobuf prints as its JSON mapping has it, fields that are zero or empty included. A stream prints one JSON value a line, until it ends or Ctrl-C.",
  words: {
    usage: "SERVICE METHOD [JSON|-|@FILE] [--field=value…]",
    summary: "What to call, and with what; - reads JSON from standard input, @FILE from a file",
    min: 1,
  },
  flags: [
    {
      name: "timeout",
      kind: "value",
      placeholder: "TIME",
      summary: "Longest wait, such as 500ms, 5s or 2m; what the contract says by default, else 30s",
    },
    ...REACH_FLAGS,
    ...PLATFORM_FLAGS,
    { name: "version", kind: "value", placeholder: "1.2.3", summary: "Exact version of the component" },
    { name: "instance", kind: "value", placeholder: "ID", summary: "One instance, by its id" },
    { name: "shard-key", kind: "value", placeholder: "KEY", summary: "Calls of one key go to one instance" },
    { name: "idempotency-key", kind: "value", placeholder: "KEY", summary: "By which a repeated call is known" },
    { name: "agent", kind: "value", placeholder: "NAME", summary: "On whose behalf" },
    {
      name: "output",
      kind: "value",
      choices: ["text", "json", "raw"],
      default: "text",
      placeholder: "FORM",
      summary: "text: JSON for people; json: one line; raw: the bytes of the reply",
    },
    ...COMMON_FLAGS.filter(({ name }) => name !== "output"),
  ],
  examples: [
    { words: "call greeter hello --name=World", does: "by flags" },
    { words: `call greeter hello '{"name":"World"}'`, does: "by JSON" },
    { words: "greeter hello --name=World", does: "the same, without call" },
    { words: "greeter hello --help", does: "what the method takes" },
    { words: "call greeter hello --name=World --with=greeter.ts", does: "nothing needs to run, no socket opens" },
  ],
  takesFields: true,
  load: () => import("../call/run.ts"),
};
