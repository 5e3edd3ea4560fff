import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type Clock,
  createSystemClock,
  createSystemRandom,
  createTableDirectory,
  defineService,
  discardLog,
  json,
  outcomeOf,
} from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import type { SuperviseState } from "@orrery/mesh/supervise";
import { type CurveKeyPair, createCurveKeyPair, readCurveKeys } from "@orrery/zmq";
import { openIsolation } from "../isolation/system-isolation.ts";
import type { AppRelease } from "./app-release.ts";
import type { AppRuntime } from "./app-runtime.ts";
import { APP_KEY_TURN_MS } from "./limits.ts";
import { createAppLogs } from "./logs/system-app-logs.ts";
import { homeOf } from "./system-app-home.ts";
import { createProcessRuntime } from "./system-process-runtime.ts";

const shape = { request: json<object>(), reply: json<{ id: string }>() };
const Teller = defineService("teller", { tell: shape });
const APP = "demo.test:app";
const CORE = fileURLToPath(new URL("../../../core", import.meta.url));
const CODE = `
import { randomUUID } from "node:crypto";
import { defineComponent, defineService, json } from "@orrery/core";
const shape = { request: json<object>(), reply: json<{ id: string }>() };
const [Teller, Passer] = ["teller", "passer"].map((name) => defineService(name, { tell: shape }));
const id = randomUUID();
export const teller = defineComponent(Teller, () => ({ tell: () => ({ id }) }));
export const passer = defineComponent(Passer, () => ({ tell: (_, context) => context.client(Teller).tell({}) }));
`;

describe("processes of an app", () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-app-keys-"));
  const code = join(folder, "code");
  const home = join(folder, "run", homeOf(APP));
  const keys = join(home, "keys");
  let runtime: AppRuntime;
  let turnNow: (() => void) | undefined;
  const system = createSystemClock();
  let aheadMs = 0;
  const clock: Clock = {
    now: () => system.now() + aheadMs,
    monotonic: () => system.monotonic(),
    sleep: (delayMs, signal) => system.sleep(delayMs, signal),
    timer: (delayMs, fire) => {
      if (delayMs < APP_KEY_TURN_MS / 2) return system.timer(delayMs, fire);
      turnNow = fire;
      return { cancel: () => undefined };
    },
  };
  const tell = async (component: string): Promise<string> => {
    const call = runtime.stand(APP).caller?.call({ component, method: "tell" }, new TextEncoder().encode("{}"), {
      timeoutMs: 20_000,
    });
    return (JSON.parse(new TextDecoder().decode(await call)) as { id: string }).id;
  };
  /** Where a component takes calls, with its public key. */
  const addressOf = (child: string): string => {
    const state = JSON.parse(readFileSync(join(home, "state.json"), "utf8")) as SuperviseState;
    return state.processes.find((one) => one.child === child)?.address ?? "";
  };
  const ask = async (keyPair: CurveKeyPair | undefined, address: string) => {
    const directory = createTableDirectory({ teller: [address] });
    const client = await createMeshClient({ name: "asker", directory, ...(keyPair && { curve: { keyPair } }) });
    try {
      return await outcomeOf(client.client(Teller).tell({}, { timeoutMs: 20_000 }));
    } finally {
      await client.stop();
    }
  };
  const assertRefused = async (keyPair: CurveKeyPair | undefined, address: string, why: RegExp) => {
    const refused = Promise.withResolvers<string>();
    const directory = createTableDirectory({ teller: [address] });
    const curve = keyPair && { curve: { keyPair } };
    const client = await createMeshClient({ name: "stranger", directory, ...curve, onTrouble: refused.resolve });
    const asked = outcomeOf(client.client(Teller).tell({}, { timeoutMs: 60_000 }));
    const text = await Promise.race([refused.promise, asked.then(({ kind }) => `it was not refused: ${kind}`)]);
    await client.stop();
    assert.match(text, why);
    assert.notEqual((await asked).kind, "reply");
  };
  before(async () => {
    mkdirSync(join(code, "node_modules/@orrery"), { recursive: true });
    symlinkSync(CORE, join(code, "node_modules/@orrery/core"));
    writeFileSync(join(code, "all.ts"), CODE);
    runtime = await createProcessRuntime({
      ...{ folder: join(folder, "run"), components: () => [], clock, random: createSystemRandom() },
      isolation: openIsolation({ wish: "auto", data: folder }),
      logs: createAppLogs({ folder: join(folder, "logs"), clock }),
      log: discardLog,
    });
    const components = ["teller", "passer"].map((name) => ({ name, path: "all.ts", instances: 1 }));
    const file = { components, mechtrons: [], resources: [], requires: [], env: {}, secrets: {}, routes: [] };
    const release: AppRelease = { id: "v1", app: APP, source: "x", folder: code, file, secrets: {} };
    runtime.run(release);
    while (!runtime.stand(APP).isReady) await system.sleep(20);
  });
  after(async () => {
    await runtime?.drop(APP);
    await runtime?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("let in keys of their own, and neither another's nor none", async () => {
    const address = addressOf("teller-0");
    assert.match(address, /\?key=[0-9a-f]{64}$/);
    const own = await ask(await readCurveKeys(join(keys, "t1/secret.key")), address);
    assert.equal(own.kind, "reply", "its own key is let in, so that the others are refused for theirs");
    await assertRefused(createCurveKeyPair(), address, /public key is not allowed there/);
    await assertRefused(undefined, address.split("?")[0] ?? "", /it uses security "CURVE" and this side "NULL"/);
    const [seed = ""] = readFileSync(join(home, "seeds"), "utf8").split("\n");
    await assertRefused(createCurveKeyPair(), seed, /public key is not allowed there/);
  });

  it("keep their keys where nobody else reads them, and out of all else", () => {
    const secrets = ["own.key", "t1/secret.key", "t2/secret.key"].map((name) => {
      assert.equal(statSync(join(keys, name)).mode & 0o777, 0o600, name);
      return readFileSync(join(keys, name), "utf8").trim();
    });
    const said = ["record.json", "state.json", "seeds"].map((name) => join(home, name));
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const shown = pids.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
    for (const file of [...said, ...shown]) {
      const text = readOr(file);
      for (const secret of secrets) assert.ok(!text.includes(secret), file);
    }
  });

  it("get the next key while they take calls, of which none is lost, and refuse the one before", async () => {
    const before = await readCurveKeys(join(keys, "t1/secret.key"));
    const first = await tell("passer");
    let isOver = false;
    const ids = new Set<string>();
    const load = ["teller", "passer"].map(async (component) => {
      for (; !isOver; await system.sleep(2)) ids.add(await tell(component)); // Others need the processors, too.
    });
    aheadMs = APP_KEY_TURN_MS;
    turnNow?.();
    const turned = (async () => {
      while ((JSON.parse(readFileSync(join(keys, "turn.json"), "utf8")) as { turn: number }).turn === 1)
        await system.sleep(20);
    })();
    await Promise.race([turned, Promise.all(load)]);
    isOver = true;
    await Promise.all(load);
    assert.ok(ids.has(first) && ids.size >= 2, [...ids].join());
    const address = addressOf("teller-0");
    assert.notEqual(await tell("passer"), first);
    await assertRefused(before, address, /public key is not allowed there/);
    assert.equal((await ask(await readCurveKeys(join(keys, "t2/secret.key")), address)).kind, "reply");
    assert.deepEqual(readdirSync(keys).sort(), ["own.key", "t2", "t3", "turn.json"]);
  });
});

/** The text of a file; none where it is gone. */
function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
