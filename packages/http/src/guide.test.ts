import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

const ROOT = join(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, ".orrery/http-guide");
const PAGE = readFileSync(join(ROOT, "docs/guide/http.md"), "utf8");

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...PAGE.matchAll(/^```(\w+).*\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", text = ""]) => {
    return { language, text };
  },
);

/** Each command of the page with what stands below it as its output. */
const commands = blocks.flatMap(({ language, text }, index) =>
  language === "sh" ? [[text.trim(), blocks[index + 1]?.text ?? ""] as const] : [],
);

let door: ReturnType<typeof spawn>;
let url = "";

before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  for (const { text } of blocks) {
    const [, name] = /^\/\/ file: (weather\.ts|door\.ts)\n/.exec(text) ?? [];
    if (name !== undefined) writeFileSync(join(FOLDER, name), text.replace("port: 8080", "port: 0"));
  }
  door = spawn(process.execPath, ["-C", "source", join(FOLDER, "door.ts")], { stdio: ["ignore", "pipe", "inherit"] });
  url = await new Promise((resolve) => door.stdout?.once("data", (line: Buffer) => resolve(line.toString().trim())));
});

after(() => {
  door.kill();
  rmSync(FOLDER, { recursive: true, force: true });
});

for (const [command, output] of commands) {
  test(`createHttpDoor does what the guide shows for ${command}`, async () => {
    const own = command.replaceAll("http://127.0.0.1:8080", url);
    const out = await new Promise<string>((resolve) =>
      execFile("sh", ["-c", own], (_error, stdout) => resolve(stdout)),
    );
    assert.equal(out.trim(), output.trim());
  });
}

test("createHttpDoor has commands in its guide", () => assert.equal(commands.length, 4));
