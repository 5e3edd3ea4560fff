import type { Sky } from "../gen/flights/v1/feed_pb.ts";
import { feed } from "./api.ts";
import { problemOf } from "./words.ts";

/** Time between two skies. */
export const SKY_MS = 1000;

/** Pause before the feed is tried again. */
const RETRY_MS = 1000;

/** Follows the feed for as long as the page is open; when it breaks off, says why and tries again. */
export async function watchSky(onSky: (sky: Sky) => void, onProblem: (text: string) => void): Promise<never> {
  for (;;) {
    try {
      for await (const sky of feed.watchAircraft({ intervalMs: SKY_MS })) {
        onProblem("");
        onSky(sky);
      }
      onProblem("The feed has ended, trying again");
    } catch (thrown) {
      onProblem(`The feed is gone, trying again: ${problemOf(thrown)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
