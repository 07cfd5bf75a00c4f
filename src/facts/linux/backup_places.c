/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_places: Places with data of their own. */
#include "facts/linux/mount_table.h"

#define FACT_ROW backup_places_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "mount, database, directory") \
	X(TEXT, path, "where it is") \
	X(TEXT, what, "file system type, name of the database, ''") \
	X(INTN, changed, "UNIX time at which something was last added or removed there") \
	X(TEXT, file, "file that says so, or the place")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "backup_places",
	.doc = "Places with data of their own, which a backup should save: disks of fstab, databases, "
	       "folders of services.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int add(struct collect *c, const char *kind, struct str path, struct str what,
	       const char *file)
{
	struct stat st;
	bool there = root_stat(c->root, path.ptr, &st) == 0;

	return collect_row(c, &(struct backup_places_row){ .kind = str_of(kind),
							   .path = path,
							   .what = what,
							   .changed = there ? (int64_t)st.st_mtime
									    : FACT_UNKNOWN,
							   .file = file ? str_of(file) : path });
}

static int add_mount(struct collect *c, const struct mount_entry *e)
{
	struct str path = arena_str(c->arena, e->path);

	return path.ptr ? add(c, "mount", path, e->type, "/etc/fstab") : -ENOMEM;
}

/* File systems of its own disks; what is on the network is saved where it is. */
static int add_mounts(struct collect *c)
{
	static const char *const types[] = { "ext2", "ext3", "ext4", "xfs",      "btrfs",
					     "zfs",  "f2fs", "jfs",  "reiserfs", "auto" };
	static const char *const system[] = { "/", "/boot", "/usr", "/var", "/tmp", "/efi" };
	struct mount_table t;
	int r = mount_table_fstab(c, &t);

	for (size_t i = 0; r >= 0 && i < t.n; i++) {
		const struct mount_entry *e = &t.list[i];
		bool wanted = false;

		for (size_t k = 0; k < COUNT(types); k++)
			wanted |= str_eq(e->type, str_of(types[k]));
		for (size_t k = 0; k < COUNT(system); k++)
			wanted &= !str_eq(e->path, str_of(system[k]));
		wanted &= str_starts(e->path, STR("/")) && !str_starts(e->path, STR("/boot/")) &&
			  !str_starts(e->path, STR("/media/")) &&
			  !str_starts(e->path, STR("/mnt/cdrom")) &&
			  !mount_option(e->options, STR("noauto"));
		if (wanted)
			r = add_mount(c, e);
	}
	return MIN(r, 0);
}

static const struct database {
	const char *name, *pattern; /* a file in its folder */
} databases[] = {
	{"postgresql",  "/var/lib/postgresql/*/*/PG_VERSION"},
	{ "postgresql", "/var/lib/pgsql/data/PG_VERSION"    },
	{ "mysql",      "/var/lib/mysql/ibdata1"            },
	{ "mongodb",    "/var/lib/mongodb/WiredTiger"       },
	{ "mongodb",    "/var/lib/mongo/WiredTiger"         },
	{ "redis",      "/var/lib/redis/dump.rdb"           },
	{ "influxdb",   "/var/lib/influxdb/meta/meta.db"    },
	{ "openldap",   "/var/lib/ldap/data.mdb"            },
	{ "sqlite",     "/var/lib/*/*.sqlite3"              },
	{ "sqlite",     "/var/lib/grafana/grafana.db"       },
	{ "sqlite",     "/var/lib/vaultwarden/db.sqlite3"   },
};

static int add_databases(struct collect *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(databases); i++) {
		struct str *paths;
		size_t n = 0;

		r = collect_glob(c, databases[i].pattern, &paths, &n);
		for (size_t k = 0; r == 1 && k < n; k++) {
			ssize_t slash = str_rfind(paths[k], '/');
			bool whole = !strcmp(databases[i].name, "sqlite");
			struct str dir = arena_str(
				c->arena, whole ? paths[k] : str_sub(paths[k], 0, (size_t)slash));
			int added = dir.ptr ? add(c, "database", dir, str_of(databases[i].name),
						  paths[k].ptr)
					    : -ENOMEM;

			if (added < 0)
				return added;
		}
		r = MIN(r, 0);
	}
	return r;
}

/* Folders that only hold what their owner put there. */
static int add_directories(struct collect *c)
{
	static const char *const parents[] = { "/srv",
					       "/data",
					       "/var/www",
					       "/var/lib/docker/volumes",
					       "/var/lib/containers/storage/volumes",
					       "/var/lib/libvirt/images" };
	static const char *const passed_over[] = { "html", "lost+found", "metadata.db",
						   "backingFsBlockDev" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(parents); i++) {
		struct dir_list list = {};

		r = collect_list(c, parents[i], &list);
		for (size_t k = 0; r >= 0 && k < list.n; k++) {
			const char *name = list.entries[k].name;
			bool wanted = name[0] != '.';
			struct str path;

			for (size_t m = 0; m < COUNT(passed_over); m++)
				wanted &= strcmp(name, passed_over[m]) != 0;
			if (!wanted)
				continue;
			path = arena_cat(c->arena, str_of(parents[i]), STR("/"), str_of(name));
			r = path.ptr ? add(c, "directory", path, STR(""), NULL) : -ENOMEM;
		}
	}
	return MIN(r, 0);
}

static int collect(struct collect *c)
{
	int r = add_mounts(c);

	if (r == 0)
		r = add_databases(c);
	return r == 0 ? add_directories(c) : r;
}

const struct collector collector_backup_places = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
