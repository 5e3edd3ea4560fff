/** An amount of a currency. */
export interface Money {
  /** In the smallest unit, such as cents. */
  readonly amount: number;
  /** ISO 4217, in small letters. */
  readonly currency: string;
}

/** Reads an amount such as `35 USD` or `0.50 EUR`; gives nothing for what is none, or has more digits than its currency. */
export function parseMoney(text: string): Money | undefined {
  const [, whole = "", part = "", code = ""] = /^(\d{1,9})(?:\.(\d{1,4}))? ([A-Z]{3})$/.exec(text) ?? [];
  if (!Intl.supportedValuesOf("currency").includes(code)) return undefined;
  const digits = digitsOf(code);
  if (part.length > digits) return undefined;
  return { amount: Number(whole + part.padEnd(digits, "0")), currency: code.toLowerCase() };
}

/** Writes an amount as people read it, such as `35.00 USD`. */
export function printMoney({ amount, currency }: Money): string {
  const code = currency.toUpperCase();
  const digits = digitsOf(code);
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  const cut = text.length - digits;
  return `${amount < 0 ? "-" : ""}${text.slice(0, cut)}${digits === 0 ? "" : `.${text.slice(cut)}`} ${code}`;
}

function digitsOf(code: string): number {
  return (
    new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions().maximumFractionDigits ?? 2
  );
}
