/** Reads cores such as `1.5`, or thousandths of one such as `500m`; gives thousandths, or nothing where it is neither. */
export function parseCpu(said: string | number | boolean): number | undefined {
  const [, cores, thousandths] = /^(?:(\d{1,6}(?:\.\d{1,3})?)|(\d{1,9})m)$/.exec(String(said)) ?? [];
  if (thousandths !== undefined) return Number(thousandths);
  return cores === undefined ? undefined : Math.round(Number(cores) * 1_000);
}
