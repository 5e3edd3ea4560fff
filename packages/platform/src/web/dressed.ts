import type { Route } from "../bind/bind.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { crossOriginFields } from "./cross-origin.ts";

/** Adds what the bind says, in place of fields of the same name. What is for users stays with the browser that asked. */
export function dressed(whole: Answer, { headers, auth, cors }: Route, request: WebRequest): Answer {
  const kept =
    auth === undefined ? whole : { ...whole, isRepeated: false, headers: withFields(whole.headers, PRIVATE) };
  const answer = cors === undefined ? kept : sharedWith(kept, crossOriginFields(request, cors));
  if (headers.length === 0) return answer;
  if (!answer.isRepeated) return { ...answer, headers: withFields(answer.headers, headers) };
  const known = DRESSED.get(answer.headers);
  if (known?.by === headers) return { ...answer, headers: known.fields };
  const fields = withFields(answer.headers, headers);
  DRESSED.set(answer.headers, { by: headers, fields });
  return { ...answer, headers: fields };
}

const PRIVATE: Route["headers"] = [
  ["cache-control", "private, no-cache"],
  ["vary", "cookie"],
];

/** Lets a page of another site read an answer; `vary` is added to, and not put in the place of what is there. */
function sharedWith(answer: Answer, fields: Answer["headers"]): Answer {
  return fields.length === 0 ? answer : { ...answer, isRepeated: false, headers: [...answer.headers, ...fields] };
}

/** Fields that come again, with those of the bind that they were sent by last. */
const DRESSED = new WeakMap<Answer["headers"], { readonly by: Route["headers"]; readonly fields: Answer["headers"] }>();

function withFields(before: Answer["headers"], added: Route["headers"]): Answer["headers"] {
  const own = new Set(added.map(([name]) => name.toLowerCase()));
  return [...before.filter(([name]) => !own.has(name.toLowerCase())), ...added];
}
