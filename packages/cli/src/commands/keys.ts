import { COMMON_FLAGS, type CommandData } from "../command.ts";

const load = () => import("../keys/run-keys.ts");

/** `orrery keys …` */
export const KEYS_COMMANDS: readonly CommandData[] = [
  {
    name: "keys new",
    summary: "Make the keys of a host, or of somebody who types commands",
    description:
      "Draws a key pair, writes the secret key to a new file that only you may read, and prints the public key. A host names the file under security.keys of its host.yaml, a command by --key-file; the public key goes to security.allow of hosts that are to take its connections, and behind ?key= of the host's address.",
    words: { usage: "FILE", summary: "File to make; one that is there is never written over", min: 1, max: 1 },
    flags: [...COMMON_FLAGS],
    examples: [
      { words: "keys new alpha.key", does: "for a host" },
      { words: "keys new ~/.orrery-ops.key --output=json", does: "for yourself, with the public key as JSON" },
    ],
    load,
  },
  {
    name: "keys show",
    summary: "Print the public key that belongs to a file of keys",
    description: "What it prints may be seen by everybody. The secret key is never printed.",
    words: { usage: "FILE", summary: "File that orrery keys new made", min: 1, max: 1 },
    flags: [...COMMON_FLAGS],
    examples: [{ words: "keys show alpha.key", does: "what others write to allow it" }],
    load,
  },
];
