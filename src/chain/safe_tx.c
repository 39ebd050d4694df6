/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-712 hashes of a Safe's transaction, and the calls that carry one. */
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "chain/abi.h"
#include "chain/safe.h"

static const char domain_type[] = "EIP712Domain(uint256 chainId,address verifyingContract)";
static const char tx_type[] = "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
			      "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)";

/* Encodes what cannot fail: the types are written beside the values. */
static void encode(struct buf *out, const char *types, const struct abi_value *values, size_t count)
{
	if (!abi_encode(types, values, count, out, NULL))
		mem_die("a Safe's ABI types and values do not fit");
}

static void hash_struct(struct bytes32 *out, const char *type, const char *types, const struct abi_value *values, size_t count)
{
	struct buf text = BUF_INIT;
	struct bytes32 type_hash;

	abi_topic(&type_hash, type);
	buf_add(&text, type_hash.bytes, BYTES32_SIZE);
	encode(&text, types, values, count);
	hash_keccak256(out->bytes, buf_text(&text), text.len);
	buf_clear(&text);
}

static void hash_domain(struct bytes32 *out, uint64_t chain_id, const struct address *safe)
{
	const struct abi_value values[] = { abi_u64(chain_id), abi_address(safe) };

	hash_struct(out, domain_type, "uint256,address", values, 2);
}

static void hash_message(struct bytes32 *out, const struct safe_tx *tx)
{
	struct bytes32 data;

	hash_keccak256(data.bytes, tx->call.data_len ? tx->call.data : (const uint8_t *)"", tx->call.data_len);
	const struct abi_value values[] = {
		abi_address(&tx->call.to), abi_u256(&tx->call.value), abi_bytes32(&data),
		abi_u64(tx->call.operation), abi_u256(&tx->safe_tx_gas), abi_u256(&tx->base_gas),
		abi_u256(&tx->gas_price), abi_address(&tx->gas_token), abi_address(&tx->refund_receiver),
		abi_u256(&tx->nonce),
	};

	hash_struct(out, tx_type, "address,uint256,bytes32,uint8,uint256,uint256,uint256,address,address,uint256", values, 10);
}

void safe_tx_data(uint8_t out[SAFE_TX_DATA_SIZE], const struct safe_hashes *hashes)
{
	out[0] = 0x19;
	out[1] = 0x01;
	memcpy(out + 2, hashes->domain.bytes, BYTES32_SIZE);
	memcpy(out + 2 + BYTES32_SIZE, hashes->message.bytes, BYTES32_SIZE);
}

void safe_tx_hashes(struct safe_hashes *out, uint64_t chain_id, const struct address *safe, const struct safe_tx *tx)
{
	uint8_t data[SAFE_TX_DATA_SIZE];

	hash_domain(&out->domain, chain_id, safe);
	hash_message(&out->message, tx);
	safe_tx_data(data, out);
	hash_keccak256(out->tx.bytes, data, sizeof(data));
}

/* The ten arguments of getTransactionHash; execTransaction has the first nine. */
static void fill_arguments(struct abi_value out[10], const struct safe_tx *tx)
{
	out[0] = abi_address(&tx->call.to);
	out[1] = abi_u256(&tx->call.value);
	out[2] = abi_bytes(tx->call.data, tx->call.data_len);
	out[3] = abi_u64(tx->call.operation);
	out[4] = abi_u256(&tx->safe_tx_gas);
	out[5] = abi_u256(&tx->base_gas);
	out[6] = abi_u256(&tx->gas_price);
	out[7] = abi_address(&tx->gas_token);
	out[8] = abi_address(&tx->refund_receiver);
	out[9] = abi_u256(&tx->nonce);
}

static void add_call(struct buf *out, const char *signature, const struct abi_value *values)
{
	if (!abi_encode_call(signature, values, 10, out, NULL))
		mem_die("a Safe's ABI types and values do not fit");
}

void safe_add_get_hash(struct buf *out, const struct safe_tx *tx)
{
	struct abi_value values[10];

	fill_arguments(values, tx);
	add_call(out, "getTransactionHash(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,uint256)", values);
}

void safe_add_exec(struct buf *out, const struct safe_tx *tx, const uint8_t *signatures, size_t len)
{
	struct abi_value values[10];

	fill_arguments(values, tx);
	values[9] = abi_bytes(signatures, len);
	add_call(out, "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)", values);
}
