import { strict as assert } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createSystemRandom, discardLog } from "@orrery/core";
import { guestReply, guestRequest } from "@orrery/guest/abi";
import type { Cage } from "../cage/cage.ts";
import { createModelCage } from "../cage/model-cage.ts";
import { createGateClock } from "../testing/gate-clock.ts";
import { CALL, handScript } from "../testing/hand-script.ts";
import { DROP_MS, PANIC_MS } from "./limits.ts";
import { createMechtronHost, type MechtronHost } from "./mechtron-host.ts";
import type { MechtronRelease } from "./mechtron-release.ts";
import { createMechtronStates } from "./system-mechtron-states.ts";

const ADDRESS = "demo.test:app:main";
const clock = createGateClock();
const folder = mkdtempSync(join(tmpdir(), "orrery-host-"));
const states = createMechtronStates(folder, clock);
let cage: Cage;
before(async () => {
  cage = await createModelCage({ clock, random: createSystemRandom() });
});
after(async () => {
  await cage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A host whose mechtrons wait in a call until `gate` is resolved. */
function open() {
  const gate = Promise.withResolvers<void>();
  const calls: string[] = [];
  const host: MechtronHost = createMechtronHost({
    ...{ cage, clock, log: discardLog, states },
    calls: async ({ service, method }, { chain, release }) => {
      calls.push(method);
      if (service.startsWith("demo.test:"))
        return host.ask(service, guestRequest({ service: "s", method }), { agent: release.address, chain });
      await gate.promise;
      return guestReply({});
    },
  });
  return { host, gate, calls };
}

/** A release whose code answers with its name, after it has done what `body` says. */
function release(id: string, { body = "", address = ADDRESS } = {}): MechtronRelease {
  const code = handScript(`${CALL} ${body}; return "${id}"`);
  const rest = {
    kind: "script",
    digest: `${id} ${body}`,
    settings: undefined,
    limits: {},
    owner: "ann",
    persist: undefined,
  } as const;
  return {
    id,
    address,
    source: `demo.test:src:${id}:/main.js`,
    code: async () => code,
    artifact: async () => undefined,
    ...rest,
  };
}

async function run(host: MechtronHost, one: MechtronRelease): Promise<void> {
  const changed = new Promise<void>((resolve) => host.onChange(() => resolve()));
  host.run(one);
  await changed;
}

const ask = async (host: MechtronHost, method = "m", address = ADDRESS) =>
  Buffer.from((await host.ask(address, guestRequest({ service: "s", method }), { agent: "ann" })).body).toString();

const WAIT = `if (method === "wait") await call("peer", "wait")`;

test("MechtronHost.run has the next release take new messages, and the last answer what it accepted", async () => {
  const { host, gate, calls } = open();
  await run(host, release("1.0.0", { body: WAIT }));
  const open1 = [ask(host, "wait"), ask(host)];
  while (calls.length === 0) await setImmediate();
  await run(host, release("1.1.0"));
  assert.equal(host.stand(ADDRESS).release?.id, "1.1.0");
  assert.equal(await ask(host), "1.1.0");
  gate.resolve();
  assert.deepEqual(await Promise.all(open1), ["1.0.0", "1.0.0"]);
  await host.close();
});

test("MechtronHost.run keeps what runs where the next cannot start, and does not try that again", async () => {
  const { host } = open();
  await run(host, release("1.0.0"));
  const bad = {
    ...release("1.1.0"),
    digest: "bad",
    code: async () => new TextEncoder().encode("throw new Error('it is broken')"),
  };
  await run(host, bad);
  const stand = host.stand(ADDRESS);
  assert.deepEqual([stand.release?.id, stand.isReady, stand.failed?.release], ["1.0.0", true, "1.1.0"]);
  assert.match(stand.failed?.why ?? "", /it is broken/);
  host.run(bad);
  assert.equal(await ask(host), "1.0.0");
  assert.equal(host.stand(ADDRESS).failed?.release, "1.1.0");
  await host.close();
});

test("MechtronHost.run reads code again that could not be read", async () => {
  const { host } = open();
  let reads = 0;
  const good = release("1.0.0");
  const first = new Promise<void>((resolve) => host.onChange(() => resolve()));
  const one: MechtronRelease = {
    ...good,
    code: async () => {
      reads += 1;
      if (reads === 1) throw new Error("the disk is away");
      return await good.code();
    },
  };
  host.run(one);
  while (reads === 0) await setImmediate();
  await setImmediate();
  assert.deepEqual([host.stand(ADDRESS).release, host.stand(ADDRESS).failed], [undefined, undefined]);
  clock.pass(1_000);
  await first;
  await run(host, one);
  assert.equal(await ask(host), "1.0.0");
  await host.close();
});

test("MechtronHost.drop cuts what takes longer than it may", async () => {
  const { host, calls } = open();
  await run(host, release("1.0.0", { body: WAIT }));
  const waiting = assert.rejects(ask(host, "wait"), { reason: "draining" });
  while (calls.length === 0) await setImmediate();
  const dropped = host.drop(ADDRESS);
  await assert.rejects(ask(host), { code: "unavailable", message: /it does not run here/ });
  clock.pass(DROP_MS);
  await Promise.all([dropped, waiting]);
  assert.deepEqual(host.addresses(), []);
});

test("MechtronHost.ask refuses a call that comes back to a mechtron that waits", async () => {
  const { host } = open();
  const body = `const { failure } = await call("${ADDRESS}", "m"); return failure.reason + ": " + failure.message`;
  await run(host, release("1.0.0", { body }));
  const why = `call_cycle: Cannot call "${ADDRESS}": it waits for this very call, ${ADDRESS} → ${ADDRESS}`;
  assert.equal(await ask(host), why);
  await host.close();
});

test("MechtronHost.stand tells for some time that a mechtron went wrong, which is asked all the same", async () => {
  const { host } = open();
  await run(
    host,
    release("1.0.0", { body: `if (method === "trap") { for (;;) await 0, await new Promise(() => {}); }` }),
  );
  await assert.rejects(ask(host, "trap"), { details: { fault: "stuck" } });
  assert.deepEqual([host.stand(ADDRESS).isReady, host.stand(ADDRESS).failed?.release], [false, "1.0.0"]);
  assert.equal(await ask(host), "1.0.0");
  clock.pass(PANIC_MS);
  assert.deepEqual([host.stand(ADDRESS).isReady, host.stand(ADDRESS).failed], [true, undefined]);
  await host.close();
});
