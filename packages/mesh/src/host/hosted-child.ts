import { type Component, createSystemClock, type JsonValue, type LogSink } from "@orrery/core";
import { contractOf, messageOf } from "@orrery/core/internal";
import { addressWithKey } from "@orrery/zmq";
import { formatLog } from "../format-log.ts";
import { journalFor } from "../journal/journal-for.ts";
import { createLimits } from "../limits/node-limits.ts";
import { loadComponents } from "../load-components.ts";
import { matchName } from "../match-name.ts";
import { createMeshNode, makeGossipDirectory } from "../mesh-node.ts";
import type { LogForm } from "../process-messages.ts";
import type { ChildProcessDoor, ComponentProgram } from "../supervise/component-child.ts";
import type { SupervisorLine } from "../supervise/system-child.ts";
import { systemFiles } from "../system-files.ts";
import { ownAddress } from "../system-own-socket.ts";
import { ownId } from "../system-thread.ts";
import { countCalls } from "./call-counts.ts";
import { GOODBYE_MS } from "./limits.ts";
import { followQueues } from "./queue-views.ts";
import { readPlacedKeys } from "./system-host-keys.ts";
import { tellSeldom } from "./tell-seldom.ts";

/** The program of a process that finds others by gossip. */
export type HostedProgram = ComponentProgram & { readonly seedsFile: string };

/**
 * Serves components in this process: a node of the network that the seeds lead to. When it is to go it says so first, and takes what still comes
 * until the others have heard; so no call fails for it.
 */
export async function serveHosted(line: SupervisorLine, program: HostedProgram, door: ChildProcessDoor): Promise<void> {
  const { listen: said = "tcp://127.0.0.1:0", agent = "anonymous", log = "text", node: name } = program;
  try {
    const components = await componentsOf(program);
    const clock = createSystemClock();
    const { address: listen, id = ownId() } = ownAddress(said);
    const { write, ...followed } = await logOf(program, log, door);
    const warn = (text: string) => write({ timeMs: clock.now(), level: "warn", text, fields: { node: name } });
    const limits = countCalls(createLimits());
    const secured = program.keys && { curve: await readPlacedKeys(program.keys) };
    const directory = await makeGossipDirectory({ seeds: readSeeds(program.seedsFile), ...secured });
    const node = await createMeshNode({
      name: `${name}.${id}`, // Old and new of one child may run at once.
      components,
      clock,
      directory,
      limits,
      agent,
      listen: [listen],
      ...(listen.startsWith("ipc:") && { carriers: ["unix"] as const, socketsIn: socketsOf(listen) }),
      ...secured,
      onTrouble: tellSeldom(clock, warn),
      ...(program.operators !== undefined && { operate: { operators: program.operators } }),
      ...(await journalFor(components, program.journalFolder ?? "")),
      ...followed,
    });
    line.onDrain((timeoutMs) => {
      directory.leave();
      clock
        .sleep(GOODBYE_MS)
        .then(() => node.stop({ timeoutMs: Math.max(0, timeoutMs - GOODBYE_MS) }))
        .then(
          () => door.exit(0),
          () => door.exit(1),
        );
    });
    line.report(() => limits.counts() as unknown as JsonValue);
    await node.start();
    const [address = ""] = node.addresses;
    line.ready(secured === undefined ? address : addressWithKey(address, secured.curve.keyPair.publicKey));
    if (program.tellsQueues === true)
      followQueues({
        node,
        components: namesOf(components),
        clock,
        tell: (view) => line.tell(view as unknown as JsonValue),
      });
  } catch (error) {
    await line.failed(messageOf(error));
    door.exit(1);
  }
}

/** What becomes of its lines: those are written that are wanted of its address, or all where it has none. */
async function logOf({ logLevel }: HostedProgram, form: LogForm, { writeLine }: ChildProcessDoor) {
  if (logLevel !== undefined) {
    const { followLogLevel } = await import("./system-log-level.ts");
    return followLogLevel(logLevel, { form, writeLine });
  }
  const write: LogSink = (entry) => writeLine(formatLog(entry, form));
  return { write, log: write };
}

/** The folder of a socket's address: who opens one there meets others there, and nowhere else. */
export function socketsOf(address: string): string {
  return address.slice("ipc://".length, address.lastIndexOf("/"));
}

function namesOf(components: readonly Component[]): readonly string[] {
  return components.map(({ service }) => contractOf(service).name);
}

async function componentsOf({ paths, cwd, component }: HostedProgram): Promise<readonly Component[]> {
  const loaded = await loadComponents(paths, { cwd });
  const names = loaded.map(({ name }) => name);
  const match = component === undefined ? undefined : matchName(component, names);
  const wanted = loaded.filter(({ name }) => match === undefined || (match.kind === "one" && name === match.name));
  if (wanted.length > 0) return wanted.map((one) => one.component);
  throw new Error(`Cannot serve "${component}": ${paths.join(" ")} exports ${names.join(", ")}, name one of these`);
}

/** Addresses of a file, one a line. */
export function readSeeds(file: string): readonly string[] {
  const text = systemFiles().readFileSync(file, "utf8");
  return text.split("\n").filter((line) => line !== "");
}
