import {
  bytes,
  type Component,
  type Context,
  defineComponent,
  defineService,
  type InstanceHandle,
  OrreryError,
} from "@orrery/core";
import { contractOf, messageOf } from "@orrery/core/internal";
import {
  decodeGuestReply,
  decodeGuestRequest,
  encodeGuestReply,
  encodeGuestRequest,
  type GuestReply,
} from "@orrery/guest/abi";
import type { MechtronOptions } from "../cage/cage.ts";
import { createContextHost } from "../cage/context-host.ts";
import type { Mechtron } from "../cage/mechtron.ts";
import type { MechtronComponentOptions } from "../cage/mechtron-component.ts";
import { mechtronHandlers, withContext } from "../cage/mechtron-handlers.ts";
import { PassedSchema } from "../gen/orrery/state/v1/state_pb.ts";
import { createFileStore } from "./file-store.ts";
import { createFront, type Front } from "./front.ts";
import { MEMBERS_MAX, PASSED_KNOWN_MAX, SILENCE_MS } from "./limits.ts";
import { createMember, type Member } from "./member.ts";
import { type PersistRule, parsePersistRule } from "./persist-rule.ts";
import { openReplica, type Replica } from "./replica.ts";
import { decodeAnswer, decodeAsk, encodeAnswer, encodeAsk } from "./replica-codec.ts";
import { decodeMessage, encodeMessage } from "./state-codec.ts";
import type { StateFiles } from "./state-files.ts";
import { createForgetfulStore, type StateStore } from "./state-store.ts";

/** What a stateful mechtron is made of. */
export interface StatefulMechtronOptions extends Omit<MechtronComponentOptions, "onMechtron"> {
  /** What becomes of its state when its process ends. */
  readonly persist: PersistRule;
  /** Opens the files of this member: a folder of its own. Needed by `ReplicateToFile`. */
  readonly files?: () => Promise<StateFiles>;
  /** All that keep its state, in the same order at each: letters, digits, `-` and `_`, up to 9. Default: one. */
  readonly members?: readonly string[];
  /** Which of them this is. Default: the only one. */
  readonly member?: string;
  /** How long nothing is heard of the primary before another member takes over, in ms. Default: 1,000. */
  readonly silenceMs?: number;
  /** Told of its mechtron, so that what it uses can be counted. Default: nobody is told. */
  readonly onMechtron?: (mechtron: Mechtron) => void;
}

/**
 * Makes the components of one member of a stateful mechtron: the first is the mechtron as its callers see it, the others are for the other members.
 * A node runs all of them. There is one logical instance: whichever member is called, the primary handles one message at a time.
 * @throws OrreryError `invalid_argument` for code, limits, a contract, a rule or members that cannot be accepted.
 */
export function createStatefulMechtron(options: StatefulMechtronOptions): readonly Component[] {
  const whole = wholeOptions(options);
  const { cage, service, code } = whole;
  mechtronHandlers(service, refuse);
  cage.createMechtron({ ...code, host: refuse }).close(); // So that bad code is refused here.
  const own = new OwnMember(whole);
  const { instances: _, ...rest } = options.component ?? {};
  return [
    defineComponent(
      service,
      (instance) =>
        mechtronHandlers(service, async (request, context) =>
          (await own.open(instance)).front.deliver(request, context),
        ) as never,
      rest,
    ),
    defineComponent(handlingService(whole, whole.index), (instance) => {
      instance.onStop(() => own.stopped());
      return { pass: async (body, context) => encodeGuestReply(await own.handle(body, { instance, context })) };
    }),
    defineComponent(stateService(whole, whole.index), (instance) => {
      instance.onStop(() => own.stopped());
      return {
        ask: async (body) => {
          const { replica } = await own.open(instance);
          return encodeAnswer(await replica.ask(read(() => decodeAsk(body))));
        },
      };
    }),
  ];
}

interface WholeOptions extends Pick<StatefulMechtronOptions, "cage" | "service" | "calls" | "host" | "onMechtron"> {
  readonly name: string;
  readonly persist: PersistRule;
  readonly files: StatefulMechtronOptions["files"];
  readonly members: readonly string[];
  readonly silenceMs: number;
  readonly index: number;
  /** What the cage is told. */
  readonly code: Omit<MechtronOptions, "host">;
}

const MEMBER = /^[A-Za-z0-9_-]{1,64}$/;

function wholeOptions(options: StatefulMechtronOptions): WholeOptions {
  const { cage, service, calls, host, onMechtron, component: _, persist: rule, files, ...others } = options;
  const { member: own, members = [own ?? "only"], silenceMs = SILENCE_MS, ...code } = others;
  const { name } = code;
  const persist = parsePersistRule(rule);
  const member = own ?? (members.length === 1 ? members[0] : undefined);
  const index = members.indexOf(member ?? "");
  const cannot = (why: string) => new OrreryError("invalid_argument", `Cannot make "${name}" stateful: ${why}`);
  const bad = members.find((one) => !MEMBER.test(one));
  if (bad !== undefined) throw cannot(`member "${bad}" is no name, write up to 64 letters, digits, "-" and "_"`);
  if (new Set(members).size !== members.length) throw cannot(`${members.join(", ")} names a member twice`);
  if (members.length > MEMBERS_MAX) throw cannot(`it has ${members.length} members, the limit is ${MEMBERS_MAX}`);
  if (index < 0) throw cannot(`"${member ?? ""}" is none of its members ${members.join(", ")}`);
  if (!Number.isFinite(silenceMs) || silenceMs < 10) throw cannot(`silenceMs is ${silenceMs}, write 10 or more`);
  if (persist === "None" && members.length > 1)
    throw cannot(`with persist None it has one member, write ReplicateToFile for ${members.length}`);
  if (persist === "ReplicateToFile" && files === undefined) throw cannot("persist ReplicateToFile needs files");
  const reach = { ...(calls && { calls }), ...(host && { host }), ...(onMechtron && { onMechtron }) };
  return { cage, service, ...reach, name, persist, files, members, silenceMs, index, code };
}

/** What one member asks another of the state. */
function stateService({ service, members }: WholeOptions, index: number) {
  return defineService(`${contractOf(service).name}.state-${members[index]}`, {
    ask: { request: bytes, reply: bytes },
  });
}

/** Where a member takes messages that others pass on. */
function handlingService({ service, members }: WholeOptions, index: number) {
  return defineService(`${contractOf(service).name}.at-${members[index]}`, {
    pass: { request: bytes, reply: bytes },
  });
}

/** What a member has once it is open. */
interface Opened {
  readonly member: Member;
  readonly front: Front;
  readonly replica: Replica;
  readonly mechtron: Mechtron;
}

/** Owns: the replica and the mechtron of one member, for all instances of its components. */
class OwnMember {
  readonly #options: WholeOptions;
  readonly #answer: ReturnType<typeof createContextHost>;
  #opening: Promise<Opened> | undefined;
  #running = 2;
  /** Messages that came from members, the oldest first. */
  readonly #passed = new Set<string>();
  /** Whose calls to others it uses: an instance that lives. */
  #caller: InstanceHandle | undefined;

  constructor(options: WholeOptions) {
    this.#options = options;
    this.#answer = createContextHost(options);
  }

  /** Opens it, with the clock and chance of whoever needs it first; again where that failed. */
  open(instance: InstanceHandle): Promise<Opened> {
    this.#caller = instance;
    this.#opening ??= this.#open(instance).catch((error: unknown) => {
      this.#opening = undefined;
      instance.log.error(`Cannot open the state of "${this.#options.name}": ${messageOf(error)}`);
      throw error;
    });
    return this.#opening;
  }

  async handle(
    body: Uint8Array,
    { instance, context }: { readonly instance: InstanceHandle; readonly context: Context },
  ): Promise<GuestReply> {
    const { request, isTakingOver, id } = read(() => decodeMessage(PassedSchema, body));
    this.#assertFirst(id);
    const { member, mechtron } = await this.open(instance);
    return await member.handle({
      mechtron,
      request: withContext(
        read(() => decodeGuestRequest(request)),
        context,
      ),
      isTakingOver,
      signal: context.signal,
      host: (call) => this.#answer(call, context),
    });
  }

  /** A network may bring a message twice; what changes a state is handled once. */
  #assertFirst(id: string): void {
    if (id === "") return; // A member of an earlier version does not say.
    if (this.#passed.has(id)) {
      const text = `Cannot handle a message for "${this.#options.name}": it came before, and is not handled twice`;
      throw new OrreryError("unavailable", text, { details: { fault: "uncertain" } });
    }
    this.#passed.add(id);
    const [oldest] = this.#passed;
    if (this.#passed.size > PASSED_KNOWN_MAX && oldest !== undefined) this.#passed.delete(oldest);
  }

  /** Told of each of the two components that has stopped; the last closes all. */
  async stopped(): Promise<void> {
    this.#running -= 1;
    if (this.#running > 0) return;
    const opened = await this.#opening?.catch(() => undefined);
    opened?.mechtron.close();
    await opened?.replica.close();
  }

  async #open(instance: InstanceHandle): Promise<Opened> {
    const { cage, code, name, members, index, silenceMs, onMechtron } = this.#options;
    const { clock, random, log } = instance;
    const count = members.length;
    const replica = await openReplica({ store: await this.#store(), clock, count, silenceMs });
    const mechtron = cage.createMechtron({ clock, random, log, ...code, host: refuse });
    onMechtron?.(mechtron);
    const peers = members.map((_, at) => stateService(this.#options, at));
    const member = createMember({
      name,
      index,
      count,
      clock,
      silenceMs,
      replica,
      ask: async (at, ask) => {
        const peer = (this.#caller ?? instance).client(peers[at] ?? stateService(this.#options, at));
        return decodeAnswer(await peer.ask(encodeAsk(ask), { timeoutMs: silenceMs }));
      },
    });
    const { ballot } = member;
    let passedOn = 0;
    const front = createFront({
      name,
      index,
      count,
      clock,
      random,
      silenceMs,
      ballot,
      pass: async (request, { to, isTakingOver, context, signal }) => {
        const id = `${instance.id} ${++passedOn}`; // No other life of this member has the same.
        const body = encodeMessage(PassedSchema, { request: encodeGuestRequest(request), isTakingOver, id });
        const handling = context.client(handlingService(this.#options, to));
        return decodeGuestReply(await handling.pass(body, { signal }));
      },
    });
    return { member, front, replica, mechtron };
  }

  async #store(): Promise<StateStore> {
    const { persist, name, members } = this.#options;
    if (persist === "None") return createForgetfulStore();
    const files = await this.#options.files?.();
    if (files === undefined) throw new OrreryError("invalid_argument", `Cannot open the state of "${name}": no files`);
    return createFileStore({ files, name, members, onClose: () => files.close() });
  }
}

function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new OrreryError("invalid_argument", `Cannot read what a member sent: ${messageOf(error)}`);
  }
}

async function refuse(): Promise<GuestReply> {
  throw new OrreryError("failed_precondition", "Cannot call out: no message is open");
}
