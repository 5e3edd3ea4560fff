import { mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isOrreryError, OrreryError } from "@orrery/core";
import { BundleService, bundlesAt, openPublisherKey, publishFolder } from "@orrery/registry/bundles";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly folder: string;
  /** The same as it was typed. */
  readonly typed: string;
  readonly address: string;
  readonly keyFile: string;
}

/** `orrery publish` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [folder = "", text = ""] = input.words;
    const said = input.text("publisher-key");
    const usual = join(terminal.env["HOME"] ?? homedir(), ".orrery", "publisher.key");
    return {
      folder: resolve(terminal.cwd, folder),
      typed: folder,
      address: readAddress(text),
      keyFile: said === undefined ? usual : resolve(terminal.cwd, said),
    };
  },
  act: async ({ folder, typed, address, keyFile }, { server, terminal, isJson }) => {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined)
      throw new CommandError(`Cannot publish "${typed}": there is no such folder here`, { exit: EXIT.notFound });
    if (!found.isDirectory())
      throw usageError(`Cannot publish "${typed}": it is no folder, name the one whose files are to be published`);
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
    const key = openPublisherKey(keyFile);
    const onProgress = ({ sent, bytes }: { sent: number; bytes: number }) =>
      terminal.progress(`${formatBytes(sent)} of ${formatBytes(bytes)}`);
    try {
      const access = bundlesAt(server.node.client(BundleService));
      const { digest, revision, changed } = await publishFolder(access, { folder, address, key, onProgress });
      const facts = { address, digest, revision, changed, publisher: key.publisher };
      const text = changed
        ? `Published ${address} at revision ${revision}`
        : `${address} is there already, with the same content`;
      await terminal.write(isJson ? `${JSON.stringify(facts)}\n` : `${text}\n`);
      return EXIT.done;
    } catch (error) {
      throw server.explain(asTyped(error, { folder, typed }));
    } finally {
      terminal.progress("");
    }
  },
};

/** Calls the folder what it was called by whoever typed. */
function asTyped(error: unknown, { folder, typed }: { readonly folder: string; readonly typed: string }): unknown {
  if (!isOrreryError(error) || !error.message.includes(folder)) return error;
  const { code, details } = error;
  return new OrreryError(code, error.message.replaceAll(folder, typed), { details, cause: error });
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);
