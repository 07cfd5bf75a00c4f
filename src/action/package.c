/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/package.h"

#define WORDS_MAX 16u

enum package_manager package_manager_of(const struct remedy_input *in)
{
	static const struct {
		enum package_manager manager;
		const char *path;
	} known[] = {
		{PACKAGE_APT,  "/usr/bin/apt-get"    },
		{ PACKAGE_DNF, "/usr/bin/dnf"        },
		{ PACKAGE_DNF, "/usr/bin/microdnf"   },
		{ PACKAGE_DNF, "/usr/bin/yum"        },
		{ PACKAGE_APK, "/sbin/apk"           },
		{ PACKAGE_APK, "/usr/sbin/apk"       },
		{ PACKAGE_APT, "/var/lib/dpkg/status"},
		{ PACKAGE_APK, "/etc/apk/world"      },
		{ PACKAGE_DNF, "/etc/yum.repos.d"    },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (remedy_has_file(in, known[i].path))
			return known[i].manager;
	return PACKAGE_NONE;
}

const char *package_name(const struct remedy_input *in, const struct package_names *names)
{
	switch (package_manager_of(in)) {
	case PACKAGE_APT: return names->apt;
	case PACKAGE_DNF: return names->dnf;
	case PACKAGE_APK: return names->apk;
	default: return NULL;
	}
}

int package_is_there(const struct remedy_input *in, const char *name, bool *ret)
{
	struct str *rows;
	size_t n;
	int r = remedy_query_text(
		in, "SELECT version FROM packages WHERE name = ?1 AND status = 'installed'",
		str_of(name), &rows, &n);

	if (r >= 0)
		*ret = n > 0;
	return r;
}

/* "apt-get -y … install NAME …" */
static int put_command(const struct remedy_input *in, bool install, const char *names,
		       const char *argv[static WORDS_MAX])
{
	/* noninteractive: debconf(7) of the package would wait for an answer. */
	static const char *const apt[2][8] = {
		{"env",			     "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "remove"},
		{ "env", "DEBIAN_FRONTEND=noninteractive",                        "apt-get",      "-y", "-q",
                 "--no-install-recommends",								 "install" },
	};
	static const char *const dnf[2][8] = {
		{"dnf", "-y", "-q",  "--noautoremove", "remove" },
                { "dnf",    "-y",   "-q", "install"          }
	};
	/* Older and smaller ones; neither knows all of the options. */
	static const char *const yum[2][8] = {
		{"yum",  "-y", "-q", "remove" },
                { "yum", "-y", "-q", "install"}
	};
	static const char *const micro[2][8] = {
		{"microdnf",  "-y", "remove" },
                { "microdnf", "-y", "install"}
	};
	static const char *const apk[2][8] = {
		{"apk",  "-q", "del"},
                { "apk", "-q", "add"}
	};
	enum package_manager m = package_manager_of(in);
	const char *const *start =
		m == PACKAGE_APT                                               ? apt[install]
		: m == PACKAGE_DNF && remedy_has_file(in, "/usr/bin/dnf")      ? dnf[install]
		: m == PACKAGE_DNF && remedy_has_file(in, "/usr/bin/microdnf") ? micro[install]
		: m == PACKAGE_DNF                                             ? yum[install]
									       : apk[install];
	struct str rest = str_of(names), word;
	size_t n = 0;

	while (start[n]) {
		argv[n] = start[n];
		n++;
	}
	while ((word = str_word(&rest)).ptr) {
		if (n + 1 >= WORDS_MAX)
			return -E2BIG;
		argv[n] = arena_cstr(in->arena, word);
		if (!argv[n++])
			return -ENOMEM;
	}
	argv[n] = NULL;
	return 0;
}

int package_install(const struct remedy_input *in, struct plan *p,
		    const struct package_names *names)
{
	const char *name = package_name(in, names), *argv[WORDS_MAX], *undo[WORDS_MAX];
	int r;

	if (!name)
		return plan_cannot(p, "no package for it is known on this system");
	if (!in->options->live)
		return plan_cannot(p,
				   "install %s first: packages are changed on the running "
				   "machine only",
				   name);
	r = put_command(in, true, name, argv);
	if (r >= 0)
		r = put_command(in, false, name, undo);
	return r < 0 ? r : plan_command(p, argv, undo, NULL);
}

/* "NAME=VERSION" as the manager writes it. */
static int with_version(const struct remedy_input *in, const char *name, struct str *ret)
{
	struct str *rows, s;
	size_t n;
	const char *between = package_manager_of(in) == PACKAGE_DNF ? "-" : "=";
	int r = remedy_query_text(
		in, "SELECT version FROM packages WHERE name = ?1 AND status = 'installed'",
		str_of(name), &rows, &n);

	if (r < 0)
		return r;
	s = n ? arena_fmt(in->arena, "%s%s%.*s", name, between, STR_FMT(rows[0]))
	      : arena_str(in->arena, str_of(name));
	if (!s.ptr)
		return -ENOMEM;
	*ret = s;
	return 0;
}

int package_remove(const struct remedy_input *in, struct plan *p, const char *name)
{
	const char *argv[WORDS_MAX], *undo[WORDS_MAX];
	struct str back = {};
	int r;

	if (!in->options->live)
		return plan_cannot(p,
				   "remove %s yourself: packages are changed on the running "
				   "machine only",
				   name);
	r = with_version(in, name, &back);
	if (r >= 0)
		r = put_command(in, false, name, argv);
	if (r >= 0)
		r = put_command(in, true, back.ptr, undo);
	return r < 0 ? r : plan_command(p, argv, undo, NULL);
}

bool package_has_unit(const struct remedy_input *in, const char *unit)
{
	static const char *const folders[] = { "/etc/systemd/system", "/lib/systemd/system",
					       "/usr/lib/systemd/system", "/etc/init.d" };

	for (size_t i = 0; i < COUNT(folders); i++) {
		struct str path = arena_fmt(in->arena, "%s/%s", folders[i], unit);
		struct stat st;

		/* A link to /dev/null masks it and is no unit, but it can be unmasked. */
		if (path.ptr && root_lstat(in->root, path.ptr, &st) >= 0)
			return true;
	}
	return false;
}
