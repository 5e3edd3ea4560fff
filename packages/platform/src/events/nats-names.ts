import type { LogName, RecordName } from "./event-store.ts";

/**
 * Names of one platform's streams and subjects in NATS. Topics and groups are small letters, digits and "-", and what lies between them in the
 * names of dead letters is "/", so that "_" in its place leaves them apart.
 */
export interface NatsNames {
  /** The stream of a log, and the one subject that it takes. */
  stream(log: LogName): string;
  subject(log: LogName): string;
  /** Reads the name of a stream. */
  parseStream(stream: string): LogName;
  readonly allLogs: string;
  /** All logs of a space. */
  subjects(space: number): string;
  /** The stream of all records, and what it takes. */
  readonly records: string;
  readonly allRecords: string;
  record(name: RecordName): string;
  recordsOf(space: number): string;
  /** Reads the subject of a record. */
  parseRecord(subject: string): RecordName;
  /** Where it is told that a log was written, and of any. */
  wake(log: LogName): string;
  readonly allWakes: string;
  parseWake(subject: string): LogName;
}

/** Makes the names of a platform; those of another prefix have nothing in common with them. */
export function createNatsNames(prefix: string): NatsNames {
  const token = (topic: string) => topic.replaceAll("/", "_");
  const untoken = (text = "") => text.replaceAll("_", "/");
  const parts = (subject: string) => subject.slice(prefix.length + 1).split(".");
  return {
    stream: ({ space, topic }) => `${prefix}_events_${space}_${token(topic)}`,
    subject: ({ space, topic }) => `${prefix}.events.${space}.${token(topic)}`,
    parseStream: (stream) => {
      const [, space, topic] = /^(\d+)_(.+)$/.exec(stream.slice(`${prefix}_events_`.length)) ?? [];
      return { space: Number(space), topic: untoken(topic) };
    },
    allLogs: `${prefix}.events.>`,
    subjects: (space) => `${prefix}.events.${space}.>`,
    records: `${prefix}_records`,
    allRecords: `${prefix}.records.>`,
    record: ({ space, topic, group }) => `${prefix}.records.${space}.${token(topic)}${group === "" ? "" : `.${group}`}`,
    recordsOf: (space) => `${prefix}.records.${space}.>`,
    parseRecord: (subject) => {
      const [, space, topic, group = ""] = parts(subject);
      return { space: Number(space), topic: untoken(topic), group };
    },
    wake: ({ space, topic }) => `${prefix}.wake.${space}.${token(topic)}`,
    allWakes: `${prefix}.wake.>`,
    parseWake: (subject) => {
      const [, space, topic] = parts(subject);
      return { space: Number(space), topic: untoken(topic) };
    },
  };
}
