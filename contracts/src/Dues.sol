// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Terms} from "./Terms.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// What is owed under terms: pure, and the same as the model in TypeScript. Rates are at most 64 bits, times 40 and factors 16, so that
/// nothing here can overflow 256 bits. Rates are billionths of a base unit, so that coins of few decimals can pay for small things; what is
/// paid is rounded up once, of all seconds together, and a penalty down.
library Dues {
    uint256 internal constant SCALE = 1e9;

    /// The most that so many seconds of proven service may cost.
    function cap(Terms calldata terms, uint256 covered) internal pure returns (uint256) {
        return Math.ceilDiv((uint256(terms.rate) + terms.usageCap) * covered, SCALE);
    }

    /// What so many seconds of proven service cost at least.
    function base(Terms calldata terms, uint256 covered) internal pure returns (uint256) {
        return Math.ceilDiv(uint256(terms.rate) * covered, SCALE);
    }

    /// What the provider forfeits for so many seconds of darkness, where it earned so much: nothing within grace, then more a second with
    /// each tier, and never more than the bond.
    function penalty(Terms calldata terms, uint256 dark, uint256 earned) internal pure returns (uint256 due) {
        if (dark <= terms.grace) return 0;
        uint256 left = dark - terms.grace;
        uint256 first = left < terms.tier1 ? left : terms.tier1;
        left -= first;
        uint256 second = left < terms.tier2 ? left : terms.tier2;
        left -= second;
        due = (uint256(terms.rate) * (first * terms.factor1 + second * terms.factor2 + left * terms.factor3)) / SCALE;
        if (due > terms.bond) due = terms.bond;
        if (terms.earningsFactor != 0 && due > earned * terms.earningsFactor) due = earned * terms.earningsFactor;
    }
}
