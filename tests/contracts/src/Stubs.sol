// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DstackApp} from "./DstackApp.sol";

/// Stands where Base has its oracle: 16 gas a byte at 1 gwei, with the 68 bytes of the signature. Keeps no state, so
/// its code alone can be put at the address.
contract GasPriceOracle {
    function getL1Fee(bytes calldata unsignedTransaction) external pure returns (uint256) {
        return (unsignedTransaction.length + 68) * 16 gwei;
    }

    function getL1FeeUpperBound(uint256 size) external pure returns (uint256) {
        return (size + 68) * 32 gwei;
    }

    function getOperatorFee(uint256) external pure returns (uint256) {
        return 0;
    }
}

/// An allowlist that anybody can make refuse: a transaction that was fine when it was simulated reverts when mined.
contract Reverter is DstackApp {
    bool public armed;

    error Refused(bytes32 composeHash);

    function arm(bool on) external {
        armed = on;
    }

    function addComposeHash(bytes32 composeHash) external override onlyOwner {
        if (armed) revert Refused(composeHash);
        _setComposeHash(composeHash, true);
    }
}

/// Code at an address, that answers nothing: a contract that is no app, and an owner that is no Safe.
contract Silent {
    receive() external payable {}
}
