import type { CommandData, FlagData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";
import { upCommand } from "./up.ts";

/** What says where a stopped orrery up keeps things: as its own flags do. */
const PLACE_FLAGS = upCommand.flags.filter(({ name }) => ["database", "blobs", "blob-keys"].includes(name));
const STOPPED_FLAG: FlagData = {
  name: "data",
  kind: "value",
  placeholder: "DIR",
  summary: "Folder of an orrery up that does not run, instead of asking one that does",
};
const OWN_FLAGS = SERVER_FLAGS.filter(({ name }) => name === "output" || name === "debug");

/** Commands about all that `orrery up` keeps, as a whole. */
export const UPKEEP_COMMANDS: readonly CommandData[] = [
  {
    name: "backup",
    summary: "Write all that a server keeps to one file, as it is at one revision",
    description:
      "Resources, grants, changes, files, bundles and tags, while the server is written on. The same content gives the same bytes, which is a tar with a manifest and a digest of each file. Secrets are in it as they are kept, closed; the key file is not in it. Operators alone may.",
    words: { usage: "FILE", summary: "Made anew, for its owner alone", min: 1, max: 1 },
    flags: [STOPPED_FLAG, ...PLACE_FLAGS, ...SERVER_FLAGS],
    examples: [
      { words: "backup monday.orrery", does: "of the server on this machine, which runs on" },
      { words: "backup monday.orrery --data=.orrery/data", does: "of a folder over which none runs" },
    ],
    load: () => import("../upkeep/run-backup.ts"),
  },
  {
    name: "restore",
    summary: "Make a folder for orrery up from a backup",
    description:
      "Reads all of the file and holds it to its digests; what was cut off or changed is refused, as is what a newer version wrote, and nothing is left of it. An older backup comes to the newest schema. The folder gets its name once it is whole. With the URL of a database, that must have no registry.",
    words: { usage: "FILE", summary: "As orrery backup wrote it", min: 1, max: 1 },
    flags: [
      {
        name: "data",
        kind: "value",
        placeholder: "DIR",
        default: ".orrery/data",
        summary: "Folder to make; new or empty",
      },
      {
        name: "secrets-key",
        kind: "value",
        placeholder: "FILE",
        summary: "Copy of the secrets.key of the folder that was backed up",
      },
      { name: "without-secrets-key", kind: "switch", summary: "Go on where nobody has it: its secrets are lost" },
      ...PLACE_FLAGS,
      ...OWN_FLAGS,
    ],
    examples: [
      { words: "restore monday.orrery --data=/srv/orrery --secrets-key=secrets.key", does: "then orrery up over it" },
    ],
    load: () => import("../upkeep/run-restore.ts"),
  },
  {
    name: "secrets rotate",
    summary: "Close all secrets with a new key, and forget the older ones",
    description:
      "The older keys stay in secrets.key until nothing is closed with them; ended in the middle, it loses nothing, and is typed again. All changes so far are forgotten, since they hold what the older keys closed: who watches lists anew. Operators alone may.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [
      STOPPED_FLAG,
      ...PLACE_FLAGS,
      { name: "alone", kind: "switch", summary: "No other server has the database open; to be said of one by URL" },
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "secrets rotate", does: "on the server of this machine, which runs on" },
      { words: "secrets rotate --data=.orrery/data", does: "in a folder over which none runs" },
    ],
    load: () => import("../upkeep/run-rotate.ts"),
  },
  {
    name: "fsck owners",
    summary: "Look whether everything has an owner that leads to somebody",
    description:
      "Follows each resource over its owner to a User or an operator, and names those that lead to nobody: such as were written past the registry. Ends with exit code 1 where there are some; orrery chown gives them to somebody. Operators alone may.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [STOPPED_FLAG, ...PLACE_FLAGS, ...SERVER_FLAGS],
    examples: [
      { words: "fsck owners", does: "on the server of this machine, which runs on" },
      { words: "fsck owners --data=.orrery/data", does: "in a folder over which none runs" },
    ],
    load: () => import("../upkeep/run-fsck-owners.ts"),
  },
];
