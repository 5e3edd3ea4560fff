import { type Component, createSystemClock } from "@orrery/core";
import { createMeshNode, formatLog, loadComponents, matchName } from "@orrery/mesh";
import { makeGossipDirectory } from "@orrery/mesh/internal";
import { AppsService } from "@orrery/platform/service";
import { type CurveOptions, createCurveKeyPair, encodeHex, type KnownPeer, parseCurveKey } from "@orrery/zmq";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { STOP_TIMEOUT_MS } from "../limits.ts";
import { askApp } from "../resources/app-status.ts";
import { WATCH_SILENT_MS } from "../resources/limits.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { expandApps, setMissing } from "../run/expand-apps.ts";
import type { Terminal } from "../terminal.ts";
import { appAddress } from "./app-names.ts";
import { DETACH_LOOK_MS, DETACH_MS } from "./limits.ts";

interface Wish {
  readonly address: string;
  readonly paths: readonly string[];
}

/** `orrery run --attach=APP` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ address: appAddress(input, appOf(input)), paths: input.words.length > 0 ? input.words : ["."] }),
  act: attach,
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function appOf(input: CommandInput): string {
  const app = input.text("attach") ?? "";
  if (app === "") throw usageError("Cannot attach to nothing: name the app, such as --attach=demo.test:shop");
  return app;
}

/** Runs components in this process in the place of those of an app, until somebody ends it. */
async function attach({ address, paths }: Wish, context: ResourceContext): Promise<ExitCode> {
  const { server, terminal, isJson } = context;
  const served = await load(address, paths, context);
  const names = served.map(({ name }) => name);
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  let stop = async (): Promise<void> => undefined;
  const keyPair = createCurveKeyPair(); // Its secret stays here.
  let known: readonly KnownPeer[] = [];
  try {
    const options = { signal: end.signal, idleMs: WATCH_SILENT_MS };
    const components = served.map(({ component }) => component);
    let wasFound = false;
    const told = server.node
      .client(AppsService)
      .attach({ address, components: names, publicKey: encodeHex(keyPair.publicKey) }, options);
    for await (const { seeds, agent, isFound, peers } of told) {
      known = peers.map((key) => ({ publicKey: parseCurveKey(key), agents: ["*"] }));
      const curve = { keyPair, peers: () => known };
      if (seeds.length > 0) stop = await join({ address, agent, seeds, components, curve }, terminal);
      const text = `Attached: calls of ${names.join(", ")} of ${address} come here, until Ctrl-C\n`;
      const event = `${JSON.stringify({ event: "attached", address, components: names })}\n`;
      if (isFound && !wasFound) await terminal.write(isJson ? event : text);
      wasFound = isFound;
    }
    if (end.signal.aborted) return EXIT.done;
    throw new CommandError(`Cannot stay attached to "${address}": the server has ended`);
  } catch (error) {
    if (!end.signal.aborted) throw server.explain(error);
    await isBack(address, names, context);
    return EXIT.done;
  } finally {
    release();
    await stop();
  }
}

interface Served {
  /** As the app's file has it. */
  readonly name: string;
  readonly component: Component;
}

/** Loads what is here of an app's components. @throws CommandError where that is none */
async function load(
  address: string,
  paths: readonly string[],
  { server, terminal }: ResourceContext,
): Promise<readonly Served[]> {
  const known = (await askApp(address, server)).components.map(({ name }) => name);
  const expanded = await expandApps(paths, { cwd: terminal.cwd, env: terminal.env });
  setMissing(expanded.env, process.env);
  const loaded = await loadComponents(expanded.paths, { cwd: terminal.cwd });
  const all = loaded.map(({ name }) => name);
  const served = known.flatMap((name) => {
    const match = matchName(name, all);
    const found = match.kind === "one" ? loaded.find((one) => one.name === match.name) : undefined;
    return found === undefined ? [] : [{ name, component: found.component }];
  });
  if (served.length > 0) return served;
  const why = `${paths.join(" ")} has none of its components, ${known.join(", ")}, but ${all.join(", ")}`;
  throw new CommandError(`Cannot attach to "${address}": ${why}`);
}

interface Joining {
  readonly address: string;
  readonly agent: string;
  readonly seeds: readonly string[];
  readonly components: readonly Component[];
  readonly curve: CurveOptions;
}

/** Joins the network of an app; gives what leaves it. */
async function join(
  { address, agent, seeds, components, curve }: Joining,
  terminal: Terminal,
): Promise<() => Promise<void>> {
  const directory = await makeGossipDirectory({ seeds, curve });
  const node = await createMeshNode({
    name: `${address.replaceAll(":", ".")}.attached`,
    ...{ directory, agent, components, curve, clock: createSystemClock(), listen: ["tcp://127.0.0.1:0"] },
    log: (entry) => terminal.say(formatLog(entry, "text")),
  });
  await node.start();
  return async () => {
    directory.leave();
    await node.stop({ timeoutMs: STOP_TIMEOUT_MS });
  };
}

/** Serves on until the app's own processes take calls again, so that none is lost. */
async function isBack(address: string, names: readonly string[], { server }: ResourceContext): Promise<void> {
  const clock = createSystemClock();
  for (const endMs = clock.monotonic() + DETACH_MS; clock.monotonic() < endMs; await clock.sleep(DETACH_LOOK_MS)) {
    const { components } = await askApp(address, server);
    if (components.every(({ name, running }) => !names.includes(name) || running > 0)) return;
  }
}
