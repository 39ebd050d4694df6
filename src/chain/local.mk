libcvmdeck_a_SOURCES += \
	src/chain/abi.h src/chain/abi_decode.c src/chain/abi_encode.c \
	src/chain/abi_type.c src/chain/abi_type.h \
	src/chain/ecdsa.c src/chain/ecdsa.h \
	src/chain/rlp.c src/chain/rlp.h \
	src/chain/tx.c src/chain/tx.h \
	src/chain/types.c src/chain/types.h \
	src/chain/u256.c src/chain/u256.h src/chain/u256_text.c
