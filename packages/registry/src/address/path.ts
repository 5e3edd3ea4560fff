import { PATH_PART_BYTES_MAX } from "../limits.ts";

/** Where a path goes wrong, and why; `undefined` where it is right: from `/`, with parts that name something. */
export function badPathAt(path: string): { readonly offset: number; readonly why: string } | undefined {
  if (!path.startsWith("/")) return { offset: 0, why: 'a path starts with "/"' };
  let offset = 1;
  const parts = path.slice(1).split("/");
  for (const [index, part] of parts.entries()) {
    const why = whyNoPart(part, { isLast: index === parts.length - 1 });
    if (why !== undefined) return { offset: offset + why.offset, why: why.why };
    offset += part.length + 1;
  }
  return undefined;
}

function whyNoPart(part: string, { isLast }: { isLast: boolean }): { offset: number; why: string } | undefined {
  if (part === "") return isLast ? undefined : { offset: 0, why: 'a name is missing between "/" and "/"' };
  if (part === "." || part === "..")
    return { offset: 0, why: `"${part}" is not allowed in a path: write the whole way` };
  if (!part.isWellFormed()) return { offset: 0, why: "a name in a path is not well-formed Unicode" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  const control = part.search(/[\u0000-\u001f\u007f]/);
  if (control !== -1) return { offset: control, why: "control characters are not allowed in a path" };
  if (new TextEncoder().encode(part).length > PATH_PART_BYTES_MAX)
    return { offset: 0, why: `a name in a path has up to ${PATH_PART_BYTES_MAX} bytes` };
  return undefined;
}
