import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { isOrreryError } from "@orrery/core";
import { findProject, formatLog, writeRunFile } from "@orrery/mesh";
import { ISOLATIONS, type IsolationWish, parseUpstreams, type SignupMode } from "@orrery/platform";
import type { KindFile } from "@orrery/registry";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import { ownName } from "../command-line.ts";
import { parsePort } from "../parse-port.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { twoInterrupts } from "../two-interrupts.ts";
import { UP_HTTP_PORT, UP_PORT, UP_WEB_PORT } from "./limits.ts";
import { readTls } from "./open-tls.ts";
import { openUp, type Up, type UpOptions } from "./open-up.ts";
import { readOidc } from "./read-oidc.ts";
import { withProfile } from "./read-profile.ts";

/** Runs the platform until somebody ends it. */
export async function run(typedInput: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const input = withProfile(typedInput, terminal);
  const isJson = input.text("output") === "json";
  const end = twoInterrupts(terminal);
  const data = resolve(terminal.cwd, input.text("data") ?? ".orrery/data");
  const shown = relative(terminal.cwd, data) || ".";
  const keys = input.text("blob-keys");
  const kindFile = readFileFlag("kinds", input, terminal);
  const planFile = readFileFlag("plans", input, terminal);
  const oidcFile = readFileFlag("oidc", input, terminal);
  const stripeKeys = input.text("stripe-keys");
  const mail = input.text("mail");
  const options: UpOptions = {
    data,
    database: input.text("database") ?? "embedded",
    blobs: input.text("blobs") ?? "directory",
    events: input.text("events") ?? "embedded",
    blobKeys: keys === undefined ? undefined : resolve(terminal.cwd, keys),
    port: portOf(input, "port") ?? UP_PORT,
    httpPort: portOf(input, "http") ?? UP_HTTP_PORT,
    web: {
      host: input.text("web-host") ?? "127.0.0.1",
      port: portOf(input, "web-port") ?? UP_WEB_PORT,
    },
    upstreams: input.texts("allow-upstream"),
    tls: readTls(input, terminal),
    dns: input.text("dns"),
    isolation: readIsolation(input),
    ...(kindFile && { kindFile }),
    ...(oidcFile && { oidc: readOidc(oidcFile) }),
    billing: {
      mailFrom: input.text("mail-from") ?? "orrery@localhost",
      ...(planFile && { planFile }),
      ...(stripeKeys !== undefined && { stripeKeys: resolve(terminal.cwd, stripeKeys) }),
      ...(mail !== undefined && { mail }),
      signup: readSignup(input),
    },
    log: (entry) => terminal.say(formatLog(entry, "text")),
    onProgress: (step) => terminal.say(`${step[0]?.toUpperCase()}${step.slice(1)}`),
  };
  const begin = () => {
    parseUpstreams(options.upstreams); // What is wrong with them is said before anything is begun.
    return openUp(options);
  };
  const opening = typed(begin).catch((error: unknown) => {
    throw explain(error);
  });
  const up = await Promise.race([opening, end.forced]);
  if (up === undefined) return EXIT.failed;
  const file = writeRunFile(findProject(terminal.cwd), up.directory);
  try {
    if (up.database.isFound) terminal.say("Found a database that was left running, and went on with it");
    await terminal.write(isJson ? readyLine(up, shown) : readyText(up, shown));
    if (!isJson) for (const lack of up.isolation.lacks) terminal.say(`Not isolated: ${lack}`);
    if (up.administrator !== undefined && !isJson) tellAdministrator(up.administrator, terminal);
    if (!isJson) terminal.say(`Try: ${ownName(terminal)} create 'demo.test<Space>'`);
    await end.asked;
    terminal.say("Stopping: what was accepted is being finished, once more stops at once");
    file.remove();
    return (await Promise.race([up.close().then(() => EXIT.done), end.forced])) ?? EXIT.failed;
  } finally {
    file.remove();
  }
}

/** Who may sign up. @throws CommandError */
function readSignup(input: CommandInput): SignupMode {
  const said = input.text("signup") ?? "invited";
  if (said === "open" || said === "invited" || said === "closed") return said;
  throw usageError(`Cannot read flag --signup: "${said}" is nobody who may sign up, write open, invited or closed`);
}

/** How apps run. @throws CommandError */
function readIsolation(input: CommandInput): IsolationWish {
  const said = input.text("isolation") ?? "auto";
  const wish = ISOLATIONS.find((one) => one === said);
  if (wish !== undefined) return wish;
  throw usageError(`Cannot read flag --isolation: "${said}" is no isolation, write ${ISOLATIONS.join(", ")}`);
}

/** The file that a flag names. @throws CommandError where it cannot be read */
function readFileFlag(flag: string, input: CommandInput, terminal: Terminal): KindFile | undefined {
  const name = input.text(flag);
  if (name === undefined) return undefined;
  try {
    return { name, content: readFileSync(resolve(terminal.cwd, name), "utf8") };
  } catch (cause) {
    throw new CommandError(`Cannot read "${name}" for --${flag}: ${(cause as Error).message}`, {
      exit: EXIT.notFound,
      cause,
    });
  }
}

/** A secret belongs on a screen or in its file: what is written elsewhere is kept by somebody. */
function tellAdministrator({ user, secret, file }: NonNullable<Up["administrator"]>, terminal: Terminal): void {
  const where = relative(terminal.cwd, file);
  terminal.say(`Made ${user}, who may do everything; the secret for the first login is in ${where}`);
  if (terminal.isScreen) terminal.say(`  ${secret}`);
}

function readyLine(up: Up, data: string): string {
  const { address, http, web, tls, database, blobs, revision, kinds, administrator } = up;
  const { kind, inForce, lacks } = up.isolation;
  const { name, isFound, pid } = database;
  const { user, file } = administrator ?? {};
  const first = administrator === undefined ? {} : { administrator: { user, file } };
  const where = { event: "ready", pid: process.pid, address, http, web, ...(tls && { tls }), data, blobs };
  const facts = { ...where, isolation: { kind, inForce, lacks }, revision, kinds: kinds.names, ...first };
  return `${JSON.stringify({ ...facts, database: { name, found: isFound, pid } })}\n`;
}

function readyText({ address, http, web, tls, database, blobs, isolation, revision, kinds }: Up, data: string): string {
  const rows = [
    ["registry", address, `${database.name}, revision ${revision}`],
    ["http", http, "the same as Connect, gRPC and JSON"],
    ["web", web, tls === undefined ? "spaces, by the name of the host" : "sends to TLS"],
    ...(tls === undefined ? [] : [["tls", tls, "spaces, by the name of the host"]]),
    ...(kinds.names.length === 0 ? [] : [["kinds", kinds.names.join(", "), `as ${kinds.file} said`]]),
    ["apps", isolation.kind === "cage" ? "in cages" : "not isolated", isolation.inForce.join("; ")],
    ...(blobs === "directory" ? [] : [["blobs", blobs, "bytes of files and bundles"]]),
  ];
  return `Orrery is up on ${data}, process ${process.pid}\n${table(rows, 2).join("\n")}\n`;
}

function portOf(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  return text === undefined ? undefined : parsePort(text, flag);
}

/** A port that is taken is another program's, or an orrery up over other data. */
function explain(error: unknown): unknown {
  if (!isOrreryError(error) || error.code !== "unavailable") return error;
  const isPort = /port|address|listen/i.test(error.message);
  if (!isPort) return error;
  const tip = "orrery up --port=0 --http=0 --web-port=0, or stop what has the port";
  return new CommandError(error.message, { exit: EXIT.notFound, tip, cause: error });
}
