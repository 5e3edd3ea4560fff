import { createSystemClock } from "@orrery/core";
import type { AppComponentMessage } from "@orrery/platform/service";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { formatTime } from "../operate/format.ts";
import { SETTLE_TIMEOUT_MS } from "../operate/limits.ts";
import { parseTime } from "../parse-time.ts";
import { askApp } from "../resources/app-status.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import type { Server } from "../resources/server.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import { suggest } from "../suggest.ts";
import { appAddress } from "./app-names.ts";
import { SCALE_LOOK_MS, SCALE_TRIES_MAX } from "./limits.ts";
import { readSizes, type Size } from "./read-sizes.ts";

interface Wish {
  readonly address: string;
  readonly sizes: ReadonlyMap<string, Size>;
  readonly waitMs: number;
}

/** `orrery scale APP COMPONENT=N` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [app = "", ...sizes] = input.words;
    if (app.includes("=") || sizes.length === 0)
      throw usageError(`Cannot scale "${app}": write the app and COMPONENT=N, such as demo.test:shop greeter=3`);
    const wait = input.text("wait");
    const waitMs = wait === undefined ? SETTLE_TIMEOUT_MS : parseTime(wait, "wait");
    return { address: appAddress(input, app), sizes: readSizes(sizes), waitMs };
  },
  act: scale,
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function scale({ address, sizes, waitMs }: Wish, context: ResourceContext): Promise<ExitCode> {
  const { server, terminal, isJson } = context;
  const before = (await askApp(address, server)).components;
  for (const name of sizes.keys()) assertKnown(name, before, address);
  // The status of an app is written whenever a process of it starts.
  const { instances, wanted } = await untilUndisturbed(() => setSizes({ address, sizes }, server), SCALE_TRIES_MAX);
  const sized = JSON.stringify(wanted.sort(([a], [b]) => (a < b ? -1 : 1)));
  const after = await settled({ address, sizes, waitMs }, sized, context).catch(async (error: unknown) => {
    if (error instanceof TooManyError)
      await server.ask((registry, options) => registry.change({ address, properties: { instances } }, options));
    throw error;
  });
  const facts = after.map(({ name, running, wanted: now, least, most }) => {
    const was = before.find((one) => one.name === name)?.running ?? 0;
    return { component: name, before: was, running, wanted: now, least, most };
  });
  if (isJson) await terminal.write(`${JSON.stringify({ address, components: facts })}\n`);
  else
    for (const { component, before: was, running, least, most } of facts)
      await terminal.write(
        `${component} of ${address} has ${running} ${running === 1 ? "process" : "processes"}${least < most ? ` of ${least} to ${most}` : ""}, it had ${was}\n`,
      );
  return EXIT.done;
}

interface Sized {
  /** As they were before. */
  readonly instances: Readonly<Record<string, Size>>;
  readonly wanted: [component: string, size: Size][];
}

/** Sets sizes beside those of other components. */
async function setSizes({ address, sizes }: Pick<Wish, "address" | "sizes">, server: Server): Promise<Sized> {
  const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
  const { instances = {} } = (resource?.properties ?? {}) as { instances?: Readonly<Record<string, Size>> };
  const all = Object.entries({ ...instances, ...Object.fromEntries(sizes) });
  const wanted = all.filter(([, size]) => size !== "default");
  const change = { properties: { instances: Object.fromEntries(wanted) }, ifRevision: resource?.revision ?? 0n };
  await server.ask((registry, options) => registry.change({ address, ...change }, options));
  return { instances, wanted };
}

function assertKnown(name: string, components: readonly AppComponentMessage[], address: string): void {
  const known = components.map((one) => one.name);
  if (known.includes(name)) return;
  const [near] = suggest(name, known);
  const why = near === undefined ? `it has ${known.join(", ") || "none"}` : `did you mean "${near}"?`;
  throw new CommandError(`Cannot scale "${name}" of ${address}: the app has no such component, ${why}`, {
    exit: EXIT.notFound,
    tip: `orrery status ${address}`,
  });
}

/** A plan does not let so many run: those that ran before run on. */
class TooManyError extends CommandError {}

/** Waits until components have as many processes as they are to. @throws CommandError with exit 5 where it takes longer */
async function settled(
  { address, sizes, waitMs }: Wish,
  sized: string,
  { server, terminal }: ResourceContext,
): Promise<readonly AppComponentMessage[]> {
  const clock = createSystemClock();
  for (const endMs = clock.monotonic() + waitMs; ; await clock.sleep(SCALE_LOOK_MS)) {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const { details = {} } = resource?.status ?? {};
    const { sized: counts, overPlan } = details as { sized?: unknown; overPlan?: { sizes?: string; why?: string } };
    if (overPlan?.sizes === sized)
      throw new TooManyError(overPlan.why ?? "", { exit: EXIT.failed, tip: "orrery billing plans" });
    const { components } = await askApp(address, server);
    const mine = components.filter(({ name }) => sizes.has(name));
    const isSized = counts === sized;
    const open = mine.find((one) => !isSized || one.running < one.least || one.instances.length > one.most);
    terminal.progress(open === undefined ? "" : `${open.name}: ${open.running} of ${sizes.get(open.name)}`);
    if (open === undefined) return mine;
    if (clock.monotonic() < endMs) continue;
    terminal.progress("");
    throw new CommandError(
      `Cannot wait any longer for "${open.name}" of ${address}: after ${formatTime(waitMs)} it has ${open.running} of ${sizes.get(open.name)}`,
      { exit: EXIT.timeout, tip: `orrery logs ${address} --stream=platform` },
    );
  }
}
