/* SPDX-License-Identifier: Apache-2.0 */
/* What a Safe's contract answers and logs. An empty answer is no answer, never a zero. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/abi.h"
#include "chain/safe.h"

static const struct {
	const char *call, *type;
} reads[SAFE_READS] = {
	[SAFE_GET_OWNERS] = { "getOwners()", "address[]" },
	[SAFE_GET_THRESHOLD] = { "getThreshold()", "uint256" },
	[SAFE_NONCE] = { "nonce()", "uint256" },
	[SAFE_VERSION] = { "VERSION()", "string" },
};

void safe_read_calldata(uint8_t out[4], enum safe_read read)
{
	abi_selector(out, reads[read].call);
}

static bool bad(struct error *err, const char *what)
{
	return error_set(err, STATUS_CHAIN, "safe-read", "the contract does not answer as a Safe does: %s", what);
}

static bool take_owners(struct safe_info *out, const struct abi_value *list, struct error *err)
{
	if (list->count > LIMIT_SAFE_OWNERS)
		return bad(err, "it has too many owners");
	out->owners = mem_new(list->count + 1, sizeof(*out->owners));
	for (; out->owner_count < list->count; out->owner_count++)
		out->owners[out->owner_count] = abi_get_address(&list->items[out->owner_count]);
	return true;
}

static bool take_threshold(struct safe_info *out, const struct abi_value *value, struct error *err)
{
	struct u256 threshold = abi_get_u256(value);

	return u256_to_u64(&threshold, &out->threshold) || bad(err, "its threshold is absurd");
}

static bool take_nonce(struct safe_info *out, const struct abi_value *value, struct error *err)
{
	(void)err;
	out->nonce = abi_get_u256(value);
	return true;
}

static bool take_version(struct safe_info *out, const struct abi_value *value, struct error *err)
{
	if (value->len >= sizeof(out->version))
		return bad(err, "its version is absurd");
	text_safe_copy(out->version, sizeof(out->version), (const char *)value->bytes, value->len);
	return true;
}

static bool read_one(struct safe_info *out, enum safe_read read, const struct safe_answer *answer, struct error *err)
{
	static bool (*const take[SAFE_READS])(struct safe_info *, const struct abi_value *, struct error *) = {
		take_owners, take_threshold, take_nonce, take_version,
	};
	struct abi_values values;
	bool ok = abi_decode(reads[read].type, answer->data, answer->len, &values, NULL);

	ok = ok ? take[read](out, &values.items[0], err) : bad(err, reads[read].call);
	abi_values_clear(&values);
	return ok;
}

static bool distinct(const struct safe_info *info)
{
	for (size_t i = 0; i < info->owner_count; i++)
		for (size_t j = 0; j < i; j++)
			if (address_equal(&info->owners[i], &info->owners[j]))
				return false;
	return true;
}

/* 1.3.0 was the first with the chain id in the hashes. */
static bool new_enough(const char *version)
{
	unsigned major, minor, patch;

	return sscanf(version, "%2u.%3u.%3u", &major, &minor, &patch) == 3 && (major > 1 || (major == 1 && minor >= 3));
}

bool safe_info_read(struct safe_info *out, const struct safe_answer answers[SAFE_READS], struct error *err)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < SAFE_READS; i++)
		if (!read_one(out, (enum safe_read)i, &answers[i], err))
			return false;
	if (!out->threshold || out->threshold > out->owner_count || !distinct(out))
		return bad(err, "its threshold and owners do not fit");
	if (new_enough(out->version))
		return true;
	return error_set(err, STATUS_CHECK, "safe-version",
			 "the Safe is of version %s; below 1.3.0 its signatures are not bound to a chain, so none is asked for", out->version);
}

void safe_info_clear(struct safe_info *info)
{
	free(info->owners);
	memset(info, 0, sizeof(*info));
}

bool safe_read_event(struct safe_event *out, const struct bytes32 *topics, size_t topic_count, const uint8_t *data, size_t len)
{
	struct bytes32 success, failure;
	size_t in_data = topic_count == 1 ? 2 : 1;

	abi_topic(&success, "ExecutionSuccess(bytes32,uint256)");
	abi_topic(&failure, "ExecutionFailure(bytes32,uint256)");
	if (topic_count < 1 || topic_count > 2 || len < in_data * BYTES32_SIZE)
		return false;
	out->success = bytes32_equal(&topics[0], &success);
	if (!out->success && !bytes32_equal(&topics[0], &failure))
		return false;
	memcpy(out->tx_hash.bytes, topic_count == 1 ? data : topics[1].bytes, BYTES32_SIZE);
	out->payment = u256_from_bytes(data + (in_data - 1) * BYTES32_SIZE);
	return true;
}
