/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/kernel_options.h"
#include "facts/linux/settings.h"

#define OPTIONS_MAX 2000

struct loader {
	struct collect *c;
	struct kernel_options *out;
	struct str file;
};

static int add_words(struct loader *l, struct str words, unsigned line)
{
	struct str word;

	while ((word = str_word(&words)).ptr && l->out->n < OPTIONS_MAX) {
		struct kernel_option o = { .file = l->file, .line = line, .value = word };

		o.name = str_cut(&o.value, '=');
		if (arena_push(l->c->arena, l->out->list, l->out->n, l->out->cap, o) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int take_setting(void *user, const struct setting *s)
{
	if (str_starts(s->name, STR("GRUB_CMDLINE_LINUX")) ||
	    str_eq(s->name, STR("default_kernel_opts")))
		return add_words(user, s->value, s->line);
	return 0;
}

/* Boot Loader Specification: "options root=… quiet"; /etc/kernel/cmdline: the options alone. */
static int take_lines(struct loader *l, struct str text, bool bare)
{
	struct str line;
	unsigned at = 0;
	int r = 0;

	while (!r && str_line(&text, &line, &at)) {
		struct str rest = line, word = str_word(&rest);

		if (bare)
			r = add_words(l, line, at);
		else if (str_eq(word, STR("options")))
			r = add_words(l, rest, at);
	}
	return r;
}

static int load_file(struct loader *l, struct str path)
{
	struct str text;
	int r = settings_read_text(l->c, path.ptr, &text);

	if (r != 1)
		return r;
	l->file = path;
	if (str_starts(path, STR("/boot/")) || str_starts(path, STR("/efi/")))
		return take_lines(l, text, false);
	if (str_eq(path, STR("/etc/kernel/cmdline")))
		return take_lines(l, text, true);
	return settings_parse(SETTINGS_SHELL, text, l->c->arena, NULL, take_setting, l);
}

int kernel_options_load(struct collect *c, struct kernel_options *ret)
{
	static const char *const patterns[] = {
		"/etc/default/grub",   "/etc/default/grub.d/*.cfg",   "/etc/update-extlinux.conf",
		"/etc/kernel/cmdline", "/boot/loader/entries/*.conf",
	};
	struct loader l = { .c = c, .out = ret };

	for (size_t i = 0; i < COUNT(patterns); i++) {
		struct str *paths;
		size_t n;
		int r = collect_glob(c, patterns[i], &paths, &n);

		for (size_t j = 0; r == 1 && j < n; j++) {
			int got = load_file(&l, paths[j]);

			if (got < 0)
				return got;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

const struct kernel_option *kernel_options_find(const struct kernel_options *o, const char *name)
{
	for (size_t i = o->n; i-- > 0;)
		if (str_eq(o->list[i].name, str_of(name)))
			return &o->list[i];
	return NULL;
}
