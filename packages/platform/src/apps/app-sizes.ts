import type { AppFile, AppPart, Span } from "./app-file.ts";
import { APP_INSTANCES_MAX } from "./limits.ts";

/** What an app's file says, with the sizes that its resource has in their place; names that are none of its components are passed over. */
export function withSizes(file: AppFile, said: unknown): AppFile {
  const sizes = (said ?? {}) as Readonly<Record<string, number | string>>;
  const components = file.components.map((part): AppPart => {
    const size = Object.hasOwn(sizes, part.name) ? sizes[part.name] : undefined;
    return size === undefined ? part : { ...part, instances: sizeOf(size) };
  });
  return { ...file, components };
}

function sizeOf(said: number | string): number | Span {
  if (typeof said === "number") return said;
  const [min = 1, max = min] = said.split("..").map((text) => Math.min(APP_INSTANCES_MAX, Number(text)));
  return { min: Math.min(min, max), max: Math.max(min, max) };
}

/** The least and the most processes of a component. */
export function spanOf({ instances = 1 }: Pick<AppPart, "instances">): Span {
  return typeof instances === "number" ? { min: instances, max: instances } : instances;
}

/** Whether two say the same of how many processes there are to be. */
export function isSameSize(one: AppFile, other: AppFile): boolean {
  const text = ({ components }: AppFile) => JSON.stringify(components.map((part) => [part.name, spanOf(part)]));
  return text(one) === text(other);
}
