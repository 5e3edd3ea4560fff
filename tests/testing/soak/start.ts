// npm run soak [-- --minutes=20 --seed=N --every=MS]: hosts under load, to which harm is done; writes docs/reference/soak.md.
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { whyNoHosts } from "../hosts/lab.ts";
import { type Memory, runSoak, type SoakReport } from "./soak.ts";

const PAGE = new URL("../../../docs/reference/soak.md", import.meta.url);

const numberOf = (name: string, other: number): number => {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`));
  return found === undefined ? other : Number(found.slice(name.length + 3));
};
const minutes = numberOf("minutes", 20);
const seed = numberOf("seed", Date.now() % 1_000_000);
const everyMs = numberOf("every", 10);

const why = whyNoHosts();
if (why !== undefined) {
  process.stderr.write(`Cannot soak: ${why}\n`);
  process.exit(1);
}
const ends: (() => unknown)[] = [];
const beganMs = performance.now();
const onProgress = (text: string) =>
  process.stdout.write(`${((performance.now() - beganMs) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
try {
  const report = await runSoak(
    { after: (does) => void ends.unshift(does as () => unknown) },
    { forMs: minutes * 60_000, seed, everyMs, onProgress },
  );
  const text = describe(report);
  process.stdout.write(`${text}\n`);
  writeFileSync(PAGE, text);
  process.exitCode = report.ended === report.begun && report.twice === 0 && report.lost.length === 0 ? 0 : 1;
} finally {
  for (const end of ends) await end();
}

function describe(report: SoakReport): string {
  const { begun, ended, twice, acknowledged, lost, repeated, longestMs, memory } = report;
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `| ${what} | ${count.toLocaleString("en-US")} |`)
      .join("\n");
  const grown = (of: (memory: Memory) => number) =>
    memory.map(({ early, late }) => `${mib(of(early))} to ${mib(of(late))}`).join(", ");
  return `# The soak

\`\`\`sh
npm run soak -- --minutes=${minutes} --seed=${seed}
\`\`\`

writes this page. Three hosts, which are network namespaces, run \`orrery supervise\` with three component processes each. Two processes on a fourth
send a message every ${everyMs} ms each: calls, calls whose handler calls on, and one-way messages that are kept. Meanwhile, every 1 to 4 s, something
is done to a host, at random.

| what was done | times |
|---|---:|
${rows(report.harm)}

In ${report.seconds} s, ${begun.toLocaleString("en-US")} messages were sent, ${ended.toLocaleString("en-US")} ended, ${twice} of them twice. The longest took ${(longestMs / 1000).toFixed(1)} s, of the 3 s that each had. Of ${acknowledged.toLocaleString("en-US")}
acknowledged one-way messages ${lost.length} were never handled, and ${repeated} more than once. Heap of the two senders after a
collection, a minute after the beginning and at the end: ${grown(({ heapBytes }) => heapBytes)}; beside it compiled code, ${grown(({ codeBytes }) => codeBytes)}.

| how messages ended | |
|---|---:|
${rows(report.ends)}

${availableParallelism()} cores, ${process.platform}, Node ${process.versions.node}
`;
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}
