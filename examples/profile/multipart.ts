import type { HttpRequest } from "@orrery/guest";

/** What a form sent under a name, as browsers and curl send files; undefined where it sent nothing so. */
export function readPart({ contentType, body }: Pick<HttpRequest, "contentType" | "body">, name: string) {
  const [, quoted, plain] =
    /^multipart\/form-data;.*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || typeof body === "string") return undefined;
  const mark = bytesOf(`--${boundary}`);
  for (let at = find(body, mark, 0); at >= 0; ) {
    const head = at + mark.length;
    const content = find(body, GAP, head);
    const next = content < 0 ? -1 : find(body, bytesOf(`\r\n--${boundary}`), content);
    if (next < 0) return undefined;
    const fields = new TextDecoder().decode(body.subarray(head, content));
    if (/^content-disposition: *form-data;.*[; ]name="?([^";]*)/im.exec(fields)?.[1] === name)
      return body.subarray(content + GAP.length, next);
    at = next + 2;
  }
  return undefined;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const GAP = bytesOf("\r\n\r\n");

/** Where bytes stand in others, from a place on; -1 for nowhere. */
function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  return -1;
}
