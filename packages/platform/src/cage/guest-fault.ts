/** How a guest went wrong, or its host let it go. */
export type FaultKind =
  /** The code cannot be run at all: what compiles or starts it says why. */
  | "refused"
  /** It trapped, threw where nothing may be thrown, or used up its stack. */
  | "trapped"
  /** Its answer cannot be read, or lies outside its memory. */
  | "bad_reply"
  /** Its answer is larger than the limit. */
  | "too_large"
  /** It has no more memory. */
  | "memory"
  /** It waits for something that nobody will settle. */
  | "stuck"
  /** It was stopped from outside. */
  | "killed";

/** Thrown where a guest went wrong; the text says only why. */
export class GuestFault extends Error {
  override readonly name = "GuestFault";
  readonly fault: FaultKind;

  constructor(fault: FaultKind, why: string) {
    super(why);
    this.fault = fault;
  }
}

/** The fault that something thrown by running guest code stands for. */
export function faultOf(thrown: unknown, fallback: FaultKind = "trapped"): GuestFault {
  if (thrown instanceof GuestFault) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof RangeError && /memory/i.test(text)) return new GuestFault("memory", text);
  if (thrown instanceof RangeError) return new GuestFault(fallback, "it used up its stack");
  return new GuestFault(fallback, text);
}
