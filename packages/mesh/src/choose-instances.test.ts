import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseInstances } from "./choose-instances.ts";

const SHOP = [
  { name: "shop.Cart", instances: 1 },
  { name: "shop.Stock", instances: 2 },
];

describe("chooseInstances", () => {
  it("takes what the components ask for", () => {
    assert.deepEqual(
      [...chooseInstances(SHOP)],
      [
        ["shop.Cart", 1],
        ["shop.Stock", 2],
      ],
    );
  });

  it("lets an order by any name that is clear win", () => {
    assert.equal(chooseInstances(SHOP, new Map([["cart", 5]])).get("shop.Cart"), 5);
  });

  it("refuses a name that nobody has", () => {
    assert.throws(() => chooseInstances(SHOP, new Map([["till", 2]])), {
      code: "invalid_argument",
      message:
        'Cannot set the instances of "till": there is no such component here, the components are "shop.Cart", "shop.Stock"',
    });
  });

  it("refuses a name that two have", () => {
    const two = [...SHOP, { name: "zoo.Cart", instances: 1 }];
    assert.throws(() => chooseInstances(two, new Map([["cart", 2]])), {
      message: 'Cannot set the instances of "cart": it may be "shop.Cart" or "zoo.Cart", write the whole name',
    });
  });
});
