import { paymentsAt } from "./payments.ts";

export default paymentsAt(2);
