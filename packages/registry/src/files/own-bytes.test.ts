import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createNode, createSystemClock, isOrreryError, type Node } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { createBundleComponent } from "../bundles/bundle-component.ts";
import { createBundles } from "../bundles/bundles.ts";
import { sealManifest } from "../bundles/manifest.ts";
import { createPublisherKey } from "../bundles/system-publisher-key.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { BundleService } from "../gen/orrery/registry/v1/bundles_pb.ts";
import { FileService } from "../gen/orrery/registry/v1/files_pb.ts";
import { RegistryService, Strategy } from "../gen/orrery/registry/v1/registry_pb.ts";
import { createRegistryComponent } from "../service/registry-component.ts";
import { makeArchive } from "../testing/make-archive.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import { createFiles } from "./create-files.ts";
import { createFileComponent } from "./file-component.ts";

const SECRET = Buffer.from("what only the operator may read");
const STOLEN = { digest: digestOf(SECRET), bytes: BigInt(SECRET.length) };
const MINE = "ann.test:files:/mine";

/** A node of ann, who owns a space and knows the digest of a file that is not hers. */
async function openThief() {
  const clock = createSystemClock();
  const registry = await openTestRegistry({ clock });
  const blobs = createMemoryBlobs({ clock });
  const files = createFiles({ registry, blobs, clock, random: createSeededRandom(5) });
  const bundles = createBundles({ registry, blobs, random: createSeededRandom(6) });
  const components = [
    createRegistryComponent(registry),
    createFileComponent(files),
    createBundleComponent(bundles, registry),
  ];
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
  await registry.create({ address: "ann.test", kind: "Space", owner: "ann" }, OPERATOR);
  await registry.create({ address: "ann.test:files", kind: "FileSystem" }, { agent: "ann" });
  const node: Node = createNode({ components, agent: "ann" });
  await node.start();
  const close = async () => {
    await node.stop();
    await files[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  };
  return { registry, blobs, files, bundles, node, [Symbol.asyncDispose]: close };
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    return isOrreryError(error) ? error.code : String(error);
  }
}

describe("whoever knows a digest", () => {
  it("does not come by its bytes through a state", async () => {
    await using at = await openThief();
    await upload(at, SECRET);
    const registry = at.node.client(RegistryService);
    const create = (strategy: Strategy, address = MINE) =>
      registry.create({ address, kind: "File", state: { content: STOLEN }, strategy });
    assert.equal(await codeOf(create(Strategy.CREATE)), "permission_denied");
    await registry.create({ address: MINE, kind: "File" });
    assert.equal(await codeOf(create(Strategy.UPDATE)), "permission_denied");
    assert.equal(await codeOf(registry.change({ address: MINE, state: { content: STOLEN } })), "permission_denied");
    await assertStillSecret(at);
  });

  it("does not come by its bytes through an upload that sends none, or others", async () => {
    await using at = await openThief();
    await upload(at, SECRET);
    const files = at.node.client(FileService);
    const { upload: name } = await files.beginUpload({ address: MINE, bytes: STOLEN.bytes });
    const finish = (of = name) => files.finishUpload({ upload: of, address: MINE, ...STOLEN });
    assert.equal(await codeOf(finish()), "failed_precondition");
    await files.appendUpload({ upload: name, offset: 0n, data: Buffer.alloc(SECRET.length) });
    const both = await Promise.all([codeOf(finish()), codeOf(finish())]);
    assert.ok(both.includes("data_loss") && !both.includes("done"), both.join());
    assert.equal(await codeOf(finish()), "not_found");
    const { upload: left } = await files.beginUpload({ address: MINE, bytes: STOLEN.bytes });
    await files.abandonUpload({ upload: left });
    assert.equal(await codeOf(finish(left)), "not_found");
    await assertStillSecret(at);
  });

  it("does not come by them through an archive that somebody else sent", async () => {
    await using at = await openThief();
    const [archive, manifest] = [makeArchive([{ path: "secret", content: SECRET.toString() }]), manifestOf(SECRET)];
    const key = createPublisherKey();
    const request = (address: string) => ({ address, archive: digestOf(archive) });
    const signed = { manifest: manifest.text, publisher: key.publisher, signature: key.sign(manifest.text) };
    const begin = (address: string) => ({ ...request(address), bytes: archive.length, digest: manifest.digest });
    await at.bundles.begin(begin("demo.test:site:1.0.0"), OPERATOR);
    await at.bundles.append({ ...request(""), offset: 0, piece: archive }, OPERATOR);
    await at.bundles.publish({ ...request("demo.test:site:1.0.0"), ...signed }, OPERATOR);
    const service = at.node.client(BundleService);
    const publish = () => codeOf(service.publish({ ...request("ann.test:site:1.0.0"), ...signed }));
    assert.equal(await publish(), "not_found");
    const begun = { ...begin("ann.test:site:1.0.0"), bytes: BigInt(archive.length) };
    assert.deepEqual((await service.begin(begun)).offset, 0n);
    assert.equal(await publish(), "data_loss");
    await assertStillSecret(at);
    assert.equal((await service.begin(begun)).offset, 0n);
    await service.append({ ...request(""), offset: 0n, piece: archive });
    assert.equal(await publish(), "done");
  });
});

function manifestOf(content: Buffer) {
  const file = { path: "/secret", digest: digestOf(content), bytes: content.length };
  return sealManifest([{ ...file, contentType: "text/plain", executable: false }]);
}

type Thief = Awaited<ReturnType<typeof openThief>>;

async function upload({ files }: Thief, bytes: Buffer): Promise<void> {
  const address = "demo.test:files:/secret";
  const name = await files.begin({ address, bytes: bytes.length }, OPERATOR);
  await files.append({ upload: name, offset: 0, data: bytes }, OPERATOR);
  await files.finish({ upload: name, address, bytes: bytes.length, digest: digestOf(bytes) }, OPERATOR);
}

async function assertStillSecret({ node, registry }: Thief): Promise<void> {
  const read = node.client(FileService).readFile({ address: MINE, offset: 0n });
  assert.notEqual(await codeOf(read), "done");
  const { resources } = await registry.list({ selector: "ann.test:**" }, OPERATOR);
  assert.ok(!JSON.stringify(resources).includes(STOLEN.digest));
}
