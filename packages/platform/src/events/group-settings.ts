import { OrreryError } from "@orrery/core";
import type { GroupName } from "./events.ts";
import type { GroupSettings } from "./group-state.ts";
import { ATTEMPTS, ATTEMPTS_MAX, VISIBILITY_MS, VISIBILITY_MS_MAX, VISIBILITY_MS_MIN } from "./limits.ts";

/** What a group does that was told nothing else. */
export const USUAL_GROUP: GroupSettings = { attemptsMax: ATTEMPTS, visibilityMs: VISIBILITY_MS };

/** @throws OrreryError `invalid_argument` for settings of a group, or a delay, that are out of range */
export function assertGroupSettings(
  { topic, group }: GroupName,
  { attemptsMax, visibilityMs }: Partial<GroupSettings>,
  delayMs = 0,
): void {
  const refuse = (why: string) =>
    new OrreryError("invalid_argument", `Cannot use group "${group}" of "${topic}": ${why}`);
  if (attemptsMax !== undefined && !(Number.isInteger(attemptsMax) && attemptsMax >= 0 && attemptsMax <= ATTEMPTS_MAX))
    throw refuse(`it is to try ${attemptsMax} times, write from 1 to ${ATTEMPTS_MAX}, or 0 for ever`);
  if (
    visibilityMs !== undefined &&
    !(Number.isInteger(visibilityMs) && visibilityMs >= VISIBILITY_MS_MIN && visibilityMs <= VISIBILITY_MS_MAX)
  )
    throw refuse(`consumers are to have ${visibilityMs} ms, write from ${VISIBILITY_MS_MIN} to ${VISIBILITY_MS_MAX}`);
  if (!(Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= VISIBILITY_MS_MAX))
    throw refuse(`an event is to be put off by ${delayMs} ms, write from 0 to ${VISIBILITY_MS_MAX}`);
}
