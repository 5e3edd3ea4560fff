/** The mechtron that the conformance suite asks, in AssemblyScript. */
import { call, DEBUG, ERROR, Header, log, Reply, Request, serve, stateDelete, stateGet, stateSet } from "../../assembly";

export { orrery_abi, orrery_alloc, orrery_free } from "../../assembly";

export function orrery_handle(pointer: usize, length: i32): u64 {
  return serve(pointer, length, answer);
}

function answer(request: Request): Reply {
  if (request.service.length == 0) return page(request);
  const method = request.method;
  if (method == "echo") return Reply.of(request.body);
  if (method == "reverse") return Reply.of(request.body.reverse());
  if (method == "agent") return Reply.of(bytes(request.agent));
  if (method == "now") return Reply.of(bytes(request.nowMs.toString()));
  if (method == "fail") return Reply.failed("not_found", 'Cannot find "' + text(request.body) + '": no such thing');
  if (method == "relay") return call("peer", "double", request.body);
  if (method == "relayThrice") {
    const twice = call("peer", "double", call("peer", "double", request.body).body);
    return call("peer", "double", twice.body);
  }
  if (method == "remember") return remember(request.body);
  if (method == "log") {
    for (let level = DEBUG; level <= ERROR; level++) log(level, text(request.body));
    return new Reply();
  }
  const name = request.service + "." + method;
  return Reply.failed("unimplemented", 'Cannot answer "' + name + '": the mechtron has no such method');
}

/** Gives what was remembered last, and remembers the body; forgets where there is none. */
function remember(body: Uint8Array): Reply {
  const last = stateGet("last");
  const changed = body.length > 0 ? stateSet("last", body) : stateDelete("last");
  if (changed.code.length > 0) return changed;
  return Reply.of(last === null ? bytes("nothing") : last);
}

function page(request: Request): Reply {
  const reply = Reply.of(bytes(request.method + " " + request.path + " " + text(request.body)));
  reply.status = 201;
  reply.headers = request.headers.concat([new Header("x-guest", "yes")]);
  reply.contentType = "text/plain";
  return reply;
}

function bytes(value: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(value));
}

function text(value: Uint8Array): string {
  return String.UTF8.decodeUnsafe(value.dataStart, value.length);
}
