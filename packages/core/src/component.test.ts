import assert from "node:assert/strict";
import { test } from "node:test";
import { type ComponentOptions, defineComponent, isComponent } from "./component.ts";
import { INSTANCES_MAX } from "./limits.ts";
import { OrreryError } from "./orrery-error.ts";
import { ShopService } from "./testdata/gen/shop/v1/shop_pb.ts";
import { Any } from "./testing/services.ts";

const handlers = () => ({ call: (request: unknown) => request });

test("defineComponent keeps service, factory and options", () => {
  const options = { version: "1.2.3-rc.1", instances: INSTANCES_MAX };
  const component = defineComponent(Any, handlers, options);
  assert.deepEqual([component.service, component.options, isComponent(component)], [Any, options, true]);
  assert.ok(Object.isFrozen(component));
});

const refused: readonly { readonly options: ComponentOptions; readonly text: string }[] = [
  { options: { version: "1.2" }, text: 'version "1.2" is not of the form 1.2.3' },
  { options: { version: "v1.2.3" }, text: 'version "v1.2.3" is not of the form 1.2.3' },
  { options: { version: "" }, text: 'version "" is not of the form 1.2.3' },
  { options: { instances: 0 }, text: "instances is 0, write a whole number from 1 to 1024" },
  { options: { instances: INSTANCES_MAX + 1 }, text: "instances is 1025, write a whole number from 1 to 1024" },
  { options: { instances: 1.5 }, text: "instances is 1.5, write a whole number from 1 to 1024" },
  { options: { instances: "3" as never }, text: "instances is 3, write a whole number from 1 to 1024" },
  {
    options: { inboxMessagesMax: 0 },
    text: `inboxMessagesMax is 0, write a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
  },
  {
    options: { inboxBytesMax: Number.POSITIVE_INFINITY },
    text: `inboxBytesMax is Infinity, write a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
  },
  { options: { reentrant: "yes" as never }, text: 'reentrant is "yes", write refuse or flow' },
  { options: { streams: "aside" as never }, text: 'streams is "aside", write hold or beside' },
];

for (const { options, text } of refused) {
  test(`defineComponent refuses an option out of its range: ${text}`, () => {
    const error = new OrreryError("invalid_argument", `Cannot define component "any": ${text}`);
    assert.throws(() => defineComponent(Any, handlers, options), error);
  });
}

test("defineComponent refuses a factory that is no function", () => {
  const text = 'Cannot define component "shop.v1.ShopService": got object for its factory, pass a function';
  assert.throws(() => defineComponent(ShopService, {} as never), new OrreryError("invalid_argument", text));
});

test("defineComponent refuses what is no service", () => {
  const text =
    "Cannot define a component: got undefined for its service, pass one that protoc-gen-es or defineService made";
  assert.throws(
    () => defineComponent(undefined as never, handlers as never),
    new OrreryError("invalid_argument", text),
  );
});

test("isComponent tells a component from anything else", () => {
  assert.ok(isComponent({ kind: "orrery.component" })); // Of another copy of this package.
  for (const other of [undefined, null, 1, {}, { kind: "other" }, handlers]) assert.ok(!isComponent(other));
});
