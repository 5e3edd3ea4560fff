import { outcomeOf } from "@orrery/core";
import { defineScenario, zoneLinks } from "@orrery/sim";
import airports from "./components/airports.ts";
import planner from "./components/planner.ts";
import routes from "./components/routes.ts";
import { PlannerService, type Trip } from "./gen/flights/v1/planner_pb.ts";
import { startLoneNode } from "./testing/lone-node.ts";

const ENDS = ["SEA", "MIA", "BLI", "MLB", "ANC", "BOS", "SJU", "DFW"] as const;

/** What a call may end with while things go wrong: never a wrong trip. */
const HONEST: ReadonlySet<string> = new Set(["timeout", "unreachable", "bounced"]);

/** The stops of every trip between two of the ends, as a planner gives them whom nothing disturbs. */
const TRIPS: ReadonlyMap<string, string> = await planUndisturbed();

async function planUndisturbed(): Promise<ReadonlyMap<string, string>> {
  await using node = await startLoneNode(airports, routes, planner);
  const client = node.client(PlannerService);
  const pairs = ENDS.flatMap((origin) =>
    ENDS.filter((end) => end !== origin).map((destination) => [origin, destination]),
  );
  const plan = async ([origin = "", destination = ""]: readonly string[]) =>
    [`${origin}-${destination}`, stopsOf(await client.planTrip({ origin, destination }))] as const;
  return new Map(await Promise.all(pairs.map(plan)));
}

function stopsOf({ legs }: Trip): string {
  return [legs[0]?.origin?.iata, ...legs.map(({ destination }) => destination?.iata)].join("-");
}

/** Travellers ask for trips while messages are lost and nodes crash: an answer is the right one, and in the end there is one. */
export default defineScenario("planned trips are right whatever fails", {
  world: { link: zoneLinks, startWithinMs: 20 },
  faults: ["crash", "partition", "clog", "pause", "loss", "duplicate", "reorder", "slow"],
  faultyNodes: ["airports", "routes", "planner"],
  setup(world) {
    world.node("airports", { zone: "north", components: [airports] });
    world.node("routes", { zone: "south", components: [routes] });
    world.node("planner", { zone: "north", components: [planner] });
    const wrong: string[] = [];
    const said = { wrong, answers: 0 };
    for (const name of ["ann", "bob"])
      world.node(name, {
        zone: "south",
        async run(node) {
          const pairs = world.operations(name, 4, (draw) => {
            const at = draw.integer(ENDS.length);
            return [ENDS[at], ENDS[(at + 1 + draw.integer(ENDS.length - 1)) % ENDS.length]] as const;
          });
          for (const [origin = "", destination = ""] of pairs) {
            const outcome = await outcomeOf(node.life.client(PlannerService).planTrip({ origin, destination }));
            const asked = `${origin}-${destination}`;
            if (outcome.kind === "reply") said.answers++;
            if (outcome.kind === "reply" && stopsOf(outcome.value) !== TRIPS.get(asked))
              wrong.push(`${asked}: ${stopsOf(outcome.value)} instead of ${TRIPS.get(asked)}`);
            else if (outcome.kind !== "reply" && !HONEST.has(outcome.kind) && !isPassedOn(outcome.error.code))
              wrong.push(`${asked}: ${outcome.error.message}`);
          }
        },
      });
    return said;
  },
  always: { "no trip is wrong": ({ wrong }) => wrong.length === 0 || wrong.join("; ") },
  async check(_said, world) {
    const [node] = [...world.nodes.values()].filter(({ name }) => name === "ann");
    if (node === undefined) return;
    const trip = await world.settle(node.life.client(PlannerService).planTrip({ origin: "SEA", destination: "MIA" }));
    return stopsOf(trip) === TRIPS.get("SEA-MIA") || stopsOf(trip);
  },
});

/** Whether a planner passes on what befell its own calls. */
function isPassedOn(code: string): boolean {
  return code === "unavailable" || code === "deadline_exceeded" || code === "aborted" || code === "canceled";
}
