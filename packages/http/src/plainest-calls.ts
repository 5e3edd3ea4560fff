import type { ClientNode } from "@orrery/core";
import { CALL_TIMEOUT_DEFAULT_MS } from "@orrery/core/internal";
import { textForm } from "./body-form.ts";
import type { Exposure } from "./exposure.ts";
import { type RequestFields, replyFields } from "./header-fields.ts";
import { invokeUnary } from "./invoke.ts";
import type { ServiceReply } from "./json-caller.ts";

/** What may be said of a plainest call. */
export interface PlainestOptions {
  /** In whose name. */
  readonly agent: string;
  /** Ends when whoever asks leaves. */
  readonly signal: AbortSignal;
  /** From 1; the contract's counts where it is shorter. Default: the contract's. */
  readonly timeoutMs?: number;
}

/** Calls one method of mode sync by what comes as JSON, and answers with what it replies as JSON, or with what is wrong. */
export type PlainestCall = (
  body: Uint8Array,
  headers: RequestFields,
  options: PlainestOptions,
) => Promise<ServiceReply>;

/** Fields by which a request asks for more than that its body is handed over. */
const MORE = [
  "connect-protocol-version",
  "connect-timeout-ms",
  "grpc-timeout",
  "content-encoding",
  "accept-encoding",
  "traceparent",
  "idempotency-key",
] as const;

const JSON_TYPE = "application/json";

/** Whether a request is the plainest that there is, as nearly all are: JSON by POST, whose header asks for nothing more. */
export function isPlainest(verb: string, headers: Pick<RequestFields, "get">): boolean {
  if (verb !== "POST" || headers.get("content-type") !== JSON_TYPE) return false;
  for (const name of MORE) if (headers.get(name) !== null) return false;
  return true;
}

/** Options of `createPlainestCalls`. */
export interface PlainestCallsOptions {
  readonly node: Pick<ClientNode, "client" | "send" | "publish">;
  readonly exposure: Exposure;
  /** Makes an answer of what a call fails with. */
  readonly failed: (thrown: unknown, headers: RequestFields) => ServiceReply;
}

/** Makes what answers the plainest of calls as `answerUnary` would, in half the time, by their paths; methods of other modes than sync have none. */
export function createPlainestCalls({
  node,
  exposure,
  failed,
}: PlainestCallsOptions): ReadonlyMap<string, PlainestCall> {
  const options = { registry: exposure.registry, ignoreUnknownFields: false };
  return new Map(
    exposure.methods.flatMap((exposed): [string, PlainestCall][] => {
      const form = textForm(exposed, options);
      if (exposed.method.mode !== "sync" || form === undefined) return [];
      const fields = replyFields({ "content-type": JSON_TYPE });
      const ownMs = exposed.method.timeoutMs === 0 ? CALL_TIMEOUT_DEFAULT_MS : exposed.method.timeoutMs;
      const call: PlainestCall = async (body, headers, { agent, signal, timeoutMs = ownMs }) => {
        try {
          const said = { agent, signal, timeoutMs: Math.min(timeoutMs, ownMs) };
          const value = await invokeUnary(node, exposed, [form.read(body), said]);
          return { status: 200, headers: fields, isRepeated: true, body: form.writeText(value) };
        } catch (thrown) {
          return failed(thrown, headers);
        }
      };
      return [[exposed.path, call]];
    }),
  );
}
