import { mkdirSync } from "node:fs";
import { type Clock, type Component, createNode } from "@orrery/core";
import { createHttpDoor, type HttpDoorOptions } from "@orrery/http";
import { type Account, createWalletDoor } from "@orrery/market";
import { makeBenchWallet } from "./bench-wallet.ts";

/** A service that all of a bench share, outside of its providers. */
export interface BenchService extends AsyncDisposable {
  readonly url: string;
  /** Whom tokens of wallets are for. */
  readonly account: Account;
}

/** What a service is, and what it needs of a bench. */
export interface BenchServiceOptions {
  /** Its own; a wallet is made in it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly service: HttpDoorOptions["services"][number];
  /** Opens what answers; its end is the end of the service. */
  readonly open: (own: {
    readonly folder: string;
    readonly account: Account;
  }) => Promise<{ readonly component: Component } & Partial<AsyncDisposable>>;
}

/** Runs a service behind a door of wallets, at any port of the loopback. */
export async function openBenchService({ folder, clock, service, open }: BenchServiceOptions): Promise<BenchService> {
  mkdirSync(folder, { mode: 0o700 });
  const { key } = await makeBenchWallet(folder, "wallet");
  const account = key.address.toLowerCase() as Account;
  await using stack = new AsyncDisposableStack();
  const opened = await open({ folder, account });
  stack.defer(async () => await opened[Symbol.asyncDispose]?.());
  const node = createNode({ components: [opened.component] });
  await node.start();
  stack.defer(() => node.stop({ timeoutMs: 0 }));
  const door = createHttpDoor({
    node,
    services: [service],
    authenticate: createWalletDoor({ audience: account, clock }),
  });
  const url = await door.listen();
  stack.defer(() => door.close({ timeoutMs: 0 }));
  const owned = stack.move();
  return { url, account, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
