// A mechtron as it is after its author has bundled it: it waits a moment, and writes the choice as its config says.
export default {
  abi: 1,
  async handle(_head, body, host) {
    const ask = (method, text) =>
      host.call(JSON.stringify({ service: "orrery.host", method, contentType: "application/json" }), text);
    await ask("sleep", JSON.stringify({ ms: Math.floor(Math.random() * 20) }));
    const { choice } = JSON.parse(body);
    const { upper } = JSON.parse((await ask("config", "")).body);
    const said = JSON.stringify({ choice: upper ? choice.toUpperCase() : choice });
    return { head: '{"contentType":"application/json"}', body: said };
  },
};
