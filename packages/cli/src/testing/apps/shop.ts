import { defineComponent, type HandlerFactory, type Service } from "@orrery/core";
import { compileShop } from "../compile-proto.ts";

const factory = () => ({
  placeOrder: (order: object) => order,
  async *watchStock({ count }: { count: number }) {
    for (let left = count; left > 0; left--) yield { left };
  },
  noteVisit: () => undefined,
  tellAll: () => undefined,
});

/** A component of a protobuf contract. */
export const shop = defineComponent(compileShop(), factory as unknown as HandlerFactory<Service>, { version: "2.1.0" });
