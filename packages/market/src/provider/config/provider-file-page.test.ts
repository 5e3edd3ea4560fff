import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fieldsOfPage } from "../../testing/shape-table.ts";
import { CONFIG_SHAPE } from "./config-shape.ts";
import { parseProviderConfig } from "./provider-config.ts";

const PAGE = new URL("../../../../../docs/reference/provider-file.md", import.meta.url);
const page = readFileSync(PAGE, "utf8");

it("docs/reference/provider-file.md has each field, and no other", () => {
  const { said, wanted } = fieldsOfPage(PAGE, CONFIG_SHAPE);
  assert.equal(said, wanted);
});

it("docs/reference/provider-file.md shows a file that is valid", () => {
  const text = /^```yaml\n(wallet:.*?)^```$/ms.exec(page)?.[1] ?? "";
  const config = parseProviderConfig(text, { file: "provider.yaml" });
  assert.deepEqual(config.capacity, { cpu: 16_000n, memory: 65_536n, storage: 512_000n, ip: 4n, gpu: 0n });
  assert.deepEqual(config.freeHosts, ["pods.example.com"]);
});
