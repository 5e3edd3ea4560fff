import { isOrreryError, type LogSink } from "@orrery/core";
import { createHttpDoor, type HttpDoor } from "@orrery/http";
import {
  type App,
  type AppEvent,
  findProject,
  formatLog,
  type LaunchHereOptions,
  type LifeEvent,
  launchHere,
  launchProcesses,
  matchName,
  readDirectory,
  writeRunFile,
} from "@orrery/mesh";
import type { LocalPlatform } from "@orrery/platform";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { ownName } from "../command-line.ts";
import { STOP_TIMEOUT_MS } from "../limits.ts";
import type { Terminal } from "../terminal.ts";
import { expandApps, setMissing } from "./expand-apps.ts";
import { type LocalWeb, openWeb } from "./open-web.ts";
import { type RunOptions, readRunOptions } from "./options.ts";
import { nextCommands, readyLine, readyListing } from "./ready.ts";
import { tellLife } from "./tell-life.ts";
import { watch } from "./watch.ts";
import { isWatched, reportUp } from "./watched.ts";

/** Runs components on this machine until somebody ends it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  assertHere(input);
  if (input.has("clock")) return await (await import("./run-clock.ts")).runClock(input, terminal);
  if (input.has("watch")) return await watch(input, terminal);
  const options = await withApps(readRunOptions(input, terminal), terminal);
  const end = createEnd(terminal);
  const up = Promise.withResolvers<App>();
  up.promise.catch(() => undefined);
  const platform = await openPlatform(options, up.promise, terminal);
  const starting = launch({ ...options, components: platform?.components ?? [] }, terminal, end);
  starting.then(up.resolve, up.reject);
  const app = await Promise.race([starting, end.forced]).catch(async (error: unknown) => {
    await platform?.[Symbol.asyncDispose]();
    throw error;
  });
  if (app === undefined) return EXIT.failed;
  let door: HttpDoor | undefined;
  let web: LocalWeb | undefined;
  try {
    door = await openDoor(app, options, terminal);
    if (options.apps.length > 0 && options.listen !== undefined)
      web = await openWeb({
        app,
        files: options.apps,
        port: options.webPort,
        platform,
        log: sinkOf(options, terminal),
      });
  } catch (error) {
    await door?.close({ timeoutMs: 0 });
    await app.stop({ timeoutMs: 0 });
    await platform?.[Symbol.asyncDispose]();
    throw error;
  }
  return await serve({ app, door, web, platform, options, terminal, end });
}

/** Opens what apps find of a platform, over what they kept before. */
async function openPlatform(
  { platform: wanted }: RunOptions,
  app: Promise<App>,
  terminal: Terminal,
): Promise<LocalPlatform | undefined> {
  if (wanted === undefined) return undefined;
  const { openLocalPlatform } = await import("@orrery/platform");
  const platform = await openLocalPlatform({ ...wanted, services: async () => (await app).services() });
  if (platform.isPassing && wanted.file.resources.length > 0)
    terminal.say(`Resources of this run are forgotten at its end: another run has "${wanted.folder}"`);
  return platform;
}

/** Refuses what is about a platform where none is meant. */
function assertHere(input: CommandInput): void {
  const lone = ["name", "wait", "to", "publisher-key", "folder", "git-token-file"].find(
    (flag) => input.text(flag) !== undefined,
  );
  if (lone !== undefined || input.has("no-check"))
    throw usageError(
      `Cannot run with --${lone ?? "no-check"} here: it is about a platform, name the space with --space`,
    );
}

/** Lets files of apps say what runs; what the command says comes before it. */
async function withApps(options: RunOptions, terminal: Terminal): Promise<RunOptions> {
  const { env } = terminal;
  const { cwd } = options;
  const found = await expandApps(options.paths, { cwd, env });
  const { paths, instances, env: variables, alone, apps, lacks, platform } = found;
  for (const one of lacks) terminal.say(`${one}: what is not under "resources" is not made here`);
  for (const [name, count] of options.instances)
    if (count > 1 && matchName(name, alone).kind === "one")
      throw usageError(`Cannot run ${count} instances of "${name}": it is a stateful mechtron, of which there is one`);
  setMissing(variables, process.env);
  return { ...options, paths, apps, platform, instances: new Map([...instances, ...options.instances]) };
}

interface Served {
  readonly app: App;
  readonly door: HttpDoor | undefined;
  readonly web: LocalWeb | undefined;
  readonly platform: LocalPlatform | undefined;
  readonly options: RunOptions;
  readonly terminal: Terminal;
  readonly end: End;
}

async function serve({ app, door, web, platform, options, terminal, end }: Served): Promise<ExitCode> {
  const file = app.addresses().length === 0 ? undefined : writeRunFile(findProject(options.cwd), app.directory);
  end.onNews(() => file?.update(app.directory));
  const alive = setInterval(() => undefined, 2 ** 30); // Without a socket nothing else would keep this process.
  try {
    const http = door?.address ?? "";
    const places = { http, web: web?.address ?? "" };
    await terminal.write(options.output === "json" ? readyLine(app, places) : readyListing(app, places, options.cwd));
    if (options.output === "text") {
      const command = ownName(terminal);
      terminal.say(nextCommands(await app.services(), { http, isListening: file !== undefined, command }));
    }
    reportUp({ addresses: app.addresses(), ...places });
    const how = await Promise.race([end.asked, end.forced, end.lost]);
    if (how === "lost") throw new CommandError("Cannot go on: every component was given up, see above why");
    file?.remove();
    if (how === undefined) return EXIT.failed;
    if (!isWatched()) terminal.say("Stopping: what was accepted is being finished, Ctrl-C again stops at once");
    const stopping = stopAll(app, [door, web])
      .then(() => platform?.[Symbol.asyncDispose]())
      .then(() => EXIT.done);
    return (await Promise.race([stopping, end.forced])) ?? EXIT.failed;
  } finally {
    clearInterval(alive);
    file?.remove();
    app.kill();
  }
}

/** Both at once: the door waits for its streams, and those end because their components are asked to. */
async function stopAll(app: App, doors: readonly (HttpDoor | LocalWeb | undefined)[]): Promise<void> {
  const timeoutMs = STOP_TIMEOUT_MS;
  await Promise.all([...doors.map((door) => door?.close({ timeoutMs })), app.stop({ timeoutMs })]);
}

/** What is launched, and what serves it. */
type Launched = RunOptions & Pick<LaunchHereOptions, "components">;

async function launch(options: Launched, terminal: Terminal, end: End): Promise<App> {
  const { paths, cwd, instances, agent, capture, log, components = [] } = options;
  const directory = options.directory === undefined ? undefined : await readDirectory(options.directory);
  const common = {
    paths,
    cwd,
    components,
    instances,
    ...(directory === undefined ? {} : { directory }),
    ...(agent === undefined ? {} : { agent }),
    ...(capture === undefined ? {} : { capture }),
    onLife: (event: LifeEvent) => tellLife(event, options, terminal),
  };
  const { isolate } = options;
  if (isolate === undefined) {
    const log = sinkOf(options, terminal);
    return await launchHere({ ...common, listen: options.listen, log });
  }
  let app: App | undefined;
  const onEvent = (event: AppEvent) => {
    tell(event, options, terminal);
    end.news();
    if (app?.components().every((one) => one.instances.every(({ state }) => state === "failed"))) end.lose();
  };
  app = await launchProcesses({ ...common, isolate, listen: options.listen ?? "", log, onEvent });
  return app;
}

function sinkOf({ log }: RunOptions, terminal: Terminal): LogSink {
  return (entry) => terminal.say(formatLog(entry, log));
}

const HAPPENED = { crashed: "crashed and is started again", restarted: "is back", failed: "is given up" } as const;

function tell(event: AppEvent, { output, isolate = "process" }: RunOptions, terminal: Terminal): void {
  const { kind, component, slot, pid, text } = event;
  if (output === "json") void terminal.write(`${JSON.stringify({ event: kind, component, slot, pid, text })}\n`);
  else terminal.say(`${component}.${slot} ${HAPPENED[kind]} (${isolate} ${pid}): ${text}`);
}

async function openDoor(app: App, options: RunOptions, terminal: Terminal): Promise<HttpDoor | undefined> {
  if (options.httpPort === undefined) return undefined;
  const services = await app.services();
  const door = createHttpDoor({ node: app.node, services, log: sinkOf(options, terminal) });
  try {
    await door.listen({ port: options.httpPort });
  } catch (cause) {
    if (!isOrreryError(cause) || cause.code !== "unavailable") throw cause;
    throw new CommandError(cause.message.replace("--port", "--http"), { exit: EXIT.notFound, cause });
  }
  return door;
}

/** How a run comes to its end. */
interface End {
  /** Resolves when somebody asks for it. */
  readonly asked: Promise<"asked">;
  /** Resolves when somebody asks again, or before anything runs. */
  readonly forced: Promise<undefined>;
  /** Resolves when nothing is left that could run. */
  readonly lost: Promise<"lost">;
  lose(): void;
  /** Names what is done when something has changed. */
  onNews(listener: () => void): void;
  news(): void;
}

function createEnd(terminal: Terminal): End {
  const asked = Promise.withResolvers<"asked">();
  const forced = Promise.withResolvers<undefined>();
  const lost = Promise.withResolvers<"lost">();
  let onNews: (() => void) | undefined;
  let times = 0;
  terminal.onInterrupt(() => {
    if (++times === 1 && onNews !== undefined) asked.resolve("asked");
    else forced.resolve(undefined);
  });
  return {
    asked: asked.promise,
    forced: forced.promise,
    lost: lost.promise,
    lose: () => lost.resolve("lost"),
    onNews: (listener) => {
      onNews = listener;
    },
    news: () => onNews?.(),
  };
}
