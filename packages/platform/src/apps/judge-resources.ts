import type { Misfit } from "@orrery/mesh/internal";
import { type Address, parentText, parseAddress, printAddress } from "@orrery/registry/service";

/** The parts of an `orrery.yaml` that speak of resources. */
interface SaidResources {
  readonly resources?: Readonly<Record<string, string | { readonly kind: string }>>;
  readonly requires?: readonly string[];
}

/** What resources are judged with. */
interface Judging {
  /** Where relative addresses start. */
  readonly base: Address;
  readonly tell: (path: Misfit["path"], why: string) => void;
}

/** Kinds that say who somebody is and what he may, that run, or that are made in another way: whoever takes over an app does not mean to have them made. */
const NOT_MADE: ReadonlySet<string> = new Set(
  "Space App Mechtron Grant Role UserBase User Password Session ApiToken Bundle Artifact Tag Directory File".split(" "),
);

/** Tells what is wrong with the resources that an app has made. */
export function judgeResources({ resources = {}, requires = [] }: SaidResources, { base, tell }: Judging): void {
  const known = new Set<string>();
  for (const [said, one] of Object.entries(resources)) {
    const place = ["resources", said];
    const address = addressOf(said, base);
    if (address instanceof Error) {
      tell(place, `is no address: ${address.message}`);
      continue;
    }
    const kind = typeof one === "string" ? one : one.kind;
    if (NOT_MADE.has(kind))
      tell(place, `is a ${kind}, which is not made for an app: make it yourself, and name it under requires`);
    if (parentText(address) === "")
      tell(place, "is a space, in which resources lie: write .:NAME for one beside the app");
    if (address.includes(":/")) tell(place, "is a file: name what it lies in, and have the app write it");
    if (known.has(address)) tell(place, "is there twice: leave one of them out");
    known.add(address);
  }
  for (const [index, said] of requires.entries()) {
    const address = addressOf(said, base);
    if (typeof address === "string" && known.has(address))
      tell(["requires", index], "is made, as resources says: leave it out here");
  }
}

function addressOf(text: string, base: Address): string | Error {
  try {
    return printAddress(parseAddress(text, { base }));
  } catch (error) {
    const [line = ""] = (error as Error).message.split("\n");
    return new Error(line.replace(/^Cannot parse address "[^"]*": /, ""));
  }
}
