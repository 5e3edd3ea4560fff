import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readTrace, runScenario, startSession } from "@orrery/sim";
import { type TypeOptions, type } from "../testing/memory-terminal.ts";
import racy from "../testing/scenarios/racy.sim.ts";

const SCENARIOS = fileURLToPath(new URL("../testing/scenarios/", import.meta.url));

const desk = mkdtempSync(join(tmpdir(), "orrery-sim-"));
after(() => rmSync(desk, { recursive: true }));
for (const name of ["racy.sim.ts", "mended.sim.ts", "two.sim.ts", "payments.ts"])
  symlinkSync(join(SCENARIOS, name), join(desk, name));
writeFileSync(join(desk, "none.ts"), "export const answer = 42;\n");
writeFileSync(join(desk, "later.json"), '{"format":"orrery-tape/9"}');
writeFileSync(join(desk, "later.trace"), '{"format":"orrery-trace/9"}\n');
writeFileSync(join(desk, "odd.script"), "seed 1\nwarp ann by 5\n");

const sim = (line: string, options: TypeOptions = {}) => type(["sim", ...wordsOf(line)], { cwd: desk, ...options });

/** Words of a line, as a shell takes them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ""));
}

interface RunFacts {
  readonly held: boolean;
  readonly seed: number;
  readonly hash: string;
  readonly events: number;
  readonly tape: string;
  readonly script: readonly string[];
  readonly replay: string;
  readonly failure: { readonly kind: string; readonly message: string };
  readonly runs: number;
}

async function facts(line: string, options?: TypeOptions): Promise<RunFacts> {
  const { out, err } = await sim(`${line} --output=json`, options);
  assert.notEqual(out, "", err);
  return JSON.parse(out.trim().split("\n").at(-1) ?? "") as RunFacts;
}

/** The first seed that fails. */
async function failingSeed(): Promise<number> {
  for (let seed = 1; seed < 500; seed++) if ((await runScenario(racy, { seed })).failure !== undefined) return seed;
  throw new Error("no seed fails");
}

describe("orrery sim run", () => {
  it("tells that a scenario holds, in a line", async () => {
    const { exit, out, err } = await sim("run mended.sim.ts --seed=3");
    const { hash, events } = await facts("run mended.sim.ts --seed 3");
    assert.match(
      out,
      new RegExp(`^held "payments are not lost": seed 3, \\S+ ms, ${events} events, trace ${hash}\\n$`),
    );
    assert.equal(err, "");
    assert.equal(exit, 0);
  });

  it("tells what failed, and the line that runs it again", async () => {
    const seed = await failingSeed();
    const { exit, out, err } = await sim(`run racy.sim.ts --seed=${seed}`);
    assert.equal(exit, 1);
    assert.match(
      out,
      /^failed "payments are not lost": seed \d+, .*\n {2}check: \d+ was paid, \d+ is there \(at .* ms\)\n/,
    );
    assert.match(out, new RegExp(`\\nreplay with: orrery sim run racy\\.sim\\.ts --seed=${seed}\\n$`));
    assert.match(err, new RegExp(`^Next: make it small with orrery sim shrink racy\\.sim\\.ts --seed=${seed}\\n$`));
  });

  it("runs a range of seeds, and counts those that hold", async () => {
    const held = [];
    for (let seed = 3; seed <= 12; seed++)
      if ((await runScenario(racy, { seed })).failure === undefined) held.push(seed);
    assert.ok(held.length > 0 && held.length < 10);
    const { exit, out } = await sim("run racy.sim.ts --seeds=3..12");
    assert.equal(exit, 1);
    assert.match(out, new RegExp(`^held in ${held.length} of 10 seeds, [\\d,]+ events$`, "m"));
    assert.equal(out.match(/^replay with: orrery sim run racy\.sim\.ts --seed=\d+$/gm)?.length, 10 - held.length);
    assert.equal((await sim("run mended.sim.ts --seeds=5")).out.split(",")[0], "held in 5 of 5 seeds");
  });

  it("prints what nodes log at the time of their world, and writes the trace", async () => {
    const { err } = await sim("run mended.sim.ts --log --trace=run.trace");
    assert.match(err, /^00:00:00\.\d{3} INFO {2}set node=cell .* value=\d+$/m);
    assert.match(err, /\nWrote the trace to run\.trace\n$/);
    const { hash } = await facts("run mended.sim.ts");
    assert.equal(readTrace(readFileSync(join(desk, "run.trace"), "utf8")).hash, hash);
  });

  it("goes at the speed that it is told", async () => {
    const beganMs = performance.now();
    const { out } = await sim("run mended.sim.ts --speed=2");
    const elapsedMs = Number(/seed 1, ([\d.]+) ms/.exec(out)?.[1]);
    assert.ok(performance.now() - beganMs >= elapsedMs / 2 - 10);
    assert.equal(out, (await sim("run mended.sim.ts")).out);
  });
});

describe("orrery sim explore, replay and shrink", () => {
  it("finds a failure, makes it small, and keeps it as a page and as a test", async () => {
    const { exit, out, err } = await sim("explore racy.sim.ts --save=failure.md --test=found.test.ts");
    assert.equal(exit, 1);
    assert.match(
      out,
      /^failed "payments are not lost": check: .*\nfound in run \d+ by \w+, made small in \d+ more\n\n {2}seed /,
    );
    assert.match(out, /◀.* till\.pay/);
    assert.match(out, /\nreplay with: orrery sim replay racy\.sim\.ts --tape=\S+\n$/);
    assert.match(
      err,
      /Wrote the failure to failure\.md\nWrote a test that fails until it is mended to found\.test\.ts\nNext: step /,
    );
    const page = readFileSync(join(desk, "failure.md"), "utf8");
    assert.match(page, /```mermaid\nsequenceDiagram\n/);
    const { script, held } = await facts("replay racy.sim.ts --script=failure.md");
    assert.equal(held, false);
    assert.ok(page.includes(`\`\`\`orrery-script\n${script.join("\n")}\n\`\`\``));
    assert.match(readFileSync(join(desk, "found.test.ts"), "utf8"), /import scenario from "\.\/racy\.sim\.ts";/);
    assert.equal((await sim("replay mended.sim.ts --script=failure.md")).exit, 0);
    const again = await sim("explore racy.sim.ts --test=found.test.ts");
    assert.equal(again.err, 'Cannot write the test "found.test.ts"\n  there is a file of that name, choose another\n');
  });

  it("tells that nothing was found, and whether that is a proof", async () => {
    const { exit, out, err } = await sim("explore mended.sim.ts --runs=20 --strategy=random --strategy=pct");
    assert.equal(exit, 0);
    assert.equal(out, 'held "payments are not lost": in 20 runs\n');
    assert.match(err, /^20 runs in \S+ s: [\d,]+ runs\/s, [\d,]+ events\/s\n$/);
    assert.equal((await facts("explore mended.sim.ts --runs=3")).runs, 3);
    assert.equal((await facts("explore mended.sim.ts --within=1ms --runs=100000000")).held, true);
  });

  it("makes the failure of a seed small, and smaller than it was found", async () => {
    const seed = await failingSeed();
    const shrunk = await facts(`shrink racy.sim.ts --seed=${seed}`);
    assert.equal(shrunk.failure.kind, "check");
    assert.ok(shrunk.events < (await facts(`run racy.sim.ts --seed=${seed}`)).events);
    const replayed = await facts(`replay racy.sim.ts --tape=${shrunk.tape}`);
    assert.equal(replayed.hash, shrunk.hash);
    const { exit, err } = await sim("shrink mended.sim.ts");
    assert.equal(exit, 1);
    assert.match(err, /^Cannot make "payments are not lost" small\n {2}it holds with seed 1\n/);
  });

  it("prints a line that, typed into a shell as it is, fails again", async () => {
    const bin = fileURLToPath(new URL("../../bin/orrery.js", import.meta.url));
    const command = join(desk, "orrery");
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" --conditions=source "${bin}" "$@"\n`);
    chmodSync(command, 0o755);
    const { NODE_TEST_CONTEXT: _, npm_execpath: __, ...own } = process.env;
    const env = { ...own, PATH: `${desk}${delimiter}${process.env["PATH"]}` };
    const shell = (line: string) => spawnSync("sh", ["-c", line], { cwd: desk, env, encoding: "utf8" });
    symlinkSync(join(SCENARIOS, "racy.sim.ts"), join(desk, "it's racy.sim.ts"));
    for (const name of ["racy.sim.ts", '"it\'s racy.sim.ts"']) {
      const found = shell(`orrery sim explore ${name} --runs=200`);
      assert.equal(found.status, 1, found.stderr);
      const [, line = ""] = /^replay with: (.*)$/m.exec(found.stdout) ?? [];
      const again = shell(line);
      assert.equal(again.status, 1, again.stderr);
      assert.equal(again.stdout.split("\n")[0], found.stdout.split("\n")[0]);
    }
  });
});

describe("orrery sim step, until and inject", () => {
  const LINES = [
    "until message till.pay",
    "inject slow till 4 ms",
    "step 4",
    "inject jump ann 90 ms",
    "point read delay 5 ms",
    "run 100 ms",
    "run",
  ];

  it("does what is typed as the API does, to the same trace hash", async () => {
    await using session = await startSession(racy, { seed: 2 });
    for (const line of LINES) await session.type(line);
    const { hash, events } = await facts("step racy.sim.ts --seed=2", { input: LINES.join("\n") });
    assert.equal(hash, session.world.trace.hash);
    assert.equal(events, session.world.events);
    assert.equal((await facts(`step racy.sim.ts --seed=2 --do="${LINES.join("; ")}"`)).hash, hash);
  });

  it("saves a session that can be done again", async () => {
    const { hash } = await facts(
      `step racy.sim.ts --do="step 9; inject crash till; run 3 ms; save mine.txt; save mine.trace"`,
    );
    assert.equal((await facts("step racy.sim.ts", { input: readFileSync(join(desk, "mine.txt"), "utf8") })).hash, hash);
    assert.match((await sim("trace mine.trace")).out, /till/);
  });

  it("steps along a tape", async () => {
    const { tape, hash } = await facts("explore racy.sim.ts --runs=200");
    const { exit, out } = await sim(`step racy.sim.ts --tape=${tape} --do="run; seed"`);
    assert.equal(exit, 1);
    assert.match(out, /^> run\n[\s\S]*\nfailed: check: /);
    assert.match(out, new RegExp(`trace ${hash}\\n$`));
  });

  it("shows where a world stands at a moment", async () => {
    const { exit, out } = await sim("until racy.sim.ts message till.pay");
    assert.equal(exit, 0);
    assert.match(
      out,
      /^> until message till\.pay\n[\s\S]*> look\n[\s\S]*\non their way\n {2}\S+ ms {2}\w+ → till: request 1 till\.pay\n/,
    );
    const late = await sim("until racy.sim.ts event 100000");
    assert.equal(late.exit, 5);
    assert.match(late.err, /^Cannot wait for "event 100000"\n {2}the run ends before it, at \S+ ms\n$/);
  });

  it("lets faults happen that are named, and says how to replay them", async () => {
    const { exit, out } = await sim(`inject mended.sim.ts "at 12.5 ms: crash till" "link *>cell latency 4"`);
    assert.equal(exit, 1);
    const [, line = ""] = /^replay with: orrery sim (.*)$/m.exec(out) ?? [];
    assert.equal((await sim(line)).exit, 1);
    assert.equal((await sim(`inject mended.sim.ts "at 5 ms: slow till 2 ms"`)).exit, 0);
  });
});

describe("orrery sim trace, view and diff", () => {
  it("writes a page that stands alone, and says where it is", async () => {
    const { exit, out, err } = await sim("view racy.sim.ts --seed=2");
    assert.equal(exit, 0);
    assert.equal(out, `${pathToFileURL(join(desk, "racy.sim.html")).href}\n`);
    assert.equal(err, "Wrote the page to racy.sim.html\n");
    const page = readFileSync(join(desk, "racy.sim.html"), "utf8");
    assert.match(page, /payments are not lost/);
    await sim("run racy.sim.ts --seed=2 --trace=two.trace");
    await sim("view two.trace --out=other.html");
    assert.equal(readFileSync(join(desk, "other.html"), "utf8"), page);
  });

  it("writes a trace in each of its forms, whole or in part", async () => {
    await sim("run racy.sim.ts --seed=2 --trace=two.trace");
    assert.match((await sim("trace two.trace")).out, /◀.* till\.pay/);
    assert.equal((await sim("trace two.trace")).out, (await sim("trace racy.sim.ts --seed=2")).out);
    assert.ok(Array.isArray(JSON.parse((await sim("trace two.trace --as=perfetto")).out).traceEvents));
    assert.ok(JSON.parse((await sim("trace two.trace --as=otel")).out).resourceSpans.length > 0);
    assert.match((await sim("trace two.trace --as=mermaid --flow=ann/1")).out, /^sequenceDiagram\n/);
    const logs = readTrace((await sim("trace two.trace --output=json --kind=log --from=20ms")).out).records;
    assert.ok(logs.length > 0 && logs.every(({ kind, tick }) => kind === "log" && tick >= 20_000));
    assert.equal((await sim("trace two.trace --as=ndjson")).out, readFileSync(join(desk, "two.trace"), "utf8"));
    assert.match((await sim("trace two.trace --as=perfetto --out=two.json")).err, /Wrote the trace to two\.json/);
  });

  it("names the first difference of two runs, and runs a scenario for its side", async () => {
    await sim("run racy.sim.ts --seed=3 --trace=three.trace");
    await sim("run racy.sim.ts --seed=2 --trace=two.trace");
    const { exit, out } = await sim("diff two.trace three.trace");
    assert.equal(exit, 1);
    assert.match(out, /^The two runs [\s\S]*\na {2}\S+ ms {2}/);
    const same = await sim("diff three.trace racy.sim.ts");
    assert.match(same.out, /^The two runs are the same: \d+ lines, trace \w{16}\n$/);
    assert.equal(same.exit, 0);
  });
});

/** What was typed behind `orrery sim`, the exit code, and what is said. */
const REFUSED: readonly (readonly [string, number, RegExp])[] = [
  [
    "rnu",
    2,
    /^Cannot run "sim rnu"\n {2}there is no such command, did you mean "sim run"\?\nTry: orrery sim --help\n$/,
  ],
  ["run", 2, /^Cannot run the command\n {2}it needs FILE, and nothing was given\n$/],
  ["run nowhere.sim.ts", 4, /^Cannot run "nowhere\.sim\.ts"\n {2}there is no such file or folder in ".*"\n$/],
  ["run .", 2, /^Cannot run "\."\n {2}it is a folder, name one of its files\n$/],
  [
    "run none.ts",
    2,
    /^Cannot run "none\.ts"\n {2}it exports no scenario, write: export default defineScenario\(…\)\n$/,
  ],
  [
    "run two.sim.ts",
    2,
    /^Cannot run "two\.sim\.ts"\n {2}it exports 2 scenarios by name, one, other, write: export default/,
  ],
  ["run later.json", 2, /^Cannot run "later\.json"\n {2}it is no script, name a \.ts, /],
  ["run racy.sim.ts --seed=x", 2, /^Cannot read flag --seed\n {2}"x" is no whole number from 0\n$/],
  ["run racy.sim.ts --seeds=9..1", 2, /"9\.\.1" is neither a count such as 100 nor a range such as 1\.\.100\n$/],
  ["run racy.sim.ts --speed=0", 2, /"0" is no number above 0, write 1 for the machine's speed\n$/],
  ["run racy.sim.ts --seed=1 --seeds=2", 2, /^Cannot run with --seed and --seeds\n/],
  [
    "explore racy.sim.ts --strategy=luck",
    2,
    /^Cannot explore\n {2}there is no strategy "luck", write seeds, random, pct, delays, systematic\n$/,
  ],
  ["explore racy.sim.ts --within=soon", 2, /"soon" is no time from 1ms to 24h/],
  ["explore racy.sim.ts --slack=some", 2, /"some" is no time of the world, write one such as 5ms or 1\.5s\n$/],
  [
    "replay racy.sim.ts",
    2,
    /^Cannot replay "racy\.sim\.ts"\n {2}no tape is named, write --tape=WORD or --script=FILE\n$/,
  ],
  [
    "replay racy.sim.ts --tape=nonsense!",
    2,
    /^Cannot read the tape "nonsense!"\n {2}it is cut off or changed, copy all of it\n$/,
  ],
  [
    "replay racy.sim.ts --script=later.json",
    2,
    /^Cannot read a tape\n {2}its format is "orrery-tape\/9", this version reads orrery-tape\/1\n$/,
  ],
  ["replay racy.sim.ts --script=odd.script", 2, /^Cannot read line 2 of a script, "warp ann by 5"\n {2}write seed N/],
  ["replay racy.sim.ts --script=gone.md", 4, /^Cannot read "gone\.md"\n {2}there is no such file\n$/],
  [
    "trace later.trace",
    2,
    /^Cannot read a trace of format "orrery-trace\/9"\n {2}this version reads "orrery-trace\/1"/,
  ],
  ["trace none.trace", 4, /^Cannot read "none\.trace"\n {2}there is no such file\n$/],
  [
    "trace racy.sim.ts --node=tlil",
    2,
    /^Cannot show node "tlil"\n {2}there is none, there are "cell", "till", "ann", "bob"\n$/,
  ],
  ["trace racy.sim.ts --flow=none", 4, /^Cannot find flow "none"/],
  [
    'inject racy.sim.ts "crash tlil"',
    2,
    /^Cannot inject "crash tlil"\n {2}there is no node "tlil", there are "cell", /,
  ],
  ['inject racy.sim.ts "explode till"', 2, /there is no verb "explode", write one of crash, /],
  ['inject racy.sim.ts "at noon: crash till"', 2, /write at TIME ms: and what is to happen then\n$/],
  ['inject racy.sim.ts "cut ann>nobody"', 2, /there is no node "nobody"/],
  ['step racy.sim.ts --do="step; point raed hold"', 2, /a run passes no point "raed", there are "read"/],
  [
    'step racy.sim.ts --do="stpe"',
    2,
    /^Cannot do "stpe"\n {2}there is no command "stpe", help lists those that there are\n$/,
  ],
];

describe("orrery sim", () => {
  for (const [line, exit, text] of REFUSED) {
    it(`refuses "${line}"`, async () => {
      const typed = await sim(line);
      assert.match(typed.err, text);
      assert.equal(typed.exit, exit);
      assert.doesNotMatch(typed.err, /\n {4}at /);
    });
  }
});
