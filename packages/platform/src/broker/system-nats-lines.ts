import type { NatsLink } from "../events/system-nats-link.ts";
import type { BrokerLines, BrokerTopic } from "./broker-lines.ts";

/** Makes lines over servers of NATS, which all platforms of one prefix share. What is published while a server is away may be lost. */
export function createNatsLines({ connection, prefix }: NatsLink): BrokerLines {
  const subjectOf = ({ space, topic }: BrokerTopic) => `${prefix}.broker.${space}.${topic}`;
  return {
    publish: (topic, bytes) => connection.publish(subjectOf(topic), bytes),
    listen: async ({ queue, hear, ...topic }) => {
      const subscription = connection.subscribe(subjectOf(topic), {
        ...(queue !== "" && { queue }),
        callback: (error, { data }) => {
          if (error === null) hear(data);
        },
      });
      await connection.flush(); // By then the server knows of it.
      return () => subscription.unsubscribe();
    },
  };
}
