import { setTimeout as sleep } from "node:timers/promises";
import { OrreryError } from "@orrery/core";
import { EXPORT_RETRY_MS, EXPORT_TIMEOUT_MS, EXPORT_TRIES_MAX } from "./limits.ts";
import { otlpSpans } from "./otlp-spans.ts";
import type { TelemetryPlugin } from "./plugin.ts";

/** Options of an exporter of spans. */
export interface OtlpOptions {
  /** Where the collector takes traces, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** Headers of each request, such as an authorization. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How spans are written. Default: protobuf. */
  readonly encoding?: "protobuf" | "json";
  /** Name of the service that the spans are of. Default: the name of the node. */
  readonly service?: string;
  /** What else is said of where the spans come from, such as `deployment.environment.name`. Default: nothing. */
  readonly resource?: Readonly<Record<string, string>>;
}

/** Answers after which the same may be tried again: https://opentelemetry.io/docs/specs/otlp/#failures-1. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * Makes a plugin that sends spans to an OpenTelemetry collector, by OTLP over HTTP. What writes them is loaded with the first batch.
 * @throws OrreryError `invalid_argument` for a URL that is none.
 */
export function createOtlpExporter(options: OtlpOptions): TelemetryPlugin {
  const { url, headers = {}, encoding = "protobuf" } = options;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    const text = `Cannot export spans to "${url}": it is no URL of HTTP, write one like "http://127.0.0.1:4318/v1/traces"`;
    throw new OrreryError("invalid_argument", text);
  }
  const closing = new AbortController();
  const type = encoding === "json" ? "application/json" : "application/x-protobuf";
  return {
    name: "otlp",
    async exportSpans(spans) {
      const { JsonTraceSerializer, ProtobufTraceSerializer } = await import("@opentelemetry/otlp-transformer");
      const serializer = encoding === "json" ? JsonTraceSerializer : ProtobufTraceSerializer;
      const body = serializer.serializeRequest(otlpSpans(spans, options));
      if (body === undefined) throw new Error("the spans could not be written");
      const until = AbortSignal.any([closing.signal, AbortSignal.timeout(EXPORT_TIMEOUT_MS)]);
      await post({ url, headers: { ...headers, "content-type": type }, body, signal: until });
    },
    close: () => closing.abort(),
  };
}

interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

async function post({ url, headers, body, signal }: Post): Promise<void> {
  for (let tries = 1; ; tries++) {
    const answer = await send({ url, headers, body, signal });
    if (answer === "done") return;
    if (!answer.passing || tries >= EXPORT_TRIES_MAX) throw new Error(`Cannot export spans to "${url}": ${answer.why}`);
    await sleep(EXPORT_RETRY_MS * 2 ** (tries - 1), undefined, { signal });
  }
}

async function send({ url, headers, body, signal }: Post): Promise<"done" | { why: string; passing: boolean }> {
  try {
    const response = await fetch(url, { method: "POST", headers, body: body as Uint8Array<ArrayBuffer>, signal });
    await response.arrayBuffer(); // Else the connection is not used again.
    if (response.ok) return "done";
    return { why: `it answered ${response.status}`, passing: PASSING.has(response.status) };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    return { why: String(cause), passing: true };
  }
}
