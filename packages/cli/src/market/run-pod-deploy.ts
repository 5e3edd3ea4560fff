import {
  type AskedQuote,
  type Deployed,
  depositFor,
  type PreparedPod,
  type ProviderDoor,
  printAmount,
} from "@orrery/market";
import { CommandError, type ExitCode, usageError } from "../command-error.ts";
import { commandLine } from "../command-line.ts";
import { typedAmount } from "./amounts.ts";
import { type MarketContext, marketCommand } from "./open-market.ts";
import { parseSeconds } from "./parse-seconds.ts";
import { statusFacts, statusText } from "./pod-text.ts";
import { preparedAt } from "./provider-words.ts";
import { publicText, quoteFacts, quoteText } from "./quote-text.ts";

/** Runs a pod on a provider. */
export const run = marketCommand(async (context) => {
  const { input, publisher, terminal, token, clock } = context;
  const { prepared, door: opened } = await preparedAt(context);
  using door = opened;
  if (!input.has("dry-run") && (await wentOn(context, prepared, door))) return;
  const asked = await publisher.quote(prepared, door);
  const amount = depositOf(context, asked);
  if (input.has("dry-run")) {
    const free = publicText(prepared);
    const lines = [
      quoteText(asked, { token, url: door.url }),
      `  deposit  ${printAmount(amount, token)}`,
      ...prepared.notes,
      ...free,
    ];
    const facts = { dryRun: true, url: door.url, deposit: amount, public: free, images: prepared.sealed.images };
    await context.tell([...lines, "Nothing was sent or paid"].join("\n"), {
      ...facts,
      ...quoteFacts(asked, Math.floor(clock.now() / 1_000)),
    });
    return;
  }
  for (const note of prepared.notes) terminal.say(note);
  await tellDeployed(context, await publisher.deploy(prepared, { asked, door, amount }));
});

/** Sends what a pod needs to a provider's store. */
export const upload = marketCommand(async (context): Promise<ExitCode | undefined> => {
  const { publisher, market } = context;
  const { prepared, door: opened } = await preparedAt(context);
  using door = opened;
  const { store, artifacts, sent, kept } = await publisher.upload(prepared, door);
  const bytes = sent.reduce((sum, one) => sum + one.bytes, 0);
  const lines = prepared.artifacts.map(({ kept }) => `  ${kept.about.kind} ${kept.about.name} as ${kept.artifact}`);
  await context.tell(
    [
      `Sent ${sent.length} of ${artifacts.length} artifacts to ${store}, ${bytes} bytes`,
      ...lines,
      ...(kept.length > 0 ? [`Keys of ${kept.length} are kept at ${market.keyService?.url}`] : []),
    ].join("\n"),
    { url: door.url, store, artifacts, sent, bytes, kept },
  );
  return undefined;
});

/** Goes on with a deployment of the same pod that was cut off. @throws CommandError where it runs already */
async function wentOn(context: MarketContext, prepared: PreparedPod, door: ProviderDoor): Promise<boolean> {
  const { publisher, terminal } = context;
  const { name } = prepared.sealed.pod;
  const before = await publisher.before(name, door.account);
  if (before === undefined) return false;
  if (before.step === "running")
    throw new CommandError(`Cannot deploy pod "${name}" at "${door.url}": it runs there by lease ${before.lease}`, {
      tip: commandLine(terminal, ["pod", "update"]),
    });
  terminal.say(`Going on with lease ${before.lease}, which was cut off`);
  const deployed = await publisher.resume(before);
  if (deployed === undefined) return false;
  await tellDeployed(context, deployed);
  return true;
}

async function tellDeployed(context: MarketContext, { record, pod }: Deployed): Promise<void> {
  const { terminal } = context;
  await context.tell(statusText(pod, context), {
    ...statusFacts(pod),
    lease: record.lease,
    gateway: record.gateway,
    deposit: record.deposit,
  });
  const [address] = pod.addresses;
  if (context.isJson || address === undefined) return;
  const host = /^https?:\/\/([^:/]+)/.exec(address.address)?.[1];
  if (address.protocol === "http") terminal.say(`Try: curl -H 'Host: ${host}' ${record.gateway}`);
}

/** What is put in: what is typed, or as much as a time costs at most. @throws CommandError for less than one unit */
export function depositOf({ input, token }: Pick<MarketContext, "input" | "token">, { quote }: AskedQuote): bigint {
  const said = input.text("deposit");
  if (said !== undefined) {
    const amount = typedAmount(said, token);
    if (amount > 0n) return amount;
    throw usageError(`Cannot put in ${said}: write more than 0`);
  }
  return depositFor(quote, parseSeconds(input.text("for") ?? "24h", "for"));
}
