import { type Kysely, sql } from "kysely";

/** One step of the schema, forward only. A step that was published never changes. */
export interface Migration {
  /** Numbered, so that their order is that of their names. */
  readonly name: string;
  readonly up: (kysely: Kysely<unknown>) => Promise<void>;
}

/** `json`, not `jsonb`: bodies are read and written whole, and what is written must come back to the letter. */
const resources: Migration = {
  name: "0001-resources",
  up: async (kysely) => {
    await sql`
      create table registry (
        id int primary key check (id = 1),
        revision bigint not null, compacted bigint not null, batch text not null
      )`.execute(kysely);
    await sql`insert into registry (id, revision, compacted, batch) values (1, 0, 0, '')`.execute(kysely);
    await sql`
      create table resource (
        address text collate "C" primary key, parent text collate "C" not null, kind text not null, body json not null
      )`.execute(kysely);
    await sql`create index resource_parent on resource (parent, address)`.execute(kysely);
    await sql`create index resource_kind on resource (kind, address)`.execute(kysely);
    await sql`create table change (revision bigint primary key, address text collate "C" not null, body json not null)`.execute(
      kysely,
    );
    await sql`create index change_address on change (address, revision)`.execute(kysely);
    await sql`
      create table request (
        agent text not null, id text not null, digest text not null, address text not null,
        revision bigint not null, until bigint not null, primary key (agent, id)
      )`.execute(kysely);
    await sql`create index request_until on request (until)`.execute(kysely);
  },
};

/** What was asked under a name stood there as it was, secrets included; now stands there what only the key file can tell. */
const askedInSecret: Migration = {
  name: "0002-asked-in-secret",
  up: async (kysely) => {
    await sql`update request set digest = ''`.execute(kysely);
  },
};

/** Whose everything is could be found by reading all of it alone. A column, and no index over `body`: what is changed would move in all indexes. */
const owners: Migration = {
  name: "0003-owners",
  up: async (kysely) => {
    await sql`alter table resource add column owner text collate "C" not null default ''`.execute(kysely);
    await sql`update resource set owner = coalesce(body->>'owner', '')`.execute(kysely);
    await sql`create index resource_owner on resource (owner, address)`.execute(kysely);
  },
};

/** Sums are `numeric`: bytes times milliseconds are more than 64 bits hold. What is there already counts from now on. */
const usage: Migration = {
  name: "0004-usage",
  up: async (kysely) => {
    await sql`
      create table usage (
        address text collate "C" not null, owner text collate "C" not null, at bigint not null,
        network_in bigint not null default 0, network_out bigint not null default 0,
        cpu_us bigint not null default 0, messages bigint not null default 0,
        file_bytes bigint not null default 0, database_bytes bigint not null default 0,
        file_byte_ms numeric not null default 0, database_byte_ms numeric not null default 0,
        primary key (address, owner)
      )`.execute(kysely);
    await sql`create table usage_head (id int primary key check (id = 1), revision bigint not null)`.execute(kysely);
    await sql`create table usage_writer (name text primary key, flush bigint not null, at bigint not null)`.execute(
      kysely,
    );
    await sql`insert into usage_head (id, revision) select 1, revision from registry`.execute(kysely);
    await sql`
      insert into usage (address, owner, at, file_bytes, database_bytes)
      select address, owner, (extract(epoch from now()) * 1000)::bigint,
        (select coalesce(sum((part.value ->> 'bytes')::bigint), 0) from json_each(body -> 'state') part),
        octet_length(body::text)
      from resource`.execute(kysely);
  },
};

/** Kinds that came with a file: what resources of them mean goes where they go, into backups and to whoever else opens the database. */
const kinds: Migration = {
  name: "0005-kinds",
  up: async (kysely) => {
    await sql`create table kind_file (id int primary key check (id = 1), name text not null, content text not null)`.execute(
      kysely,
    );
  },
};

/** All steps, the oldest first. */
export const MIGRATIONS: readonly Migration[] = [resources, askedInSecret, owners, usage, kinds];
