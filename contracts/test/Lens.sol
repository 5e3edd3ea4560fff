// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leases} from "../src/Leases.sol";

/// Reads all that some accounts and leases have in one call, for tests.
contract Lens {
    struct Owned {
        uint256 balance;
        uint128 free;
        uint128 locked;
        uint128 unbonding;
        uint40 unbondedAt;
    }

    function look(Leases leases, bytes32[] calldata names, address[] calldata accounts)
        external
        view
        returns (uint256 held, Leases.Lease[] memory found, Owned[] memory owned)
    {
        held = leases.token().balanceOf(address(leases));
        found = new Leases.Lease[](names.length);
        for (uint256 at = 0; at < names.length; at++) found[at] = leases.leaseOf(names[at]);
        owned = new Owned[](accounts.length);
        for (uint256 at = 0; at < accounts.length; at++) {
            (uint128 free, uint128 locked, uint128 unbonding, uint40 unbondedAt) = leases.stakeOf(accounts[at]);
            owned[at] = Owned(leases.balanceOf(accounts[at]), free, locked, unbonding, unbondedAt);
        }
    }
}
