import { type Clock, OrreryError } from "@orrery/core";
import type { Pod, PodPort } from "../pod/pod.ts";
import type { ReachedPort } from "../runtime/pod-runtime.ts";
import type { Listening } from "../system-listen.ts";
import { createPodReach, type Place } from "./system-reach-pod.ts";
import { openTcpPort } from "./system-tcp-port.ts";
import { openUdpPort } from "./system-udp-port.ts";

/** How a port of a pod is reached from outside. */
export interface PublicAddress {
  readonly container: string;
  readonly port: number;
  readonly protocol: PodPort["protocol"];
  /** A URL for HTTP, `host:port` for others. */
  readonly address: string;
}

/** What of a pod is to be opened. */
export interface OpenPodOptions {
  /** Its containers say which ports. */
  readonly pod: Pod;
  /** How its copies are reached now; asked for each connection. */
  reach(): readonly ReachedPort[];
  /** Addresses that it had: it has them again where it can. */
  readonly before?: readonly PublicAddress[];
}

/** Ports of TCP and UDP that may be opened. Port 0 to 0 lets the machine choose. */
export interface PortRange {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** What is open of one pod. Owns: its ports, and the connections to its copies. I1: a port that stays keeps its address. I2: what was open stays so until all that is new is open. */
export class OpenPod {
  readonly reach = createPodReach();
  readonly #range: PortRange;
  readonly #clock: Pick<Clock, "monotonic" | "timer">;
  readonly #ports = new Map<string, Listening>();
  #options: OpenPodOptions;

  constructor(
    options: OpenPodOptions,
    { range, clock }: { readonly range: PortRange; readonly clock: Pick<Clock, "monotonic" | "timer"> },
  ) {
    this.#options = options;
    this.#range = range;
    this.#clock = clock;
  }

  get pod(): Pod {
    return this.#options.pod;
  }

  /** The copies that answer for a host. */
  placesOfHost(host: string): readonly Place[] {
    const hosted = publicPortsOf(this.pod).find((one) => one.protocol === "http" && one.address === host);
    return hosted === undefined ? [] : this.#placesOf(hosted);
  }

  /** Brings what is open to what is wanted. @throws OrreryError `resource_exhausted` without a free port; then nothing has changed */
  async bring(options: OpenPodOptions): Promise<readonly PublicAddress[]> {
    const wanted = publicPortsOf(options.pod);
    const fresh = new Map<string, Listening>();
    try {
      for (const one of wanted) {
        if (one.protocol === "http" || this.#ports.has(keyOf(one))) continue; // I1
        fresh.set(keyOf(one), await this.#open(one, options.before));
      }
    } catch (error) {
      await closeAll(fresh); // I2
      throw error;
    }
    for (const [key, port] of fresh) this.#ports.set(key, port);
    this.#options = options;
    const keys = new Set(wanted.map(keyOf));
    const gone = new Map([...this.#ports].filter(([key]) => !keys.has(key)));
    for (const key of gone.keys()) this.#ports.delete(key);
    await closeAll(gone);
    return wanted.map((one) => {
      const port = this.#ports.get(keyOf(one))?.port;
      return port === undefined ? one : { ...one, address: String(port) };
    });
  }

  async close(): Promise<void> {
    this.reach.close();
    await closeAll(this.#ports);
  }

  #placesOf({ container, protocol, port }: PublicAddress): readonly Place[] {
    const is = (one: ReachedPort) => one.container === container && one.protocol === protocol && one.port === port;
    return this.#options
      .reach()
      .filter(is)
      .flatMap(({ at }) => at);
  }

  async #open(one: PublicAddress, before: readonly PublicAddress[] = []): Promise<Listening> {
    const { from, to, host } = this.#range;
    const had = before
      .find((other) => keyOf(other) === keyOf(one))
      ?.address.split(":")
      .at(-1);
    for (const port of portsOf({ from, to, first: had })) {
      const options = { at: { host, port }, reach: this.reach, places: () => this.#placesOf(one) };
      try {
        return await (one.protocol === "tcp" ? openTcpPort(options) : openUdpPort({ ...options, clock: this.#clock }));
      } catch (error) {
        if (!["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
    const text = `Cannot open a port for port ${one.port} of container "${one.container}": none of ${from} to ${to} is free`;
    throw new OrreryError("resource_exhausted", text);
  }
}

/** All ports of a pod; for those of HTTP the host stands in the place of the address. */
function publicPortsOf({ containers }: Pod): readonly PublicAddress[] {
  return containers.flatMap(({ name: container, ports }) =>
    ports.map((one) => {
      const { port, protocol } = one;
      return { container, port, protocol, address: one.protocol === "http" ? one.host : "" };
    }),
  );
}

function keyOf({ container, protocol, port }: PublicAddress): string {
  return `${container} ${protocol} ${port}`;
}

function* portsOf({ from, to, first }: { from: number; to: number; first: string | undefined }): Generator<number> {
  if (first !== undefined) yield Number(first);
  for (let port = from; port <= to; port++) yield port;
}

async function closeAll(ports: ReadonlyMap<string, Listening>): Promise<void> {
  await Promise.all([...ports.values()].map((port) => port.close()));
}
