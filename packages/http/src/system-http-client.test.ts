import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OrreryError } from "@orrery/core";
import { createHttpClient } from "./index.ts";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { servePage } from "./testing/browser.ts";
import { openLab, Shop } from "./testing/lab.ts";

const COUNT = { to: 3, padding: 2, fail: false, hold: false };

describe("createHttpClient", () => {
  it("calls methods and reads streams as a node does", async () => {
    await using lab = await openLab();
    const client = createHttpClient({ url: lab.url });
    const service = client.client(LabService);
    const { text, agent } = await service.say({ text: "moon" });
    assert.deepEqual({ text, agent }, { text: "moon", agent: "anonymous" });
    const mixed = await service.mix({ signed: 9007199254740993n, blob: new Uint8Array([1, 2]) });
    assert.deepEqual([mixed.signed, [...mixed.blob]], [9007199254740993n, [1, 2]]);
    const values: number[] = [];
    for await (const { value } of service.count(COUNT)) values.push(value);
    assert.deepEqual(values, [1, 2, 3]);
    client.close();
  });

  it("throws what the door was given, with code, reason, details and definiteness", async () => {
    await using lab = await openLab();
    const client = createHttpClient({ url: lab.url });
    const service = client.client(LabService);
    await assert.rejects(service.fail({ how: "declared" }), {
      name: "OrreryError",
      code: "not_found",
      message: 'Cannot find place "Atlantis": no such name',
      definite: true,
      details: { place: "Atlantis", tries: [1, 2] },
    });
    await assert.rejects(service.fail({ how: "thrown" }), ({ message }: Error) => !message.includes("swordfish"));
    const read = async () => {
      for await (const _ of service.count({ ...COUNT, fail: true }));
    };
    await assert.rejects(read(), { code: "out_of_range", details: { to: 3 } });
    client.close();
  });

  it("ends a call by its time and by its signal, and the door gives it up", async () => {
    await using lab = await openLab();
    const client = createHttpClient({ url: lab.url });
    const service = client.client(LabService);
    await assert.rejects(service.wait({ ms: 600_000 }, { timeoutMs: 20 }), {
      code: "deadline_exceeded",
      kind: "timeout",
    });
    const leaving = new AbortController();
    const waiting = service.wait({ ms: 600_000 }, { signal: leaving.signal });
    while (lab.notes.begun < 2) await lab.notes.changed();
    leaving.abort();
    await assert.rejects(waiting, { code: "canceled", kind: "cancelled" });
    while (lab.notes.ended < 2) await lab.notes.changed();
    client.close();
  });

  it("has the door give a stream up that is left before its end", async () => {
    await using lab = await openLab();
    const client = createHttpClient({ url: lab.url });
    const ended = lab.notes.ended;
    for await (const { value } of client.client(LabService).count({ ...COUNT, hold: true }, { timeoutMs: 600_000 }))
      if (value === 1) break;
    while (lab.notes.ended === ended) await lab.notes.changed();
    client.close();
  });

  it("says who calls, and once more with another word where that was refused, for streams too", async () => {
    const authenticate = (headers: Pick<Headers, "get">) => {
      if (headers.get("authorization") === "Bearer new") return "ann";
      throw new OrreryError("unauthenticated", "Cannot use the token: it is old");
    };
    await using lab = await openLab({ authenticate });
    const asked: (string | undefined)[] = [];
    const authorization = async (refused?: string) => {
      asked.push(refused);
      return refused === undefined ? "Bearer old" : "Bearer new";
    };
    const client = createHttpClient({ url: lab.url, authorization });
    assert.equal((await client.client(LabService).say({ text: "" })).agent, "ann");
    const values: number[] = [];
    for await (const { value } of client.client(LabService).count(COUNT)) values.push(value);
    assert.deepEqual(values, [1, 2, 3]);
    assert.deepEqual(asked, [undefined, "Bearer old", undefined, "Bearer old"]);
    const never = createHttpClient({ url: lab.url, authorization: async () => "Bearer old" });
    await assert.rejects(never.client(LabService).say({ text: "" }), { code: "unauthenticated" });
    for (const one of [client, never]) one.close();
  });

  it("tells where nobody answers, and where something else does", async () => {
    const url = await (async () => {
      await using lab = await openLab();
      return lab.url;
    })();
    const gone = createHttpClient({ url });
    const away = {
      code: "unavailable",
      kind: "unreachable",
      definite: false,
      message: new RegExp(`Cannot call "${url}"`),
    };
    await assert.rejects(gone.client(LabService).say({ text: "" }), away);
    await using page = await servePage("");
    const other = createHttpClient({ url: page.origin });
    await assert.rejects(other.client(LabService).say({ text: "" }), { code: "unavailable", kind: "unreachable" });
    for (const one of [gone, other]) one.close();
  });

  it("refuses what is no URL of HTTP, and contracts of schemas", () => {
    for (const url of ["tcp://127.0.0.1:7700", "orrery.test", "https://"])
      assert.throws(() => createHttpClient({ url }), { code: "invalid_argument" });
    assert.throws(() => createHttpClient({ url: "http://127.0.0.1:1" }).client(Shop), { code: "invalid_argument" });
  });
});
