import { auctionOf } from "../scenario.ts";
import bidding from "./bidding.ts";

export default auctionOf(bidding);
