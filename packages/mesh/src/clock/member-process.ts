import { isOrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import type { Channel } from "../process-host.ts";
import { isDebugged } from "../system-process.ts";
import { type MemberHost, openMemberHost } from "./member-host.ts";
import type { FromMember, ToMember } from "./member-messages.ts";

/**
 * Runs a member in this process, as its parent orders. Orders go over the line to the parent rather than a socket: it never times out, so
 * a debugger may hold this process for as long as somebody looks.
 */
export function serveMember(channel: Channel): void {
  const process = new MemberProcess(channel);
  channel.onMessage((message) => process.obey(message as ToMember));
  channel.onClose(() => channel.exit(0));
}

class MemberProcess {
  readonly #channel: Channel;
  #host: MemberHost | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  obey(order: ToMember): void {
    if (order.kind === "ask") void this.#answer(order);
    else if (order.kind === "halt") this.#host?.member.halt();
    else if (order.kind === "abandon") this.#host?.member.abandon();
    else this.#do(order).catch((error: unknown) => this.#fail(error));
  }

  async #do(order: Exclude<ToMember, { kind: "ask" | "halt" | "abandon" }>): Promise<void> {
    switch (order.kind) {
      case "open": {
        const { index, listen, token } = order;
        const writeLine = (line: string) => this.#channel.writeLine(line);
        this.#host = await openMemberHost({ index, listen, token, writeLine });
        this.#say({ kind: "opened", address: this.#host.address });
        return;
      }
      case "join": {
        const { nodes, lookahead } = await this.#joined(order);
        this.#say({ kind: "joined", nodes, lookahead, isDebugged: isDebugged() });
        return;
      }
      case "stop":
        await this.#host?.close();
        this.#channel.exit(0);
    }
  }

  async #joined(order: ToMember & { kind: "join" }) {
    if (this.#host === undefined) throw new Error("Cannot join a run: no address was opened");
    return await this.#host.join(order);
  }

  async #answer(order: ToMember & { kind: "ask" }): Promise<void> {
    const { id } = order;
    try {
      const value = await this.#host?.ask(order);
      this.#say({ kind: "answer", id, value: value ?? null, isDebugged: isDebugged() });
    } catch (error) {
      this.#say({ kind: "refused", id, code: codeOf(error), text: messageOf(error) });
    }
  }

  #say(message: FromMember): void {
    this.#channel.send(message);
  }

  #fail(error: unknown): void {
    this.#say({ kind: "failed", code: codeOf(error), text: messageOf(error) });
    this.#channel.exit(1);
  }
}

function codeOf(error: unknown): string {
  return isOrreryError(error) ? error.code : "internal";
}
