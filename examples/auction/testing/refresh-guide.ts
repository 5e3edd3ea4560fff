// Puts what the commands of the guide print now into the guide.
import { readFileSync, writeFileSync } from "node:fs";
import { commandsOf, GUIDE, runCommand } from "./guide.ts";

let guide = readFileSync(GUIDE, "utf8");
for (const { command, output } of commandsOf(guide)) {
  const before = `\`\`\`sh\n${command}\n\`\`\`\n\n\`\`\`text\n`;
  guide = guide.replace(`${before}${output}`, () => `${before}${runCommand(command)}`);
}
writeFileSync(GUIDE, guide);
