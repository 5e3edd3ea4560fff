import type { Horizon, Random } from "@orrery/core";
import { hashText } from "@orrery/core/internal";
import { allOf, type Candidate, type Candidates, nearOf } from "./candidate.ts";
import { BOUNCING_WEIGHT, DRAWS_MAX, FAR_WEIGHT, FEW_PLACES, REMOTE_WEIGHT } from "./limits.ts";

/** What a place is wanted for. */
export interface PlaceRequest {
  /** Exact version that is wanted, or that the flow has talked to before; empty for any. */
  readonly version: string;
  /** The same key goes to the same place while the set of places stays; empty for any place. */
  readonly shardKey: string;
  readonly horizon: Horizon | undefined;
}

/** Keeps or leaves out one candidate. Pure, and asked for a few candidates at each call: it must be quick. */
export interface Stage {
  readonly name: string;
  /** A soft stage is passed over when it would leave nobody. */
  readonly isSoft?: true;
  keeps(candidate: Candidate, request: PlaceRequest): boolean;
  /** Says for people why one was left out. */
  why(candidate: Candidate, request: PlaceRequest): string;
}

/** What a choice depends on besides candidates and request. */
export interface ChoiceState {
  readonly stages: readonly Stage[];
  readonly random: Random;
  /** Whether a place was left out for a cause that ends the search. Default: none is. */
  readonly isStopped?: () => boolean;
}

/** Leaves out nodes that are gone. */
const aliveStage: Stage = {
  name: "alive",
  keeps: ({ status }) => status === "alive" || status === "suspect",
  why: ({ status }) => (status === "left" ? "its node left" : "its node is dead"),
};

/** Leaves out other versions. */
const versionStage: Stage = {
  name: "version",
  keeps: (candidate, { version }) => version === "" || candidate.version === version,
  why: (candidate, { version }) => `its version is ${candidate.version}, wanted is ${version}`,
};

/** Leaves out what lies beyond the horizon. */
const horizonStage: Stage = {
  name: "horizon",
  keeps(candidate, { horizon }) {
    if (horizon === undefined) return true;
    const { nearness } = candidate;
    if (horizon.scope === "process" && nearness !== "process") return false;
    if (horizon.scope === "host" && (nearness === "network" || nearness === "remote")) return false;
    // A place in another network is behind one gateway.
    if (nearness === "remote" && (horizon.scope !== "any" || horizon.hops === 1)) return false;
    if (horizon.distanceMs === 0) return true;
    const { distance } = candidate; // To work it out takes more than all else here.
    return distance === undefined || distance.ms <= horizon.distanceMs;
  },
  why({ nearness, distance }, { horizon }) {
    const { scope = "any", distanceMs = 0 } = horizon ?? {};
    if (distanceMs > 0 && distance !== undefined && distance.ms > distanceMs)
      return `it is ${distance.ms.toFixed(1)} ± ${distance.errorMs.toFixed(1)} ms away, the horizon is ${distanceMs} ms`;
    if (nearness === "remote" && scope === "any") return "it is behind a gateway, the horizon has none";
    const other = { process: "process", host: "process", network: "host", remote: "network" }[nearness];
    return `it is in another ${other}, the horizon is the ${scope}`;
  },
};

/** Leaves out places without a connection, while there are others. */
const reachableStage: Stage = {
  name: "reachable",
  isSoft: true,
  keeps: ({ isUp }) => isUp,
  why: ({ trouble }) => (trouble === "" ? "it is not connected yet" : `it cannot be reached: ${trouble}`),
};

/** The stages that every choice has, in their order. Others, such as breakers, go between the last two. */
export const STAGES: readonly Stage[] = [aliveStage, versionStage, horizonStage, reachableStage];

/**
 * Chooses a place for a message: of those that pass every stage, this process, unless calls bounce there; else the least busy of this host while it has room; else the
 * less busy of that one and of the least busy farther away, which counts as `FAR_WEIGHT` times busier. Among up to `FEW_PLACES` the least busy
 * is found, so that who gets many answers at once asks there again at once: in one batch. Among more it is the less busy of two drawn by lot
 * (Mitzenmacher: The Power of Two Choices, 2001). A place in another network is for what nobody in this one can take: where none passes, none can be reached, or
 * all that were looked at are `REMOTE_WEIGHT` times busier. Undefined when none passes. Looks at a few candidates, however many there are.
 */
export function choosePlace<C extends Candidate>(
  candidates: Candidates<C>,
  request: PlaceRequest,
  state: ChoiceState,
): C | undefined {
  const how = request.shardKey === "" ? choose : chooseByKey;
  const near =
    how(candidates, request, state) ?? (isStopped(state) ? undefined : how(candidates, request, hardOnly(state)));
  const { remote = [] } = candidates;
  if (remote.length === 0 || isStopped(state) || (near !== undefined && canTake(near))) return near;
  const others = { process: undefined, host: [], network: remote };
  const away = how(others, request, state) ?? (near === undefined ? how(others, request, hardOnly(state)) : undefined);
  if (near === undefined || away === undefined) return near ?? away;
  return near.isUp && busyness(near) <= busyness(away) * REMOTE_WEIGHT ? near : away;
}

function isStopped({ isStopped: asked }: ChoiceState): boolean {
  return asked?.() === true;
}

/** Whether a place of this network is good enough not to look at others. */
export function canTake(place: Candidate): boolean {
  if (place.isBouncing === true) return false;
  if (place.nearness === "process") return true;
  return place.isUp ? hasRoom(place) : place.trouble === "";
}

function hasRoom({ inFlight, instances, isBouncing }: Candidate): boolean {
  return inFlight < instances && isBouncing !== true;
}

/** Of all that pass, the one that ranks highest for the key: when a place comes or goes, only its own keys move (rendezvous hashing). */
function chooseByKey<C extends Candidate>(
  candidates: Candidates<C>,
  request: PlaceRequest,
  { stages, isStopped: asked }: ChoiceState,
): C | undefined {
  let best: C | undefined;
  let rank = -1;
  for (const place of nearOf(candidates)) {
    if (!passes(place, request, stages)) continue;
    const own = hashText(`${place.node}\n${request.shardKey}`);
    if (own <= rank) continue;
    best = place;
    rank = own;
  }
  return asked?.() === true ? undefined : best;
}

function choose<C extends Candidate>(
  { process, host, network }: Candidates<C>,
  request: PlaceRequest,
  state: ChoiceState,
): C | undefined {
  let here: C | undefined;
  if (process !== undefined) {
    if (passes(process, request, state.stages)) here = process;
    if (here === undefined ? isStopped(state) : here.isBouncing !== true) return here;
  }
  const near = host.length === 0 ? undefined : leastBusy(host, request, state);
  if (network.length === 0 || (near !== undefined && hasRoom(near)) || isStopped(state)) return near ?? here;
  const far = leastBusy(network, request, state);
  if (near === undefined || far === undefined) return near ?? far ?? here;
  return busyness(near) <= busyness(far) * FAR_WEIGHT ? near : far;
}

/** The least busy of few places, by lot among those alike; of many the less busy of two drawn. */
function leastBusy<C extends Candidate>(
  places: readonly C[],
  request: PlaceRequest,
  state: ChoiceState,
): C | undefined {
  return places.length <= FEW_PLACES ? leastBusyOfAll(places, request, state) : lessBusyOfTwo(places, request, state);
}

function leastBusyOfAll<C extends Candidate>(
  places: readonly C[],
  request: PlaceRequest,
  { stages, random }: ChoiceState,
): C | undefined {
  let least: C | undefined;
  let leastBusyness = Number.POSITIVE_INFINITY;
  let alike = 0;
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as C;
    const busy = busyness(place);
    if (busy > leastBusyness || !passes(place, request, stages)) continue;
    alike = busy < leastBusyness ? 1 : alike + 1;
    // Each of those alike ends up chosen as often as any other, in one pass.
    if (alike > 1 && random.integer(alike) !== 0) continue;
    least = place;
    leastBusyness = busy;
  }
  return least;
}

function lessBusyOfTwo<C extends Candidate>(
  places: readonly C[],
  request: PlaceRequest,
  state: ChoiceState,
): C | undefined {
  const first = drawPassing(places, request, state);
  if (first === undefined) return first;
  const second = drawPassing(places, request, state, first);
  // Of two alike the first drawn: to go by name would never choose some.
  return second === undefined || busyness(first) <= busyness(second) ? first : second;
}

/** Draws one that passes: by lot a few times, then from all that do. */
function drawPassing<C extends Candidate>(
  places: readonly C[],
  request: PlaceRequest,
  { stages, random }: ChoiceState,
  except?: C,
): C | undefined {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const drawn = places[random.integer(places.length)] as C;
    if (drawn !== except && passes(drawn, request, stages)) return drawn;
  }
  const passing = places.filter((place) => place !== except && passes(place, request, stages));
  return passing.length < 2 ? passing[0] : passing[random.integer(passing.length)];
}

/** Whether a candidate passes every stage. */
export function passes(candidate: Candidate, request: PlaceRequest, stages: readonly Stage[]): boolean {
  for (let index = 0; index < stages.length; index++)
    if (!(stages[index] as Stage).keeps(candidate, request)) return false;
  return true;
}

/**
 * Calls from here for each copy; where others keep all copies busy, one more for each. A place where calls bounce has none open, and yet no
 * room: it counts as busier than any where none do.
 */
export function busyness({ inFlight, instances, freeSlots, isBouncing }: Candidate): number {
  const bouncing = isBouncing === true ? BOUNCING_WEIGHT : 0;
  return (inFlight + 1) / Math.max(1, instances) + (freeSlots === 0 ? 1 : 0) + bouncing;
}

function hardOnly(state: ChoiceState): ChoiceState {
  return { ...state, stages: state.stages.filter(({ isSoft }) => isSoft !== true) };
}

/** What became of each candidate in a choice. */
export interface ChoiceExplanation {
  readonly candidates: readonly {
    readonly node: string;
    readonly address: string;
    readonly version: string;
    readonly nearness: Candidate["nearness"];
    /** By which carrier it is connected; empty where it is not, or is this process. */
    readonly carrier: string;
    readonly busyness: number;
    /** Whether a call from here bounced there lately. */
    readonly isBouncing: boolean;
    /** Stage that left it out, and why; undefined for one that may be chosen. */
    readonly leftOut: { readonly stage: string; readonly why: string } | undefined;
  }[];
  /** In words, a line for each candidate. */
  readonly text: string;
}

/** Says of each candidate whether it may be chosen, and which stage leaves it out. */
export function explainChoice(
  candidates: Candidates,
  request: PlaceRequest,
  stages: readonly Stage[],
): ChoiceExplanation {
  const explained = allOf(candidates).map((candidate) => {
    const { node, address, version, nearness, carrier = "", isBouncing = false } = candidate;
    const stage = stages.find((one) => !one.keeps(candidate, request));
    const leftOut = stage && { stage: stage.name, why: stage.why(candidate, request) };
    return { node, address, version, nearness, carrier, busyness: busyness(candidate), isBouncing, leftOut };
  });
  const lines = explained.map(({ node, version, nearness, carrier, busyness: busy, isBouncing, leftOut }) => {
    const chosen = isBouncing
      ? "comes after all others, calls bounced there lately"
      : `may be chosen, busyness ${busy.toFixed(2)}`;
    const fate = leftOut === undefined ? chosen : `left out by ${leftOut.stage}: ${leftOut.why}`;
    return `${node} ${version} (${nearness}${carrier && ` by ${carrier}`}): ${fate}`;
  });
  return { candidates: explained, text: lines.join("\n") };
}
