import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createSystemClock, createSystemRandom, randomName } from "@orrery/core";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { formatTime } from "../operate/format.ts";
import { colour, type Terminal } from "../terminal.ts";
import { type E2ePlace, findPlace } from "./e2e-place.ts";
import { openMailbox } from "./mailbox.ts";
import { storyOf } from "./story.ts";
import { createTenant, type Tenant } from "./tenant.ts";
import { createTypist, type Typist } from "./typist.ts";

/** How one step went. */
interface StepFact {
  readonly step: string;
  readonly ok: boolean;
  readonly ms: number;
  /** What it found, or why it failed. */
  readonly told: string;
}

/** `orrery admin e2e`: lives the story of two tenants against a platform, and leaves nothing of it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const place = findPlace(input, terminal);
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const name = randomName(random);
  const folder = mkdtempSync(join(tmpdir(), "orrery-e2e-"));
  const mailbox = openMailbox(resolve(terminal.cwd, place.mailbox), clock);
  const tenant = (which: string) =>
    createTenant({
      ...{ ...place, input, mailbox, clock, folder: join(folder, which) },
      space: `e2e-${which}-${name}.${place.domain}`,
      email: addressOf(place.email, `${which}-${name}`),
      password: Buffer.from(random.bytes(18)).toString("base64url"),
      path: terminal.env["PATH"] ?? "",
    });
  const [first, second] = [tenant("a"), tenant("b")];
  const operator = createTypist({ input, env: terminal.env, cwd: terminal.cwd, flags: place.flags });
  const facts: StepFact[] = [];
  const isJson = input.text("output") === "json";
  let isAsked = false;
  const unheard = terminal.onInterrupt(() => {
    isAsked = true;
  });
  const step = async (what: string, work: () => Promise<string>) => {
    const from = clock.monotonic();
    const told = await work().then(
      (text) => ({ ok: true, told: text }),
      (error: unknown) => ({ ok: false, told: error instanceof Error ? error.message : String(error) }),
    );
    const fact = { step: what, ok: told.ok, ms: Math.round(clock.monotonic() - from), told: told.told };
    facts.push(fact);
    if (!isJson) await terminal.write(lineOf(fact, terminal));
    return fact.ok;
  };
  try {
    for (const { name: what, run: work } of storyOf({ operator, first, second, web: place.web, clock }))
      if (isAsked || !(await step(what, work))) break;
    await step("clean up", async () => {
      for (const one of [first, second]) {
        await cleanUp(one, operator);
        mailbox.clear(one.email);
      }
      return "nothing is left";
    });
  } finally {
    unheard();
    rmSync(folder, { recursive: true, force: true });
  }
  const isDone = !isAsked && facts.every(({ ok }) => ok);
  if (input.has("report")) await operator.done(["call", "AdminService", "ReportCheck", reportOf(isDone, facts)]);
  await tell({ isDone, facts, place }, terminal, isJson);
  return isDone ? EXIT.done : EXIT.failed;
}

/** `e2e@example.com` for one of them is `e2e+NAME@example.com`, which mail servers deliver to the same mailbox. */
function addressOf(email: string, name: string): string {
  const at = email.lastIndexOf("@");
  return `${email.slice(0, at)}+${name}${email.slice(at)}`;
}

/** Takes away what a tenant has, whatever became of him. */
async function cleanUp({ space, email }: Tenant, operator: Typist): Promise<void> {
  await operator.type(["invite", "revoke", email, "--own"]); // Where he did not come.
  if ((await operator.type(["get", space])).exit === EXIT.notFound) return;
  await operator.type(["billing", "cancel", "--now", `--space=${space}`]); // Where he has a bill.
  await operator.done(["rm", space, "--recursive"]);
}

/** What the platform is told of it. */
function reportOf(isDone: boolean, facts: readonly StepFact[]): string {
  const failed = facts.find(({ ok }) => !ok);
  return JSON.stringify({ ok: isDone, text: failed === undefined ? "" : `${failed.step}: ${failed.told}` });
}

function lineOf({ step, ok, ms, told }: StepFact, terminal: Terminal): string {
  const mark = ok ? colour(terminal, "good", "ok    ") : colour(terminal, "bad", "failed");
  return `${mark}  ${formatTime(ms).padStart(7)}  ${step}: ${told}\n`;
}

async function tell(
  { isDone, facts, place }: { readonly isDone: boolean; readonly facts: readonly StepFact[]; readonly place: E2ePlace },
  terminal: Terminal,
  isJson: boolean,
): Promise<void> {
  if (isJson) {
    await terminal.write(
      `${JSON.stringify({ ok: isDone, environment: place.name, http: place.http, steps: facts })}\n`,
    );
    return;
  }
  const all = formatTime(facts.reduce((sum, { ms }) => sum + ms, 0));
  const how = isDone ? "all is well" : "it failed";
  await terminal.write(`${place.name}: ${how}, ${facts.length} steps in ${all}\n`);
}
