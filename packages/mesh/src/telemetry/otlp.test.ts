import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { defineComponent, OrreryError, outcomeOf } from "@orrery/core";
import { createMeshClient, createMeshNode } from "../mesh-node.ts";
import { serveMetrics } from "./system-metrics-server.ts";
import { createOtlpExporter, type OtlpOptions } from "./system-otlp.ts";
import { createTelemetry } from "./telemetry.ts";
import { First } from "./testing/hops-world.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A collector that keeps what it is sent, and answers as it is told, in turn; at last 200. */
async function startCollector(...answers: number[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) });
    response.writeHead(answers.shift() ?? 200).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, received, [Symbol.dispose]: close };
}

const first = defineComponent(First, () => ({
  async ask({ tag }) {
    if (tag === "bad") throw new OrreryError("not_found", "no such tag");
    return { tag, flow: "" };
  },
}));

/** A node and a client over sockets, that both export what they see. */
async function startPair(otlp: OtlpOptions) {
  const telemetry = () => createTelemetry({ ratio: 1, plugins: [createOtlpExporter(otlp)] });
  const [served, asked] = [telemetry(), telemetry()];
  const node = await createMeshNode({
    name: "server",
    components: [first],
    listen: ["tcp://127.0.0.1:0"],
    telemetry: served,
  });
  await node.start();
  const { parseDirectory } = await import("../parse-directory.ts");
  const directory = parseDirectory(`first ${node.addresses[0]}`);
  const client = await createMeshClient({ name: "asker", directory, telemetry: asked });
  const close = async () => {
    await client.stop();
    await node.stop({ timeoutMs: 0 });
    await asked.close();
    await served.close();
  };
  return { client, close, served, asked };
}

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly events: readonly { readonly name: string; readonly timeUnixNano: string }[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** The spans of requests in JSON, each with the service of its resource. */
function spansOf(received: readonly Received[]): (JsonSpan & { service: string })[] {
  return received.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body.toString("utf8")) as {
      resourceSpans: { resource: JsonSpan; scopeSpans: { spans: JsonSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const named = resource.attributes.find(({ key }) => key === "service.name");
      const service = named?.value.stringValue ?? "";
      return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
    });
  });
}

test("createOtlpExporter sends the spans of both sides of a call over sockets, as OTLP in JSON", async () => {
  using collector = await startCollector();
  const { client, close } = await startPair({ url: collector.url, encoding: "json", headers: { "x-team": "shop" } });
  const beganMs = Date.now();
  await client.client(First).ask({ tag: "good" });
  await outcomeOf(client.client(First).ask({ tag: "bad" }));
  await close();
  const [request] = collector.received;
  assert.deepEqual(
    [request?.path, request?.headers["content-type"], request?.headers["x-team"]],
    ["/v1/traces", "application/json", "shop"],
  );
  const spans = spansOf(collector.received);
  assert.equal(spans.length, 4);
  const [asked, failed] = spans.filter(({ kind }) => kind === 3);
  const served = spans.find(({ parentSpanId }) => parentSpanId === asked?.spanId) ?? assert.fail("no server span");
  assert.deepEqual([asked?.service, asked?.name, served.service, served.kind], ["asker", "first/ask", "server", 2]);
  assert.match(`${asked?.traceId} ${asked?.spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/);
  assert.equal(served.traceId, asked?.traceId);
  assert.notEqual(failed?.traceId, asked?.traceId);
  assert.deepEqual([asked?.status.code, failed?.status.code], [1, 2]);
  assert.deepEqual(
    served.events.map(({ name }) => name),
    ["started", "ended", "replied"],
  );
  const [startMs, endMs] = [asked?.startTimeUnixNano, asked?.endTimeUnixNano].map((nanos) => Number(nanos) / 1e6);
  assert.ok((startMs ?? 0) >= beganMs - 5 && (endMs ?? 0) >= (startMs ?? 0) && (endMs ?? 0) < beganMs + 60_000);
});

test("createOtlpExporter sends protobuf unless told otherwise", async () => {
  using collector = await startCollector();
  const { client, close, asked } = await startPair({ url: collector.url, service: "shop" });
  await client.client(First).ask({ tag: "good" });
  const [span] = asked.spans();
  await close();
  const { headers, body } = collector.received[0] ?? assert.fail("nothing came");
  assert.equal(headers["content-type"], "application/x-protobuf");
  // TracesData: resource_spans = 1, of bytes; the ids stand in it as bytes.
  assert.equal(body[0], 0x0a);
  assert.ok(body.includes(Buffer.from(span?.traceId ?? "none", "hex")));
  assert.ok(body.includes(Buffer.from(span?.spanId ?? "none", "hex")) && body.includes("first/ask"));
});

test("createOtlpExporter tries again what a collector has no room for, and gives up what it refuses", async () => {
  using busy = await startCollector(503);
  const exporter = createOtlpExporter({ url: busy.url, encoding: "json" });
  const { client, close, asked } = await startPair({ url: busy.url, encoding: "json" });
  await client.client(First).ask({ tag: "good" });
  const spans = asked.spans();
  await close();
  busy.received.length = 0;
  await exporter.exportSpans?.(spans);
  assert.equal(busy.received.length, 1);
  using refusing = await startCollector(400);
  const refused = createOtlpExporter({ url: refusing.url, encoding: "json" });
  const message = `Cannot export spans to "${refusing.url}": it answered 400`;
  await assert.rejects(async () => refused.exportSpans?.(spans), { message });
  assert.equal(refusing.received.length, 1);
});

test("createOtlpExporter refuses what is no URL of HTTP", () => {
  for (const url of ["localhost:4318", "grpc://a/b", ""])
    assert.throws(() => createOtlpExporter({ url }), { code: "invalid_argument" });
});

test("serveMetrics answers GET /metrics on loopback, and nothing else", async () => {
  const telemetry = createTelemetry({ ratio: 0 });
  const node = await createMeshNode({ components: [first], telemetry });
  await node.start();
  await node.client(First).ask({ tag: "good" });
  await using server = await serveMetrics(telemetry.metrics);
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const response = await fetch(server.url);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  assert.match(text, /^orrery_handled_total\{component="first",method="ask",outcome="reply",reason=""\} 1$/m);
  assert.match(text, /^orrery_circuits\{group="first",state="closed"\} 1$/m);
  for (const line of text.trimEnd().split("\n"))
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? (-?[\d.e+-]+|NaN|[+-]Inf))$/);
  assert.equal((await fetch(server.url.replace("/metrics", "/other"))).status, 404);
  assert.equal((await fetch(server.url, { method: "POST" })).status, 405);
  const port = Number(new URL(server.url).port);
  await assert.rejects(serveMetrics(telemetry.metrics, { port }), { code: "unavailable" });
  await node.stop();
});
