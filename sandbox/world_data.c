/* SPDX-License-Identifier: Apache-2.0 */
/* The cast of the sandbox. The list sorts by name: what a person sees first there is an ordinary one, the hostile name stands further down. */
#include "sandbox/world_data.h"

const struct sb_special sb_specials[] = {
	{ "payments-api", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, false, false, true, true, 0 },
	{ "checkout-web", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, true, false, false, true, 1 },
	{ "treasury-signer", SB_RUNNING, SB_FORM_NORMALIZED, SB_OWNED_BY_SAFE, true, true, false, true, true, 2 },
	{ "docs-search", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, false, true, false, true, true, 3 },
	{ "nightly-batch", SB_STOPPED, SB_FORM_PRETTY, SB_OWNED_BY_KEY, true, true, false, true, true, 2 },
	{ "edge-cache", SB_STUCK, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, true, false, true, true, 1 },
	{ "vault-sync", SB_RUNNING, SB_FORM_NORMALIZED, SB_OWNED_BY_KEY, true, true, false, true, false, 2 },
	{ "web-frontend", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, true, false, true, true, 1 },
	{ "web-frontend", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, true, false, true, true, 1 },
	{ "user-\x1b]0;owned\x07" "ev\x1b[31mil\xe2\x80\xae" "txt.exe\x1b[2J", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, true, false,
		true, true, 3 },
	{ "billing-worker", SB_RUNNING, SB_FORM_PRETTY, SB_OWNED_BY_KEY, true, true, false, true, true, 0 },
	{ "ledger-export", SB_RUNNING, SB_FORM_RAW, SB_OWNED_BY_KEY, true, true, false, true, true, 3 },
	{ "fleet-agent", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, false, true, true, true, 3 },
	{ "partner-gateway", SB_RUNNING, SB_FORM_COMPACT, SB_OWNED_BY_OTHER, true, true, false, true, true, 1 },
	{ "model-serving", SB_STARTING, SB_FORM_COMPACT, SB_OWNED_BY_KEY, true, true, false, true, true, 3 },
};
const size_t sb_special_count = sizeof(sb_specials) / sizeof(sb_specials[0]);

const struct sb_template sb_templates[] = {
	{ "services:\n"
	  "  web:\n"
	  "    image: nginx:1.25\n"
	  "    ports:\n"
	  "      - \"80:80\"\n"
	  "    environment:\n"
	  "      - LOG_LEVEL=info\n"
	  "    depends_on:\n"
	  "      - api\n"
	  "  api:\n"
	  "    image: ghcr.io/acme/payments-api:2.4.1\n"
	  "    restart: unless-stopped\n"
	  "    environment:\n"
	  "      DATABASE_URL: ${DATABASE_URL}\n"
	  "      STRIPE_KEY: ${STRIPE_KEY}\n"
	  "      WORKERS: \"4\"\n"
	  "    volumes:\n"
	  "      - data:/var/lib/payments\n"
	  "  worker:\n"
	  "    image: busybox:1.36\n"
	  "    command: [\"sh\", \"-c\", \"while true; do date; sleep 1; done\"]\n"
	  "volumes:\n"
	  "  data: {}\n",
	  "[\"DATABASE_URL\",\"STRIPE_KEY\"]", NULL },
	{ "services:\n"
	  "  web:\n"
	  "    image: caddy:2.7.6\n"
	  "    ports:\n"
	  "      - \"80:80\"\n"
	  "      - \"443:443\"\n"
	  "    environment:\n"
	  "      - UPSTREAM=app:3000\n"
	  "  app:\n"
	  "    image: ghcr.io/acme/checkout:1.18.0\n"
	  "    restart: always\n"
	  "    environment:\n"
	  "      - SESSION_KEY=${SESSION_KEY}\n"
	  "      - LOG_LEVEL=info\n",
	  "[\"SESSION_KEY\"]", "" },
	{ "services:\n"
	  "  signer:\n"
	  "    image: ghcr.io/acme/signer@sha256:5d0fd6d4c38a18e6b5a3a8e6f7b9d7d6a3c1f2e4b5968778695a4b3c2d1e0f9a\n"
	  "    restart: unless-stopped\n"
	  "    environment:\n"
	  "      - POLICY=two-of-three\n"
	  "      - API_KEY=${API_KEY}\n"
	  "    volumes:\n"
	  "      - /var/run/dstack.sock:/var/run/dstack.sock\n"
	  "      - state:/state\n"
	  "  metrics:\n"
	  "    image: prom/node-exporter:v1.7.0\n"
	  "volumes:\n"
	  "  state: {}\n",
	  "[\"API_KEY\"]", "#!/bin/sh\nset -e\necho \"preparing\"\nmkdir -p /tmp/state\n" },
	{ "services:\n"
	  "  main:\n"
	  "    image: python:3.12-slim\n"
	  "    command: [\"python\", \"-m\", \"http.server\", \"8000\"]\n"
	  "    ports:\n"
	  "      - \"8000:8000\"\n"
	  "  cache:\n"
	  "    image: redis:7.2-alpine\n",
	  "[]", NULL },
};
const size_t sb_template_count = sizeof(sb_templates) / sizeof(sb_templates[0]);
