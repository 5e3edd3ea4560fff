import type { ModelNode, World } from "@orrery/sim";
import type { LeaseFollower } from "../../keeper/lease-follower.ts";
import type { LeaseKeeper } from "../../keeper/lease-keeper.ts";
import type { Beat } from "../../lease/lease-state.ts";
import type { LeaseScene } from "./lease-scene.ts";
import type { Cast } from "./world-cast.ts";
import type { NodeState } from "./world-chain.ts";

/** What is true in a world, whatever anybody says of it. */
export interface WorldRecord {
  readonly world: World;
  readonly cast: Cast;
  scene: LeaseScene | undefined;
  readonly nodes: { readonly provider: NodeState; readonly publisher: NodeState };
  readonly pod: { serves: boolean; isDeleted: boolean };
  /** Whether the provider has gone dark for good. */
  isDark: boolean;
  keeper: LeaseKeeper | undefined;
  follower: LeaseFollower | undefined;
  /** Ms in which the pod was up, and until when it last was. */
  servedMs: number;
  servedToMs: number;
  /** The longest time in which the provider could not act, and how long it has been so by now. */
  unableMs: number;
  unableNowMs: number;
  ableNowMs: number;
  /** The same of the publisher. */
  publisherUnableNowMs: number;
  lookedMs: number;
  /** When each was last seen to act: one that is paused is not. */
  readonly actedMs: { provider: number; publisher: number };
  /** Nodes that take part. */
  readonly began: Set<string>;
  /** Beats that the session key signed. */
  readonly beats: Beat[];
  /** What was done that must never be. */
  readonly wrongs: string[];
}

/** Ms from when a provider can act again to when what it does then is in a block: a look, a lost answer, a wait. */
export const ABLE_AGAIN_MS = 135_000;

/** How often each shows that it can act, in ms. */
const TICK_MS = 5_000;

/** Shows that a node can act, for as long as it lives. */
export async function showActing(
  record: WorldRecord,
  name: "provider" | "publisher",
  clock: ModelNode["clock"],
): Promise<void> {
  for (;;) {
    record.actedMs[name] = record.world.elapsedMs;
    await clock.sleep(TICK_MS);
  }
}

/** Counts what passed since the last event: called after each. */
export function countTime(record: WorldRecord): void {
  const { world, nodes, pod } = record;
  const nowMs = world.elapsedMs;
  const passedMs = nowMs - record.lookedMs;
  record.lookedMs = nowMs;
  if (passedMs === 0) return;
  const isUp = isAlive(world, "provider") && !record.isDark;
  const isKept = isUp && record.keeper !== undefined && nowMs - record.actedMs.provider < 2 * TICK_MS;
  if (isUp && pod.serves) {
    record.servedMs += passedMs;
    record.servedToMs = nowMs;
  }
  const isAble = isKept && nodes.provider.reach === "ok" && isDiskGood(world);
  record.ableNowMs = isAble ? record.ableNowMs + passedMs : 0;
  record.unableNowMs = record.ableNowMs > ABLE_AGAIN_MS ? 0 : record.unableNowMs + passedMs;
  record.unableMs = Math.max(record.unableMs, record.unableNowMs);
  const canPublish =
    isAlive(world, "publisher") && nowMs - record.actedMs.publisher < 2 * TICK_MS && nodes.publisher.reach === "ok";
  record.publisherUnableNowMs = canPublish ? 0 : record.publisherUnableNowMs + passedMs;
}

/** Whether what the provider must not lose is kept. */
function isDiskGood(world: World): boolean {
  const disk = world.nodes.get("provider")?.disk as { readonly state?: string } | undefined;
  return disk?.state !== "full" && disk?.state !== "failing";
}

function isAlive(world: World, name: string): boolean {
  const node: ModelNode | undefined = world.nodes.get(name);
  return node?.alive === true;
}
