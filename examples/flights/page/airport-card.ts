import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import { departures, feed, routes } from "./api.ts";
import { byId, make } from "./element.ts";
import { problemOf, wholeOf } from "./words.ts";

/** What the card's buttons do. */
export interface AirportCardActions {
  from(airport: Airport): void;
  to(airport: Airport): void;
  problem(text: string): void;
}

/** Time for which the card's button closes an airport. */
const CLOSED_SECONDS = 60n;

/** Shows an airport: what leaves it, how punctual it is, and buttons to use it or close it. */
export async function showAirport(airport: Airport, actions: AirportCardActions): Promise<void> {
  const facts = make("p", {}, "…");
  const close = make("button", { type: "button", className: "close", ariaLabel: "Put the card away" }, "×");
  close.addEventListener("click", () => {
    byId("airport").hidden = true;
  });
  byId("airport").replaceChildren(
    make("h2", {}, make("span", { className: "code" }, airport.iata), ` ${airport.name}, ${airport.state}`),
    close,
    facts,
    make(
      "div",
      { className: "acts" },
      actOf("From here", () => actions.from(airport)),
      actOf("To here", () => actions.to(airport)),
      actOf("Close for a minute", () => closeAirport(airport, actions)),
    ),
  );
  byId("airport").hidden = false;
  facts.textContent = await factsOf(airport);
}

async function factsOf({ iata, departuresPerYear }: Airport): Promise<string> {
  const [{ connections }, punctuality] = await Promise.all([
    routes.listConnections({ origin: iata, flightsPerYearMin: 52 }).catch(() => ({ connections: [] })),
    departures.getPunctuality({ iata }).catch(() => undefined),
  ]);
  const busy = `${wholeOf(departuresPerYear)} departures a year to ${connections.length} airports`;
  return punctuality === undefined ? busy : `${busy}, ${Math.round(100 * punctuality.onTime)} % on time`;
}

async function closeAirport({ iata }: Airport, { problem }: AirportCardActions): Promise<void> {
  try {
    await feed.closeAirport({ iata, reason: "closed from the map", lasts: { seconds: CLOSED_SECONDS } });
  } catch (thrown) {
    problem(problemOf(thrown));
  }
}

function actOf(text: string, act: () => unknown): HTMLButtonElement {
  const button = make("button", { type: "button" }, text);
  button.addEventListener("click", act);
  return button;
}
