import type { GuestBounds, GuestPorts } from "./guest-ports.ts";

/** Code as it is run: checked bytes of a module, and the module where one is compiled; or the text of a script. */
export type GuestCode =
  | { readonly kind: "wasm"; readonly bytes: Uint8Array<ArrayBuffer>; compiled: WebAssembly.Module | undefined }
  | { readonly kind: "script"; readonly text: string };

/** What a cell is to run. */
export interface CellOrder {
  readonly code: GuestCode;
  readonly bounds: GuestBounds;
  readonly ports: GuestPorts;
  /** Four numbers of 32 bits, for the chance of scripts. */
  readonly seed: readonly number[];
}

/** An answer, and what it took. */
export interface CellReply {
  readonly reply: Uint8Array;
  /** Time of the processor since the last answer, in ms. */
  readonly cpuMs: number;
}

/** A place where one guest runs. */
export interface Cell {
  /** Makes the code ready to be called. @throws GuestFault; the cell is done with. */
  load(order: CellOrder): Promise<void>;
  /** Answers one message; one at a time. @throws GuestFault; the cell is done with. */
  handle(request: Uint8Array): Promise<CellReply>;
  /** Time of the processor that it has taken since its last answer, in ms, seen from outside; undefined where that cannot be seen. */
  cpuMs(): number | undefined;
  /** Ends it at once. What is open ends as `killed`. */
  kill(): void;
}
