/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keystore, unlocked on a worker. While the worker runs, the unlocking
 * belongs to it; when the signer goes or is locked meanwhile, the two part:
 * the unlocking wipes what it has and frees itself when it comes back to the
 * loop; the keystore it reads is shared.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "chain/signer_parts.h"

struct signer_unlocking {
	struct signer *signer;     /* NULL: left alone; the loop's thread only */
	struct keystore *keystore; /* shared */
	atomic_bool left; /* what the worker makes is wanted by nobody */
	struct secret password, key;
	struct error err;
	bool ok;
};

/* On the worker. */
static void derive(void *ctx)
{
	struct signer_unlocking *unlocking = ctx;

	if (!atomic_load(&unlocking->left))
		unlocking->ok = keystore_unlock(unlocking->keystore, &unlocking->password, &unlocking->key, NULL, &unlocking->err);
	secret_clear(&unlocking->password);
	if (atomic_load(&unlocking->left))
		secret_clear(&unlocking->key);
}

static void finish(struct signer *signer, struct signer_unlocking *unlocking)
{
	bool ok = unlocking->ok && signer_take_key(signer, &unlocking->key, &unlocking->err);

	signer->unlocking = NULL;
	if (!ok)
		signer->state = SIGNER_LOCKED;
	signer_report(signer, ok ? NULL : &unlocking->err);
}

/* Back on the loop. */
static void derived(void *ctx)
{
	struct signer_unlocking *unlocking = ctx;

	if (unlocking->signer)
		finish(unlocking->signer, unlocking);
	secret_clear(&unlocking->key);
	keystore_free(unlocking->keystore);
	free(unlocking);
}

void signer_leave_unlocking(struct signer *signer)
{
	struct signer_unlocking *unlocking = signer->unlocking;

	if (!unlocking)
		return;
	atomic_store(&unlocking->left, true);
	unlocking->signer = NULL;
	signer->unlocking = NULL;
}

static void keystore_signer_unlock(struct signer *signer, struct secret *secret)
{
	struct signer_unlocking *unlocking = mem_new(1, sizeof(*unlocking));

	unlocking->signer = signer;
	unlocking->keystore = keystore_share(signer->keystore);
	unlocking->password = *secret;
	*secret = (struct secret)SECRET_INIT;
	atomic_init(&unlocking->left, false);
	signer->unlocking = unlocking;
	signer->state = SIGNER_UNLOCKING;
	loop_work(signer->loop, derive, derived, unlocking);
}

static const struct signer_ops keystore_ops = { .sign = signer_sign_here, .unlock = keystore_signer_unlock };

struct signer *signer_new_keystore(struct loop *loop, const char *path, struct error *err)
{
	struct keystore *keystore = keystore_read(path, err);
	struct signer *signer;

	if (!keystore)
		return NULL;
	signer = signer_make(loop, &keystore_ops, SIGNER_KEYSTORE, SIGNER_LOCKED, signer_label("keystore ", path));
	signer->keystore = keystore;
	signer->has_address = keystore_address(keystore, &signer->address);
	return signer;
}
