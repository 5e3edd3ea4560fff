import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { EventRecords, RecordName, Version } from "./event-store.ts";
import { isMoved, orNothing } from "./nats-errors.ts";
import type { NatsNames } from "./nats-names.ts";
import type { NatsLink } from "./system-nats-link.ts";

/** Records in one stream, which keeps the last message of each subject. */
export interface NatsRecords extends EventRecords {
  /** The names of those whose subject is one of these. */
  names(subjects: string): Promise<readonly RecordName[]>;
}

/** Opens the stream of records, which it makes where it is missing. The version of a record is its message's number in the stream. */
export async function openNatsRecords(link: NatsLink, names: NatsNames): Promise<NatsRecords> {
  const { manager, streams } = link;
  const stream = names.records;
  if ((await manager.streams.info(stream).catch(orNothing)) === undefined) await makeStream(link, names);
  const get = async (name: RecordName): Promise<Version | undefined> => {
    const found = await manager.streams.getMessage(stream, { last_by_subj: names.record(name) });
    return found === null ? undefined : { value: new TextDecoder().decode(found.data), version: found.seq };
  };
  const namesOf = async (subjects: string) => {
    const { state } = await manager.streams.info(stream, { subjects_filter: subjects });
    return Object.keys(state.subjects ?? {}).map(names.parseRecord);
  };
  return {
    get,
    names: namesOf,
    list: async (space) => {
      const found = await namesOf(names.recordsOf(space));
      const read = await Promise.all(found.map(async (name) => ({ name, version: await get(name) })));
      return read.flatMap(({ name, version }) => (version === undefined ? [] : [{ ...name, ...version }]));
    },
    put: async (name, { value, expected }) => {
      try {
        const expect = { lastSubjectSequence: expected };
        return (await streams.publish(names.record(name), value, { expect })).seq;
      } catch (error) {
        if (isMoved(error)) return undefined;
        throw error;
      }
    },
    remove: async (name) => void (await manager.streams.purge(stream, { filter: names.record(name) })),
  };
}

async function makeStream({ manager, replicas }: NatsLink, names: NatsNames): Promise<void> {
  await manager.streams.add({
    name: names.records,
    subjects: [names.allRecords],
    description: "Topics and groups of events",
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    num_replicas: replicas,
    allow_direct: false,
  });
}
