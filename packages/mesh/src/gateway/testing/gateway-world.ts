import assert from "node:assert/strict";
import { type Component, defineComponent, defineService, json, type Outcome, outcomeOf } from "@orrery/core";
import {
  createWorld,
  linksByNearness,
  type ModelNode,
  type ModelNodeOptions,
  type World,
  type WorldOptions,
} from "@orrery/sim";
import {
  createGossipDirectory,
  type GossipDirectory,
  type GossipDirectoryOptions,
} from "../../discovery/gossip-directory.ts";
import type { Limits } from "../../limits/node-limits.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../gateway.ts";
import type { GatewayNetwork } from "../side.ts";

/** Serves every mode. */
export const Shop = defineService("shop", {
  buy: { request: json<{ item: string; restMs?: number }>(), reply: json<{ node: string; item: string }>() },
  note: { request: json<{ item: string }>(), mode: "async" },
  list: { request: json<{ count: number; restMs?: number }>(), reply: json<{ at: number }>(), mode: "stream" },
  tell: { request: json<{ item: string }>(), mode: "broadcast" },
});

/** What the shops of a world were asked. */
export interface ShopLog {
  readonly lines: string[];
}

/** A shop that says in which node it is, and notes all that it is asked. */
export function shop(node: string, log: ShopLog, instances = 4): Component {
  return defineComponent(
    Shop,
    () => ({
      async buy({ item, restMs = 0 }, { clock }) {
        log.lines.push(`${node} buy ${item}`);
        if (restMs > 0) await clock.sleep(restMs);
        if (item === "nothing") throw new TypeError("sold out");
        return { node, item };
      },
      note({ item }) {
        log.lines.push(`${node} note ${item}`);
      },
      async *list({ count, restMs = 0 }, { clock, signal }) {
        try {
          for (let at = 0; at < count && !signal.aborted; at++) {
            if (restMs > 0) await clock.sleep(restMs);
            log.lines.push(`${node} item ${at}`);
            yield { at };
          }
        } finally {
          log.lines.push(`${node} closed`);
        }
      },
      tell({ item }) {
        log.lines.push(`${node} tell ${item}`);
      },
    }),
    { instances },
  );
}

/** Links of data centres: a zone for each network, and one host for each node. */
export const dataCentres = linksByNearness({ machine: 0.03, zone: 0.5, between: 20 });

/** Networks of a world, each in a zone of its own, and gateways between them. */
export interface GatewayWorld {
  readonly world: World;
  readonly log: ShopLog;
  /** Adds a node to a network; its directory looks for the network's first node. */
  node(
    network: string,
    name: string,
    options?: ModelNodeOptions & { readonly gossip?: GossipDirectoryOptions },
  ): ModelNode;
  /** Adds a gateway: a node `name.network` in each of its networks. */
  gateway(name: string, options: GatewayOptions): Gateway;
  directory(name: string): GossipDirectory;
  /** Ends all feet of a gateway at once, as the process that they share would. */
  kill(gateway: string): void;
  /** Runs until a node knows a component. */
  known(node: string, component: string): Promise<void>;
}

/** Lets networks of a world find one another by gateways. */
export function joinGateways(world: World): GatewayWorld {
  const directories = new Map<string, GossipDirectory>();
  const firsts = new Map<string, string>();
  const seedsOf = (network: string, name: string) => {
    if (!firsts.has(network)) firsts.set(network, name);
    return [`sim://${firsts.get(network)}`];
  };
  const kept = (name: string, directory: GossipDirectory) => {
    directories.set(name, directory);
    return directory;
  };
  return {
    world,
    log: { lines: [] },
    node(network, name, { gossip = {}, ...options } = {}) {
      const seeds = seedsOf(network, name);
      const directory = () => kept(name, createGossipDirectory({ network, seeds, ...gossip }));
      return world.node(name, { zone: network, directory, ...options });
    },
    gateway(name, options) {
      const gateway = createGateway(options);
      for (const { network, limits } of options.networks) {
        const foot = `${name}.${network}`;
        const seeds = seedsOf(network, foot);
        world.node(foot, {
          machine: name,
          zone: options.networks[0]?.network ?? "",
          components: [],
          directory: () => kept(foot, gateway.directory(network, { seeds })),
          relay: () => gateway.relay(network),
          ...(limits && { limits: () => limits as Limits }),
        });
      }
      return gateway;
    },
    directory: (name) => directories.get(name) as GossipDirectory,
    kill(gateway) {
      for (const name of world.nodes.keys()) if (name.startsWith(`${gateway}.`)) world.inject(`crash ${name}`);
    },
    known: (node, component) => world.until(() => directories.get(node)?.components().includes(component) === true),
  };
}

/** Two networks with a shop each where it is wanted, and gateways between them. */
export async function joinTwo({
  eu = {},
  us = {},
  gateways = ["gw"],
  shops = ["us"],
  caller: callerOptions = {},
  world: options = {},
}: {
  readonly eu?: Partial<GatewayNetwork>;
  readonly us?: Partial<GatewayNetwork>;
  readonly gateways?: readonly string[];
  readonly shops?: readonly string[];
  readonly caller?: ModelNodeOptions;
  readonly world?: WorldOptions;
} = {}) {
  const world = createWorld({ trace: "off", link: dataCentres, ...options });
  const joined = joinGateways(world);
  const { log } = joined;
  const caller = joined.node("eu", "caller", { components: [], ...callerOptions });
  joined.node("us", "us-1", { components: shops.includes("us") ? [shop("us-1", log)] : [] });
  if (shops.includes("eu")) joined.node("eu", "eu-1", { components: [shop("eu-1", log)] });
  const networks = [
    { network: "eu", exports: ["shop"], imports: ["shop"], ...eu },
    { network: "us", exports: ["shop"], imports: ["shop"], ...us },
  ];
  const made = gateways.map((name) => joined.gateway(name, { networks }));
  await world.start();
  await world.run({ forMs: 5_000 });
  const client = caller.life.client(Shop);
  const settle = async <T>(promise: PromiseLike<T>) => world.settle(promise);
  const ask = async (item: string, more: Parameters<typeof client.buy>[1] = {}) =>
    settle(outcomeOf(client.buy({ item }, { network: "us", timeoutMs: 2_000, ...more })));
  return { ...joined, caller, client, ask, settle, gateway: made[0] ?? assert.fail("none") };
}

/** How a call went, in a few words: who answered, or kind, reason and definiteness. */
export function said(outcome: Outcome<{ readonly node: string }>): string {
  return outcome.kind === "reply" ? outcome.value.node : `${outcome.kind} ${outcome.error.reason} ${outcome.definite}`;
}
