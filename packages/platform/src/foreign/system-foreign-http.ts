import { OrreryError } from "@orrery/core";
import { Agent, request } from "undici";
import { type HttpMethod, httpCallOf } from "./http-call.ts";
import { faultOf } from "./http-fault.ts";
import { FOREIGN_REPLY_BYTES_MAX } from "./limits.ts";

/** A call that is made of a foreign program. */
export interface ForeignCall {
  /** Service and method, for errors. */
  readonly name: string;
  readonly method: HttpMethod;
  readonly request: Readonly<Record<string, unknown>>;
  /** In whose name it is made; the program is told. */
  readonly agent: string;
  readonly signal: AbortSignal;
}

/** Calls programs by plain HTTP, with JSON both ways. */
export interface ForeignHttp extends AsyncDisposable {
  /** @throws OrreryError as the status says, `unavailable` where nobody answers, `internal` for an answer that is no JSON */
  call(url: string, call: ForeignCall): Promise<unknown>;
  /** Items of an answer in lines of JSON, as they come. @throws as `call` */
  stream(url: string, call: ForeignCall): AsyncGenerator<unknown>;
}

/** Makes what calls, by a socket where one is named, whatever the address says. It follows no redirects. */
export function createForeignHttp(socketPath?: string): ForeignHttp {
  const connect = socketPath === undefined ? {} : { connect: { socketPath } };
  const dispatcher = new Agent({ pipelining: 1, maxResponseSize: FOREIGN_REPLY_BYTES_MAX, ...connect });
  const open = async (url: string, { name, method, request: said, agent, signal }: ForeignCall) => {
    const { verb, path, body } = httpCallOf(method, said);
    const headers = {
      accept: "application/json, application/x-ndjson",
      "orrery-agent": agent,
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const sent = { method: verb as "GET", headers, signal, dispatcher, ...(body !== undefined && { body }) };
    const answer = await request(`${url}${path}`, sent).catch((cause: unknown) => {
      throw signal.aborted ? cause : unanswered(name, cause);
    });
    if (answer.statusCode < 300) return answer;
    throw faultOf(name, answer.statusCode, await answer.body.text().catch(() => ""));
  };
  return {
    call: async (url, call) => {
      const answer = await open(url, call);
      const text = await answer.body.text().catch((cause: unknown) => {
        throw call.signal.aborted ? cause : unanswered(call.name, cause);
      });
      return text.trim() === "" ? {} : jsonOf(call.name, text);
    },
    async *stream(url, call) {
      const answer = await open(url, call);
      let rest = "";
      for await (const piece of answer.body.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + piece).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.trim() !== "") yield jsonOf(call.name, line);
      }
      if (rest.trim() !== "") yield jsonOf(call.name, rest);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function unanswered(name: string, cause: unknown): OrreryError {
  const why = (cause as { readonly code?: string }).code ?? (cause as Error).message;
  return new OrreryError("unavailable", `Cannot call "${name}": its program does not answer (${why})`, { cause });
}

/** Keeps integers that a number would not hold, as protobuf's JSON has them: as texts. */
function exact(_key: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text, exact);
  } catch (cause) {
    throw new OrreryError("internal", `Cannot call "${name}": what its program answered is no JSON`, { cause });
  }
}
