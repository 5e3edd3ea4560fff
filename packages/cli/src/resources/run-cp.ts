import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createSystemClock } from "@orrery/core";
import { downloadFile, uploadFile } from "@orrery/registry/service";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import type { Terminal } from "../terminal.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly isUpload: boolean;
  /** Of the file in the registry. */
  readonly address: string;
  /** Of the file on this machine. */
  readonly path: string;
  /** The same as it was typed. */
  readonly typed: string;
  readonly contentType: string | undefined;
  readonly token: string | undefined;
}

/** `orrery cp` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [from = "", to = ""] = input.words;
    const isUpload = isRemote(to);
    if (isUpload === isRemote(from))
      throw usageError(
        `Cannot copy "${from}" to "${to}": one of them is a file here, the other an address such as demo.test:files:/a.txt`,
      );
    const said = readAddress(isUpload ? to : from);
    const address = said.endsWith("/") && isUpload ? `${said}${basename(from)}` : said;
    const path = pathOf(resolve(terminal.cwd, isUpload ? from : to), isUpload ? undefined : address);
    return {
      isUpload,
      address,
      path,
      typed: isUpload ? from : to,
      contentType: input.text("type"),
      token: input.text("token"),
    };
  },
  act: async (wish, context) => {
    if (wish.typed !== "-") return await copy(wish, context);
    const folder = mkdtempSync(join(tmpdir(), "orrery-cp-"));
    try {
      return await copyStream({ ...wish, path: join(folder, "content") }, context);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Copies standard input, or to standard output, by way of a file of its own: so it goes on where it broke off, as any other. */
async function copyStream(wish: Wish, context: ResourceContext): Promise<ExitCode> {
  const { terminal } = context;
  if (wish.isUpload) {
    writeFileSync(wish.path, await terminal.readInput());
    return await copy(wish, context);
  }
  const write = async (text: string) => {
    terminal.say(text.trimEnd().replace(wish.path, "standard output"));
    return true;
  };
  const exit = await copy(wish, { ...context, isJson: false, terminal: { ...terminal, write } });
  for await (const piece of createReadStream(wish.path)) if (!(await terminal.writeBytes(piece as Uint8Array))) break;
  return exit;
}

async function copy(wish: Wish, { server, terminal, isJson }: ResourceContext): Promise<ExitCode> {
  const { isUpload, address, path, contentType, token } = wish;
  assertUsable(wish);
  const clock = createSystemClock();
  const onProgress = progressOf(terminal);
  const shared = { client: server.node, clock, address, patienceMs: server.timeoutMs, onProgress };
  const tell = async (facts: object, text: string) =>
    void (await terminal.write(isJson ? `${JSON.stringify(facts)}\n` : `${text}\n`));
  try {
    if (isUpload) {
      const named = { ...(contentType && { contentType }), ...(token && { token }) };
      const { content, revision, changed } = await uploadFile({ ...shared, ...named, from: path });
      const text = `Copied ${formatBytes(content.bytes)} to ${address} at revision ${revision}`;
      await tell({ address, ...content, revision, changed }, text);
    } else {
      const { content, revision } = await downloadFile({ ...shared, to: path });
      await tell({ address, ...content, revision, path }, `Copied ${formatBytes(content.bytes)} to ${path}`);
    }
    return EXIT.done;
  } catch (error) {
    throw server.explain(error);
  } finally {
    terminal.progress("");
  }
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** An address has a path behind its file system; a file here has no colon before its first slash. */
function isRemote(text: string): boolean {
  return text.includes(":/") && !text.startsWith("/") && !text.startsWith("./") && !text.startsWith("../");
}

/** @throws CommandError for a file here that cannot be read, or a place where none can be */
function assertUsable({ isUpload, path, typed }: Wish): void {
  const found = statSync(isUpload ? path : dirname(path), { throwIfNoEntry: false });
  if (isUpload && found === undefined)
    throw new CommandError(`Cannot copy "${typed}": there is no such file here`, { exit: EXIT.notFound });
  if (isUpload && !found?.isFile())
    throw usageError(`Cannot copy "${typed}": it is no file, copy those in it one by one, or publish it as a bundle`);
  if (!isUpload && !found?.isDirectory())
    throw new CommandError(`Cannot copy to "${typed}": there is no folder "${dirname(typed)}" here, make it first`, {
      exit: EXIT.notFound,
    });
}

/** A folder takes a file under its own name. */
function pathOf(path: string, address: string | undefined): string {
  const isFolder = address !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(path, address.slice(address.lastIndexOf("/") + 1)) : path;
}

function progressOf(terminal: Terminal): (progress: { readonly done: number; readonly bytes: number }) => void {
  return ({ done, bytes }) => {
    const share = bytes === 0 ? 100 : Math.floor((100 * done) / bytes);
    terminal.progress(`${formatBytes(done)} of ${formatBytes(bytes)}, ${share}%`);
  };
}
