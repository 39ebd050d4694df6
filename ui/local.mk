# Sources of this room. Everything but term.c is without curses; the library is linked before libcvmdeck.a.
noinst_LIBRARIES += libcvmui.a
libcvmui_a_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
libcvmui_a_SOURCES = \
	ui/actions.c ui/actions.h \
	ui/card_lines.c ui/card_lines.h \
	ui/cells.c ui/cells.h \
	ui/commands.c ui/commands.h \
	ui/console.c ui/console.h \
	ui/edit.c ui/edit.h \
	ui/flow.c ui/flow.h \
	ui/history.h ui/history_actions.c ui/history_list.c ui/history_read.c ui/history_screen.h \
	ui/inspect.c ui/inspect.h \
	ui/keys.c ui/keys.h \
	ui/log_feed.c ui/log_feed.h \
	ui/log_line_draw.c ui/log_line_draw.h \
	ui/log_pane.c ui/log_pane.h ui/log_pane_act.c ui/log_pane_find.c ui/log_pane_private.h ui/log_pane_words.c \
	ui/log_panel.c ui/log_panel.h \
	ui/log_save.c ui/log_save.h \
	ui/log_store.c ui/log_store.h \
	ui/logs_actions.c \
	ui/prompt.h ui/prompt_path.c \
	ui/request.c ui/request.h \
	ui/resume.c ui/resume.h \
	ui/review_actions.c ui/review_screen.h \
	ui/review_diff.c ui/review_diff.h \
	ui/review_summary.c ui/review_tabs.c ui/review_tabs.h \
	ui/rollout_actions.c \
	ui/rollout_outcome.c ui/rollout_outcome.h \
	ui/rollout_prepared.c ui/rollout_prepared.h \
	ui/screen.h ui/screens.h \
	ui/screen_allowlist.c \
	ui/screen_card.c \
	ui/screen_confirm.c \
	ui/screen_devices.c \
	ui/screen_diff.c ui/screen_diff.h \
	ui/screen_help.c \
	ui/screen_history.c \
	ui/screen_logs.c \
	ui/screen_pending.c \
	ui/screen_prompt.c \
	ui/screen_review.c \
	ui/screen_rollout.c \
	ui/screen_secret.c \
	ui/screen_text.c \
	ui/screen_workspace.c \
	ui/term.c ui/term.h \
	ui/term_codes.c ui/term_codes.h \
	ui/term_crash.c ui/term_crash.h \
	ui/term_entry.c ui/term_entry.h \
	ui/term_job.c ui/term_job.h \
	ui/theme.c ui/theme.h \
	ui/ui.c ui/ui.h \
	ui/widget_frame.c ui/widget_frame.h \
	ui/widget_input.c ui/widget_input.h \
	ui/widget_list.c ui/widget_list.h \
	ui/widget_text.c ui/widget_text.h \
	ui/workspace_actions.c \
	ui/workspace_columns.c ui/workspace_columns.h \
	ui/workspace_detail.c ui/workspace_detail.h
libcvmui_a_SOURCES += \
	ui/headless.c ui/headless.h ui/headless_ask.c ui/headless_ask.h \
	ui/json.c ui/memo.c ui/memo.h ui/plain.c ui/report.h \
	ui/verb_history.c ui/verb_list.c ui/verb_logs.c ui/verb_logs_merge.c ui/verb_logs_merge.h ui/verb_logs_print.c ui/verb_logs_print.h \
	ui/verb_print.c ui/verb_print.h ui/verb_review.c ui/verb_show.c ui/verb_status.c ui/verb_status.h ui/verb_table.c ui/verb_table.h ui/verbs.h
EXTRA_DIST += ui/README.md
