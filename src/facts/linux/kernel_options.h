/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_options: options for the kernel's command line in the files of the boot loaders. */
#ifndef HF_FACTS_LINUX_KERNEL_OPTIONS_H
#define HF_FACTS_LINUX_KERNEL_OPTIONS_H

#include "facts/fact.h"

struct kernel_option {
	struct str name, value; /* "apparmor", "0"; value.ptr == NULL: none */
	struct str file;
	unsigned line;
};
struct kernel_options {
	struct kernel_option *list;
	size_t n, cap;
};

/*
 * Those of GRUB's /etc/default/grub(.d), /etc/kernel/cmdline, Boot Loader Specification entries
 * and Alpine's /etc/update-extlinux.conf. In c->arena. 0, -ENOMEM.
 */
[[nodiscard]] int kernel_options_load(struct collect *c, struct kernel_options *ret);
/* The last one of that name, which is the one that the kernel obeys; NULL: none. */
const struct kernel_option *kernel_options_find(const struct kernel_options *o, const char *name);

#endif
