import { type Circuit, type CircuitsResponse, Move, type Throttle } from "@orrery/mesh/operate";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { type Fleet, openFleet, pickNodes } from "./fleet.ts";
import { formatRate, formatTime } from "./format.ts";
import { readCount, readNumber } from "./read-number.ts";
import { answered, tellFailed } from "./tell-failed.ts";

/** Lists breakers and throttles of all nodes, moves breakers by hand, or changes a throttle. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const fleet = await openFleet(input, terminal);
  try {
    switch (input.command.name) {
      case "circuit ls":
        return await list(input, terminal, fleet);
      case "circuit throttle":
        return await throttle(input, terminal, fleet);
      default:
        return await move(input, terminal, fleet);
    }
  } finally {
    await fleet.close();
  }
}

async function list(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const nodes = pickNodes(await fleet.look(), input.texts("node"));
  const asked = await fleet.ask(nodes, (client, options) => client.circuits({}, options));
  const found = answered(asked).map(({ value }) => value);
  const [pattern] = input.words;
  const fits = (name: string) => pattern === undefined || name.includes(pattern.replaceAll("*", ""));
  if (input.text("output") === "json")
    await terminal.write(`${JSON.stringify(found.map((one) => factsOf(one, fits)))}\n`);
  else await terminal.write(`${listing(found, fits, terminal).join("\n")}\n`);
  tellFailed(asked, input, terminal);
  return EXIT.done;
}

type Fits = (name: string) => boolean;

function listing(all: readonly CircuitsResponse[], fits: Fits, terminal: Terminal): readonly string[] {
  const circuits = all.flatMap(({ node, circuits: own }) =>
    own.filter(({ group }) => fits(group)).map((one) => circuitRow(node, one, terminal)),
  );
  const throttles = all.flatMap(({ node, throttles: own }) =>
    own.filter(({ name }) => fits(name)).map((one) => throttleRow(node, one)),
  );
  const refusals = all.flatMap(({ node, refusals: own }) =>
    own.map(({ check, beyond, messages }) => [node, check, beyond, String(messages)]),
  );
  const part = (heading: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : [...table([heading, ...rows]), ""];
  const lines = [
    ...part(["NODE", "CIRCUIT", "TO", "STATE", "CALLS", "FAILED", "SLOW", "WHY"], circuits),
    ...part(["NODE", "THROTTLE", "FOR", "LIMIT", "WANTED", "UNDER WAY", "PASSED", "REFUSED"], throttles),
    ...part(["NODE", "REFUSED BY", "BECAME", "MESSAGES"], refusals),
  ];
  if (lines.length === 0)
    return ["No breaker or throttle: nodes have them for what they call, once they have called it"];
  return lines.slice(0, -1);
}

function circuitRow(node: string, circuit: Circuit, terminal: Terminal): readonly string[] {
  const { group, place, state, calls, failed, slow, cause, probeInMs } = circuit;
  const shown = colour(terminal, state === "closed" ? "good" : state === "open" ? "bad" : "busy", state);
  const again = state === "open" ? `${cause}, tried again in ${formatTime(probeInMs)}` : "";
  return [node, group, place || "itself", shown, String(calls), String(failed), String(slow), again];
}

function throttleRow(node: string, throttle: Throttle): readonly string[] {
  const { name, flow, component, method, perSecond, concurrency, shared, wanted, underWay, passed, refused } = throttle;
  const limits = [
    ...(perSecond > 0 ? [`${formatRate(perSecond)}/s${shared ? " shared" : ""}`] : []),
    ...(concurrency > 0 ? [`${concurrency} at once`] : []),
  ];
  const subject = `${component}.${method}${flow === "*" ? "" : ` of ${flow}`}`;
  const numbers = [`${formatRate(wanted)}/s`, String(underWay), String(passed), String(refused)];
  return [node, name, subject, limits.join(", "), ...numbers];
}

function factsOf({ node, circuits, throttles, refusals }: CircuitsResponse, fits: Fits): object {
  return {
    node,
    circuits: circuits.filter(({ group }) => fits(group)).map(circuitFacts),
    throttles: throttles.filter(({ name }) => fits(name)).map(throttleFacts),
    refusals: refusals.map(({ check, beyond, messages }) => ({ check, beyond, messages: Number(messages) })),
  };
}

function circuitFacts({ $typeName: _, $unknown: _unknown, ...facts }: Circuit): object {
  return facts;
}

function throttleFacts({ $typeName: _, $unknown: _unknown, ...facts }: Throttle): object {
  return { ...facts, passed: Number(facts.passed), refused: Number(facts.refused) };
}

const MOVES: Readonly<Record<string, Move>> = { open: Move.OPEN, close: Move.CLOSE, reset: Move.RESET };

async function move(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const verb = input.command.name.slice("circuit ".length);
  const time = input.text("for");
  const forMs = time === undefined ? 0 : parseTime(time, "for");
  const [group = "*"] = input.words;
  const nodes = pickNodes(await fleet.look(), input.texts("node"));
  const request = { group, place: input.text("place") ?? "", to: MOVES[verb] ?? Move.UNSPECIFIED, forMs };
  const asked = await fleet.ask(nodes, (client, options) => client.moveCircuits(request, options));
  const moved = answered(asked).map(({ value }) => value);
  const failed = tellFailed(asked, input, terminal);
  const rows = moved.flatMap(({ node, circuits }) => circuits.map((one) => circuitRow(node, one, terminal)));
  if (rows.length === 0 && failed === EXIT.done)
    throw new CommandError(`Cannot ${verb} circuit "${group}": no node has one, it makes one with its first call`, {
      exit: EXIT.notFound,
      tip: "orrery circuit",
    });
  if (input.text("output") === "json")
    await terminal.write(
      `${JSON.stringify(moved.map(({ node, circuits }) => ({ node, circuits: circuits.map(circuitFacts) })))}\n`,
    );
  else
    await terminal.write(
      `${table([["NODE", "CIRCUIT", "TO", "STATE", "CALLS", "FAILED", "SLOW", "WHY"], ...rows]).join("\n")}\n`,
    );
  return failed;
}

async function throttle(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const perSecond = readNumber(input, "per-second");
  const concurrency = readCount(input, "concurrency", 1);
  if (perSecond === undefined && concurrency === undefined)
    throw usageError("Cannot change a throttle: say what of it, with --per-second=N or --concurrency=N");
  const [name = ""] = input.words;
  const all = pickNodes(await fleet.look(), input.texts("node"));
  const listed = answered(await fleet.ask(all, (client, options) => client.circuits({}, options)));
  const nodes = listed.filter(({ value }) => value.throttles.some((one) => one.name === name)).map(({ node }) => node);
  if (nodes.length === 0) {
    const known = [...new Set(listed.flatMap(({ value }) => value.throttles.map((one) => one.name)))];
    const why = known.length === 0 ? "no node has any" : `there are ${known.join(", ")}`;
    throw new CommandError(`Cannot change throttle "${name}": ${why}`, { exit: EXIT.notFound, tip: "orrery circuit" });
  }
  const request = {
    name,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
  const asked = await fleet.ask(nodes, (client, options) => client.changeThrottle(request, options));
  const changed = answered(asked).flatMap(({ node, value }) =>
    value.throttle === undefined ? [] : [{ node: node.name, throttle: value.throttle }],
  );
  if (input.text("output") === "json")
    await terminal.write(
      `${JSON.stringify(changed.map((one) => ({ node: one.node, ...throttleFacts(one.throttle) })))}\n`,
    );
  else {
    const rows = changed.map((one) => throttleRow(one.node, one.throttle));
    const heading = ["NODE", "THROTTLE", "FOR", "LIMIT", "WANTED", "UNDER WAY", "PASSED", "REFUSED"];
    await terminal.write(`${table([heading, ...rows]).join("\n")}\n`);
  }
  return tellFailed(asked, input, terminal);
}
