import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { shortName } from "../short-name.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { type FleetNode, openFleet } from "./fleet.ts";
import { formatBytes, formatTime } from "./format.ts";
import { loadOf, servedBy } from "./node-facts.ts";

/** Lists the nodes of a network. Those that give no answer are shown as such. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const fleet = await openFleet(input, terminal);
  try {
    const nodes = await fleet.look();
    if (input.text("output") === "json") await terminal.write(`${JSON.stringify(nodes.map(factsOf))}\n`);
    else await terminal.write(`${listing(nodes, terminal).join("\n")}\n`);
    if (input.text("output") !== "json" && nodes.some(({ member }) => member?.distance !== undefined))
      terminal.say(`Distances are one way from ${fleet.from}`);
    return EXIT.done;
  } finally {
    await fleet.close();
  }
}

/** Colour of a state. */
export function stateText(node: FleetNode, terminal: Terminal): string {
  const { state } = node;
  const mood = state === "alive" ? "good" : state === "silent" || state === "dead" ? "bad" : "busy";
  return colour(terminal, mood, state);
}

function listing(nodes: readonly FleetNode[], terminal: Terminal): readonly string[] {
  const hasDistances = nodes.some(({ member }) => member?.distance !== undefined);
  const heading = [
    "NODE",
    "STATUS",
    "ADDRESS",
    "COMPONENTS",
    "LOAD",
    ...(hasDistances ? ["DISTANCE"] : []),
    "UP",
    "MEMORY",
  ];
  const rows = nodes.map((node) => {
    const { name, address, status, member, why } = node;
    const served = servedBy(node).map((one) => `${shortName(one.name)}@${one.version}`);
    const distance = member?.distance;
    const far = distance === undefined ? "" : `${formatTime(distance.ms)} ± ${formatTime(distance.errorMs)}`;
    const up = status === undefined ? "" : formatTime(status.uptimeMs);
    const memory = status === undefined || status.memoryBytes === 0n ? "" : formatBytes(Number(status.memoryBytes));
    const load = why === "" ? loadOf(node).text : why;
    const distances = hasDistances ? [far] : [];
    return [name || "?", stateText(node, terminal), address, served.join(" ") || "-", load, ...distances, up, memory];
  });
  return table([heading, ...rows]);
}

function factsOf(node: FleetNode): object {
  const { name, state, why, address, status, member } = node;
  const { busy, waiting, instances } = loadOf(node);
  return {
    node: name,
    state,
    why,
    address,
    incarnation: Number(status?.incarnation ?? member?.incarnation ?? 0n),
    pid: status?.pid ?? 0,
    uptimeMs: status?.uptimeMs ?? 0,
    memoryBytes: Number(status?.memoryBytes ?? 0n),
    components: servedBy(node),
    load: { busy, waiting, instances },
    ...(member?.distance === undefined
      ? {}
      : { distanceMs: member.distance.ms, distanceErrorMs: member.distance.errorMs }),
    peers:
      status?.peers.map(({ node: peer, leaving, distance }) => ({
        node: peer,
        leaving,
        ...(distance === undefined ? {} : { distanceMs: distance.ms, distanceErrorMs: distance.errorMs }),
      })) ?? [],
  };
}
