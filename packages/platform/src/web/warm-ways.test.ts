import assert from "node:assert/strict";
import { it } from "node:test";
import type { WebRequest } from "./answer.ts";
import { WARM_PATH_LENGTH_MAX, WARM_WAYS_MAX } from "./limits.ts";
import { createWarmWays } from "./warm-ways.ts";

const request = (path: string, method = "GET") => ({ method, host: "demo.test", path }) as WebRequest;
const FILE = { route: { methods: ["GET", "HEAD"] } };

it("createWarmWays knows a way by host, path and method until something is written", () => {
  let revision: number | undefined = 1;
  const warm = createWarmWays({ exact: () => revision });
  warm.put(request("/a"), FILE, 1);
  assert.equal(warm.get(request("/a")), FILE);
  assert.equal(warm.get(request("/a", "HEAD")), FILE);
  assert.equal(warm.get(request("/a", "POST")), undefined);
  assert.equal(warm.get(request("/b")), undefined);
  assert.equal(warm.get({ ...request("/a"), host: "other.test" } as WebRequest), undefined);
  revision = undefined;
  assert.equal(warm.get(request("/a")), undefined);
  revision = 2;
  assert.equal(warm.get(request("/a")), undefined);
  warm.put(request("/b"), FILE, 2);
  assert.equal(warm.get(request("/a")), undefined);
  assert.equal(warm.get(request("/b")), FILE);
});

it("createWarmWays keeps nothing that was found while something was written", () => {
  let revision: number | undefined = 1;
  const warm = createWarmWays({ exact: () => revision });
  warm.put(request("/a"), FILE, undefined);
  revision = 2;
  warm.put(request("/a"), FILE, 1);
  assert.equal(warm.get(request("/a")), undefined);
});

it("createWarmWays has a bound for paths and for how many it knows", () => {
  const warm = createWarmWays({ exact: () => 1 });
  const path = `/${"a".repeat(WARM_PATH_LENGTH_MAX - 1)}`;
  warm.put(request(path), FILE, 1);
  warm.put(request(`${path}a`), FILE, 1);
  assert.deepEqual([warm.get(request(path)), warm.get(request(`${path}a`))], [FILE, undefined]);
  for (let n = 1; n < WARM_WAYS_MAX; n++) warm.put(request(`/${n}`), FILE, 1);
  assert.equal(warm.get(request(path)), FILE);
  warm.put(request("/more"), FILE, 1);
  assert.deepEqual([warm.get(request(path)), warm.get(request("/more"))], [undefined, FILE]);
});
