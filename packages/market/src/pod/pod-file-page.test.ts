import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fieldsOfPage } from "../testing/shape-table.ts";
import { importCompose } from "./import-compose.ts";
import { parsePod } from "./parse-pod.ts";
import { POD_SHAPE } from "./pod-shape.ts";

const PAGE = new URL("../../../../docs/reference/pod-file.md", import.meta.url);
const page = readFileSync(PAGE, "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text = ""]) => ({ language, text }));
const startingWith = (start: string) => blocks.find(({ text }) => text.startsWith(start))?.text ?? "";

it("docs/reference/pod-file.md has each field, and no other", () => {
  const { said, wanted } = fieldsOfPage(PAGE, POD_SHAPE);
  assert.equal(said, wanted);
});

it("docs/reference/pod-file.md shows a file that is valid, and what is said of a mistake", () => {
  const pod = parsePod(startingWith("name: shop"), { file: "pod.yaml" });
  assert.deepEqual(
    [pod.containers.map(({ name }) => name), pod.replicas, pod.volumes],
    [["web", "queue"], 2, [{ name: "orders", sizeMiB: 2_048 }]],
  );
  assert.deepEqual(pod.containers[0]?.health, { path: "/healthz", port: 8_080, everyMs: 10_000 });
  const wrong = startingWith("name: typo");
  assert.throws(() => parsePod(wrong, { file: "pod.yaml" }), { message: startingWith("Cannot read").trimEnd() });
});

it("docs/reference/pod-file.md shows what becomes of a compose file", () => {
  const { text, notes } = importCompose(startingWith("services:"), { file: "compose.yaml" });
  assert.equal(text, startingWith("name: app"));
  assert.equal(`${notes.join("\n")}\n`, startingWith("compose.yaml:"));
});
