/** Gives this process, or this thread of it, other variables: those that are not named are gone. */
export function replaceVariables(variables: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) if (variables[name] === undefined) delete process.env[name];
  for (const [name, text] of Object.entries(variables)) if (text !== undefined) process.env[name] = text;
}
