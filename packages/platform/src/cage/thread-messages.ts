import type { FaultKind } from "./guest-fault.ts";
import type { GuestBounds } from "./guest-ports.ts";

/** To a thread that runs guests. */
export type ToThread =
  | {
      readonly kind: "load";
      readonly code:
        | { readonly kind: "wasm"; readonly source: Uint8Array<ArrayBuffer> | WebAssembly.Module }
        | { readonly kind: "script"; readonly text: string; readonly engine: WebAssembly.Module };
      readonly bounds: GuestBounds;
      readonly seed: readonly number[];
    }
  | { readonly kind: "handle"; readonly request: Uint8Array }
  | { readonly kind: "answer"; readonly id: number; readonly reply: Uint8Array };

/** From a thread that runs guests; `cpuMs` is the time of the processor that the thread has taken since it began. */
export type FromThread =
  | { readonly kind: "runs"; readonly thread: number | undefined; readonly cpuMs: number }
  | { readonly kind: "loaded"; readonly compiled: WebAssembly.Module | undefined; readonly cpuMs: number }
  | { readonly kind: "replied"; readonly reply: Uint8Array; readonly cpuMs: number }
  | { readonly kind: "failed"; readonly fault: FaultKind; readonly why: string; readonly cpuMs: number }
  | { readonly kind: "call"; readonly id: number; readonly request: Uint8Array }
  | { readonly kind: "log"; readonly level: number; readonly text: string };
