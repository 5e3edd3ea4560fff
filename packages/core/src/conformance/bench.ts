import type { Clock } from "../clock.ts";
import type { ComponentOptions } from "../component.ts";
import { createTableDirectory } from "../directory.ts";
import { createEnvelope, type Envelope, Kind } from "../envelope.ts";
import { type ClientNode, type ClientNodeOptions, createClient, createNode, type Node } from "../node.ts";
import { createSystemClock } from "../system-clock.ts";
import { isControl, type Link, type LinkEvent, type Message, type Transport } from "../transport.ts";
import { expectSame } from "./expect.ts";
import type { TransportHarness } from "./harness.ts";
import { createProbe, type ProbeScene } from "./probe.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

/** A transport without a node: what comes to it is written down. */
export interface Side {
  readonly transport: Transport;
  readonly envelopes: Recorder<{ readonly link: Link; readonly envelope: Envelope }>;
  readonly control: Recorder<{ readonly link: Link; readonly bytes: Uint8Array }>;
  readonly links: Recorder<LinkEvent>;
}

/** Two sides with a link between them that is up. */
export interface Pair {
  readonly here: Side;
  readonly there: Side;
  /** From here to there. */
  readonly link: Link;
  /** The same connection, seen from there. */
  readonly back: Link;
  /** Where the listener listens. */
  readonly address: string;
}

/** A node that runs a probe. */
export interface Server extends ProbeScene {
  readonly node: Node;
  /** Where it listens. */
  readonly listening: string;
  /** Where to connect to it. */
  readonly address: string;
}

/** Options of a server. */
export interface ServerOptions extends ComponentOptions {
  /** Default: a free one. */
  readonly listening?: string;
  /** Default: a fresh one of the harness. */
  readonly transport?: Transport;
  /** Where the node finds other probes when it calls. Default: nowhere. */
  readonly peers?: Readonly<Record<string, readonly string[]>>;
}

/** What a case works with. It closes everything that it made. */
export interface Bench {
  readonly harness: TransportHarness;
  readonly clock: Clock;
  /** Makes a side that only records. */
  side(transport?: Transport): Side;
  /** Makes two sides and waits until both know that their link is up. */
  pair(): Promise<Pair>;
  freeAddress(): Promise<string>;
  /** Turns an opened address into the one to connect to. */
  reach(address: string): string;
  /** Starts a node with a probe. */
  serve(options?: ServerOptions): Promise<Server>;
  /** Makes a client that finds probes at addresses to connect to. */
  client(addresses: readonly string[], options?: ClientNodeOptions): ClientNode;
  /** Closes everything, the last first. */
  close(): Promise<void>;
}

/** Makes a bench. */
export function createBench(harness: TransportHarness): Bench {
  return new CaseBench(harness);
}

class CaseBench implements Bench {
  readonly harness: TransportHarness;
  readonly clock: Clock;
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor(harness: TransportHarness) {
    this.harness = harness;
    this.clock = harness.clock ?? createSystemClock();
  }

  side(transport: Transport = this.harness.createTransport()): Side {
    const side: Side = {
      transport,
      envelopes: createRecorder(this.clock, "envelopes"),
      control: createRecorder(this.clock, "control frames"),
      links: createRecorder(this.clock, "events of links"),
    };
    transport.onMessage((link, message) => {
      if (isControl(message)) side.control.push({ link, bytes: message.bytes });
      else side.envelopes.push({ link, envelope: message });
    });
    transport.onLink((event) => side.links.push(event));
    this.#closers.push(() => transport.close());
    return side;
  }

  async pair(): Promise<Pair> {
    const there = this.side();
    const here = this.side();
    const address = await there.transport.listen(await this.freeAddress());
    const link = here.transport.connect(this.reach(address));
    await here.links.atLeast(1);
    const [event] = await there.links.atLeast(1);
    return { here, there, link, back: (event as LinkEvent).link, address };
  }

  async freeAddress(): Promise<string> {
    return this.harness.freeAddress();
  }

  reach(address: string): string {
    return this.harness.connectAddress?.(address) ?? address;
  }

  async serve(options: ServerOptions = {}): Promise<Server> {
    const { listening = await this.freeAddress(), transport, peers = {}, ...componentOptions } = options;
    const scene = createProbe(this.clock, componentOptions);
    const node = createNode({
      components: [scene.component],
      transports: [transport ?? this.harness.createTransport()],
      listen: [listening],
      directory: createTableDirectory(peers),
      clock: this.clock,
    });
    this.#closers.push(() => {
      scene.release();
      return node.stop({ timeoutMs: 1000 });
    });
    await node.start();
    const [opened = listening] = node.addresses;
    return { ...scene, node, listening: opened, address: this.reach(opened) };
  }

  client(addresses: readonly string[], options: ClientNodeOptions = {}): ClientNode {
    const client = createClient({
      transports: [this.harness.createTransport()],
      directory: createTableDirectory({ "conformance.probe": addresses }),
      clock: this.clock,
      ...options,
    });
    this.#closers.push(() => client.stop());
    return client;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

/** Makes an envelope that means nothing to anybody, with a body. */
export function plainEnvelope(id: number, bytes: Uint8Array = new Uint8Array(0)): Envelope {
  const envelope = createEnvelope(Kind.reply, id);
  envelope.bytes = bytes;
  return envelope;
}

/** Sends messages, each of which must be accepted. */
export function sendAll(transport: Transport, link: Link, messages: readonly Message[]): void {
  for (const message of messages) expectSame(transport.send(link, message), "accepted", "the result of send");
}

/** Envelopes with the ids from `first` to `last`. */
export function numbered(
  first: number,
  last: number,
  body: (id: number) => Uint8Array = () => new Uint8Array(0),
): Envelope[] {
  return Array.from({ length: last - first + 1 }, (_, index) => plainEnvelope(first + index, body(first + index)));
}

/** Ids of what a side got, in order. */
export function idsOf(side: Side, link?: Link): number[] {
  return side.envelopes.items
    .filter((item) => link === undefined || item.link === link)
    .map(({ envelope }) => envelope.id);
}

/** What a side was told of links, in order: `up` and `down`. */
export function newsOf(side: Side, link?: Link): string[] {
  return side.links.items.filter((event) => link === undefined || event.link === link).map(({ kind }) => kind);
}

/** Bytes that tell their position. */
export function patterned(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = index * 31 + (index >> 8) + seed;
  return bytes;
}
