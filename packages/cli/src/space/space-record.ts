/** A line of an export: what a Space has, a thing in each, all addresses as they were. */
export type SpaceRecord =
  | {
      readonly kind: "head";
      readonly format: "orrery-space";
      readonly version: 1;
      readonly space: string;
      readonly salt: string;
    }
  | {
      readonly kind: "resource";
      readonly address: string;
      readonly type: string;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly labels: Readonly<Record<string, string>>;
      readonly owner: string;
    }
  | {
      readonly kind: "file";
      readonly address: string;
      readonly bytes: number;
      readonly digest: string;
      readonly contentType: string;
    }
  | {
      readonly kind: "bundle";
      readonly address: string;
      readonly bytes: number;
      readonly archive: string;
      readonly manifest: string;
      readonly publisher: string;
      readonly signature: string;
    }
  /** A piece of the file or bundle before it, in base64. */
  | { readonly kind: "piece"; readonly data: string }
  | { readonly kind: "tag"; readonly series: string; readonly tag: string; readonly version: string }
  | { readonly kind: "config"; readonly scope: string; readonly value: unknown }
  /** A secret of config, closed under the passphrase. */
  | { readonly kind: "secret"; readonly scope: string; readonly path: string; readonly sealed: string }
  | {
      readonly kind: "entry";
      readonly database: string;
      readonly table: string;
      readonly key: string;
      /** In base64. */
      readonly value: string;
      /** In ms since 1970; 0: it stays. */
      readonly expires: number;
    }
  | { readonly kind: "topic"; readonly topic: string; readonly keepMs: number; readonly keepBytes: number }
  | {
      readonly kind: "event";
      readonly topic: string;
      readonly id: string;
      readonly key: string;
      readonly attributes: Readonly<Record<string, string>>;
      /** JSON, or bytes in base64. */
      readonly content: { readonly message: unknown } | { readonly body: string };
      readonly contentType: string;
    }
  /** How many lines are before it, and their SHA-256. */
  | { readonly kind: "end"; readonly lines: number; readonly sha256: string };
