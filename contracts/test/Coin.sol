// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token of no worth, for benches: anybody mints.
contract Coin is ERC20 {
    constructor() ERC20("Bench coin", "COIN") {}

    /// As those have that are paid with most: rates are below 2^64 billionths of a base unit a second.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
