/** What a script and its host say to each other: heads as JSON, and bodies beside them. */
export type ScriptBody = string | ArrayBuffer;

/** Head of a request. The body of JSON or text is a string, any other an `ArrayBuffer`. */
export interface ScriptRequestHead {
  readonly service?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly contentType?: string;
  readonly agent?: string;
  readonly nowMs?: number;
  readonly budgetMs?: number;
}

/** Head of a reply. */
export interface ScriptReplyHead {
  readonly status?: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly contentType?: string;
  readonly failure?: {
    readonly code: string;
    readonly message?: string;
    readonly reason?: string;
    readonly details?: string;
    readonly definite?: boolean;
  };
  readonly nowMs?: number;
}

/** A reply as it crosses: its head as JSON, and its body. */
export interface ScriptAnswer {
  readonly head: string;
  readonly body: ScriptBody;
}

/** What a script's host gives it. */
export interface ScriptHost {
  /** Calls a service. It never rejects: what failed stands in the reply's head. */
  call(head: string, body: ScriptBody): Promise<ScriptAnswer>;
  /** Writes a line; 0 debug, 1 info, 2 warn, 3 error. */
  log(level: number, text: string): void;
}

/** What a script exports as its default. `defineMechtron` makes it. */
export interface ScriptMechtron {
  /** Version of this interface that it was written for. */
  readonly abi: number;
  handle(head: string, body: ScriptBody, host: ScriptHost): Promise<ScriptAnswer>;
}
