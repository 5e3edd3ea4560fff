import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { type Bench, openBench } from "../market/bench/open-bench.ts";
import { splitScript } from "../resources/split-line.ts";
import { type Typed, type TypeOptions, type } from "./memory-terminal.ts";

/** A bench of tests, in this process, and commands that are about it. */
export interface TestMarket extends AsyncDisposable {
  readonly bench: Bench;
  /** Folder in which commands are typed. */
  readonly cwd: string;
  /** Types a line, as a shell would read it, without `orrery`. */
  orrery(line: string, options?: TypeOptions): Promise<Typed>;
  /** Types a line that must go well; gives what it prints. */
  done(line: string, options?: TypeOptions): Promise<string>;
  /** The same, as JSON. */
  json<T>(line: string): Promise<T>;
  /** Writes a file, and its folders. */
  write(path: string, text: string): void;
  /** Asks a gateway for a host. */
  ask(host: string, options?: AskOptions): Promise<{ readonly status: number; readonly body: string }>;
}

/** What is asked of a gateway. */
export interface AskOptions {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  /** Which provider's, from 0. Default: the first. */
  readonly provider?: number;
}

/** Opens a bench; share one in a file. */
export async function openTestMarket(providers: number, wish: { readonly isLive?: boolean } = {}): Promise<TestMarket> {
  const cwd = mkdtempSync(join(tmpdir(), "orrery-market-"));
  const [real, random] = [createSystemClock(), createSystemRandom()];
  const options = { providers, isRegistered: false, ...wish, real, random, onStep: () => undefined };
  const said: string[] = [];
  const bench = await openBench({ ...options, folder: join(cwd, ".orrery/dev"), log: (line) => void said.push(line) });
  const orrery: TestMarket["orrery"] = (line, { env, ...more } = {}) =>
    type(splitScript(line)[0]?.words ?? [], { cwd, env: { HOME: cwd, ...env }, ...more });
  const done: TestMarket["done"] = async (line, more) => {
    const { exit, out, err } = await orrery(line, more);
    assert.equal(exit, 0, `${line}: ${err}${said.join("\n")}`);
    return out;
  };
  return {
    ...{ bench, cwd, orrery, done },
    json: async (line) => JSON.parse(await done(`${line} --output=json`)),
    write: (path, text) => {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    },
    ask: (host, { provider = 0, ...wish } = {}) =>
      askGateway(bench.status().providers[provider]?.gateway ?? "", { host, ...wish }),
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]();
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** Asks a gateway for a host. */
export function askGateway(
  url: string,
  { host, path = "/", method = "GET", body = "" }: Omit<AskOptions, "provider"> & { readonly host: string },
) {
  return new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    const asking = request(new URL(path, url), { method, headers: { host }, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (piece) => {
        text += String(piece);
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: text }));
    });
    asking.on("error", reject).end(body);
  });
}
