/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a product do its work? Asked of its own configuration and data. */
#include "facts/linux/agents.h"
#include "facts/linux/ini.h"

enum { SIGNATURES_FRESH = 7 * 86400 };

static int says(struct collect *c, int64_t value, const char *path, unsigned line, int64_t *ret,
		struct str *ret_evidence)
{
	*ret = value;
	*ret_evidence =
		line ? arena_fmt(c->arena, "%s:%u", path, line) : arena_fmt(c->arena, "%s", path);
	return ret_evidence->ptr ? 0 : -ENOMEM;
}

/* 1 where one of the files is there and not empty, 0 otherwise. */
static int needs_file(struct collect *c, const char *const paths[], size_t n, int64_t *ret,
		      struct str *ret_evidence)
{
	struct stat st;

	*ret = 0;
	for (size_t i = 0; i < n; i++)
		if (root_stat(c->root, paths[i], &st) == 0 && S_ISREG(st.st_mode) && st.st_size)
			return says(c, 1, paths[i], 0, ret, ret_evidence);
	return 0;
}

/* The first line for which match() is true, in the files of a glob. 1: found. */
typedef bool line_fn(struct str line);
static int find_line(struct collect *c, const char *pattern, line_fn *match, int64_t *ret,
		     struct str *ret_evidence)
{
	struct str *paths;
	size_t n = 0;
	int r = collect_glob(c, pattern, &paths, &n);

	for (size_t i = 0; r == 1 && i < n; i++) {
		struct str text, line;
		unsigned at = 0;
		int got = collect_read(c, paths[i].ptr, &text, NULL);

		if (got < 0)
			return got;
		while (got == 1 && str_line(&text, &line, &at)) {
			line = str_trim(line);
			if (!line.len || line.ptr[0] == '#' || !match(line))
				continue;
			got = says(c, 1, paths[i].ptr, at, ret, ret_evidence);
			return got < 0 ? got : 1;
		}
	}
	return MIN(r, 0);
}

static int find_any(struct collect *c, const char *const patterns[], size_t n, line_fn *match,
		    int64_t *ret, struct str *ret_evidence)
{
	int r = 0;

	*ret = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = find_line(c, patterns[i], match, ret, ret_evidence);
	return MIN(r, 0);
}

/* KEY=value of a shell file, unquoted; '' for another key. */
static struct str shell_value(struct str line, struct str key)
{
	struct str name = str_cut(&line, '=');

	return str_eq(str_trim(name), key) ? str_unquote(str_trim(line)) : STR("");
}

#define JAILS_MAX 256
struct jails {
	struct {
		struct str name;
		int64_t enabled; /* FACT_UNKNOWN: as [DEFAULT] */
		const char *file;
		unsigned line;
	} list[JAILS_MAX];
	size_t n;
};

static int read_jails(struct collect *c, const char *path, struct str text, void *user)
{
	struct jails *jails = user;
	struct ini ini = { .text = text };
	struct str key, value;
	size_t at = 0;
	int r;

	while ((r = ini_next(&ini, &key, &value)) == 1) {
		bool on;

		if (!key.ptr) {
			for (at = 0; at < jails->n; at++)
				if (str_eq(jails->list[at].name, ini.section))
					break;
			if (at == JAILS_MAX)
				return 0;
			if (at == jails->n) {
				jails->list[at].name = ini.section;
				jails->list[at].enabled = FACT_UNKNOWN;
				jails->list[at].file = path;
				jails->list[at].line = ini.line;
				jails->n++;
			}
		} else if (str_eq(key, STR("enabled")) && ini.section.len &&
			   str_to_bool(value, &on) == 0) {
			jails->list[at].enabled = on;
			jails->list[at].file = path;
			jails->list[at].line = ini.line;
		}
	}
	if (r == -EBADMSG) {
		collect_problem(c, r, path, "line %u: not text", ini.line);
		r = 0;
	}
	return r;
}

/* jail.conf(5): .conf before .local, the main file before its directory. */
int agent_fail2ban(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	struct jails *jails = arena_new(c->arena, struct jails);
	static const struct {
		const char *path;
		const char *suffix; /* NULL: a file */
	} order[] = {
		{"/etc/fail2ban/jail.conf",   NULL    },
		{ "/etc/fail2ban/jail.d",     ".conf" },
		{ "/etc/fail2ban/jail.local", NULL    },
		{ "/etc/fail2ban/jail.d",     ".local"},
	};
	int64_t by_default = 0;
	struct str text;
	int r = jails ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < COUNT(order); i++) {
		if (order[i].suffix) {
			r = collect_dropins(c, order[i].path, order[i].suffix, read_jails, jails);
			continue;
		}
		r = collect_read(c, order[i].path, &text, NULL);
		if (r == 1)
			r = read_jails(c, order[i].path, text, jails);
	}
	if (r < 0)
		return r;
	*ret = 0;
	for (size_t i = 0; i < jails->n; i++)
		if (str_eq(jails->list[i].name, STR("DEFAULT")))
			by_default = jails->list[i].enabled;
	for (size_t i = 0; i < jails->n; i++) {
		int64_t on = jails->list[i].enabled;

		if (str_eq(jails->list[i].name, STR("DEFAULT")) ||
		    str_eq(jails->list[i].name, STR("INCLUDES")))
			continue;
		if ((on == FACT_UNKNOWN ? by_default : on) == 1)
			return says(c, 1, jails->list[i].file, jails->list[i].line, ret,
				    ret_evidence);
	}
	return 0;
}

static bool is_backend(struct str line) { return shell_value(line, STR("BACKEND")).len > 0; }

int agent_sshguard(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/sshguard/sshguard.conf", "/etc/sshguard.conf" };

	return find_any(c, files, COUNT(files), is_backend, ret, ret_evidence);
}

static bool is_anything(struct str line) { return line.len > 0; }

/* It decides, but only a bouncer acts. */
int agent_crowdsec(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const acquis[] = { "/etc/crowdsec/acquis.yaml",
					      "/etc/crowdsec/acquis.d/*.yaml" };
	static const char *const bouncers[] = { "/etc/crowdsec/bouncers/*.yaml" };
	int r = find_any(c, acquis, COUNT(acquis), is_anything, ret, ret_evidence);

	if (r == 0 && *ret == 1)
		r = find_any(c, bouncers, COUNT(bouncers), is_anything, ret, ret_evidence);
	return r;
}

int agent_clamav(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/var/lib/clamav/daily.cld",
					     "/var/lib/clamav/daily.cvd" };
	struct stat st;
	int r = 0;

	*ret = 0;
	for (size_t i = 0; r == 0 && *ret != 1 && i < COUNT(files); i++)
		if (root_stat(c->root, files[i], &st) == 0)
			r = says(c, st.st_mtime >= c->now - SIGNATURES_FRESH, files[i], 0, ret,
				 ret_evidence);
	return r;
}

int agent_aide(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/var/lib/aide/aide.db", "/var/lib/aide/aide.db.gz",
					     "/var/lib/aide.db" };

	return needs_file(c, files, COUNT(files), ret, ret_evidence);
}

int agent_tripwire(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	struct str *paths;
	size_t n = 0;
	int r = collect_glob(c, "/var/lib/tripwire/*.twd", &paths, &n);

	*ret = 0;
	return r == 1 && n ? says(c, 1, paths[0].ptr, 0, ret, ret_evidence) : MIN(r, 0);
}

int agent_samhain(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/var/lib/samhain/samhain_file" };

	return needs_file(c, files, COUNT(files), ret, ret_evidence);
}

static bool is_daily_run(struct str line)
{
	struct str v = shell_value(line, STR("CRON_DAILY_RUN"));

	if (!v.len)
		v = shell_value(line, STR("RUN_DAILY"));
	return str_ieq(v, STR("true")) || str_ieq(v, STR("yes")) || str_eq(v, STR("y"));
}

int agent_rkhunter(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/default/rkhunter" };
	struct stat st;

	/* Red Hat's job asks no such switch. */
	if (root_stat(c->root, files[0], &st) < 0)
		return *ret = FACT_UNKNOWN, 0;
	return find_any(c, files, COUNT(files), is_daily_run, ret, ret_evidence);
}

int agent_chkrootkit(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/chkrootkit/chkrootkit.conf",
					     "/etc/chkrootkit.conf" };

	return find_any(c, files, COUNT(files), is_daily_run, ret, ret_evidence);
}

int agent_osquery(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/osquery/osquery.conf",
					     "/etc/osquery/osquery.flags" };

	return needs_file(c, files, COUNT(files), ret, ret_evidence);
}

static bool is_audit_rule(struct str line)
{
	return str_starts(line, STR("-w ")) || str_starts(line, STR("-a "));
}

int agent_auditd(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/audit/rules.d/*.rules",
					     "/etc/audit/audit.rules" };

	return find_any(c, files, COUNT(files), is_audit_rule, ret, ret_evidence);
}

static bool is_manager(struct str line)
{
	return (str_starts(line, STR("<address>")) || str_starts(line, STR("<server-ip>")) ||
		str_starts(line, STR("<server-hostname>"))) &&
	       !str_contains(line, STR("MANAGER_IP"));
}

int agent_wazuh(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/var/ossec/etc/ossec.conf" };

	return find_any(c, files, COUNT(files), is_manager, ret, ret_evidence);
}

static bool is_signature(struct str line)
{
	return str_starts(line, STR("alert ")) || str_starts(line, STR("drop "));
}

int agent_suricata(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/var/lib/suricata/rules/*.rules",
					     "/etc/suricata/rules/*.rules" };

	return find_any(c, files, COUNT(files), is_signature, ret, ret_evidence);
}

/* "*.* @@host", action(type="omfwd" target=…) and the like; "@" alone ends a mail address. */
static bool is_forward(struct str line)
{
	struct str rest = line, word;

	if (line.ptr[0] == '$' || line.ptr[0] == ':')
		return str_contains(line, STR(" @")) && line.ptr[0] == ':';
	if (str_contains(line, STR("omfwd")) || str_contains(line, STR("omrelp")) ||
	    str_contains(line, STR("omelasticsearch")) || str_contains(line, STR("omkafka")))
		return str_contains(line, STR("action(")) || line.ptr[0] == 't';
	(void)str_word(&rest);
	word = str_word(&rest);
	return word.len > 1 && word.ptr[0] == '@';
}

int agent_rsyslog(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/rsyslog.conf", "/etc/rsyslog.d/*.conf" };

	return find_any(c, files, COUNT(files), is_forward, ret, ret_evidence);
}

static bool is_remote_destination(struct str line)
{
	static const char *const drivers[] = { "network(", "syslog(", "tcp(",         "udp(",
					       "tcp6(",    "http(",   "elasticsearch" };

	if (!str_starts(line, STR("destination")) && !str_contains(line, STR("destination ")))
		return false;
	for (size_t i = 0; i < COUNT(drivers); i++)
		if (str_contains(line, str_of(drivers[i])))
			return true;
	return false;
}

int agent_syslog_ng(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/syslog-ng/syslog-ng.conf",
					     "/etc/syslog-ng/conf.d/*.conf" };

	return find_any(c, files, COUNT(files), is_remote_destination, ret, ret_evidence);
}

int agent_mdatp(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/etc/opt/microsoft/mdatp/mdatp_onboard.json" };

	return needs_file(c, files, COUNT(files), ret, ret_evidence);
}

int agent_falcon(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	static const char *const files[] = { "/opt/CrowdStrike/falconstore" };

	return needs_file(c, files, COUNT(files), ret, ret_evidence);
}
