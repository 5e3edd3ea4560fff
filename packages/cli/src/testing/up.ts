import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogEntry } from "@orrery/core";
import type { Kind } from "@orrery/registry";
import { splitScript } from "../resources/split-line.ts";
import { openUp, type UpOptions } from "../up/open-up.ts";
import { type Typed, type TypeOptions, type } from "./memory-terminal.ts";

/** A platform of tests, in this process, and commands that are about it. */
export interface TestUp extends AsyncDisposable {
  readonly address: string;
  /** Names of what its node serves, and paths of its HTTP port that belong to no service. */
  readonly components: readonly string[];
  readonly pages: readonly string[];
  readonly http: string;
  /** Where spaces are served, such as `http://127.0.0.1:40001`. */
  readonly web: string;
  /** All that it wrote so far. */
  readonly log: readonly LogEntry[];
  /** Folder in which commands are typed. */
  readonly cwd: string;
  /** Types a line, as a shell would read it, without `orrery`; where it stands `SERVER` is put in the place of the address in what is printed. */
  orrery(line: string, options?: TypeOptions): Promise<Typed>;
  /** Types a line that must go well; gives what it prints. */
  done(line: string, options?: TypeOptions): Promise<string>;
}

/** What a platform of tests may have besides. */
export interface TestUpOptions {
  readonly upstreams?: readonly string[];
  readonly kinds?: readonly Kind[];
  /** Where events are kept. Default: in the database. */
  readonly events?: string;
  /** Plans, payments and mail. Default: as `openUp` has them. */
  readonly billing?: UpOptions["billing"];
  /** How apps are kept apart. Default: as `openUp` has it. */
  readonly isolation?: UpOptions["isolation"];
  /** An issuer of OpenID Connect. Default: none. */
  readonly oidc?: UpOptions["oidc"];
  /** Folder of an earlier one, which is not taken away. Default: a new one, which goes with the platform. */
  readonly cwd?: string;
}

/** Opens a platform over PGlite on ports of its own. It takes seconds: share one in a file. */
export async function openTestUp({
  upstreams = [],
  kinds = [],
  cwd: kept,
  events,
  billing,
  isolation,
  oidc,
}: TestUpOptions = {}): Promise<TestUp> {
  const cwd = kept ?? mkdtempSync(join(tmpdir(), "orrery-up-"));
  const log: LogEntry[] = [];
  const up = await openUp({
    data: join(cwd, "data"),
    database: "pglite",
    kinds,
    ...(events !== undefined && { events }),
    ...(billing !== undefined && { billing }),
    ...(isolation !== undefined && { isolation }),
    oidc,
    port: 0,
    httpPort: 0,
    web: { host: "127.0.0.1", port: 0 },
    upstreams,
    log: (entry) => void log.push(entry),
    onProgress: () => {},
  });
  const { address, http, web } = up;
  const hide = (text: string) => text.replaceAll(address, "SERVER");
  const orrery: TestUp["orrery"] = async (line, { env, ...options } = {}) => {
    const words = splitScript(line)[0]?.words ?? [];
    const own = { ORRERY_SERVER: address, HOME: cwd, ...env };
    const { exit, out, err } = await type(words, { cwd, env: own, ...options });
    return { exit, out: hide(out), err: hide(err) };
  };
  return {
    address,
    components: up.directory.components(),
    pages: up.pages,
    http,
    web,
    log,
    cwd,
    orrery,
    done: async (line, options) => {
      const { exit, out, err } = await orrery(line, options);
      assert.equal(exit, 0, `${line}: ${err}`);
      return out;
    },
    [Symbol.asyncDispose]: async () => {
      await up.close();
      if (kept === undefined) rmSync(cwd, { recursive: true, force: true });
    },
  };
}
