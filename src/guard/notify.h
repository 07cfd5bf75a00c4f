/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify: the process that tells people what was found: folds like alerts and hands them to sinks.
 * It may use the network only where a sink needs that.
 */
#ifndef HF_GUARD_NOTIFY_H
#define HF_GUARD_NOTIFY_H

#include "guard/child.h"
#include "guard/config.h"
#include "guard/sink.h"

struct notify_options {
	bool foreground; /* a line an alert to standard output */
	unsigned fold;   /* seconds; 0: each alert by itself */
	struct sink_config sinks[SINKS_MAX];
	size_t n;
	int spool; /* directory; -1: what waits is lost with the process */
	int who;   /* see who.h; -1: not known */
};

/*
 * What [alerts] says as sinks; texts in the arena. ret holds SINKS_MAX. -EINVAL with *d. Files are
 * not opened.
 */
[[nodiscard]] int notify_sinks(const struct guard_config *c, const char *file, struct arena *a,
			       struct sink_config *ret, size_t *ret_n, struct diag *d);
/* Opens what [alerts] names, the spools below the state's folder, and forks. */
[[nodiscard]] int notify_start(struct child *c, const struct child_user *user,
			       const struct guard_config *config, int state, bool foreground);
/* A child_main; data: struct notify_options. */
int notify_main(void *data, int fd);

#endif
