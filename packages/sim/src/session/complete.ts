import type { ModelWorld } from "../world/model-world.ts";
import { COMMANDS } from "./commands.ts";
import { methodsOf, nodesOf } from "./names.ts";

const NODE_VERBS = ["crash", "restart", "restart-empty", "pause", "resume", "slow", "jump", "disk"];
const LINK_VERBS = ["cut", "clog", "unclog", "link", "heal"];
const POINT_VERBS = ["delay", "hold", "release", "fail", "duplicate", "crash"];

/** What may stand in the place of the last word of a line. */
export function complete(line: string, world: ModelWorld): readonly string[] {
  const words = line.trimStart().split(/\s+/);
  const last = words.at(-1) ?? "";
  return wordsFor(words, last, world).filter((word) => word.startsWith(last) && word !== last);
}

function wordsFor(words: readonly string[], last: string, world: ModelWorld): readonly string[] {
  const [verb = "", second = ""] = words;
  const at = words.length - 1;
  if (at === 0) return Object.keys(COMMANDS);
  switch (verb) {
    case "until":
      if (at === 1) return ["message", "event", "point"];
      return second === "message" ? methodsOf(world) : second === "point" ? pointsOf(world) : [];
    case "inject":
      return faultWords(words.slice(1), last, world);
    case "point":
      return [[], pointsOf(world), POINT_VERBS][at] ?? [];
    case "hold":
    case "drop":
    case "duplicate":
    case "delay":
    case "release":
      return at === 1 ? linksOf(last, world) : at === 2 ? methodsOf(world) : [];
    default:
      return [];
  }
}

function faultWords([verb = "", ...names]: readonly string[], last: string, world: ModelWorld): readonly string[] {
  if (names.length === 0) return [...NODE_VERBS, ...LINK_VERBS, "partition"];
  if (verb === "partition") {
    const before = last.slice(0, last.lastIndexOf(",") + 1);
    return nodesOf(world).map((name) => before + name);
  }
  if (names.length > 1) return verb === "disk" ? ["ok", "slow", "full", "failing"] : [];
  return NODE_VERBS.includes(verb) ? nodesOf(world) : LINK_VERBS.includes(verb) ? linksOf(last, world) : [];
}

/** The first end of a link, then each second one. */
function linksOf(last: string, world: ModelWorld): readonly string[] {
  const [from = "", to] = last.split(">");
  if (to === undefined) return nodesOf(world).map((name) => `${name}>`);
  return nodesOf(world)
    .filter((name) => name !== from)
    .map((name) => `${from}>${name}`);
}

function pointsOf({ trace }: ModelWorld): readonly string[] {
  return [...new Set(trace.records.flatMap(({ kind, what }) => (kind === "point" && what ? [what.step] : [])))];
}
