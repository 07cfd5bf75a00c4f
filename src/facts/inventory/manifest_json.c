/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests in JSON. */
#include "base/json.h"
#include "facts/inventory/manifest.h"

#define NODES_MAX ((size_t)2 << 20)

static int parse(struct str text, struct jdoc *ret, struct diag *d)
{
	struct joptions o = { .max_depth = 64, .max_nodes = NODES_MAX };

	/* A byte order mark, as tools of Windows write it. */
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.len);
	return jdoc_parse(text, &o, ret, d);
}

/* The text of a member; '' where there is none or it is no string. */
static int member(const struct jdoc *j, uint32_t object, const char *name, struct arena *a,
		  struct str *ret)
{
	uint32_t v = jdoc_get(j, object, str_of(name));

	*ret = STR("");
	return v && jdoc_is(j, v, J_STRING) ? jdoc_text(j, v, a, ret) : 0;
}

static int name_and_version(const struct jdoc *j, uint32_t object, struct arena *a,
			    struct component *x)
{
	int r = member(j, object, "name", a, &x->name);

	return r < 0 ? r : member(j, object, "version", a, &x->version);
}

int manifest_npm(struct str text, struct str file, struct arena *a, component_fn *fn, void *user,
		 struct diag *d)
{
	own(jdoc_release) struct jdoc j = {};
	struct component x = { .ecosystem = STR("npm"),
			       .kind = STR("library"),
			       .evidence = STR("package.json") };
	int r = parse(text, &j, d);

	(void)file;
	if (r >= 0)
		r = name_and_version(&j, 0, a, &x);
	/* Parts of a package have such a file, too. */
	if (r < 0 || !component_text(x.name) || !component_text(x.version))
		return r;
	return fn(user, &x);
}

static int composer_package(const struct jdoc *j, uint32_t v, struct arena *a, component_fn *fn,
			    void *user)
{
	struct component x = { .ecosystem = STR("Packagist"),
			       .kind = STR("library"),
			       .evidence = STR("installed.json") };
	int r = name_and_version(j, v, a, &x);

	if (r < 0 || !component_text(x.name) || !component_text(x.version))
		return r;
	/* "v5.4.0" is 5.4.0 in advisories; branches ("dev-main") stay as they are. */
	if (x.version.len > 1 && x.version.ptr[0] == 'v' && x.version.ptr[1] >= '0' &&
	    x.version.ptr[1] <= '9')
		x.version = str_sub(x.version, 1, x.version.len);
	return fn(user, &x);
}

int manifest_composer(struct str text, struct str file, struct arena *a, component_fn *fn,
		      void *user, struct diag *d)
{
	own(jdoc_release) struct jdoc j = {};
	uint32_t list = 0;
	int r = parse(text, &j, d);

	(void)file;
	if (r >= 0 && jdoc_is(&j, 0, J_OBJECT))
		list = jdoc_get(&j, 0, STR("packages"));
	if (r < 0)
		return r;
	if (!jdoc_is(&j, list, J_ARRAY))
		return diag_set(d, -EBADMSG, NULL, 0, "has no list of packages");
	jdoc_each(&j, list, v) {
		r = composer_package(&j, v, a, fn, user);
		if (r < 0)
			return r;
	}
	return 0;
}

/* "Newtonsoft.Json/13.0.1": { "type": "package" } */
static int nuget_package(const struct jdoc *j, uint32_t key, struct arena *a, component_fn *fn,
			 void *user)
{
	struct component x = { .ecosystem = STR("NuGet"), .evidence = STR("deps.json") };
	struct str type, rest;
	int r = member(j, key + 1, "type", a, &type);

	if (r >= 0)
		r = jdoc_text(j, key, a, &rest);
	if (r < 0)
		return r;
	if (!str_ieq(type, STR("package")) && !str_ieq(type, STR("runtimepack")))
		return 0;
	/* "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1" */
	if (str_starts(rest, STR("runtimepack.")))
		rest = str_sub(rest, 12, rest.len);
	x.name = str_cut(&rest, '/');
	x.version = rest;
	x.kind = str_contains(x.name, STR(".App.Runtime.")) ? STR("runtime") : STR("library");
	return component_text(x.name) && component_text(x.version) ? fn(user, &x) : 0;
}

int manifest_nuget(struct str text, struct str file, struct arena *a, component_fn *fn, void *user,
		   struct diag *d)
{
	own(jdoc_release) struct jdoc j = {};
	uint32_t libraries;
	int r = parse(text, &j, d);

	(void)file;
	if (r < 0)
		return r;
	libraries = jdoc_is(&j, 0, J_OBJECT) ? jdoc_get(&j, 0, STR("libraries")) : 0;
	if (!libraries)
		return diag_set(d, -EBADMSG, NULL, 0, "names no libraries");
	jdoc_each_key(&j, libraries, key) {
		r = nuget_package(&j, key, a, fn, user);
		if (r < 0)
			return r;
	}
	return 0;
}

int manifest_cargo(struct str text, struct str file, struct arena *a, component_fn *fn, void *user,
		   struct diag *d)
{
	own(jdoc_release) struct jdoc j = {};
	uint32_t packages;
	int r = parse(text, &j, d);

	(void)file;
	if (r < 0)
		return r;
	packages = jdoc_is(&j, 0, J_OBJECT) ? jdoc_get(&j, 0, STR("packages")) : 0;
	if (!packages)
		return diag_set(d, -EBADMSG, NULL, 0, "names no packages");
	jdoc_each(&j, packages, v) {
		struct component x = { .ecosystem = STR("crates.io"),
				       .kind = STR("library"),
				       .evidence = STR("cargo-auditable") };
		struct str kind;
		uint32_t is_root = jdoc_get(&j, v, STR("root"));

		r = name_and_version(&j, v, a, &x);
		if (r >= 0)
			r = member(&j, v, "kind", a, &kind);
		if (r < 0)
			return r;
		/* What only ran while it was built is not in it. */
		if (str_eq(kind, STR("build")) || !component_text(x.name) ||
		    !component_text(x.version))
			continue;
		if (is_root && jdoc_is(&j, is_root, J_TRUE))
			x.kind = STR("application");
		r = fn(user, &x);
		if (r < 0)
			return r;
	}
	return 0;
}
