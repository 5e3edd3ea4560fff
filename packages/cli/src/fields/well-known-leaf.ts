import { type DescMessage, fromJson } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import {
  describe,
  type ExactJson,
  isExactObject,
  isList,
  type Json,
  parseExact,
  plainJson,
  quote,
  type Refuse,
} from "./json.ts";
import { guess } from "./read-value.ts";
import { createLeaf, scalarLeaf } from "./scalar-leaf.ts";
import type { LeafShape } from "./shape.ts";

/**
 * Gives the leaf of a well-known type that has a JSON form of its own: a time is text, a wrapper is its value, a Struct is an object;
 * undefined for all other messages.
 */
export function wellKnownLeaf(desc: DescMessage): LeafShape | undefined {
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return textLeaf(desc, { pattern: /^\d{4}-\d\d-\d\dT[^\s]+$/, sample: "2026-01-31T12:00:00Z" });
    case "google.protobuf.Duration":
      return textLeaf(desc, { pattern: /^-?\d{1,12}(\.\d{1,9})?s$/, sample: "1.5s" });
    case "google.protobuf.FieldMask":
      return textLeaf(desc, { pattern: /^[^_\s]*$/, sample: "place,forecast.days" });
    case "google.protobuf.Struct":
      return jsonLeaf("JSON object", isExactObject);
    case "google.protobuf.ListValue":
      return jsonLeaf("JSON list", isList);
    case "google.protobuf.Value":
      return valueLeaf;
    case "google.protobuf.Any":
      return anyLeaf;
    default:
      return wrapperLeaf(desc);
  }
}

function textLeaf(desc: DescMessage, form: { readonly pattern: RegExp; readonly sample: string }): LeafShape {
  const read = (text: string, refuse: Refuse): string => {
    try {
      if (form.pattern.test(text)) {
        fromJson(desc, text);
        return text;
      }
    } catch {
      // Refused below.
    }
    throw refuse(`${quote(text)} is no ${desc.name}, write one such as ${form.sample}`);
  };
  return createLeaf({
    type: desc.name,
    note: `such as ${form.sample}`,
    readText: (text, { refuse }) => read(text, refuse),
    readJson(json, refuse) {
      if (typeof json === "string") return read(json, refuse);
      throw refuse(`${describe(json)} is no ${desc.name}, write one such as "${form.sample}"`);
    },
  });
}

function jsonLeaf(type: string, fits: (json: ExactJson) => boolean): LeafShape {
  const readJson = (json: ExactJson, refuse: Refuse): Json => {
    if (fits(json)) return plainJson(json, refuse);
    throw refuse(`${describe(json)} is no ${type}`);
  };
  return createLeaf({
    type,
    readText(text, { refuse }) {
      const json = parseExact(text, refuse);
      if (json === undefined) throw refuse(`${quote(text)} is no ${type}`);
      return readJson(json, refuse);
    },
    readJson,
  });
}

const valueLeaf = createLeaf({
  type: "any",
  note: "JSON, or else a string",
  takesNull: true,
  readText: (text, { refuse }) => guess(text, refuse),
  readJson: plainJson,
});

/** Which type it holds no flag can say; JSON says it in "@type". */
const anyLeaf = createLeaf({
  type: "google.protobuf.Any",
  note: "only in JSON for the whole request",
  readText(_text, { refuse }) {
    throw refuse('a google.protobuf.Any cannot be given by flag, give the whole request as JSON, with "@type" in it');
  },
  readJson(json, refuse) {
    if (isExactObject(json)) return digitsAsText(json);
    throw refuse(`${describe(json)} is no google.protobuf.Any, write an object with "@type"`);
  },
});

/** Integers of 64 bits as the text that protobuf's JSON has for them: what they are within an Any is only known later. */
function digitsAsText(json: ExactJson): Json {
  return JSON.parse(
    JSON.stringify(json, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  );
}

function wrapperLeaf(desc: DescMessage): LeafShape | undefined {
  const scalar = isWrapperDesc(desc) ? desc.fields[0]?.scalar : undefined;
  return scalar === undefined ? undefined : scalarLeaf(scalar);
}
