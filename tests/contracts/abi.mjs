// SPDX-License-Identifier: Apache-2.0
// As much of the ABI as the fixtures need to call contracts: words, bytes, strings, arrays of addresses, and tuples of
// these (an array of types).

const word = (value) => BigInt(value).toString(16).padStart(64, "0");
const tail = (hex) => hex.padEnd(Math.ceil(hex.length / 64) * 64, "0");
const is_dynamic = (type) => Array.isArray(type) ? type.some(is_dynamic) : type === "bytes" || type === "string" || type.endsWith("[]");

function encode_one(type, value) {
	if (Array.isArray(type))
		return encode(type, value);
	if (type === "string")
		return encode_one("bytes", "0x" + Buffer.from(value).toString("hex"));
	if (type === "bytes")
		return word((value.length - 2) / 2) + tail(value.slice(2));
	if (type === "address[]")
		return word(value.length) + value.map(word).join("");
	if (type === "bytes32")
		return value.slice(2).padEnd(64, "0");
	return word(value);
}

// Hex without 0x.
export function encode(types, values) {
	const parts = types.map((type, i) => encode_one(type, values[i]));
	let offset = types.reduce((sum, type, i) => sum + (is_dynamic(type) ? 32 : parts[i].length / 2), 0);
	let head = "", tails = "";
	types.forEach((type, i) => {
		if (!is_dynamic(type)) {
			head += parts[i];
			return;
		}
		head += word(offset);
		tails += parts[i];
		offset += parts[i].length / 2;
	});
	return head + tails;
}

// Calldata from a selector of 8 hex digits.
export const call = (selector, types = [], values = []) => "0x" + selector + encode(types, values);
