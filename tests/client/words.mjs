// SPDX-License-Identifier: Apache-2.0
// A script of the official CLI changes one word: every option that its help names is understood, and the same arguments
// leave the same CVM and the same allowlist. Two sandboxes of one seed, one for each program. Prints TAP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Sandbox, until } from "./sandbox.mjs";

const cli = path.join(process.env.CVMDECK_NODE_MODULES, "phala", "dist", "index.js");
const deck = path.resolve(process.env.builddir ?? ".", "cvmdeck");
const home = fs.mkdtempSync(path.join(os.tmpdir(), "cvmdeck-words-"));
const bare = (hash) => (hash ?? "").replace(/^0x/, "");

function run(program, args, cwd, variables = {}) {
	return new Promise((resolve) => {
		const env = { PATH: process.env.PATH, HOME: cwd, LC_ALL: "C.UTF-8", NO_COLOR: "1", CI: "true", ...variables };
		const child = spawn(program, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
		let stdout = "", stderr = "";
		const timer = setTimeout(() => child.kill("SIGKILL"), 120000);
		child.stdout.on("data", (bytes) => stdout += bytes);
		child.stderr.on("data", (bytes) => stderr += bytes);
		child.on("close", (code) => {
			clearTimeout(timer);
			resolve({ code, stdout, stderr, text: stdout + stderr });
		});
	});
}

const phala = (args, cwd, variables) => run(process.execPath, [cli, ...args], cwd, variables);
const ours = (args, cwd, variables) => run(deck, args, cwd, variables);

// Of each line of the help that begins with options: their names, and whether a value follows.
function options_of(help) {
	const found = [];
	for (const line of help.split("\n")) {
		const head = /^  (-.*?)(?: {2,}|$)/.exec(line)?.[1];
		if (!head)
			continue;
		const names = head.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];
		const takes_value = / (<|[A-Z])/.test(head);
		found.push(...names.map((name) => ({ name, takes_value })));
	}
	return found;
}

// `verb` as the official CLI has it, and as we do.
async function knows_every_option(verb, here, { refused = [], not_there = [] } = {}) {
	const help = (await phala([...verb, "--help"], home)).text;
	const options = options_of(help);
	assert.ok(options.length > 10, `the help of ${verb.join(" ")} has changed its form:\n${help}`);
	for (const { name, takes_value } of options) {
		const value = takes_value ? [name === "--tail" || name === "-n" || /page/.test(name) ? "1" : "x"] : [];
		const { code, text } = await ours([here, name, ...value, "--help"], home);
		if (refused.includes(name))
			assert.ok(code === 2 && /only in the official CLI/.test(text) && /next: /.test(text), `${here} ${name}: ${code} ${text}`);
		else if (!not_there.includes(name))
			assert.equal(code, 0, `${here} ${name}: ${text}`);
	}
}

// Files of a working folder; NAME in an argument stays relative to it.
function folder(name, files) {
	const dir = path.join(home, name);
	fs.mkdirSync(dir, { recursive: true });
	for (const [file, text] of Object.entries(files))
		fs.writeFileSync(path.join(dir, file), text);
	return dir;
}

let sandboxes = [];

// What an update leaves, without what differs from run to run.
async function state_of(sandbox, name) {
	const cvm = await until(`${name} to be at rest`, async () => {
		const now = await sandbox.cvm(name);
		return now.status === "running" && !now.in_progress && now;
	});
	const hash = bare(cvm.compose_hash), onchain = Boolean(cvm.kms_info?.dstack_app_address);
	return {
		hash, manifest: await sandbox.ask("GET", `/cvms/${name}/compose_file`), logs: cvm.public_logs,
		sent: await sandbox.rpc("eth_getTransactionCount", [sandbox.owner, "latest"]),
		hash_allowed: onchain && await sandbox.allows_hash(cvm, hash), device_allowed: onchain && await sandbox.allows_device(cvm, cvm.node_info.device_id),
	};
}

async function settled(sandbox, name, before) {
	await until(`${name} to run another compose`, async () => {
		const now = await sandbox.cvm(name);
		return now.compose_hash !== before.compose_hash && now.status === "running" && !now.in_progress;
	});
}

let folders = 0;

// The same words for both programs; ours is told --yes, since it asks before it signs.
async function same(name, words, files, { changes = true } = {}) {
	const states = [];
	for (const [i, sandbox] of sandboxes.entries()) {
		await sandbox.ask("POST", "/__reset", {});
		const dir = folder(`${++folders}`, files);
		const before = await sandbox.cvm(name);
		const env = { PHALA_CLOUD_API_PREFIX: sandbox.api, PHALA_CLOUD_API_KEY: sandbox.key, PRIVATE_KEY: sandbox.owner_key, ETH_RPC_URL: sandbox.rpc_url };
		const all = words.map((word) => ({ KEY: sandbox.owner_key, RPC: sandbox.rpc_url })[word] ?? word);
		const { code, text } = i === 0 ? await phala(all, dir, env) : await ours([...all, "--yes"], dir, env);
		assert.equal(code, 0, `${i === 0 ? "phala" : "cvmdeck"} ${words.join(" ")}:\n${text}`);
		if (changes)
			await settled(sandbox, name, before);
		states.push({ ...await state_of(sandbox, name), text });
	}
	const [theirs, mine] = states;
	assert.deepEqual({ ...mine, text: "" }, { ...theirs, text: "" });
	return mine;
}

const compose = "services:\n  web:\n    image: nginx:1.29\n    environment:\n      - SESSION_KEY=${SESSION_KEY}\n";
// The official CLI reads neither PRIVATE_KEY nor ETH_RPC_URL when it updates, whatever its help says.
const key = ["--private-key", "KEY", "--rpc-url", "RPC"];

const tests = {
	"every option of phala deploy is understood": () => knows_every_option(["deploy"], "deploy"),
	"every option of phala logs is understood": () => knows_every_option(["logs"], "logs"),
	"every option of phala cvms list is understood or refused with the reason": () => knows_every_option(["cvms", "list"], "list", {
		refused: ["--listed", "--no-listed", "--base-image", "--instance-type"], not_there: ["--cvm-id"],
	}),
	"deploy -c": () => same("checkout-web", ["deploy", "--cvm-id", "checkout-web", "-c", "new.yml", ...key], { "new.yml": compose }),
	"deploy with flags, a script, values inline and from a file, --wait": async () => {
		const { logs, manifest } = await same("payments-api", ["deploy", "--cvm-id", "payments-api", "-c", "new.yml", "-e", "B=2", "-e", "values.env",
			"--pre-launch-script", "pre.sh", "--no-public-logs", "--public-sysinfo", "--wait", ...key],
		{ "new.yml": compose, "values.env": "A=1\nB=1\nC='3 4'\n", "pre.sh": "#!/bin/sh\necho \"before: it\"\n" });
		assert.equal(logs, false);
		assert.deepEqual([...manifest.allowed_envs].sort(), ["A", "B", "C"]);
	},
	"deploy with what phala.toml names": async () => {
		const { manifest } = await same("checkout-web", ["deploy", ...key], {
			"phala.toml": "name = \"checkout-web\"\ncompose_file = \"new.yml\"\nenv_file = \"values.env\"\n", "new.yml": compose, "values.env": "FROM_FILE=1\n",
		});
		assert.deepEqual(manifest.allowed_envs, ["FROM_FILE"]);
		assert.equal(manifest.docker_compose_file, compose);
	},
	"-e goes before the env_file of phala.toml, whose compose_file still counts": async () => {
		const { manifest } = await same("checkout-web", ["deploy", "-e", "GIVEN=1", ...key], {
			"phala.toml": "name = \"checkout-web\"\ncompose_file = \"new.yml\"\nenv_file = \"not-there.env\"\n", "new.yml": compose,
		});
		assert.deepEqual(manifest.allowed_envs, ["GIVEN"]);
		assert.equal(manifest.docker_compose_file, compose);
	},
	"deploy with deprecated names and what is only for a new CVM": async () => {
		const { text } = await same("checkout-web", ["deploy", "--uuid", "checkout-web", "--compose", "new.yml", "--env-file", "values.env", "-n", "other", "-t", "tdx.large",
			"--region", "us-west", "--listed", "--kms", "base", ...key], { "new.yml": compose, "values.env": "A=1\n" });
		assert.match(text, /--instance-type is left aside: /);
	},
	"deploy without an on-chain KMS": () => same("docs-search", ["deploy", "--cvm-id", "docs-search", "-c", "new.yml"], { "new.yml": compose }),
	"deploy --no-json": () => same("billing-worker", ["deploy", "--cvm-id", "billing-worker", "-c", "new.yml", "--json", "--no-json", ...key], { "new.yml": compose }),
	"deploy of the same compose: no transaction": async () => {
		const { docker_compose_file } = await sandboxes[0].ask("GET", "/cvms/vault-sync/compose_file");
		const { sent } = await same("vault-sync", ["deploy", "--cvm-id", "vault-sync", "-c", "same.yml", "-e", "API_KEY=another", ...key], { "same.yml": docker_compose_file },
			{ changes: false });
		assert.equal(sent, "0x0");
	},
	"logs CVM, as the documentation writes it": async () => {
		const env = { PHALA_CLOUD_API_PREFIX: sandboxes[1].api, PHALA_CLOUD_API_KEY: sandboxes[1].key };
		const { code, stdout, stderr } = await ours(["logs", "checkout-web", "-n", "2"], home, env);
		assert.equal(code, 0, stderr);
		assert.ok(stdout.trimEnd().split("\n").length >= 2, stdout);
	},
	"the last lines of the serial console are the same": async () => {
		const outputs = [];
		for (const program of [phala, ours]) {
			const env = { PHALA_CLOUD_API_PREFIX: sandboxes[1].api, PHALA_CLOUD_API_KEY: sandboxes[1].key };
			const { code, stdout, stderr } = await program(["logs", "--serial", "--cvm-id", "nightly-batch", "-n", "3"], home, env);
			assert.equal(code, 0, stderr);
			outputs.push(stdout.trimEnd());
		}
		assert.equal(outputs[1], outputs[0]);
	},
};

let number = 0, failed = 0;
console.log(`1..${Object.keys(tests).length}`);
try {
	for (let i = 0; i < 2; i++)
		sandboxes.push(await Sandbox.start(["--seed", "1", "--speed", "40", "--mine-ms", "20"]));
	for (const [name, test] of Object.entries(tests)) {
		number++;
		try {
			await test();
			console.log(`ok ${number} - ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok ${number} - ${name}`);
			console.log(`${error.stack}`.replace(/^/gm, "# "));
		}
	}
} catch (error) {
	console.log(`Bail out! ${error.message.split("\n")[0]}`);
	failed++;
} finally {
	for (const sandbox of sandboxes)
		if (await sandbox.stop()) {
			console.log("Bail out! a sandbox ended badly");
			failed++;
		}
	fs.rmSync(home, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
