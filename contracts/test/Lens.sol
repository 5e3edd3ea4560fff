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
        for (uint256 index = 0; index < names.length; index++) {
            found[index] = leases.leaseOf(names[index]);
        }
        owned = new Owned[](accounts.length);
        for (uint256 index = 0; index < accounts.length; index++) {
            (uint128 free, uint128 locked, uint128 unbonding, uint40 unbondedAt) = leases.stakeOf(accounts[index]);
            owned[index] = Owned({
                balance: leases.balanceOf(accounts[index]), free: free, locked: locked, unbonding: unbonding, unbondedAt: unbondedAt
            });
        }
    }
}
