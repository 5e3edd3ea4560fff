/**
 * Parses comma-separated text (RFC 4180) whose first line names the columns: one object for each further line, by column.
 * Quoted fields may hold commas and doubled quotes, but no line break: no file of ours has one.
 * @throws Error naming the line that has another number of fields than the first.
 */
export function parseCsv(text: string): Record<string, string>[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const columns = fieldsOf(lines[0] ?? "");
  return lines.slice(1).map((line, index) => {
    const fields = fieldsOf(line);
    if (fields.length !== columns.length)
      throw new Error(`Cannot read line ${index + 2}: it has ${fields.length} fields, ${columns.length} are named`);
    return Object.fromEntries(columns.map((column, at) => [column, fields[at] ?? ""]));
  });
}

const FIELD = /,(?:"((?:[^"]|"")*)"|([^,"]*))/g;

function fieldsOf(line: string): string[] {
  return [...`,${line}`.matchAll(FIELD)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
