import {
  decodeGuestReply,
  decodeGuestRequest,
  encodeGuestReply,
  encodeGuestRequest,
  GUEST_ABI,
} from "@orrery/guest/abi";
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from "quickjs-emscripten-core";
import { faultOf, GuestFault } from "./guest-fault.ts";
import type { GuestBounds, GuestInstance, GuestPorts } from "./guest-ports.ts";
import { SCRIPT_STACK_BYTES } from "./limits.ts";
import { bodyForScript, callOfScript, headForScript, headOfAnswer, replyOfScript } from "./script-heads.ts";
import { SCRIPT_PRELUDE } from "./script-prelude.ts";

/** What a script is run with. */
export interface ScriptWorld {
  readonly engine: QuickJSWASMModule;
  readonly bounds: GuestBounds;
  readonly ports: GuestPorts;
  /** Four numbers of 32 bits: what its `Math.random` begins with. */
  readonly seed: readonly number[];
}

type Told = { readonly isReply: boolean; readonly head: string; readonly body: string | ArrayBuffer };

/**
 * Runs a script, one file that exports `defineMechtron`'s result as its default.
 * @throws GuestFault `refused` where it cannot be run.
 */
export function openScriptGuest(script: string, world: ScriptWorld): GuestInstance {
  const runtime = world.engine.newRuntime();
  runtime.setMemoryLimit(world.bounds.memoryBytes);
  runtime.setMaxStackSize(SCRIPT_STACK_BYTES);
  const context = runtime.newContext();
  try {
    return new ScriptGuest(script, { ...world, runtime, context });
  } catch (error) {
    const { fault, message } = faultOf(error);
    throw new GuestFault(fault === "trapped" ? "refused" : fault, message);
  }
}

/** Owns: a context of the engine. I1: it is told of each message's answer once; what the script says afterwards is passed over. */
class ScriptGuest implements GuestInstance {
  readonly #world: ScriptWorld & { readonly runtime: QuickJSRuntime; readonly context: QuickJSContext };
  readonly #begin: QuickJSHandle;
  readonly #answered: QuickJSHandle;
  readonly #expect: QuickJSHandle;
  #told: Told | undefined;
  #onTold: (() => void) | undefined;
  #callsOpen = 0;
  #turn = 0;
  #interrupts = 0;

  constructor(
    script: string,
    world: ScriptWorld & { readonly runtime: QuickJSRuntime; readonly context: QuickJSContext },
  ) {
    this.#world = world;
    const { context, runtime, bounds } = world;
    if (bounds.interrupts > 0) runtime.setInterruptHandler(() => ++this.#interrupts > bounds.interrupts);
    const natives = this.#natives();
    const prelude = this.#sure(context.evalCode(SCRIPT_PRELUDE, "prelude.js", { strict: true }));
    const doors = this.#sure(context.callFunction(prelude, context.undefined, natives));
    this.#begin = context.getProp(doors, "begin");
    this.#answered = context.getProp(doors, "answered");
    this.#expect = context.getProp(doors, "expect");
    const module = this.#sure(context.evalCode(script, "mechtron.js", { type: "module" }));
    this.#runJobs();
    const state = context.getPromiseState(module);
    if (state.type === "pending")
      throw new GuestFault("refused", "it waits for something at its top level; do so in a handler");
    if (state.type === "rejected") throw new GuestFault("refused", this.#textOf(state.error));
    const adopt = context.getProp(doors, "adopt");
    const adopted = this.#sure(context.callFunction(adopt, context.undefined, context.getProp(state.value, "default")));
    const version = context.getNumber(adopted);
    if (version === -1)
      throw new GuestFault("refused", "its default export is no mechtron; export default defineMechtron({ … })");
    if (version !== GUEST_ABI) {
      throw new GuestFault("refused", `it speaks version ${version} of the interface, this host speaks ${GUEST_ABI}`);
    }
  }

  async handle(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#handle(bytes);
    } catch (error) {
      throw faultOf(error);
    }
  }

  async #handle(bytes: Uint8Array): Promise<Uint8Array> {
    const { context } = this.#world;
    const request = decodeGuestRequest(bytes);
    this.#turn += 1;
    this.#told = undefined;
    this.#interrupts = 0;
    const head = context.newString(headForScript(request));
    const body = this.#value(bodyForScript(request.contentType, request.body));
    const now = context.newNumber(request.nowMs);
    const begun = this.#sure(context.callFunction(this.#begin, context.undefined, head, body, now));
    for (const handle of [head, body, now, begun]) handle.dispose();
    this.#runJobs();
    const told = this.#told ?? (await this.#waitForTold());
    if (this.#callsOpen > 0) this.#forgetCalls();
    if (!told.isReply) throw failed(typeof told.body === "string" ? told.body : "it failed");
    const { body: said } = told;
    const length = typeof said === "string" ? said.length : said.byteLength;
    if (length + told.head.length > this.#world.bounds.replyBytes) {
      throw new GuestFault("too_large", `its reply has ${length} bytes, the limit is ${this.#world.bounds.replyBytes}`);
    }
    return encodeGuestReply(replyOfScript(told.head, said));
  }

  #waitForTold(): Promise<Told> {
    if (this.#callsOpen === 0) throw new GuestFault("stuck", "it waits for a promise that nobody will settle");
    return new Promise((resolve, reject) => {
      this.#onTold = () => {
        if (this.#told !== undefined) resolve(this.#told);
        else reject(new GuestFault("stuck", "it waits for a promise that nobody will settle"));
      };
    });
  }

  /** Answers to calls that the script no longer waits for are for nobody. */
  #forgetCalls(): void {
    const { context } = this.#world;
    this.#turn += 1;
    this.#callsOpen = 0;
    this.#sure(context.callFunction(this.#expect, context.undefined)).dispose();
  }

  #natives(): QuickJSHandle {
    const { context, ports, seed } = this.#world;
    const natives = context.newObject();
    const add = (name: string, run: (...args: QuickJSHandle[]) => QuickJSHandle | undefined) =>
      context.newFunction(name, (...args) => run(...args)).consume((made) => context.setProp(natives, name, made));
    add("reply", (isReply, head, body) => {
      if (this.#told !== undefined) return undefined; // I1
      if (isReply === undefined || head === undefined || body === undefined) return undefined;
      this.#told = {
        isReply: context.getNumber(isReply) === 1,
        head: context.getString(head),
        body: this.#bodyOf(body),
      };
      return undefined;
    });
    add("send", (id, head, body) => {
      if (id !== undefined && head !== undefined && body !== undefined) {
        this.#send(context.getNumber(id), context.getString(head), this.#bodyOf(body));
      }
      return undefined;
    });
    add("line", (level, text) => {
      if (level !== undefined && text !== undefined) ports.log(context.getNumber(level), context.getString(text));
      return undefined;
    });
    add("utf8Encode", (text) =>
      context.newArrayBuffer(encoder.encode(text === undefined ? "" : context.getString(text)).buffer),
    );
    add("utf8Decode", (bytes) => context.newString(bytes === undefined ? "" : decoder.decode(this.#bytesOf(bytes))));
    const numbers = this.#sure(context.evalCode(`[${seed.map((part) => part | 0).join(",")}]`));
    context.setProp(natives, "seed", numbers);
    return natives;
  }

  #send(id: number, head: string, body: string | ArrayBuffer): void {
    const { ports, bounds } = this.#world;
    const turn = this.#turn;
    const answer = (reply: Uint8Array) => {
      if (turn === this.#turn) this.#answer(id, reply);
    };
    this.#callsOpen += 1;
    const request = callOfScript(head, body);
    const size = request.body.length;
    if (this.#callsOpen > bounds.callsOpen)
      return void queueMicrotask(() => answer(refusal(`more than ${bounds.callsOpen} calls wait`)));
    if (size > bounds.replyBytes)
      return void queueMicrotask(() => answer(refusal(`a request of ${size} bytes is too large`)));
    void ports.call(encodeGuestRequest(request)).then(answer);
  }

  #answer(id: number, bytes: Uint8Array): void {
    const { context } = this.#world;
    try {
      this.#callsOpen -= 1;
      const reply = decodeGuestReply(bytes);
      const args = [
        context.newNumber(id),
        context.newString(headOfAnswer(reply)),
        this.#value(bodyForScript(reply.contentType, reply.body)),
        context.newNumber(reply.nowMs),
      ];
      this.#sure(context.callFunction(this.#answered, context.undefined, ...args)).dispose();
      for (const handle of args) handle.dispose();
      this.#runJobs();
    } catch (error) {
      this.#told ??= { isReply: false, head: "", body: faultOf(error).message };
    }
    if (this.#told !== undefined || this.#callsOpen === 0) this.#onTold?.();
  }

  #runJobs(): void {
    const done = this.#world.runtime.executePendingJobs();
    if (done.error !== undefined) {
      const fault = this.#faultOf(done.error);
      done.error.dispose();
      throw fault;
    }
    done.dispose();
  }

  #sure(result: ReturnType<QuickJSContext["evalCode"]>): QuickJSHandle {
    if (result.error === undefined) return result.value;
    const fault = this.#faultOf(result.error);
    result.error.dispose();
    throw fault;
  }

  #faultOf(error: QuickJSHandle): GuestFault {
    const { interrupts } = this.#world.bounds;
    if (interrupts > 0 && this.#interrupts > interrupts)
      return new GuestFault("killed", "it was stopped in an endless loop");
    const text = this.#textOf(error);
    return failed(text);
  }

  #textOf(error: QuickJSHandle): string {
    const said = this.#world.context.dump(error) as { name?: unknown; message?: unknown } | string;
    return typeof said === "object" && said !== null ? `${said.name}: ${said.message}` : String(said);
  }

  #value(body: string | Uint8Array): QuickJSHandle {
    const { context } = this.#world;
    return typeof body === "string" ? context.newString(body) : context.newArrayBuffer(body.slice().buffer);
  }

  #bodyOf(handle: QuickJSHandle): string | ArrayBuffer {
    const { context } = this.#world;
    if (context.typeof(handle) !== "object") return context.getString(handle);
    return this.#bytesOf(handle).slice().buffer as ArrayBuffer;
  }

  #bytesOf(handle: QuickJSHandle): Uint8Array {
    return this.#world.context.getArrayBuffer(handle).consume((view) => view.value.slice());
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function failed(text: string): GuestFault {
  return new GuestFault(/out of memory/.test(text) ? "memory" : "trapped", text);
}

function refusal(why: string): Uint8Array {
  const message = `Cannot call out: ${why}`;
  return encodeGuestReply({
    status: 0,
    headers: [],
    contentType: "",
    body: new Uint8Array(0),
    nowMs: 0,
    failure: { code: "resource_exhausted", message, reason: "", details: "", definite: true },
  });
}
