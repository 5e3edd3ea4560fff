import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asked, Ends, Role } from "../testing/hosts/gateway-member.ts";
import { createHosts, type Host, whyNoHosts } from "../testing/hosts/lab.ts";
import type { Program } from "../testing/hosts/program.ts";

const MEMBER = new URL("../testing/hosts/gateway-member.ts", import.meta.url);
const RELAY = new URL("../testing/hosts/relay.ts", import.meta.url);
const skip = whyNoHosts() ?? false;
const WAY_MS = 40;

const begin = async (host: Host, role: Role) => {
  const program = host.run(MEMBER, JSON.stringify(role));
  await program.next();
  return program;
};

const call = (program: Program, options: Extract<Asked, { ask: "calls" }>["options"], count = 1, everyMs = 1) =>
  program.ask<Ends>({ ask: "calls", count, everyMs, options: { timeoutMs: 3_000, ...options } } satisfies Asked);

/** Calls until one is answered so. @throws AssertionError after a time that no machine needs. */
async function untilAnswered(program: Program, by: string): Promise<void> {
  const beganMs = performance.now();
  for (;;) {
    const { ends } = await call(program, { network: "us" });
    if (ends[by] === 1) return;
    assert.ok(performance.now() - beganMs < 40_000, `still ${JSON.stringify(ends)}`);
  }
}

test("gateways on hosts of their own join two networks that cannot reach one another, and hold the way", {
  skip,
}, async (t) => {
  const [eu, caller, us, gw, gx, relay] = createHosts(t, [
    "eu",
    "caller",
    "us",
    "gw",
    "gx",
    "relay",
  ]) as unknown as Host[];
  assert.ok(eu && caller && us && gw && gx && relay);
  us.cut(eu, caller);
  for (const [index, gateway] of [gw, gx].entries()) {
    await relay.run(RELAY, `${8000 + index}`, us.ip, "7000", `${WAY_MS}`).next();
    gateway.redirect({ host: us, port: 7000 }, { host: relay, at: 8000 + index });
  }
  const [euSeed, usSeed] = [`tcp://${eu.ip}:7000`, `tcp://${us.ip}:7000`];
  const joins = (host: Host): Role => ({ role: "gateway", name: host.name, ip: host.ip, eu: euSeed, us: usSeed });
  const [, asking, , first] = await Promise.all([
    begin(eu, { role: "node", name: "eu-1", network: "eu", ip: eu.ip, seed: euSeed }),
    begin(caller, { role: "node", name: "caller", network: "eu", ip: caller.ip, seed: euSeed }),
    begin(us, { role: "node", name: "us-1", network: "us", ip: us.ip, seed: usSeed }),
    begin(gw, joins(gw)),
  ]);
  await untilAnswered(asking, "us-1");
  const across = await call(asking, { network: "us" }, 20);
  assert.deepEqual(across.ends, { "us-1": 20 });
  assert.ok(across.shortestMs >= 2 * WAY_MS, `${across.shortestMs} ms there and back`);
  assert.deepEqual((await call(asking, {}, 5)).ends, { "eu-1": 5 });
  const near = await call(asking, { network: "us", horizon: "network" }, 5);
  assert.deepEqual(near.ends, { "bounced horizon_exceeded": 5 });
  for (const [overflow, how] of [
    ["bounce", "bounced throttled"],
    ["local", "eu-1"],
    ["drop", "timeout timeout"],
  ] as const) {
    const rule = { name: "way", component: "stock", perSecond: 0.01, burst: 1, beyond: "process", overflow } as const;
    await first.ask({ ask: "throttle", rules: [] });
    await first.ask({ ask: "throttle", rules: [rule] } satisfies Asked);
    const { ends } = await call(asking, { network: "us", timeoutMs: 1_500 }, 10, 5);
    assert.deepEqual(ends, { "us-1": 1, [how]: 9 }, overflow);
  }
  await first.ask({ ask: "throttle", rules: [] });
  await untilAnswered(asking, "us-1"); // What was let go without a word has opened the caller's breaker for a second.
  assert.deepEqual((await call(asking, { network: "us" }, 5)).ends, { "us-1": 5 }, "the rule is gone");
  await begin(gx, joins(gx));
  gw.powerOff();
  await untilAnswered(asking, "us-1");
  assert.deepEqual((await call(asking, { network: "us" }, 10)).ends, { "us-1": 10 });
});
