import type { OrreryError } from "@orrery/core";

/** A request that the door refuses with an HTTP status of its own, because its error's code alone would give another. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  readonly error: OrreryError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: OrreryError, headers: Readonly<Record<string, string>> = {}) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}
