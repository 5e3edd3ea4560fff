import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { openArtifactRecord } from "../artifact/system-artifact-record.ts";
import { fetchImage } from "../image/fetch-image.ts";
import type { PackedImage } from "../image/make-archive.ts";
import { packFolder } from "../image/pack-folder.ts";
import { createSealKey } from "../keys/system-seal-key.ts";
import { parsePod } from "../pod/parse-pod.ts";
import { type StartedRegistry, startFront, startRegistry } from "../testing/start-registry.ts";
import { preparePod } from "./prepare-pod.ts";

const PROGRAM = join(import.meta.dirname, "../testing/pod-program");
const hasRegistry = spawnSync("docker-registry", ["--version"]).status === 0;

describe("preparePod", { skip: hasRegistry ? false : "there is no docker-registry" }, () => {
  let [registry, packed, folder]: [StartedRegistry | undefined, PackedImage | undefined, string] = [
    undefined,
    undefined,
    "",
  ];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "orrery-prepare-"));
    registry = await startRegistry();
    packed = await packFolder(PROGRAM);
    await registry.push(packed.archive, "shop/web", "1");
  });
  after(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const prepare = (image: string) => {
    const [clock, random] = [createSystemClock(), createSystemRandom()];
    const artifacts = openArtifactRecord({ path: join(folder, "artifacts.json"), key: createSealKey(), clock, random });
    const pod = parsePod(`name: shop\ncontainers: { web: { image: "${image}" } }\n`, { file: "pod.yaml" });
    return preparePod(pod, { folder, artifacts, pack: packFolder, fetch: fetchImage, onStep: () => undefined });
  };

  it("pins an image that is named by a tag to the digest that its registry gives for it, and says so", async () => {
    const name = `${registry?.host}/shop/web:1`;
    const { sealed, notes } = await prepare(name);
    assert.equal(sealed.images["web"], packed?.digest);
    assert.deepEqual(notes, [`image ${name} is ${packed?.digest}`]);
  });

  it("refuses an image by another digest than it has, and one that its registry does not have", async () => {
    const front = await startFront(registry ?? assert.fail(), { change: (_path, body) => Buffer.from(`${body} `) });
    try {
      await assert.rejects(prepare(`${front.host}/shop/web@${packed?.digest}`), { code: "data_loss" });
    } finally {
      await front.stop();
    }
    const wrong = `sha256:${"1".repeat(64)}`;
    await assert.rejects(prepare(`${registry?.host}/shop/web@${wrong}`), { code: "not_found" });
  });
});
