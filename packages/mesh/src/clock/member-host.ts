import type { LogSink } from "@orrery/core";
import { createMember, createPlacement, type Member } from "@orrery/sim/internal";
import { formatLog } from "../format-log.ts";
import type { JoinOrder, Question } from "./member-messages.ts";
import { openPeerLines, type PeerLines, type PeerLinesOptions } from "./peer-lines.ts";
import { loadWorld } from "./world-source.ts";

/** A member and its lines to the others, in whichever process. */
export interface MemberHost {
  readonly address: string;
  /** The member, once it has joined. */
  readonly member: Member;
  join(order: JoinOrder): Promise<Member>;
  ask(question: Question): Promise<unknown>;
  close(): Promise<void>;
}

/** Options of a host. */
export interface MemberHostOptions extends PeerLinesOptions {
  readonly writeLine: (line: string) => void;
}

/** Opens the lines of a member that is yet to be told what it runs. */
export async function openMemberHost(options: MemberHostOptions): Promise<MemberHost> {
  return new LinedMember(await openPeerLines(options), options.writeLine);
}

class LinedMember implements MemberHost {
  readonly #lines: PeerLines;
  readonly #writeLine: (line: string) => void;
  #member: Member | undefined;

  constructor(lines: PeerLines, writeLine: (line: string) => void) {
    this.#lines = lines;
    this.#writeLine = writeLine;
  }

  get address(): string {
    return this.#lines.address;
  }

  get member(): Member {
    if (this.#member === undefined) throw new Error("Cannot use a member that has not joined");
    return this.#member;
  }

  async join({ index, addresses, source, seed, place, log }: JoinOrder): Promise<Member> {
    const { options, setup } = await loadWorld(source);
    const count = addresses.length;
    const sink: LogSink | undefined =
      log === undefined ? options.log : (entry) => this.#writeLine(formatLog(entry, log));
    const member = createMember({
      index,
      count,
      memberOf: createPlacement({ members: count, fixed: place }),
      world: { ...options, ...(seed === undefined ? {} : { seed }), ...(sink === undefined ? {} : { log: sink }) },
      setup,
      send: (to, bytes) => this.#lines.send(to, bytes),
    });
    this.#member = member;
    this.#lines.join(addresses, (from, bytes) => member.take(from, bytes));
    return member;
  }

  async ask(question: Question): Promise<unknown> {
    const { member } = this;
    switch (question.what) {
      case "grant":
        return await member.grant(question.grant);
      case "plan":
        return member.plan(question.line, question.atTick);
      case "attach":
        return member.attach(question.timeMs, question.atTick);
      case "progress":
        return member.progress();
      case "result":
        return member.result();
    }
  }

  async close(): Promise<void> {
    this.#member?.world.end();
    await this.#lines.close();
  }
}
