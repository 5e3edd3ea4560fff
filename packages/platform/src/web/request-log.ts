import type { WebRequest } from "./answer.ts";

/** How a request of a visitor was answered. */
export interface AnsweredRequest {
  readonly request: Pick<WebRequest, "method" | "path">;
  readonly status: number;
  readonly durationMs: number;
}

/** Tells of requests of visitors, of which somebody wants to know each. */
export interface RequestLog {
  /** Whether anybody wants to know of any, now: where nobody does, nothing is noted of one. */
  readonly isOn: boolean;
  /** Tells of one, by the address of what it led to, where somebody wants to know of that. */
  tell(address: string, answered: AnsweredRequest): void;
}
