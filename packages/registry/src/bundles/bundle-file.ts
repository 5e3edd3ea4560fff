import { listOf, type Misfit, type RecordShape, readDocument, record, type TextShape } from "@orrery/mesh/internal";
import {
  AUTHOR_LENGTH_MAX,
  AUTHORS_MAX,
  BUNDLE_FILE_LENGTH_MAX,
  BUNDLE_NAME_LENGTH_MAX,
  DESCRIPTION_LENGTH_MAX,
  KEYWORD_LENGTH_MAX,
  KEYWORDS_MAX,
} from "./limits.ts";

/** Name of the file that says what a bundle is, at its top. */
export const BUNDLE_FILE = "bundle.yaml";

/** What a bundle says of itself. */
export interface BundleDescription {
  readonly name: string;
  readonly description?: string;
  /** Path of a picture in the bundle, from `/`. */
  readonly image?: string;
  readonly authors?: readonly string[];
  /** Small letters, words joined by `-`, each once, sorted. */
  readonly keywords?: readonly string[];
}

const line = (what: string, example: string, lengthMax: number): TextShape => ({
  kind: "text",
  what: `${what} of up to ${lengthMax} characters`,
  pattern: new RegExp(`^[^\\p{Cc}]{1,${lengthMax}}$`, "u"),
  example,
});

/** All that a `bundle.yaml` may say. */
export const BUNDLE_SHAPE: RecordShape = record({
  name: {
    shape: line("a name", "Image tools", BUNDLE_NAME_LENGTH_MAX),
    about: "What people call it.",
    isRequired: true,
  },
  description: {
    shape: {
      kind: "text",
      what: `a text of up to ${DESCRIPTION_LENGTH_MAX} characters`,
      pattern: new RegExp(`^[^]{1,${DESCRIPTION_LENGTH_MAX}}$`, "u"),
      example: "Makes pictures smaller",
    },
    about: "What it is for.",
  },
  image: {
    shape: { kind: "text", what: "a path in the bundle", pattern: /^[^\0]+$/, example: "images/logo.png" },
    about: "Picture of it: a file of the bundle whose type is image/….",
  },
  authors: {
    shape: listOf(line("an author", "Ann <ann@demo.test>", AUTHOR_LENGTH_MAX), AUTHORS_MAX),
    about: "Who made it.",
  },
  keywords: {
    shape: listOf(
      {
        kind: "text",
        what: `a keyword of letters and digits, up to ${KEYWORD_LENGTH_MAX} characters`,
        pattern: new RegExp(`^[\\p{L}\\p{N}][\\p{L}\\p{N} _.+#-]{0,${KEYWORD_LENGTH_MAX - 1}}$`, "u"),
        example: "image-tools",
      },
      KEYWORDS_MAX,
    ),
    about: "Words to find it by. Capitals, blanks and order make no difference.",
  },
});

/** Options of `parseBundleFile`. */
export interface ParseBundleFileOptions {
  /** What errors call the file. */
  readonly file: string;
  /** The files of the bundle, with their media types. */
  readonly files: readonly { readonly path: string; readonly contentType: string }[];
}

/**
 * Reads what a bundle says of itself.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column` and what would work
 */
export function parseBundleFile(text: string, { file, files }: ParseBundleFileOptions): BundleDescription {
  const said = readDocument<BundleDescription>(text, BUNDLE_SHAPE, {
    file,
    bytesMax: BUNDLE_FILE_LENGTH_MAX,
    judge: ({ image }) => (image === undefined ? [] : judgeImage(image, files)),
  });
  // An empty document says nothing, not even that it is wrong.
  if (!("name" in said)) return parseBundleFile("{}", { file, files });
  const { name, description, image, authors = [], keywords = [] } = said as BundleDescription;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(image === undefined ? {} : { image: inBundle(image) }),
    ...(authors.length === 0 ? {} : { authors }),
    ...(keywords.length === 0 ? {} : { keywords: normalize(keywords) }),
  };
}

function judgeImage(image: string, files: ParseBundleFileOptions["files"]): readonly Misfit[] {
  const found = files.find(({ path }) => path === inBundle(image));
  const misfit = (text: string) => [{ path: ["image"], text: `"image" is ${JSON.stringify(image)}: ${text}` }];
  if (found === undefined) {
    const images = files.filter(({ contentType }) => contentType.startsWith("image/")).slice(0, 5);
    const known = images.map(({ path }) => path.slice(1)).join(", ");
    return misfit(`the bundle has no such file, ${known === "" ? "put it there" : `it has ${known}`}`);
  }
  if (found.contentType.startsWith("image/")) return [];
  return misfit(`that is ${found.contentType}, name a picture`);
}

/** A path in a bundle, with or without `/` or `./` before it. */
function inBundle(path: string): string {
  return `/${path.replace(/^(?:\.\/|\/)+/, "")}`;
}

function normalize(keywords: readonly string[]): readonly string[] {
  const words = keywords.map((word) =>
    word
      .normalize("NFC")
      .toLowerCase()
      .replace(/[ _-]+/g, "-")
      .replace(/-$/, ""),
  );
  return [...new Set(words)].sort();
}
