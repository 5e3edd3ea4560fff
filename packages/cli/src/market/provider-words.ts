import type { PreparedPod, ProviderDoor } from "@orrery/market";
import { typed, usageError } from "../command-error.ts";
import { begun } from "./begun.ts";
import type { MarketContext } from "./open-market.ts";
import { type PodFile, readPodFile } from "./pod-file.ts";
import { assertAllThere } from "./run-pod-validate.ts";

/** Opens the provider that is typed: by its URL, by its name on the bench, else the first that is known. @throws CommandError where none is */
export async function providerOf({ input, market, publisher }: MarketContext): Promise<ProviderDoor> {
  const said = input.text("provider");
  const known = market.providers ?? {};
  const url = said === undefined ? Object.values(known)[0] : (known[said] ?? said);
  if (url === undefined) throw usageError("Cannot tell which provider: none is known, name its URL by --provider");
  return await typed(() => publisher.open(url));
}

/** Both at once: the pod that is typed, ready to be sent, and the provider that is typed. @throws CommandError as each */
export async function preparedAt(
  context: MarketContext,
): Promise<{ readonly prepared: PreparedPod; readonly door: ProviderDoor }> {
  const opening = begun(providerOf(context));
  try {
    const { prepared } = await preparedPod(context);
    return { prepared, door: await opening };
  } catch (error) {
    void opening.then(
      (door) => door[Symbol.dispose](),
      () => undefined,
    );
    throw error;
  }
}

/** Reads the pod file that is typed, and seals what it needs. @throws CommandError for a wrong file, or what it names and is not there */
export async function preparedPod(
  context: MarketContext,
): Promise<{ readonly found: PodFile; readonly prepared: PreparedPod }> {
  const found = await readPodFile(context.input, context.terminal);
  assertAllThere(found);
  return { found, prepared: await typed(() => context.publisher.prepare(found.pod, found.folder)) };
}
