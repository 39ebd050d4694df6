// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// The address of the code behind a proxy, where ERC-1967 says it lies.
library ImplementationSlot {
    bytes32 internal constant SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    function load() internal view returns (address code) {
        bytes32 slot = SLOT;
        assembly {
            code := sload(slot)
        }
    }

    function store(address code) internal {
        bytes32 slot = SLOT;
        assembly {
            sstore(slot, code)
        }
    }

    function run(address code, bytes memory data) internal {
        (bool done, bytes memory answer) = code.delegatecall(data);
        if (!done) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// A proxy with nothing of its own but the slot.
contract Proxy {
    event Upgraded(address indexed implementation);

    constructor(address code, bytes memory setup) payable {
        require(code.code.length > 0, "no code");
        ImplementationSlot.store(code);
        emit Upgraded(code);
        if (setup.length > 0) ImplementationSlot.run(code, setup);
    }

    receive() external payable {}

    fallback() external payable {
        address code = ImplementationSlot.load();
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), code, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch done
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}

/// What a contract behind the proxy needs to be replaced (ERC-1822).
abstract contract Upgradeable {
    event Upgraded(address indexed implementation);

    function _authorizeUpgrade() internal virtual;

    function proxiableUUID() external pure returns (bytes32) {
        return ImplementationSlot.SLOT;
    }

    function upgradeToAndCall(address code, bytes calldata data) external payable {
        _authorizeUpgrade();
        require(Upgradeable(code).proxiableUUID() == ImplementationSlot.SLOT, "not upgradeable");
        ImplementationSlot.store(code);
        emit Upgraded(code);
        if (data.length > 0) ImplementationSlot.run(code, data);
    }
}
