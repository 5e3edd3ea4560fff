import type { EvidenceKind } from "./evidence.ts";

/** Closes what a provider must have again after a restart, such as the keys of sessions, by a key that no operator holds. Owns: that key. */
export interface Sealer {
  /** What holds the key. With `none` it lies in a file: whoever has the disk opens all. */
  readonly kind: EvidenceKind;
  /** Closes bytes; what opens them must say the same `about`. */
  seal(bytes: Uint8Array, about: string): Promise<string>;
  /**
   * @throws OrreryError `failed_precondition` where it was sealed by another base, or by a key that is gone; `data_loss` where it was changed, or is about
   * something else
   */
  open(sealed: string, about: string): Promise<Uint8Array>;
}
