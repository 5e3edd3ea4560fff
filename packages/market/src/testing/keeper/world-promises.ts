import type { ChainEvent } from "../../chain/events.ts";
import { baseOf, capOf, least, penaltyOf } from "../../lease/dues.ts";
import type { LeaseState } from "../../lease/lease-state.ts";
import { type LeaseScene, WEALTH } from "./lease-scene.ts";
import { isProviderHonest, isPublisherHonest } from "./world-cast.ts";
import { LOOK_MS, SLACK_MS } from "./world-parties.ts";
import { ABLE_AGAIN_MS, type WorldRecord } from "./world-record.ts";

/** Seconds by which what is true in a world and what its chain says may differ. */
const SLACK_S = SLACK_MS / 1_000;

/** What came of a lease. */
interface Outcome {
  readonly state: LeaseState;
  readonly forfeited: bigint;
  readonly events: readonly ChainEvent[];
  readonly provider: bigint;
  readonly publisher: bigint;
  readonly stranger: bigint;
}

/** Holds what came of a world against what the contract promises to those who keep to its rules. @returns what is broken, a line each */
export async function brokenPromises(record: WorldRecord): Promise<readonly string[]> {
  const scene = record.scene as LeaseScene;
  const outcome = await outcomeOf(scene);
  const { state, provider, publisher, stranger } = outcome;
  const broken = [...record.wrongs];
  if (state.stage !== "Settled") return [...broken, `the lease is ${state.stage} still`];
  const sum = provider + publisher + stranger;
  if (sum !== 3n * WEALTH) broken.push(`all have ${sum} together, they brought ${3n * WEALTH}`);
  broken.push(...forPublisher(record, outcome), ...forProvider(record, outcome));
  return broken;
}

/** Nobody who signs what was served pays for more than that; and whoever was left in the dark is paid for it by the curve. */
function forPublisher(
  { cast, scene, servedMs, servedToMs, ...rest }: WorldRecord,
  outcome: Outcome,
): readonly string[] {
  const { terms } = scene as LeaseScene;
  const { state, forfeited, events } = outcome;
  const broken: string[] = [];
  const served = Math.ceil(servedMs / 1_000) + SLACK_S;
  if (cast.publisher !== "griever" && state.paid > capOf(terms, served))
    broken.push(`the publisher paid ${state.paid}, and ${Math.round(servedMs / 1_000)} s were served`);
  if (!isPublisherHonest(cast)) return broken;
  const lost = events.filter(({ name }) => name === "Answered").length;
  const share = (forfeited * BigInt(terms.challengerShare)) / 10_000n;
  const least = WEALTH - state.paid + forfeited - share - BigInt(lost) * terms.challengeBond;
  if (outcome.publisher < least) broken.push(`the publisher has ${outcome.publisher}, ${least} is promised`);
  // One that was found dark before it went dark for good came back from that.
  const goneAt = (rest.world.epochMs + cast.turnMs) / 1_000;
  const isDefault = events.some(({ name, fields }) => name === "Failed" && Number(fields["at"]) > goneAt);
  if (cast.provider !== "dark" || !rest.isDark || cast.publisher !== "honest") return broken;
  const ended = (rest.world.elapsedMs - servedToMs) / 1_000;
  if (isDefault) {
    const darkTo = state.darkTo === 0 ? settledIn(outcome) : Math.min(state.darkTo, settledIn(outcome)); // To the end of a notice at most.
    const darkS = Math.max(0, darkTo - Math.floor((rest.world.epochMs + servedToMs) / 1_000) - SLACK_S);
    const due = penaltyOf(terms, darkS, state.paid);
    if (forfeited < due) broken.push(`${forfeited} was forfeited for ${darkS} s of darkness, the curve says ${due}`);
  } else if (
    state.endsAt !== 0 &&
    ended > 1_800 &&
    rest.publisherUnableNowMs === 0 &&
    wasLong(state, servedToMs, rest.world.epochMs)
  )
    broken.push("the provider is dark for good, and nobody made it default");
  return broken;
}

/** Whether the lease ran on for long after the provider went dark: long enough to be found. */
function wasLong({ endsAt }: LeaseState, servedToMs: number, epochMs: number): boolean {
  return endsAt - (epochMs + servedToMs) / 1_000 > 1_200;
}

/** Whoever serves has what it proved, and its bond but for the time in which it could not act. */
function forProvider({ cast, scene, beats, unableMs, ...rest }: WorldRecord, outcome: Outcome): readonly string[] {
  if (!isProviderHonest(cast)) return [];
  const { terms } = scene as LeaseScene;
  const { state, forfeited, provider, events } = outcome;
  const broken: string[] = [];
  const darkS = Math.ceil(unableMs / 1_000) + ABLE_AGAIN_S;
  const mayLose = penaltyOf(terms, darkS, state.paid);
  if (forfeited > mayLose) broken.push(`the provider forfeited ${forfeited}, for ${darkS} s at most it is ${mayLose}`);
  const gained = BigInt(events.filter(({ name }) => name === "Answered").length) * terms.challengeBond;
  const promised = WEALTH + state.paid - forfeited + gained;
  if (provider < promised) broken.push(`the provider has ${provider}, ${promised} is promised`);
  const held = rest.keeper?.head();
  const proven = beats
    .filter(({ madeAt }) => madeAt <= state.endsAt)
    .reduce((most, { covered }) => Math.max(most, covered), 0);
  const isDefault = events.some(({ name }) => name === "Failed");
  const exposed = Math.ceil(unableMs / 1_000) + (isDefault ? 2 : 1) * (LOOK_MS / 1_000) + ABLE_AGAIN_S;
  const due = least(state.deposit, baseOf(terms, Math.max(0, proven - (unableMs > 60_000 ? exposed : 0))));
  if (state.paid < due)
    broken.push(
      `the provider has ${state.paid} for ${proven} s that are proven, ${held?.covered} s in its ledger; ${due} is due`,
    );
  return broken;
}

const ABLE_AGAIN_S = ABLE_AGAIN_MS / 1_000;

function settledIn({ events }: Outcome): number {
  return Number(events.find(({ name }) => name === "Settled")?.fields["at"] ?? 0);
}

async function outcomeOf(scene: LeaseScene): Promise<Outcome> {
  const events: ChainEvent[] = [];
  const end = new AbortController();
  for await (const news of scene.chain.memory.connect(scene.terms.provider).follow({ signal: end.signal })) {
    if (news.kind === "event") events.push({ ...news.event, fields: { ...news.event.fields, at: news.block.at } });
    if (news.kind === "reached") end.abort();
  }
  const settled = events.find(({ name }) => name === "Settled");
  return {
    ...{
      state: await scene.state(),
      events,
      forfeited: BigInt((settled?.fields["forfeited"] as bigint | undefined) ?? 0n),
    },
    provider: await scene.worth("provider"),
    publisher: await scene.worth("publisher"),
    stranger: await scene.worth("stranger"),
  };
}
