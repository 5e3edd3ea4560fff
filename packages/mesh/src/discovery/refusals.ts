import type { DirectoryHost } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import type { Alarms } from "./alarms.ts";
import { REFUSALS_OPEN_MAX } from "./limits.ts";
import type { Member } from "./member.ts";

/** Options of a watch for refusals. */
export interface RefusalsOptions {
  readonly alarms: Alarms;
  readonly host: Pick<DirectoryHost, "port" | "reaches">;
  /** How long to look at most, in ms. */
  readonly withinMs: number;
  /** Told of a member at whose address nobody listens, as its machine says. */
  readonly onRefused: (member: Member) => void;
}

/** Looks for a while whether the connection to a member is refused: a process that is gone is told of by its machine, a host is silent. */
export interface Refusals {
  watch(member: Member): void;
}

/** Makes a watch. I1: at most `REFUSALS_OPEN_MAX` members are looked at; of more, only silence tells. I2: another life is another member. */
export function createRefusals({ alarms, host, withinMs, onRefused }: RefusalsOptions): Refusals {
  const open = new Set<Member>();
  const look = (member: Member, watched: Watched) => {
    open.delete(member);
    const link = linkTo(host, member);
    if (!member.isThere || member.incarnation !== watched.incarnation || link === undefined || link.up) return; // I2
    const before = link === watched.link ? watched.refusals : 0; // A link goes on counting over the lives that it leads to.
    if ((link.refusals ?? 0) > before) onRefused(member);
    else if (watched.leftMs > 0) plan(member, { ...watched, leftMs: watched.leftMs - LOOK_MS });
  };
  const plan = (member: Member, watched: Watched) => {
    open.add(member);
    alarms.after(LOOK_MS, () => look(member, watched));
  };
  return {
    watch(member) {
      if (open.has(member) || open.size >= REFUSALS_OPEN_MAX) return; // I1
      const link = linkTo(host, member);
      plan(member, { incarnation: member.incarnation, link, refusals: link?.refusals ?? 0, leftMs: withinMs });
    },
  };
}

/** What a member was like when the watch began. */
interface Watched {
  readonly incarnation: number;
  readonly link: Link | undefined;
  readonly refusals: number;
  readonly leftMs: number;
}

/** How often to look, in ms. */
const LOOK_MS = 50;

function linkTo({ port, reaches }: RefusalsOptions["host"], { addresses }: Member) {
  const address = addresses.find(reaches);
  try {
    return address === undefined ? undefined : port(address).link;
  } catch {
    return undefined;
  }
}
