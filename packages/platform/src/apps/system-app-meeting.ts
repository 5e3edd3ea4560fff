import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isOrreryError, type Node } from "@orrery/core";
import { createMeshNode, type GossipDirectory } from "@orrery/mesh";
import { makeGossipDirectory } from "@orrery/mesh/internal";
import type { TurningKeys } from "@orrery/mesh/supervise";
import type { Telemetry } from "@orrery/mesh/telemetry";
import type { ProcessAppOptions } from "./process-app-options.ts";
import { replaceFile } from "./system-replace-file.ts";

/** What the processes of an app and the platform meet by. */
export interface MeetingOptions
  extends Pick<ProcessAppOptions, "app" | "home" | "sockets" | "isolation" | "components" | "clock" | "sink"> {
  /** Keys of the app: who has none is refused. */
  readonly keys: Pick<TurningKeys, "curve" | "address">;
  readonly telemetry: Telemetry;
}

/** The platform's node in the network of an app. */
export interface AppMeeting {
  readonly node: Node;
  readonly directory: GossipDirectory;
  /** Addresses at which a process with a key finds it. */
  readonly seeds: readonly string[];
}

/** Name of the file of addresses by which processes of an app find the platform's node. */
export const SEEDS = "seeds";
const ANY_PORT = "tcp://127.0.0.1:0";

/**
 * Opens the node at which the processes of an app meet: where they run in cages by a socket, and it connects to none but them, whatever addresses
 * they tell. Its address is the same over a restart, where that is free.
 */
export async function openMeeting(options: MeetingOptions): Promise<AppMeeting> {
  const { app, home, sockets, isolation, keys } = options;
  const [file, path] = [join(home, SEEDS), join(sockets, "platform")];
  const [said = ""] = existsSync(file) ? readFileSync(file, "utf8").split("?") : [];
  const before = said.startsWith("tcp:") ? said : ANY_PORT;
  const isCaged = isolation.kind === "cage";
  let opened: Pick<AppMeeting, "node" | "directory">;
  try {
    opened = await open(isCaged ? `ipc://${path}` : before, options);
  } catch (error) {
    if (before === ANY_PORT || !isOrreryError(error) || error.code !== "unavailable") throw error;
    opened = await open(ANY_PORT, options);
  }
  const seeds = opened.node.addresses.filter((one) => one.startsWith(isCaged ? "ipc:" : "tcp:")).map(keys.address);
  replaceFile(file, seeds[0] ?? "");
  if (isCaged) for (const lent of [path, file]) isolation.lend(lent, app);
  return { ...opened, seeds };
}

async function open(
  listen: string,
  { app, home, sockets, components, clock, sink, telemetry, keys: { curve } }: MeetingOptions,
): Promise<Pick<AppMeeting, "node" | "directory">> {
  const directory = await makeGossipDirectory({ seeds: [], viewFile: join(home, "view"), curve });
  const name = `${app.replaceAll(":", ".")}.platform`;
  const node = await createMeshNode({
    ...{ name, components, directory, clock, log: sink, agent: app, telemetry, curve },
    listen: [listen],
    ...(listen.startsWith("ipc:") && { carriers: ["unix"] as const, socketsIn: sockets }),
  });
  await node.start();
  return { node, directory };
}
