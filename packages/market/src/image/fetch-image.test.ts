import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseImageName } from "../pod/image-name.ts";
import type { ImageName } from "../pod/pod.ts";
import { type FrontOptions, type StartedRegistry, startFront, startRegistry } from "../testing/start-registry.ts";
import { fetchImage } from "./fetch-image.ts";
import { MEDIA } from "./image.ts";
import { imageOf } from "./image-of.ts";
import type { PackedImage } from "./make-archive.ts";
import { packFolder } from "./pack-folder.ts";
import { parseChallenge } from "./registry-challenge.ts";
import { registryPlace } from "./registry-place.ts";
import { sha256Of } from "./system-digest.ts";

const PROGRAM = join(import.meta.dirname, "../testing/pod-program");
const hasRegistry = spawnSync("docker-registry", ["--version"]).status === 0;

describe("registryPlace", () => {
  const cases: readonly [string, string, string, string][] = [
    ["nginx", "https://registry-1.docker.io", "library/nginx", "latest"],
    ["docker.io/nginx:1.27", "https://registry-1.docker.io", "library/nginx", "1.27"],
    ["shop/web:2", "https://registry-1.docker.io", "shop/web", "2"],
    ["registry.test/shop/web", "https://registry.test", "shop/web", "latest"],
    ["localhost:5000/web:a", "http://localhost:5000", "web", "a"],
    ["127.0.0.1:5000/a/b", "http://127.0.0.1:5000", "a/b", "latest"],
    ["127.0.0.1.evil.test/a", "https://127.0.0.1.evil.test", "a", "latest"],
    [`registry.test/web:a@sha256:${"1".repeat(64)}`, "https://registry.test", "web", `sha256:${"1".repeat(64)}`],
  ];
  for (const [text, origin, repository, reference] of cases)
    it(`finds ${text}`, () => assert.deepEqual(registryPlace(named(text)), { origin, repository, reference }));
});

describe("parseChallenge", () => {
  it("reads what registries ask, and nothing from nothing", () => {
    const said = 'Bearer realm="https://auth.test/token",service="registry.test",scope="a:b:pull,push"';
    assert.deepEqual(parseChallenge(said), {
      scheme: "bearer",
      parameters: { realm: "https://auth.test/token", service: "registry.test", scope: "a:b:pull,push" },
    });
    assert.deepEqual(parseChallenge("Basic realm=x"), { scheme: "basic", parameters: { realm: "x" } });
    assert.equal(parseChallenge(null), undefined);
  });
});

describe("fetchImage", { skip: hasRegistry ? false : "there is no docker-registry" }, () => {
  let registry: StartedRegistry;
  let packed: PackedImage;
  before(async () => {
    registry = await startRegistry();
    packed = await packFolder(PROGRAM);
    await registry.push(packed.archive, "shop/web", "1");
  });
  after(async () => await registry.stop());

  const through = async (options: FrontOptions, does: (host: string, asked: readonly string[]) => Promise<void>) => {
    const front = await startFront(registry, options);
    try {
      await does(front.host, front.asked);
    } finally {
      await front.stop();
    }
  };

  it("gives the archive that was pushed, byte by byte, by tag and by the digest that the tag is resolved to", async () => {
    const fetched = await fetchImage(named(`${registry.host}/shop/web:1`));
    assert.equal(fetched.digest, packed.digest);
    assert.deepEqual(Buffer.from(fetched.archive), Buffer.from(packed.archive));
    assert.deepEqual(await fetchImage(named(`${registry.host}/shop/web@${packed.digest}`)), fetched);
  });

  it("picks the manifest for this kind of machine of an index, and names the index", async () => {
    const manifest = (architecture: string, digest: string, size: number) => {
      return { mediaType: MEDIA.manifest, digest, size, platform: { os: "linux", architecture } };
    };
    const whole = await registryManifest(registry.host, "shop/web", "1");
    const index = {
      schemaVersion: 2,
      mediaType: MEDIA.index,
      manifests: [manifest("amd64", packed.digest, whole.length)],
    };
    const bytes = Buffer.from(JSON.stringify(index));
    await registry.pushManifest(bytes, MEDIA.index, { repository: "shop/web", reference: "many" });
    const fetched = await fetchImage(named(`${registry.host}/shop/web:many`));
    assert.equal(fetched.digest, sha256Of(bytes));
    assert.deepEqual(
      [imageOf(fetched.archive).digest, imageOf(fetched.archive).config.command],
      [fetched.digest, ["node", "server.js"]],
    );
  });

  it("says what is not there, and where nobody answers", async () => {
    await assert.rejects(fetchImage(named(`${registry.host}/shop/none:1`)), {
      code: "not_found",
      message: /^Cannot fetch the image "127\.0\.0\.1:\d+\/shop\/none": the registry has no manifests\/1/,
    });
    await assert.rejects(fetchImage(named("127.0.0.1:1/web")), { code: "unavailable", message: /is not reached/ });
    await assert.rejects(fetchImage({ source: "./web" }), { code: "invalid_argument", message: /pack it instead/ });
  });

  it("refuses what a registry gives in the place of what a digest says: a manifest, a configuration, a layer", async () => {
    const { layers } = imageOf(packed.archive);
    const changed = (part: string) => (path: string, body: Buffer) =>
      path.includes(part) ? Buffer.from(`${body} `) : body;
    for (const part of ["manifests/", layers[0]?.digest ?? "none", "blobs/"])
      await through({ change: changed(part) }, async (host) => {
        await assert.rejects(fetchImage(named(`${host}/shop/web@${packed.digest}`)), { code: "data_loss" }, part);
        await assert.rejects(fetchImage(named(`${host}/shop/web:1`)), { code: "data_loss" }, part);
      });
  });

  it("gets a token where one is wanted, for whoever may have it, and sends a login nowhere else", async () => {
    await through({ login: "me:horse" }, async (host, asked) => {
      const login = { user: "me", password: "horse" };
      assert.equal((await fetchImage(named(`${host}/shop/web:1`), { login })).digest, packed.digest);
      const basic = `Basic ${Buffer.from("me:horse").toString("base64")}`;
      assert.deepEqual(asked.slice(0, 3), [
        "/v2/shop/web/manifests/1",
        `/token?service=test+registry&scope=repository%3Ashop%2Fweb%3Apull ${basic}`,
        "/v2/shop/web/manifests/1 Bearer t0ken",
      ]);
      assert.equal(asked.filter((line) => line.includes(basic)).length, 1);
      const wrong = { login: { user: "me", password: "other" } };
      const refused = { code: "permission_denied", message: /gives no token \(401\), log in as who may/ };
      await assert.rejects(fetchImage(named(`${host}/shop/web:1`), wrong), refused);
      await assert.rejects(fetchImage(named(`${host}/shop/web:1`)), refused);
    });
  });
});

async function registryManifest(host: string, repository: string, tag: string): Promise<Buffer> {
  const reply = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: MEDIA.manifest },
  });
  return Buffer.from(await reply.arrayBuffer());
}

function named(text: string): ImageName {
  return parseImageName(text) ?? { source: text };
}
