import assert from "node:assert/strict";
import { test } from "node:test";
import { createJsonCaller, type ServiceReply } from "./index.ts";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openLab } from "./testing/lab.ts";

async function textOf(body: ServiceReply["body"]): Promise<string> {
  if (typeof body === "string") return body;
  const bytes = body instanceof Uint8Array || body === undefined ? body : Buffer.concat(await Array.fromAsync(body));
  return new TextDecoder().decode(bytes);
}

test("JsonCaller.answer asks as whom it is told, else as nobody, whatever the request says, and with each protocol", async () => {
  await using lab = await openLab();
  const caller = createJsonCaller({ node: lab.node, services: [LabService] });
  const ask = async (agent: string | undefined, protocol: Record<string, string>) => {
    const answer = await caller.answer?.({
      ...{ component: LabService.typeName, method: "Say", verb: "POST", query: "", client: "127.0.0.1" },
      headers: new Headers({ "content-type": "application/json", authorization: "Bearer x", ...protocol }),
      body: new TextEncoder().encode('{"text":""}'),
      signal: new AbortController().signal,
      ...(agent !== undefined && { agent }),
    });
    return (JSON.parse(await textOf(answer?.body)) as { agent: string }).agent;
  };
  for (const protocol of [{}, { "connect-protocol-version": "1" }]) {
    const all = await Promise.all([ask("ann", protocol), ask(undefined, protocol), ask("bob", protocol)]);
    assert.deepEqual(all, ["ann", "anonymous", "bob"]);
  }
});

test("JsonCaller.answer answers the plainest calls as it does those whose header asks for more", async () => {
  await using lab = await openLab();
  const caller = createJsonCaller({ node: lab.node, services: [LabService] });
  const ask = async (body: string, more: Record<string, string>, method: string) => {
    const answer = await caller.answer?.({
      ...{ component: LabService.typeName, method, verb: "POST", query: "", client: "127.0.0.1", agent: "ann" },
      headers: new Headers({ "content-type": "application/json", ...more }),
      body: new TextEncoder().encode(body),
      signal: new AbortController().signal,
    });
    const text = (await textOf(answer?.body)).replace(/"budgetMs":"\d+"/, ""); // Some time passes on the way.
    return { status: answer?.status, headers: [...(answer?.headers ?? [])], text };
  };
  const bodies = ['{"text":"é"}', '{"text":', '{"text":1}', '{"other":"x"}', "", "null", '{"text":"\\ud800"}', "[]"];
  const seen = new Set<number | undefined>();
  for (const method of ["Say", "Nothing"])
    for (const body of bodies) {
      const plainest = await ask(body, {}, method);
      assert.deepEqual(plainest, await ask(body, { "content-encoding": "identity" }, method), `${method} ${body}`);
      seen.add(plainest.status);
    }
  assert.deepEqual([...seen].sort(), [200, 400, 404]);
});
