// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// Who provides, and where: each provider says it of itself. It vouches for nothing; quotes are signed, and what backs them is in the leases.
contract ProviderRegistry {
    using EnumerableSet for EnumerableSet.AddressSet;

    uint256 public constant URL_BYTES_MAX = 256;
    uint256 public constant PAGE_MAX = 100;

    struct Provider {
        address provider;
        /// Where it answers.
        string url;
        /// Digest of its profile, which is at its address.
        bytes32 profile;
    }

    EnumerableSet.AddressSet private _all;
    mapping(address provider => Provider) private _providers;

    event Registered(address indexed provider, string url, bytes32 profile);
    event Unregistered(address indexed provider);

    error BadUrl(uint256 bytesLong);
    error NotRegistered(address provider);

    /// Says where the caller provides, in the place of what it said before.
    function register(string calldata url, bytes32 profile) external {
        uint256 length = bytes(url).length;
        if (length == 0 || length > URL_BYTES_MAX) revert BadUrl(length);
        _providers[msg.sender] = Provider({provider: msg.sender, url: url, profile: profile});
        _all.add(msg.sender);
        emit Registered(msg.sender, url, profile);
    }

    /// The caller provides no more.
    function unregister() external {
        if (!_all.remove(msg.sender)) revert NotRegistered(msg.sender);
        delete _providers[msg.sender];
        emit Unregistered(msg.sender);
    }

    function providerOf(address provider) external view returns (Provider memory) {
        if (!_all.contains(provider)) revert NotRegistered(provider);
        return _providers[provider];
    }

    function count() external view returns (uint256) {
        return _all.length();
    }

    /// A page of them, at most `PAGE_MAX`; the order changes when one leaves.
    function page(uint256 from, uint256 limit) external view returns (Provider[] memory found) {
        uint256 length = _all.length();
        uint256 size = limit < PAGE_MAX ? limit : PAGE_MAX;
        uint256 end = from >= length ? from : (length - from < size ? length : from + size);
        found = new Provider[](end - from);
        for (uint256 index = from; index < end; index++) {
            found[index - from] = _providers[_all.at(index)];
        }
    }
}
