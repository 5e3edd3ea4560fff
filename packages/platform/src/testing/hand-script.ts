/** Bytes of a script whose `handle` has this body; it may use `method`, `body` and `host`, and gives what it replies. */
export function handScript(body: string, before = ""): Uint8Array {
  return new TextEncoder().encode(`${before}
    export default {
      abi: 1,
      async handle(head, body, host) {
        const { method } = JSON.parse(head);
        const said = await (async () => { ${body} })();
        return { head: '{"contentType":"text/plain"}', body: String(said ?? "") };
      },
    };`);
}

/** Instructions of a script that calls a method of its host, and gives the reply's head as an object. */
export const CALL = `const call = async (service, method, body = "") =>
  JSON.parse((await host.call(JSON.stringify({ service, method, contentType: "application/json" }), body)).head);`;
