/** Adds a label to each sample of metrics as Prometheus reads them, and leaves the rest as it is. */
export function labelled(text: string, label: string): string {
  return text
    .split("\n")
    .map((line) => {
      if (line === "" || line.startsWith("#")) return line;
      const brace = line.indexOf("{");
      if (brace >= 0) return `${line.slice(0, brace + 1)}${label},${line.slice(brace + 1)}`;
      const blank = line.indexOf(" ");
      return `${line.slice(0, blank)}{${label}}${line.slice(blank)}`;
    })
    .join("\n");
}

/** Puts metrics of several processes together: what is said of each name comes once, and its samples behind it. */
export function mergedMetrics(texts: readonly string[]): string {
  const heads = new Map<string, string[]>();
  const samples = new Map<string, string[]>();
  for (const text of texts) {
    let family = "";
    for (const line of text.split("\n").filter((one) => one !== "" && one !== "# EOF")) {
      if (line.startsWith("#")) {
        family = line.split(" ")[2] ?? "";
        const known = heads.get(family) ?? [];
        if (!known.includes(line)) heads.set(family, [...known, line]);
      } else samples.set(family, [...(samples.get(family) ?? []), line]);
    }
  }
  return [...heads].map(([family, lines]) => [...lines, ...(samples.get(family) ?? []), ""].join("\n")).join("");
}

/** Messages that came to a process and have ended, by its metrics, those of its operators left out. */
export function countsOf(text: string): { readonly requests: number; readonly errors: number } {
  let [requests, errors] = [0, 0];
  for (const line of text.split("\n")) {
    const [, labels = "", value = "0"] = /^orrery_handled_total\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (labels === "" || labels.includes('component="orrery.operate.')) continue;
    requests += Number(value);
    if (!labels.includes('outcome="reply"')) errors += Number(value);
  }
  return { requests, errors };
}
