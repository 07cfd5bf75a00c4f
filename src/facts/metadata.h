/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metadata: asks the cloud provider's metadata service about this virtual machine, read-only, for
 * 200 ms at most, and only where DMI says that this is such a machine. The request runs in a
 * process of its own, the only one with an internet socket.
 */
#ifndef HF_FACTS_METADATA_H
#define HF_FACTS_METADATA_H

#include <sys/socket.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/root.h"

#define METADATA_MS 200
#define METADATA_MAX ((size_t)64 << 10)
#define METADATA_HEAD_MAX ((size_t)16 << 10)

/*
 * Starts the request. 0: *ret_fd is a pipe that gives the provider's name, a line feed and the
 * body of the answer, or "name reason", a line feed and nothing. -ENOENT: not a machine of a
 * provider that has such a service. base_url: scheme, numeric address and port; NULL for the
 * provider's own.
 */
[[nodiscard]] int metadata_start(const struct root *sys, const char *base_url, int *ret_fd);

/*
 * The request itself, all of it within timeout_ms. The body is the provider's JSON document, or
 * lines of "key: value" where it answers one question at a time. -ENOENT: no such provider;
 * -EINVAL: base_url; -ETIME; -EBADMSG: no HTTP, or a status other than 200; -EFBIG; or why there
 * is no connection. *reason (may be NULL) says more.
 */
[[nodiscard]] int metadata_fetch(const char *provider, const char *base_url, int timeout_ms,
				 struct buf *out, struct diag *reason);

/* "http://169.254.169.254", "http://[fd00:ec2::254]:80". -EINVAL for all else. */
[[nodiscard]] int metadata_address(struct str url, struct sockaddr_storage *ret, unsigned *ret_len);

/*
 * Pure: an answer of HTTP/1.x as far as it was read. 1: complete, the body is in *body and the
 * status in *ret_status; 0: more is needed; -EBADMSG, -EFBIG. end: nothing more will come.
 */
[[nodiscard]] int metadata_http(struct str text, bool end, struct buf *body, unsigned *ret_status);

#endif
