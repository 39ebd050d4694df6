/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows stand in the order of the footer: what is most useful on a screen
 * comes first. A key may stand in several rows if their contexts differ.
 */
#include "ui/commands.h"

#include <string.h>

#include "ui/actions.h"
#include "ui/console.h"

static const struct command table[] = {
	/* the signature card: y alone signs, everything that ends it says no */
	{ "sign", "sign and send", "sign this transaction with the key shown, and broadcast it", "y", CTX_CARD, why_card_no_signature, do_card_sign, 0 },
	{ "no", "no", "do not sign; the rollout stops and nothing more is sent", "N n <Enter> <Esc> q <C-c>", CTX_CARD, NULL, do_card_decline, 0 },
	{ "raw", "raw data", "show the unsigned transaction and its call data", "x", CTX_CARD, NULL, do_card_raw, 0 },
	{ "already-registered", "no transaction", "confirm by the contract's state instead of sending a transaction", "s", CTX_CARD, why_card_no_registered, do_card_registered, 0 },

	/* review */
	{ "approve", "approve", "approve what is shown: now, and not before, the backend is told", "a", CTX_REVIEW, why_review_nothing_to_send, do_review_approve, 0 },
	{ "decline", "decline", "do not send this; nothing was sent", "d", CTX_REVIEW, why_review_not_ready, do_review_decline, 0 },
	{ "tab", "next tab", "the next tab", "<Tab>", CTX_REVIEW, NULL, do_review_tab, 1 },
	{ "tab-back", NULL, "the tab before", "<S-Tab>", CTX_REVIEW, NULL, do_review_tab, -1 },
	{ "summary", NULL, "what changes, in words; the risky first", "1", CTX_REVIEW, NULL, do_review_tab, 10 },
	{ "compose", NULL, "the difference of the compose files", "2", CTX_REVIEW, NULL, do_review_tab, 11 },
	{ "manifest", NULL, "the fields of app-compose.json, old and new", "3", CTX_REVIEW, NULL, do_review_tab, 12 },
	{ "env", NULL, "the names of the environment; values are never shown", "4", CTX_REVIEW, NULL, do_review_tab, 13 },
	{ "next-change", "change", "the next change, or the next match of a search", "n", CTX_REVIEW, why_review_no_diff, do_review_change, 1 },
	{ "previous-change", NULL, "the change or match before", "N", CTX_REVIEW, why_review_no_diff, do_review_change, -1 },
	{ "fold", "fold", "fold or unfold what did not change", "z", CTX_REVIEW, why_review_no_diff, do_review_fold, 0 },
	{ "white", "white space", "show white space; it counts in the hash", "w", CTX_REVIEW, why_review_no_diff, do_review_white, 0 },
	{ "search", "search", "look for a text in both sides", "/", CTX_REVIEW, why_review_no_diff, do_review_search, 0 },

	/* workspace */
	{ "filter", "filter", "show only the CVMs whose name, ids, node or status hold a text", "/", CTX_WORKSPACE, why_workspace_empty, do_workspace_filter, 0 },
	{ "sort", "sort", "sort by the next column; :sort NAME by that one", "s", CTX_WORKSPACE, why_workspace_empty, do_workspace_sort, 1 },
	{ "sort-reverse", NULL, "turn the order round", "S", CTX_WORKSPACE, why_workspace_empty, do_workspace_sort, -1 },
	{ "update", "update", "review an update of this CVM from a compose file", "<Enter> u", CTX_WORKSPACE, why_workspace_no_cvm, do_workspace_update, 0 },
	{ "edit", "edit", "open the current compose in $EDITOR and review the result", "e", CTX_WORKSPACE | CTX_REVIEW, why_no_edit, do_edit_compose, 0 },

	/* rollout */
	{ "details", "details", "what the failed or waiting step says, whole", "<Enter>", CTX_ROLLOUT, why_rollout_none, do_rollout_details, 0 },
	{ "allowlist", "allowlist", "the contract's answers and the checks", "a", CTX_ROLLOUT, why_rollout_no_allowlist, do_rollout_show_allowlist, 0 },
	{ "review", "review", "what was approved", "v", CTX_ROLLOUT | CTX_ALLOWLIST, why_rollout_no_review, do_rollout_show_review, 0 },
	{ "retry", "try again", "try again now: a countdown is not waited for, what failed goes on where it stood", "r", CTX_ROLLOUT, why_rollout_no_countdown, do_rollout_retry, 0 },
	{ "restart", "start again", "begin again from the saved plan", "R", CTX_ROLLOUT, why_rollout_no_restart, do_rollout_restart, 0 },
	{ "stop", "stop here", "end at the red check; nothing is signed", "S", CTX_ROLLOUT | CTX_ALLOWLIST, why_rollout_nothing_red, do_rollout_stop, 0 },
	{ "override", "override", "go on in spite of a red check; the reason is typed out and kept", "o", CTX_ROLLOUT | CTX_ALLOWLIST, why_rollout_nothing_red, do_rollout_override, 0 },
	{ "bump", "raise fee", "replace the waiting transaction by one with a higher fee; asks for a signature", "b", CTX_ROLLOUT, why_rollout_not_mining, do_rollout_bump, 0 },
	{ "cancel", "cancel tx", "replace the waiting transaction by an empty one; asks for a signature", "c", CTX_ROLLOUT, why_rollout_not_mining, do_rollout_cancel_tx, 0 },
	{ "remove-old", "remove old hash", "take the old compose hash off the allowlist, so that nobody can roll back to it", "d", CTX_ROLLOUT, why_rollout_not_done, do_rollout_remove_old, 0 },
	{ "commit", "commit", "finish what was prepared, once its owners have executed it", "C", CTX_ROLLOUT, why_rollout_not_prepared, do_rollout_commit, 0 },
	{ "copy", "copy", "copy the transaction hash whole, or what is chosen of a prepared update", "y", CTX_ROLLOUT, why_rollout_no_transaction, do_rollout_copy, 0 },
	{ "logs", "logs", "the CVM's logs", "l", CTX_ROLLOUT, why_logs_no_cvm, do_logs_open, 0 },

	/* logs, and most of it below a rollout's timeline too */
	{ "search", "search", "look for a regular expression", "/", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_search, 1 },
	{ "search-back", NULL, "the same, backwards", "?", CTX_LOGS, NULL, do_logs_search, -1 },
	{ "next-match", "match", "the next match", "n", CTX_LOGS | CTX_ROLLOUT, why_logs_no_search, do_logs_match, 1 },
	{ "previous-match", NULL, "the match before", "N", CTX_LOGS | CTX_ROLLOUT, why_logs_no_search, do_logs_match, -1 },
	{ "filter", "filter", "only lines that match; empty: all", "&", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_filter, 1 },
	{ "exclude", NULL, "hide lines that match; empty: none", "!", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_filter, -1 },
	{ "suspend-filters", "filters aside", "filters aside, or back", "x", CTX_LOGS | CTX_ROLLOUT, why_logs_no_filter, do_logs_suspend, 0 },
	{ "newest", "follow", "go to the newest line and follow", "G", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_follow, 1 },
	{ "follow", NULL, "follow the newest line, or stop following", "f", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_follow, 0 },
	{ "next-error", "error", "the next line that speaks of an error", "e", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_errors, 1 },
	{ "previous-error", NULL, "the error before", "E", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_errors, -1 },
	{ "sources", "sources", "open or close the list of sources", "<Tab>", CTX_LOGS, NULL, do_logs_focus_source, 0 },
	{ "source", NULL, "in the list: show or hide it", "<Space>", CTX_LOGS, NULL, do_logs_toggle_source, 0 },
	{ "only-source", NULL, "in the list: only it, or all again", "o", CTX_LOGS, NULL, do_logs_toggle_source, 1 },
	{ "whole-line", "whole line", "this line in full, JSON laid out", "<Enter>", CTX_LOGS, NULL, do_logs_whole, 0 },
	{ "level", "level", "warnings and errors, errors, or all", "L", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_level, 0 },
	{ "wrap", "wrap", "wrap long lines, or scroll sideways", "w", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_wrap, 0 },
	{ "timestamps", "times", "server's, local, ages, gaps, none", "t", CTX_LOGS | CTX_ROLLOUT, why_logs_none, do_logs_timestamps, 0 },
	{ "mark", "mark", "mark this line, or no longer", "m", CTX_LOGS, NULL, do_logs_mark, 0 },
	{ "next-mark", NULL, "the next marked line", "'", CTX_LOGS, NULL, do_logs_mark, 1 },
	{ "select", "select", "begin a selection at this line, or end it", "v", CTX_LOGS, NULL, do_logs_select, 0 },
	{ "copy", "copy", "copy the line or the selection", "y", CTX_LOGS, NULL, do_logs_copy, 0 },
	{ "save", "save", "write selected or shown lines", "s", CTX_LOGS, NULL, do_logs_save, 0 },
	{ "save-all", NULL, "write every line to a file", "S", CTX_LOGS, NULL, do_logs_save, 1 },
	{ "add-cvm", "another CVM", "another CVM's logs too", "a", CTX_LOGS, NULL, do_logs_add_cvm, 0 },

	/* history */
	{ "details", "details", "what is kept of this entry: each step with its time, kind and hash", "<Enter>", CTX_HISTORY, why_history_none, do_history_details, 0 },
	{ "mark", "mark", "mark this entry for a comparison, or take its mark away", "m", CTX_HISTORY, why_history_none, do_history_mark, 0 },
	{ "diff", "difference", "compare the two marked, the marked one with this, or this with the one before", "d", CTX_HISTORY, why_history_no_pair, do_history_diff, 0 },
	{ "deploy", "deploy again", "review this entry, all that is hashed, as an update of the CVM", "u", CTX_HISTORY, why_history_none, do_history_deploy, 0 },
	{ "resume", "go on", "go on with a rollout that was left open", "r", CTX_HISTORY, why_history_not_open, do_history_resume, 0 },
	{ "copy", "copy", "copy the compose hash whole", "y", CTX_HISTORY, why_history_no_hash, do_history_copy, 0 },

	/* updates prepared elsewhere */
	{ "show", "difference", "what this update changes; from there it can be taken over", "<Enter>", CTX_PENDING, why_pending_none, do_pending_show, 0 },
	{ "copy", "copy", "copy the compose hash whole", "y", CTX_PENDING, why_pending_none, do_pending_copy, 0 },

	/* a difference */
	{ "take-over", "take over", "commit this update as soon as the contract allows its hash", "t", CTX_DIFF, why_diff_not_pending, do_diff_take, 0 },
	{ "tab", "compose/script", "the compose file or the pre-launch script", "<Tab>", CTX_DIFF, NULL, do_diff_tab, 0 },
	{ "next-change", "change", "the next change, or the next match of a search", "n", CTX_DIFF, NULL, do_diff_change, 1 },
	{ "previous-change", NULL, "the change or match before", "N", CTX_DIFF, NULL, do_diff_change, -1 },
	{ "fold", "fold", "fold or unfold what did not change", "z", CTX_DIFF, NULL, do_diff_fold, 0 },
	{ "white", "white space", "show white space; it counts in the hash", "w", CTX_DIFF, NULL, do_diff_white, 0 },
	{ "search", "search", "look for a text in both sides", "/", CTX_DIFF, NULL, do_diff_search, 0 },

	/* devices */
	{ "add-device", "add", "put this device on the allowlist; asks for a signature", "a", CTX_DEVICES, why_devices_none, do_devices_add, 0 },
	{ "remove-device", "remove", "take this device off the allowlist; asks for a signature", "x", CTX_DEVICES, why_devices_none, do_devices_remove, 0 },
	{ "any-device", "any device", "allow any device, or no longer; asks for a signature", "A", CTX_DEVICES, why_devices_none, do_devices_any, 0 },

	/* from place to place */
	{ "logs", "logs", "the CVM's logs", "l", CTX_WORKSPACE | CTX_ALLOWLIST | CTX_REVIEW, why_logs_no_cvm, do_logs_open, 0 },
	{ "devices", "devices", "the device allowlist", "d", CTX_WORKSPACE, why_workspace_no_cvm, do_devices_open, 0 },
	{ "history", "history", "what was rolled out before", "h", CTX_WORKSPACE | CTX_ROLLOUT, NULL, do_history_open, 0 },
	{ "all", "every CVM", "the journal of every CVM", "a", CTX_HISTORY, NULL, do_history_open, 1 },
	{ "rollout", "rollout", "the rollout under way, or the last one", "r", CTX_WORKSPACE | CTX_REVIEW | CTX_ALLOWLIST | CTX_LOGS, why_rollout_not_begun, do_rollout_show, 0 },
	{ "refresh", NULL, "read the list anew", "<C-r>", CTX_WORKSPACE, NULL, do_workspace_refresh, 0 },
	{ "copy", NULL, "copy the app id whole", "y", CTX_WORKSPACE, why_workspace_no_cvm, do_workspace_copy, 0 },

	/* everywhere */
	{ "back", "back", "close this screen", "q <Esc>", CTX_PLACES & ~(unsigned)CTX_WORKSPACE, NULL, do_back, 0 },
	{ "command", "commands", "type a command by its name; Tab completes it", ":", CTX_PLACES, NULL, do_line, 0 },
	{ "pending", "pending", "updates that were prepared elsewhere and wait", "p", CTX_WORKSPACE, why_workspace_no_cvm, do_pending_open, 0 },
	{ "help", NULL, "the keys of this screen", "? <F1>", CTX_PLACES & ~(unsigned)CTX_LOGS, NULL, do_help, 0 },
	{ "help", NULL, "the keys of this screen", "<F1>", CTX_LOGS, NULL, do_help, 0 },
	{ "quit", "quit", "leave; a rollout under way can be resumed", "q <C-c>", CTX_WORKSPACE, NULL, do_quit, 0 },
	{ "quit", NULL, "leave; a rollout under way can be resumed", "<C-c>", CTX_PLACES & ~(unsigned)CTX_WORKSPACE, NULL, do_quit, 0 },
	{ "down", NULL, "down", "j <Down>", CTX_SCROLL | CTX_CARD, NULL, do_move, MOVE_DOWN },
	{ "up", NULL, "up", "k <Up>", CTX_SCROLL | CTX_CARD, NULL, do_move, MOVE_UP },
	{ "page-down", NULL, "a page down", "<PageDown> <C-f> <Space>", CTX_SCROLL | CTX_CARD, NULL, do_move, MOVE_PAGE_DOWN },
	{ "page-up", NULL, "a page up", "<PageUp> <C-b>", CTX_SCROLL | CTX_CARD, NULL, do_move, MOVE_PAGE_UP },
	{ "top", NULL, "to the beginning", "g <Home>", CTX_SCROLL, NULL, do_move, MOVE_HOME },
	{ "bottom", NULL, "to the end", "G <End>", CTX_SCROLL, NULL, do_move, MOVE_END },
	{ "left", NULL, "to the left", "<Left>", CTX_SIDEWAYS, NULL, do_move, MOVE_LEFT },
	{ "right", NULL, "to the right", "<Right>", CTX_SIDEWAYS, NULL, do_move, MOVE_RIGHT },
	{ "repaint", NULL, "paint the screen anew", "<C-l>", CTX_PLACES | CTX_CARD, NULL, do_repaint, 0 },
	{ "suspend", NULL, "stop the program; fg brings it back", "<C-z>", CTX_PLACES | CTX_CARD, NULL, do_suspend, 0 },
	{ 0 },
};

const struct command *commands_table(void)
{
	return table;
}

const struct command *command_by_key(unsigned context, const struct key *key)
{
	const struct command *command;

	for (command = table; command->id; command++)
		if ((command->contexts & context) && key_in(key, command->keys))
			return command;
	return NULL;
}

const struct command *command_by_id(unsigned context, const char *id)
{
	const struct command *command, *only = NULL;
	size_t len = strlen(id), count = 0;

	for (command = table; command->id; command++) {
		if (!(command->contexts & context) || strncmp(command->id, id, len) != 0)
			continue;
		if (!command->id[len])
			return command;
		only = command;
		count++;
	}
	return count == 1 ? only : NULL;
}

static bool begins_with(unsigned context, const char *id)
{
	const struct command *command;

	for (command = table; command->id; command++)
		if ((command->contexts & context) && strncmp(command->id, id, strlen(id)) == 0)
			return true;
	return false;
}

void command_run(struct ui *ui, const struct command *command, const char *argument)
{
	const char *why = command->why_not ? command->why_not(ui) : NULL;

	if (why)
		ui_say(ui, ROLE_WARN, "%s", why);
	else
		command->run(ui, argument, command->param);
}

void command_line(struct ui *ui, const char *line)
{
	char id[64];
	const struct command *command;
	size_t len = strcspn(line, " ");

	if (!len)
		return;
	if (len >= sizeof(id))
		len = sizeof(id) - 1;
	memcpy(id, line, len);
	id[len] = '\0';
	command = command_by_id(ui_context(ui), id);
	if (!command)
		ui_say(ui, ROLE_WARN, begins_with(ui_context(ui), id) ? "more than one command begins with “%s”; Tab shows them" : "there is no command “%s” here; ? lists them", id);
	else
		command_run(ui, command, line[len] ? line + len + 1 : NULL);
}

const char *context_name(unsigned context)
{
	static const char *const names[] = { "workspace", "review", "allowlist", "card", "rollout", "logs",
		                             "help", "history", "devices", "pending updates", "difference", "confirm", "prompt" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (context == 1u << i)
			return names[i];
	return "";
}

void console_dump_keys(FILE *out)
{
	const struct command *command;
	unsigned bit;

	for (bit = 1; bit <= CTX_DIFF; bit <<= 1)
		for (command = table; command->id; command++)
			if (command->contexts & bit)
				fprintf(out, "%s\t%s\t%s\t%s\n", context_name(bit), command->keys, command->id, command->help);
}
