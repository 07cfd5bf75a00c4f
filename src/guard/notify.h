/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notify: the process that tells people what was found. */
#ifndef HF_GUARD_NOTIFY_H
#define HF_GUARD_NOTIFY_H

#include "guard/child.h"
#include "guard/config.h"

struct notify_options {
	const struct guard_config *config;
	bool foreground; /* a line an alert to standard output */
	int files[8];    /* of [alerts] file, opened to append */
	size_t n_files;
};

/* Opens what [alerts] names and forks. */
[[nodiscard]] int notify_start(struct child *c, const struct child_user *user,
			       const struct guard_config *config, struct notify_options *o);
/* A child_main; data: struct notify_options. */
int notify_main(void *data, int fd);

#endif
