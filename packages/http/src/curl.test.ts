import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { openLab } from "./testing/lab.ts";

const JSON_BODY = ["-H", "content-type: application/json", "-d"];

/** Runs curl; gives what it printed, and its exit code. */
function curl(...words: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile("curl", ["-sS", "--max-time", "20", ...words], (error, out) =>
      resolve({ code: Number(error?.code ?? 0), out }),
    );
  });
}

test("createHttpDoor answers curl", async () => {
  await using lab = await openLab();
  const { out } = await curl(...JSON_BODY, '{"text":"Oslo"}', `${lab.url}/door.test.v1.LabService/Say`);
  assert.equal(JSON.parse(out).text, "Oslo");
});

test("createHttpDoor tells curl what went wrong", async () => {
  await using lab = await openLab();
  const url = `${lab.url}/door.test.v1.LabService/Say`;
  const { out } = await curl("-w", "%{http_code}", ...JSON_BODY, "{text: 1}", url);
  assert.equal(out.slice(-3), "400");
  assert.equal(
    JSON.parse(out.slice(0, -3)).message,
    'Cannot read the body of "door.test.v1.LabService.Say": expected a name in double quotes or "}", found "t" at line 1, column 2',
  );
  assert.equal((await curl("-f", ...JSON_BODY, "{text: 1}", url)).code, 22);
});

test("createHttpDoor streams lines to curl", async () => {
  await using lab = await openLab();
  const url = `${lab.url}/door.test.v1.LabService/Count`;
  const { out } = await curl("-N", ...JSON_BODY, '{"to":3}', url);
  assert.equal(out, '{"value":1}\n{"value":2}\n{"value":3}\n');
  const failed = (await curl("-N", ...JSON_BODY, '{"to":1,"fail":true}', url)).out.trimEnd().split("\n");
  assert.equal(failed.length, 2);
  assert.equal(JSON.parse(failed[1] ?? "").error.message, "Cannot count past 1: no number is left");
});

test("createHttpDoor streams events to curl", async () => {
  await using lab = await openLab();
  const { out } = await curl("-N", "-H", "accept: text/event-stream", `${lab.url}/shop/watch?message=%7B%22to%22:2%7D`);
  assert.equal(out, 'data: {"value":1}\n\ndata: {"value":2}\n\nevent: end\ndata: {}\n\n');
});

test("createHttpDoor shows its answer to a curl that uploads too much", async () => {
  await using lab = await openLab({ bodyBytesMax: 1_000 });
  const url = `${lab.url}/door.test.v1.LabService/Say`;
  const body = "x".repeat(100_000);
  for (const header of ["expect: 100-continue", "expect:", "transfer-encoding: chunked"]) {
    const { out } = await curl("-w", "%{http_code}", "-H", header, ...JSON_BODY, body, url);
    assert.equal(out.slice(-3), "413", header);
    assert.equal(
      JSON.parse(out.slice(0, -3)).message,
      "Cannot take the request: its body has more than 1000 bytes",
      header,
    );
  }
});

test("createHttpDoor answers curl over HTTP/2 by prior knowledge on the same port", async () => {
  await using lab = await openLab();
  const words = ["--http2-prior-knowledge", "-w", " %{http_version}", ...JSON_BODY, '{"text":"a"}'];
  const { out } = await curl(...words, `${lab.url}/door.test.v1.LabService/Say`);
  assert.equal(out.slice(-2), " 2");
  assert.equal(JSON.parse(out.slice(0, -2)).text, "a");
});

test("createHttpDoor answers a curl that asks to upgrade to HTTP/2, in HTTP/1.1", async () => {
  await using lab = await openLab();
  const { out } = await curl("--http2", "-w", " %{http_version}", `${lab.url}/healthz`);
  assert.equal(out, '{"status":"ok"} 1.1');
});
