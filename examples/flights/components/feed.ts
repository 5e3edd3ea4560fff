import { defineComponent } from "@orrery/core";
import { FeedService } from "../gen/flights/v1/feed_pb.ts";
import { PlannerService } from "../gen/flights/v1/planner_pb.ts";
import { loadAirports } from "../lib/airport-table.ts";
import { loadFlights } from "../lib/flight-table.ts";
import { CLOSURE_MS_MAX, INTERVAL_MS_MAX, INTERVAL_MS_MIN } from "../lib/limits.ts";
import { createSky } from "../lib/sky.ts";
import { durationMs } from "../lib/travel-time.ts";

/** Time between two skies when a reader does not say. */
const INTERVAL_MS = 1000;

export default defineComponent(
  FeedService,
  ({ clock, random }) => {
    const airports = loadAirports();
    const sky = createSky({ clock, random, airports, flights: loadFlights() });
    let readers = 0;

    return {
      async *watchAircraft(request, { signal }) {
        const { intervalMs, airports: codes } = request;
        const wanted = new Set(codes.map((code) => code.toUpperCase()));
        const pauseMs = Math.min(Math.max(intervalMs || INTERVAL_MS, INTERVAL_MS_MIN), INTERVAL_MS_MAX);
        readers++;
        try {
          for (;;) {
            const aircraft = sky
              .aircraft()
              .filter(({ origin, destination }) => wanted.size === 0 || wanted.has(origin) || wanted.has(destination));
            yield { minuteOfDay: sky.minuteOfDay(), aircraft, closures: sky.closures(), readers };
            await clock.sleep(pauseMs, signal);
          }
        } finally {
          readers--;
        }
      },

      closeAirport(closure, context) {
        const iata = closure.iata.toUpperCase();
        const lastsMs = durationMs(closure.lasts);
        const served = (airports.get(iata)?.departuresPerYear ?? 0) > 0;
        const valid = served && lastsMs > 0 && lastsMs <= CLOSURE_MS_MAX;
        if (!valid || !sky.close(iata, { reason: closure.reason, lastsMs })) {
          context.log.warn("closure dropped", {
            iata,
            lastsMs,
            why: served ? "too long, too short or too many" : "unknown",
          });
          return;
        }
        context.log.info("airport closed", { iata, reason: closure.reason, lastsMs });
        context.publish(PlannerService).noteClosure({ ...closure, iata });
      },
    };
  },
  // A reader stays for hours; the others, and the order to close an airport, must not wait for it.
  { streams: "beside" },
);
