/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What brings a component to another version, in the words of what has installed it. */
#include "report/vulns_part.h"

struct order {
	struct str path, name, fixed;
	struct buf *out;
};

/* The part of a path before, and behind, the first of those; false: it has none. */
static bool split(struct str path, const char *mark, struct str *before, struct str *behind)
{
	size_t n = strlen(mark);
	const char *p = path.len ? memmem(path.ptr, path.len, mark, n) : NULL;

	if (!p || p == path.ptr)
		return false;
	*before = (struct str){ path.ptr, (size_t)(p - path.ptr) };
	*behind = str_sub(path, before->len + n, path.len);
	return true;
}

/* "/srv/app/lib/python3.11/site-packages/…": of a virtual environment, or the interpreter's own. */
static bool by_pip(const struct order *o)
{
	struct str prefix, rest, python;

	if (!split(o->path, "/lib/python", &prefix, &rest))
		return false;
	python = str_cut(&rest, '/');
	if (!str_starts(rest, STR("site-packages/")) && !str_starts(rest, STR("dist-packages/")))
		return false;
	buf_fmt(o->out, "%.*s/bin/python%.*s -m pip install '%.*s>=%.*s'\n", STR_FMT(prefix),
		STR_FMT(python), STR_FMT(o->name), STR_FMT(o->fixed));
	return true;
}

/* Of the folder with the outermost node_modules, whose owner decides what is in all of it. */
static bool by_npm(const struct order *o)
{
	struct str folder, rest;

	if (!split(o->path, "/node_modules/", &folder, &rest))
		return false;
	if (str_ends(folder, STR("/lib"))) {
		struct str top = str_cut(&rest, '/');

		if (top.len && top.ptr[0] == '@')
			top = (struct str){ top.ptr, top.len + 1 + str_cut(&rest, '/').len };
		buf_fmt(o->out, "npm update --global --prefix %.*s %.*s\n",
			STR_FMT(str_sub(folder, 0, folder.len - 4)), STR_FMT(top));
		return true;
	}
	buf_fmt(o->out, "npm update --prefix %.*s %.*s\n", STR_FMT(folder), STR_FMT(o->name));
	return true;
}

static bool by_gem(const struct order *o)
{
	struct str folder, rest;

	if (split(o->path, "/vendor/bundle/", &folder, &rest))
		buf_fmt(o->out, "BUNDLE_GEMFILE=%.*s/Gemfile bundle update %.*s\n", STR_FMT(folder),
			STR_FMT(o->name));
	else
		buf_fmt(o->out, "gem install %.*s --version %.*s\n", STR_FMT(o->name),
			STR_FMT(o->fixed));
	return true;
}

static bool by_composer(const struct order *o)
{
	struct str folder, rest;

	if (!split(o->path, "/vendor/composer/installed.json", &folder, &rest))
		return false;
	buf_fmt(o->out, "composer update --working-dir=%.*s --with-dependencies %.*s\n",
		STR_FMT(folder), STR_FMT(o->name));
	return true;
}

static bool by_wp_plugin(const struct order *o)
{
	struct str site, rest;

	if (!split(o->path, "/wp-content/", &site, &rest))
		return false;
	buf_fmt(o->out, "wp plugin update %.*s --path=%.*s\n", STR_FMT(o->name), STR_FMT(site));
	return true;
}

static bool by_wp_theme(const struct order *o)
{
	struct str site, rest;

	if (!split(o->path, "/wp-content/", &site, &rest))
		return false;
	buf_fmt(o->out, "wp theme update %.*s --path=%.*s\n", STR_FMT(o->name), STR_FMT(site));
	return true;
}

static bool by_wp_core(const struct order *o)
{
	struct str site, rest;

	if (!split(o->path, "/wp-includes/", &site, &rest))
		return false;
	buf_fmt(o->out, "wp core update --path=%.*s\n", STR_FMT(site));
	return true;
}

static const struct {
	const char *ecosystem;
	bool (*say)(const struct order *o);
} ways[] = {
	{"PyPI",              by_pip      },
	{ "npm",              by_npm      },
	{ "RubyGems",         by_gem      },
	{ "Packagist",        by_composer },
	{ "WordPress:plugin", by_wp_plugin},
	{ "WordPress:theme",  by_wp_theme },
	{ "WordPress:core",   by_wp_core  },
};

bool vulns_is_plain(struct str s, const char *more)
{
	static const char extra[] = "+-._:@~";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    (!c || (!strchr(extra, c) && !strchr(more, c))))
			return false;
	}
	return s.len && s.ptr[0] != '-';
}

/* What no command is known for: an archive, a program, a layer of an image, an odd name. */
static void say_by_hand(const struct vuln_component *c, const struct vuln_place *p, struct buf *out)
{
	buf_puts(out, p->layer.len ? "# build the image anew: " : "# from its maker: ");
	vulns_add_text(out, c->name);
	buf_putc(out, ' ');
	vulns_add_text(out, c->fixed);
	buf_puts(out, " or later, instead of ");
	vulns_add_text(out, c->version);
	buf_puts(out, " in ");
	vulns_add_text(out, p->path);
	buf_putc(out, '\n');
}

void vulns_add_mend(const struct vuln_component *c, const struct vuln_place *p, struct buf *out)
{
	struct order o = { p->path, c->name, c->fixed, out };

	if (!p->layer.len && vulns_is_plain(p->path, "/") && vulns_is_plain(c->name, "/") &&
	    vulns_is_plain(c->fixed, ""))
		for (size_t i = 0; i < COUNT(ways); i++)
			if (str_eq(c->ecosystem, str_of(ways[i].ecosystem)) && ways[i].say(&o))
				return;
	say_by_hand(c, p, out);
}
