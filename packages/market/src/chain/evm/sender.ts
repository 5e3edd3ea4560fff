import { OrreryError } from "@orrery/core";
import { type Hex, keccak256, type LocalAccount } from "viem";
import type { Account, Digest } from "../../lease/terms.ts";
import type { BlockRef, Sent } from "../lease-chain.ts";
import { readRefusal } from "../refusals.ts";
import { blockOf, type EvmNode, lookAt, type NodeHealthOptions, NodeRefused, whyOf } from "./evm-node.ts";
import { bumped, type Fees, feesNow } from "./fees.ts";

/** Transactions of one account that wait for a block at once, at most. */
export const IN_FLIGHT_MAX = 64;

/** Times that a transaction is sent again with higher fees, at most. */
export const RESENDS_MAX = 6;

/** Times that another nonce is tried where somebody else used the one at hand. */
const NONCES_MAX = 3;

/** How a sender goes about it. */
export interface SenderOptions extends NodeHealthOptions {
  readonly key: LocalAccount;
  /** How often the node is asked for a receipt. */
  readonly pollMs: number;
  /** After so long without a block it is sent again with higher fees. */
  readonly resendMs: number;
  /** After so long its end is unknown. */
  readonly boundMs: number;
}

/** What is to be sent, and what it is called in errors. */
export interface Wish {
  readonly to: Account;
  readonly data: Hex;
  /** "settle lease 0x12345678…" */
  readonly what: string;
}

/** Sends the transactions of one account. There is one of them for an account in a process: it alone gives nonces. */
export interface Sender {
  send(wish: Wish): Promise<Sent>;
}

/** A transaction that has left, with all that was ever sent at its nonce. */
interface Flight {
  readonly wish: Wish;
  readonly nonce: number;
  readonly gas: bigint;
  readonly fees: Fees;
  readonly hashes: readonly Digest[];
}

/**
 * Makes the sender of an account.
 *
 * I1. Nonces are given one after the other, and one that did not leave is given again: there are no gaps. After a wait the node is asked.
 * I2. Each wish ends exactly once, at the latest when its time is over.
 * I3. What is sent again has the same nonce: of all that was sent for a wish at most one is ever in a block.
 */
export function createSender(options: SenderOptions): Sender {
  const state = { nonce: undefined as number | undefined, waiting: 0, turn: Promise.resolve() as Promise<unknown> };
  const send = async (wish: Wish): Promise<Sent> => {
    if (state.waiting >= IN_FLIGHT_MAX) {
      const message = `Cannot ${wish.what}: ${IN_FLIGHT_MAX} transactions of ${options.key.address} wait for a block already`;
      return { kind: "unsent", message };
    }
    state.waiting += 1;
    // Where nothing waits for a block the node alone knows which nonce comes next: a reorganisation may have taken some back.
    if (state.waiting === 1) state.nonce = undefined;
    try {
      const left = state.turn.then(() => leave(options, state, wish));
      state.turn = left.catch(() => undefined);
      const flight = await left;
      if ("kind" in flight) return flight;
      const end = await land(options, flight);
      // The node knows which nonce comes next: what has no end may be lost, or wait there.
      if (end.kind === "unknown" || end.kind === "replaced") state.nonce = undefined;
      return end;
    } finally {
      state.waiting -= 1;
    }
  };
  return { send };
}

/** Has a transaction leave, or says why it did not. */
async function leave(options: SenderOptions, state: { nonce: number | undefined }, wish: Wish): Promise<Flight | Sent> {
  const { nonce } = state;
  const first = prepare(options, state, wish);
  first.catch(() => undefined); // Told below, unless the node cannot be relied on.
  const look = await lookAt(options, "latest");
  if (look.kind === "unknown") return { kind: "unsent", message: `Cannot ${wish.what}: ${look.why}` };
  for (let tries = 0; tries < NONCES_MAX; tries++) {
    try {
      const flight = await (tries === 0 && state.nonce === nonce ? first : prepare(options, state, wish)); // I1
      state.nonce = flight.nonce;
      const sent = await launch(options, flight);
      if (sent === "taken") state.nonce = undefined;
      else {
        state.nonce += 1;
        return sent;
      }
    } catch (error) {
      return notSent(wish, error);
    }
  }
  return { kind: "unsent", message: `Cannot ${wish.what}: another program sends for ${options.key.address} too` };
}

/** Asks in one turn for all that a transaction needs: nothing leaves by it. @throws what the node refuses, or why it is not reached */
async function prepare(
  { node, key }: SenderOptions,
  { nonce }: { readonly nonce: number | undefined },
  wish: Wish,
): Promise<Flight> {
  const from = key.address;
  const [gas, next, fees] = await Promise.all([
    node.ask("eth_estimateGas", [{ from, to: wish.to, data: wish.data }, "pending"]),
    nonce ?? node.ask("eth_getTransactionCount", [from, "pending"]),
    feesNow(node),
  ]);
  const needed = BigInt(gas as Hex);
  return { wish, nonce: Number(next), gas: needed + needed / 4n, fees, hashes: [] };
}

function notSent(wish: Wish, error: unknown): Sent {
  if (error instanceof NodeRefused && error.data !== undefined)
    return { kind: "refused", ...readRefusal(wish.what, error.data) };
  return { kind: "unsent", message: `Cannot ${wish.what}: ${whyOf(error)}` };
}

/** Signs and sends. "taken": the nonce is used already. @throws where it surely did not leave */
async function launch(options: SenderOptions, flight: Flight): Promise<Flight | "taken"> {
  const { wish, nonce, gas, fees } = flight;
  const { key, node, chainId } = options;
  const body = { chainId, type: "eip1559", to: wish.to, data: wish.data, nonce, gas, ...fees } as const;
  const signed = await key.signTransaction(body);
  const after = { ...flight, hashes: [...flight.hashes, keccak256(signed)] };
  try {
    await node.ask("eth_sendRawTransaction", [signed]);
  } catch (error) {
    if (!(error instanceof NodeRefused)) return after; // Nobody knows whether it arrived: it is waited for.
    if (/already (known|imported)/i.test(error.message)) return after;
    if (/nonce too low|nonce has already been used/i.test(error.message)) return "taken";
    throw error;
  }
  return after;
}

/** Waits for a block, sends again where none comes, and gives up when the time is over. */
async function land(options: SenderOptions, first: Flight): Promise<Sent> {
  const { clock, pollMs, resendMs, boundMs } = options;
  const began = clock.monotonic();
  let flight = first;
  let [resentAt, resends] = [began, 0];
  for (;;) {
    const end = await endOf(options, flight).catch(() => undefined);
    if (end !== undefined) return end;
    const now = clock.monotonic();
    if (now - began >= boundMs) {
      const transaction = flight.hashes.at(-1) as Digest;
      const message = `Cannot tell whether ${flight.wish.what} is done: no block had it in ${boundMs / 1_000} s, look at the chain before it is made again`;
      return { kind: "unknown", transaction, message };
    }
    if (now - resentAt >= resendMs && resends < RESENDS_MAX) {
      flight = await relaunch(options, flight);
      [resentAt, resends] = [now, resends + 1];
    }
    await clock.sleep(Math.min(pollMs, Math.max(1, boundMs - (now - began))));
  }
}

/** Sends it again with higher fees; where that cannot be, what was sent stands. */
async function relaunch(options: SenderOptions, flight: Flight): Promise<Flight> {
  try {
    const again = await launch(options, { ...flight, fees: bumped(flight.fees, await feesNow(options.node)) });
    return again === "taken" ? flight : again;
  } catch {
    return flight;
  }
}

/** How it ended, where a block has it or its nonce. */
async function endOf(options: SenderOptions, flight: Flight): Promise<Sent | undefined> {
  const { node, key } = options;
  // Asked for before receipts: a nonce that is used while they are asked for counts the next time.
  const used = Number(await node.ask("eth_getTransactionCount", [key.address, "latest"]));
  for (const transaction of flight.hashes) {
    const receipt = (await node.ask("eth_getTransactionReceipt", [transaction])) as Record<string, Hex> | null;
    if (receipt !== null) return await endOfReceipt(node, flight, { transaction, receipt });
  }
  if (used <= flight.nonce) return undefined;
  const transaction = flight.hashes.at(-1) as Digest;
  const message = `Cannot ${flight.wish.what}: another transaction of ${key.address} took nonce ${flight.nonce}`;
  return { kind: "replaced", transaction, message };
}

async function endOfReceipt(
  node: EvmNode,
  { wish }: Flight,
  { transaction, receipt }: { readonly transaction: Digest; readonly receipt: Record<string, Hex> },
): Promise<Sent | undefined> {
  const block: BlockRef | undefined = await blockOf(node, Number(receipt["blockNumber"]));
  if (block === undefined || block.hash !== receipt["blockHash"]) return undefined; // The chain changes right now: look again.
  if (receipt["status"] === "0x1") return { kind: "mined", block, transaction, gas: Number(receipt["gasUsed"]) };
  return { kind: "refused", ...(await reasonOf(node, wish, receipt)) };
}

/** Why a call in a block was refused: it is made again where the block stands, without sending it. */
async function reasonOf(node: EvmNode, wish: Wish, receipt: Record<string, Hex>) {
  try {
    const { to, data } = wish;
    await node.ask("eth_call", [{ from: receipt["from"], to, data }, receipt["blockNumber"]]);
  } catch (error) {
    if (error instanceof NodeRefused && error.data !== undefined) return readRefusal(wish.what, error.data);
  }
  return { refusal: "Reverted", message: `Cannot ${wish.what}: a block has it as reverted` };
}

/** @throws OrreryError `invalid_argument` for times that cannot be */
export function assertTimes({
  pollMs,
  resendMs,
  boundMs,
}: Pick<SenderOptions, "pollMs" | "resendMs" | "boundMs">): void {
  if (pollMs > 0 && resendMs > 0 && boundMs >= pollMs) return;
  const given = `pollMs ${pollMs}, resendMs ${resendMs}, boundMs ${boundMs}`;
  throw new OrreryError(
    "invalid_argument",
    `Cannot send with ${given}: they are above 0, and boundMs is not below pollMs`,
  );
}
