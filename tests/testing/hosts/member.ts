// A process on a host: a node that joins others by gossip. It is told things by lines of JSON, and answers each by one.
import { createInterface } from "node:readline";
import { defineComponent, defineService, isOrreryError, json, type SendOptions } from "@orrery/core";
import { createGossipDirectory, createMeshNode } from "@orrery/mesh";

/** What it can be asked. */
export type Asked =
  | { readonly ask: "members" }
  | { readonly ask: "calls"; readonly count: number; readonly everyMs: number; readonly options?: SendOptions };

/** Who answered how many calls, and how the others ended. */
export interface Tally {
  readonly by: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  /** Calls that ended more than once, or not at all: none. */
  readonly open: number;
  readonly longestMs: number;
}

const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ by: string }>() } });

const Idle = defineService("idle", { rest: { request: json<{ text: string }>(), reply: json<{ by: string }>() } });

const [name = "", serves = "", listen = "", seeds = "", advertise = ""] = process.argv.slice(2);
const directory = createGossipDirectory({
  seeds: seeds === "" ? [] : seeds.split(","),
  ...(advertise !== "" && { advertise: () => [advertise] }),
});
const node = await createMeshNode({
  name,
  components: [
    serves === "echo"
      ? defineComponent(Echo, () => ({ say: () => ({ by: name }) }))
      : defineComponent(Idle, () => ({ rest: () => ({ by: name }) })),
  ],
  listen: [listen],
  directory,
});
await node.start();
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ address: node.addresses[0] });

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked;
  say(asked.ask === "members" ? members() : await calls(asked));
}
await node.stop({ timeoutMs: 0 });

function members(): object {
  const byName = new Map(directory.distances().map(({ node: other, ms }) => [other, ms]));
  return directory.members().map(({ node: other, status }) => ({ node: other, status, ms: byName.get(other) }));
}

async function calls({ count, everyMs, options = {} }: Extract<Asked, { ask: "calls" }>): Promise<Tally> {
  const by: Record<string, number> = {};
  const failures: Record<string, number> = {};
  let open = 0;
  let longestMs = 0;
  const call = async (): Promise<void> => {
    const beganMs = performance.now();
    open++;
    try {
      const reply = await node.client(Echo).say({ text: "hello" }, options);
      by[reply.by] = (by[reply.by] ?? 0) + 1;
    } catch (error) {
      const reason = isOrreryError(error) ? `${error.kind} ${error.reason}` : String(error);
      failures[reason] = (failures[reason] ?? 0) + 1;
    }
    open--;
    longestMs = Math.max(longestMs, performance.now() - beganMs);
  };
  const running: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    running.push(call());
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  await Promise.all(running);
  return { by, failures, open, longestMs };
}
