/* SPDX-License-Identifier: Apache-2.0 */
/* The tabs of the review that are pages of lines: summary, manifest, env. */
#ifndef CVMDECK_UI_REVIEW_TABS_H
#define CVMDECK_UI_REVIEW_TABS_H

#include "rollout/rollout.h"
#include "ui/widget_text.h"

/* What changes, in words; what is risky first. */
void review_add_summary(struct page *page, const struct review *review, int width);
/* The fields of app-compose.json, old and new, since any of them changes the hash. */
void review_add_manifest(struct page *page, const struct review *review, int width);
/* Names only. */
void review_add_env(struct page *page, const struct review *review, int width);

#endif
