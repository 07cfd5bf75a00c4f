/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of /proc/PID, /proc/net and /proc/mounts. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "facts/linux/mount_table.h"
#include "facts/linux/proc.h"
#include "facts/linux/sockets.h"
#include "fuzz.h"

static void sockets(struct str line)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < COUNT(families); i++) {
		struct listener l;
		char address[46];

		if (socket_parse_line(line, IPPROTO_UDP, families[i], &l) != 1)
			continue;
		listener_address(&l, address);
		fuzz_assert(address[0] && l.port && *listener_family(&l));
		(void)listener_is_loopback(&l);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { len ? (const char *)data : "", len }, rest = text, line, path;
	struct mount_table mounts = {};
	struct proc_stat stat;
	int64_t uid, euid;
	size_t bad;

	if (proc_parse_stat(text, &stat) == 0)
		fuzz_assert(stat.comm.len <= text.len);
	(void)proc_parse_uids(text, &uid, &euid);
	fuzz_assert(proc_unit(text).len <= text.len);
	fuzz_assert(proc_container(text).len <= text.len);
	while (str_line(&rest, &line, NULL)) {
		if (proc_parse_deleted(line, &path))
			fuzz_assert(path.len && path.ptr[0] == '/');
		sockets(line);
	}
	if (mount_parse(text, &a, &mounts, &bad) == 0)
		for (size_t i = 0; i < mounts.n; i++)
			fuzz_assert(mounts.list[i].path.len && mounts.list[i].line);
	(void)mount_of(&mounts, STR("/usr/bin/passwd"));
	return 0;
}
