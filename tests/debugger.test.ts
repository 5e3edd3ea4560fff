import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { clientOf } from "./testing/client-of.ts";
import { connectInspector } from "./testing/inspector.ts";
import { ROOT } from "./testing/protoc.ts";
import { startServer } from "./testing/start-server.ts";

const run = promisify(execFile);
const RELAY = join(import.meta.dirname, "testing/relay.ts");

before(async () => {
  // Source maps are those of what is published. Nothing is done when it is up to date; that another package cannot be built is told elsewhere.
  await run(process.execPath, [join(ROOT, "tools/run.mjs"), "tools/build.ts"], { cwd: ROOT }).catch(() => undefined);
});

/** Line of a text in a file, from 0. */
function lineOf(file: string, text: string): number {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .findIndex((each) => each.includes(text));
  assert.ok(line >= 0, text);
  return line;
}

test("Node's inspector stops in a handler of another process, on the line of its TypeScript, and lets it go on", async () => {
  await using server = await startServer({ nodeWords: ["--inspect=0"] });
  await using client = clientOf(server.address);
  using inspector = await connectInspector(await server.told(/Debugger listening on (ws:\S+)/));
  await inspector.ask("Debugger.enable");
  const lineNumber = lineOf(RELAY, "witness(payload, context);");
  await inspector.ask("Debugger.setBreakpointByUrl", { lineNumber, urlRegex: "testing/relay\\.ts$" });

  const stopped = inspector.event("Debugger.paused");
  const call = client.client(RelayService).echo({ payload: { text: "stop here" } }, { timeoutMs: 120_000 });
  const { callFrames } = await stopped;
  const [frame] = callFrames as { callFrameId: string; functionName: string; location: { lineNumber: number } }[];
  assert.deepEqual([frame?.functionName, frame?.location.lineNumber], ["echo", lineNumber]);
  const expression = "payload.text += ', and look'";
  const callFrameId = frame?.callFrameId;
  await inspector.ask("Debugger.evaluateOnCallFrame", { callFrameId, expression });
  await inspector.ask("Debugger.resume");
  assert.equal((await call).payload?.text, "stop here, and look");
});

test("a stack of the published code names the lines of the sources with --enable-source-maps", async () => {
  const program = `
    import { defineService } from "@orrery/core";
    try {
      defineService("no name", {});
    } catch (error) {
      process.stdout.write(error.stack);
    }`;
  const words = ["--enable-source-maps", "--input-type=module", "--eval", program];
  const { stdout } = await run(process.execPath, words, { cwd: import.meta.dirname });
  assert.match(stdout, /^Error \[OrreryError\]: Cannot define service "no name"|^OrreryError: Cannot define service/);
  const [, line = ""] = /defineService .*packages\/core\/src\/contract-schema\.ts:(\d+):\d+/.exec(stdout) ?? [];
  const source = join(ROOT, "packages/core/src/contract-schema.ts");
  assert.equal(Number(line), lineOf(source, "throw invalid(`Cannot define service") + 1, stdout);
});
