import type { Airport } from "../gen/flights/v1/airport_pb.ts";
import type { Sky } from "../gen/flights/v1/feed_pb.ts";
import type { Preference, Trip } from "../gen/flights/v1/planner_pb.ts";
import { createAirportBox, swap } from "./airport-box.ts";
import { showAirport } from "./airport-card.ts";
import { airports, planner, routes } from "./api.ts";
import { type BaseMap, drawBaseMap } from "./base-map.ts";
import { byId } from "./element.ts";
import { ringsOf, type Topology } from "./topology.ts";
import { createTraffic } from "./traffic.ts";
import { drawClosed, drawTrip } from "./trip-layer.ts";
import { showTrip } from "./trip-panel.ts";
import { createView, penOf, type View } from "./view.ts";
import { SKY_MS, watchSky } from "./watch.ts";
import { clockOf, problemOf, wholeOf } from "./words.ts";

/** Everything that the page shows. */
interface State {
  view: View;
  trip: Trip | undefined;
  sky: Sky | undefined;
}

/** Connections drawn behind the traffic. */
const CONNECTIONS = 400;
/** How far from an airport a click still means it. */
const CLICK_PX = 14;

async function loadMap(): Promise<BaseMap> {
  const [topology, served, busiest] = await Promise.all([
    fetch("/map.json").then((response) => response.json() as Promise<Topology>),
    airports.listAirports({ servedOnly: true, pageSize: 1000 }),
    routes.listBusiest({ limit: CONNECTIONS }),
  ]);
  return {
    rings: ringsOf(topology),
    airports: new Map(served.airports.map((airport) => [airport.iata, airport])),
    connections: busiest.connections,
  };
}

function showProblem(text: string): void {
  const problem = byId("problem");
  problem.textContent = text;
  problem.hidden = text === "";
}

function showSky(sky: Sky): void {
  byId("clock").textContent = clockOf(sky.minuteOfDay);
  byId("count").textContent = wholeOf(sky.aircraft.length);
  byId("readers").textContent = wholeOf(sky.readers);
  byId("traffic").dataset["closed"] = sky.closures.map(({ iata }) => iata).join(" ");
}

function startForm(state: State): { choose: (airport: Airport) => void } {
  const search = async (query: string) =>
    (await airports.searchAirports({ query, limit: 6, servedOnly: true })).airports;
  const origin = createAirportBox("origin", search);
  const destination = createAirportBox("destination", search);
  const form = byId<HTMLFormElement>("trip-form");
  const choose = (airport: Airport) => {
    const actions = {
      from: (chosen: Airport) => origin.choose(chosen),
      to: (chosen: Airport) => destination.choose(chosen),
      problem: showProblem,
    };
    void showAirport(airport, actions);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const preference = Number(new FormData(form).get("preference")) as Preference;
    try {
      state.trip = await planner.planTrip({ origin: origin.code(), destination: destination.code(), preference });
      showTrip(state.trip, choose);
      showProblem("");
    } catch (thrown) {
      state.trip = undefined;
      byId("trip").replaceChildren();
      showProblem(problemOf(thrown));
    }
  });
  byId("swap").addEventListener("click", () => swap(origin, destination));
  return { choose };
}

function airportAt(map: BaseMap, view: View, event: MouseEvent): Airport | undefined {
  let nearest: Airport | undefined;
  let nearestPx = CLICK_PX;
  for (const airport of map.airports.values()) {
    const at = view.locate(airport.place);
    if (at === undefined) continue;
    const px = Math.hypot(at[0] - event.clientX, at[1] - event.clientY);
    if (px < nearestPx) [nearest, nearestPx] = [airport, px];
  }
  return nearest;
}

async function start(): Promise<void> {
  const map = await loadMap();
  const points = map.rings.flat();
  const viewNow = () => createView(points, { width: innerWidth, height: innerHeight });
  const state: State = { view: viewNow(), trip: undefined, sky: undefined };
  // Who asked the system for less motion sees aircraft once a second, and nothing that runs or breathes.
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const traffic = createTraffic(calm ? 1 : SKY_MS);
  const base = byId<HTMLCanvasElement>("base");
  const moving = byId<HTMLCanvasElement>("traffic");
  const { choose } = startForm(state);

  const drawBase = () => drawBaseMap(penOf(base, state.view), state.view, map);
  const drawMoving = (nowMs: number) => {
    const pen = penOf(moving, state.view);
    if (state.trip !== undefined) drawTrip(pen, state.view, { trip: state.trip, nowMs: calm ? 0 : nowMs });
    traffic.draw(pen, nowMs);
    for (const { iata } of state.sky?.closures ?? []) {
      const airport = map.airports.get(iata);
      if (airport !== undefined) drawClosed(pen, state.view, { airport, nowMs: calm ? 0 : nowMs });
    }
    requestAnimationFrame(drawMoving);
  };
  addEventListener("resize", () => {
    state.view = viewNow();
    drawBase();
  });
  moving.addEventListener("click", (event) => {
    const airport = airportAt(map, state.view, event);
    if (airport !== undefined) choose(airport);
  });
  drawBase();
  requestAnimationFrame(drawMoving);
  const onSky = (sky: Sky) => {
    state.sky = sky;
    traffic.update(state.view, sky, performance.now());
    showSky(sky);
  };
  void watchSky(onSky, (text) => (byId("feed").textContent = text));
}

start().catch((thrown) => showProblem(`Cannot show the map: ${problemOf(thrown)}`));
