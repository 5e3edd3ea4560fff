import { MIGRATIONS, type Migration } from "./migrations.ts";
import { TABLES, type TableOrder } from "./table-rows.ts";

/**
 * What a service keeps beside a registry, in the same database. Its steps have names such as `config-0001-documents`: those of one word before the
 * number are a family of their own, so that services do not count together. Each table says since which of them it is there.
 */
export interface Schema {
  readonly migrations: readonly Migration[];
  readonly tables: readonly TableOrder[];
}

/** What a registry itself keeps. */
export const REGISTRY_SCHEMA: Schema = { migrations: MIGRATIONS, tables: TABLES };

/** Several as one. */
export function joinSchemas(schemas: readonly Schema[]): Schema {
  return {
    migrations: schemas.flatMap(({ migrations }) => migrations),
    tables: schemas.flatMap(({ tables }) => tables),
  };
}
