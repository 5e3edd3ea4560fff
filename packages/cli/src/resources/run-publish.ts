import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { BundleService, bundlesAt, openPublisherKey, publishFolder } from "@orrery/registry/bundles";
import { EXIT } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readAddress } from "./target.ts";

interface Wish {
  readonly folder: string;
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
      address: readAddress(text),
      keyFile: said === undefined ? usual : resolve(terminal.cwd, said),
    };
  },
  act: async ({ folder, address, keyFile }, { server, terminal, isJson }) => {
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
      throw server.explain(error);
    } finally {
      terminal.progress("");
    }
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
