/** Dollars as decimal texts, added and compared exactly: billionths in whole numbers, and no float on the way. */

const AMOUNT = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/;
const PLACES = 9;

/** Billionths of a dollar. Throws for what is no amount: the hub sends none such. */
export function billionths(usd: string): bigint {
  const [, sign, whole, fraction = ""] = AMOUNT.exec(usd) ?? [];
  if (whole === undefined) throw new Error(`Not an amount in dollars: ${usd}`);
  const size = BigInt(whole + fraction.padEnd(PLACES, "0"));
  return sign === "-" ? -size : size;
}

/** The shortest decimal text of an amount. */
export function dollars(billionths: bigint): string {
  const digits = (billionths < 0n ? -billionths : billionths).toString().padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  return `${billionths < 0n ? "-" : ""}${digits.slice(0, -PLACES)}${fraction && `.${fraction}`}`;
}

/** The sum of those that are known, or null where none is. */
export function sum(amounts: Iterable<string | null>): string | null {
  let total: bigint | null = null;
  for (const amount of amounts) if (amount !== null) total = (total ?? 0n) + billionths(amount);
  return total === null ? null : dollars(total);
}

type Typed = { amount: string; error: null } | { amount: null; error: string };

/** What may be typed beside an amount above zero. */
export interface Allowed {
  /** Below zero it is taken away. */
  signed?: boolean;
  zero?: boolean;
}

/** What someone typed, as the API takes it: at most seven digits and nine decimals, no exponent, no rounding. */
export function typedAmount(text: string, { signed = false, zero = false }: Allowed = {}): Typed {
  const plain = text.trim().replace(/^(-?)\s*\$\s*/, "$1");
  const refuse = (error: string): Typed => ({ amount: null, error });
  if (plain === "") return refuse("Type an amount in dollars.");
  if (/^-?\d+,\d{1,2}$/.test(plain)) return refuse("Write the decimals after a point, such as 12.50.");
  const match = /^(-?)(\d{0,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/.exec(plain);
  const whole = (match?.[2] ?? "").replaceAll(",", "").replace(/^0+(?=\d)/, "");
  const fraction = match?.[3] ?? "";
  if (match === null || whole + fraction === "") return refuse("That is no amount. Write it as 12.50.");
  if (match[1] === "-" && !signed) return refuse("The amount must not be below zero.");
  if (whole.length > 7) return refuse("At most 9,999,999 dollars at once.");
  if (fraction.length > PLACES) return refuse("At most nine decimals.");
  const amount = dollars(billionths(`${match[1]}${whole || "0"}${fraction && `.${fraction}`}`));
  if (amount === "0" && !zero) return refuse("The amount must not be zero.");
  return { amount, error: null };
}
