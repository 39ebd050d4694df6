libcvmdeck_a_SOURCES += \
	src/chain/allowlist.c src/chain/reader.c src/chain/reader.h \
	src/chain/call.c src/chain/call.h \
	src/chain/lookup.c src/chain/send.c src/chain/send.h \
	src/chain/prepare.c src/chain/prepare.h \
	src/chain/receipt.c src/chain/receipt.h \
	src/chain/tx_state.c src/chain/tx_state.h \
	src/chain/abi.h src/chain/abi_decode.c src/chain/abi_describe.c src/chain/abi_encode.c \
	src/chain/abi_type.c src/chain/abi_type.h \
	src/chain/chains.c src/chain/chains.h \
	src/chain/account.c src/chain/account.h \
	src/chain/boot.c src/chain/boot.h \
	src/chain/contract.c src/chain/contract.h src/chain/contract_event.c src/chain/contract_revert.c \
	src/chain/ecdsa.c src/chain/ecdsa.h \
	src/chain/env_key.c src/chain/env_key.h \
	src/chain/keystore.c src/chain/keystore.h \
	src/chain/fees.c src/chain/fees.h \
	src/chain/multicall.c src/chain/multicall.h \
	src/chain/rlp.c src/chain/rlp.h \
	src/chain/safe.h src/chain/safe_multisend.c src/chain/safe_read.c src/chain/safe_sign.c src/chain/safe_tx.c \
	src/chain/safe_batch.c src/chain/safe_batch.h \
	src/chain/signer.c src/chain/signer.h src/chain/signer_key.c src/chain/signer_keystore.c \
	src/chain/signer_parts.h src/chain/signer_rpc.c \
	src/chain/tx.c src/chain/tx.h \
	src/chain/types.c src/chain/types.h \
	src/chain/u256.c src/chain/u256.h src/chain/u256_text.c
