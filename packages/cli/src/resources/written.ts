import type { ResourceContext } from "./resource-command.ts";

/** What a write led to, as the server tells it. */
export interface WrittenMessage {
  readonly address: string;
  readonly revision: bigint;
  readonly changed: boolean;
}

/** Says what a write did, the state now, and what to type next. */
export async function tellWritten(
  written: WrittenMessage | undefined,
  { done, next }: { readonly done: string; readonly next?: string },
  { terminal, isJson, isInScript }: ResourceContext,
): Promise<void> {
  const { address = "", revision = 0n, changed = false } = written ?? {};
  if (isJson) {
    await terminal.write(`${JSON.stringify({ address, revision: Number(revision), changed })}\n`);
    return;
  }
  const what = changed ? `${done} ${address} at revision ${revision}` : `${address} is so already, nothing was written`;
  await terminal.write(`${what}\n`);
  if (next !== undefined && changed && !isInScript) terminal.say(`Next: orrery ${next}`);
}
