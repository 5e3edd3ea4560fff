import { strict as assert } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createNode, defineService, json } from "@orrery/core";
import { createCage, createMechtronComponent } from "@orrery/platform";
import { build } from "esbuild";

const GUEST = join(import.meta.dirname, "../packages/guest");
const Greeter = defineService("greeter", {
  hello: { request: json<{ name: string }>(), reply: json<{ text: string }>() },
});

test("@orrery/guest is installed alone from its tarball, builds its template, and runs in the cage", async () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-alone-"));
  try {
    const npm = (...args: string[]) => execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    cpSync(join(GUEST, "template/hello/hello.ts"), join(folder, "hello.ts"));
    const [{ filename }] = JSON.parse(npm("pack", GUEST, "--json")) as [{ filename: string }];
    npm("init", "--yes");
    npm("install", "--offline", "--no-audit", "--no-fund", `./${filename}`);
    assert.deepEqual(installed(folder), ["@orrery/guest"]);
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules/@orrery/guest/package.json"), "utf8"));
    assert.equal(manifest.dependencies, undefined);

    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: ["hello.ts"],
      bundle: true,
      format: "esm",
      write: false,
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array(0);
    await using cage = createCage();
    const component = createMechtronComponent({ cage, name: "hello", service: Greeter, kind: "script", code });
    await using node = createNode({ agent: "ann", components: [component] });
    await node.start();
    assert.deepEqual(await node.client(Greeter).hello({ name: "Bo" }), { text: "Hello Bo, says ann" });
    await assert.rejects(node.client(Greeter).hello({ name: "" }), {
      code: "invalid_argument",
      message: /a name has letters/,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Packages that npm put into a folder. */
function installed(folder: string): string[] {
  const modules = join(folder, "node_modules");
  const names = readdirSync(modules).filter((name) => !name.startsWith("."));
  return names.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name],
  );
}
