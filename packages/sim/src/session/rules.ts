import { isCode, type PointAction, type PointMatch } from "@orrery/core";
import type { MessageFate, MessageMatch } from "../network/message-rules.ts";
import type { ModelWorld } from "../world/model-world.ts";
import { assertMethod, assertNode } from "./names.ts";
import { listOf, unfit } from "./unfit.ts";

/** A rule that was given by a line of a session, for messages or for a point. */
export interface SessionRule {
  /** What it is about, as it was written: `ann>till till.pay`, `point read`. */
  readonly about: string;
  readonly does: string;
  readonly hits: () => number;
  readonly held: () => number;
  readonly remove: () => void;
}

/** Tells a rule. */
export function tellRule({ about, does, hits, held }: SessionRule): string {
  const waiting = held() === 0 ? "" : `, holds ${held()}`;
  return `${does} ${about}: met ${hits()}${waiting}`;
}

/** Usage of each fate of a message. */
export const FATES: Readonly<Record<string, string>> = {
  hold: "hold FROM>TO [SERVICE.METHOD] [nth=N] [flow=NAME]",
  drop: "drop FROM>TO [SERVICE.METHOD] [nth=N] [flow=NAME]",
  duplicate: "duplicate FROM>TO [SERVICE.METHOD] [nth=N] [flow=NAME]",
  delay: "delay FROM>TO [SERVICE.METHOD] MS ms [nth=N] [flow=NAME]",
};

/** Adds a rule for messages, from words such as `hold ann>till till.pay nth=2`. */
export function addMessageRule(line: string, words: readonly string[], world: ModelWorld): SessionRule {
  const [verb = "", link = "", ...others] = words;
  const usage = FATES[verb] ?? "";
  const options = readOptions(line, others, ["nth", "flow"]);
  const { plain, ms } = readTime(options.plain);
  const [method, ...more] = plain;
  const match: MessageMatch = {
    ...readLink(line, link, { usage, world }),
    ...(method !== undefined && { method }),
    ...(options.nth !== undefined && { nth: options.nth }),
    ...(options.flow !== undefined && { flow: options.flow }),
  };
  if (more.length > 0 || (ms !== undefined) !== (verb === "delay")) throw unfit(line, `write ${usage}`);
  if (method !== undefined) assertMethod(line, method, world);
  const fate = ms === undefined ? (verb as MessageFate) : { delayMs: ms };
  const rule = world.messages(match, fate);
  return {
    about: [link, ...others].join(" "),
    does: verb,
    hits: () => rule.hits,
    held: () => rule.held,
    remove: () => rule.remove(),
  };
}

/** How a rule for a point is written. */
export const POINT_USAGE =
  "point NAME delay MS ms|hold|release|fail [CODE]|duplicate|crash [instance|node] [node=NODE] [flow=NAME] [nth=N]";

/** Adds a rule for a point, from words such as `point read hold nth=2`. */
export function addPointRule(line: string, words: readonly string[], world: ModelWorld): SessionRule {
  const [, at = "", ...others] = words;
  const { nth, flow, node, plain } = readOptions(line, others, ["nth", "flow", "node"]);
  const action = readAction(plain);
  if (at === "" || action === undefined) throw unfit(line, `write ${POINT_USAGE}`);
  if (node !== undefined) assertNode(line, node, world);
  const match: PointMatch = {
    at,
    ...(nth !== undefined && { nth }),
    ...(flow !== undefined && { flow }),
    ...(node !== undefined && { node }),
  };
  const rule = world.points(match, action);
  return {
    about: `point ${at}`,
    does: others.join(" "),
    hits: () => rule.hits,
    held: () => rule.held.length,
    remove: () => rule.remove(),
  };
}

/** Takes rules away, and lets go of what they hold: those about something, or all. */
export function removeRules(line: string, about: string, rules: Set<SessionRule>): number {
  const isMeant = (rule: SessionRule) => about === "" || rule.about === about || rule.about.startsWith(`${about} `);
  const found = [...rules].filter(isMeant);
  if (found.length === 0)
    throw unfit(line, `no rule is about that, there are ${listOf([...rules].map((rule) => rule.about))}`);
  for (const rule of found) {
    rule.remove();
    rules.delete(rule);
  }
  return found.length;
}

interface RuleOptions {
  readonly nth?: number;
  readonly flow?: string;
  readonly node?: string;
  readonly plain: readonly string[];
}

function readOptions(line: string, words: readonly string[], known: readonly string[]): RuleOptions {
  const options: Record<string, string | number> = {};
  const plain: string[] = [];
  for (const word of words) {
    const [name = "", value] = word.split("=", 2);
    if (value === undefined) plain.push(word);
    else if (!known.includes(name)) throw unfit(line, `there is no "${name}=", write ${known.join("=, ")}=`);
    else options[name] = name === "nth" ? Number(value) : value;
  }
  return { ...options, plain };
}

/** Takes a time out of words: `5 ms`, `5ms`. */
function readTime(words: readonly string[]): { readonly plain: readonly string[]; readonly ms: number | undefined } {
  const found = /(?:^| )(\d+(?:\.\d+)?) ?ms(?: |$)/.exec(words.join(" "));
  if (found === null) return { plain: words, ms: undefined };
  const plain = words
    .join(" ")
    .replace(found[0], " ")
    .split(" ")
    .filter((word) => word !== "");
  return { plain, ms: Number(found[1]) };
}

function readLink(line: string, text: string, { usage, world }: { usage: string; world: ModelWorld }): MessageMatch {
  const [from = "", to = "", ...rest] = text.split(">");
  if (from === "" || to === "" || rest.length > 0) throw unfit(line, `write ${usage}`);
  for (const name of [from, to]) assertNode(line, name, world);
  if (from !== "*" && from === to) throw unfit(line, `a link is between two nodes, and "${from}" is one`);
  return { ...(from !== "*" && { from }), ...(to !== "*" && { to }) };
}

function readAction(words: readonly string[]): PointAction | undefined {
  const { plain, ms } = readTime(words);
  const [verb, detail, ...more] = plain;
  if (more.length > 0) return undefined;
  if (verb === "delay") return ms === undefined || detail !== undefined ? undefined : { delay: ms };
  if (ms !== undefined) return undefined;
  if (verb === "fail")
    return isCode(detail ?? "unavailable") ? { fail: (detail ?? "unavailable") as "unavailable" } : undefined;
  if (verb === "crash") {
    if (detail === undefined) return { crash: true };
    return detail === "instance" || detail === "node" ? { crash: detail } : undefined;
  }
  if (detail !== undefined) return undefined;
  return verb === "hold" ? { hold: true } : verb === "duplicate" ? { duplicate: true } : undefined;
}
