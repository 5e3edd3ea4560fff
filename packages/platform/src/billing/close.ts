import { end } from "./end.ts";
import type { Effect, Subscription } from "./subscription.ts";

/**
 * Ends a bill because its Space goes, or is gone: without waiting, and without another word about its content. What is paid of the month and not used goes back. What was used beyond
 * the plan is asked for still, as long as content would have been kept; once nothing is open, the bill stands `removed` at once.
 */
export function close(subscription: Subscription, now: number): Subscription {
  const { standing, space, isClosed = false } = subscription;
  if (standing === "removed" || isClosed) return subscription;
  const ended = standing === "ended" ? subscription : end(subscription, now);
  const text = `${space} was removed with all content, as was wished`;
  return {
    ...ended,
    isClosed: true,
    effects: [
      ...ended.effects.filter((effect) => !isAboutContent(effect)),
      { kind: "remove" },
      { kind: "tell", notice: "removed", text },
    ],
  };
}

function isAboutContent(effect: Effect): boolean {
  return effect.kind === "tell" && (effect.notice === "ended" || effect.notice === "removal");
}
