import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { openIsolation } from "../isolation/system-isolation.ts";
import { parseAppFile } from "./parse-app-file.ts";
import { type CheckStand, createTypeChecks, type TypeChecks } from "./system-type-check.ts";

const scratch = mkdtempSync(join(tmpdir(), "orrery-checks-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
const folder = join(scratch, "checks");
const isolation = openIsolation({ wish: "auto", data: scratch });

/** Checks the component `main.ts` of a bundle, which is named by its digest. */
async function check(digest: string, files: Readonly<Record<string, string>>): Promise<CheckStand> {
  const checks = createTypeChecks({ folder, isolation });
  try {
    return await ended(checks, digest, files);
  } finally {
    checks.close();
  }
}

function ended(checks: TypeChecks, digest: string, files: Readonly<Record<string, string>>): Promise<CheckStand> {
  const whole = join(scratch, digest);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(whole, path)), { recursive: true });
    writeFileSync(join(whole, path), text);
  }
  const file = parseAppFile("components: { main: main.ts }", { file: "orrery.yaml" });
  const wish = { app: "demo.test:app", digest, whole, folder: whole, file, restart: undefined };
  const { promise, resolve } = Promise.withResolvers<CheckStand>();
  checks.onChange(() => resolve(checks.stand(wish)));
  const first = checks.stand(wish);
  return first.kind === "going" ? promise : Promise.resolve(first);
}

describe("createTypeChecks", () => {
  it("tells each mistake with file, line and column, and what Node cannot take out", async () => {
    const stand = await check("mistakes", {
      "main.ts": `import { twice } from "./lib/twice.ts";\nexport const text: string = twice(2);\nenum Colour { Red }\n`,
      "lib/twice.ts": "export const twice = (n: number): number => n + undefinedName;\n",
    });
    assert.equal(stand.kind, "bad");
    assert.deepEqual(
      stand.kind === "bad" && stand.lines.map((line) => line.replace(/: error (TS\d+): .*/, " $1")).sort(),
      ["lib/twice.ts:1:49 TS2552", "main.ts:2:14 TS2322", "main.ts:3:6 TS1294"],
    );
  });

  it("takes what uses Node and packages without types, and knows it over a restart", async () => {
    const files = {
      "main.ts": `import { loud } from "loud";\nexport const text: string = loud(process.version);\n`,
      "node_modules/loud/package.json": `{ "name": "loud", "version": "1.0.0", "main": "loud.cjs" }`,
      "node_modules/loud/loud.cjs": "module.exports.loud = (text) => text;\n",
    };
    assert.deepEqual(await check("good", files), { kind: "good" });
    assert.deepEqual(readdirSync(folder).length, 1);
    const again = createTypeChecks({ folder, isolation });
    assert.deepEqual(await ended(again, "good", files), { kind: "good" });
    again.close();
  });

  it("types what stands in a handler by the contract, also where its parts are named", async () => {
    const files = {
      "main.ts": `declare function handlers(make: () => { say(asked: { name?: string; times: number }): string }): void;\nhandlers(() => ({ say({ name, times }) { return (name ?? "").repeat(times); } }));\n`,
    };
    assert.deepEqual(await check("named", files), { kind: "good" });
    const wrong = { "main.ts": `${files["main.ts"]}export function f(any) {}\n` };
    const stand = await check("unnamed", wrong);
    assert.deepEqual(stand.kind === "bad" && stand.lines.map((line) => /TS\d+/.exec(line)?.[0]), ["TS7006"]);
  });

  it("is as strict as the tsconfig.json of the code, of which it takes nothing else", async () => {
    const code = { "main.ts": "export const length = (text?: string): number => text.length;\n" };
    assert.equal((await check("strict", code)).kind, "bad");
    const plugins = `{ "extends": "/nowhere.json", "compilerOptions": { "strict": false, "plugins": [{ "name": "x" }] } }`;
    assert.deepEqual(await check("lenient", { ...code, "tsconfig.json": plugins }), { kind: "good" });
  });

  it("tells nothing of files outside of the bundle", async () => {
    writeFileSync(join(scratch, "others.ts"), "export const others: number = 'hidden';\n");
    const stand = await check("outside", {
      "main.ts": `import { others } from "../others.ts";\nexport const text: string = others;\n`,
    });
    assert.equal(stand.kind, "bad");
    assert.equal(stand.kind === "bad" && stand.lines.length, 1);
    assert.match(stand.kind === "bad" ? stand.why : "", /^main.ts:(1:24: error TS2307|2:14: error TS2322)/);
  });
});
