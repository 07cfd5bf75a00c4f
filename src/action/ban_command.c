/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <sys/wait.h>

#include "action/ban_backend.h"
#include "action/ban_command.h"
#include "base/subprocess.h"

#define TIMEOUT_MS 10'000
#define OUTPUT_MAX ((size_t)64 << 10)
#define LIST_MAX ((size_t)64 << 20)

struct command {
	struct ban ban;
	struct ban_command_config c;
	struct prefix *allow; /* owned, of prefix_sort() */
	size_t n_allow;
};

static bool placeholder(struct str name, const struct ban_item *item, char *ret, size_t size)
{
	struct prefix first = item->prefix;
	char text[PREFIX_TEXT];

	first.bits = PREFIX_HOST;
	if (str_eq(name, STR("prefix")))
		(void)snprintf(ret, size, "%s", prefix_format(&item->prefix, text).ptr);
	else if (str_eq(name, STR("address")))
		(void)snprintf(ret, size, "%s", prefix_format(&first, text).ptr);
	else if (str_eq(name, STR("length")))
		(void)snprintf(ret, size, "%u", prefix_length(&item->prefix));
	else if (str_eq(name, STR("family")))
		(void)snprintf(ret, size, "%d", prefix_is_v4(&item->prefix) ? 4 : 6);
	else if (str_eq(name, STR("seconds")))
		(void)snprintf(ret, size, "%u", item->seconds);
	else
		return false;
	return true;
}

int ban_command_fill(const char *argument, const struct ban_item *item,
		     char ret[static BAN_COMMAND_ARG_MAX])
{
	size_t n = 0;

	for (const char *p = argument; *p; p++) {
		char value[PREFIX_TEXT] = { *p };
		const char *end;

		if (*p == '{' && p[1] == '{') {
			p++;
		} else if (*p == '{') {
			end = strchr(p, '}');
			if (!end || !placeholder((struct str){ p + 1, (size_t)(end - p - 1) }, item,
						 value, sizeof value))
				return -EINVAL;
			p = end;
		}
		if (n + strlen(value) >= BAN_COMMAND_ARG_MAX)
			return -E2BIG;
		memcpy(ret + n, value, strlen(value));
		n += strlen(value);
	}
	ret[n] = 0;
	return 0;
}

/* Also of placeholders, so that a mistake is told at the start and not at the first ban. */
static int check_vector(const char *const *argv, const char *what, bool needed, struct diag *d)
{
	const struct ban_item sample = { .prefix = { .bits = PREFIX_HOST }, .seconds = UINT32_MAX };
	char filled[BAN_COMMAND_ARG_MAX];
	size_t n = 0;

	if (!argv || !argv[0])
		return needed ? diag_set(d, -EINVAL, "", 0, "no program to %s", what) : 0;
	if (argv[0][0] != '/')
		return diag_set(d, -EINVAL, "", 0, "the program to %s needs an absolute path",
				what);
	if (access(argv[0], X_OK) < 0)
		return diag_set(d, -errno, argv[0], 0, "the program to %s cannot be run: %s", what,
				strerror(errno));
	for (; argv[n]; n++)
		if (n == BAN_COMMAND_ARGS - 1 || ban_command_fill(argv[n], &sample, filled) < 0)
			return diag_set(
				d, -EINVAL, argv[0], 0,
				"argument %zu of the program to %s: too long, too many or an "
				"unknown placeholder",
				n, what);
	return 0;
}

static void command_close(struct ban *ban)
{
	struct command *b = (struct command *)ban;

	free(b->allow);
	free(b);
}

static int command_open(const struct ban_config *c, struct ban **ret, struct diag *d)
{
	const struct ban_command_config *given = c->command;
	struct command *b;
	int r;

	if (!given)
		return diag_set(d, -EINVAL, "", 0, "no programs are given");
	r = check_vector(given->add, "ban", true, d);
	if (r == 0)
		r = check_vector(given->remove, "unban", true, d);
	if (r == 0)
		r = check_vector(given->check, "check", false, d);
	if (r == 0)
		r = check_vector(given->list, "list bans", false, d);
	if (r < 0)
		return r;
	b = calloc(1, sizeof *b);
	if (!b)
		return -ENOMEM;
	b->ban.ops = &ban_command;
	b->c = *given;
	if (!b->c.timeout_ms)
		b->c.timeout_ms = TIMEOUT_MS;
	*ret = &b->ban;
	return 0;
}

/* *ret_status: what it exits with. */
static int run(const struct command *b, const char *const *argv, const struct ban_item *item,
	       struct buf *out, int *ret_status)
{
	own(free_ptr) char(*filled)[BAN_COMMAND_ARG_MAX] = calloc(BAN_COMMAND_ARGS, sizeof *filled);
	const char *ready[BAN_COMMAND_ARGS] = {};
	int r = 0, status = 0;

	if (!filled)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && argv[i]; i++) {
		r = ban_command_fill(argv[i], item, filled[i]);
		ready[i] = filled[i];
	}
	if (r == 0)
		r = subprocess_run(ready, (int)b->c.timeout_ms, out, &status);
	if (r < 0)
		return r;
	if (!WIFEXITED(status))
		return -EPROTO;
	*ret_status = WEXITSTATUS(status);
	return 0;
}

static int run_item(const struct command *b, const char *const *argv, const struct ban_item *item)
{
	own(buf_release) struct buf out = BUF(OUTPUT_MAX);
	int status = 0, r = run(b, argv, item, &out, &status);

	return r == 0 && status ? -EPROTO : r;
}

static int command_add(struct ban *ban, struct ban_item *items, size_t n, struct diag *d)
{
	const struct command *b = (const struct command *)ban;

	(void)d;
	for (size_t i = 0; i < n; i++) {
		if (items[i].error != -EINPROGRESS)
			continue;
		if (prefix_touched(b->allow, b->n_allow, &items[i].prefix))
			items[i].error = -EACCES;
		else
			items[i].error = run_item(b, b->c.add, &items[i]);
	}
	return 0;
}

static int command_remove(struct ban *ban, struct ban_item *items, size_t n, struct diag *d)
{
	const struct command *b = (const struct command *)ban;

	(void)d;
	for (size_t i = 0; i < n; i++)
		if (items[i].error == -EINPROGRESS)
			items[i].error = run_item(b, b->c.remove, &items[i]);
	return 0;
}

static int command_ensure(struct ban *ban, unsigned *ret, struct diag *d)
{
	const struct command *b = (const struct command *)ban;
	const struct ban_item none = { .prefix = { .bits = PREFIX_HOST } };
	own(buf_release) struct buf out = BUF(OUTPUT_MAX);
	int status = 0, r = 0;

	if (b->c.check)
		r = run(b, b->c.check, &none, &out, &status);
	if (r == 0 && status > 1)
		r = -EPROTO;
	if (r < 0)
		return diag_set(d, r, b->c.check[0], 0,
				"the check of the bans fails (%s, status %d)", strerror(-r),
				status);
	*ret = status ? BAN_EMPTIED : 0;
	return 0;
}

static int command_allow(struct ban *ban, const struct prefix *list, size_t n, struct diag *d)
{
	struct command *b = (struct command *)ban;

	return ban_allow_keep(&b->allow, &b->n_allow, list, n, d);
}

static int command_list(struct ban *ban, ban_fn *fn, void *user, struct diag *d)
{
	const struct command *b = (const struct command *)ban;
	const struct ban_item none = { .prefix = { .bits = PREFIX_HOST } };
	own(buf_release) struct buf out = BUF(LIST_MAX);
	struct str text, line;
	unsigned number = 0;
	int status = 0, r;

	if (!b->c.list)
		return diag_set(d, -EOPNOTSUPP, "", 0, "there is no program to list bans");
	r = run(b, b->c.list, &none, &out, &status);
	if (r == 0 && status)
		r = -EPROTO;
	if (r < 0)
		return diag_set(d, r, b->c.list[0], 0, "the list of bans fails (%s, status %d)",
				strerror(-r), status);
	text = buf_view(&out);
	while (r >= 0 && str_line(&text, &line, &number)) {
		struct str word = str_word(&line), left = str_word(&line);
		struct ban_item item = {};
		uint64_t seconds = 0;

		if (!word.len)
			continue;
		if (prefix_parse(word, &item.prefix) < 0 ||
		    (left.len && str_to_u64(left, 10, &seconds) < 0))
			return diag_set(d, -EBADMSG, b->c.list[0], number,
					"a line of the list of bans is no prefix and seconds");
		item.seconds = (uint32_t)MIN(seconds, UINT32_MAX);
		r = fn(user, &item);
	}
	return MIN(r, 0);
}

const struct ban_ops ban_command = {
	.name = "command",
	.open = command_open,
	.close = command_close,
	.ensure = command_ensure,
	.add = command_add,
	.remove = command_remove,
	.allow = command_allow,
	.list = command_list,
};
