import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../testing/manual-clock.ts";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { loadAirports } from "./airport-table.ts";
import { loadFlights } from "./flight-table.ts";
import { distanceKm } from "./geo.ts";
import { CLOSURES_MAX } from "./limits.ts";
import { createSky } from "./sky.ts";

const airports = loadAirports();
const flights = loadFlights();

function openSky(seed = 1) {
  const clock = createManualClock();
  return { clock, sky: createSky({ clock, random: createSeededRandom(seed), airports, flights }) };
}

test("createSky has hundreds of aircraft in the air by day", () => {
  const { sky } = openSky();
  assert.equal(sky.minuteOfDay(), 900);
  const count = sky.aircraft().length;
  assert.ok(count > 300 && count < 900, `${count} aircraft`);
});

test("createSky flies the same day for the same seed, and another for another", () => {
  assert.deepEqual(openSky(7).sky.aircraft(), openSky(7).sky.aircraft());
  assert.notDeepEqual(openSky(7).sky.aircraft(), openSky(8).sky.aircraft());
});

test("createSky moves every aircraft along its great circle with the clock", () => {
  const { clock, sky } = openSky();
  const before = new Map(sky.aircraft().map((aircraft) => [aircraft.flight, aircraft]));
  clock.advance(1000);
  assert.equal(sky.minuteOfDay(), 901);
  let moved = 0;
  for (const aircraft of sky.aircraft()) {
    const last = before.get(aircraft.flight);
    if (last === undefined) continue;
    moved++;
    assert.ok(aircraft.progress > last.progress);
    const way = distanceKm(last.place, aircraft.place);
    assert.ok(way > 0 && way < 14, `${way} km in a minute`);
  }
  assert.ok(moved > 300);
});

test("createSky begins the day again after 24 hours of it", () => {
  const { clock, sky } = openSky();
  const first = sky.aircraft();
  clock.advance(1440 * 1000);
  assert.equal(sky.minuteOfDay(), 900);
  assert.equal(sky.aircraft().length, first.length);
});

test("createSky lets nothing take off from or for a closed airport, and lets what is in the air go on", () => {
  const { clock, sky } = openSky();
  const touches = () => sky.aircraft().filter(({ origin, destination }) => origin === "ATL" || destination === "ATL");
  const inAir = new Set(touches().map(({ flight }) => flight));
  assert.equal(sky.close("ATL", { reason: "storm", lastsMs: 20_000 }), true);
  clock.advance(10_000);
  assert.deepEqual(sky.closures(), [{ iata: "ATL", reason: "storm", lasts: { seconds: 10n, nanos: 0 } }]);
  assert.ok(touches().length > 0);
  assert.ok(touches().every(({ flight }) => inAir.has(flight)));
  clock.advance(40_000);
  assert.deepEqual(sky.closures(), []);
  assert.ok(touches().some(({ flight }) => !inAir.has(flight)));
});

test("createSky keeps at most its limit of closures", () => {
  const { sky } = openSky();
  for (let index = 0; index < CLOSURES_MAX; index++)
    assert.equal(sky.close(`A${index}`, { reason: "", lastsMs: 1000 }), true);
  assert.equal(sky.close("ORD", { reason: "", lastsMs: 1000 }), false);
});
