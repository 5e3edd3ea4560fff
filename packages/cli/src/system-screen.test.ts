import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCREEN = fileURLToPath(new URL("./system-screen.ts", import.meta.url));

const PROGRAM = `
import { openSystemScreen } from ${JSON.stringify(SCREEN)};
const screen = openSystemScreen();
const { columns, rows } = screen.size();
screen.draw(["first", columns + " x " + rows]);
screen.onKey((key) => {
  if (key !== "q") return screen.draw(["key " + key]);
  screen.close();
});
`;

test("openSystemScreen draws in a pseudo terminal, takes keys as they are typed, and gives the screen back", async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const node = `stty cols 70 rows 9; exec ${process.execPath} --input-type=module -e "$PROGRAM"`;
  const child = spawn("script", ["-qec", node, "/dev/null"], { env: { ...env, PROGRAM } });
  let out = "";
  const seen = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!out.includes(text)) return;
        child.stdout.off("data", look);
        resolve();
      };
      child.stdout.on("data", look);
      look();
    });
  child.stdout.on("data", (data) => {
    out += String(data);
  });
  await seen("70 x 9");
  child.stdin.write("x");
  await seen("key x");
  child.stdin.write("q");
  const [exit] = (await once(child, "exit")) as [number];
  assert.equal(exit, 0);
  assert.equal(out.slice(0, out.indexOf("first")), "\u001b[?1049h\u001b[?25l\u001b[H");
  assert.ok(out.includes("first\u001b[K\r\n70 x 9\u001b[K\u001b[J"), JSON.stringify(out));
  assert.ok(out.endsWith("\u001b[?25h\u001b[?1049l"), JSON.stringify(out));
});
