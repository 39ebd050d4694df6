/* SPDX-License-Identifier: Apache-2.0 */
/* The rollout as lines for people: progress to stderr, the result to stdout. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/text.h"
#include "compose/diff.h"
#include "compose/manifest.h"
#include "compose/summary.h"
#include "ui/report.h"

static const char *mark_sign(enum mark mark)
{
	static const char *const signs[] = { " ", "✓", "✗", "?", "…" };

	return signs[mark];
}

static void say(struct report *report, const char *key, const char *line)
{
	if (memo_changed(&report->memo, key, line))
		fprintf(report->people, "%s\n", line);
}

/* A hash in groups of eight digits, four a line, as it stands where it decides something. */
static void print_grouped(FILE *out, const char *indent, const char *hex)
{
	const char *digits = text_bare_hex(hex);
	size_t i, len = strlen(digits);

	for (i = 0; i < len; i += 8) {
		bool line_ends = i % 32 == 24 || i + 8 >= len;

		fprintf(out, "%s%.8s%s", i % 32 == 0 ? indent : " ", digits + i, line_ends ? "\n" : "");
	}
}

/* What is risky and new is marked; what was so before is left to the console. */
static void print_note(FILE *out, const struct compose_note *note)
{
	if (note->level == COMPOSE_NOTE_CHANGE || note->is_new)
		fprintf(out, "  %s %s%s%s\n", note->level == COMPOSE_NOTE_CHANGE ? " " : "!", note->service, *note->service ? ": " : "", note->text);
}

static const char *env_word(char change)
{
	return change == '+' ? "added" : change == '-' ? "removed" : change == '~' ? "new value" : "kept";
}

/* The texts are the operator's and the backend's: they are made safe to show. */
static void print_diff(FILE *out, const struct compose_diff *diff, const char *before, const char *after)
{
	struct buf text = BUF_INIT, safe = BUF_INIT;

	compose_diff_print(&text, diff, before, after, 3);
	text_safe(&safe, buf_text(&text), text.len, (enum text_keep)(TEXT_KEEP_LINES | TEXT_KEEP_TABS));
	fputs(buf_text(&safe), out);
	buf_clear(&text);
	buf_clear(&safe);
}

static void print_fields(FILE *out, const struct compose_manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->count; i++) {
		const struct compose_field *field = &manifest->fields[i];

		if (field->kind != COMPOSE_FIELD_SAME)
			fprintf(out, "  %s: %s → %s\n", field->name, *field->before ? field->before : "(none)", *field->after ? field->after : "(none)");
	}
}

static void print_origin(FILE *out, const struct review_origin *origin)
{
	const struct compose_manifest *manifest = origin->manifest;
	size_t i;

	fprintf(out, "  again: %s%s\n", origin->label, origin->same_hash ? ", with the very same compose hash" : "");
	for (i = 0; !origin->same_hash && i < manifest->count; i++)
		if (manifest->fields[i].kind != COMPOSE_FIELD_SAME)
			fprintf(out, "  ! an update cannot take over %s: %s → %s\n", manifest->fields[i].name, *manifest->fields[i].before ? manifest->fields[i].before : "(none)",
				*manifest->fields[i].after ? manifest->fields[i].after : "(none)");
	fputs("  values of the environment are not taken over: they stay as they are now\n", out);
}

void report_print_review(FILE *out, const struct rollout_view *view)
{
	const struct review *review = view->review;
	size_t i;

	fprintf(out, "\n%s  (%s)\n", view->cvm.name, view->cvm.status);
	fprintf(out, "  old hash %s %s%s%s\n", review->old_hash, review->old_verified ? "✓ recomputed, form " : "? not recomputed", review->old_verified ? review->form : "",
		review->old_on_chain == MARK_GOOD ? ", ✓ on chain" : "");
	if (review->hash_changes)
		fprintf(out, "  new hash %s\n", review->new_hash);
	else
		fputs("  hash unchanged: no signature needed\n", out);
	if (review->applies_at_once)
		fputs("  this CVM has no on-chain KMS: sending this applies it at once\n", out);
	if (review->origin)
		print_origin(out, review->origin);
	for (i = 0; i < review->env_count; i++)
		if (review->env[i].change != '=')
			fprintf(out, "  env %s: %s\n", review->env[i].name, env_word(review->env[i].change));
	for (i = 0; review->summary && i < review->summary->count; i++)
		print_note(out, &review->summary->notes[i]);
	if (review->manifest)
		print_fields(out, review->manifest);
	if (review->diff)
		print_diff(out, review->diff, "now", "new");
	if (review->script_diff)
		print_diff(out, review->script_diff, "pre-launch script now", "pre-launch script new");
	fputc('\n', out);
}

static void print_card(FILE *out, const struct card *card)
{
	size_t i;

	fprintf(out, "\nSignature %u of %u%s: %s\n", card->index, card->count, card->offered ? "" : ", not offered", card->function);
	print_grouped(out, "    ", card->argument);
	if (*card->argument_note)
		fprintf(out, "    %s\n", card->argument_note);
	for (i = 0; i < card->check_count; i++)
		fprintf(out, "  %s %s: %s\n", mark_sign(card->checks[i].mark), card->checks[i].title, card->checks[i].value);
	fprintf(out, "  contract %s   chain %s   nonce %" PRIu64 "\n", card->contract, card->chain, card->nonce);
	fprintf(out, "  gas %s   max fee %s   cost %s\n", card->gas, card->max_fee, card->cost);
	fprintf(out, "  simulated: %s\n  from %s   %s\n", card->simulation, card->from, card->signer);
}

static void plain_step(struct report *report, const struct step *step)
{
	static const char *const words[] = { "", "…", "✓", "–", "✗" };
	char key[64], line[320], took[TEXT_SHORT_SIZE];

	if (step->state == STEP_WAITING)
		return;
	snprintf(key, sizeof(key), "step %s", step->id);
	if (step->state == STEP_DONE && step->ended_ms > step->began_ms && !getenv("CVMDECK_NOW"))
		snprintf(line, sizeof(line), "%s %-28s %s%s%s", words[step->state], step->title, text_duration(took, step->ended_ms - step->began_ms),
			 *step->note ? "  " : "", step->note);
	else if (*step->note)
		snprintf(line, sizeof(line), "%s %-28s %s", words[step->state], step->title, step->note);
	else
		snprintf(line, sizeof(line), "%s %s", words[step->state], step->title);
	say(report, key, line);
}

static void plain_check(struct report *report, const struct check *check)
{
	char key[64], line[640];

	if (check->mark == MARK_NONE || check->mark == MARK_RUNNING)
		return;
	snprintf(key, sizeof(key), "check %s", check->id);
	snprintf(line, sizeof(line), "  %s %s: %s%s%s%s", mark_sign(check->mark), check->title, check->value, *check->note ? " (" : "", check->note, *check->note ? ")" : "");
	say(report, key, line);
}

/* What a step waits for is said once for each try, not at each look. */
static void plain_wait(struct report *report, const struct rollout_view *view, const struct step *step)
{
	const char *why = *step->note ? step->note : view->message;
	char key[64], try[512], left[TEXT_SHORT_SIZE];

	snprintf(key, sizeof(key), "wait %s", step->id);
	snprintf(try, sizeof(try), "%u %s", step->attempt, why);
	if (!memo_changed(&report->memo, key, try))
		return;
	fprintf(report->people, "… %-28s %s", step->title, why);
	if (step->attempt)
		fprintf(report->people, "; again in %s, retry %u", text_duration(left, (step->until_ms - clock_wall_ms() + 999) / 1000 * 1000), step->attempt);
	fputc('\n', report->people);
}

/* Who only watches gets what to sign elsewhere, a line each on standard output. */
static void print_unsigned(struct report *report, const struct card *card)
{
	fprintf(report->out, "%-16s %s\n%-16s %s\n%-16s %s\n", "unsigned", card->raw, "call data", card->calldata, "elsewhere", card->cast);
}

static void plain_card(struct report *report, const struct card *card)
{
	char digest[67];

	hex_encode_0x(digest, card->digest, sizeof(card->digest));
	if (card->needs_unlock || !memo_changed(&report->memo, "card", digest))
		return;
	print_card(report->people, card);
	if (card->cast)
		print_unsigned(report, card);
}

/* What is approved stands there in full, whoever approves it: a person below it, or --yes. */
static void plain_view(struct report *report, const struct rollout_view *view)
{
	size_t i;

	for (i = 0; i < view->check_count; i++)
		plain_check(report, &view->checks[i]);
	for (i = 0; i < view->step_count; i++)
		if (view->steps[i].state == STEP_RUNNING && view->steps[i].until_ms)
			plain_wait(report, view, &view->steps[i]);
		else
			plain_step(report, &view->steps[i]);
	if (view->phase == PHASE_REVIEW && view->review && memo_changed(&report->memo, "review", view->review->new_hash))
		report_print_review(report->people, view);
	if (view->card)
		plain_card(report, view->card);
}

static void line_if(FILE *out, const char *name, const char *value)
{
	if (*value)
		fprintf(out, "%-16s %s\n", name, value);
}

/* A text of several lines, each behind what it begins with; empty ones are left out. */
static void print_lines(FILE *out, const char *before, const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		int len = (int)strcspn(text, "\n");

		if (len)
			fprintf(out, "%s%.*s\n", before, len, text);
	}
}

static void print_prepared(FILE *out, const struct prepared *prepared)
{
	char until[CLOCK_TEXT_SIZE];

	fprintf(out, "%-16s %s (%s", "owner", prepared->owner, prepared->kind);
	if (prepared->threshold)
		fprintf(out, ", %u of %u sign", prepared->threshold, prepared->owners);
	fputs(")\n", out);
	print_lines(out, "call             ", prepared->calls_text);
	line_if(out, "batch file", prepared->batch_path);
	line_if(out, "domain hash", prepared->safe_domain_hash);
	line_if(out, "message hash", prepared->safe_message_hash);
	line_if(out, "Safe tx hash", prepared->safe_tx_hash);
	line_if(out, "commit token", prepared->token);
	if (prepared->token_expires_ms)
		line_if(out, "good until", clock_format(until, prepared->token_expires_ms));
	line_if(out, "to finish", prepared->commit_command);
}

static void plain_result(struct report *report, const struct rollout_view *view, const struct outcome *outcome)
{
	const struct error *err = &outcome->error;

	if (!outcome->success) {
		fprintf(report->people, "cvmdeck: %s\n", err->message);
		print_lines(report->people, "  ", err->detail);
		if (*outcome->safe)
			fprintf(report->people, "  %s\n", outcome->safe);
		if (*outcome->resume && !strstr(err->next, outcome->resume))
			fprintf(report->people, "  go on with: %s\n", outcome->resume);
		fprintf(report->people, "  next: %s\n", *err->next ? err->next : status_next(err->status));
	} else if (*outcome->done) {
		fprintf(report->people, "cvmdeck: %s\n", outcome->done);
	}
	if (view && view->prepared)
		print_prepared(report->out, view->prepared);
	line_if(report->out, "compose hash", outcome->compose_hash);
	line_if(report->out, "transaction", outcome->transaction_hash);
	line_if(report->out, "device tx", outcome->device_transaction_hash);
	line_if(report->out, "correlation id", outcome->correlation_id);
}

void report_init_plain(struct report *report)
{
	*report = (struct report){ .view = plain_view, .result = plain_result, .out = stdout, .people = stderr };
}

void report_clear(struct report *report)
{
	memo_clear(&report->memo);
}

enum status report_error(struct report *report, const struct error *err)
{
	struct outcome outcome = { .error = *err };

	report->result(report, NULL, &outcome);
	return err->status;
}
