/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ban_net: a network namespace of the test's own, and programs in it. */
#ifndef HF_BAN_NET_H
#define HF_BAN_NET_H

#include <sched.h>

#include "action/ban.h"
#include "base/subprocess.h"
#include "tap.h"

static inline struct prefix prefix(const char *text)
{
	struct prefix p = {};

	if (prefix_parse(str_of(text), &p) < 0)
		printf("# %s is no prefix\n", text);
	return p;
}

/* Runs words separated by blanks ("nft list ruleset"); its output, empty where it fails. */
static inline struct str run(struct buf *out, const char *command)
{
	char words[1024];
	const char *argv[64];
	size_t n = 0;
	int status = -1, r;

	(void)snprintf(words, sizeof words, "%s", command);
	for (char *save = NULL, *w = strtok_r(words, " ", &save); w && n < COUNT(argv) - 1;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n] = NULL;
	buf_reset(out);
	r = subprocess_run(argv, 60000, out, &status);
	if (r < 0 || status) {
		printf("# %s: %d, status %d\n", command, r, status);
		buf_reset(out);
	}
	return buf_view(out);
}

static inline bool runs(const char *command)
{
	own(buf_release) struct buf out = BUF(16 << 20);
	char words[1024];
	const char *argv[64];
	size_t n = 0;
	int status = -1;

	(void)snprintf(words, sizeof words, "%s", command);
	for (char *save = NULL, *w = strtok_r(words, " ", &save); w && n < COUNT(argv) - 1;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	argv[n] = NULL;
	return subprocess_run(argv, 60000, &out, &status) == 0 && status == 0;
}

/* False: this test cannot run here, as it has said. Nothing of it is left behind at exit. */
static inline bool enter_namespace(const char *name)
{
	if (unshare(CLONE_NEWNET) < 0) {
		skip(name, "needs root and network namespaces");
		return false;
	}
	if (!runs("nft list ruleset") || !runs("ip link set lo up")) {
		skip(name, "needs nft and ip");
		return false;
	}
	return true;
}

struct ban_text {
	char text[1 << 16];
	size_t n;
};

static inline int ban_text_add(void *user, const struct ban_item *item)
{
	struct ban_text *t = user;
	char name[PREFIX_TEXT];
	size_t len = strlen(t->text);

	t->n++;
	(void)snprintf(t->text + len, sizeof t->text - len, "%s%s", len ? " " : "",
		       prefix_format(&item->prefix, name).ptr);
	return 0;
}

/* Number of bans. */
static inline size_t count_bans(struct ban *b)
{
	static struct ban_text t;

	t = (struct ban_text){};
	return ban_list(b, ban_text_add, &t, NULL) == 0 ? t.n : SIZE_MAX;
}

static inline bool is_banned(struct ban *b, const char *text)
{
	static struct ban_text t;
	char padded[64];

	t = (struct ban_text){ .text = " " };
	if (ban_list(b, ban_text_add, &t, NULL) < 0)
		return false;
	(void)snprintf(padded, sizeof padded, " %s ", text);
	(void)strncat(t.text, " ", sizeof t.text - strlen(t.text) - 1);
	return strstr(t.text, padded);
}

#endif
