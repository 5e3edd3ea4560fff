import assert from "node:assert/strict";
import type { HostProject } from "./host-folder.ts";
import { killHost, type Running, startEvents } from "./orrery.ts";

/** Starts a host on a folder, and waits until so many of its processes take work. It is killed after the test. */
export async function supervise(
  t: { after(does: () => void): void },
  { cwd }: HostProject,
  [folder, processes]: readonly [string, number],
): Promise<{ host: Running; address: string }> {
  const host = startEvents(["supervise", folder], { cwd });
  t.after(() => killHost(host));
  const { address } = await host.next("supervising");
  for (let ready = 0; ready < processes; ready++) await host.next("ready");
  return { host, address };
}

/** Asks hosts to end, one after the other, and sees that each ends well. */
export async function end(...hosts: readonly Running[]): Promise<void> {
  for (const { child, ended } of hosts) {
    child.kill("SIGTERM");
    const { exit, err } = await ended;
    assert.equal(exit, 0, err);
  }
}
