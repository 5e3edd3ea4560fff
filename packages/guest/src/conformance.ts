/** The suite that a mechtron in every language passes, ours or not, under every host. */
import { failedReply, type GuestReply, type GuestRequest, guestReply, guestRequest } from "./guest-message.ts";
import { STATE_SERVICE } from "./names.ts";

/** Registers a test, as `test` of `node:test` does. */
export type GuestTestFunction = (name: string, run: () => Promise<void>) => unknown;

/** A mechtron that is being tested. */
export interface TestedGuest {
  handle(request: GuestRequest): Promise<GuestReply>;
  close(): Promise<void>;
}

/** What a host of the tested mechtron is asked, and hears. */
export interface TestedHost {
  /** Answers what the mechtron calls. */
  call(request: GuestRequest): Promise<GuestReply>;
  /** Hears its lines; 0 debug, 1 info, 2 warn, 3 error. */
  log(level: number, text: string): void;
  /** What the host's clock says, in ms since 1970. */
  readonly nowMs: number;
}

/** How the suite gets at a mechtron that serves `conformance`. */
export interface GuestHarness {
  readonly test: GuestTestFunction;
  /** What the names of the tests begin with. */
  readonly name: string;
  open(host: TestedHost): Promise<TestedGuest>;
}

const OCTETS = "application/octet-stream";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Case {
  readonly name: string;
  readonly request: Partial<GuestRequest>;
  readonly expected: Partial<GuestReply>;
  readonly lines?: readonly string[];
  readonly calls?: readonly string[];
}

const failureOf = (code: string, message: string, reason = "") =>
  failedReply({ code, message, reason, definite: true });

const CASES: readonly Case[] = [
  { name: "echoes a body", request: { method: "echo", body: text("Oslo") }, expected: { body: text("Oslo") } },
  { name: "echoes every byte", request: { method: "echo", body: allBytes() }, expected: { body: allBytes() } },
  { name: "echoes nothing", request: { method: "echo" }, expected: {} },
  {
    name: "echoes a body larger than a page of memory",
    request: { method: "echo", body: text("x".repeat(300_000)) },
    expected: { body: text("x".repeat(300_000)) },
  },
  { name: "reverses a body", request: { method: "reverse", body: text("abc") }, expected: { body: text("cba") } },
  { name: "tells the agent", request: { method: "agent", agent: "Åse" }, expected: { body: text("Åse") } },
  { name: "tells the time it was given", request: { method: "now" }, expected: { body: text("1767225600123") } },
  {
    name: "declares an error",
    request: { method: "fail", body: text("Atlantis") },
    expected: failureOf("not_found", 'Cannot find "Atlantis": no such thing'),
  },
  {
    name: "refuses a method that it has not",
    request: { method: "absent" },
    expected: failureOf("unimplemented", 'Cannot answer "conformance.absent": the mechtron has no such method'),
  },
  {
    name: "calls a service",
    request: { method: "relay", body: text("ab") },
    expected: { body: text("abab") },
    calls: ["peer.double ab"],
  },
  {
    name: "calls a service many times in one message",
    request: { method: "relayThrice", body: text("a") },
    expected: { body: text("aaaaaaaa") },
    calls: ["peer.double a", "peer.double aa", "peer.double aaaa"],
  },
  {
    name: "passes on the failure of a call",
    request: { method: "relay", body: text("cycle") },
    expected: failureOf("failed_precondition", "came back", "call_cycle"),
    calls: ["peer.double cycle"],
  },
  {
    name: "writes lines",
    request: { method: "log", body: text("æøå") },
    expected: {},
    lines: ["0 æøå", "1 æøå", "2 æøå", "3 æøå"],
  },
  {
    name: "answers HTTP",
    request: { service: "", method: "PUT", path: "/a/b?c=d", headers: [["x-one", "1"]], body: text("body") },
    expected: {
      status: 201,
      headers: [
        ["x-one", "1"],
        ["x-guest", "yes"],
      ],
      contentType: "text/plain",
      body: text("PUT /a/b?c=d body"),
    },
  },
];

/** Registers the tests of one mechtron; the template `conformance` of each language passes them. */
export function testGuest(harness: GuestHarness): void {
  for (const one of CASES) {
    harness.test(`${harness.name}: ${one.name}`, () => runCase(harness, one));
  }
  harness.test(`${harness.name}: keeps its state with its host`, async () => {
    const { guest, state } = await openBeside(harness);
    const remember = async (body: string) => {
      const request = guestRequest({
        service: "conformance",
        method: "remember",
        contentType: OCTETS,
        body: text(body),
      });
      return decoder.decode((await guest.handle(request)).body);
    };
    assertSame(await remember("a"), "nothing", "state before anything was set");
    assertSame(await remember("b"), "a", "state");
    assertSame(decoder.decode(state.get("last")), "b", "state at its host");
    assertSame(await remember(""), "b", "state");
    assertSame(state.size, 0, "number of keys after the only one was deleted");
    assertSame(await remember("c"), "nothing", "state after it was deleted");
    await guest.close();
  });
  harness.test(`${harness.name}: answers 2,000 messages one after another, with the same memory`, async () => {
    const { guest } = await openBeside(harness);
    for (let count = 0; count < 2_000; count++) {
      const body = text(`${count}`.repeat(1_000));
      const reply = await guest.handle(
        guestRequest({ service: "conformance", method: "echo", contentType: OCTETS, body }),
      );
      assertSame(decoder.decode(reply.body), decoder.decode(body), "body");
    }
    await guest.close();
  });
}

async function runCase(harness: GuestHarness, one: Case): Promise<void> {
  const { guest, lines, calls, nowMs } = await openBeside(harness);
  const whole = { service: "conformance", contentType: OCTETS, nowMs, ...one.request };
  const reply = await guest.handle(guestRequest(whole));
  await guest.close();
  const expected = guestReply({ ...one.expected });
  assertSame(reply.failure && textOfFailure(reply), expected.failure && textOfFailure(expected), "failure");
  if (expected.failure !== undefined) return;
  assertSame(reply.status, expected.status, "status");
  assertSame(JSON.stringify(reply.headers), JSON.stringify(expected.headers), "headers");
  assertSame(hexOf(reply.body), hexOf(expected.body), "body");
  if (expected.contentType !== "") assertSame(reply.contentType, expected.contentType, "content type");
  assertSame(lines.join("\n"), (one.lines ?? []).join("\n"), "lines");
  assertSame(calls.join("\n"), (one.calls ?? []).join("\n"), "calls");
}

async function openBeside(harness: GuestHarness) {
  const lines: string[] = [];
  const calls: string[] = [];
  const state = new Map<string, Uint8Array>();
  const nowMs = Date.UTC(2026, 0, 1, 0, 0, 0, 123);
  const guest = await harness.open({
    nowMs,
    log: (level, line) => lines.push(`${level} ${line}`),
    call: async ({ service, method, path, body }) => {
      if (service === STATE_SERVICE) return answerState(state, { method, path, body });
      const said = decoder.decode(body);
      calls.push(`${service}.${method} ${said}`);
      if (said === "cycle") {
        return failedReply({ code: "failed_precondition", message: "came back", reason: "call_cycle" });
      }
      return guestReply({ contentType: OCTETS, body: text(said + said) });
    },
  });
  return { guest, lines, calls, state, nowMs };
}

function answerState(
  state: Map<string, Uint8Array>,
  { method, path, body }: Pick<GuestRequest, "method" | "path" | "body">,
): GuestReply {
  if (method === "set") state.set(path, body.slice());
  if (method === "delete") state.delete(path);
  if (method !== "get") return guestReply({});
  const value = state.get(path);
  if (value === undefined) return failedReply({ code: "not_found", message: `Cannot get "${path}"` });
  return guestReply({ contentType: OCTETS, body: value });
}

function textOfFailure({ failure }: GuestReply): string {
  return failure === undefined ? "" : `${failure.code} [${failure.reason}] ${failure.message}`;
}

function assertSame(found: unknown, expected: unknown, what: string): void {
  if (found === expected) return;
  const cut = (value: unknown) => JSON.stringify(value)?.slice(0, 300);
  throw new Error(`Cannot accept the mechtron: its ${what} is ${cut(found)}, the suite expects ${cut(expected)}`);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function text(value: string): Uint8Array {
  return encoder.encode(value);
}

function allBytes(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, index) => index);
}
