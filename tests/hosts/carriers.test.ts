import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answered } from "../testing/hosts/carrier-member.ts";
import { createHosts, type Host, whyNoHosts } from "../testing/hosts/lab.ts";

const MEMBER = new URL("../testing/hosts/carrier-member.ts", import.meta.url);
const skip = whyNoHosts() ?? false;

test("hosts that share a file system take Unix sockets within themselves, and TCP to one another", {
  skip,
}, async (t) => {
  const [a, b] = createHosts(t, ["a", "b"]) as unknown as [Host, Host];
  // The same port on both, at all addresses: only the network namespace tells the sockets' files apart.
  const [one, other] = [a, b].map((host) => host.run(MEMBER, host.name, "tcp://0.0.0.0:7000"));
  assert.ok(one !== undefined && other !== undefined);
  await Promise.all([one.next(), other.next()]);
  const call = (from: typeof one, at: string) => from.ask<Answered>({ at });
  assert.deepEqual(await call(one, "tcp://127.0.0.1:7000"), { by: "a", carrier: "ipc" });
  assert.deepEqual(await call(other, "tcp://127.0.0.1:7000"), { by: "b", carrier: "ipc" });
  assert.deepEqual(await call(one, `tcp://${a.ip}:7000`), { by: "a", carrier: "ipc" });
  assert.deepEqual(await call(one, `tcp://${b.ip}:7000`), { by: "b", carrier: "tcp" });
  assert.deepEqual(await call(other, `tcp://${a.ip}:7000`), { by: "a", carrier: "tcp" });
});
