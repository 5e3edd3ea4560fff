// npm start [-- --port 8080]: a platform on this machine, and this app in a Space of it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isOrreryError, OrreryError } from "@orrery/core";
import { interrupted, tell } from "./lib/program.ts";
import { parseStartOptions } from "./lib/start-options.ts";
import { stageApp } from "./stage-app.ts";

/** The command, as it is installed here. */
const ORRERY = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));
/** Where the platform keeps all; a folder of its own, so that it is in nobody's way. */
const DATA = ".orrery/flights";
/** Browsers lead names that end so to this machine. */
const SPACE = "flights.localhost";
const APP = `${SPACE}:flights`;

const cwd = process.env["INIT_CWD"] ?? process.cwd();

async function start(): Promise<void> {
  const { port } = parseStartOptions(process.argv.slice(2), process.env);
  const began = performance.now();
  const asked = interrupted(); // From here on, so that a Ctrl-C right after the last line finds somebody who listens.
  tell("Starting a platform on this machine");
  // In a group of its own: a Ctrl-C at the terminal reaches this process alone, which passes it on once.
  const platform = run({ detached: true }, "up", `--data=${DATA}`, "--port=0", "--http=0", `--web-port=${port}`);
  const ended = once(platform, "close");
  const stage = mkdtempSync(join(tmpdir(), "orrery-flights-"));
  const deployed = deploy(platform, stage).then(({ web, server }) => {
    tell(`Ready in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    process.stdout.write(welcome(`http://${SPACE}:${new URL(web).port}`, server));
  });
  try {
    const either = Promise.race([asked.then(() => "asked"), ended.then(() => "ended")]);
    if ((await Promise.race([either, deployed.then(() => either)])) === "ended") failed("up", platform);
    tell("Stopping");
  } finally {
    platform.kill("SIGINT");
    await ended;
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Brings the app to the platform as soon as it is up; gives where it is reached. */
async function deploy(platform: ChildProcess, stage: string): Promise<Addresses> {
  const { server, web } = await addressesOf(platform);
  if (web === "") return await new Promise(() => {}); // It has ended, which somebody else tells.
  tell(`Sending the app to it, as ${APP}`);
  await stageApp(stage);
  for (const words of deployment(stage)) await done(...words, `--to=${server}`);
  return { server, web };
}

/** Commands that bring the app to the platform, whether it has an earlier one or none. */
function deployment(stage: string): readonly (readonly string[])[] {
  return [
    ["create", `${SPACE}<Space>`, "--update"],
    ["create", `${SPACE}:public<Grant>{ +to=anyone, +verbs=r, +on=${APP}-src:** }`, "--update"],
    ["run", stage, `--space=${SPACE}`, "--name=flights", "--wait"],
    ["create", `${SPACE}:visitors<Grant>{ +to=anyone, +verbs=x, +on=${APP} }`, "--update"],
  ];
}

function run({ detached }: { readonly detached: boolean }, ...words: readonly string[]): ChildProcess {
  const args = [...process.execArgv, ORRERY, ...words];
  const child = spawn(process.execPath, args, { cwd, detached, stdio: ["ignore", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    if (!CHATTER.test(line)) tell(line);
  });
  return child;
}

/** What is no news to somebody who tries this out: processes that come and go, and what one may type next. */
const CHATTER = /^(\d\d:\d\d:\d\d\.\d{3} INFO |Next: |Try: |Chosen: )/;

/** Runs a command to its end. @throws OrreryError where it failed; it has said why */
async function done(...words: readonly string[]): Promise<void> {
  const child = run({ detached: false }, ...words);
  child.stdout?.resume();
  await once(child, "close");
  if (child.exitCode !== 0) failed(words[0] ?? "", child);
}

function failed(command: string, { exitCode }: ChildProcess): never {
  throw new OrreryError("unavailable", `Cannot start: orrery ${command} ended with exit code ${exitCode}, see above`);
}

/** Where a platform is reached: by commands, and by visitors. */
interface Addresses {
  readonly server: string;
  readonly web: string;
}

/** Where the platform is reached, once it says so. */
async function addressesOf({ stdout }: ChildProcess): Promise<Addresses> {
  let [server, web] = ["", ""];
  for await (const line of createInterface({ input: stdout as NodeJS.ReadableStream })) {
    server = /^ +registry +(tcp:\S+)/.exec(line)?.[1] ?? server;
    web = /^ +web +(http:\S+)/.exec(line)?.[1] ?? web;
    if (web !== "") break;
  }
  stdout?.resume();
  return { server, web };
}

/** The address, and commands to try. */
function welcome(address: string, server: string): string {
  return `
Open ${address}

Or try
  curl -s ${address}/flights.v1.PlannerService/PlanTrip -H content-type:application/json -d '{"origin": "SEA", "destination": "EYW"}'
  npx orrery status ${APP} --to=${server}
  npx orrery send --to=${server} ${APP} flights.v1.AirportService/SearchAirports '{"query": "portland", "servedOnly": true}'

Ctrl-C ends it; npm start goes on with what it had.
`;
}

start().catch((thrown: unknown) => {
  tell(isOrreryError(thrown) ? thrown.message : String(thrown instanceof Error ? thrown.stack : thrown));
  process.exitCode = 1;
});
