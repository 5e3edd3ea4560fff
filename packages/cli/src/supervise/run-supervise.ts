import { relative } from "node:path";
import { findProject, formatLog, writeRunFile } from "@orrery/mesh";
import type { ElasticEvent } from "@orrery/mesh/elastic";
import { type Host, type HostNews, openHost } from "@orrery/mesh/host";
import type { SuperviseEvent } from "@orrery/mesh/supervise";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { changeLines } from "./change-lines.ts";

/** Runs a host until somebody ends it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [folder = ""] = input.words;
  const isJson = input.text("output") === "json";
  const end = createEnd(terminal);
  let news = () => undefined as unknown;
  const lines = createLines();
  const host = await openHost({
    folder,
    log: (entry) => lines.say(() => terminal.say(formatLog(entry, "text"))),
    onEvent: (event) => {
      lines.say(() => tellEvent(event, isJson, terminal));
      news();
    },
    onSize: (event) => lines.say(() => tellSize(event, isJson, terminal)),
    onRefused: (text) => lines.say(() => tellRefused(text, isJson, terminal)),
    onNews: (change) => lines.say(() => tellNews(change, isJson, terminal)),
  }).catch((error: unknown) => {
    lines.begin(); // They say what came before.
    throw error;
  });
  const file = writeRunFile(findProject(terminal.cwd), tableDirectory(host), { ...(host.keys && { keys: host.keys }) });
  let written = "";
  news = () => {
    const now = JSON.stringify(host.table());
    if (now !== written) file.update(tableDirectory(host));
    written = now;
  };
  const looking = setInterval(news, LOOK_MS); // Others come and go.
  try {
    await terminal.write(readyText(host, folder, isJson, terminal));
    lines.begin();
    end.onHangup(() => void host.refresh());
    const how = await end.asked;
    if (how === "leave") {
      await host.release();
      terminal.say("Its processes run on: the next orrery supervise of this folder takes them over");
      return EXIT.done;
    }
    terminal.say("Stopping: what was accepted is being finished, once more stops at once");
    const stopping = host.stop().then(() => EXIT.done);
    const forced = end.forced.then(async () => {
      await host.kill();
      return EXIT.failed;
    });
    return await Promise.race([stopping, forced]);
  } finally {
    clearInterval(looking);
    file.remove();
  }
}

/** Lines that wait until the first is printed, which says who tells them. */
function createLines(): { say(line: () => void): void; begin(): void } {
  let waiting: (() => void)[] | undefined = [];
  return {
    say(line) {
      if (waiting === undefined) line();
      else waiting.push(line);
    },
    begin() {
      const early = waiting ?? [];
      waiting = undefined;
      for (const line of early) line();
    },
  };
}

/** How often the file is written by which commands of this project find components. */
const LOOK_MS = 50;

function tableDirectory(host: Host) {
  const table = host.table();
  return { resolve: (name: string) => table[name] ?? [], components: () => Object.keys(table) };
}

function readyText(host: Host, folder: string, isJson: boolean, { cwd }: Terminal): string {
  const { running } = host.status();
  const components = [...running.keys()];
  const { name, address } = host;
  if (isJson) return `${JSON.stringify({ event: "supervising", pid: process.pid, host: name, address, components })}\n`;
  const what = components.length === 0 ? "no component yet" : components.join(", ");
  return `Host ${name} at ${address} keeps ${relative(cwd, folder) || "."} up: ${what}\n`;
}

function tellEvent(event: SuperviseEvent, isJson: boolean, terminal: Terminal): void {
  const { kind, ...facts } = event;
  if (isJson) void terminal.write(`${JSON.stringify({ event: kind, ...facts })}\n`);
  else terminal.say(`${event.child}  ${kind}  ${event.text}`);
}

function tellSize({ component, reason, changes, text }: ElasticEvent, isJson: boolean, terminal: Terminal): void {
  if (isJson) void terminal.write(`${JSON.stringify({ event: "size", component, reason, changes, text })}\n`);
  else terminal.say(text);
}

function tellRefused(text: string, isJson: boolean, terminal: Terminal): void {
  if (isJson) void terminal.write(`${JSON.stringify({ event: "connection-refused", text })}\n`);
  else terminal.say(text);
}

function tellNews({ kind, changes, text }: HostNews, isJson: boolean, terminal: Terminal): void {
  if (isJson) {
    void terminal.write(`${JSON.stringify({ event: kind, changes, text })}\n`);
    return;
  }
  if (kind === "refused") terminal.say(text);
  for (const line of changeLines(changes)) terminal.say(`${kind}  ${line}`);
  if (kind === "put-back") terminal.say(`It was put back: ${text}`);
}

/** How it comes to its end. */
interface End {
  readonly asked: Promise<"stop" | "leave">;
  readonly forced: Promise<void>;
  onHangup(listener: () => void): void;
}

function createEnd(terminal: Terminal): End {
  const asked = Promise.withResolvers<"stop" | "leave">();
  const forced = Promise.withResolvers<void>();
  let isAsked = false;
  let hangup = () => {};
  terminal.onInterrupt((signal) => {
    if (signal === "SIGHUP" && !terminal.isInteractive) {
      hangup();
      return;
    }
    if (isAsked) forced.resolve();
    isAsked = true;
    asked.resolve("stop");
  });
  process.once("SIGUSR2", () => asked.resolve("leave"));
  return {
    asked: asked.promise,
    forced: forced.promise,
    onHangup(listener) {
      hangup = listener;
    },
  };
}
