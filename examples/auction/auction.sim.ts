import bidding from "./bidding.ts";
import { auctionOf } from "./scenario.ts";

export default auctionOf(bidding);
