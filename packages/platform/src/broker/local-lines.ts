import type { BrokerHearing, BrokerLines, BrokerTopic } from "./broker-lines.ts";

/** Makes lines within this process. Of a queue each in turn gets a message, but for those for whom as much waits as may. */
export function createLocalLines(): BrokerLines {
  const topics = new Map<string, Map<string, BrokerHearing[]>>();
  const keyOf = ({ space, topic }: BrokerTopic) => `${space} ${topic}`;
  return {
    publish: (topic, bytes) => {
      for (const [queue, members] of topics.get(keyOf(topic)) ?? [])
        if (queue === "") for (const { hear } of [...members]) hear(bytes);
        else handToOne(members, bytes);
    },
    listen: async (hearing) => {
      const key = keyOf(hearing);
      const queues = topics.get(key) ?? new Map<string, BrokerHearing[]>();
      topics.set(key, queues);
      const members = queues.get(hearing.queue) ?? [];
      queues.set(hearing.queue, members);
      members.push(hearing);
      return () => {
        const at = members.indexOf(hearing);
        if (at !== -1) members.splice(at, 1);
        if (members.length === 0 && queues.get(hearing.queue) === members) queues.delete(hearing.queue);
        if (queues.size === 0 && topics.get(key) === queues) topics.delete(key);
      };
    },
  };
}

/** The first who takes it goes to the end. Where none does, the first misses it. */
function handToOne(members: BrokerHearing[], bytes: Uint8Array): void {
  for (let tries = members.length; tries > 0; tries--) {
    const [first] = members.splice(0, 1) as [BrokerHearing];
    members.push(first);
    if (first.hear(bytes)) return;
  }
}
