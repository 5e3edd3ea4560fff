import type { CommandData, FlagData } from "../command.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

const PASSPHRASE: FlagData = {
  name: "passphrase-file",
  kind: "value",
  placeholder: "FILE",
  summary: "Its first line closes and opens secrets; - for standard input. Without it secrets are left out",
};

/** Commands about a space as a whole, for its owner. */
export const SPACE_COMMANDS: readonly CommandData[] = [
  {
    name: "space export",
    summary: "Write all that a space has to a file, which orrery space import restores anywhere",
    description:
      "Resources, users, roles and grants, files, bundles with their signatures, config, stores and events: all that you may read. Secrets of config are in it only under a passphrase, encrypted by AES-256-GCM; passwords, sessions and tokens never are. What is left out is told.",
    words: { usage: "SPACE FILE", summary: "The file is made anew, for its owner alone", min: 2, max: 2 },
    flags: [PASSPHRASE, ...SERVER_FLAGS],
    examples: [
      { words: "space export demo.test demo.orrery-space", does: "without secrets" },
      {
        words: "space export demo.test demo.orrery-space --passphrase-file=- < phrase",
        does: "with secrets, encrypted",
      },
    ],
    load: () => import("../space/run-space-export.ts"),
  },
  {
    name: "space import",
    summary: "Restore a space from such a file, here or on another platform",
    description:
      "The whole file is read first: one that was changed or cut off makes nothing. The space must be yours, or be made now if you may; what is there already stays as it is, so that an import that broke off is typed again. Users have no passwords there: orrery user password gives them one.",
    words: { usage: "FILE", summary: "As orrery space export wrote it", min: 1, max: 1 },
    flags: [
      { name: "space", kind: "value", placeholder: "SPACE", summary: "Its name there; as it was by default" },
      PASSPHRASE,
      ...SERVER_FLAGS,
    ],
    examples: [
      { words: "space import demo.orrery-space", does: "under the same name" },
      { words: "space import demo.orrery-space --space=copy.test --env=prod", does: "under another, elsewhere" },
    ],
    load: () => import("../space/run-space-import.ts"),
  },
  {
    name: "space delete",
    summary: "Delete a space with all that it has",
    description:
      "Its name is typed once more. Nothing of it is left, and its bill ends: what is paid of the month and not used goes back. The next space of that name is empty. Export it first to keep a copy; orrery billing cancel lets it run to the end of the month.",
    words: { usage: "SPACE", summary: "Such as demo.test", min: 1, max: 1 },
    flags: [
      { name: "confirm", kind: "value", placeholder: "SPACE", summary: "Its name once more, where nobody types it" },
      ...SERVER_FLAGS,
    ],
    examples: [{ words: "space delete demo.test --confirm=demo.test", does: "in a script" }],
    load: () => import("../space/run-space-delete.ts"),
  },
  {
    name: "space rename",
    summary: "Change what a space is shown as",
    description: "Its title; its name, which is its host and part of all its addresses, stays.",
    words: { usage: "SPACE TITLE", summary: "Such as demo.test 'Our shop'", min: 2, max: 2 },
    flags: [...SERVER_FLAGS],
    examples: [{ words: "space rename demo.test 'Our shop'", does: "from now on" }],
    load: () => import("../space/run-space-rename.ts"),
  },
];
