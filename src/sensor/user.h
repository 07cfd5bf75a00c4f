/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user: names of user ids. */
#ifndef HF_SENSOR_USER_H
#define HF_SENSOR_USER_H

#include "base/str.h"

#define USERS_MAX 65536U
#define USER_NAME 64U /* longer names are left out */

struct user {
	uint32_t uid;
	uint32_t at; /* of its name, in the text */
	uint32_t len;
};

struct users {
	struct user *list; /* owned; by uid */
	char *text;        /* owned */
	size_t n;
};

/* Of passwd(5); the first line of an id counts. What there was stays where memory lacks. */
void users_set(struct users *u, struct str passwd);
/* "" where it has none. */
struct str users_name(const struct users *u, uint32_t uid);
void users_release(struct users *u);

#endif
