import type { Envelope, Head } from "./envelope.ts";
import { namePattern } from "./name-pattern.ts";
import { splitName } from "./network-name.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { Seal, SealOptions } from "./seal.ts";
import { createSealing, openSealed } from "./sealing.ts";

/** The seals of one node, and what it does with them. */
export interface Seals {
  /** Names of those it knows, quoted, for people. */
  readonly names: string;
  find(name: string): Seal | undefined;
  /** Sees to it that a message, and what answers it, is sealed where the node is to, and it leaves the process. */
  begin(envelope: Envelope, head: Head, port: Port): void;
  /** The seal without which messages of that head are not taken. */
  wanted(head: Head): Seal | undefined;
}

const NAME = /^[\w.-]{1,64}$/;

type Rule = readonly [fits: (component: string) => boolean, seal: Seal];

/** Makes the seals of a node. @throws OrreryError `invalid_argument` for two of one name, or a rule with one that is not known. */
export function createSeals(options: SealOptions, node: string): Seals {
  const { known, use = {}, insist = {} } = options;
  const byName = new Map<string, Seal>();
  for (const seal of known) {
    const why = !NAME.test(seal.name)
      ? "a name has 1 to 64 letters, digits, dots, dashes or underscores"
      : byName.has(seal.name) && "another has that name, give one seal both keys";
    if (why) throw new OrreryError("invalid_argument", `Cannot make node "${node}" with seal "${seal.name}": ${why}`);
    byName.set(seal.name, seal);
  }
  const names = [...byName.keys()].map((name) => `"${name}"`).join(", ");
  const rulesOf = (given: Readonly<Record<string, string>>) =>
    Object.entries(given).map(([pattern, name]): Rule => {
      const seal = byName.get(name);
      if (seal !== undefined) return [namePattern(pattern), seal];
      const text = `Cannot make node "${node}" with seal "${name}" for "${pattern}": it knows ${names || "none"}`;
      throw new OrreryError("invalid_argument", text);
    });
  const [sealFor, wanted] = [rulesOf(use), rulesOf(insist)].map(byHead) as [SealOf, SealOf];
  return {
    names,
    find: (name) => byName.get(name),
    wanted,
    begin(envelope, head, port) {
      if (port.link === undefined || port.carriesValues) return;
      const seal = sealFor(head);
      if (seal === undefined) return;
      const { node, incarnation } = head.source;
      const mark = { name: seal.name, node, incarnation, id: envelope.id };
      envelope.sealing = createSealing({ seal, mark, head, opening: envelope });
    },
  };
}

/**
 * Opens a message that comes from another process, where it is sealed. Gives why it is not taken: it has no seal and its component wants one,
 * or one that is not right.
 */
export function admitSealed(envelope: Envelope, seals: Seals | undefined, node: string): OrreryError | undefined {
  const { head, seal: mark } = envelope;
  if (head === undefined || envelope.bytes === undefined) return undefined;
  const wanted = seals?.wanted(head);
  const name = `"${head.component}.${head.method}"`;
  if (mark === undefined) {
    if (wanted === undefined) return undefined;
    const text = `Cannot accept ${name}: it is not sealed, node "${node}" takes it sealed by "${wanted.name}" only`;
    return failure("unsealed", text, { where: node });
  }
  const refuse = (why: string) => failure("bad_seal", `Cannot open ${name}: ${why}`, { where: node });
  const shown = mark.name.slice(0, 64);
  const seal = seals?.find(mark.name);
  if (seal === undefined)
    return refuse(`it is sealed by "${shown}", node "${node}" knows ${seals === undefined ? "no seals" : seals.names}`);
  if (wanted !== undefined && wanted !== seal)
    return refuse(`it is sealed by "${shown}", node "${node}" takes it sealed by "${wanted.name}" only`);
  const { source } = head;
  const isMoved = source.node === mark.node && (source.incarnation !== mark.incarnation || envelope.id !== mark.id);
  if (isMoved) return refuse("its body was taken from another message");
  if (openSealed({ seal, mark, head, opening: envelope })) return undefined;
  return refuse(`its body was changed or moved on its way, or sealed with a key that node "${node}" does not have`);
}

type SealOf = (head: Head) => Seal | undefined;

/** Looks rules up once for each head: heads stay the same from call to call. */
function byHead(rules: readonly Rule[]): SealOf {
  const found = new WeakMap<Head, Seal | "none">();
  return (head) => {
    if (rules.length === 0) return undefined;
    let seal = found.get(head);
    if (seal === undefined) {
      const { component } = splitName(head.component);
      seal = rules.find(([fits]) => fits(head.component) || fits(component))?.[1] ?? "none";
      found.set(head, seal);
    }
    return seal === "none" ? undefined : seal;
  };
}
