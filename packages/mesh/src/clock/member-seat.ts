import { type Clock, type Code, OrreryError } from "@orrery/core";
import type { Grant, MemberPort, MemberProgress, MemberReport, MemberResult } from "@orrery/sim/internal";
import type { ProcessExit, ProcessHandle, ProcessHost } from "../process-host.ts";
import type { FromMember, JoinOrder, Question, ToMember } from "./member-messages.ts";

/** Options of a seat. */
export interface MemberSeatOptions {
  readonly index: number;
  readonly host: ProcessHost;
}

/**
 * The process of one member, as its coordinator reaches it. Owns: the process, and what it was asked. I1: whatever was asked is answered or
 * refused; once the process is gone, everything is refused. Nothing takes its place: what it knew of the world is lost.
 */
export class MemberSeat implements MemberPort {
  readonly index: number;
  readonly pid: number;
  nodes: readonly string[] = [];
  address = "";
  isDebugged = false;
  /** Told once when the process is gone unasked. */
  onLost: ((error: OrreryError) => void) | undefined;
  readonly #process: ProcessHandle;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #gone = Promise.withResolvers<void>();
  #step: PromiseWithResolvers<void> | undefined;
  #lost: OrreryError | undefined;
  #lastId = 0;

  constructor({ index, host }: MemberSeatOptions) {
    this.index = index;
    this.#process = host.start();
    this.pid = this.#process.pid;
    this.#process.onMessage((message) => this.#hear(message as FromMember));
    this.#process.onExit((exit) => {
      this.#lose(new OrreryError("aborted", endOf(exit, this.pid)));
      this.#gone.resolve();
    });
  }

  async open(listen: string, token: string): Promise<void> {
    await this.#order({ kind: "open", index: this.index, listen, token });
  }

  async join(order: JoinOrder): Promise<void> {
    await this.#order({ kind: "join", ...order });
  }

  async grant(grant: Grant): Promise<MemberReport> {
    return (await this.#ask({ what: "grant", grant })) as MemberReport;
  }

  halt(): void {
    this.#tell({ kind: "halt" });
  }

  abandon(): void {
    this.#tell({ kind: "abandon" });
  }

  async plan(line: string, atTick: number): Promise<void> {
    await this.#ask({ what: "plan", line, atTick });
  }

  async attach(timeMs: number, atTick: number): Promise<void> {
    await this.#ask({ what: "attach", timeMs, atTick });
  }

  async progress(): Promise<MemberProgress> {
    return (await this.#ask({ what: "progress" })) as MemberProgress;
  }

  async result(): Promise<MemberResult> {
    return (await this.#ask({ what: "result" })) as MemberResult;
  }

  /** Asks the process to end, ends it when it does not within `graceMs`, and resolves when it is gone. */
  async stop(clock: Clock, graceMs: number): Promise<void> {
    this.#tell({ kind: "stop" });
    const late = clock.timer(graceMs, () => this.kill());
    await this.#gone.promise;
    late.cancel();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async #order(order: ToMember): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    this.#step = Promise.withResolvers();
    this.#tell(order);
    await this.#step.promise;
  }

  #ask(question: Question): Promise<unknown> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<unknown>();
    this.#open.set(id, asked);
    this.#tell({ kind: "ask", id, ...question });
    return asked.promise;
  }

  #tell(order: ToMember): void {
    this.#process.send(order);
  }

  #hear(message: FromMember): void {
    switch (message.kind) {
      case "opened":
        this.address = message.address;
        this.#step?.resolve();
        return;
      case "joined":
        this.nodes = message.nodes;
        this.isDebugged = message.isDebugged;
        this.#step?.resolve();
        return;
      case "answer":
        this.isDebugged = message.isDebugged;
        this.#take(message.id)?.resolve(message.value);
        return;
      case "refused":
        this.#take(message.id)?.reject(new OrreryError(message.code as Code, message.text));
        return;
      case "failed":
        this.#lose(new OrreryError(message.code as Code, message.text));
    }
  }

  #take(id: number): PromiseWithResolvers<unknown> | undefined {
    const asked = this.#open.get(id);
    this.#open.delete(id);
    return asked;
  }

  /** I1 */
  #lose(error: OrreryError): void {
    this.#lost ??= error;
    this.#step?.reject(this.#lost);
    for (const asked of this.#open.values()) asked.reject(this.#lost);
    this.#open.clear();
    this.onLost?.(this.#lost);
    this.onLost = undefined;
  }
}

function endOf({ code, signal }: ProcessExit, pid: number): string {
  return `process ${pid} ${signal === "" ? `exited with code ${code}` : `was ended by ${signal}`}`;
}
