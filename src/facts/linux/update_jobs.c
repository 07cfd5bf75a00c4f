/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updates by a job that somebody wrote: "apt-get update && apt-get -y upgrade" in cron. */
#include "facts/linux/update.h"

/* Scripts of the managers themselves, which ask their configuration first. */
static const char *const own_scripts[] = {
	"/usr/lib/apt/apt.systemd.daily",
	"/etc/cron.daily/apt-compat",
	"/etc/cron.daily/apt",
	"/usr/libexec/dnf/dnf-automatic",
	"/etc/cron.daily/0yum-daily.cron",
	"/etc/cron.hourly/0yum-hourly.cron",
};

/* clang-format off */
static const struct rule {
	const char *program;
	const char *verbs;   /* that upgrade; NULL: it does nothing else */
	const char *refresh; /* verbs that refresh the index alone */
	enum update_manager manager;
	bool asks; /* a question would stop it, unless told to go on */
} rules[] = {
	{ "apt-get", " upgrade dist-upgrade full-upgrade ", " update ", UPDATE_APT, true },
	{ "apt", " upgrade dist-upgrade full-upgrade ", " update ", UPDATE_APT, true },
	{ "aptitude", " upgrade safe-upgrade full-upgrade ", " update ", UPDATE_APT, true },
	{ "unattended-upgrade", NULL, " ", UPDATE_APT, false },
	{ "unattended-upgrades", NULL, " ", UPDATE_APT, false },
	{ "dnf", " update upgrade update-minimal upgrade-minimal ", " makecache ", UPDATE_DNF, true },
	{ "yum", " update upgrade update-minimal ", " makecache ", UPDATE_DNF, true },
	{ "microdnf", " update upgrade ", " makecache ", UPDATE_DNF, true },
	{ "apk", " upgrade ", " update ", UPDATE_APK, false },
	{ "zypper", " up update patch dup dist-upgrade ", " refresh ref ", UPDATE_ZYPPER, true },
};
/* clang-format on */

static bool in_list(struct str word, const char *list)
{
	struct str rest = str_of(list), w;

	while ((w = str_word(&rest)).len)
		if (str_eq(w, word))
			return true;
	return false;
}

/* -y, -qy, --yes, --assume-yes, -n (zypper), --non-interactive. */
static bool says_yes(struct str word, const struct rule *rule)
{
	if (str_eq(word, STR("--yes")) || str_eq(word, STR("--assume-yes")) ||
	    str_eq(word, STR("--assumeyes")) || str_eq(word, STR("--non-interactive")))
		return true;
	if (word.len < 2 || word.ptr[0] != '-' || word.ptr[1] == '-')
		return false;
	return str_find(word, rule->manager == UPDATE_ZYPPER ? 'n' : 'y') > 0 ||
	       str_eq(word, STR("-qq"));
}

static int note(struct update_run *run, struct str *ret, const struct job_command *cmd)
{
	if (ret->len)
		return 0;
	*ret = arena_fmt(run->c->arena, "%.*s:%u", STR_FMT(cmd->file), cmd->line);
	return ret->ptr ? 0 : -ENOMEM;
}

static int each_command(const struct job_command *cmd, void *user)
{
	struct update_run *run = user;
	const struct rule *rule = NULL;
	bool yes, upgrades, refreshes = false;
	int r = 0;

	for (size_t i = 0; i < COUNT(rules) && !rule; i++)
		if (str_eq(cmd->program, str_of(rules[i].program)))
			rule = &rules[i];
	if (!rule)
		return 0;
	yes = !rule->asks;
	upgrades = !rule->verbs;
	for (size_t i = 1; i < cmd->n; i++) {
		struct str word = cmd->words[i].text;

		yes |= says_yes(word, rule);
		upgrades |= rule->verbs && in_list(word, rule->verbs);
		refreshes |= in_list(word, rule->refresh);
		if (str_eq(word, STR("--dry-run")) || str_eq(word, STR("-s")) ||
		    str_eq(word, STR("--simulate")) || str_eq(word, STR("--download-only")))
			return 0;
	}
	if (upgrades && yes)
		r = note(run, &run->job_upgrade[rule->manager], cmd);
	/* These refresh on their own before they upgrade. */
	if (r == 0 && (refreshes || (upgrades && yes && rule->manager != UPDATE_APT)))
		r = note(run, &run->job_refresh[rule->manager], cmd);
	return r;
}

static bool is_own(struct str file)
{
	for (size_t i = 0; i < COUNT(own_scripts); i++)
		if (str_eq(file, str_of(own_scripts[i])))
			return true;
	return false;
}

static size_t n_found(const struct update_run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < UPDATE_N; i++)
		n += (run->job_refresh[i].len > 0) + (run->job_upgrade[i].len > 0);
	return n;
}

static int each_job(const struct job *job, void *user)
{
	struct update_run *run = user;
	size_t before = n_found(run);

	for (size_t i = 0; job->active && i < job->n; i++) {
		int r = is_own(job->texts[i].file)
				? 0
				: job_commands(run->c->arena, &job->texts[i], each_command, run);

		if (r < 0)
			return r;
	}
	return n_found(run) > before;
}

int update_jobs(struct update_run *run) { return jobs_each(run->c, &run->units, each_job, run); }
