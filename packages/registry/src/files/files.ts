import type { BlobRef } from "../resource.ts";
import type { By } from "../write/ground.ts";
import type { Written } from "../write/writer.ts";

/** A file that shall come. */
export interface BeginUpload {
  readonly address: string;
  /** How large it will be. */
  readonly bytes: number;
  /** The revision that the file must be at. Default: any. */
  readonly ifRevision?: number;
}

/** A piece of it. */
export interface AppendUpload {
  readonly upload: string;
  readonly offset: number;
  /** Up to 1 MiB. */
  readonly data: Uint8Array;
}

/** What the file is, now that all of it is there. */
export interface FinishUpload extends BeginUpload {
  readonly upload: string;
  readonly digest: string;
  /** Default: what its name says. */
  readonly contentType?: string;
}

/** Which piece of a file is wanted. */
export interface ReadFile {
  readonly address: string;
  readonly offset: number;
  /** Most bytes that are wanted, up to 1 MiB. Default: as many as fit. */
  readonly length?: number;
  /** What the file must be still. Default: whatever it is. */
  readonly digest?: string;
}

/** A piece of a file, and what the whole is. */
export interface FilePiece {
  readonly data: Uint8Array;
  readonly content: BlobRef;
  readonly contentType: string;
  /** Of the file's last change. */
  readonly revision: number;
}

/**
 * The contents of files in and out of a registry, piece by piece. Rights are looked at when an upload begins and, by the write, when it ends;
 * and at every piece that is read.
 */
export interface Files {
  /**
   * Gives the upload's name.
   * @throws OrreryError `permission_denied`, `not_found` (what it lies in), `failed_precondition` (no file may be there), `aborted` (locked, or
   * another revision), `out_of_range` (too large), `resource_exhausted` (too many uploads, or no room in a quota), `invalid_argument`
   */
  begin(request: BeginUpload, by: By): Promise<string>;
  /**
   * Gives how many bytes are there. A piece that is there already changes nothing.
   * @throws OrreryError `out_of_range` where bytes between are missing or too many come, `not_found` where the upload has ended
   */
  append(request: AppendUpload, by: By): Promise<number>;
  /**
   * Makes the file, or changes it, with the directories on the way, in one write. May be asked again when no answer came.
   * @throws OrreryError `failed_precondition` where bytes are missing, `data_loss` where they have another digest, and as the registry's writes
   */
  finish(request: FinishUpload, by: By): Promise<Written>;
  /** Harmless where the upload has ended. */
  abandon(upload: string, by: By): Promise<void>;
  /** @throws OrreryError `not_found`, `permission_denied`, `failed_precondition` (another digest, or no content), `out_of_range` */
  read(request: ReadFile, by: By): Promise<FilePiece>;
  /** Takes away uploads that rest for a day, and blobs that nothing has referred to for as long. */
  sweep(): Promise<Swept>;
  /** Ends the sweeping by the hour. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a sweep took away. */
export interface Swept {
  readonly uploads: number;
  readonly blobs: number;
}
