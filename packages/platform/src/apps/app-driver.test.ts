import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createLog, createSystemClock, discardLog, isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import {
  createRegistry,
  createSecretBox,
  createSecretKey,
  type KindDriver,
  type Registry,
  type ResourceView,
} from "@orrery/registry";
import { openTestPGlite } from "@orrery/registry/conformance";
import { createMemoryRuntime, type MemoryRuntime } from "../testing/memory-runtime.ts";
import { createTurnClock } from "../testing/turn-clock.ts";
import { createAppDriver } from "./app-driver.ts";
import { APP_KIND } from "./app-kind.ts";
import type { AppReleases } from "./app-release.ts";
import type { AppRuntime } from "./app-runtime.ts";

/** How many runs: `ORRERY_SEEDS=1000` says more. `ORRERY_SEED` is the first. */
const SEEDS = Number(process.env["ORRERY_SEEDS"] ?? 60);
const FIRST = Number(process.env["ORRERY_SEED"] ?? 1);
const TURNS_MAX = 5_000;
const BY = { agent: "operator" };

let registry: Registry;
before(async () => {
  registry = await createRegistry({
    database: await openTestPGlite(),
    clock: createSystemClock(),
    random: createSeededRandom(1),
    secrets: createSecretBox([createSecretKey()]),
    kinds: [APP_KIND],
  });
  await registry.create({ address: "demo.test", kind: "Space" }, BY);
});
after(() => registry[Symbol.asyncDispose]());

/** Releases are what `config` says: `bad-…` does not come up, `none` cannot be found. */
const releases: AppReleases = {
  find: async ({ address, properties }: ResourceView) => {
    const source = String(properties["config"]);
    if (source === "none") return { kind: "refused", why: "there is none", looked: [] };
    const file = { components: [], mechtrons: [], resources: [], requires: [], env: {}, secrets: {}, routes: [] };
    return {
      kind: "release",
      release: { id: source, app: address, source, folder: "/", file, secrets: {} },
      looked: [],
    };
  },
  forget: () => undefined,
};

class Crash extends Error {}

/** Parts that a driver uses, each step of which may be its last: before it is done, or after. */
function dying<T extends object>(of: T, names: readonly string[], dies: () => boolean): T {
  const parts = of as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const methods = names.map((name) => [
    name,
    (...args: unknown[]) => {
      if (dies()) throw new Crash();
      const result = parts[name]?.(...args);
      if (!(result instanceof Promise)) return result;
      return result.then((value: unknown) => {
        if (dies()) throw new Crash();
        return value;
      });
    },
  ]);
  return { ...of, ...Object.fromEntries(methods) };
}

async function runSeed(seed: number): Promise<string> {
  const random = createSeededRandom(seed);
  const clock = createTurnClock();
  const model = createMemoryRuntime({
    clock,
    delayMs: () => random.integer(100),
    isGood: ({ id }) => !id.startsWith("bad"),
  });
  const listeners = new Set<(app: string) => void>();
  model.onChange((app) => {
    for (const listener of listeners) listener(app);
  });
  let chance = 0;
  let lives = 0;
  const open = async (): Promise<{ driver: KindDriver; isDead: () => boolean }> => {
    lives++;
    let isDead = false;
    const dies = () => {
      isDead ||= random.integer(100) < chance;
      return isDead;
    };
    const runtime: AppRuntime = {
      ...dying(model, ["run", "rest", "drop"], dies),
      onChange: (listener) => void listeners.add((app) => void (isDead || listener(app))),
    };
    const driver = createAppDriver({
      registry: dying(registry, ["get", "change", "list"], dies),
      releases: dying(releases, ["find"], dies),
      ...{ runtime, clock, agent: "operator" },
      log: createLog({ sink: discardLog, now: () => 0, fields: {} }),
    });
    await driver.start().catch(() => {
      isDead = true;
    });
    return { driver, isDead: () => isDead };
  };
  const apps = [`demo.test:s${seed}-a`, `demo.test:s${seed}-b`];
  const last = new Map<string, string | undefined>();
  let suspended: string | undefined;
  const suspend = async (reason: string | undefined) => {
    suspended = reason;
    await registry.change({ address: "demo.test", properties: { suspended: reason } }, BY);
  };
  const act = async () => {
    if (random.integer(5) === 0) return suspend(suspended === undefined ? "not paid" : undefined);
    const app = apps[random.integer(apps.length)] ?? "";
    const config = ["v1", "v2", "v3", "bad-1", "none"][random.integer(5)] ?? "v1";
    const isThere = last.get(app) !== undefined;
    if (isThere && random.integer(4) === 0) {
      await registry.remove({ address: app }, BY);
      last.set(app, undefined);
      return;
    }
    try {
      if (isThere) await registry.change({ address: app, properties: { config } }, BY);
      else await registry.create({ address: app, kind: "App", properties: { config } }, BY);
      last.set(app, config);
    } catch (error) {
      if (!isOrreryError(error) || !["already_exists", "not_found"].includes(error.code)) throw error;
    }
  };

  let life = await open();
  const pass = async (turns: number) => {
    for (let turn = 0; turn < turns; turn++) {
      let isIdle = false; // What waits for the clock is not waited for.
      void life.driver.settled().then(() => {
        isIdle = true;
      });
      for (let look = 0; look < 50 && !isIdle && !life.isDead(); look++) await setImmediate();
      clock.turn();
      if (life.isDead()) {
        void life.driver.stop();
        listeners.clear();
        life = await open();
      }
    }
  };
  chance = 8;
  for (let step = 0; step < 12; step++) {
    await act();
    await pass(random.integer(6));
  }
  chance = 0;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    await pass(1);
    if (await isAsWanted(last, model, suspended !== undefined)) {
      void life.driver.stop();
      if (suspended !== undefined) await suspend(undefined);
      return `${lives} lives`;
    }
  }
  const stands = apps.map((app) => `${app} wants ${last.get(app)}, has ${JSON.stringify(model.stand(app))}`);
  throw new Error(`after ${TURNS_MAX} turns, from seed ${seed}: ${stands.join("; ")}`);
}

/** Whether all is as was said last: what is good runs, what is bad does not, and what was removed is gone everywhere. */
async function isAsWanted(
  last: ReadonlyMap<string, string | undefined>,
  model: MemoryRuntime,
  isSuspended: boolean,
): Promise<boolean> {
  for (const [app, config] of last) {
    const resource = await registry.get(app, BY).catch(() => undefined);
    const stand = model.stand(app);
    if (config === undefined) {
      if (resource !== undefined || model.apps().includes(app)) return false;
      continue;
    }
    if (resource === undefined || stand.next !== undefined) return false;
    const { state, reason = "" } = resource.status;
    if (isSuspended) {
      if (state !== "Paused" || reason !== "demo.test is suspended: not paid" || stand.isReady) return false;
      continue;
    }
    const runs = stand.isReady ? stand.release?.id : undefined;
    if (config.startsWith("v") && (runs !== config || state !== "Ready" || reason !== "")) return false;
    if (!config.startsWith("v") && (state !== (runs === undefined ? "Panic" : "Ready") || reason === "")) return false;
    if (runs?.startsWith("bad") === true) return false;
  }
  return true;
}

for (let seed = FIRST; seed < FIRST + SEEDS; seed++)
  it(`createAppDriver ends in what is wanted although it dies between any two steps, from seed ${seed}`, async () => {
    assert.match(await runSeed(seed), /lives/);
  });
