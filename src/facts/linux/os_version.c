/* SPDX-License-Identifier: GPL-3.0-or-later */
/* os_version: Operating system release, from os-release. */
#include "facts/linux/os_release.h"
#include "vuln/eol.h"

#define FACT_ROW os_version_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "lower-case identifier: debian, ubuntu, rhel, alpine") \
	X(TEXT, id_like, "space-separated relatives") \
	X(TEXT, name, "name without version") \
	X(TEXT, version, "version with code name") \
	X(TEXT, version_id, "version number; '' for rolling releases") \
	X(TEXT, codename, "release code name") \
	X(TEXT, pretty_name, "name for people") \
	X(TEXT, file, "file that was read") \
	X(TEXTN, eol_date, "last day of security support as YYYY-MM-DD; unknown for releases we do not know") \
	X(TEXTN, extended_eol_date, "last day of the vendor's paid or community long-term support")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "os_version",
	.doc = "Operating system release, from os-release.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int fill(struct collect *c, struct str text, const char *path, struct os_version_row *row)
{
	struct {
		const char *key;
		struct str *to;
	} const keys[] = {
		{"ID",                &row->id         },
		{ "ID_LIKE",          &row->id_like    },
		{ "NAME",             &row->name       },
		{ "VERSION",          &row->version    },
		{ "VERSION_ID",       &row->version_id },
		{ "VERSION_CODENAME", &row->codename   },
		{ "PRETTY_NAME",      &row->pretty_name},
	};
	struct str key, value;
	unsigned line = 0;
	int r;

	while ((r = os_release_next(&text, c->arena, &key, &value, &line)) == 1)
		for (size_t i = 0; i < COUNT(keys); i++)
			if (str_eq(key, str_of(keys[i].key)))
				*keys[i].to = value;
	if (r == -EBADMSG)
		collect_problem(c, r, path, "line %u: not text", line);
	return r == -EBADMSG ? 0 : r;
}

/* Rebuilds of RHEL keep its file, with their own name in it. */
static void name_rebuild(struct str text, struct os_version_row *row)
{
	static const struct {
		const char *word, *id, *name;
	} rebuilds[] = {
		{"CentOS",      "centos",     "CentOS"             },
		{ "Fedora",     "fedora",     "Fedora"             },
		{ "Rocky",      "rocky",      "Rocky Linux"        },
		{ "AlmaLinux",  "almalinux",  "AlmaLinux"          },
		{ "Oracle",     "ol",         "Oracle Linux Server"},
		{ "Scientific", "scientific", "Scientific Linux"   },
	};

	for (size_t i = 0; i < COUNT(rebuilds); i++) {
		if (!str_contains(text, str_of(rebuilds[i].word)))
			continue;
		row->id = str_of(rebuilds[i].id);
		row->name = str_of(rebuilds[i].name);
	}
}

/* Systems from before os-release: one line that names the system. */
static int fallback(struct collect *c, struct os_version_row *row)
{
	static const struct {
		const char *path, *id, *name;
	} files[] = {
		{"/etc/alpine-release",  "alpine", "Alpine Linux"            },
		{ "/etc/redhat-release", "rhel",   "Red Hat Enterprise Linux"},
		{ "/etc/system-release", "amzn",   "Amazon Linux"            },
		{ "/etc/debian_version", "debian", "Debian GNU/Linux"        },
	};
	struct str text;

	for (size_t i = 0; i < COUNT(files); i++) {
		int r = collect_read(c, files[i].path, &text, NULL);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		row->id = str_of(files[i].id);
		row->name = str_of(files[i].name);
		row->file = str_of(files[i].path);
		row->version = row->pretty_name = str_trim(str_cut(&text, '\n'));
		row->version_id = os_release_number(row->version);
		name_rebuild(row->version, row);
		/* Debian's own os-release has the number before the dot alone. */
		if (str_eq(row->id, STR("debian")))
			row->version_id = str_cut(&row->version_id, '.');
		return 1;
	}
	return 0;
}

static int collect(struct collect *c)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct os_version_row row = {};
	const struct eol *eol;
	struct str text, id;
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(paths); i++) {
		r = collect_read(c, paths[i], &text, NULL);
		if (r == 1)
			row.file = str_of(paths[i]);
	}
	if (r == 1)
		r = fill(c, text, row.file.ptr, &row);
	else if (r == 0)
		r = fallback(c, &row);
	if (r < 0)
		return r;
	if (!row.file.ptr) {
		collect_problem(c, ENOENT, paths[0], "nothing here says which system this is");
		return 0;
	}
	if (!row.id.len)
		row.id = STR("linux");
	id = row.id;
	if (str_eq(id, STR("centos")) && str_contains(row.name, STR("Stream")))
		id = STR("centos-stream");
	eol = eol_find(id, row.version_id);
	if (eol) {
		row.eol_date = str_of(eol->end);
		row.extended_eol_date = str_of(eol->extended);
	}
	return collect_row(c, &row);
}

const struct collector collector_os_version = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
