// A process on a host: a node of a named network, or a gateway between two. It is told things by lines of JSON, and answers each by one.
import { createInterface } from "node:readline";
import { defineComponent, defineService, json, outcomeOf, type SendOptions } from "@orrery/core";
import { createLimits, createMeshGateway, createMeshNode, type ThrottleRule } from "@orrery/mesh";

/** How it begins. */
export type Role =
  | {
      readonly role: "node";
      readonly name: string;
      readonly network: string;
      readonly ip: string;
      readonly seed: string;
    }
  | { readonly role: "gateway"; readonly name: string; readonly ip: string; readonly eu: string; readonly us: string };

/** What it can be asked. */
export type Asked =
  | { readonly ask: "calls"; readonly count: number; readonly everyMs: number; readonly options: SendOptions }
  | { readonly ask: "throttle"; readonly rules: readonly ThrottleRule[] };

/** How many calls ended how: who answered, or kind and reason; and the shortest that was answered. */
export interface Ends {
  readonly ends: Readonly<Record<string, number>>;
  readonly shortestMs: number;
}

const Stock = defineService("stock", { count: { request: json<object>(), reply: json<{ by: string }>() } });
const role = JSON.parse(process.argv[2] ?? "{}") as Role;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const limits = createLimits();
const node = role.role === "node" ? await startNode(role) : await startGateway(role);
say({ started: role.name });
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked;
  if (asked.ask === "throttle") {
    limits.change({ throttles: asked.rules });
    say({});
  } else say(await calls(asked));
}

async function startNode({ name, network, ip, seed }: Extract<Role, { role: "node" }>) {
  const serves = defineComponent(Stock, () => ({ count: () => ({ by: name }) }), { instances: 16 });
  const components = name.endsWith("caller") ? [] : [serves];
  const made = await createMeshNode({ name, network, components, listen: [`tcp://${ip}:7000`], seeds: [seed] });
  await made.start();
  return made;
}

async function startGateway({ name, ip, eu, us }: Extract<Role, { role: "gateway" }>) {
  const networks = [
    { network: "eu", seeds: [eu], listen: [`tcp://${ip}:7001`], imports: ["stock"] },
    { network: "us", seeds: [us], listen: [`tcp://${ip}:7002`], exports: ["stock"], limits },
  ];
  await (await createMeshGateway({ name, networks })).start();
  return undefined;
}

async function calls({ count, everyMs, options }: Extract<Asked, { ask: "calls" }>): Promise<Ends> {
  const ends: Record<string, number> = {};
  let shortestMs = Number.POSITIVE_INFINITY;
  const call = async () => {
    const beganMs = performance.now();
    if (node === undefined) return;
    const outcome = await outcomeOf(node.client(Stock).count({}, options));
    if (outcome.kind === "reply") shortestMs = Math.min(shortestMs, performance.now() - beganMs);
    const how = outcome.kind === "reply" ? outcome.value.by : `${outcome.kind} ${outcome.error.reason}`;
    ends[how] = (ends[how] ?? 0) + 1;
  };
  const running: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    running.push(call());
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  await Promise.all(running);
  return { ends, shortestMs };
}
