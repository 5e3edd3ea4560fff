// One side of one contestant, in a process of its own: does what the driver asks.
import { answerDriver } from "./lib/channel.ts";
import { runWindow, type WindowOptions } from "./lib/closed-loop.ts";
import type { Connected, Contestant, ContestantFactory, PreparedCall, Work } from "./lib/contestant.ts";
import { startProfile, stopProfile } from "./lib/profile.ts";

let contestant: Contestant | undefined;
let connected: Connected | undefined;
const prepared = new Map<string, PreparedCall>();

answerDriver({
  async load({ file, variant }: { file: string; variant: string }) {
    const module = (await import(new URL(`./contestants/${file}`, import.meta.url).href)) as {
      contestant: ContestantFactory;
    };
    contestant = module.contestant(variant);
  },
  serve: () => contestant?.serve?.(),
  async connect({ place }: { place: string }) {
    connected = await contestant?.connect(place);
  },
  async run({ work, ...options }: { work: Work } & WindowOptions) {
    return runWindow(await prepare(work), options);
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  startProfile,
  stopProfile,
});

/** Prepares a work once, and sees that the contestant really does it. */
async function prepare(work: Work): Promise<PreparedCall> {
  const key = JSON.stringify(work);
  const known = prepared.get(key);
  if (known !== undefined) return known;
  if (connected === undefined) throw new Error("the contestant is not connected");
  const fresh = connected.prepare(work);
  const reply = await fresh.call();
  const failure = fresh.failureOf?.(reply);
  if (failure !== undefined) throw new Error(`the call of ${key} failed: ${failure}`);
  if (!fresh.accepts(reply)) throw new Error(`the reply to ${key} is not what was sent`);
  prepared.set(key, fresh);
  return fresh;
}
