// SPDX-License-Identifier: Apache-2.0
// A sandbox for scripts: started on free ports, asked over its own API and chain.
import { spawn } from "node:child_process";
import path from "node:path";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Waits until the function gives something true, and gives that; throws at the deadline.
export async function until(what, fn) {
	const end = Date.now() + 1000 * Number(process.env.CVMDECK_TEST_SECONDS ?? 30);
	for (;;) {
		const value = await fn();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`waited in vain for ${what}`);
		await sleep(20);
	}
}

export class Sandbox {
	static async start(options = []) {
		const sandbox = new Sandbox();
		const program = path.resolve(process.env.builddir ?? ".", "cvmdeck-sandbox");
		sandbox.output = "";
		// It ends with this process: --stdin-watch.
		sandbox.child = spawn(program, ["--stdin-watch", ...options], { stdio: ["pipe", "pipe", "pipe"] });
		for (const stream of [sandbox.child.stdout, sandbox.child.stderr])
			stream.on("data", (bytes) => sandbox.output += bytes);
		await until("the sandbox to be ready", () => {
			if (sandbox.child.exitCode !== null)
				throw new Error(`the sandbox ended: ${sandbox.output}`);
			return /^ready$/m.test(sandbox.output);
		});
		const told = (name) => new RegExp(`^${name} (\\S+)$`, "m").exec(sandbox.output)[1];
		sandbox.api = told("api");
		sandbox.origin = new URL(sandbox.api).origin;
		sandbox.rpc_url = told("rpc");
		sandbox.key = told("api-key");
		sandbox.owner_key = told("private-key");
		sandbox.owner = told("owner");
		return sandbox;
	}

	// Gives its exit code, which is not 0 when a sanitizer found something.
	stop() {
		return new Promise((resolve) => {
			this.child.on("close", (code, signal) => resolve(signal ?? code));
			if (this.child.exitCode !== null)
				resolve(this.child.exitCode);
			this.child.stdin.end();
		});
	}

	// A control endpoint ("/__info") or one of the API ("/cvms/x"); throws when it is not answered well.
	async ask(method, where, body, version = "2026-01-21") {
		const url = (where.startsWith("/__") ? this.origin : this.api) + where;
		const response = await fetch(url, {
			method,
			headers: { "content-type": "application/json", "x-api-key": this.key, "x-phala-version": version },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok)
			throw new Error(`${method} ${where}: ${response.status} ${text.slice(0, 200)}`);
		return JSON.parse(text);
	}

	async rpc(method, params) {
		const response = await fetch(this.rpc_url, {
			method: "POST", headers: { "content-type": "application/json" },
			body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
		});
		const answer = await response.json();
		if (answer.error)
			throw new Error(`${method}: ${answer.error.message}`);
		return answer.result;
	}

	cvm(name) {
		return this.ask("GET", `/cvms/${name}`);
	}

	// One of the app's mappings of a word to a yes or no, by selector.
	async mapping(app, selector, word) {
		const to = "0x" + app.replace(/^(app_|0x)/, "");
		const answer = await this.rpc("eth_call", [{ to, data: `0x${selector}${word.replace(/^0x/, "")}` }, "latest"]);
		return BigInt(answer) === 1n;
	}

	allows_hash(cvm, hash) {
		return this.mapping(cvm.kms_info?.dstack_app_address ?? cvm.app_id, "2f6622e5", hash);
	}

	allows_device(cvm, device) {
		return this.mapping(cvm.kms_info?.dstack_app_address ?? cvm.app_id, "bf8b211b", device);
	}

	// What was asked so far, newest last.
	async requests() {
		return (await this.ask("GET", "/__requests")).requests;
	}
}
