// What one decision takes, and what a known node takes of memory, on this machine.
import {
  createLog,
  createSystemClock,
  createSystemRandom,
  type DirectoryHost,
  type DirectorySeat,
  defineComponent,
  defineService,
  discardLog,
  json,
} from "@orrery/core";
import type { Head, Link, Port } from "@orrery/core/internal";
import { createGossipDirectory } from "@orrery/mesh";

const Work = defineService("work", { do: { request: json<string>(), reply: json<string>() } });
const COMPONENT = defineComponent(Work, () => ({ do: (text) => text }), { version: "1.0.0" });
const HEAD = { component: "work", method: "do", version: "", horizon: undefined } as Head;

/** A host that says what its directory says straight into another's. */
function hostOf(name: string, deliver: (message: Uint8Array) => void): DirectoryHost {
  const clock = { ...createSystemClock(), timer: () => ({ cancel: () => undefined }) };
  const ports = new Map<string, Port>();
  const portOf = (address: string): Port => {
    const link: Link = { id: 1, remote: address, direction: "out", up: true, sameHost: false, allows: () => true };
    return { carriesValues: false, link, inFlight: 0, send: () => "accepted" };
  };
  const instances = [
    {
      id: `${name}/0`,
      state: "ready",
      incarnation: 1,
      waiting: 0,
      waitedMs: 0,
      busy: 0,
      heldBy: undefined,
      reason: "",
    },
  ] as const;
  const capacity = { instances: 1, inboxMessages: 4096, inboxBytes: 1 << 26 };
  return {
    node: name,
    incarnation: 1,
    clock,
    random: createSystemRandom(),
    limits: {},
    log: createLog({ sink: discardLog, now: () => 0 }),
    addresses: () => [`tcp://${name}:7101`],
    components: () =>
      name === "looker" ? [] : [{ component: COMPONENT, name: "work", version: "1.0.0", capacity, instances }],
    local: portOf(""),
    reaches: () => true,
    forget: () => undefined,
    port(address) {
      const port = ports.get(address) ?? portOf(address);
      ports.set(address, port);
      return port;
    },
    send(_link, message) {
      deliver(message);
      return "accepted";
    },
  };
}

/** A directory that knows so many nodes, each with one instance of a component. */
function seatAmong(nodes: number): DirectorySeat {
  const host = hostOf("looker", () => undefined);
  const seat = createGossipDirectory().seat?.(host) as DirectorySeat;
  seat.start();
  const { link } = host.port("tcp://looker:7101");
  for (let index = 0; index < nodes; index++) {
    const name = `node-${String(index).padStart(5, "0")}.example`;
    const other = createGossipDirectory({ seeds: ["tcp://looker:7101"] });
    other.seat?.(hostOf(name, (message) => seat.receive(link as Link, message))).start();
  }
  return seat;
}

/** Time of one decision among so many places, in µs: the median of many rounds. */
export function measureDecision(places: number): { readonly warmUs: number; readonly coldUs: number } {
  const { router } = seatAmong(places);
  const time = (count: number) => {
    const beganMs = performance.now();
    for (let pick = 0; pick < count; pick++) router.pick(HEAD);
    return ((performance.now() - beganMs) * 1000) / count;
  };
  const coldUs = time(100);
  time(100_000); // Every place has been connected to, and the code is compiled.
  const rounds = Array.from({ length: 21 }, () => time(10_000)).sort((a, b) => a - b);
  return { coldUs, warmUs: rounds[10] ?? 0 };
}

/** Bytes of memory that one known node with one instance takes. Needs `--expose-gc`. */
export function measureMemory(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error("Cannot measure memory: run node with --expose-gc");
  const used = () => {
    collect();
    collect();
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  };
  const few = seatAmong(10);
  few.router.pick(HEAD);
  const before = used();
  const many = seatAmong(4_000);
  many.router.pick(HEAD);
  const bytes = (used() - before) / 4_000;
  many.close();
  few.close();
  return bytes;
}
