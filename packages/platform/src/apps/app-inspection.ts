import { type Client, createTableDirectory, isOrreryError } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { OPERATE, OperateService } from "@orrery/mesh/operate";
import type { ChildStatus, TurningKeys } from "@orrery/mesh/supervise";
import { INSPECT_AT_ONCE, INSPECT_MS } from "./limits.ts";

/** What a process of an app answered to a question about itself; undefined where it did not. */
export interface Inspected<T> {
  readonly child: ChildStatus;
  readonly value: T | undefined;
}

/** Whom to ask, and as whom. */
export interface InspectOptions {
  readonly app: string;
  /** The key by which its processes know who asks. */
  readonly curve: TurningKeys["curve"];
  readonly children: readonly ChildStatus[];
}

/** Asks each process of an app for itself, in the name of the app; one that does not answer in time has no value. */
export async function inspectAll<T>(
  { children, ...caller }: InspectOptions,
  ask: (client: Client<typeof OperateService>, options: { readonly timeoutMs: number }) => Promise<T>,
): Promise<readonly Inspected<T>[]> {
  const answers: Inspected<T>[] = [];
  const left = [...children];
  const worker = async () => {
    for (let child = left.shift(); child !== undefined; child = left.shift())
      answers.push({ child, value: await inspectOne(caller, child, ask) });
  };
  await Promise.all(Array.from({ length: INSPECT_AT_ONCE }, worker));
  return answers.sort((a, b) => (a.child.name < b.child.name ? -1 : 1));
}

async function inspectOne<T>(
  { app, curve }: Omit<InspectOptions, "children">,
  { state, address }: ChildStatus,
  ask: (client: Client<typeof OperateService>, options: { readonly timeoutMs: number }) => Promise<T>,
): Promise<T | undefined> {
  if (state !== "ready" || address === "") return undefined;
  // A client of one address alone: a question about one process must not go to another.
  const directory = createTableDirectory({ [OPERATE]: [address] });
  const node = await createMeshClient({ directory, agent: app, curve });
  try {
    return await ask(node.client(OperateService), { timeoutMs: INSPECT_MS });
  } catch (error) {
    if (isOrreryError(error)) return undefined; // It has just ended, or is too busy to answer.
    throw error;
  } finally {
    await node.stop();
  }
}
