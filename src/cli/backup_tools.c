/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup: keys, timers, and the other side of an append-only repository. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backup/escrow.h"
#include "backup/schedule.h"
#include "base/file.h"
#include "cli/backup.h"

#define KEY_MAX ((size_t)4 << 10)
#define PHRASE_MAX 1'024U

int backup_keygen(const char *path)
{
	own(buf_release) struct buf secret = BUF(KEY_MAX), public = BUF(KEY_MAX);
	own(close_fd) int dir = -1;
	char folder[PATH_MAX], leaf[PATH_MAX];
	struct stat st;
	int r = escrow_start();

	if (r == 0)
		r = escrow_keygen(&secret, &public);
	if (strlen(path) >= sizeof folder)
		r = -ENAMETOOLONG;
	if (r == 0) {
		snprintf(folder, sizeof folder, "%s", path);
		snprintf(leaf, sizeof leaf, "%s", path);
		dir = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : 0;
	}
	if (r == 0 && fstatat(dir, basename(leaf), &st, AT_SYMLINK_NOFOLLOW) == 0)
		r = -EEXIST;
	if (r == 0)
		r = backup_write_file(dir, basename(leaf), buf_view(&secret), 0600);
	explicit_bzero(secret.ptr, secret.len);
	if (r < 0) {
		cli_error("backup: %s: %s", path, strerror(-r));
		return EXIT_FAILED;
	}
	printf("owner-key %s\n", public.ptr);
	fprintf(stderr,
		"This line belongs into backup.conf of the machine that is saved; %s opens what "
		"is sealed to it\nand must not be on that machine.\n",
		path);
	return EXIT_OK;
}

int backup_unseal(struct backup_verb *v, const char *path)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 20 };
	own(buf_release) struct buf secret = BUF(ESCROW_SECRET_MAX + 1);
	const char *with_path = v->key ? v->key : v->phrase_file;
	struct str text, with = STR("");
	struct diag d = {};
	char why[600];
	int r = escrow_start();

	if (!with_path) {
		cli_error("backup: unseal needs --key FILE or --phrase-file FILE");
		return EXIT_USAGE;
	}
	if (r == 0 && (r = file_read(path, ESCROW_TEXT_MAX, &a, &text)) < 0)
		diag_set(&d, r, path, 0, "%s", file_error(r));
	if (r == 0 && (r = file_read(with_path, v->key ? KEY_MAX : PHRASE_MAX, &a, &with)) < 0)
		diag_set(&d, r, with_path, 0, "%s", file_error(r));
	if (r == 0)
		r = escrow_open(text, path, v->key ? with : str_trim(with), &secret, &d);
	if (r < 0) {
		cli_error("backup: %s", diag_text(&d, why, sizeof why));
		return EXIT_FAILED;
	}
	printf("%.*s\n", STR_FMT(buf_view(&secret)));
	explicit_bzero(secret.ptr, secret.len);
	return EXIT_OK;
}

static int enable(void)
{
	static const char *const reload[] = { "systemctl", "daemon-reload", NULL };
	static const char *const start[] = { "systemctl",
					     "enable",
					     "--now",
					     "holdfast-backup.timer",
					     "holdfast-backup-check.timer",
					     "holdfast-backup-drill.timer",
					     NULL };
	const char *const *const commands[] = { reload, start };

	for (size_t i = 0; i < COUNT(commands); i++) {
		own(buf_release) struct buf err = BUF(4'096);
		const struct proc_spec spec = { .argv = commands[i], .timeout = 120 };
		char why[400];
		int status = 0, r = proc_run(&spec, NULL, NULL, &err, &status);

		if (r == 0 && proc_ok(status))
			continue;
		cli_error("backup: systemctl: %s",
			  r < 0 ? strerror(-r)
				: text_safe(str_trim(buf_view(&err)), why, sizeof why));
		return EXIT_FAILED;
	}
	printf("The timers run.\n");
	return EXIT_OK;
}

int backup_schedule(struct backup_verb *v)
{
	const char *dir = v->dir ? v->dir : "/etc/systemd/system";
	own(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char config[PATH_MAX];
	json_t *files = json_array();
	int r = fd < 0 ? -errno : 0;

	if (v->config_path && !realpath(v->config_path, config))
		r = -errno;
	for (size_t i = 0; r == 0 && i < n_backup_units; i++) {
		own(buf_release) struct buf text = BUF((size_t)64 << 10);
		const struct backup_unit *u = &backup_units[i];

		r = backup_unit_write(u, &v->config, v->config_path ? config : NULL, &text);
		if (r == 0)
			r = backup_write_file(fd, u->name, buf_view(&text), 0644);
		if (r == 0 && !v->json)
			printf("%s/%s: %s\n", dir, u->name, u->says);
		if (r == 0)
			json_array_append_new(files, json_pack("{s:s, s:s, s:s}", "dir", dir,
							       "name", u->name, "says", u->says));
	}
	if (r == -EINVAL)
		cli_error(
			"backup: a unit cannot name a path with blanks, quotes, %%, $ or ;: look at "
			"--config, state, cache, scratch and the repositories");
	else if (r < 0)
		cli_error("backup: %s: %s", dir, strerror(-r));
	else if (v->json)
		r = backup_print_json(json_incref(files));
	json_decref(files);
	if (r < 0)
		return EXIT_FAILED;
	if (v->enable)
		return enable();
	if (!v->json)
		printf("\nThey start with:\n    systemctl daemon-reload\n    systemctl enable --now "
		       "holdfast-backup.timer holdfast-backup-check.timer "
		       "holdfast-backup-drill.timer\n");
	return EXIT_OK;
}

/* For the machine that keeps the repository: it adds, and never deletes for a client. */
int backup_server(struct backup_verb *v, const char *dir)
{
	own(buf_release) struct buf text = BUF((size_t)16 << 10);
	int r = backup_server_unit(dir, v->listen ? v->listen : ":8000", v->htpasswd, &text);

	if (r < 0) {
		cli_error(
			"backup: server takes a folder (an absolute path without blanks, quotes or "
			"%%), --listen ADDRESS and --htpasswd FILE");
		return EXIT_USAGE;
	}
	printf("%s", text.ptr);
	return EXIT_OK;
}
