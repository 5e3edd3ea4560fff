import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createHosts, type Host, whyNoHosts } from "../testing/hosts/lab.ts";
import type { Program } from "../testing/hosts/program.ts";
import type { Asked, Look, Role } from "../testing/hosts/roll-member.ts";
import { makeScratch, writeFiles } from "../testing/scratch.ts";

const MEMBER = new URL("../testing/hosts/roll-member.ts", import.meta.url);
const skip = whyNoHosts() ?? false;
/** A time that no machine needs, in ms. */
const WITHIN_MS = 120_000;

/** A component that says which version answers, and on which host. */
const who = (version: string) => `import { networkInterfaces } from "node:os";
import { defineComponent, defineService, json } from "@orrery/core";

const Who = defineService("who", { ask: { request: json<{}>(), reply: json<{ ip: string; version: string }>() } });
const ip = networkInterfaces().eth0?.find(({ family }) => family === "IPv4")?.address ?? "";

export default defineComponent(Who, () => ({ ask: () => ({ ip, version: "${version}" }) }));
`;

async function begin(host: Host, role: Role): Promise<Program> {
  const program = host.run(MEMBER, JSON.stringify(role));
  await program.next();
  return program;
}

const tell = (program: Program, asked: Asked) => program.ask<{ found: number }>(asked);

const look = (program: Program) => program.ask<Look>({ ask: "look" } satisfies Asked);

/** Looks again and again until it sees what is wanted; adds up how calls ended. @throws AssertionError after a time that no machine needs. */
async function until(program: Program, all: Record<string, number>, isWanted: (seen: Look) => boolean): Promise<Look> {
  const beganMs = performance.now();
  for (;;) {
    const seen = await look(program);
    for (const [how, count] of Object.entries(seen.ends)) all[how] = (all[how] ?? 0) + count;
    if (isWanted(seen)) return seen;
    assert.ok(performance.now() - beganMs < WITHIN_MS, `still ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("hosts get a new version while one is cut off from all others but its callers, comes back, and no call fails", {
  skip,
}, async (t) => {
  const names = ["alpha", "beta", "gamma"].map((name) => `${name}-${process.pid}`); // Hosts keep a file of that name.
  const hosts = createHosts(t, [...names, "operator", "caller"]);
  const [alpha, beta, gamma, desk, shop] = hosts as unknown as [Host, Host, Host, Host, Host];
  const folder = makeScratch(t); // After the hosts, so that nobody writes there any more when it is removed.
  const seed = `tcp://${alpha.ip}:7000`;
  for (const { name, ip } of [alpha, beta, gamma]) {
    const said = `name: ${name}\nlisten: tcp://${ip}:7000\noperators: [operator]\nseeds: [${seed}]\n`;
    writeFiles(folder, { [`${name}/who.ts`]: who("1"), [`${name}/host.yaml`]: said });
  }
  writeFiles(folder, { "next/who.ts": who("2") });
  await Promise.all([alpha, beta, gamma].map((host) => begin(host, { role: "host", folder: join(folder, host.name) })));
  const [operator, caller] = await Promise.all([
    begin(desk, { role: "operator", name: "operator", ip: desk.ip, seed }),
    begin(shop, { role: "caller", name: "caller", ip: shop.ip, seed }),
  ]);
  while ((await tell(operator, { ask: "find", hosts: names })).found < 3);
  await tell(caller, { ask: "call", openCount: 3 });
  const answer = (host: Host, version: string) => `${host.ip} ${version}`;
  const ends: Record<string, number> = {};
  const answers = async (...wanted: readonly string[]) => {
    const since: Record<string, number> = {};
    await until(caller, since, () => wanted.every((how) => since[how] !== undefined));
    for (const [how, count] of Object.entries(since)) ends[how] = (ends[how] ?? 0) + count;
  };
  await answers(answer(alpha, "1"), answer(beta, "1"), answer(gamma, "1"));

  gamma.cut(alpha, beta, desk);
  await tell(operator, { ask: "roll", folder: join(folder, "next"), hosts: names });
  const isRolled = ({ states }: Look) => states[alpha.name] === "done" && states[beta.name] === "done";
  const { result: early, states: reached } = await until(operator, {}, isRolled);
  assert.deepEqual([early, reached[gamma.name]], ["", "unreachable"], "the third is waited for");
  await answers(answer(alpha, "2"), answer(beta, "2"), answer(gamma, "1"));

  gamma.mend();
  const { result, states } = await until(operator, {}, (seen) => seen.result !== "");
  assert.deepEqual([result, states], ["done", Object.fromEntries(names.map((name) => [name, "done"]))]);
  await answers(answer(alpha, "2"), answer(beta, "2"), answer(gamma, "2"));
  await tell(caller, { ask: "call", openCount: 0 });
  await until(caller, ends, ({ open }) => open === 0);
  const versions = [alpha, beta, gamma].flatMap((host) => [answer(host, "1"), answer(host, "2")]);
  assert.deepEqual(Object.keys(ends).sort(), versions.sort(), "and nothing but answers");
});
