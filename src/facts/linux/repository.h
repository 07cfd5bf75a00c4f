/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repository: whose repository an address belongs to. */
#ifndef HF_FACTS_LINUX_REPOSITORY_H
#define HF_FACTS_LINUX_REPOSITORY_H

#include "base/arena.h"

/* "https://user@deb.debian.org:443/debian" -> "deb.debian.org"; '' for file:, cdrom: … */
struct str uri_host(struct str uri);
/* From the first slash behind the host, without the last one; '' if there is none. */
struct str uri_path(struct str uri);
/* Without "user:password@"; ptr == NULL: no memory. */
struct str uri_public(struct arena *a, struct str uri);
bool uri_encrypted(struct str uri);
/* The host or one that ends in ".domain" of a distribution. */
bool host_of_distribution(struct str host);

#endif
