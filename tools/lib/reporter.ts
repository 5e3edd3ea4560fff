import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect, stripVTControlCharacters } from "node:util";
import { ROOT } from "./project.ts";

type Data<Type extends TestEvent["type"]> = Extract<TestEvent, { type: Type }>["data"];

/**
 * Reporter for `node --test`: a line for each file as it ends, each failure whole as it happens, and the runner's summary
 * last, in the form of its TAP reporter. What files print is shown only when one of their tests fails.
 */
export async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const printed = new Map<string, string>();
  const failures: string[] = [];
  for await (const { type, data } of events) {
    if (type === "test:stdout" || type === "test:stderr") keep(printed, data);
    else if (type === "test:fail" && !isOnlyParent(data)) {
      failures.push(describeFailure(data));
      yield `${describeFailure(data)}\n${indent(isWholeFile(data) ? take(printed, data.file) : describeError(data))}\n`;
    } else if (type === "test:summary" && data.file !== undefined) yield describeFile(data, printed);
    else if (type === "test:summary") yield describeRun(data, failures);
  }
}

function keep(printed: Map<string, string>, data: Data<"test:stdout">): void {
  const file = data.file ?? "";
  printed.set(file, (printed.get(file) ?? "") + data.message);
}

/** Takes what a file printed, so that it is shown once. */
function take(printed: Map<string, string>, file = ""): string {
  const text = printed.get(file) ?? "";
  printed.delete(file);
  return text;
}

/** A file that ended with an error of its own, such as one that cannot be loaded: what it printed is the error. */
function isWholeFile(data: Data<"test:fail">): boolean {
  return "exitCode" in data.details.error;
}

/** A test or file that failed only because one inside it did: that one is told already. */
function isOnlyParent(data: Data<"test:fail">): boolean {
  return (data.details.error as { failureType?: string }).failureType === "subtestsFailed";
}

function describeFailure(data: Data<"test:fail">): string {
  const place =
    data.file === undefined ? "" : ` (${relative(ROOT, data.file)}${data.line === undefined ? "" : `:${data.line}`})`;
  return `FAILED ${data.name}${place}`;
}

function describeError(data: Data<"test:fail">): string {
  const { cause } = data.details.error as { cause?: unknown };
  const error = cause ?? data.details.error;
  return stripVTControlCharacters(typeof error === "string" ? error : inspect(error, { depth: 4 }));
}

function describeFile(data: Data<"test:summary">, printed: Map<string, string>): string {
  const { tests, passed, skipped } = data.counts;
  const seconds = (data.duration_ms / 1000).toFixed(1);
  const path = relative(ROOT, data.file ?? "");
  const notes = skipped > 0 ? `, ${skipped} skipped` : "";
  const output = data.success ? "" : indent(take(printed, data.file));
  return `${data.success ? "ok    " : "failed"} ${path} ${passed} of ${tests}${notes}, ${seconds} s\n${output}`;
}

/** The runner's own closing lines; the failures stand above them once more, so that the end of a log tells which. */
function describeRun(data: Data<"test:summary">, failures: readonly string[]): string {
  const { counts } = data;
  const lines = [
    ...failures,
    `# tests ${counts.tests}`,
    `# suites ${counts.suites}`,
    `# pass ${counts.passed}`,
    `# fail ${counts.tests - counts.passed - counts.cancelled - counts.skipped - counts.todo}`,
    `# cancelled ${counts.cancelled}`,
    `# skipped ${counts.skipped}`,
    `# todo ${counts.todo}`,
    `# duration_ms ${data.duration_ms}`,
  ];
  return `${lines.join("\n")}\n`;
}

function indent(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed === "" ? "" : `${trimmed.replace(/^/gm, "    ")}\n`;
}

// The runner takes a reporter as the default export of its module.
export { report as default };
