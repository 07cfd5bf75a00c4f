/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fact file of another machine: it is loaded, or refused with a reason; and texts are UTF-8. */
#include <fcntl.h>
#include <stdio.h>

#include "facts/store.h"
#include "fuzz.h"

static void check_texts(struct store *s, const char *sql)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(st) == SQLITE_ROW)
		for (struct str rest = store_text(st, 0); rest.len;)
			fuzz_assert(str_rune(&rest) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct store store;
	static char path[64];
	own(close_fd) int fd = -1;
	struct diag d = {};
	int r;

	if (!store.db && store_open(&store) < 0)
		return 0;
	if (!path[0])
		snprintf(path, sizeof path, "/tmp/holdfast-fuzz-%d", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len ||
	    store_exec(&store, "SAVEPOINT fuzz") < 0)
		return 0;
	r = store_load(&store, path, &d);
	unlink(path);
	fuzz_assert(r <= 0);
	fuzz_assert(r == 0 || d.reason[0]);
	check_texts(&store, "SELECT username FROM users");
	check_texts(&store, "SELECT reason FROM collector_status");
	fuzz_assert(store_exec(&store, "ROLLBACK TO fuzz; RELEASE fuzz") == 0);
	return 0;
}
