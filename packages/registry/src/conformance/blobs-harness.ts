import type { BlobStore } from "../blobs/blob-store.ts";

/** A store, empty at first. */
export interface BlobsLife {
  readonly store: BlobStore;
  /** Opens what is kept anew, as the next process would; the store before is used no more. */
  reopen(): Promise<BlobStore>;
  /** Lets some time pass by the clock that tells ages. */
  pass(): Promise<void>;
  /** Lets go of it, and takes all away. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How the suite makes stores. */
export interface BlobsHarness {
  /** Registers one test; the `test` of `node:test` will do. */
  readonly test: (name: string, options: { readonly timeout: number }, run: () => Promise<void>) => unknown;
  createStore(): Promise<BlobsLife>;
}
