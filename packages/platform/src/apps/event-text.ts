import type { SuperviseEvent } from "@orrery/mesh/supervise";

/** What the log of an app says of something that happened to one of its processes; empty for what is of no interest there. */
export function eventText({ kind, text }: Pick<SuperviseEvent, "kind" | "text">): string {
  switch (kind) {
    case "ready":
    case "given-up":
    case "ended":
    case "ailing":
    case "stuck":
    case "unknown":
      return text === "" ? kind : `${kind}: ${text}`;
    default:
      return "";
  }
}
