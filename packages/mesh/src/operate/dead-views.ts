import { type Message, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { type DeadMessage, isOrreryError, type Node, OrreryError } from "@orrery/core";
import { contractOf, messageOf } from "@orrery/core/internal";
import { type DeadMessagesRequest, Settle, type SettleDeadRequest } from "../gen/orrery/operate/v1/operate_pb.ts";
import { LISTED_MAX } from "./limits.ts";

/** Kept messages that a node gave up; the body stands where one is asked for. @throws OrreryError `not_found` for one that is not there. */
export async function deadMessages(node: Node, { component, id }: DeadMessagesRequest) {
  const all = await node.deadMessages();
  if (id !== 0n) {
    const one = all.find((message) => message.id === Number(id));
    if (one !== undefined) return [{ ...viewOf(one), body: bodyText(node, one) }];
    const text = `Cannot show dead message ${id} of node "${node.name}": none that is set aside has this number`;
    throw new OrreryError("not_found", text);
  }
  return all
    .filter((message) => component === "" || message.component === component)
    .slice(0, LISTED_MAX)
    .map(viewOf);
}

/** Retries or drops one after the other, in the order asked for; tells of each why it could not be. */
export async function settleDead(node: Node, { ids, how }: SettleDeadRequest) {
  if (how === Settle.UNSPECIFIED || ids.length > LISTED_MAX) {
    const why = how === Settle.UNSPECIFIED ? "say whether to retry or to drop" : `at most ${LISTED_MAX} may be named`;
    throw new OrreryError("invalid_argument", `Cannot settle ${ids.length} dead messages: ${why}`);
  }
  const settled: { id: bigint; why: string }[] = [];
  for (const id of ids) {
    try {
      await (how === Settle.RETRY ? node.retryDeadMessage(Number(id)) : node.dropDeadMessage(Number(id)));
      settled.push({ id, why: "" });
    } catch (error) {
      if (!isOrreryError(error)) throw error;
      settled.push({ id, why: error.message });
    }
  }
  return settled;
}

function viewOf({ id, body: _, ...message }: DeadMessage) {
  return { ...message, id: BigInt(id) };
}

/** A body as people read it. */
function bodyText(node: Node, { component, method, body }: DeadMessage): string {
  const service = node.components().find(({ name }) => name === component)?.component.service;
  const contract = service && contractOf(service);
  const of = contract && [...contract.methods.values()].find(({ name }) => name === method);
  if (contract === undefined || of === undefined) return base64Encode(body);
  try {
    const value = of.request.decode(body);
    if (value instanceof Uint8Array) return base64Encode(value);
    const { source } = contract;
    if (source.kind === "schema") return JSON.stringify(value) ?? "";
    const input = source.service.methods.find(({ name }) => name === method)?.input;
    return input === undefined ? base64Encode(body) : JSON.stringify(toJson(input, value as Message));
  } catch (error) {
    return `${base64Encode(body)} (${messageOf(error)})`;
  }
}
