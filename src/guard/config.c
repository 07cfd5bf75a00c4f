/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "guard/config_work.h"

struct key {
	struct config_key doc;
	int (*set)(struct line *l, size_t offset);
	size_t offset;
};

static void *at(const struct line *l, size_t offset) { return (char *)l->c + offset; }

int line_keep(struct line *l, size_t word, struct str *ret)
{
	struct str copy = arena_str(&l->c->arena, l->conf.words[word]);

	if (!copy.ptr)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int set_mode(struct line *l, size_t offset)
{
	(void)offset;
	if (l->conf.n < 2 || (!str_eq(l->conf.words[1], STR("observe")) &&
			      !str_eq(l->conf.words[1], STR("enforce"))))
		return conf_wrong(&l->conf, 1, "observe or enforce");
	l->c->enforce = str_eq(l->conf.words[1], STR("enforce"));
	return conf_only(&l->conf, 2);
}

bool line_is_path(struct str s)
{
	return s.len > 1 && s.len < 1'024 && s.ptr[0] == '/' && !memchr(s.ptr, 0, s.len);
}

static int set_path(struct line *l, size_t offset)
{
	if (l->conf.n < 2 || !line_is_path(l->conf.words[1]))
		return conf_wrong(&l->conf, 1, "a path that begins with /");
	return conf_only(&l->conf, 2) < 0 ? -EINVAL : line_keep(l, 1, at(l, offset));
}

static int set_text(struct line *l, size_t offset)
{
	if (l->conf.n < 2 || !l->conf.words[1].len || l->conf.words[1].len > 64)
		return conf_wrong(&l->conf, 1, "a name");
	return conf_only(&l->conf, 2) < 0 ? -EINVAL : line_keep(l, 1, at(l, offset));
}

static int set_bool(struct line *l, size_t offset)
{
	if (l->conf.n < 2 || str_to_bool(l->conf.words[1], at(l, offset)) < 0)
		return conf_wrong(&l->conf, 1, "yes or no");
	return conf_only(&l->conf, 2);
}

static int set_number(struct line *l, size_t offset)
{
	uint64_t n;

	if (l->conf.n < 2 || str_to_u64(l->conf.words[1], 10, &n) < 0 || !n ||
	    n > UINT64_C(1) << 20)
		return conf_wrong(&l->conf, 1, "a number from 1 to 1048576");
	*(unsigned *)at(l, offset) = (unsigned)n;
	return conf_only(&l->conf, 2);
}

int config_seconds(struct str s, unsigned *ret)
{
	unsigned n;

	if (conf_seconds(s, &n) < 0 || !n)
		return -EINVAL;
	*ret = n;
	return 0;
}

static int set_seconds(struct line *l, size_t offset)
{
	if (l->conf.n < 2 || config_seconds(l->conf.words[1], at(l, offset)) < 0)
		return conf_wrong(&l->conf, 1, LINE_A_TIME);
	return conf_only(&l->conf, 2);
}

static int set_level(struct line *l, size_t offset)
{
	int level = l->conf.n < 2 ? -1 : rule_level_find(l->conf.words[1]);

	if (level < 0)
		return conf_wrong(&l->conf, 1, "informational, low, medium, high or critical");
	*(enum rule_level *)at(l, offset) = (enum rule_level)level;
	return conf_only(&l->conf, 2);
}

static int set_networks(struct line *l, size_t offset)
{
	uint64_t n;

	(void)offset;
	if (l->conf.n == 2 && str_eq(l->conf.words[1], STR("never"))) {
		l->c->ban_networks = UINT32_MAX;
		return 0;
	}
	if (l->conf.n < 2 || str_to_u64(l->conf.words[1], 10, &n) < 0 || n < 2 || n > 256)
		return conf_wrong(&l->conf, 1, "never or a number from 2 to 256");
	l->c->ban_networks = (unsigned)n;
	return conf_only(&l->conf, 2);
}

static int set_fold(struct line *l, size_t offset)
{
	(void)offset;
	if (l->conf.n == 2 && str_eq(l->conf.words[1], STR("never"))) {
		l->c->fold = 0;
		return 0;
	}
	if (l->conf.n < 2 || config_seconds(l->conf.words[1], &l->c->fold) < 0)
		return conf_wrong(&l->conf, 1, "never or " LINE_A_TIME);
	return conf_only(&l->conf, 2);
}

static int set_backend(struct line *l, size_t offset)
{
	static const char *const names[] = { "auto", "nft", "ipset", "none", "azure" };

	(void)offset;
	for (unsigned i = 0; l->conf.n > 1 && i < COUNT(names); i++)
		if (str_eq(l->conf.words[1], str_of(names[i]))) {
			l->c->backend = (enum config_backend)i;
			return conf_only(&l->conf, 2);
		}
	return conf_wrong(&l->conf, 1, "auto, nft, ipset, azure or none");
}

static int set_command(struct line *l, size_t offset)
{
	int r = 0;

	(void)offset;
	if (l->conf.n < 2 || !line_is_path(l->conf.words[1]))
		return conf_wrong(&l->conf, 1, "the path of a program, beginning with /");
	l->c->n_command = 0;
	for (size_t i = 1; r >= 0 && i < l->conf.n; i++) {
		struct str word;

		r = line_keep(l, i, &word);
		if (r >= 0)
			r = arena_push(&l->c->arena, l->c->command, l->c->n_command,
				       l->c->cap_command, word);
	}
	return r;
}

static int add_deed(struct line *l, size_t offset)
{
	static const char *const deeds[] = { "ban", "alert", "ignore" };
	struct guard_config *c = l->c;
	struct str name;
	unsigned deed = 0;
	int r;

	(void)offset;
	if (l->conf.n < 2 || c->n_deeds >= CONFIG_LIST_MAX)
		return conf_wrong(&l->conf, 1, "the name of a rule (holdfast rules list)");
	while (l->conf.n > 2 && deed < COUNT(deeds) &&
	       !str_eq(l->conf.words[2], str_of(deeds[deed])))
		deed++;
	if (l->conf.n < 3 || deed == COUNT(deeds))
		return conf_wrong(&l->conf, 2, "ban, alert or ignore");
	r = conf_only(&l->conf, 3);
	if (r >= 0)
		r = line_keep(l, 1, &name);
	return r < 0 ? r
		     : arena_push(&c->arena, c->deeds, c->n_deeds, c->cap_deeds,
				  ((struct config_rule){ name, (enum config_deed)deed }));
}

static bool is_rule_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			    s.ptr[i]))
			return false;
	return s.len && s.len <= 64;
}

static int add_after(struct line *l, size_t offset)
{
	struct guard_config *c = l->c;
	struct config_after after = {};
	uint64_t n;
	int r;

	(void)offset;
	if (l->conf.n < 2 || str_to_u64(l->conf.words[1], 10, &n) < 0 || !n || n > 10'000)
		return conf_wrong(&l->conf, 1, "a number from 1 to 10000");
	if (l->conf.n < 3 || !str_eq(l->conf.words[2], STR("of")))
		return conf_wrong(&l->conf, 2, "'of'");
	if (l->conf.n < 4 || !is_rule_name(l->conf.words[3]))
		return conf_wrong(&l->conf, 3, "the name of a rule, as ssh_login_failed");
	if (l->conf.n < 5 || !str_eq(l->conf.words[4], STR("in")))
		return conf_wrong(&l->conf, 4, "'in'");
	if (l->conf.n < 6 || config_seconds(l->conf.words[5], &after.seconds) < 0)
		return conf_wrong(&l->conf, 5, LINE_A_TIME);
	if (conf_only(&l->conf, 6) < 0 || c->n_after >= CONFIG_LIST_MAX)
		return conf_wrong(&l->conf, 6, "the end of the line");
	after.count = (unsigned)n;
	r = line_keep(l, 3, &after.rule);
	return r < 0 ? r : arena_push(&c->arena, c->after, c->n_after, c->cap_after, after);
}

static int add_allow(struct line *l)
{
	struct guard_config *c = l->c;
	struct prefix p;

	if (prefix_parse(l->conf.words[0], &p) < 0)
		return conf_wrong(&l->conf, 0, "an address or a network as 203.0.113.0/24");
	if (c->n_allow >= CONFIG_LIST_MAX)
		return conf_wrong(&l->conf, 0, "at most 1024 networks");
	return conf_only(&l->conf, 1) < 0
		       ? -EINVAL
		       : arena_push(&c->arena, c->allow, c->n_allow, c->cap_allow, p);
}

/* Where alerts go is understood by the sinks; here only the words are taken. */
static int add_sink(struct line *l)
{
	struct guard_config *c = l->c;
	struct config_sink s = { .line = l->conf.number, .column = l->conf.columns[0] };
	int r = line_keep(l, 0, &s.kind);

	if (l->conf.n < 2 || c->n_sinks >= 64)
		return conf_wrong(&l->conf, 1, "where alerts go to");
	if (l->conf.n - 1 > COUNT(s.words))
		return conf_wrong(&l->conf, COUNT(s.words) + 1, "the end of the line");
	for (size_t i = 1; r >= 0 && i < l->conf.n; i++)
		r = line_keep(l, i, &s.words[s.n++]);
	return r < 0 ? r : arena_push(&c->arena, c->sinks, c->n_sinks, c->cap_sinks, s);
}

/* clang-format off */
#define AT(member) offsetof(struct guard_config, member)
static const struct key keys[] = {
#define KEY(section, name, args, set, offset, help) {{section, name, args, help}, set, offset},
#include "guard/config_keys.def"
#undef KEY
};
static const char *const sections[] = { "guard", "sources", "bans", "floods",
					 "alerts", "allow" };
static const char *const sink_kinds[] = { "file", "syslog", "webhook", "email" };
/* clang-format on */

size_t config_keys(const struct config_key **ret)
{
	static struct config_key list[COUNT(keys)];

	for (size_t i = 0; i < COUNT(keys); i++)
		list[i] = keys[i].doc;
	*ret = list;
	return COUNT(keys);
}

static int take_section(struct line *l, const char **section)
{
	struct str name = l->conf.words[0];

	if (!str_ends(name, STR("]")))
		return conf_wrong(&l->conf, 0,
				  "[guard], [sources], [bans], [floods], [alerts] or [allow]");
	name = str_sub(name, 1, name.len - 1);
	for (size_t i = 0; i < COUNT(sections); i++)
		if (str_eq(name, str_of(sections[i]))) {
			*section = sections[i];
			return conf_only(&l->conf, 1);
		}
	return conf_wrong(&l->conf, 0, "[guard], [sources], [bans], [floods], [alerts] or [allow]");
}

static bool is_sink(struct str name)
{
	for (size_t i = 0; i < COUNT(sink_kinds); i++)
		if (str_eq(name, str_of(sink_kinds[i])))
			return true;
	return false;
}

/* Names the keys that there are. */
static int unknown_key(struct line *l, const char *section)
{
	char expected[220] = "one of";
	size_t n = strlen(expected);

	for (size_t i = 0; i < COUNT(keys) && n < sizeof expected - 20; i++)
		if (!strcmp(keys[i].doc.section, section))
			n += (size_t)snprintf(expected + n, sizeof expected - n, " %s",
					      keys[i].doc.name);
	for (size_t i = 0; !strcmp(section, "alerts") && i < COUNT(sink_kinds); i++)
		if (n < sizeof expected - 20)
			n += (size_t)snprintf(expected + n, sizeof expected - n, " %s",
					      sink_kinds[i]);
	return conf_wrong(&l->conf, 0, expected);
}

static int take_key(struct line *l, const char *section)
{
	if (!strcmp(section, "allow"))
		return add_allow(l);
	for (size_t i = 0; i < COUNT(keys); i++)
		if (!strcmp(keys[i].doc.section, section) &&
		    str_eq(l->conf.words[0], str_of(keys[i].doc.name)))
			return keys[i].set(l, keys[i].offset);
	if (!strcmp(section, "alerts") && is_sink(l->conf.words[0]))
		return add_sink(l);
	return unknown_key(l, section);
}

static int parse_lines(struct str text, const char *file, struct guard_config *c, struct diag *d)
{
	struct line l = {
		.c = c,
		.conf = {.rest = text, .file = file, .d = d},
	};
	const char *section = "guard";
	int r;

	while ((r = conf_next(&l.conf)) > 0) {
		r = str_starts(l.conf.words[0], STR("[")) ? take_section(&l, &section)
							  : take_key(&l, section);
		if (r < 0)
			break;
	}
	return r;
}

int guard_config_default(struct guard_config *ret)
{
	*ret = (struct guard_config){
		.arena = { .limit = (size_t)8 << 20 },
		.state = STR("/var/lib/holdfast"),
		.socket = STR("/run/holdfast/guard.sock"),
		.group = STR("holdfast"),
		.user = STR("holdfast"),
		.builtin_rules = true,
		.sensors = true,
		.integrity = true,
		.ban_level = LEVEL_MEDIUM,
		.alert_level = LEVEL_LOW,
		.fold = 60,
		.cut = true,
		.flood_time = 600,
	};
	return 0;
}

int guard_config_parse(struct str text, const char *file, struct guard_config *ret, struct diag *d)
{
	own(guard_config_release) struct guard_config c = {};
	int r = guard_config_default(&c);

	if (r >= 0)
		r = parse_lines(text, file, &c, d);
	if (r >= 0)
		r = config_check_azure(&c, file, d);
	if (r < 0)
		return r;
	*ret = take(c);
	return 0;
}

static int check_owner(const char *path, struct diag *d)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if ((st.st_mode & 022) || (st.st_uid && st.st_uid != geteuid()))
		return diag_set(d, -EPERM, path, 0,
				"others than root may write it (owner %u, mode %o): chown root, "
				"chmod 644",
				st.st_uid, st.st_mode & 07777);
	return 0;
}

int guard_config_read(const char *path, bool may_lack, struct guard_config *ret, struct diag *d)
{
	own(arena_release) struct arena a = { .limit = CONFIG_MAX + 65'536 };
	struct str text;
	int r = check_owner(path, d);

	if (r == -ENOENT && may_lack)
		return guard_config_default(ret);
	if (r >= 0)
		r = file_read(path, CONFIG_MAX, &a, &text);
	if (r < 0)
		return diag_set(d, r, path, 0, "%s", file_error(r));
	return guard_config_parse(text, path, ret, d);
}

void guard_config_release(struct guard_config *c)
{
	arena_release(&c->arena);
	*c = (struct guard_config){};
}

/* Where services log that do not log to the journal. */
static const char *const web_logs[] = {
	"/var/log/nginx/access.log",
	"/var/log/apache2/access.log",
	"/var/log/apache2/other_vhosts_access.log",
	"/var/log/httpd/access_log",
	"/var/log/caddy/access.log",
	"/var/log/vsftpd.log",
	"/var/log/proftpd/auth.log",
	"/var/log/mysql/error.log",
};
static const char *const system_logs[] = { "/var/log/auth.log", "/var/log/secure",
					   "/var/log/mail.log", "/var/log/maillog" };

static int add_default(struct guard_config *c, enum source_kind kind, const char *path)
{
	return arena_push(&c->arena, c->sources, c->n_sources, c->cap_sources,
			  ((struct config_source){ kind, str_of(path), STR("") }));
}

int config_default_sources(struct guard_config *c)
{
	bool journal = !access("/run/log/journal", F_OK) || !access("/var/log/journal", F_OK);
	int r = 0;

	if (journal)
		r = add_default(c, SOURCE_JOURNAL, "");
	/* The same lines in both would count twice. */
	for (size_t i = 0; r >= 0 && !journal && i < COUNT(system_logs); i++)
		r = add_default(c, SOURCE_FILE, system_logs[i]);
	for (size_t i = 0; r >= 0 && i < COUNT(web_logs); i++)
		r = add_default(c, SOURCE_FILE, web_logs[i]);
	return r;
}
