/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sysctl_config: sysctl.d(5) as systemd-sysctl(8) and procps' "sysctl --system" apply it. */
#ifndef HF_FACTS_LINUX_SYSCTL_CONFIG_H
#define HF_FACTS_LINUX_SYSCTL_CONFIG_H

#include "facts/fact.h"

struct sysctl_setting {
	struct str name;  /* dotted; a '/' stands for a dot inside a component */
	struct str value; /* ptr == NULL: "-name", which keeps patterns from setting it */
	struct str file;
	unsigned line;
};
struct sysctl_config {
	struct sysctl_setting *list; /* in the order in which they are applied */
	size_t n, cap;
};
#define SYSCTL_SETTINGS_MAX 5'000

/*
 * Pure: adds the settings of one file. Lines that are no assignment are ignored as systemd-sysctl
 * ignores them, the first is *ret_bad (0: none). -E2BIG, -ENOMEM.
 */
[[nodiscard]] int sysctl_parse(struct arena *a, struct str text, struct str file,
			       struct sysctl_config *ret, unsigned *ret_bad);
/* '/' for '.' and the other way round. */
char sysctl_swap(char c);
/* The dotted name: where the first separator is '/', dots and slashes change places. */
struct str sysctl_name(struct arena *a, struct str s);
bool sysctl_is_pattern(struct str name);
/*
 * What is set at boot: the last setting of that name, else the last pattern that matches; NULL if
 * nothing sets it. Patterns never touch what any file names.
 */
const struct sysctl_setting *sysctl_find(const struct sysctl_config *s, struct str name);

#endif
