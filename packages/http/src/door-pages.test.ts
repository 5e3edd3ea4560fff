import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { openLab, post } from "./testing/lab.ts";

const SAY = "/door.test.v1.LabService/Say";
const ORIGIN = "https://app.example";

test("createHttpDoor lists services and methods at its root: JSON, and a page to browsers", async () => {
  await using lab = await openLab();
  for (const path of ["/", "/services"]) {
    const listing = await (await fetch(lab.url + path)).json();
    assert.equal(listing.node, lab.node.name);
    assert.deepEqual(
      listing.services.map(({ name }: { name: string }) => name),
      ["door.test.v1.LabService", "shop"],
    );
    const [say] = listing.services[0].methods;
    assert.deepEqual(say, { name: "Say", mode: "sync", path: SAY, get: false, summary: "Says it back." });
  }
  const page = await fetch(lab.url, { headers: { accept: "text/html,*/*" } });
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const html = await page.text();
  assert.match(html, /\/shop\/watch/);
  assert.match(html, /What &lt;one&gt; costs\./);
  const refused = await post(lab.url, {});
  assert.deepEqual([refused.status, refused.body.message], [405, 'Cannot call "/" by POST: use GET']);
});

test("createHttpDoor tells whether it is well", async () => {
  await using lab = await openLab();
  const response = await fetch(`${lab.url}/healthz`);
  assert.deepEqual([response.status, await response.json()], [200, { status: "ok" }]);
  const head = await fetch(`${lab.url}/healthz`, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("createHttpDoor hands to its fallback what belongs to no service", async () => {
  await using lab = await openLab({
    fallback: (request, response) => void (response as ServerResponse).end(`page of ${request.url}`),
  });
  const text = async (path: string, init: RequestInit = {}) => (await fetch(lab.url + path, init)).text();
  assert.equal(await text("/"), "page of /");
  assert.equal(await text("/map/app.js?v=1"), "page of /map/app.js?v=1");
  assert.equal(await text("/a/b", { method: "POST", body: "x" }), "page of /a/b");
  assert.match(await text("/services"), /"door\.test\.v1\.LabService"/);
  assert.equal(await text("/healthz"), '{"status":"ok"}');
  assert.equal((await post(lab.url + SAY, { text: "a" })).body.text, "a");
  assert.equal((await post(`${lab.url}/door.test.v1.LabService/Sing`, {})).status, 404);
  const missed = await post(`${lab.url}/no.Such/Method`, {}, { "connect-protocol-version": "1" });
  assert.match(missed.body.message, /^Cannot find service "no\.Such": /);
});

test("createHttpDoor cuts a request whose fallback fails, and logs why", async () => {
  await using lab = await openLab({
    async fallback() {
      throw new Error("swordfish");
    },
  });
  await assert.rejects(fetch(lab.url));
  assert.match(JSON.stringify(lab.notes.log), /swordfish/);
  assert.equal((await fetch(`${lab.url}/healthz`)).status, 200);
});

const preflight = (url: string, origin: string) =>
  fetch(url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });

test("createHttpDoor allows no page of another site unless told so", async () => {
  await using lab = await openLab();
  const refused = await preflight(lab.url + SAY, ORIGIN);
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get("access-control-allow-origin"), null);
  const { message } = await refused.json();
  assert.equal(message, 'Cannot allow origin "https://app.example": this door takes calls from no other site');
  const answer = await post(lab.url + SAY, {}, { origin: ORIGIN });
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  assert.equal(answer.headers.get("vary"), null);
});

test("createHttpDoor allows the pages that its option lists, and no others", async () => {
  await using lab = await openLab({ cors: { origins: [ORIGIN, "http://localhost:5173"] } });
  const allowed = await preflight(lab.url + SAY, ORIGIN);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), ORIGIN);
  assert.equal(allowed.headers.get("access-control-allow-methods"), "POST, GET");
  assert.match(allowed.headers.get("access-control-allow-headers") ?? "", /Connect-Protocol-Version/i);
  assert.match(allowed.headers.get("access-control-allow-headers") ?? "", /Idempotency-Key/i);
  assert.equal(allowed.headers.get("vary"), "origin");
  assert.equal(allowed.headers.get("access-control-allow-credentials"), null);
  const good = await post(lab.url + SAY, {}, { origin: ORIGIN });
  assert.equal(good.headers.get("access-control-allow-origin"), ORIGIN);
  assert.match(good.headers.get("access-control-expose-headers") ?? "", /grpc-status/i);
  const error = await post(`${lab.url}/shop/nothing`, {}, { origin: ORIGIN });
  assert.equal(error.headers.get("access-control-allow-origin"), ORIGIN);
  for (const origin of ["https://app.example.evil", "http://app.example", "https://app.example:8443", "null"]) {
    const refused = await preflight(lab.url + SAY, origin);
    assert.equal(refused.status, 403, origin);
    assert.equal(refused.headers.get("access-control-allow-origin"), null);
    const bare = await post(lab.url + SAY, {}, { origin });
    assert.equal(bare.headers.get("access-control-allow-origin"), null);
    assert.equal(bare.headers.get("vary"), "origin");
  }
});

for (const origin of ["*", "app.example", "https://app.example/", "https://app.example/page", "null", ""]) {
  test(`createHttpDoor refuses ${JSON.stringify(origin)} as an origin`, async () => {
    await assert.rejects(openLab({ cors: { origins: [origin] } }), {
      code: "invalid_argument",
      message: `Cannot allow origin "${origin}": write scheme, host and port alone, such as https://app.example`,
    });
  });
}
