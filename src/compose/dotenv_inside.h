/* SPDX-License-Identifier: Apache-2.0 */
/* Between dotenv.c and dotenv_parse.c. */
#ifndef CVMDECK_COMPOSE_DOTENV_INSIDE_H
#define CVMDECK_COMPOSE_DOTENV_INSIDE_H

#include "compose/dotenv.h"

/* Of entries with one name keeps the last value in the first one's place. */
void compose_env_merge(struct compose_env *env);

#endif
