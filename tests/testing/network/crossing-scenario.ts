import type { Relay } from "@orrery/core";
import type { GatewayNetwork } from "@orrery/mesh";
import { createDiskJournal, type Disk, defineScenario, type World } from "@orrery/sim";
import { changesOf, type Step } from "./crossing-changes.ts";
import { brokenPromises, type CrossingRecord, closedWays, lostMessages } from "./crossing-checks.ts";
import { type CrossedBegun, serversOf } from "./crossing-services.ts";
import { type NetworkName, TRUST } from "./crossing-trust.ts";
import { OPERATIONS, work } from "./crossing-work.ts";
import { joinNetworks } from "./joined-networks.ts";

/** Something wrong that is put into the world, which the scenario has to find. */
export interface Plant {
  /** Puts something between a gateway and what it does. */
  readonly relay?: (relay: Relay) => Relay;
  /** Changes what gateways let pass. */
  readonly trust?: (network: GatewayNetwork) => GatewayNetwork;
  /** Spoils the disks of servers. */
  readonly disk?: (disk: Disk) => Disk;
}

const SERVERS = { a: "eu", b: "us", c: "ap" } as const;
/** Comes to its network while messages cross. */
const LATE = "d";
const CALLERS = { x: "eu", y: "us" } as const;
const SEEDS = { eu: ["sim://a", "sim://x"], us: ["sim://b", "sim://y"], ap: ["sim://c"] };
const FIRST_VERSION = "1.0.0";
const NEXT_VERSION = "1.1.0";
/** How long what was accepted may wait for its turn once all is over, in ms. */
const REST_MS = 1_500;
/** A gateway that is there from the beginning, one that comes later, and one to the network that has no other way. */
const GATEWAYS = { gw: ["eu", "us"], gx: ["eu", "us"], gz: ["us", "ap"] } as const;
const FEET = Object.entries(GATEWAYS).flatMap(([name, networks]) => networks.map((network) => `${name}.${network}`));

/**
 * Three networks, of which two pairs have gateways: servers join, leave, die and change their version, gateways are killed and replaced, throttles
 * of the ways change, and links and nodes fail. Callers do not crash, for nobody could say afterwards how their messages ended.
 */
export const crossings = (plant: Plant = {}) =>
  defineScenario<CrossingRecord>("networks keep their promises to one another", {
    world: {
      link: (from, to) => ({
        latency: { kind: "uniform", minMs: 0.1, maxMs: from.zone === to.zone ? 1 : 8 },
      }),
      startWithinMs: 300,
    },
    setup: (world) => setup(world, plant),
    async run(world, record) {
      await world.start();
      for (const { atMs, act } of stepsOf(record, plant)) {
        await world.run({ forMs: Math.max(0, atMs - world.elapsedMs) });
        await act();
      }
      const total = OPERATIONS * Object.keys(CALLERS).length;
      const isOver = ({ operations }: CrossingRecord) =>
        operations.length === total && operations.every(({ kind, ends }) => kind === "tell" || ends.length > 0);
      await world.until(() => isOver(record), { withinMs: 30_000 }).catch(() => undefined); // `check` names what did not end.
      for (const network of ["eu", "us"]) record.networks.throttle(network, []);
    },
    withinMs: 90_000,
    eventually: {
      "all of a network know one another again": whenever(LOOK_MS, ({ networks }) => {
        const [node = ""] = [...networks.directories.keys()].filter((name) => networks.missing(name).length > 0);
        return node === "" || `${node} misses ${networks.missing(node).join()}`;
      }),
    },
    async check(record, world) {
      await world.run({ forMs: REST_MS });
      const found = [...brokenPromises(record), ...(await lostMessages(record, world))];
      if (found.length === 0) found.push(...(await closedWays(world, CALLERS)));
      return found.length === 0 || found.slice(0, 3).join("; ");
    },
    faults: ["crash", "partition", "clog", "pause", "slow", "loss", "jump"],
    faultyNodes: [...Object.keys(SERVERS), ...FEET],
    leaks: "ignore",
  });

function setup(world: World, { relay, trust, disk }: Plant): CrossingRecord {
  const networks = joinNetworks(world, { seeds: SEEDS, ...(relay && { relay }) });
  const record: CrossingRecord = {
    world,
    networks,
    operations: [],
    begun: new Map(),
    lives: new Map(),
    handled: new Set(),
    versions: new Map(),
    isGivenBack: false,
  };
  for (const [name, network] of Object.entries(SERVERS)) addServer(record, name, { network, disk });
  for (const [name, network] of Object.entries(CALLERS))
    networks.node(network, name, { run: (node) => work(record, node, network) });
  for (const name of ["gw", "gz"] as const) addGateway(record, name, trust);
  return record;
}

/** Looks now and then in the time of the world: what all nodes know is much to look at after each event. */
function whenever(
  everyMs: number,
  look: (record: CrossingRecord) => true | string,
): (record: CrossingRecord, world: World) => true | string {
  let last: { readonly record: CrossingRecord; readonly atMs: number; readonly found: true | string } | undefined;
  return (record, { elapsedMs }) => {
    if (last?.record !== record || elapsedMs - last.atMs >= everyMs || last.atMs > elapsedMs)
      last = { record, atMs: elapsedMs, found: look(record) };
    return last.found;
  };
}

/** How often is looked whether all know one another again, in ms. */
const LOOK_MS = 50;

type SpoilDisk = Plant["disk"];

function addServer(
  record: CrossingRecord,
  node: string,
  { network, disk = (one) => one }: { readonly network: NetworkName; readonly disk: SpoilDisk },
): void {
  const { networks, lives, versions, begun, handled } = record;
  networks.node(network, node, {
    components() {
      lives.set(node, (lives.get(node) ?? 0) + 1);
      const version = versions.get(node) ?? FIRST_VERSION;
      const note = (op: number, one: CrossedBegun) => void begun.set(op, [...(begun.get(op) ?? []), one]);
      return serversOf({ node, network, version, begun: note, handled: (op) => void handled.add(op) });
    },
    journal: (machine) => createDiskJournal(disk(machine.disk), { segmentBytes: 1_000, spentBytesMax: 2_000 }),
  });
}

function addGateway(
  record: CrossingRecord,
  name: keyof typeof GATEWAYS,
  trust: Plant["trust"] = (network) => network,
): void {
  record.networks.gateway(
    name,
    GATEWAYS[name].map((network) => trust(TRUST[network])),
  );
}

/** What is done while messages cross, in the order of its times: what is drawn, and what comes late to its network. */
function stepsOf(record: CrossingRecord, { disk, trust }: Plant): readonly Step[] {
  const { world, networks, versions } = record;
  const draw = world.draw("late");
  const late = (add: () => void): Step => ({
    atMs: 800 + draw.integer(2_500),
    act() {
      add();
      return world.start();
    },
  });
  const changes = changesOf({
    world,
    networks,
    servers: Object.keys(SERVERS),
    gateways: ["gw", "gz"],
    roll: (server) => versions.set(server, versions.get(server) === NEXT_VERSION ? FIRST_VERSION : NEXT_VERSION),
    givesBack: () => {
      record.isGivenBack = true;
    },
  });
  const arrivals = [
    late(() => addServer(record, LATE, { network: "us", disk })),
    late(() => addGateway(record, "gx", trust)),
  ];
  return [...changes, ...arrivals].sort((one, other) => one.atMs - other.atMs);
}
