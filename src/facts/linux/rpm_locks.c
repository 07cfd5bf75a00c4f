/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/rpm_locks.h"

#define LOCKS_MAX 4096
#define SPEC_MAX 1024

static bool matches(struct str pattern, const char *form, const struct rpm_named *p)
{
	struct str evr = p->evr, epoch = STR("0");
	ssize_t colon = str_find(evr, ':'), dash;
	char text[SPEC_MAX];
	size_t n = 0;

	if (colon >= 0) {
		epoch = str_sub(evr, 0, (size_t)colon);
		evr = str_sub(evr, (size_t)colon + 1, evr.len);
	}
	dash = str_rfind(evr, '-');
	for (; *form; form++) {
		struct str s = { form, 1 };

		switch (*form) {
		case 'n': s = p->name; break;
		case 'e': s = epoch; break;
		case 'v': s = str_sub(evr, 0, dash < 0 ? evr.len : (size_t)dash); break;
		case 'r': s = dash < 0 ? STR("") : str_sub(evr, (size_t)dash + 1, evr.len); break;
		case 'a': s = p->arch; break;
		default: break;
		}
		if (s.len > sizeof text - n)
			return false;
		memcpy(text + n, s.ptr, s.len);
		n += s.len;
	}
	return str_glob(pattern, (struct str){ text, n });
}

static bool matches_any(struct str pattern, const struct rpm_named *p)
{
	/* The last one is how yum writes locks. */
	static const char *const forms[] = { "n",       "n.a",   "n-v",       "n-v-r",    "n-v-r.a",
					     "n-e:v-r", "n-e:v", "n-e:v-r.a", "e:n-v-r.a" };

	for (size_t i = 0; i < COUNT(forms); i++)
		if (matches(pattern, forms[i], p))
			return true;
	return false;
}

bool rpm_named_in(const struct rpm_named *p, struct str patterns)
{
	while (patterns.len) {
		struct str list = str_cut(&patterns, ','), pattern;

		while ((pattern = str_word(&list)).len)
			if (matches_any(pattern, p))
				return true;
	}
	return false;
}

/* The name in "NAME-0:1.2-3.el9.*", "0:NAME-1.2-3.el9.*" or "NAME". */
static struct str name_of(struct str s)
{
	ssize_t colon = str_find(s, ':'), dash = str_rfind(s, '-');
	bool front = colon > 0;

	for (ssize_t i = 0; front && i < colon; i++)
		front = s.ptr[i] >= '0' && s.ptr[i] <= '9';
	if (front) {
		s = str_sub(s, (size_t)colon + 1, s.len);
		dash = str_rfind(s, '-');
	}
	if (dash > 0)
		dash = str_rfind(str_sub(s, 0, (size_t)dash), '-');
	return dash > 0 ? str_sub(s, 0, (size_t)dash) : s;
}

static int add(struct collect *c, struct rpm_locks *x, struct str pattern)
{
	struct rpm_lock lock = { .pattern = pattern, .ban = str_starts(pattern, STR("!")) };

	if (lock.ban)
		lock.pattern = str_sub(pattern, 1, pattern.len);
	lock.name = name_of(lock.pattern);
	if (!lock.name.len || x->n >= LOCKS_MAX)
		return 0;
	return arena_push(c->arena, x->list, x->n, x->cap, lock);
}

/* A pattern a line: dnf-versionlock(8). */
static int read_list(struct collect *c, const char *path, struct rpm_locks *x)
{
	struct str text, line, word;
	int r = collect_read(c, path, &text, NULL);

	if (r != 1)
		return r;
	while (r >= 0 && str_line(&text, &line, NULL)) {
		word = str_word(&line);
		if (word.len && word.ptr[0] != '#')
			r = add(c, x, word);
	}
	return MIN(r, 0);
}

/* zypper-addlock(8): a package stays as it is. */
static int read_zypper(struct collect *c, struct rpm_locks *x)
{
	struct str text, line;
	int r = collect_read(c, "/etc/zypp/locks", &text, NULL);

	if (r != 1)
		return r;
	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str key = str_trim(str_cut(&line, ':'));

		line = str_trim(line);
		if (str_eq(key, STR("solvable_name")) && line.len && x->n < LOCKS_MAX)
			r = arena_push(
				c->arena, x->list, x->n, x->cap,
				((struct rpm_lock){ .name = line, .pattern = line, .ban = true }));
	}
	return MIN(r, 0);
}

int rpm_locks_load(struct collect *c, struct rpm_locks *ret)
{
	static const char *const lists[] = { "/etc/dnf/plugins/versionlock.list",
					     "/etc/yum/pluginconf.d/versionlock.list" };
	struct rpm_locks x = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(lists); i++)
		r = read_list(c, lists[i], &x);
	if (r >= 0)
		r = read_zypper(c, &x);
	if (r >= 0)
		*ret = x;
	return r;
}

/* Of a name that has locks, one of them must name the version. */
bool rpm_locks_keep(const struct rpm_locks *locks, const struct rpm_named *p)
{
	bool locked = false, allowed = false;

	for (size_t i = 0; i < locks->n; i++) {
		const struct rpm_lock *l = &locks->list[i];

		if (!str_glob(l->name, p->name))
			continue;
		if (l->ban && matches_any(l->pattern, p))
			return true;
		if (!l->ban) {
			locked = true;
			/* A bare name locks whatever is installed. */
			allowed |= !str_eq(l->pattern, l->name) && matches_any(l->pattern, p);
		}
	}
	return locked && !allowed;
}
