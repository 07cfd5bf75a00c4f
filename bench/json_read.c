/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: json_read holdfast|jansson|sqlite FILE
 * Reads FILE into memory, parses it and prints seconds, bytes of the file, values and peak memory
 * in bytes above an idle process. For bench/json.
 */
#include <fcntl.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static size_t with_holdfast(struct str text)
{
	own(jdoc_release) struct jdoc doc = {};
	struct diag d = {};
	char message[600];

	if (jdoc_parse(text, &(struct joptions){}, &doc, &d) < 0) {
		fprintf(stderr, "%s\n", diag_text(&d, message, sizeof message));
		return 0;
	}
	return doc.n;
}

static size_t with_jansson(struct str text)
{
	json_error_t error;
	json_t *root = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, &error);
	size_t n = root ? 1 : 0;

	json_decref(root);
	return n;
}

/* The rules of all NSGs, as SQL over the document has to ask for them. */
static size_t with_sqlite(struct str text)
{
	static const char sql[] =
		"SELECT count(*) FROM json_each(?) AS nsg, json_each(nsg.value, '$.securityRules')";
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	size_t n = 0;

	if (sqlite3_open(":memory:", &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_bind_text64(st, 1, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8) ==
		    SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = (size_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

int main(int argc, char **argv)
{
	struct stat st;
	int fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	long idle = peak();
	char *text;
	size_t n = 0;
	double start;

	if (fd < 0 || fstat(fd, &st) < 0 || !(text = malloc((size_t)st.st_size + 1)))
		return 1;
	for (ssize_t got; (got = read(fd, text + n, (size_t)st.st_size - n)) > 0;)
		n += (size_t)got;
	start = now();
	n = !strcmp(argv[1], "holdfast")  ? with_holdfast((struct str){ text, n })
	    : !strcmp(argv[1], "jansson") ? with_jansson((struct str){ text, n })
					  : with_sqlite((struct str){ text, n });
	printf("%.6f %lld %zu %ld\n", now() - start, (long long)st.st_size, n,
	       (peak() - idle) * 1024);
	free(text);
	close(fd);
	return n ? 0 : 1;
}
