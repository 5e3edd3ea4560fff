import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isOrreryError, type OrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { bundlesAs } from "../bundles/bundle-access.ts";
import { type Bundles, createBundles } from "../bundles/bundles.ts";
import { fetchBundle } from "../bundles/fetch-bundle.ts";
import { BUNDLE_ENTRIES_MAX, BUNDLE_PIECE_BYTES } from "../bundles/limits.ts";
import { sealManifest } from "../bundles/manifest.ts";
import { publishFolder } from "../bundles/publish-folder.ts";
import { createPublisherKey } from "../bundles/system-publisher-key.ts";
import { setTag } from "../bundles/tags.ts";
import type { TestServer } from "../conformance/system-test-servers.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import type { By } from "../registry.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { makeArchive, type TestEntry } from "./make-archive.ts";
import { makeFolder } from "./make-folder.ts";
import { REFUSED_ARCHIVES } from "./refused-archives.ts";
import { OPERATOR } from "./registry-case.ts";

const KEY = createPublisherKey();
const SITE = "demo.test:site:1.0.0";
const PNG = Buffer.from("89504e470d0a1a0a", "hex");

/** A registry with one space, its blobs, and who publishes there. */
async function openBundles(server: TestServer) {
  const registry = await openTestRegistry({ database: await server.open() });
  const blobs = createMemoryBlobs({ clock: { now: () => 0 } });
  const random = createSeededRandom(3);
  const bundles = createBundles({ registry, blobs, random });
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  const namesOf = async (what: "blobs" | "uploads") => {
    const names: string[] = [];
    for await (const { name } of blobs.list(what)) names.push(name);
    return names;
  };
  const publish = (folder: { readonly path: string }, address = SITE, by: By = OPERATOR) =>
    publishFolder(bundlesAs(bundles, by), { folder: folder.path, address, key: KEY });
  const listed = async (selector: string) =>
    (await registry.list({ selector }, OPERATOR)).resources.map(({ address }) => address);
  const end = () => registry[Symbol.asyncDispose]();
  return { registry, blobs, bundles, random, namesOf, publish, listed, [Symbol.asyncDispose]: end };
}

/** Sends an archive as it is, with a manifest that is signed well. */
async function publishRaw(bundles: Bundles, archive: Uint8Array, entries: readonly TestEntry[]) {
  const manifest = sealManifest(
    entries.map(({ path = "", content = "", mode = 0 }) => {
      const bytes = Buffer.from(content);
      const executable = (mode & 0o100) !== 0;
      return { path: `/${path}`, digest: digestOf(bytes), bytes: bytes.length, contentType: "text/plain", executable };
    }),
  );
  const digest = digestOf(archive);
  await bundles.begin({ address: SITE, archive: digest, bytes: archive.length, digest: manifest.digest }, OPERATOR);
  await bundles.append({ archive: digest, offset: 0, piece: archive }, OPERATOR);
  const signed = { publisher: KEY.publisher, signature: KEY.sign(manifest.text) };
  return bundles.publish({ address: SITE, archive: digest, manifest: manifest.text, ...signed }, OPERATOR);
}

/** What publishing and fetching do, whichever PostgreSQL resources are kept in. */
export function testBundles(server: () => TestServer): void {
  describe("publishing", () => testPublishing(server));
  describe("what is refused", () => testRefusals(server));
  describe("fetching", () => testFetching(server));
}

function testPublishing(server: () => TestServer): void {
  it("makes the series, the version and all of its files, as its bundle.yaml says", async () => {
    await using at = await openBundles(server());
    const yaml = "name: Site\ndescription: Ours\nimage: img/a.png\nauthors: [Ann]\nkeywords: [Web Site, CSS]\n";
    using folder = makeFolder({ "bundle.yaml": yaml, "html/index.html": "<h1>1</h1>", "img/a.png": PNG });
    folder.write("bin/run", "#!/bin/sh\n", { mode: 0o755 });
    const { address, digest, changed } = await at.publish(folder);
    assert.deepEqual([address, changed], [SITE, true]);
    assert.deepEqual(await at.listed(`${SITE}:/**`), [
      `${SITE}:/bin/`,
      `${SITE}:/bin/run`,
      `${SITE}:/bundle.yaml`,
      `${SITE}:/html/`,
      `${SITE}:/html/index.html`,
      `${SITE}:/img/`,
      `${SITE}:/img/a.png`,
    ]);
    const { publisher, signature, ...said } = (await at.registry.get(SITE, OPERATOR)).properties;
    assert.deepEqual(said, {
      name: "Site",
      description: "Ours",
      image: "/img/a.png",
      authors: ["Ann"],
      keywords: ["css", "web-site"],
    });
    assert.deepEqual([publisher, typeof signature], [KEY.publisher, "string"]);
    assert.equal((await at.registry.get(SITE, OPERATOR)).state["manifest"]?.digest, digest);
    const page = await at.registry.get(`${SITE}:/html/index.html`, OPERATOR);
    assert.deepEqual(page.properties, { contentType: "text/html; charset=utf-8" });
    assert.deepEqual(page.state["content"], { digest: digestOf(Buffer.from("<h1>1</h1>")), bytes: 10 });
    assert.deepEqual((await at.registry.get(`${SITE}:/bin/run`, OPERATOR)).properties["executable"], true);
    assert.deepEqual(await at.namesOf("uploads"), []);
  });

  it("again changes nothing, and refuses other content by both digests", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ "a.txt": "1" });
    const first = await at.publish(folder);
    const revision = at.registry.revision();
    folder.write("a.txt", "1", { mode: 0o600, at: 1_000 });
    assert.deepEqual(await at.publish(folder), { ...first, revision, changed: false });
    folder.write("a.txt", "2");
    const error = (await at.publish(folder).catch((reason: unknown) => reason)) as OrreryError;
    assert.match(
      error.message,
      /^Cannot publish "demo.test:site:1.0.0": it is there with digest sha256:\w{64}, and this has sha256:\w{64}/,
    );
    assert.deepEqual([error.code, error.details["there"]], ["already_exists", first.digest]);
    assert.equal(at.registry.revision(), revision);
    assert.equal((await at.publish(folder, "demo.test:site:1.1.0")).changed, true);
  });

  it("by several at once makes one of the contents, and tells each what became of its own", async () => {
    await using at = await openBundles(server());
    using one = makeFolder({ "a.txt": "1" });
    using other = makeFolder({ "a.txt": "2" });
    const ends = await Promise.allSettled([one, one, other, other].map((folder) => at.publish(folder)));
    const { state } = await at.registry.get(SITE, OPERATOR);
    const done = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    assert.deepEqual(
      done.map(({ digest }) => digest),
      [state["manifest"]?.digest, state["manifest"]?.digest],
    );
    assert.equal(done.filter(({ changed }) => changed).length, 1);
    for (const end of ends) if (end.status === "rejected") assert.equal(end.reason.code, "already_exists");
  });

  it("goes on where it was when it is interrupted", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ big: createSeededRandom(9).bytes(5 * BUNDLE_PIECE_BYTES) });
    const access = bundlesAs(at.bundles, OPERATOR);
    let sent = 0;
    const append: typeof access.append = async (request) => {
      sent += request.piece.length;
      if (sent > 3 * BUNDLE_PIECE_BYTES) throw new Error("cut");
      return access.append(request);
    };
    const options = { folder: folder.path, address: SITE, key: KEY };
    await assert.rejects(publishFolder({ ...access, append }, options), /cut/);
    const resent: number[] = [];
    const counting: typeof access.append = (request) => {
      resent.push(request.offset);
      return access.append(request);
    };
    await publishFolder({ ...access, append: counting }, options);
    assert.deepEqual(resent.slice(0, 2), [3 * BUNDLE_PIECE_BYTES, 4 * BUNDLE_PIECE_BYTES]);
  });

  it(`takes ${BUNDLE_ENTRIES_MAX} files, and takes them away again`, async () => {
    await using at = await openBundles(server());
    const entries = Array.from({ length: BUNDLE_ENTRIES_MAX }, (_, n) => ({ path: `f${n}`, content: `${n % 7}` }));
    const archive = makeArchive(entries);
    await publishRaw(at.bundles, archive, entries);
    assert.equal(at.registry.revision(), 1 + 2 + BUNDLE_ENTRIES_MAX);
    await at.registry.remove({ address: SITE }, OPERATOR);
    assert.deepEqual(await at.listed("**"), ["demo.test", "demo.test:site"]);
  });
}

function testRefusals(server: () => TestServer): void {
  const good: readonly TestEntry[] = [{ path: "a", content: "1" }];
  it("leaves nothing: every shape that no archive may have", async () => {
    await using at = await openBundles(server());
    for (const [what, entries, why] of REFUSED_ARCHIVES) {
      const archive = makeArchive(entries);
      const first = entries.length > 1 ? entries.slice(0, 1) : good; // What is right of it is in the manifest.
      await expectRefusal(publishRaw(at.bundles, archive, first), "invalid_argument", why);
      assert.deepEqual(await at.listed("**"), ["demo.test"], what);
    }
    assert.equal((await at.namesOf("blobs")).length, REFUSED_ARCHIVES.length); // The archives themselves, until they are swept.
    assert.deepEqual(await at.namesOf("uploads"), []);
  });

  it("leaves nothing: archives of which bits were flipped", async () => {
    await using at = await openBundles(server());
    const random = createSeededRandom(21);
    const archive = makeArchive(good);
    for (let round = 0; round < 300; round++) {
      const flipped = Buffer.from(archive);
      const place = random.integer(flipped.length);
      flipped[place] = (flipped[place] ?? 0) ^ (1 << random.integer(8));
      const error = await publishRaw(at.bundles, flipped, good).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) {
        assert.equal(
          (await at.registry.get(`${SITE}:/a`, OPERATOR)).state["content"]?.digest,
          digestOf(Buffer.from("1")),
        );
        await at.registry.remove({ address: "demo.test:site", recursive: true }, OPERATOR);
      } else if (!isOrreryError(error)) throw error;
      assert.deepEqual(await at.listed("**"), ["demo.test"]);
    }
  });

  const wrong: readonly (readonly [string, readonly TestEntry[], string, string])[] = [
    ["a file of other content", [{ path: "a", content: "2" }], "data_loss", 'its manifest does not have "a"'],
    ["a file too many", [...good, { path: "b" }], "data_loss", 'its manifest does not have "b"'],
    ["a file too few", [], "data_loss", 'its manifest does not have "a"'],
    [
      "a file that may be executed",
      [{ path: "a", content: "1", mode: 0o755 }],
      "data_loss",
      'its manifest does not have "a"',
    ],
  ];
  for (const [what, entries, code, why] of wrong)
    it(`leaves nothing: ${what}`, async () => {
      await using at = await openBundles(server());
      await expectRefusal(publishRaw(at.bundles, makeArchive(entries), good), code as "data_loss", why);
      assert.deepEqual(await at.listed("**"), ["demo.test"]);
    });

  it("leaves nothing: a bundle.yaml that is wrong, said with line and column also by the server", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ "bundle.yaml": "name: x\nimage: no.png\n" });
    await expectRefusal(at.publish(folder), "invalid_argument", 'bundle.yaml:2:8: "image" is "no.png"');
    const entries = [{ path: "bundle.yaml", content: "nme: x\n" }];
    await expectRefusal(
      publishRaw(at.bundles, makeArchive(entries), entries),
      "invalid_argument",
      'did you mean "name"?',
    );
    assert.deepEqual(await at.listed("**"), ["demo.test"]);
  });

  it("is what is no semver, whose series cannot be, or what somebody else signed", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ a: "1" });
    for (const version of ["1.0", "v1.0.0", "latest", "01.0.0", "[latest]", "1.0.0:/a"])
      await expectRefusal(at.publish(folder, `demo.test:site:${version}`), "invalid_argument", "is not a semver");
    await expectRefusal(at.publish(folder, "no.test:site:1.0.0"), "not_found", 'its parent "no.test" is missing');
    const access = bundlesAs(at.bundles, OPERATOR);
    const key = { publisher: createPublisherKey().publisher, sign: KEY.sign };
    const publishing = publishFolder(access, { folder: folder.path, address: SITE, key });
    await expectRefusal(publishing, "invalid_argument", "the signature is not of this manifest by this key");
    assert.deepEqual(await at.listed("**"), ["demo.test"]);
  });

  it("is whoever may not create there, before a byte is sent", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ a: "1" });
    const ann = { agent: "demo.test:users:ann" };
    await expectRefusal(at.publish(folder, SITE, ann), "permission_denied", 'Cannot create in "demo.test:site"');
    assert.deepEqual([await at.namesOf("blobs"), await at.namesOf("uploads")], [[], []]);
    const grant = { to: ann.agent, verbs: "c", on: "demo.test" };
    await at.registry.create({ address: "demo.test:g", kind: "Grant", properties: grant }, OPERATOR);
    assert.equal((await at.publish(folder, SITE, ann)).changed, true);
    assert.equal((await at.registry.get("demo.test:site", OPERATOR)).owner, ann.agent);
  });
}

function testFetching(server: () => TestServer): void {
  it("gives the same files back, by version and by tag", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ "a/b.txt": "1", empty: "" });
    folder.write("run", "#!/bin/sh\n", { mode: 0o755 });
    const { digest } = await at.publish(folder);
    await setTag(at.registry, { series: "demo.test:site", tag: "latest", version: "1.0.0" }, OPERATOR);
    const access = bundlesAs(at.bundles, OPERATOR);
    const into = join(folder.path, "fetched");
    const fetched = await fetchBundle(access, {
      address: "demo.test:site:[latest]",
      folder: into,
      random: at.random,
      publisher: KEY.publisher,
    });
    assert.deepEqual([fetched.address, fetched.digest], [SITE, digest]);
    assert.equal(readFileSync(join(into, "a/b.txt"), "utf8"), "1");
    assert.equal(statSync(join(into, "run")).mode & 0o777, 0o755);
    assert.deepEqual(readdirSync(into).sort(), ["a", "empty", "run"]);
    assert.deepEqual(readdirSync(folder.path).sort(), ["a", "empty", "fetched", "run"]);
  });

  it("leaves nothing where something differs, and touches no folder that has something in it", async () => {
    await using at = await openBundles(server());
    using folder = makeFolder({ a: "1" });
    await at.publish(folder);
    const access = bundlesAs(at.bundles, OPERATOR);
    const into = join(folder.path, "x");
    const fetch = (changed: Partial<typeof access>, more = {}) =>
      fetchBundle({ ...access, ...changed }, { address: SITE, folder: into, random: at.random, ...more });
    const other = makeArchive([{ path: "a", content: "2" }]);
    const lying = {
      fetch: async function* () {
        yield other;
      },
    };
    await expectRefusal(fetch(lying), "data_loss", 'its manifest does not have "a"');
    const describe = async (address: string) => ({
      ...(await access.describe(address)),
      signature: Buffer.alloc(64).toString("base64"),
    });
    await expectRefusal(fetch({ describe }), "data_loss", "its signature is not of its manifest");
    await expectRefusal(fetch({}, { publisher: "x" }), "failed_precondition", "signed it, not");
    await expectRefusal(fetch({}, { folder: folder.path }), "failed_precondition", "has something in it");
    await expectRefusal(fetch({}, { address: "demo.test:site" }), "failed_precondition", "it is a BundleSeries");
    const denied = fetchBundle(bundlesAs(at.bundles, { agent: "bob" }), {
      address: SITE,
      folder: into,
      random: at.random,
    });
    await expectRefusal(denied, "permission_denied", "read");
    assert.equal(existsSync(into), false);
    assert.deepEqual(readdirSync(folder.path), ["a"]);
  });
}
