import assert from "node:assert/strict";
import { test } from "node:test";
import { FEWEST_STEPS_KM, type FindPathOptions, findPath, type Step } from "./find-path.ts";
import { distanceKm } from "./geo.ts";

/** Four airports on the equator, one beside it; A-D is not flown directly. */
const PLACES: Record<string, { latitude: number; longitude: number }> = {
  A: { latitude: 0, longitude: 0 },
  B: { latitude: 0, longitude: 10 },
  C: { latitude: 0, longitude: 20 },
  D: { latitude: 0, longitude: 30 },
  X: { latitude: 20, longitude: 15 },
};
const FLOWN: Record<string, string> = { A: "BX", B: "C", C: "D", X: "D", D: "" };

const asked: string[] = [];

function pathOf(changes: Partial<FindPathOptions<Step>>): Promise<string | undefined> {
  asked.length = 0;
  const found = findPath<Step>({
    origin: { iata: "A", place: placeOf("A") },
    destination: { iata: "D", place: placeOf("D") },
    stepCostKm: 0,
    stepsMax: 4,
    mayChangeAt: () => true,
    stepsFrom: async (iata) => {
      asked.push(iata);
      return [...(FLOWN[iata] ?? "")].map((to) => stepOf(iata, to));
    },
    ...changes,
  });
  return found.then((path) => path?.map(({ destination }) => destination).join(""));
}

function placeOf(iata: string) {
  return PLACES[iata] ?? { latitude: 0, longitude: 0 };
}

function stepOf(origin: string, destination: string): Step {
  const place = placeOf(destination);
  return { origin, destination, place, distanceKm: distanceKm(placeOf(origin), place), flightsPerYear: 100 };
}

test("findPath finds the shortest way when a step costs nothing", async () => {
  assert.equal(await pathOf({}), "BCD");
});

test("findPath finds the fewest steps when a step costs more than any way", async () => {
  assert.equal(await pathOf({ stepCostKm: FEWEST_STEPS_KM }), "XD");
});

test("findPath asks only where the search comes by", async () => {
  await pathOf({});
  assert.deepEqual(asked, ["A", "B", "C"]);
});

test("findPath keeps to the most steps allowed", async () => {
  assert.equal(await pathOf({ stepsMax: 2 }), "XD");
  assert.equal(await pathOf({ stepsMax: 1 }), undefined);
});

test("findPath goes round airports that it may not change at", async () => {
  assert.equal(await pathOf({ mayChangeAt: (iata) => iata !== "C" }), "XD");
  assert.equal(await pathOf({ mayChangeAt: () => false }), undefined);
});

test("findPath rejects when a question for steps does", async () => {
  await assert.rejects(pathOf({ stepsFrom: () => Promise.reject(new Error("routes are gone")) }), /routes are gone/);
});
