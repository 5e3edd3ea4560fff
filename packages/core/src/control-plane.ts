import type { Clock } from "./clock.ts";
import { type ControlInit, decodeControl, encodeControl } from "./control-codec.ts";
import type { DescriptionInit } from "./describe.ts";
import type { Control, Description } from "./gen/orrery/control/v1/control_pb.ts";
import { PART_TIMEOUT_MS, PINGS_OPEN_MAX } from "./limits.ts";
import type { Log } from "./log.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import { messageOf } from "./thrown-text.ts";
import type { Link, SendResult, Transport } from "./transport.ts";

/** What a node says of itself when a link comes up. */
export interface ControlPlaneOptions {
  readonly node: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly log: Log;
  /** What this node serves, made when somebody asks. */
  readonly describe: () => Promise<DescriptionInit>;
  /** Takes what another node's directory says. Default: nobody, and it is dropped. */
  readonly onGossip?: ((link: Link, message: Uint8Array) => void) | undefined;
  /**
   * Told that the other side of a link takes nothing new. Where `onSettled` is given, it has finished, and `onSettled` is to be called when all
   * that was sent there has ended. Default: nobody, and it is never told.
   */
  readonly onLeave?: ((link: Link, onSettled: (() => void) | undefined) => void) | undefined;
}

/** What a link's other side said of itself. */
export interface PeerInfo {
  readonly node: string;
  readonly incarnation: number;
  readonly wire: number;
  readonly software: string;
  /** It takes no new messages. */
  readonly leaving: boolean;
}

/** Answer to a ping. */
export interface PingResult {
  /** Round trip in ms. */
  readonly roundTripMs: number;
  /** The other side's monotonic clock when it answered, in ms. */
  readonly peerMs: number;
  /** The other side's wall clock when it answered, in ms since 1970; undefined where it does not say. */
  readonly peerWallMs: number | undefined;
  /** This node's monotonic clock when it asked, in ms. */
  readonly sentMs: number;
  /** This node's wall clock when it asked, in ms since 1970. */
  readonly sentWallMs: number;
}

/**
 * What nodes say to one another about themselves. Owns: who is behind each link, and the questions that are open.
 * I1: nothing here waits for a component, and no component waits for anything here. I2: rubbish is counted and dropped. I3: a peer that
 * answers nothing holds up nobody for longer than was said.
 */
export interface ControlPlane {
  greet(transport: Transport, link: Link): void;
  receive(transport: Transport, link: Link, bytes: Uint8Array): void;
  linkLost(link: Link): void;
  /** What was asked over a link that is given up, and has not left, goes over another. */
  moved(from: Link, to: Link): void;
  /** Who is behind a link, once it has said so. */
  peer(link: Link): PeerInfo | undefined;
  ping(transport: Transport, link: Link, timeoutMs: number): Promise<PingResult>;
  /** Asks what the other side serves. */
  describe(transport: Transport, link: Link, timeoutMs: number): Promise<Description>;
  /** Carries what this node's directory says to another. */
  gossip(transport: Transport, link: Link, message: Uint8Array): SendResult;
  /** Tells every peer that no new messages are taken, also those that come from here on. */
  leave(): void;
  /**
   * Tells every peer that all is finished, also those that come meanwhile. Resolves when nothing of theirs is open here any more and nothing
   * will come, or after the time.
   */
  part(timeoutMs: number): Promise<void>;
  /** Ends every question that is open. */
  close(): void;
  /** Messages that could not be read. */
  readonly rubbish: number;
}

interface Question {
  link: Link;
  answer(control: Control): void;
  fail(error: OrreryError): void;
}

/** Newest wire version that this package reads. */
const WIRE_VERSION = 1;

const NO_PONG = { answeredUs: 0n, wallUs: 0n };
const SOFTWARE = "orrery/0.1.0";
const STOPPING: ControlInit = { case: "leave", value: { reason: "stopping" } };

/** Makes a control plane. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  return new LinkControl(options);
}

class LinkControl implements ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #peers = new Map<Link, PeerInfo & { readonly transport: Transport }>();
  readonly #questions = new Map<bigint, Question>();
  /** Links that came up and have not said who they are, and when they did. */
  readonly #unknown = new Map<Link, { readonly transport: Transport; readonly sinceMs: number }>();
  #isLeaving = false;
  /** Ends when it has parted from a peer; undefined until it parts from all. */
  #partings: Promise<void>[] | undefined;
  #partUntilMs = 0;
  #lastId = 0n;
  rubbish = 0;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  greet(transport: Transport, link: Link): void {
    const { node, incarnation } = this.#options;
    send(transport, link, {
      case: "hello",
      value: { node, incarnation: BigInt(incarnation), wire: WIRE_VERSION, software: SOFTWARE },
    });
    this.#unknown.set(link, { transport, sinceMs: this.#options.clock.monotonic() });
    if (this.#partings !== undefined) this.#partFrom(transport, link, this.#partings);
    else if (this.#isLeaving) send(transport, link, STOPPING);
  }

  receive(transport: Transport, link: Link, bytes: Uint8Array): void {
    let control: Control;
    try {
      control = decodeControl(bytes);
    } catch {
      this.rubbish++; // I2
      return;
    }
    this.#handle(transport, link, control);
  }

  linkLost(link: Link): void {
    this.#peers.delete(link);
    this.#unknown.delete(link);
    for (const question of [...this.#questions.values()]) {
      if (question.link === link)
        question.fail(
          failure("connection_lost", `Cannot ask "${link.remote}": the connection was lost`, {
            where: this.#options.node,
          }),
        );
    }
  }

  moved(from: Link, to: Link): void {
    this.#peers.delete(from);
    this.#unknown.delete(from);
    for (const question of this.#questions.values()) if (question.link === from) question.link = to;
  }

  peer(link: Link): PeerInfo | undefined {
    return this.#peers.get(link);
  }

  async ping(transport: Transport, link: Link, timeoutMs: number): Promise<PingResult> {
    const { clock } = this.#options;
    const sentMs = clock.monotonic();
    const sentWallMs = clock.now();
    const pong = await this.#ask(transport, link, timeoutMs, (id) => ({
      case: "ping",
      value: { id, sentUs: BigInt(Math.round(sentMs * 1000)) },
    }));
    const roundTripMs = clock.monotonic() - sentMs;
    const { answeredUs, wallUs } = pong.message.case === "pong" ? pong.message.value : NO_PONG;
    const peerWallMs = wallUs === 0n ? undefined : Number(wallUs) / 1000;
    return { roundTripMs, peerMs: Number(answeredUs) / 1000, peerWallMs, sentMs, sentWallMs };
  }

  async describe(transport: Transport, link: Link, timeoutMs: number): Promise<Description> {
    const control = await this.#ask(transport, link, timeoutMs, (id) => ({ case: "describe", value: { id } }));
    if (control.message.case === "description") return control.message.value;
    throw failure(
      "undecodable_reply",
      `Cannot describe "${link.remote}": it answered with "${control.message.case ?? "nothing"}"`,
    );
  }

  gossip(transport: Transport, link: Link, message: Uint8Array): SendResult {
    return send(transport, link, { case: "gossip", value: { message } });
  }

  leave(): void {
    this.#isLeaving = true;
    for (const [link, { transport }] of this.#peers) send(transport, link, STOPPING);
  }

  async part(timeoutMs: number): Promise<void> {
    const nowMs = this.#options.clock.monotonic();
    const partings: Promise<void>[] = [];
    this.close();
    this.#partings = partings;
    this.#partUntilMs = nowMs + timeoutMs;
    for (const [link, { transport }] of this.#peers) this.#partFrom(transport, link, partings);
    // Who has been silent for longer knows nothing of control.
    for (const [link, { transport, sinceMs }] of this.#unknown)
      if (nowMs - sinceMs < PART_TIMEOUT_MS) this.#partFrom(transport, link, partings);
    for (const parting of partings) await parting; // Some may be added meanwhile.
  }

  close(): void {
    const where = { where: this.#options.node };
    for (const question of [...this.#questions.values()]) {
      const text = `Cannot ask "${question.link.remote}": node "${this.#options.node}" closed`;
      question.fail(failure("closed", text, where));
    }
  }

  #handle(transport: Transport, link: Link, control: Control): void {
    const { message } = control;
    switch (message.case) {
      case "hello": {
        const { node, incarnation, wire, software } = message.value;
        this.#unknown.delete(link);
        this.#peers.set(link, { transport, node, incarnation: Number(incarnation), wire, software, leaving: false });
        return;
      }
      case "ping": {
        const { id, sentUs } = message.value;
        const { clock } = this.#options;
        const answeredUs = BigInt(Math.round(clock.monotonic() * 1000));
        const wallUs = BigInt(Math.max(0, Math.round(clock.now() * 1000)));
        send(transport, link, { case: "pong", value: { id, sentUs, answeredUs, wallUs } });
        return;
      }
      case "describe":
        void this.#tell(transport, link, message.value.id);
        return;
      case "pong":
      case "settled":
      case "description": {
        const question = this.#questions.get(message.value.id);
        if (question?.link === link) question.answer(control);
        return;
      }
      case "leave": {
        const peer = this.#peers.get(link);
        if (peer !== undefined) this.#peers.set(link, { ...peer, leaving: true });
        const { id } = message.value;
        const answer = () => send(transport, link, { case: "settled", value: { id } });
        this.#options.onLeave?.(link, id === 0n ? undefined : answer);
        return;
      }
      case "gossip":
        this.#options.onGossip?.(link, message.value.message);
        return;
      default:
        return; // A newer peer may say what this one does not know.
    }
  }

  #partFrom(transport: Transport, link: Link, partings: Promise<void>[]): void {
    const leftMs = this.#partUntilMs - this.#options.clock.monotonic();
    if (leftMs <= 0) return; // I3
    const asked = this.#ask(transport, link, leftMs, (id) => ({ case: "leave", value: { reason: "stopped", id } }));
    partings.push(
      asked.then(
        () => undefined,
        () => undefined, // It is gone, or does not answer.
      ),
    );
  }

  async #tell(transport: Transport, link: Link, id: bigint): Promise<void> {
    try {
      const description = await this.#options.describe();
      send(transport, link, { case: "description", value: { ...description, id } });
    } catch (error) {
      this.#options.log.error(`Cannot describe node "${this.#options.node}": ${messageOf(error)}`);
    }
  }

  #ask(transport: Transport, link: Link, timeoutMs: number, question: (id: bigint) => ControlInit): Promise<Control> {
    const id = ++this.#lastId;
    const where = { where: this.#options.node };
    return new Promise((resolve, reject) => {
      if ([...this.#questions.values()].filter((open) => open.link === link).length >= PINGS_OPEN_MAX) {
        return reject(
          failure("overloaded", `Cannot ask "${link.remote}": ${PINGS_OPEN_MAX} questions are open`, where),
        );
      }
      const timer = this.#options.clock.timer(timeoutMs, () =>
        fail(failure("timeout", `Cannot ask "${link.remote}": no answer within ${timeoutMs} ms`, where)),
      );
      const close = () => {
        timer.cancel();
        this.#questions.delete(id);
      };
      const fail = (error: OrreryError) => {
        close();
        reject(error);
      };
      const answer = (control: Control) => {
        close();
        resolve(control);
      };
      this.#questions.set(id, { link, answer, fail });
      const sent = send(transport, link, question(id));
      if (sent === "overloaded")
        fail(failure("overloaded", `Cannot ask "${link.remote}": the queue to it is full, wait`, where));
      else if (sent !== "accepted")
        fail(failure("not_connected", `Cannot ask "${link.remote}": the connection is closed (${sent})`, where));
    });
  }
}

function send(transport: Transport, link: Link, message: ControlInit): SendResult {
  return transport.send(link, { plane: "control", bytes: encodeControl(message) });
}
