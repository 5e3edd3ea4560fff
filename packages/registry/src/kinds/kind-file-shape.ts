import { listOf, type RecordShape, record, type TextShape } from "@orrery/mesh/internal";
import {
  FILE_KINDS_MAX,
  KIND_PARENTS_MAX,
  KIND_PROPERTIES_MAX,
  KIND_STATES_MAX,
  KIND_SUMMARY_LENGTH_MAX,
  REMEMBERED_MAX,
} from "../limits.ts";

const text = (what: string, pattern: RegExp, example: string): TextShape => ({ kind: "text", what, pattern, example });

const NAME = text("a name of a kind: a word that starts with a capital", /^[A-Z][A-Za-z0-9]{0,62}$/, "Lamp");
const STATE = text("a state: a word that starts with a capital", /^[A-Z][A-Za-z0-9]{0,62}$/, "Ready");
const SUMMARY = text(
  `a line of up to ${KIND_SUMMARY_LENGTH_MAX} characters`,
  new RegExp(`^[^\\p{Cc}]{1,${KIND_SUMMARY_LENGTH_MAX}}$`, "u"),
  "Something that can be lit",
);

/** All that a file may say of one property. */
export const PROPERTY_SHAPE: RecordShape = record({
  summary: { shape: SUMMARY, about: "One line for help. Default: its name." },
  schema: {
    shape: { kind: "json" },
    about: "What its value may be, as a JSON Schema of draft 2020-12.",
    isRequired: true,
  },
  required: { shape: { kind: "boolean" }, about: "It must be there from the creation on. Default: false." },
  constant: {
    shape: { kind: "boolean" },
    about: "It is set when the resource is created, and never again. Default: false.",
  },
  locked: { shape: { kind: "boolean" }, about: "Only those who may write the parent may set it. Default: false." },
  secret: {
    shape: { kind: "boolean" },
    about: "It is kept encrypted, and shown to nobody; its driver reads it. Default: false.",
  },
  refers: {
    shape: { kind: "choice", of: ["sibling"] },
    about: "Its value is the last part of the address of something beside the resource, which must be there.",
  },
  remembered: {
    shape: { kind: "integer", min: 1, max: REMEMBERED_MAX },
    about: "So many of its values are kept, with who set them and when. Default: none.",
  },
  default: {
    shape: { kind: "json" },
    about: "What it is where nobody sets it, of resources that are made from then on.",
  },
});

/** All that a file may say of one kind. */
export const KIND_SHAPE: RecordShape = record({
  summary: { shape: SUMMARY, about: "One line for help and errors.", isRequired: true },
  parents: {
    shape: listOf(text("a kind, or root", /^([A-Z][A-Za-z0-9]{0,62}|root)$/, "Space"), KIND_PARENTS_MAX, 1),
    about: "Kinds that it may lie in, also of this file; root for what lies in nothing.",
    isRequired: true,
  },
  segments: {
    shape: listOf({ kind: "choice", of: ["name", "domain", "version", "email"] }, 4, 1),
    about: "What its own part of the address may be: some of name, domain, version, email. Default: name.",
  },
  properties: {
    shape: {
      kind: "map",
      names: text("a name of a property", /^[A-Za-z][A-Za-z0-9_-]{0,62}$/, "brightness"),
      of: PROPERTY_SHAPE,
      max: KIND_PROPERTIES_MAX,
    },
    about: "Its properties by name. Default: none.",
  },
  driver: {
    shape: text("the name of a component", /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/, "lamps"),
    about: "The component that makes it what it shall be. Default: none; it is Ready when it is created.",
  },
  removal: {
    shape: { kind: "choice", of: ["refuse", "cascade"] },
    about: "What happens to those in it when it is removed. Default: refuse.",
  },
  life: {
    shape: { kind: "map", names: STATE, of: listOf(STATE, KIND_STATES_MAX), max: KIND_STATES_MAX },
    about: "Where its status may go, by state. Default: as those of every registry.",
  },
});

/** All that a file of kinds may say. */
export const KIND_FILE_SHAPE: RecordShape = record({
  kinds: {
    shape: { kind: "map", names: NAME, of: KIND_SHAPE, max: FILE_KINDS_MAX },
    about: "Kinds by their names.",
  },
});
