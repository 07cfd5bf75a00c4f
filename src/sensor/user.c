/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/user.h"

static int compare(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* False: not a line of an account. */
static bool account(struct str line, struct str *ret_name, uint32_t *ret_uid)
{
	struct str name = str_cut(&line, ':');
	uint64_t uid;

	str_cut(&line, ':');
	if (!name.len || name.len > USER_NAME || name.ptr[0] == '#' || !line.ptr ||
	    str_to_u64(str_cut(&line, ':'), 10, &uid) < 0 || uid >= UINT32_MAX)
		return false;
	*ret_name = name;
	*ret_uid = (uint32_t)uid;
	return true;
}

void users_set(struct users *u, struct str passwd)
{
	struct users fresh = { .list = NULL };
	struct str line, name;
	size_t used = 0, room = passwd.len + 1, lines = 1;
	uint32_t uid;

	for (size_t i = 0; i < passwd.len; i++)
		lines += passwd.ptr[i] == '\n';
	lines = MIN(lines, USERS_MAX);
	if (room > UINT32_MAX)
		return;
	fresh.list = calloc(lines, sizeof(*fresh.list));
	fresh.text = malloc(room);
	if (!fresh.list || !fresh.text) {
		users_release(&fresh);
		return;
	}
	while (fresh.n < lines && str_line(&passwd, &line, NULL)) {
		if (!account(line, &name, &uid))
			continue;
		memcpy(fresh.text + used, name.ptr, name.len);
		fresh.list[fresh.n++] = (struct user){ uid, (uint32_t)used, (uint32_t)name.len };
		used += name.len;
	}
	qsort(fresh.list, fresh.n, sizeof(*fresh.list), compare);
	users_release(u);
	*u = fresh;
}

struct str users_name(const struct users *u, uint32_t uid)
{
	size_t low = 0, high = u->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->list[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == u->n || u->list[low].uid != uid)
		return (struct str){ "", 0 };
	return (struct str){ u->text + u->list[low].at, u->list[low].len };
}

void users_release(struct users *u)
{
	free(u->list);
	free(u->text);
	*u = (struct users){};
}
