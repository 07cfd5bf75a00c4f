/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall_files: what is loaded at boot: files of nft and iptables, ufw, firewalld. */
#ifndef HF_FACTS_LINUX_FIREWALL_FILES_H
#define HF_FACTS_LINUX_FIREWALL_FILES_H

#include "facts/linux/firewall.h"

[[nodiscard]] int firewall_files_load(struct collect *c, struct firewall *ret);

/* Pure: the target of a zone and the number of things that it lets in, firewalld.zone(5). */
struct firewalld_zone {
	struct str target; /* "default" where the file names none */
	int64_t rules;
};
[[nodiscard]] int firewalld_parse_zone(struct str text, struct firewalld_zone *ret);

/* NAME=value of shell-like files, the last one; '' if it is not set. */
struct str shell_setting(struct str text, struct str name);

#endif
