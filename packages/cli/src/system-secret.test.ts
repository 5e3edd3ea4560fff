import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SECRET = fileURLToPath(new URL("./system-secret.ts", import.meta.url));
const PROGRAM = `
import { readSecret } from ${JSON.stringify(SECRET)};
try {
  console.log("typed " + (await readSecret("First: ")).length);
  console.log("typed " + (await readSecret("Second: ")).length);
} catch (error) {
  console.log(error.message);
}
`;

test("readSecret shows nothing of what is typed in a pseudo terminal, lets slips be taken back, and gives up at Ctrl-C", async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const node = `exec ${process.execPath} --input-type=module -e "$PROGRAM"`;
  const child = spawn("script", ["-qec", node, "/dev/null"], { env: { ...env, PROGRAM } });
  let out = "";
  const seen = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (out.includes(text)) resolve();
      };
      child.stdout.on("data", look);
      look();
    });
  child.stdout.on("data", (data) => {
    out += String(data);
  });
  await seen("First: ");
  child.stdin.write("swordfishh\u007f\r");
  await seen("Second: ");
  child.stdin.write("sword\u0003");
  await once(child, "exit");
  assert.match(out, /First: \r?\n.*typed 9/s);
  assert.match(out, /Cannot go on: the password was not given/);
  assert.ok(!out.includes("swordf") && !out.includes("sword\r"), JSON.stringify(out));
});

test("readSecret asks nobody where nobody types", async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const program = `import { readSecret } from ${JSON.stringify(SECRET)}; console.log(await readSecret("First: "));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      out += String(data);
    });
  await once(child, "close");
  assert.equal(out, "undefined\n");
});
