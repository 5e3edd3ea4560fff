import { encodeCommand, parseCommand } from "./command.ts";
import { violation } from "./errors.ts";
import type { Mechanism, MechanismOptions } from "./mechanism.ts";
import { encodeMetadata, parseMetadata } from "./metadata.ts";
import { refusalOf } from "./refusal.ts";

/** The NULL mechanism (RFC 37): both sides send READY with their metadata at once, nothing is encrypted. */
export function createNullMechanism(options: MechanismOptions): Mechanism {
  return {
    name: "NULL",
    asServer: false,
    open: () => encodeCommand("READY", encodeMetadata(options.metadata)),
    receive(body) {
      const { name, data } = parseCommand(body);
      if (name === "ERROR") throw refusalOf(data);
      if (name !== "READY") throw violation(`it sent "${name}" where READY was due`);
      const metadata = parseMetadata(data);
      options.check(metadata);
      return { reply: undefined, result: { metadata, session: undefined, publicKey: undefined, info: undefined } };
    },
  };
}
