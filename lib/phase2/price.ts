/** Money for a million tokens of `input` and of `output`, in the configuration's currency. */
export interface Price {
  input: number;
  output: number;
}

/**
 * What a model is taken to cost where the configuration states no price: the order of what hosted
 * models of middling size were listed at in 2025, in USD. Only estimates use it, and they name it.
 */
export const ASSUMED_PRICE: Readonly<Price> = { input: 1, output: 4 };

export function costOf(tokens: { input: number; output: number }, price: Price): number {
  return (tokens.input * price.input + tokens.output * price.output) / 1e6;
}

/**
 * An estimate in words: "at most about 1.28", below a hundredth with four places; where its price is
 * assumed it names that.
 */
export function formatCost(cost: number, assumed: Readonly<Price> | null): string {
  const most = `at most about ${cost.toFixed(cost < 0.01 ? 4 : 2)}`;
  return assumed === null
    ? most
    : `${most}, at an assumed ${assumed.input} in and ${assumed.output} out for a million tokens`;
}
