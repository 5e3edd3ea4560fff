import type { Hex } from "viem";
import { AccountsModel, type Call } from "../../lease/accounts-model.ts";
import { refuseIf } from "../../lease/lease-error.ts";
import { LeaseModel, type SignedBeat } from "../../lease/lease-model.ts";
import type { LeaseState } from "../../lease/lease-state.ts";
import { ProviderRegistryModel } from "../../lease/provider-registry-model.ts";
import type { Account, Digest, Terms } from "../../lease/terms.ts";
import { leaseName } from "../../lease/typed-data.ts";
import type { ChainCall, Shown } from "../calls.ts";
import type { ChainEvent } from "../events.ts";
import type { BlockRef, ChainQuery, ChainState } from "../lease-chain.ts";
import { eventsOf } from "./memory-events.ts";
import type { Signers } from "./signers.ts";

/** A call that somebody makes, with who signed what it brings; or tokens that come from nowhere. */
export type MemoryTransaction =
  | { readonly from: Account; readonly call: ChainCall; readonly signers: Signers }
  | { readonly mint: bigint; readonly to: Account };

/** Where a call is made. */
export interface MemoryMoment {
  readonly block: BlockRef;
  /** Whether a block is one of the newest 256 before. */
  isOfChain(number: number, hash: Hex): boolean;
}

/** What the contracts and the token have, by the models: the same calls in the same blocks always give the same. */
export class MemoryLedger {
  readonly #accounts = new AccountsModel();
  readonly #leases = new Map<Digest, LeaseModel>();
  readonly #registry = new ProviderRegistryModel();
  readonly #wallets = new Map<Account, bigint>();
  readonly #approved = new Map<Account, bigint>();

  /** Makes a call, and tells what happened. @throws LeaseRefused where the contract refuses it; nothing has changed then */
  make(transaction: MemoryTransaction, moment: MemoryMoment): readonly ChainEvent[] {
    if ("mint" in transaction) {
      const { to, mint } = transaction;
      this.#wallets.set(to, this.#walletOf(to) + mint);
      return [];
    }
    const { from, call } = transaction;
    const context: Call = { caller: from, now: moment.block.at, block: moment.block.number };
    if (!("terms" in call)) {
      this.#makeOfAccounts(call, context);
      return eventsOf(call, { from });
    }
    const model = this.#leaseOf(call.terms);
    const before = model.state();
    const free = this.#accounts.stakeOf(call.terms.provider).free;
    makeOfLease(model, call, { context, moment, signers: transaction.signers });
    const gained = this.#accounts.stakeOf(call.terms.provider).free - free;
    return eventsOf(call, { from, lease: model.lease, before, after: model.state(), gained });
  }

  /** All of it, as it is now. */
  snapshot(): (query: ChainQuery) => ChainState {
    const leases = new Map([...this.#leases].map(([name, model]) => [name, model.state()]));
    const owned = new Map(this.#accounts.accounts().map((account) => [account, this.#accountOf(account)]));
    const providers = this.#registry.all();
    const none = new LeaseModel({ accounts: this.#accounts, lease: "0x", terms: {} as Terms }).state();
    const nothing = { balance: 0n, stake: new AccountsModel().stakeOf("0x") };
    return (query) => ({
      leases: (query.leases ?? []).map((name): LeaseState => leases.get(name) ?? none),
      accounts: (query.accounts ?? []).map((account) => ({ account, ...(owned.get(lower(account)) ?? nothing) })),
      providers: query.providers === true ? providers : [],
    });
  }

  #accountOf(account: Account) {
    return { balance: this.#accounts.balanceOf(account), stake: this.#accounts.stakeOf(account) };
  }

  #walletOf(account: Account): bigint {
    return this.#wallets.get(account) ?? 0n;
  }

  #leaseOf(terms: Terms): LeaseModel {
    const lease = leaseName(terms);
    const had = this.#leases.get(lease);
    if (had !== undefined) return had;
    const small = { ...terms, provider: lower(terms.provider), publisher: lower(terms.publisher) };
    const made = new LeaseModel({ accounts: this.#accounts, lease, terms: small });
    this.#leases.set(lease, made);
    return made;
  }

  #makeOfAccounts(call: AccountCall, context: Call): void {
    const { caller } = context;
    const accounts = this.#accounts;
    switch (call.kind) {
      case "approve":
        this.#approved.set(caller, call.amount);
        break;
      case "deposit":
        this.#pull(caller, call.amount);
        accounts.deposit(call.amount, { account: lower(call.account) });
        break;
      case "withdraw":
        accounts.withdraw(call.amount, context);
        this.#wallets.set(lower(call.to), this.#walletOf(lower(call.to)) + call.amount);
        break;
      case "allow":
        accounts.allow(lower(call.agent), { left: call.left, rateMax: call.rateMax, until: call.until }, context);
        break;
      case "stake":
      case "unstake":
        accounts[call.kind](call.amount, context);
        break;
      case "unbond":
        accounts.unbond(context);
        break;
      case "register":
        this.#registry.register({ url: call.url, profile: call.profile }, caller);
        break;
      case "unregister":
        this.#registry.unregister(caller);
    }
  }

  #pull(caller: Account, amount: bigint): void {
    refuseIf(amount === 0n, "NothingToDo");
    const approved = this.#approved.get(caller) ?? 0n;
    refuseIf(approved < amount, "ERC20InsufficientAllowance");
    refuseIf(this.#walletOf(caller) < amount, "ERC20InsufficientBalance");
    this.#approved.set(caller, approved - amount);
    this.#wallets.set(caller, this.#walletOf(caller) - amount);
  }
}

type AccountCall = Exclude<ChainCall, { terms: Terms }>;

type LeaseCall = Extract<ChainCall, { terms: Terms }>;

interface LeaseContext {
  readonly context: Call;
  readonly moment: MemoryMoment;
  readonly signers: Signers;
}

function makeOfLease(model: LeaseModel, call: LeaseCall, { context, moment, signers }: LeaseContext): void {
  const { signer } = signers;
  const shown = ({ beat }: Shown): SignedBeat => {
    return { beat, signer, isOfChain: moment.isOfChain(beat.blockNumber, beat.blockHash) };
  };
  switch (call.kind) {
    case "open":
      model.open({ payer: lower(call.payer), amount: call.amount, signer }, context);
      break;
    case "start":
      model.start(lower(call.session), context);
      break;
    case "fund":
      model.fund(call.amount, context);
      break;
    case "redeem":
      model.redeem({ total: call.total, upTo: call.upTo, signer }, context);
      break;
    case "show":
    case "answer":
    case "comeBack":
      model[call.kind](shown(call), context);
      break;
    case "propose":
      model.propose(call.total, shown(call), context);
      break;
    case "reportDark":
      model.reportDark({ from: call.from, to: call.to, agreed: signers.agreed }, context);
      break;
    case "rest":
      model.rest({ from: call.from, to: call.to }, context);
      break;
    default:
      model[call.kind](context);
  }
}

function lower(account: Account): Account {
  return account.toLowerCase() as Account;
}
