/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests that are lines of text. */
#include "facts/inventory/manifest.h"

#define HEADER_MAX 8192 /* WordPress looks no further */

struct str pypi_name(struct arena *a, struct str name)
{
	char *p = arena_alloc(a, name.len + 1);
	size_t n = 0;

	if (!p)
		return (struct str){};
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c == '_' || c == '.')
			c = '-';
		if (c == '-' && n && p[n - 1] == '-')
			continue;
		p[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return (struct str){ p, n };
}

int manifest_python(struct str text, struct str file, struct arena *a, component_fn *fn, void *user,
		    struct diag *d)
{
	struct component x = { .ecosystem = STR("PyPI"),
			       .kind = STR("library"),
			       .evidence = str_basename(file) };
	struct str line;

	/* The headers end at the first blank line: what follows is the description. */
	while (str_line(&text, &line, NULL) && line.len) {
		struct str key = str_cut(&line, ':');

		if (!line.ptr)
			continue;
		if (str_ieq(key, STR("Name")) && !x.name.len)
			x.name = str_trim(line);
		else if (str_ieq(key, STR("Version")) && !x.version.len)
			x.version = str_trim(line);
	}
	if (!component_text(x.name) || !component_text(x.version))
		return diag_set(d, -EBADMSG, NULL, 0, "names no package and version");
	x.name = pypi_name(a, x.name);
	return x.name.ptr ? fn(user, &x) : -ENOMEM;
}

/* s.name = "rails".freeze -> rails; '' for what is no literal. */
static struct str ruby_text(struct str value)
{
	char quote;
	ssize_t end;

	value = str_trim(value);
	/* Gem::Version.new("1.0") of old ones */
	if (str_starts(value, STR("Gem::Version.new(")))
		value = str_sub(value, 17, value.len);
	if (!value.len || (value.ptr[0] != '"' && value.ptr[0] != '\''))
		return STR("");
	quote = value.ptr[0];
	value = str_sub(value, 1, value.len);
	end = str_find(value, quote);
	return end < 0 ? STR("") : str_sub(value, 0, (size_t)end);
}

int manifest_gem(struct str text, struct str file, struct arena *a, component_fn *fn, void *user,
		 struct diag *d)
{
	struct component x = { .ecosystem = STR("RubyGems"),
			       .kind = STR("library"),
			       .evidence = STR("gemspec") };
	struct str line;

	(void)a;
	(void)file;
	while (str_line(&text, &line, NULL)) {
		struct str key = str_trim(str_cut(&line, '='));

		if (!line.ptr)
			continue;
		if (str_ends(key, STR(".name")) && !x.name.len)
			x.name = ruby_text(line);
		else if (str_ends(key, STR(".version")) && !x.version.len)
			x.version = ruby_text(line);
	}
	if (!component_text(x.name) || !component_text(x.version))
		return diag_set(d, -EBADMSG, NULL, 0, "names no gem and version");
	return fn(user, &x);
}

/* "Version: 1.2" behind blanks, '*', '#' and '/' as comments have them; '' if it is not there. */
static struct str header(struct str text, struct str key)
{
	struct str line;

	text = str_sub(text, 0, HEADER_MAX);
	/* Old Macintosh line ends. */
	while (str_line(&text, &line, NULL)) {
		size_t skip = 0;

		while (skip < line.len && strchr(" \t/*#@<?ph", line.ptr[skip]) &&
		       !str_istarts(str_sub(line, skip, line.len), key))
			skip++;
		line = str_sub(line, skip, line.len);
		if (!str_istarts(line, key))
			continue;
		line = str_sub(line, key.len, line.len);
		if (!line.len || line.ptr[0] != ':')
			continue;
		line = str_trim(str_sub(line, 1, line.len));
		if (str_ends(line, STR("*/")))
			line = str_trim(str_sub(line, 0, line.len - 2));
		return line;
	}
	return STR("");
}

static int wordpress(struct str text, struct str slug, const char *title, const char *kind,
		     component_fn *fn, void *user)
{
	struct component x = { .ecosystem = kind[0] == 'p' ? STR("WordPress:plugin")
							   : STR("WordPress:theme"),
			       .kind = str_of(kind),
			       .name = slug,
			       .version = header(text, STR("Version")),
			       .evidence = str_of(title) };

	if (!header(text, str_of(title)).len || !component_text(slug))
		return 0;
	if (!component_text(x.version))
		x.version = STR("");
	return fn(user, &x);
}

int manifest_wordpress_plugin(struct str text, struct str name, struct arena *a, component_fn *fn,
			      void *user, struct diag *d)
{
	(void)a;
	(void)d;
	return wordpress(text, name, "Plugin Name", "plugin", fn, user);
}

int manifest_wordpress_theme(struct str text, struct str name, struct arena *a, component_fn *fn,
			     void *user, struct diag *d)
{
	(void)a;
	(void)d;
	return wordpress(text, name, "Theme Name", "theme", fn, user);
}

/* "version: '8.x-1.5'" (YAML) or 'version = "7.x-1.5"'. */
static struct str drupal_value(struct str text, struct str key)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		if (!str_starts(line, key))
			continue;
		line = str_trim(str_sub(line, key.len, line.len));
		if (!line.len || (line.ptr[0] != ':' && line.ptr[0] != '='))
			continue;
		line = str_unquote(str_trim(str_sub(line, 1, line.len)));
		return line;
	}
	return STR("");
}

/*
 * As Drupal's Composer repository and OSV have it: drupal/token, 8.x-1.5-rc1 as 1.5.0-rc1. What is
 * for Drupal 7 is in neither.
 */
static int drupal_package(struct component *x, struct arena *a, component_fn *fn, void *user)
{
	struct str version = x->version, number;

	if (str_starts(version, STR("8.x-"))) {
		version = str_sub(version, 4, version.len);
		number = str_cut(&version, '-');
		version = arena_cat(a, number, version.ptr ? STR(".0-") : STR(".0"), version);
	} else if (str_contains(version, STR(".x-"))) {
		return fn(user, x);
	}
	x->ecosystem = STR("Packagist");
	x->version = version;
	x->name = arena_cat(a, STR("drupal/"), x->name, STR(""));
	return x->name.ptr && version.ptr ? fn(user, x) : -ENOMEM;
}

int manifest_drupal(struct str text, struct str file, struct arena *a, component_fn *fn, void *user,
		    struct diag *d)
{
	struct str name = str_basename(file);
	struct component x = { .ecosystem = STR("Drupal"), .evidence = STR("info file") };

	(void)d;
	name = str_cut(&name, '.');
	x.name = drupal_value(text, STR("project"));
	x.version = drupal_value(text, STR("version"));
	x.kind = str_eq(drupal_value(text, STR("type")), STR("theme")) ? STR("theme")
								       : STR("plugin");
	/* Modules of the core say VERSION; one project may hold several modules. */
	if (!component_text(x.version) || str_eq(x.version, STR("VERSION")) ||
	    str_eq(x.name, STR("drupal")) || !str_eq(x.name, name) || !component_text(x.name))
		return 0;
	return drupal_package(&x, a, fn, user);
}

/* The text of the first element of that name, without looking for its place. */
static struct str xml_text(struct str text, const char *open, const char *close)
{
	const char *p = memmem(text.ptr, text.len, open, strlen(open)), *end;
	struct str rest;

	if (!text.len || !p)
		return STR("");
	rest = str_sub(text, (size_t)(p - text.ptr) + strlen(open), text.len);
	end = rest.len ? memmem(rest.ptr, rest.len, close, strlen(close)) : NULL;
	if (!end)
		return STR("");
	rest = str_trim(str_sub(rest, 0, (size_t)(end - rest.ptr)));
	if (str_starts(rest, STR("<![CDATA[")) && str_ends(rest, STR("]]>")))
		rest = str_trim(str_sub(rest, 9, rest.len - 3));
	return rest;
}

int manifest_joomla(struct str text, struct str name, struct arena *a, component_fn *fn, void *user,
		    struct diag *d)
{
	struct component x = { .ecosystem = STR("Joomla"),
			       .kind = STR("plugin"),
			       .name = name,
			       .evidence = STR("manifest") };

	(void)a;
	(void)d;
	if (!text.len || (!memmem(text.ptr, text.len, "<extension", 10) &&
			  !memmem(text.ptr, text.len, "<install", 8)))
		return 0;
	if (str_eq(xml_text(text, "<author>", "</author>"), STR("Joomla! Project")))
		return 0;
	x.version = xml_text(text, "<version>", "</version>");
	if (!component_text(x.version) || !component_text(x.name))
		return 0;
	return fn(user, &x);
}
