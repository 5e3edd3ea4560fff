import {
  type Account,
  type Digest,
  domainOf,
  LEASE_TYPES,
  type SignedVoucher,
  signVoucher,
  takeVoucher,
} from "@orrery/market";
import { hashTypedData, recoverAddress, recoverTypedDataAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const LEASE: Digest = `0x${"5".repeat(64)}`;

/** The same vouchers, verified three ways: by what a provider does, and by what it stands on. Each gives how many. */
export async function openVouchers(count: number) {
  const key = privateKeyToAccount(generatePrivateKey());
  const domain = { chainId: 31_337, contract: "0x00000000000000000000000000000000000ea5e5" as Account };
  const publisher = key.address.toLowerCase() as Account;
  const vouchers: SignedVoucher[] = [];
  for (let total = 1; total <= count; total++)
    vouchers.push(await signVoucher({ lease: LEASE, total: BigInt(total), upTo: total }, { key, domain }));
  const typedOf = ({ lease, total, upTo, signature }: SignedVoucher) =>
    ({
      domain: domainOf(domain),
      types: LEASE_TYPES,
      primaryType: "Voucher",
      signature,
      message: { lease, total, upTo },
    }) as const;
  const hashed = vouchers.map((voucher) => ({ hash: hashTypedData(typedOf(voucher)), signature: voucher.signature }));
  const assertSigner = (signer: string) => {
    if (signer.toLowerCase() !== publisher) throw new Error(`${signer} signed it, not ${publisher}`);
  };
  return {
    taken: async () => {
      let held: SignedVoucher | undefined;
      for (const voucher of vouchers) held = await takeVoucher(held, voucher, { lease: LEASE, publisher, domain });
      return count;
    },
    typed: async () => {
      for (const voucher of vouchers) assertSigner(await recoverTypedDataAddress(typedOf(voucher)));
      return count;
    },
    curve: async () => {
      for (const one of hashed) assertSigner(await recoverAddress(one));
      return count;
    },
  };
}
