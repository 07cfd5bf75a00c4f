/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "facts/windows/system.h"

#define CURRENT "Microsoft\\Windows NT\\CurrentVersion"

/* One name of a folder in any case; the one that is written just so goes before others. */
static int find_name(struct collect *c, const char *folder, struct str name, const char **ret)
{
	struct dir_list list;
	int r = root_list(c->root, folder, c->arena, &list);
	const char *found = NULL;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < list.n; i++) {
		struct str entry = str_of(list.entries[i].name);

		if (str_ieq(entry, name) && (!found || str_eq(entry, name)))
			found = list.entries[i].name;
	}
	if (!found)
		return 0;
	*ret = arena_cat(c->arena, str_of(folder),
			 str_ends(str_of(folder), STR("/")) ? STR("") : STR("/"), str_of(found))
		       .ptr;
	return *ret ? 1 : -ENOMEM;
}

int windows_path(struct collect *c, const char *folder, const char *path, const char **ret)
{
	struct str rest = str_of(path);
	const char *at = folder;
	int r = 1;

	while (r == 1 && rest.ptr)
		r = find_name(c, at, str_cut(&rest, '/'), &at);
	if (r == 1)
		*ret = at;
	return r;
}

/* 1: open; 0: not there, or a problem was told. */
static int open_hive(struct collect *c, const char *path, int *fd, struct hive *ret)
{
	struct stretch s;
	struct stat st;
	int r = root_open_file(c->root, path, &st, fd);

	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR && r != -ENOMEM)
			collect_problem(c, r, path, "%s", collect_error(r));
		return r == -ENOMEM ? r : 0;
	}
	s = stretch_of_file(*fd, (uint64_t)MAX(st.st_size, 0));
	r = hive_open(&s, ret);
	if (r < 0) {
		collect_problem(c, r == -ENOEXEC ? -EBADMSG : r, path, "is no hive of a registry");
		return 0;
	}
	if (ret->dirty)
		collect_problem(c, 0, path,
				"was not closed in order: the latest changes are in its logs");
	return 1;
}

static int get_text(const struct hive *h, uint32_t key, const char *name, struct arena *a,
		    struct str *ret)
{
	int r = hive_text(h, key, name, a, ret);

	return r == -ENOENT ? 0 : r;
}

/* Windows before 10 has no UBR: "7601.24441.amd64fre.win7sp1_ldr.190418-1735" tells. */
static void read_revision(const struct hive *h, uint32_t key, struct str lab,
			  struct windows_system *s)
{
	uint64_t n;

	if (hive_number(h, key, "UBR", &s->revision) == 0) {
		s->has_revision = true;
		return;
	}
	(void)str_cut(&lab, '.');
	if (lab.ptr && str_to_u64(str_cut(&lab, '.'), 10, &n) == 0 && n <= UINT32_MAX) {
		s->revision = (uint32_t)n;
		s->has_revision = true;
	}
}

static int read_version(const struct hive *h, struct arena *a, struct windows_system *s)
{
	struct str build = {}, version = {}, lab = {}, type = {};
	struct {
		const char *name;
		struct str *to;
	} const texts[] = {
		{"ProductName",         &s->product     },
                { "EditionID",          &s->edition     },
		{ "ReleaseId",          &s->release     },
                { "DisplayVersion",     &s->release     },
		{ "CSDVersion",         &s->service_pack},
                { "CurrentBuildNumber", &build          },
		{ "CurrentVersion",     &version        },
                { "BuildLabEx",         &lab            },
		{ "InstallationType",   &type           },
	};
	uint32_t key;
	uint64_t n;
	int r = hive_key(h, h->root, CURRENT, &key);

	for (size_t i = 0; r >= 0 && i < COUNT(texts); i++)
		r = get_text(h, key, texts[i].name, a, texts[i].to);
	if (r < 0)
		return r;
	if (str_to_u64(build, 10, &n) < 0 || n > UINT32_MAX)
		return -EBADMSG;
	s->build = (uint32_t)n;
	if (hive_number(h, key, "CurrentMajorVersionNumber", &s->major) < 0 ||
	    hive_number(h, key, "CurrentMinorVersionNumber", &s->minor) < 0) {
		struct str rest = version;

		s->major = str_to_u64(str_cut(&rest, '.'), 10, &n) == 0 ? (uint32_t)n : 0;
		s->minor = rest.ptr && str_to_u64(rest, 10, &n) == 0 ? (uint32_t)n : 0;
	}
	s->server = str_istarts(type, STR("Server")) || str_contains(s->product, STR("Server"));
	read_revision(h, key, lab, s);
	return 0;
}

static int64_t flag(const struct hive *h, uint32_t key, const char *name, bool inverted)
{
	uint32_t n;

	if (hive_number(h, key, name, &n) < 0)
		return FACT_UNKNOWN;
	return (n != 0) != inverted;
}

/* Is Remote Desktop on, and does it ask for a login before it shows a screen? */
static int read_remote_desktop(struct collect *c, struct windows_system *s)
{
	own(close_fd) int fd = -1;
	const char *path;
	char control[64];
	struct hive h;
	uint32_t key, number;
	int r = windows_path(c, s->folder, "System32/config/SYSTEM", &path);

	if (r == 1)
		r = open_hive(c, path, &fd, &h);
	if (r != 1)
		return r;
	if (hive_key(&h, h.root, "Select", &key) < 0 ||
	    hive_number(&h, key, "Current", &number) < 0)
		number = 1;
	snprintf(control, sizeof control, "ControlSet%03u\\Control\\Terminal Server",
		 number % 1000);
	if (hive_key(&h, h.root, control, &key) < 0)
		return 0;
	s->remote_desktop = flag(&h, key, "fDenyTSConnections", true);
	if (hive_key(&h, key, "WinStations\\RDP-Tcp", &key) == 0)
		s->network_level = flag(&h, key, "UserAuthentication", false);
	return 0;
}

int windows_system(struct collect *c, struct windows_system *ret)
{
	static const char *const folders[] = { "Windows", "WINNT" };
	own(close_fd) int fd = -1;
	struct windows_system s = { .remote_desktop = FACT_UNKNOWN, .network_level = FACT_UNKNOWN };
	struct hive h;
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(folders); i++) {
		r = windows_path(c, "/", folders[i], &s.folder);
		if (r == 1)
			r = windows_path(c, s.folder, "System32/config/SOFTWARE", &s.software);
	}
	if (r == 1)
		r = open_hive(c, s.software, &fd, &h);
	if (r != 1)
		return r;
	r = read_version(&h, c->arena, &s);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		collect_problem(c, r, s.software, "does not tell which Windows this is");
		return 0;
	}
	r = read_remote_desktop(c, &s);
	if (r < 0)
		return r;
	*ret = s;
	return 1;
}
