import { GUEST_ABI } from "@orrery/guest/abi";
import { faultOf, GuestFault } from "./guest-fault.ts";
import type { GuestBounds, GuestInstance, GuestPorts } from "./guest-ports.ts";

/** The part of JSPI that is used: V8 has it since 13.7, and Node 24. */
interface Jspi {
  readonly Suspending: new (run: (pointer: number, length: number) => Promise<bigint>) => WebAssembly.ImportValue;
  promising<R>(exported: (pointer: number, length: number) => R): (pointer: number, length: number) => Promise<R>;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  orrery_abi(): number;
  orrery_alloc(length: number): number;
  orrery_free(pointer: number, length: number): void;
  orrery_handle(pointer: number, length: number): bigint;
}

const decoder = new TextDecoder();

/**
 * Makes an instance of a module that `checkModule` gave. While it waits for a call it is suspended by JSPI, and the thread goes on.
 * @throws GuestFault `refused` where it cannot start.
 */
export function openWasmGuest(module: WebAssembly.Module, bounds: GuestBounds, ports: GuestPorts): GuestInstance {
  const jspi = WebAssembly as unknown as Partial<Jspi>;
  if (jspi.Suspending === undefined || jspi.promising === undefined) {
    throw new GuestFault("refused", "this runtime has no JSPI (WebAssembly.Suspending); run it on Node 24 or later");
  }
  return new WasmGuest(module, { bounds, ports, jspi: jspi as Jspi });
}

/** Owns: one instance of a module. I1: nothing of its memory is read beyond the memory's end. */
class WasmGuest implements GuestInstance {
  readonly #exports: Exports;
  readonly #bounds: GuestBounds;
  readonly #handle: (pointer: number, length: number) => Promise<bigint>;

  constructor(module: WebAssembly.Module, world: { bounds: GuestBounds; ports: GuestPorts; jspi: Jspi }) {
    const { bounds, ports, jspi } = world;
    this.#bounds = bounds;
    const call = async (pointer: number, length: number) => this.#put(await ports.call(this.#take(pointer, length)));
    const log = (level: number, pointer: number, length: number) =>
      ports.log(level, decoder.decode(this.#take(pointer, length)));
    try {
      const instance = new WebAssembly.Instance(module, { orrery: { call: new jspi.Suspending(call), log } });
      this.#exports = instance.exports as unknown as Exports;
      const version = this.#exports.orrery_abi();
      if (version !== GUEST_ABI) {
        throw new GuestFault("refused", `it speaks version ${version} of the interface, this host speaks ${GUEST_ABI}`);
      }
      this.#handle = jspi.promising(this.#exports.orrery_handle);
    } catch (error) {
      throw faultOf(error, "refused");
    }
  }

  async handle(request: Uint8Array): Promise<Uint8Array> {
    try {
      const packed = this.#put(request);
      const answer = await this.#handle(Number(packed >> 32n), request.length);
      const { pointer, length } = unpack(answer);
      if (length > this.#bounds.replyBytes) {
        throw new GuestFault("too_large", `its reply has ${length} bytes, the limit is ${this.#bounds.replyBytes}`);
      }
      const reply = this.#take(pointer, length);
      this.#exports.orrery_free(pointer, length);
      return reply;
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Writes into memory that the guest gives for it, and tells where. It is the guest's from then on. */
  #put(bytes: Uint8Array): bigint {
    const pointer = this.#exports.orrery_alloc(bytes.length) >>> 0;
    const memory = this.#exports.memory.buffer;
    if (pointer === 0 && bytes.length > 0) throw new GuestFault("memory", `it has no memory for ${bytes.length} bytes`);
    if (pointer + bytes.length > memory.byteLength) {
      throw new GuestFault(
        "bad_reply",
        `orrery_alloc gave ${pointer}, outside of its memory of ${memory.byteLength} bytes`,
      );
    }
    new Uint8Array(memory).set(bytes, pointer);
    return (BigInt(pointer) << 32n) | BigInt(bytes.length);
  }

  /** Copies from its memory. */
  #take(signedPointer: number, signedLength: number): Uint8Array<ArrayBuffer> {
    const [pointer, length] = [signedPointer >>> 0, signedLength >>> 0];
    const memory = this.#exports.memory.buffer;
    if (pointer + length > memory.byteLength) {
      throw new GuestFault(
        "bad_reply",
        `bytes ${pointer} to ${pointer + length} are outside of its memory of ${memory.byteLength}`,
      );
    }
    if (length > this.#bounds.replyBytes) {
      throw new GuestFault("too_large", `it says ${length} bytes at once, the limit is ${this.#bounds.replyBytes}`);
    }
    return new Uint8Array(memory.slice(pointer, pointer + length));
  }
}

function unpack(packed: bigint): { readonly pointer: number; readonly length: number } {
  const bits = BigInt.asUintN(64, packed);
  return { pointer: Number(bits >> 32n), length: Number(bits & 0xffffffffn) };
}
