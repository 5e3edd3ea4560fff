import type { ArtifactAbout } from "./artifact.ts";
import type { KeyWrap, WrapPurpose } from "./key-wrap.ts";

/** An artifact as its publisher knows it. */
export interface KeptArtifact {
  /** Digest of the encrypted artifact. */
  readonly artifact: string;
  readonly about: ArtifactAbout;
  /** Keyed digest of what it is in plain: tells its publisher, and nobody else, whether that has changed. */
  readonly fingerprint: string;
  /** Of the encrypted artifact. */
  readonly bytes: number;
  /** Its key, closed for its publisher. */
  readonly wrap: KeyWrap;
  /** URLs of stores that have it. */
  readonly stores: readonly string[];
  /** Whom its key was wrapped to. */
  readonly grants: readonly ArtifactGrant[];
  /** Ms since 1970. */
  readonly madeAtMs: number;
  /** Since when nobody is given its key. */
  readonly revokedAtMs?: number;
  /** Since when what is in it may be sealed anew, under another key. */
  readonly renewedAtMs?: number;
}

/** A wrap that was given away. */
export interface ArtifactGrant {
  /** X25519 key. */
  readonly to: string;
  readonly purpose: WrapPurpose;
  /** Who that is, such as a URL. */
  readonly who: string;
  /** Ms since 1970. */
  readonly atMs: number;
}

/** An artifact that is ready to be sent wherever it is missing. */
export interface ReadyArtifact {
  readonly kept: KeptArtifact;
  /** Whether it was made now: its publisher has sent it nowhere yet. */
  readonly isNew: boolean;
  /** Its bytes, sealed: the same each time. */
  read(): Promise<Uint8Array>;
}

/**
 * What a publisher made, in a file without any key in plain: what was sealed once is sent once, and given to whoever runs it by a wrap of its key.
 * I1: what differs in plain has a key of its own. I2: what was revoked is given to nobody, and sealed
 * anew, under another key, only once its publisher says so.
 */
export interface ArtifactRecord {
  /** All, in the order in which they were made. */
  list(): Promise<readonly KeptArtifact[]>;
  /**
   * The artifact of what is in plain, sealed if it is not yet. An image is known by the digest in `about`; what `read` gives of it is asked for only where
   * it is not sealed yet, or is to be sent.
   * @throws OrreryError `failed_precondition` where it was revoked, and not renewed since
   */
  seal(about: ArtifactAbout, read: () => Promise<Uint8Array>): Promise<ReadyArtifact>;
  /**
   * Wraps the key of an artifact for a recipient, and writes that down.
   * @throws OrreryError `not_found`, `failed_precondition` where it was revoked, `permission_denied` where it is of another wallet
   */
  grant(artifact: string, grant: Omit<ArtifactGrant, "atMs">): Promise<KeyWrap>;
  /** Writes down that a store has it. */
  addStore(artifact: string, url: string): Promise<void>;
  /** Gives its key to nobody from now on. @throws OrreryError `not_found` */
  revoke(artifact: string): Promise<KeptArtifact>;
  /** Lets what is in a revoked artifact be sealed anew. @throws OrreryError `not_found`, `failed_precondition` where it is not revoked */
  renew(artifact: string): Promise<KeptArtifact>;
}
