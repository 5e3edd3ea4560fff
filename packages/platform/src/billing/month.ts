/**
 * The moment so many months after another: same day and time of UTC, and the last day of a month that is too short for it. Counted from the
 * first moment each time, what began on January 31 goes on at February 28 and March 31.
 */
export function monthsAfter(at: number, months: number): number {
  const from = new Date(at);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  return Date.UTC(year, month, day) + (at - Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()));
}
