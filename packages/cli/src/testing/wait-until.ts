/** Waits for what another process does, looking again and again. @throws Error after 20 s. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`Cannot wait any longer for: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
