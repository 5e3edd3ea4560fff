import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { usageError } from "../command-error.ts";
import { lastName, nameAtRef, splitRef } from "./app-names.ts";

/** A repository of Git, at one of its commits. */
export interface Repository {
  readonly kind: "repository";
  /** What an app of it is called. */
  readonly name: string;
  /** As the git program takes it. */
  readonly url: string;
  /** A branch, a tag or a commit; empty for what it has as its head. */
  readonly ref: string;
  /** As it was typed. */
  readonly shown: string;
}

/** `git@host:path` */
const SHORT_SSH = /^[\w.-]+@[\w.-]+:(?!\/\/)[^\s]+$/;
/** `github.com/ann/shop` */
const HOST_AND_PATH = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\/[^\s]+$/i;

/**
 * Reads a word as a repository: a URL, `git@host:path`, `host/path`, or a folder here that is one, each also with `@REF` behind it. Undefined where it is none.
 * @throws CommandError for a URL with a password, and for one that the git program must not be given
 */
export function readRepository(word: string, cwd: string): Repository | undefined {
  const { base, ref } = splitRef(word);
  const url = urlOf(base, cwd, ref !== "");
  if (url === undefined) return undefined;
  return { kind: "repository", name: nameAtRef(lastName(base), ref), url, ref, shown: word };
}

function urlOf(base: string, cwd: string, hasRef: boolean): string | undefined {
  const folder = resolve(cwd, base);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) {
    const isOne = isBareRepository(folder) || (hasRef && existsSync(join(folder, ".git")));
    return isOne ? `file://${folder}` : undefined;
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(base)) return checkedUrl(base);
  if (SHORT_SSH.test(base)) return checkedUrl(`ssh://${base.replace(":", "/")}`);
  return HOST_AND_PATH.test(base) ? checkedUrl(`https://${base}`) : undefined;
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null)
    throw usageError(`Cannot run "${text}": it is no URL, write one such as https://example.com/ann/shop`);
  const { protocol, password, hostname } = url;
  if (password !== "")
    throw usageError(
      `Cannot run from "${hostname}": its URL has a password, which others can see: leave it out, and write it to a file for --git-token-file`,
    );
  if (!["https:", "http:", "ssh:", "git:", "file:"].includes(protocol))
    throw usageError(`Cannot run "${text}": it begins with ${protocol}//, take https, http, ssh, git or file`);
  return text;
}

/** Whether a folder is a repository without files beside it. */
function isBareRepository(folder: string): boolean {
  return ["HEAD", "objects", "refs"].every((name) => existsSync(join(folder, name)));
}
