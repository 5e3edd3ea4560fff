import type { ClientNode } from "@orrery/core";
import { CALL_TIMEOUT_MAX_MS } from "@orrery/core/internal";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, UnknownService, usageError } from "../command-error.ts";
import { openReach, type Reach, type ReachedService } from "../reach/reach.ts";
import type { Terminal } from "../terminal.ts";
import { readMoment, readTimestamp } from "./read-moment.ts";
import { type ClockFacts, tellClock } from "./tell-clock.ts";

/** Moves the clock of an application that runs under one. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const reach = await openReach(input, terminal);
  try {
    const facts = await move(await findClock(reach), reach.client, input);
    if (input.text("output") === "json") await terminal.write(`${JSON.stringify(plain(facts))}\n`);
    else await terminal.write(tellClock(facts, terminal));
    return facts.state === "failed" ? EXIT.failed : EXIT.done;
  } finally {
    await reach.close();
  }
}

async function findClock(reach: Reach): Promise<ReachedService> {
  try {
    return await reach.find("orrery.clock.v1.Clock");
  } catch (error) {
    if (!(error instanceof UnknownService)) throw error;
    throw new CommandError("Cannot move the clock: what runs here goes by the machine's time", {
      exit: EXIT.notFound,
      tip: "orrery run --clock FILE",
    });
  }
}

type Method = (request: object, options: { readonly timeoutMs: number }) => Promise<ClockFacts>;

async function move(clock: ReachedService, client: ClientNode, input: CommandInput): Promise<ClockFacts> {
  const methods = client.client(clock.service) as unknown as Readonly<Record<string, Method>>;
  const verb = input.command.name.slice("clock ".length);
  const ask = async (name: string, request: object) => {
    const asked = methods[name]?.(request, { timeoutMs: CALL_TIMEOUT_MAX_MS });
    if (asked === undefined) throw new CommandError(`Cannot ask the clock to ${name}: it is of another version`);
    return await asked;
  };
  switch (verb) {
    case "tick":
      return await ask("tick", { count: readCount(input.words[0]) });
    case "until":
      return await ask("until", readMoment(input.words, (await ask("status", {})).elapsedMs));
    case "at":
      return await ask("attach", { timeMs: readTimestamp(input.words[0] ?? "") });
    case "inject":
      return await ask("inject", { fault: input.words.join(" ") });
    default:
      return await ask(verb, {});
  }
}

function readCount(word = "1"): number {
  const count = Number(word);
  if (/^\d+$/.test(word) && count >= 1 && count <= 0xffff_ffff) return count;
  throw usageError(`Cannot run "${word}" ticks: write a whole number from 1`);
}

/** As JSON: without what protobuf adds. */
function plain({ state, elapsedMs, nextMs, events, windows, matched, failure, hash, members }: ClockFacts): object {
  const processes = members.map(({ number, pid, nodes, events: own, nextMs: ownNextMs, last, busy }) => {
    return { number, pid, nodes, events: own, nextMs: ownNextMs, last, busy };
  });
  return { state, elapsedMs, nextMs, events, windows, matched, failure, hash, members: processes };
}
