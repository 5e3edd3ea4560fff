import { listOf, type RecordShape, readDocument, record, type TextShape } from "@orrery/mesh/internal";
import { IMAGE_FILE_BYTES_MAX, IMAGE_WORDS_MAX } from "./limits.ts";

/** Name of the file that says how a folder becomes an image. */
export const IMAGE_FILE = "image.yaml";

/** What it says. */
export interface ImageFile {
  readonly command?: readonly string[];
  readonly workingDir?: string;
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  readonly user?: string;
  readonly base?: "host" | "none";
}

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });

const IMAGE_SHAPE: RecordShape = record({
  command: {
    shape: listOf(text("a word", /^[^\0]{0,4096}$/, "node"), IMAGE_WORDS_MAX, 1),
    about: "What is started. Default: node with the folder's main file.",
  },
  workingDir: {
    shape: text("a whole path in the container", /^\/[^\0\\]{0,255}$/, "/app"),
    about: "Folder that it is started in. Default: /app, where the folder's files are.",
  },
  env: {
    shape: {
      kind: "map",
      names: text("a variable", /^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "GREETING"),
      of: { kind: "scalar" },
      max: IMAGE_WORDS_MAX,
    },
    about: "Its variables. Default: none.",
  },
  user: {
    shape: text(
      "a user by number or name, and a group after :",
      /^[A-Za-z0-9_.-]{1,64}(:[A-Za-z0-9_.-]{1,64})?$/,
      "1000",
    ),
    about: "User of the container that it runs as. Default: 0.",
  },
  base: {
    shape: { kind: "choice", of: ["host", "none"] },
    about:
      "What it lies on: programs and libraries of the machine, or nothing, since the folder is a whole file system. Default: host.",
  },
});

/** Reads an `image.yaml`. @throws OrreryError `invalid_argument` with every mistake, its line and what would work */
export function parseImageFile(text: string, file: string): ImageFile {
  return readDocument<ImageFile>(text, IMAGE_SHAPE, { file, bytesMax: IMAGE_FILE_BYTES_MAX, showsLines: true });
}
