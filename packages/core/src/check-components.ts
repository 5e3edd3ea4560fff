import { type Component, isComponent } from "./component.ts";
import { contractOf } from "./contract.ts";
import { OrreryError } from "./orrery-error.ts";
import type { Replicas } from "./replicas.ts";

/** Waits until all have ended, so that none is stopped in the middle. @throws what the first that failed threw. */
export async function allEnded(starts: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(starts);
  } finally {
    await Promise.allSettled(starts);
  }
}

/** Checks what every component requires before the first starts, so that all that is missing is told at once. */
export async function checkAll(starting: readonly Replicas[]): Promise<void> {
  const found = await Promise.all(
    starting.map(async (replicas) => ({ name: replicas.name, missing: await replicas.missing() })),
  );
  const lacking = found.filter(({ missing }) => missing.length > 0);
  if (lacking.length === 0) return;
  const text = lacking.map(({ name, missing }) => `component "${name}": ${missing.join("; ")}`).join("; ");
  const details = { missing: lacking.flatMap(({ missing }) => missing) };
  throw new OrreryError("failed_precondition", `Cannot start ${text}`, { details });
}

/** Refuses what is no component. @throws OrreryError `invalid_argument`. */
export function assertComponent(component: unknown, node: string): asserts component is Component {
  if (isComponent(component)) return;
  const text = `Cannot run a component in node "${node}": got ${typeof component}, pass what defineComponent gives`;
  throw new OrreryError("invalid_argument", text);
}

/** Refuses kept methods, for a node that has no journal. @throws OrreryError `failed_precondition`, naming one. */
export function assertNothingKept(components: readonly Component[], node: string): void {
  for (const { service } of components) {
    const { name, methods } = contractOf(service);
    const method = [...methods.values()].find(({ keep }) => keep);
    if (method === undefined) continue;
    const text = `Cannot start node "${node}": method "${name}.${method.name}" is kept and the node has no journal, give createMeshNode a journalFolder, or the node a journal`;
    throw new OrreryError("failed_precondition", text);
  }
}
