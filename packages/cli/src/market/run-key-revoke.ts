import type { KeptArtifact } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { chooseArtifacts, openKeyRecord } from "./key-records.ts";
import { openKeyServices } from "./key-services.ts";
import { artifactText, stateOf } from "./key-words.ts";

/** Has nobody be given keys from now on: by this record first, then by the services that keep them. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const record = await openKeyRecord(input, terminal);
  const chosen = chooseArtifacts(await record.list(), word).filter((one) => stateOf(one) !== "renewed");
  const revoked: KeptArtifact[] = [];
  for (const { artifact } of chosen) revoked.push(await record.revoke(artifact));
  const told = await tellServices(revoked, input, terminal);
  if (input.text("output") === "json") {
    const facts = revoked.map(({ artifact, about, revokedAtMs }) => ({ artifact, about, revokedAtMs }));
    await terminal.write(`${JSON.stringify({ revoked: facts, services: told })}\n`);
    return EXIT.done;
  }
  for (const one of revoked) {
    const given = one.grants.filter(({ purpose }) => purpose === "run").length;
    await terminal.write(`Revoked the key of ${artifactText(one)}, ${one.artifact}\n`);
    if (given > 0) terminal.say(`It was given to ${given} pods; what they opened they may keep`);
  }
  for (const url of told) await terminal.write(`${url} gives it to nobody\n`);
  terminal.say(`Next: orrery key renew ${word}, to have it sealed anew under another key`);
  return EXIT.done;
}

async function tellServices(
  revoked: readonly KeptArtifact[],
  input: CommandInput,
  terminal: Terminal,
): Promise<readonly string[]> {
  const of = ({ grants }: KeptArtifact) => [
    ...input.texts("service"),
    ...grants.filter(({ purpose }) => purpose === "keep").map(({ who }) => who),
  ];
  const urls = [...new Set(revoked.flatMap(of))];
  if (urls.length === 0) return [];
  using services = await openKeyServices(input, terminal);
  for (const url of urls) {
    const calls = await services.open(url);
    for (const one of revoked) if (of(one).includes(url)) await calls.revoke({ artifact: one.artifact });
  }
  return urls;
}
