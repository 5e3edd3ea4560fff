import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { createNode, createSystemClock, defineComponent, type Handlers, OrreryError } from "@orrery/core";
import { digestOf } from "@orrery/registry/blobs";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import { createBlobClient } from "./blob-client.ts";

const clock = { ...createSystemClock(), sleep: async () => undefined };
const BYTES = randomBytes(100);
const DIGEST = digestOf(BYTES);

/** A store that is not as ours is: each call is answered by `answer`, one after the other. */
async function openOther(answer: Partial<Handlers<typeof BlobService>>) {
  const none = () => {
    throw new OrreryError("unimplemented", "Cannot do that");
  };
  const component = defineComponent(BlobService, () => ({
    missing: none,
    put: none,
    get: none,
    remove: none,
    ...answer,
  }));
  const node = createNode({ components: [component] });
  await node.start();
  return {
    client: createBlobClient({ calls: node.client(BlobService), clock }),
    [Symbol.asyncDispose]: () => node.stop(),
  };
}

describe("createBlobClient", () => {
  it("takes nothing from a store that gives other bytes, too many, too few or none", async () => {
    const other = Buffer.from(BYTES).fill(1, 50, 51);
    for (const [what, give] of Object.entries({
      "other bytes": () => ({ size: 100n, part: other }),
      "more than it says": () => ({ size: 50n, part: BYTES }),
      "another size each time": ({ offset }: { offset: bigint }) => ({
        size: 100n + offset,
        part: BYTES.subarray(0, 10),
      }),
      nothing: () => ({ size: 100n, part: new Uint8Array() }),
      "more than can be": () => ({ size: 1n << 50n, part: BYTES }),
    })) {
      await using store = await openOther({ get: give });
      await assert.rejects(store.client.get(DIGEST), { code: "data_loss", message: /take it from another$/ }, what);
    }
  });

  it("asks again where a store is away for a while, goes on where it ended, and gives up at last", async () => {
    let calls = 0;
    const taken: number[] = [];
    const fail = () => {
      throw new OrreryError("unavailable", "Cannot answer: it starts");
    };
    await using store = await openOther({
      get: ({ offset }) => {
        if (++calls % 2 === 1) fail();
        return { size: 100n, part: BYTES.subarray(Number(offset), Number(offset) + 40) };
      },
      put: ({ offset, part }) => {
        taken.push(Number(offset), part.length);
        if (taken.length === 4) fail(); // What was sent is lost on the way.
        return { offset: offset + BigInt(part.length) };
      },
    });
    assert.deepEqual(await store.client.get(DIGEST), BYTES);
    assert.equal(calls, 6);
    assert.equal(await store.client.put(DIGEST, BYTES), 100);
    assert.deepEqual(taken, [0, 0, 0, 100, 0, 0, 0, 100], "it asks what is there, sends, asks again, sends");
    await using gone = await openOther({ get: fail });
    await assert.rejects(gone.client.get(DIGEST), /it starts/);
  });
});
