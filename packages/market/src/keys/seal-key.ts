/** A key to which keys of artifacts are wrapped. */
export interface SealKey {
  /** X25519 key in hex: what others wrap to. */
  readonly sealTo: string;
  /** Its 32 secret bytes. */
  readonly secret: Uint8Array;
}
