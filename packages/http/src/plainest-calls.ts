import type { ClientNode } from "@orrery/core";
import { type BodyForm, bodyForm } from "./body-form.ts";
import type { ExposedMethod, Exposure } from "./exposure.ts";
import { type ReplyFields, type RequestFields, replyFields } from "./header-fields.ts";
import { invokeUnary } from "./invoke.ts";

/** A request as the plainest calls are made. */
export interface PlainestRequest {
  readonly verb: string;
  readonly component: string;
  readonly method: string;
  readonly headers: RequestFields;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly agent?: string;
  readonly signal: AbortSignal;
}

/** What a plainest call is answered with. */
export interface PlainestReply {
  readonly status: 200;
  /** The very same for each reply of a method. */
  readonly headers: ReplyFields;
  readonly isRepeated: true;
  readonly body: Uint8Array;
}

/** What is known of a method that may be called so. */
interface Plainest {
  readonly exposed: ExposedMethod;
  readonly form: BodyForm;
  readonly headers: ReplyFields;
}

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

/**
 * Answers the plainest of calls, which are nearly all: JSON by POST to a method of mode sync, whose header asks for nothing more. Answers as
 * `answerUnary` would, in half the time. Gives undefined for any other; throws as calls do.
 */
export function createPlainestCalls(
  node: Pick<ClientNode, "client" | "send" | "publish">,
  exposure: Exposure,
): (request: PlainestRequest) => Promise<PlainestReply> | undefined {
  const options = { registry: exposure.registry, ignoreUnknownFields: false };
  const methods = new Map(
    exposure.methods.flatMap((exposed): [string, Plainest][] => {
      const form = bodyForm(exposed, JSON_TYPE, options);
      if (exposed.method.mode !== "sync" || form.contentType !== JSON_TYPE) return [];
      return [[exposed.path, { exposed, form, headers: replyFields({ "content-type": JSON_TYPE }) }]];
    }),
  );
  const answer = async (
    { exposed, form, headers }: Plainest,
    { body, agent = "anonymous", signal }: PlainestRequest,
  ): Promise<PlainestReply> => {
    const value = await invokeUnary(node, exposed, [form.read(body), { agent, signal }]);
    return { status: 200, headers, isRepeated: true, body: form.write(value) };
  };
  return (request) => {
    const { verb, component, method, headers } = request;
    if (verb !== "POST" || headers.get("content-type") !== JSON_TYPE) return undefined;
    for (const name of MORE) if (headers.get(name) !== null) return undefined;
    const known = methods.get(`/${component}/${method}`);
    return known && answer(known, request);
  };
}
