import { type LeaseRecord, type PlainLeaseCall, type PublisherLease, printAmount, readQuote } from "@orrery/market";
import { usageError } from "../command-error.ts";
import { commandLine } from "../command-line.ts";
import { formatTime } from "../operate/format.ts";
import { table } from "../table.ts";
import { typedAmount } from "./amounts.ts";
import { leaseOf, timeText } from "./lease-words.ts";
import { type MarketContext, marketCommand } from "./open-market.ts";
import { preparedAt } from "./provider-words.ts";
import { depositOf } from "./run-pod-deploy.ts";

/** What does commands about leases. */
export const handlers = {
  ls: marketCommand(async (context) => {
    const { publisher, input, token } = context;
    const found = await publisher.look(
      input.command.flags.some(({ name }) => name === "all") && input.has("all") ? await publisher.leases() : undefined,
    );
    const rows = found.map(({ record, state, money }) => [
      ...[record.lease.slice(0, 10), record.pod, state.stage, record.provider.url],
      ...[printAmount(money.deposit, token), printAmount(money.remaining, token)],
    ]);
    const text =
      rows.length === 0
        ? "There are none"
        : table([["LEASE", "POD", "STAGE", "PROVIDER", "DEPOSIT", "REMAINING"], ...rows]).join("\n");
    await context.tell(text, found.map(leaseFacts));
  }),
  show: marketCommand(async (context) => {
    const { publisher, token } = context;
    const [found] = await publisher.look([await leaseOf(context)]);
    if (found !== undefined)
      await context.tell(leaseText(found, token), {
        ...leaseFacts(found),
        state: found.state,
        terms: readQuote(found.record.quote).terms,
      });
  }),
  open: marketCommand(async (context) => {
    const { publisher } = context;
    const { prepared, door: opened } = await preparedAt(context);
    using door = opened;
    const asked = await publisher.quote(prepared, door);
    const record = await publisher.openLease(prepared, { asked, door, amount: depositOf(context, asked) });
    await context.tell(`Opened lease ${record.lease} with ${printAmount(record.deposit, context.token)}`, {
      lease: record.lease,
      pod: record.pod,
      deposit: record.deposit,
    });
    context.terminal.say(`Next: ${commandLine(context.terminal, ["pod", "deploy"])}`);
  }),
  fund: marketCommand(async (context) => {
    const { input, publisher, token } = context;
    const [first = "", second] = input.words;
    const record = await leaseOf(context, second === undefined ? undefined : first);
    const amount = typedAmount(second ?? first, token);
    if (amount === 0n) throw usageError("Cannot put in 0: write more");
    await publisher.fund(record, amount);
    await tellLease(context, record, `Put ${printAmount(amount, token)} into`);
  }),
  challenge: marketCommand(async (context) => {
    const record = await leaseOf(context);
    const bond = printAmount(readQuote(record.quote).terms.challengeBond, context.token);
    await context.publisher.act(record, "challenge");
    await tellLease(context, record, `Challenged, with a bond of ${bond}, the provider of`);
  }),
  fail: plain("fail", "Told the chain that the challenge was not answered, of"),
  settle: marketCommand(async (context) => {
    const { publisher, input, token } = context;
    const record = await leaseOf(context);
    const settlesAt = await publisher.settle(record);
    if (settlesAt > 0) return void (await tellLater(context, record, { settlesAt, did: "It is not over yet:" }));
    const back = input.has("keep") ? 0n : await publisher.withdraw();
    await tellLease(
      context,
      record,
      `${back > 0n ? `${printAmount(back, token)} came back to the wallet. ` : ""}Settled`,
      { withdrawn: back },
    );
  }),
  close: ending("end"),
  delete: ending("delete"),
} as const;

function plain(kind: PlainLeaseCall, did: string) {
  return marketCommand(async (context) => {
    const record = await leaseOf(context);
    await context.publisher.act(record, kind);
    await tellLease(context, record, did);
  });
}

/** Ends a lease, with its pod or without, and says when the rest of the money comes back; what is back already goes to the wallet. */
function ending(how: "end" | "delete") {
  return marketCommand(async (context) => {
    const { publisher, token } = context;
    const record = await leaseOf(context);
    const settlesAt = await publisher[how](record);
    if (settlesAt > 0) return void (await tellLater(context, record, { settlesAt, did: "Gave notice of" }));
    const back = await publisher.withdraw();
    const did = `${printAmount(back, token)} came back to the wallet. Ended`;
    await tellLease(context, record, did, { withdrawn: back });
  });
}

/** Says when a lease can be settled. */
async function tellLater(
  context: MarketContext,
  record: LeaseRecord,
  { settlesAt, did }: { readonly settlesAt: number; readonly did: string },
): Promise<void> {
  const { terminal, clock } = context;
  await tellLease(context, record, did, { settlesAt });
  const inMs = Math.max(0, settlesAt * 1_000 - clock.now());
  terminal.say(
    `The rest comes back in ${formatTime(inMs)}, at ${timeText(settlesAt * 1_000)}: ${commandLine(terminal, ["lease", "settle", record.lease.slice(0, 10)])}`,
  );
}

async function tellLease(context: MarketContext, record: LeaseRecord, did: string, more: object = {}): Promise<void> {
  const [found] = await context.publisher.look([record]);
  if (found === undefined) return;
  await context.tell(`${did} lease ${record.lease}\n${leaseText(found, context.token)}`, {
    ...leaseFacts(found),
    ...more,
  });
}

/** A lease for programs: base units, as text; times in seconds since 1970, 0 for none. */
export function leaseFacts({ record, state, money, unread }: PublisherLease) {
  const { lease, pod, provider, head } = record;
  return {
    lease,
    pod,
    provider,
    stage: state.stage,
    ...{ endsAt: state.endsAt, settlesAt: state.settlesAt, answerBy: state.answerBy },
    ...money,
    meteredS: head.covered,
    ...(unread !== undefined && { unread }),
  };
}

/** A lease for people. */
export function leaseText(
  { record, state, money, unread }: PublisherLease,
  token: Parameters<typeof printAmount>[1],
): string {
  const rows = [
    ["stage", state.stage],
    ["provider", record.provider.url],
    ["deposit", printAmount(money.deposit, token)],
    ["paid", printAmount(money.paid, token)],
    ["claimable", `${printAmount(money.claimable, token)}, for ${record.head.covered} s that were metered`],
    ["remaining", printAmount(money.remaining, token)],
    ...(state.endsAt === 0 ? [] : [["service ends", timeText(state.endsAt * 1_000)]]),
    ...(state.settlesAt === 0 ? [] : [["settles", timeText(state.settlesAt * 1_000)]]),
    ...(state.answerBy === 0 ? [] : [["challenged", `to be answered by ${timeText(state.answerBy * 1_000)}`]]),
    ...(unread === undefined ? [] : [["ledger", `not read (${unread}); what was known before`]]),
  ];
  return [`pod ${record.pod}`, ...table(rows, 2)].join("\n");
}
