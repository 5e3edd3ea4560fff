import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { defineService, json } from "@orrery/core";
import { type App, launchHere, launchProcesses } from "@orrery/mesh";
import { ROOT } from "./testing/protoc.ts";
import { makeScratch, writeFiles } from "./testing/scratch.ts";

const LINES_MAX = 25;
const LISTEN = "tcp://127.0.0.1:0";
const folder = makeScratch();

/** The first program that the README shows. */
const first = /```ts\n\/\/ file: weather\.ts\n(.*?)```/s.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1] ?? "";

/** A component that tells which version of a library it found beside it. */
function componentOf(name: string): string {
  return `
    import { defineComponent, defineService, json } from "@orrery/core";
    import { major } from "library";

    const service = defineService("${name}", { tell: { request: json(), reply: json() } });
    export default defineComponent(service, () => ({ tell: () => ({ major }) }));
  `;
}

/** An ES module of a library in a folder's own node_modules. */
function libraryOf(major: number): string {
  return `export const major = ${major};`;
}

const LIBRARY_MANIFEST = '{ "name": "library", "type": "module", "exports": "./index.js" }';

writeFiles(folder, {
  "weather.ts": first,
  "shop/index.js": componentOf("shop"),
  "shop/node_modules/library/index.js": libraryOf(1),
  "shop/node_modules/library/package.json": LIBRARY_MANIFEST,
  "bank/index.ts": componentOf("bank"),
  "bank/node_modules/library/index.js": libraryOf(2),
  "bank/node_modules/library/package.json": LIBRARY_MANIFEST,
});

const LAUNCHES: readonly (readonly [what: string, launch: (paths: readonly string[]) => Promise<App>])[] = [
  ["launchHere", (paths) => launchHere({ paths, cwd: folder, listen: LISTEN })],
  ["launchProcesses", (paths) => launchProcesses({ paths, cwd: folder, listen: LISTEN })],
];

const Weather = defineService("weather", {
  today: { request: json<{ place: string }>(), reply: json<{ celsius: number }>() },
});

test(`the README's first component has fewer than ${LINES_MAX} lines`, () => {
  const lines = first.split("\n");
  assert.ok(lines.length > 5 && lines.length < LINES_MAX, `${lines.length} lines`);
});

for (const [what, launch] of LAUNCHES) {
  test(`${what} runs the README's first component from one bare file`, async () => {
    const app = await launch(["weather.ts"]);
    try {
      assert.deepEqual(await app.node.client(Weather).today({ place: "Oslo" }), { celsius: -3 });
    } finally {
      await app.stop();
    }
  });

  test(`${what} runs folders without a manifest, each with a version of a library of its own`, async () => {
    const app = await launch(["shop", "bank"]);
    try {
      for (const [name, major] of [
        ["shop", 1],
        ["bank", 2],
      ] as const) {
        const service = defineService(name, { tell: { request: json<unknown>(), reply: json<{ major: number }>() } });
        assert.deepEqual(await app.node.client(service).tell({}), { major });
      }
    } finally {
      await app.stop();
    }
  });
}
