/** Whether a bid is higher than what a lot stands at. */
export function outbids(price: number, lot: { readonly price: number }): boolean {
  return price > lot.price;
}
