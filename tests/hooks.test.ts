import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ROOT } from "./testing/protoc.ts";
import { makeScratch } from "./testing/scratch.ts";

const PAGE = "docs/reference/hooks.md";
const PROGRAM = fileURLToPath(new URL("./testing/hooks/launch-hooked.ts", import.meta.url));
const WAIT_MS_MAX = 20_000;

/** The page's table: what happens, the hooks of the instance that it happens to, and those of the next. */
const table = [
  ...readFileSync(join(ROOT, PAGE), "utf8").matchAll(/^\| (?!what )(\w+) \|[^|]*\|([^|]*)\|([^|]*)\|$/gm),
].map(([, what = "", own = "", next = ""]) => ({ what, own: hooksIn(own), next: hooksIn(next) }));

function hooksIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`on(\w+)`/g)].map(([, hook = ""]) => hook.toLowerCase());
}

/** A launch of the component whose hooks are written down, and what they wrote. */
class Hooked {
  readonly #file: string;
  readonly #mode: string;
  readonly #t: TestContext;
  #launcher: ChildProcess | undefined;

  constructor(mode: string, t: TestContext) {
    this.#file = join(makeScratch(t), "hooks");
    this.#mode = mode;
    this.#t = t;
  }

  async launch(): Promise<void> {
    const env = { ...process.env, HOOKS_FILE: this.#file };
    const launcher = fork(PROGRAM, [this.#mode], { execArgv: ["--conditions=source"], env });
    this.#launcher = launcher;
    this.#t.after(() => launcher.kill("SIGKILL"));
    await once(launcher, "message");
  }

  lines(): readonly string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, "utf8").trim().split("\n") : [];
  }

  hooks(): readonly string[] {
    return this.lines().map((line) => line.split(" ")[0] ?? "");
  }

  tell(order: string): void {
    this.#launcher?.send(order);
  }

  async ended(): Promise<void> {
    if (this.#launcher?.exitCode === null && this.#launcher.signalCode === null) await once(this.#launcher, "exit");
  }

  async has(count: number): Promise<void> {
    const endMs = performance.now() + WAIT_MS_MAX;
    while (this.lines().length < count && performance.now() < endMs) await new Promise((done) => setTimeout(done, 10));
    assert.ok(this.lines().length >= count, `${count} lines are missing in: ${this.hooks()}`);
  }
}

/** Does to a component that runs what a row names, and waits until that is over. */
const DEEDS: Readonly<Record<string, (hooked: Hooked, mode: string) => Promise<void>>> = {
  start: async () => undefined,
  drain: async (hooked) => {
    hooked.tell("drain");
    await hooked.ended();
  },
  cut: async (hooked) => {
    hooked.tell("hang");
    await hooked.has(3); // It works on a message that never ends.
    hooked.tell("cut");
    await hooked.ended();
  },
  crash: async (hooked) => {
    hooked.tell("crash");
    await hooked.has(5);
  },
  kill: async (hooked, mode) => {
    process.kill(Number(hooked.lines().at(-1)?.split(" ")[1]), "SIGKILL");
    if (mode === "launchHere") {
      await hooked.ended();
      await hooked.launch(); // Nobody else would.
    }
    await hooked.has(4);
  },
};

const START = ["start", "ready"];

test("the page of hooks has a row for start, drain, cut, crash and kill", () => {
  assert.deepEqual(
    table.map(({ what }) => what),
    Object.keys(DEEDS),
  );
});

for (const mode of ["launchHere", "launchProcesses"]) {
  for (const { what, own, next } of table) {
    test(`${mode} runs the hooks that the page has for ${what}, in its order`, async (t) => {
      const hooked = new Hooked(mode, t);
      await hooked.launch();
      await DEEDS[what]?.(hooked, mode);
      const expected = what === "start" ? own : [...START, ...own, ...next];
      assert.deepEqual(
        hooked.hooks().filter((line) => line !== "message"),
        expected,
      );
    });
  }
}
