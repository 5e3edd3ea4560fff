import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { MethodContract } from "@orrery/core/internal";
import { typed, usageError } from "../command-error.ts";
import { readFields } from "../fields/index.ts";
import type { ReachedService } from "../reach/reach.ts";
import type { Terminal } from "../terminal.ts";
import { readPlace } from "./read-place.ts";

/** What a request is made of. */
export interface MakeRequestOptions {
  readonly service: ReachedService;
  readonly method: MethodContract;
  /** Words behind the method: at first perhaps JSON, `-` or `@FILE`, then flags. */
  readonly words: readonly string[];
}

/** Makes a request of what was typed: JSON, from wherever it comes, with flags laid over it. @throws CommandError with exit code 2. */
export async function makeRequest(
  { service, method, words }: MakeRequestOptions,
  terminal: Terminal,
): Promise<unknown> {
  const [first, ...others] = words;
  const hasBody = first !== undefined && !first.startsWith("--");
  const args = hasBody ? others : words;
  if (hasBody && method.request.contentType === BYTES && args.length === 0) return await readBytes(first, terminal);
  const base = hasBody ? await readJson(first, terminal) : undefined;
  const readFile = (path: string) => readFileSync(resolve(terminal.cwd, path));
  const of = { service: service.contract, method, args, readFile, ...(base === undefined ? {} : { base }) };
  return (await typed(() => readFields(of))).request;
}

const BYTES = "application/octet-stream";

async function readBytes(word: string, terminal: Terminal): Promise<Uint8Array> {
  return isPlace(word) ? await readPlace(word, terminal) : new TextEncoder().encode(word);
}

async function readJson(word: string, terminal: Terminal): Promise<string> {
  if (isPlace(word)) return new TextDecoder().decode(await readPlace(word, terminal));
  if (/^[[{"\d-]|^(true|false|null)$/.test(word)) return word;
  throw usageError(
    `Cannot read "${word}": it is no JSON and no flag, write fields as --name=value, or - for standard input`,
  );
}

function isPlace(word: string): boolean {
  return word === "-" || word.startsWith("@");
}
