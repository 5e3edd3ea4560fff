import { OrreryError } from "@orrery/core";
import { nearNames } from "@orrery/core/edit-distance";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { PROPERTIES_BYTES_MAX } from "../limits.ts";
import type { Kind, Property, PropertyValue } from "./kind.ts";
import { SCHEMA_OPTIONS } from "./schema-fault.ts";

/** Values by the names of properties. */
export type Properties = Readonly<Record<string, PropertyValue>>;

/** What the properties of a kind are held to. */
export interface PropertyRules {
  /** Whether a property is kept encrypted. */
  isSecret(name: string): boolean;
  /** Whether only those who may write the parent may set it. */
  isLocked(name: string): boolean;
  /** Completes the properties of a new resource by defaults. @throws OrreryError `invalid_argument` as `change`, or where one is missing */
  create(said: Properties, of: string): Properties;
  /**
   * Judges a change of a resource that is there: values to set, and `undefined` for what goes.
   * @throws OrreryError `invalid_argument` for an unknown name, a value that does not fit, or one that stays for ever
   */
  change(before: Properties, said: Readonly<Record<string, PropertyValue | undefined>>, of: string): Properties;
  /** Says why properties that were set under other rules do not fit; undefined where they do. Values of secrets are not looked at. */
  misfit(properties: Properties): string | undefined;
}

/** Makes the rules of a kind. @throws OrreryError `invalid_argument` for a schema that is none, or a default that does not fit */
export function compileProperties(kind: Kind): PropertyRules {
  const known = new Map<string, Property>(Object.entries(kind.properties ?? {}));
  const checks = new Map([...known].map(([name, property]) => [name, compile(kind, name, property)]));
  const look = (name: string, of: string) => {
    const property = known.get(name);
    const check = checks.get(name);
    if (property === undefined || check === undefined) throw unknownName(kind, name, of);
    return { property, check };
  };
  const set = (name: string, value: PropertyValue, of: string) => {
    const wrong = look(name, of).check(value);
    if (wrong !== undefined) throw refusal(name, of, `${shown(value)} does not fit kind ${kind.name}, it ${wrong}`);
    return value;
  };
  const whole = (properties: Record<string, PropertyValue>, of: string) => {
    for (const [name, { required }] of known)
      if (required && properties[name] === undefined)
        throw refusal(name, of, `kind ${kind.name} requires it: give +${name}=VALUE`);
    const bytes = JSON.stringify(properties).length;
    if (bytes <= PROPERTIES_BYTES_MAX) return properties;
    throw new OrreryError(
      "invalid_argument",
      `Cannot set properties of "${of}": they take ${bytes} bytes together, up to ${PROPERTIES_BYTES_MAX} fit, keep large values in files`,
    );
  };
  return {
    isSecret: (name) => known.get(name)?.secret === true,
    isLocked: (name) => known.get(name)?.locked === true,
    create: (said, of) => {
      const properties: Record<string, PropertyValue> = {};
      for (const [name, property] of known) if (property.default !== undefined) properties[name] = property.default;
      for (const [name, value] of Object.entries(said)) properties[name] = set(name, value, of);
      return whole(properties, of);
    },
    change: (before, said, of) => {
      const properties: Record<string, PropertyValue> = { ...before };
      for (const [name, value] of Object.entries(said)) {
        const { property } = look(name, of);
        if (property.constant && value !== before[name])
          throw refusal(name, of, "it is constant: it was set when the resource was created");
        if (value === undefined) delete properties[name];
        else properties[name] = set(name, value, of);
        if (value === undefined && property.default !== undefined) properties[name] = property.default;
      }
      return whole(properties, of);
    },
    misfit: (properties) => {
      for (const [name, value] of Object.entries(properties)) {
        const check = checks.get(name);
        if (check === undefined) return `it has "${name}", which would be no property of it`;
        const wrong = known.get(name)?.secret === true ? undefined : check(value);
        if (wrong !== undefined) return `its "${name}" is ${shown(value)}, it ${wrong}`;
      }
      for (const [name, { required }] of known)
        if (required === true && properties[name] === undefined) return `it has no "${name}", which would be required`;
      return undefined;
    },
  };
}

/** Says why a value does not fit, or nothing. */
type Check = (value: PropertyValue) => string | undefined;

function compile(kind: Kind, name: string, { schema, default: usual }: Property): Check {
  const check = "~standard" in schema ? standardCheck(schema as StandardSchemaV1) : jsonCheck(kind, name, schema);
  const wrong = usual === undefined ? undefined : check(usual);
  if (wrong === undefined) return check;
  throw new OrreryError("invalid_argument", `Cannot use kind "${kind.name}": the default of "${name}" ${wrong}`);
}

/** To read a schema takes longer than to open a registry, of which worlds have many with the same kinds. */
const COMPILED = new WeakMap<object, ValidateFunction>();

function jsonCheck(kind: Kind, name: string, schema: object): Check {
  let validate: ValidateFunction;
  try {
    validate = COMPILED.get(schema) ?? new Ajv2020(SCHEMA_OPTIONS).compile(schema);
    COMPILED.set(schema, validate);
  } catch (cause) {
    throw new OrreryError(
      "invalid_argument",
      `Cannot use kind "${kind.name}": the schema of "${name}" is none, ${String((cause as Error).message)}`,
      { cause },
    );
  }
  return (value) => {
    if (validate(value)) return undefined;
    const [first] = validate.errors ?? [];
    const allowed: unknown = first?.keyword === "enum" ? first.params["allowedValues"] : undefined;
    const message = Array.isArray(allowed) ? `must be one of ${allowed.join(", ")}` : (first?.message ?? "is wrong");
    return `${first?.instancePath ? `at ${first.instancePath} ` : ""}${message}`;
  };
}

function standardCheck(schema: StandardSchemaV1): Check {
  return (value) => {
    const result = schema["~standard"].validate(value);
    if (result instanceof Promise) return "has a schema that answers later, which properties cannot wait for";
    return result.issues?.[0]?.message;
  };
}

function unknownName(kind: Kind, name: string, of: string): OrreryError {
  const names = Object.keys(kind.properties ?? {}).sort();
  const [near] = nearNames(name, names);
  const hint =
    near === undefined
      ? names.length === 0
        ? "it has none"
        : `it has ${names.join(", ")}`
      : `did you mean "${near}"?`;
  const other = NO_PROPERTIES[name];
  return refusal(name, of, `kind ${kind.name} has no such property, ${hint}${other === undefined ? "" : `; ${other}`}`);
}

const CONTENT = "content is no property, it comes by uploading a file";

/** What resources have that somebody may take for a property. */
const NO_PROPERTIES: Readonly<Record<string, string>> = {
  state: CONTENT,
  content: CONTENT,
  status: "the status is no property, what drives the resource tells it",
  owner: "the owner is no property, it is given away by itself",
  labels: "labels are no properties, they are set by themselves",
};

function refusal(name: string, of: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot set "${name}" of "${of}": ${why}`, {
    details: { property: name },
  });
}

function shown(value: PropertyValue): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
