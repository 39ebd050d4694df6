/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the command table, by the file that has them. Signature: see struct command. */
#ifndef CVMDECK_UI_ACTIONS_H
#define CVMDECK_UI_ACTIONS_H

#include "ui/ui.h"

typedef void action_fn(struct ui *ui, const char *argument, int param);
typedef const char *action_why_not_fn(struct ui *ui);

/* actions.c: what every screen has */
action_fn do_move, do_help, do_line, do_back, do_quit, do_repaint, do_suspend;

/* workspace_actions.c */
action_fn do_workspace_filter, do_workspace_sort, do_workspace_update, do_workspace_refresh, do_workspace_copy;
action_why_not_fn why_workspace_no_cvm, why_workspace_empty, why_logs_no_cvm;

/* edit.c: the current compose in $EDITOR, then its review */
action_fn do_edit_compose;
action_why_not_fn why_no_edit;

/* review_actions.c */
action_fn do_review_tab, do_review_change, do_review_fold, do_review_white, do_review_search, do_review_approve, do_review_decline;
action_why_not_fn why_review_not_ready, why_review_nothing_to_send, why_review_no_diff;

/* screen_card.c */
action_fn do_card_sign, do_card_decline, do_card_raw, do_card_registered;
action_why_not_fn why_card_no_signature, why_card_no_registered;

/* rollout_actions.c */
action_fn do_rollout_show, do_rollout_show_allowlist, do_rollout_show_review, do_rollout_retry, do_rollout_bump, do_rollout_cancel_tx, do_rollout_override, do_rollout_stop;
action_fn do_rollout_restart, do_rollout_remove_old, do_rollout_copy, do_rollout_details, do_rollout_commit;
action_why_not_fn why_rollout_none, why_rollout_not_begun, why_rollout_no_allowlist, why_rollout_no_review, why_rollout_no_countdown, why_rollout_not_mining, why_rollout_nothing_red,
	why_rollout_no_restart, why_rollout_not_done, why_rollout_no_transaction, why_rollout_not_prepared;

/* logs_actions.c */
action_fn do_logs_open, do_logs_add_cvm, do_logs_toggle_source, do_logs_focus_source, do_logs_follow, do_logs_search, do_logs_match, do_logs_filter, do_logs_suspend;
action_fn do_logs_level, do_logs_errors, do_logs_wrap, do_logs_timestamps, do_logs_mark, do_logs_select, do_logs_copy, do_logs_whole, do_logs_save;
action_why_not_fn why_logs_none, why_logs_no_search, why_logs_no_filter;

/* history_actions.c */
action_fn do_history_open, do_history_details, do_history_mark, do_history_diff, do_history_deploy, do_history_resume, do_history_copy;
action_why_not_fn why_history_none, why_history_no_hash, why_history_no_pair, why_history_not_open;

/* screen_diff.c, screen_pending.c */
action_fn do_diff_tab, do_diff_change, do_diff_fold, do_diff_white, do_diff_search, do_diff_take, do_pending_open, do_pending_show, do_pending_copy;
action_why_not_fn why_diff_not_pending, why_pending_none;

/* screen_devices.c */
action_fn do_devices_open, do_devices_add, do_devices_remove, do_devices_any;
action_why_not_fn why_devices_none;

#endif
