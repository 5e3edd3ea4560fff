import { EventEmitter, once } from "node:events";

/** A debugger's side of the inspector protocol, as editors and browsers speak it. */
export interface Inspector extends Disposable {
  /** Asks and gives the result. @throws Error with the text of a refusal. */
  ask(method: string, params?: object): Promise<Record<string, unknown>>;
  /** Waits for an event from now on. */
  event(name: string): Promise<Record<string, unknown>>;
}

/** Connects to the inspector of a process, at the address that it writes when it starts with `--inspect`. */
export async function connectInspector(address: string): Promise<Inspector> {
  const socket = new WebSocket(address);
  const news = new EventEmitter();
  let asked = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error, method, params } = JSON.parse(String(data));
    news.emit(method ?? `answer ${id}`, params ?? { result, error });
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return {
    async ask(method, params = {}) {
      const id = ++asked;
      socket.send(JSON.stringify({ id, method, params }));
      const [{ result, error }] = await once(news, `answer ${id}`);
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
      return result;
    },
    async event(name) {
      const [params] = await once(news, name);
      return params;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
