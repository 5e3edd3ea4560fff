import type { Ballot } from "./ballot.ts";
import { doneOf } from "./ballot.ts";
import { epochAbove, isNewer, next, type Position, type Snapshot } from "./position.ts";
import type { Replica, ReplicaAnswer } from "./replica.ts";
import { changedState, type State, type StateChange } from "./state.ts";

/** What became of a change: a majority has it, none has, or nobody knows. */
export type Kept = "kept" | "refused" | "unknown";

/**
 * The time in which this member is the primary.
 * I1: within an epoch, a revision is one change and no other: after one that is not known to be kept, the reign is over.
 */
export interface Reign {
  readonly epoch: number;
  readonly state: State;
  /** Whether members lack something that only a later epoch gives them: they have promised one, or have nothing. */
  readonly isLacking: boolean;
  /** Has a majority make a change. */
  keep(changes: readonly StateChange[]): Promise<Kept>;
  /** Whether a majority has promised no later epoch: what was read is not old. */
  confirm(): Promise<boolean>;
}

/** Who takes over. */
export interface Candidate {
  readonly index: number;
  readonly count: number;
  readonly ballot: Ballot;
  readonly replica: Replica;
}

/**
 * Tries once to become the primary: has a majority promise a new epoch, takes the newest state that is among them, and has a majority take
 * it as this epoch's. Undefined where there is none, such as while another is heard. With `isForAll` it waits for all members, so that those that
 * have nothing can join.
 */
export async function takeOver(candidate: Candidate, { isForAll = false } = {}): Promise<Reign | undefined> {
  const { index, count, ballot, replica } = candidate;
  const own = replica.snapshot;
  const epoch = epochAbove(Math.max(ballot.seen, replica.promised), { index, count });
  const prepare = (isJoining: boolean) => (at: number) =>
    ballot.askOne(at, { kind: "prepare", epoch, have: own.position, isJoining });
  const first = await ballot.ask(prepare(false), (answers) => !isForAll && doneOf(answers) >= ballot.majority);
  if (doneOf(first) < ballot.majority && !first.every(hasNothing)) return undefined;
  const promised = await ballot.ask(
    async (at) => {
      const answer = first[at];
      if (answer === undefined) throw new Error("it has not answered");
      return answer.outcome === "empty" ? await prepare(true)(at) : answer;
    },
    () => false,
  );
  if (doneOf(promised) < ballot.majority) return undefined;
  const { state, position } = newestOf(own, promised);
  const snapshot: Snapshot = { state, position: { epoch, revision: position.revision } };
  const taken = await ballot.ask(
    (at) => ballot.askOne(at, { kind: "install", snapshot }),
    (answers) => doneOf(answers) >= ballot.majority,
  );
  return doneOf(taken) < ballot.majority ? undefined : new MajorityReign(candidate, snapshot);
}

/** Whether a member that answered has never been given a state. */
function hasNothing(answer: ReplicaAnswer | undefined): boolean {
  if (answer === undefined) return false;
  return answer.outcome === "empty" || (answer.outcome === "done" && answer.position.epoch === 0);
}

function newestOf(own: Snapshot, answers: readonly (ReplicaAnswer | undefined)[]): Snapshot {
  let newest = own;
  for (const answer of answers) {
    if (answer?.outcome !== "done" || answer.newer === undefined) continue;
    if (isNewer(answer.newer.position, newest.position)) newest = answer.newer;
  }
  return newest;
}

class MajorityReign implements Reign {
  readonly #candidate: Candidate;
  #position: Position;
  state: State;
  isLacking = false;

  constructor(candidate: Candidate, { position, state }: Snapshot) {
    this.#candidate = candidate;
    this.#position = position;
    this.state = state;
  }

  get epoch(): number {
    return this.#position.epoch;
  }

  async keep(changes: readonly StateChange[]): Promise<Kept> {
    const { ballot } = this.#candidate;
    const update = { before: this.#position, changes };
    const snapshot = { position: next(this.#position), state: changedState(this.state, changes) };
    this.#position = snapshot.position;
    this.state = snapshot.state;
    const answers = await ballot.ask(
      async (at) => {
        const answer = this.#note(await ballot.askOne(at, { kind: "change", update }));
        if (answer.outcome !== "behind") return answer;
        return this.#note(await ballot.askOne(at, { kind: "install", snapshot }));
      },
      (so) => doneOf(so) >= ballot.majority,
    );
    if (doneOf(answers) >= ballot.majority) return "kept";
    return answers.every((answer) => answer !== undefined && answer.outcome !== "done") ? "refused" : "unknown";
  }

  async confirm(): Promise<boolean> {
    const { ballot } = this.#candidate;
    const answers = await ballot.ask(
      async (at) => this.#note(await ballot.askOne(at, { kind: "confirm", epoch: this.epoch })),
      (so) => doneOf(so) >= ballot.majority,
    );
    return doneOf(answers) >= ballot.majority;
  }

  #note(answer: ReplicaAnswer): ReplicaAnswer {
    if (answer.outcome === "refused" || answer.outcome === "empty") this.isLacking = true;
    return answer;
  }
}
