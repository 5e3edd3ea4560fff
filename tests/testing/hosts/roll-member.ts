// A process on a host of a roll-out: one that supervises a folder, one that rolls versions over all, or one that calls. It is told things by
// lines of JSON, and answers each by one.
import { createInterface } from "node:readline";
import { createSystemClock, defineService, json, outcomeOf } from "@orrery/core";
import { createGossipDirectory, createMeshNode } from "@orrery/mesh";
import { createHostTarget, openHost, readReleases, rollHosts } from "@orrery/mesh/host";

/** How it begins. */
export type Role =
  | { readonly role: "host"; readonly folder: string }
  | { readonly role: "operator" | "caller"; readonly name: string; readonly ip: string; readonly seed: string };

/** What it can be asked: an operator to roll or to find hosts, a caller to call, both how it goes. */
export type Asked =
  | { readonly ask: "find"; readonly hosts: readonly string[] }
  | { readonly ask: "roll"; readonly folder: string; readonly hosts: readonly string[] }
  | { readonly ask: "call"; readonly openCount: number }
  | { readonly ask: "look" };

/** How it stands. */
export interface Look {
  /** How the roll-out ended; empty as long as it goes on. */
  readonly result: string;
  /** State of each host in it that has been reached, by name. */
  readonly states: Readonly<Record<string, string>>;
  /** How many calls ended how since it was looked at last: by address and version of who answered, or kind and reason. */
  readonly ends: Readonly<Record<string, number>>;
  /** Calls that have not ended. */
  readonly open: number;
}

const Who = defineService("who", {
  ask: { request: json<Record<never, never>>(), reply: json<{ ip: string; version: string }>() },
});
const clock = createSystemClock();
const role = JSON.parse(process.argv[2] ?? "{}") as Role;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

if (role.role === "host") {
  const host = await openHost({ folder: role.folder });
  say({ address: host.address });
} else {
  const { name, ip, seed } = role;
  const directory = createGossipDirectory({ seeds: [seed] });
  const node = await createMeshNode({ name, agent: name, components: [], listen: [`tcp://${ip}:7000`], directory });
  await node.start();
  say({ address: node.addresses[0] });
  const targets = (hosts: readonly string[]) => hosts.map((host) => createHostTarget(node, host, { timeoutMs: 2_000 }));

  let result = "";
  const states: Record<string, string> = {};
  let ends: Record<string, number> = {};
  let wanted = 0;
  let open = 0;

  const find = async (hosts: readonly string[]): Promise<object> => {
    const asked = await Promise.allSettled(targets(hosts).map((target) => target.status()));
    return { found: asked.filter(({ status }) => status === "fulfilled").length };
  };

  const roll = async (folder: string, hosts: readonly string[]): Promise<void> => {
    const releases = await readReleases(folder);
    const rolled = await rollHosts({
      hosts: targets(hosts),
      plan: { id: folder, components: releases.map(({ name: component, release }) => ({ name: component, release })) },
      contents: new Map(releases.flatMap(({ contents }) => [...contents])),
      fresh: new Set(releases.map(({ version }) => version)),
      clock,
      waitMs: 120_000,
      onHost({ host, state }) {
        states[host] = state;
      },
    });
    result = `${rolled.kind} ${rolled.text}`.trim();
  };

  const keepCalling = async (): Promise<void> => {
    open++;
    while (open <= wanted) {
      const outcome = await outcomeOf(node.client(Who).ask({}, { timeoutMs: 20_000 }));
      const how =
        outcome.kind === "reply"
          ? `${outcome.value.ip} ${outcome.value.version}`
          : `${outcome.kind} ${outcome.error.message}`;
      ends[how] = (ends[how] ?? 0) + 1;
      await clock.sleep(5);
    }
    open--;
  };

  const look = (): Look => {
    const seen = ends;
    ends = {};
    return { result, states, ends: seen, open };
  };

  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line) as Asked;
    if (asked.ask === "roll")
      void roll(asked.folder, asked.hosts).catch((error: unknown) => {
        result = `failed: ${error}`;
      });
    if (asked.ask === "call") {
      wanted = asked.openCount;
      while (open < wanted) void keepCalling();
    }
    say(asked.ask === "find" ? await find(asked.hosts) : asked.ask === "look" ? look() : {});
  }
}
