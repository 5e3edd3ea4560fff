import { isOrreryError } from "@orrery/core";
import type { ThrottleRule } from "@orrery/mesh";
import type { Draw, ModelNode, World } from "@orrery/sim";
import type { JoinedNetworks } from "./joined-networks.ts";

const KINDS = ["roll", "leave", "kill", "gateway", "throttle", "throttle"] as const;

/** Something that an operator, or fate, does to nodes while messages cross. */
interface Change {
  readonly kind: (typeof KINDS)[number];
  readonly atMs: number;
  readonly forMs: number;
  readonly server: string;
  readonly gateway: string;
  readonly network: string;
  readonly rules: readonly ThrottleRule[];
}

/** What changes are made to. */
export interface Changed {
  readonly world: World;
  readonly networks: JoinedNetworks;
  readonly servers: readonly string[];
  /** Gateways that may be replaced. */
  readonly gateways: readonly string[];
  /** Gives a server another version from its next life on. */
  readonly roll: (server: string) => void;
  /** Told that what is too much may be given back from now on. */
  readonly givesBack: () => void;
}

/** Something to do at a time of the world. */
export interface Step {
  readonly atMs: number;
  readonly act: () => Promise<void> | void;
}

/** Changes of one run. */
const CHANGES = 5;
const WITHIN_MS = 4_000;
/** How long a server that leaves may take to hand over what it has, in ms. */
const DRAIN_MS = 100;

/** Begins the next life of a node; that one may be told to stop before it is up, and it says so. */
function begin(node: ModelNode | undefined): void {
  node?.restart().catch((error: unknown) => {
    if (!(isOrreryError(error) && error.message.endsWith("it was stopped while starting"))) throw error;
  });
}

/** Draws what is done to servers, gateways and their throttles, and when. */
export function changesOf(changed: Changed): readonly Step[] {
  const drawn = changed.world.operations("change", CHANGES, (draw) => drawChange(draw, changed));
  return drawn.flatMap((change) => stepsOf(change, changed));
}

function drawChange(draw: Draw, { servers, gateways }: Changed): Change {
  const network = draw.oneOf(["eu", "us"]);
  const common = { name: "way", component: "ledger", beyond: "process" } as const;
  const overflow = draw.oneOf(["bounce", "drop", "local"] as const);
  return {
    kind: draw.oneOf(KINDS),
    atMs: 500 + draw.integer(WITHIN_MS),
    forMs: 50 + draw.integer(draw.oneOf([200, 2_000])),
    server: draw.oneOf(servers),
    gateway: draw.oneOf(gateways),
    network,
    rules: draw.oneOf<readonly ThrottleRule[]>([
      [],
      [{ ...common, flow: "import", perSecond: 1, burst: 1, overflow }],
      [{ ...common, perSecond: 2, burst: 1, shared: true, overflow }],
      [{ ...common, concurrency: 1, overflow }],
    ]),
  };
}

function stepsOf(change: Change, changed: Changed): readonly Step[] {
  const { world, networks, roll, givesBack } = changed;
  const { kind, atMs, forMs, server, gateway } = change;
  const node = () => world.nodes.get(server);
  const stop = () => void node()?.life.stop({ timeoutMs: DRAIN_MS });
  const back = () => begin(node());
  switch (kind) {
    case "roll":
      return [
        { atMs, act: stop },
        {
          atMs: atMs + DRAIN_MS + 50,
          act() {
            roll(server);
            back();
          },
        },
      ];
    case "leave":
      return [
        { atMs, act: stop },
        { atMs: atMs + DRAIN_MS + forMs, act: back },
      ];
    case "kill":
      return [
        { atMs, act: () => node()?.crash() },
        { atMs: atMs + forMs, act: back },
      ];
    case "gateway":
      return [
        { atMs, act: () => networks.kill(gateway) },
        { atMs: atMs + forMs, act: () => networks.restart(gateway) },
      ];
    case "throttle":
      return [
        {
          atMs,
          act() {
            if (change.rules.some(({ overflow }) => overflow === "local")) givesBack();
            networks.throttle(change.network, change.rules);
          },
        },
      ];
  }
}
