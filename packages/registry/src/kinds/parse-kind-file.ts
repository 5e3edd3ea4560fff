import { OrreryError } from "@orrery/core";
import { nearNames } from "@orrery/core/edit-distance";
import { type Misfit, readDocument } from "@orrery/mesh/internal";
import { KIND_FILE_BYTES_MAX } from "../limits.ts";
import { isNobody } from "../rights/decide.ts";
import type { Kind, Life, Property } from "./kind.ts";
import { KIND_FILE_SHAPE } from "./kind-file-shape.ts";
import { createKindTable, NEEDED_STATES } from "./kind-table.ts";
import { compileProperties } from "./property-rules.ts";
import { schemaFault } from "./schema-fault.ts";

/** Options of `parseKindFile`. */
export interface ParseKindFileOptions {
  /** What errors call the file. */
  readonly file: string;
  /** The kinds that there are without it. */
  readonly beside: readonly Kind[];
}

/** What a file says, by its shape. */
interface SaidKinds {
  readonly kinds?: Readonly<Record<string, SaidKind>>;
}

interface SaidKind extends Omit<Kind, "name" | "segments" | "properties"> {
  readonly segments?: Kind["segments"];
  readonly properties?: Readonly<Record<string, SaidProperty>>;
}

interface SaidProperty extends Omit<Property, "summary"> {
  readonly summary?: string;
}

/** Tells of what is wrong at a place. */
type Tell = (path: Misfit["path"], why: string) => void;

/**
 * Reads kinds from a file, YAML or JSON. One that is empty has none.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parseKindFile(content: string, { file, beside }: ParseKindFileOptions): readonly Kind[] {
  if (content.includes("\0"))
    throw new OrreryError("invalid_argument", `Cannot read "${file}": it holds a zero byte, write text`);
  const { kinds = {} }: SaidKinds = readDocument<SaidKinds>(content, KIND_FILE_SHAPE, {
    ...{ file, bytesMax: KIND_FILE_BYTES_MAX, showsLines: true },
    judge: (said) => judge(said, beside),
  });
  return Object.entries(kinds).map(([name, said]) => kindOf(name, said));
}

function kindOf(name: string, { properties, segments = ["name"], ...said }: SaidKind): Kind {
  const named = Object.entries(properties ?? {}).map(([property, one]) => [property, { summary: property, ...one }]);
  return { ...said, name, segments, ...(named.length === 0 ? {} : { properties: Object.fromEntries(named) }) };
}

function judge({ kinds = {} }: SaidKinds, beside: readonly Kind[]): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const tell: Tell = (path, why) => void misfits.push({ path, text: `"${path.join(".")}" ${why}` });
  const known = new Map([...beside, ...Object.keys(kinds).map((name) => ({ name, sealed: false }))].map(named));
  for (const [name, said] of Object.entries(kinds)) {
    const at = ["kinds", name];
    if (beside.some((one) => one.name === name)) tell(at, "is a kind already: choose another name");
    for (const [index, parent] of said.parents.entries()) {
      const why = whyNoParent(parent, known);
      if (why !== undefined) tell([...at, "parents", index], `is "${parent}": ${why}`);
    }
    if (said.driver !== undefined && isNobody(said.driver))
      tell([...at, "driver"], `is "${said.driver}", who is anybody: name a component`);
    judgeLife(said.life, [...at, "life"], tell);
    for (const [property, one] of Object.entries(said.properties ?? {}))
      judgeProperty(property, { said: one, at: [...at, "properties", property] }, tell);
  }
  if (misfits.length === 0)
    attempt(
      () => createKindTable([...beside, ...Object.entries(kinds).map(([name, said]) => kindOf(name, said))]),
      (why) => tell(["kinds"], `cannot be: ${why}`),
    );
  return misfits;
}

function named<T extends { readonly name: string }>(one: T): readonly [string, T] {
  return [one.name, one];
}

function whyNoParent(parent: string, known: ReadonlyMap<string, { readonly sealed?: boolean }>): string | undefined {
  if (parent === "root") return undefined;
  const found = known.get(parent);
  if (found?.sealed === true) return "it is sealed, and nothing is put into it";
  if (found !== undefined) return undefined;
  const [near] = nearNames(parent, known.keys());
  return near === undefined ? `kinds are ${[...known.keys()].sort().join(", ")}` : `did you mean "${near}"?`;
}

function judgeLife(life: Life | undefined, at: Misfit["path"], tell: Tell): void {
  if (life === undefined) return;
  const states = Object.keys(life);
  const missing = NEEDED_STATES.filter((state) => !states.includes(state));
  if (missing.length > 0) tell(at, `has no ${missing.join(", ")}: write where they may go, as in Destroyed: []`);
  for (const [state, next] of Object.entries(life))
    for (const [index, one] of next.entries())
      if (!states.includes(one)) tell([...at, state, index], `is "${one}", which is no state of it: add it`);
}

function judgeProperty(
  name: string,
  { said, at }: { readonly said: SaidProperty; readonly at: Misfit["path"] },
  tell: Tell,
): void {
  if (name === "quota") tell(at, "is what says how many bytes may lie somewhere: choose another name");
  const fault = schemaFault(said.schema);
  if (fault !== undefined) tell([...at, "schema", ...fault.path], fault.why);
  else
    attempt(
      () => compileProperties(kindOf("It", { summary: name, parents: ["root"], properties: { [name]: said } })),
      (why) =>
        tell(
          [...at, "default"],
          `is ${JSON.stringify(said.default)}: it ${why.replace(/^the default of "[^"]*" /, "")}`,
        ),
    );
}

/** Tells why something cannot be. */
function attempt(run: () => unknown, tell: (why: string) => void): void {
  try {
    run();
  } catch (error) {
    tell((error as Error).message.replace(/^Cannot use kind "\w+": /, ""));
  }
}
