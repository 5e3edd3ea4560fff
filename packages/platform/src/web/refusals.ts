import type { SpacePlan } from "@orrery/registry";
import type { Answer, WebRequest } from "./answer.ts";
import type { Answering } from "./answering.ts";
import type { SpaceState } from "./bind-keeper.ts";
import { URL_LENGTH_MAX } from "./limits.ts";
import { page } from "./page.ts";

/** What a request is answered whose Space had more of them of late than its plan lets it have; undefined where it had not. */
export function whyTooMany(
  { space, plan }: { readonly space: string; readonly plan?: SpacePlan | undefined },
  { quotas }: Pick<Answering, "quotas">,
): Answer | undefined {
  const refused = quotas?.rates.take(space, plan, "answer");
  if (refused === undefined) return undefined;
  quotas?.refusals.noteError(refused.error);
  const answer = page(429, refused.error.message, [["retry-after", String(Math.ceil(refused.waitMs / 1000))]]);
  return { ...answer, endsUpload: true };
}

/** The answer where nothing is, or nobody may see it. */
export function nothingHere(): Answer {
  return page(404, "There is nothing at this address.");
}

/** Whether the address of a request is longer than any may be. */
export function isTooLong({ path, query }: WebRequest): boolean {
  return path.length + query.length > URL_LENGTH_MAX;
}

/** The answer of a space that has no bind in force. */
export function whyNotBound(kind: Exclude<SpaceState["kind"], "bound">, space: string): Answer {
  switch (kind) {
    case "missing":
      return page(404, `There is no space "${space}" here.`);
    case "suspended":
      return page(503, `The space "${space}" is suspended: its owner can say why.`);
    case "unbound":
      return page(404, `The space "${space}" has no bind: set its property bind to the address of one.`);
    case "broken":
      return page(503, `The bind of the space "${space}" cannot be used: the status of the space says why.`);
  }
}
