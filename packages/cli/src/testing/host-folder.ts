import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CHECKOUT = fileURLToPath(new URL("../../../../", import.meta.url));

/** A project with nothing in it but the packages that components import. */
export interface HostProject extends Disposable {
  readonly cwd: string;
  /** Writes a file, from the project's folder. */
  write(path: string, text: string): void;
  remove(path: string): void;
}

/** Makes a project in a folder of its own. */
export function makeHostProject(): HostProject {
  const cwd = mkdtempSync(join(tmpdir(), "orrery-host-"));
  installPackages(cwd);
  return {
    cwd,
    write(path, text) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    },
    remove: (path) => rmSync(join(cwd, path), { recursive: true }),
    [Symbol.dispose]: () => rmSync(cwd, { recursive: true, force: true }),
  };
}

/** What npm install does, without the network: packages of this checkout in the place of those that it would fetch. */
export function installPackages(project: string): void {
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "@orrery"), { recursive: true });
  for (const name of ["core", "cli", "registry", "sim"])
    symlinkSync(join(CHECKOUT, "packages", name), join(modules, "@orrery", name));
  for (const name of ["@bufbuild", "zod"]) symlinkSync(join(CHECKOUT, "node_modules", name), join(modules, name));
}

/** A component `who` that says which version of it answers, and in which process or thread; `body` stands before its answer. */
export function whoComponent(version: string, body = ""): string {
  return `import { readlinkSync } from "node:fs";
import { defineComponent, defineService, json } from "@orrery/core";

const pid = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
export const Who = defineService("who", { ask: { request: json<{ n: number }>(), reply: json<{ by: string; pid: number }>() } });

export default defineComponent(Who, () => ({
  ask: async ({ n }) => {
    ${body}
    return { by: "${version}", pid };
  },
}));
`;
}

/** A component `asker` that asks `who`, and says how that ended. */
export const ASKER = `import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { Who } from "../who.ts";

const Asker = defineService("asker", { ask: { request: json<{ n: number }>(), reply: json<{ kind: string; by: string }>() } });

export default defineComponent(Asker, () => ({
  ask: async ({ n }, context) => {
    const outcome = await outcomeOf(context.client(Who).ask({ n }, { timeoutMs: 2_000 }));
    return { kind: outcome.kind, by: outcome.kind === "reply" ? outcome.value.by : "" };
  },
}));
`;
