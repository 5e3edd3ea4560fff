import { OrreryError } from "@orrery/core";
import { parseAmount, printAmount } from "../amounts.ts";
import { timeOf } from "../page/page-words.ts";
import { parsePod } from "../pod/parse-pod.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import { DEPLOY_TIMEOUT_MS } from "../publisher/limits.ts";
import type { Publisher } from "../publisher/publisher.ts";
import { filePath, type Outcome, type PageWorld, podPath } from "./page-world.ts";
import type { Task } from "./tasks.ts";

/** Something that is begun: the address at which it is looked at. */
export type Begun = string;

/** Asks a provider for a price. It sends and pays nothing. @throws OrreryError `invalid_argument` for no provider */
export function priceTask(
  world: PageWorld,
  { file, text, provider }: { readonly file: string; readonly text: string; readonly provider: string },
): Begun {
  if (!/^https?:\/\/[^\s]+$/.test(provider))
    throw new OrreryError(
      "invalid_argument",
      `Cannot ask "${provider}" for a price: write the URL of a provider, such as https://provider.test`,
    );
  const pod = parsePod(text, { file });
  return begin(world, { title: `Price of ${file}`, back: filePath(file), isAct: false }, async (publisher) => {
    const prepared = await publisher.prepare(pod, world.files.folder);
    using door = await publisher.open(provider);
    const asked = await publisher.quote(prepared, door);
    return { kind: "quote", file, prepared, asked, url: door.url, account: door.account };
  });
}

/** Deploys a pod by a price that was shown, once. */
export function deployTask(world: PageWorld, before: Task<Outcome>, said: string): Begun {
  const outcome = outcomeOf(before, "quote");
  const amount = amountOf(said, world);
  const { prepared, asked, url, account, file } = outcome;
  const { name } = prepared.sealed.pod;
  const wish = { title: `Deploying ${name}`, back: filePath(file), isAct: true } as const;
  return begin(
    world,
    wish,
    async (publisher, tell) => {
      using door = await publisher.open(url, account);
      const known = await publisher.before(name, account);
      if (known?.step === "running")
        throw new OrreryError(
          "already_exists",
          `Cannot deploy pod "${name}" at "${url}": it runs there by lease ${known.lease}, change it from its own page`,
        );
      if (known !== undefined) tell(`going on with lease ${known.lease}, which was cut off`);
      const resumed = known === undefined ? undefined : await publisher.resume(known);
      const { record, pod } = resumed ?? (await publisher.deploy(prepared, { asked, door, amount }));
      return saidOf(record, `${name} is ${pod.state}${pod.healthy ? ", healthy" : ""}.`);
    },
    before,
  );
}

/** Changes a pod by a plan that was shown, once. */
export function updateTask(world: PageWorld, before: Task<Outcome>): Begun {
  const { record, prepared, deleteVolumes } = outcomeOf(before, "plan");
  const wish = { title: `Changing ${record.pod}`, back: podPath(record.lease), isAct: true } as const;
  return begin(
    world,
    wish,
    async (publisher) => {
      const pod = await publisher.update(record, prepared, { deleteVolumes }).catch((error: OrreryError) => {
        if (error.definite === false) throw error;
        throw new OrreryError(error.code, `${error.message}\nWhat ran before goes on.`, { cause: error });
      });
      return saidOf(record, `Changed: ${record.pod} is ${pod.state}${pod.healthy ? ", healthy" : ""}.`);
    },
    before,
  );
}

/** What is done to a pod or its lease at once, by the name of the act. */
const ACTS: Readonly<Record<string, { readonly title: string; readonly work: Work }>> = {
  restart: {
    title: "Restarting",
    work: async (publisher, record) => {
      using door = await publisher.openFor(record);
      const { pod } = await door.calls.restart({ lease: record.lease }, { timeoutMs: DEPLOY_TIMEOUT_MS });
      return pod === undefined ? "Restarted." : `${record.pod} is ${pod.state}${pod.healthy ? ", healthy" : ""}.`;
    },
  },
  resume: {
    title: "Going on with",
    work: async (publisher, record) => {
      const deployed = await publisher.resume(record);
      return deployed === undefined
        ? "No money was put in: nothing is left of it."
        : `${record.pod} is ${deployed.pod.state}.`;
    },
  },
  delete: {
    title: "Deleting",
    work: async (publisher, record, world) => endSaid(await publisher.delete(record), publisher, world),
  },
  close: {
    title: "Giving notice of",
    work: async (publisher, record, world) => endSaid(await publisher.end(record), publisher, world),
  },
  settle: {
    title: "Settling",
    work: async (publisher, record, world) => endSaid(await publisher.settle(record), publisher, world),
  },
};

type Work = (publisher: Publisher, record: LeaseRecord, world: PageWorld) => Promise<string>;

/** Does something to a pod or its lease. @throws OrreryError `invalid_argument` for no act */
export function actTask(world: PageWorld, record: LeaseRecord, act: string): Begun {
  const found = Object.hasOwn(ACTS, act) ? ACTS[act] : undefined;
  if (found === undefined) throw new OrreryError("invalid_argument", `Cannot do "${act}": there is no such act`);
  const wish = { title: `${found.title} ${record.pod}`, back: podPath(record.lease), isAct: true };
  return begin(world, wish, async (publisher) => saidOf(record, await found.work(publisher, record, world)));
}

/** Puts money into a lease. @throws OrreryError `invalid_argument` for no amount */
export function fundTask(world: PageWorld, record: LeaseRecord, said: string): Begun {
  const amount = amountOf(said, world);
  const wish = { title: `Putting money into ${record.pod}`, back: podPath(record.lease), isAct: true };
  return begin(world, wish, async (publisher) => {
    await publisher.fund(record, amount);
    return saidOf(record, `Put ${printAmount(amount, world.token)} in.`);
  });
}

/** Has what the contract holds leave to the wallet. */
export function withdrawTask(world: PageWorld): Begun {
  return begin(world, { title: "Bringing money to the wallet", back: "/", isAct: true }, async (publisher) => {
    const amount = await publisher.withdraw();
    return { kind: "said", text: `${printAmount(amount, world.token)} came to the wallet.`, next: "/" };
  });
}

/** Asks what an update would change. */
export function planTask(
  world: PageWorld,
  record: LeaseRecord,
  {
    file,
    text,
    deleteVolumes,
  }: { readonly file: string; readonly text: string; readonly deleteVolumes: readonly string[] },
): Begun {
  const pod = parsePod(text, { file });
  const wish = { title: `What ${file} changes of ${record.pod}`, back: podPath(record.lease), isAct: false };
  return begin(world, wish, async (publisher) => {
    const prepared = await publisher.prepare(pod, world.files.folder);
    const changes = await publisher.plan(record, prepared, { deleteVolumes });
    return { kind: "plan", file, record, prepared, changes, deleteVolumes };
  });
}

function begin(
  { tasks, publisherWith }: PageWorld,
  wish: { readonly title: string; readonly back: string; readonly isAct: boolean },
  work: (publisher: Publisher, tell: (step: string) => void) => Promise<Outcome>,
  before?: Task<Outcome>,
): Begun {
  const whole = { ...wish, work: (tell: (step: string) => void) => work(publisherWith(tell), tell) };
  const { id } = before === undefined ? tasks.start(whole) : tasks.goOn(before, whole);
  return `/tasks/${id}`;
}

function outcomeOf<K extends Outcome["kind"]>({ state }: Task<Outcome>, kind: K): Extract<Outcome, { kind: K }> {
  if (state.kind === "done" && state.outcome.kind === kind) return state.outcome as Extract<Outcome, { kind: K }>;
  throw new OrreryError("failed_precondition", "Cannot go on: what was to be shown first is not there");
}

function amountOf(said: string, { token }: PageWorld): bigint {
  const amount = parseAmount(said.trim(), token);
  if (amount > 0n) return amount;
  throw new OrreryError("invalid_argument", `Cannot put in ${said}: write more than 0`);
}

function saidOf({ lease }: LeaseRecord, text: string): Outcome {
  return { kind: "said", text, next: podPath(lease) };
}

/** What becomes of the money of a lease that ends; what is back already goes to the wallet. */
async function endSaid(settlesAt: number, publisher: Publisher, { token }: PageWorld): Promise<string> {
  if (settlesAt > 0) return `Notice was given. The rest comes back at ${timeOf(settlesAt * 1_000)}, by Settle.`;
  return `It is over, and ${printAmount(await publisher.withdraw(), token)} came back to the wallet.`;
}
