import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const Post = defineService("post", {
  deliver: { request: json<{ letter: number }>(), reply: nothing },
});

const Mailer = defineService("mailer", {
  submit: { request: json<{ letter: number }>(), reply: nothing, timeoutMs: 300 },
});

const post = (onDelivered: (letter: number) => void) =>
  defineComponent(Post, () => ({
    async deliver({ letter }, { clock }) {
      await clock.sleep(20);
      onDelivered(letter);
      return {};
    },
  }));

/** Takes letters at once, and sends them in the background. */
const mailer = (isFixed: boolean) =>
  defineComponent(Mailer, (instance) => {
    const waiting: number[] = [];
    let sending: Promise<void> | undefined;
    const sendAll = async (): Promise<void> => {
      for (let letter = waiting.shift(); letter !== undefined; letter = waiting.shift())
        await outcomeOf(instance.client(Post).deliver({ letter }));
      sending = undefined;
    };
    if (isFixed) instance.onDrain(async () => await sending);
    return {
      async submit({ letter }) {
        waiting.push(letter);
        sending ??= sendAll();
        return {};
      },
    };
  });

/** A mailer that is stopped, in good order, while it has work. */
export const droppedAtShutdown = plantBug({
  name: "dropped at shutdown",
  wrong: "a service stops in good order, and forgets the letters that it had accepted",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const it = { accepted: [] as number[], delivered: new Set<number>() };
      world.node("post", { components: [post((letter) => it.delivered.add(letter))] });
      const office = world.node("office", { components: [mailer(isFixed)] });
      world.node("writer", {
        async run(node) {
          for (const [letter, afterMs] of world.operations("letter", 8, (draw) => draw.integer(150)).entries()) {
            await node.clock.sleep(afterMs);
            const { kind } = await outcomeOf(node.life.client(Mailer).submit({ letter }));
            if (kind === "reply") it.accepted.push(letter);
          }
        },
      });
      world.node("operator", {
        async run(node) {
          await node.clock.sleep(world.draw("stop after").integer(800));
          await office.life.stop();
        },
      });
      return it;
    },
    check: ({ accepted, delivered }) =>
      accepted.every((letter) => delivered.has(letter)) || "a letter that was accepted was not delivered",
  }),
});
