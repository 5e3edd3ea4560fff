import { type Session, startSession } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { printError } from "../print-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadScenario, type ScenarioFile } from "./load-scenario.ts";
import { readTapeFlags, readWhole } from "./read-options.ts";
import { failureFacts } from "./tell-run.ts";
import { writeLines } from "./write-lines.ts";

/** Steps through a run by hand: with what is typed, with the lines of standard input, or with those of `--do`. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const seed = readWhole(input, "seed", 0);
  const file = await loadScenario(word, terminal);
  await using session = await openSession(file, seed, { input, terminal });
  const lines = input.text("do");
  const isTyped = terminal.isInteractive && lines === undefined;
  if (isTyped) return await typeIn(session, file, terminal);
  const given = lines === undefined ? readAll(session, terminal) : lines.split(";");
  return await doAll(session, given, { input, terminal });
}

/** What a session needs of its command. */
export interface SessionHost {
  readonly input: CommandInput;
  readonly terminal: Terminal;
}

/** Opens a session for a seed or a tape. */
export async function openSession(
  { scenario }: ScenarioFile,
  seed: number | undefined,
  { input, terminal }: SessionHost,
): Promise<Session> {
  const tape = await readTapeFlags(input, terminal, scenario.name);
  if (tape !== undefined && seed !== undefined)
    throw usageError("Cannot step with --seed and a tape: the tape says its seed, name one");
  const onSave = (name: string, lines: Iterable<string>) => writeLines(name, lines, { terminal, what: "it" });
  return await startSession(scenario, { ...(seed !== undefined && { seed }), ...(tape && { tape }), onSave });
}

/** Does lines one after the other; the first that cannot be done ends the command. */
export async function doAll(
  session: Session,
  lines: AsyncIterable<string> | Iterable<string>,
  { input, terminal }: SessionHost,
): Promise<ExitCode> {
  const isJson = input.text("output") === "json";
  for await (const given of lines) {
    const line = given.trim();
    if (line === "" || line.startsWith("--")) continue;
    const told = await session.type(line).catch((error: unknown) => {
      throw usageError(error instanceof Error ? error.message : String(error));
    });
    const text = isJson ? JSON.stringify({ line, told, ...placeOf(session) }) : [`> ${line}`, ...told].join("\n");
    if (!(await terminal.write(`${text}\n`)) || session.isOver) break;
  }
  return session.ended?.failure === undefined ? EXIT.done : EXIT.failed;
}

/** Where a session stands, for programs. */
function placeOf({ world, ended }: Session): object {
  const { seed, elapsedMs, events, trace } = world;
  const how = ended === undefined ? {} : { held: ended.failure === undefined };
  const failure = ended?.failure === undefined ? {} : { failure: failureFacts(ended.failure) };
  return { seed, elapsedMs, events, hash: trace.hash, ...how, ...failure };
}

function readAll(session: Session, terminal: Terminal): AsyncIterable<string> {
  return terminal.readLines({
    prompt: () => promptOf(session),
    complete: (line) => session.complete(line),
    onInterrupt: () => session.interrupt(),
  });
}

async function typeIn(session: Session, { scenario }: ScenarioFile, terminal: Terminal): Promise<ExitCode> {
  const { world } = session;
  terminal.say(
    `"${scenario.name}", seed ${world.seed}: ${world.nodes.size} nodes stand before their first event. Tab completes, help lists what can be typed`,
  );
  for await (const line of readAll(session, terminal)) {
    try {
      const told = await session.type(line);
      if (told.length > 0) await terminal.write(`${told.join("\n")}\n`);
    } catch (error) {
      terminal.say(printError(error, { form: "text", debug: false })); // Whoever types goes on.
    }
    if (session.isOver) break;
  }
  return session.ended?.failure === undefined ? EXIT.done : EXIT.failed;
}

function promptOf({ world, ended }: Session): string {
  return ended === undefined ? `${world.elapsedMs} ms #${world.events}> ` : "ended> ";
}
