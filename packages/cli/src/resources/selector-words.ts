import { printSelector, type Selector } from "@orrery/registry/service";

/** What stands before `:**`, or `/**` in a directory, where that is one address. */
export function aboveAll({ hops, path, ...rest }: Selector): string | undefined {
  const last = path === undefined ? hops.at(-1) : path.at(-1);
  if (last?.form !== "below") return undefined;
  const above: Selector =
    path === undefined
      ? { ...rest, hops: hops.slice(0, -1) }
      : { ...rest, hops, path: [...path.slice(0, -1), { form: "part", text: "" }] };
  const isOne = !isWild(above) && above.hops.length > 0 && above.path?.length !== 1;
  return isOne ? printSelector(above) : undefined;
}

/** Whether it means more than one address. */
export function isWild({ hops, path = [] }: Selector): boolean {
  return [...hops, ...path].some(({ form }) => form === "any" || form === "below");
}
