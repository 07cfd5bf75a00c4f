/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metadata: asks the cloud provider's metadata service about this virtual machine, read-only, for
 * 200 ms at most, and only where DMI says that this is such a machine. The request runs in a
 * process of its own, the only one with an internet socket.
 */
#ifndef HF_FACTS_METADATA_H
#define HF_FACTS_METADATA_H

#include "base/root.h"

/*
 * Starts the request. 0: *ret_fd is a pipe that gives the provider's name, a line feed and the
 * body of the answer, or nothing. -ENOENT: not a machine of a provider that has such a service.
 * base_url: scheme, numeric address and port; NULL for the provider's own.
 */
[[nodiscard]] int metadata_start(const struct root *sys, const char *base_url, int *ret_fd);

#endif
