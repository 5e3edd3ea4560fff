export { type FieldRow, fieldRows } from "./field-rows.ts";
export { type ReadFieldsOptions, type ReadFieldsResult, readFields } from "./read-fields.ts";
export { replyToJson } from "./reply-to-json.ts";
export type { MethodJsonSchema, MethodOf } from "./request-form.ts";
export type { JsonSchema } from "./schema-shape.ts";
