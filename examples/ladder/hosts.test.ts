import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createTwoHosts } from "./testing/two-hosts.ts";

const hosts = createTwoHosts(`orrery-${process.pid}`);
const running: ChildProcess[] = [];
after(async () => {
  await Promise.all(running.filter((child) => child.exitCode === null && child.signalCode === null).map(end));
  hosts.remove();
});

/** How a call ended, as `ask-again.ts` tells it. */
interface Told {
  readonly kind: string;
  readonly definite: boolean;
  readonly what: string;
  readonly tookMs: number;
}

/** Runs a program of this folder on a host. */
function run(host: 0 | 1, program: string, word: string): { child: ChildProcess; lines: Interface } {
  const file = fileURLToPath(new URL(`testing/${program}`, import.meta.url));
  const [command = "", ...words] = [...hosts.on(host), process.execPath, "--conditions=source", file, word];
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  running.push(child);
  return { child, lines: createInterface(child.stdout) };
}

async function serve(address: string): Promise<ChildProcess> {
  const { child, lines } = run(0, "serve.ts", address);
  await once(lines, "line");
  return child;
}

function startAsking(address: string): (timeoutMs: number) => Promise<Told> {
  const { child, lines } = run(1, "ask-again.ts", address);
  return async (timeoutMs) => {
    child.stdin?.write(`${timeoutMs}\n`);
    const [line] = (await once(lines, "line")) as [string];
    return JSON.parse(line) as Told;
  };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test(`a call to another host (${hosts.kind}) is answered, and ends typed and in time when the server is killed`, async () => {
  const address = `tcp://${hosts.addresses[0]}:7101`;
  const server = await serve(address);
  const ask = startAsking(address);
  const answered = await ask(5000);
  assert.deepEqual([answered.kind, answered.definite, answered.what], ["reply", true, "Heathrow"]);

  await end(server);
  const gone = await ask(1000);
  // Either the loss was seen before the call was sent, or the call went with the connection.
  assert.match(`${gone.kind} ${gone.what}`, /^(unreachable unavailable (not_connected|connection_lost)|timeout .*)$/);
  assert.ok(gone.tookMs < 3000, `${gone.tookMs} ms`);
  const still = await ask(1000);
  assert.deepEqual([still.kind, still.definite, still.what], ["unreachable", true, "unavailable not_connected"]);
  assert.ok(still.tookMs >= 900 && still.tookMs < 3000, `${still.tookMs} ms`);

  await end(
    await serve(address).then(async (again) => {
      const back = await ask(10_000);
      assert.equal(back.what, "Heathrow");
      return again;
    }),
  );
});

test(`a call over a cable that is cut (${hosts.kind}) times out, and nobody knows whether it was executed`, async (t) => {
  const address = `tcp://${hosts.addresses[0]}:7102`;
  await serve(address);
  const ask = startAsking(address);
  assert.equal((await ask(5000)).kind, "reply");
  if (!hosts.cut()) return t.skip("two addresses of one machine have no cable");
  const { kind, definite, what, tookMs } = await ask(700);
  assert.deepEqual([kind, definite, what], ["timeout", false, "deadline_exceeded timeout"]);
  assert.ok(tookMs >= 700 && tookMs < 2000, `${tookMs} ms`);
});
