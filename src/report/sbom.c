/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "facts/inventory/component.h"
#include "report/sbom.h"

/* A package that many thousand places have is listed with the first of them. */
#define PLACES_MAX 1000

static const char packages_sql[] =
	"SELECT name, version, arch, source, source_version, format, "
	"coalesce((SELECT group_concat(name, ', ') FROM (SELECT DISTINCT x.name FROM processes x "
	"WHERE x.package = p.name ORDER BY x.name LIMIT 20)), '') "
	"FROM packages p WHERE status NOT IN ('config-files', 'not-installed') "
	"ORDER BY name, version, arch";
static const char components_sql[] =
	"SELECT purl, ecosystem, kind, name, version, path, evidence, layer, package, "
	"coalesce(eol_date, ''), coalesce((SELECT group_concat(name, ', ') FROM ("
	"SELECT DISTINCT x.name FROM component_processes q JOIN processes x USING (pid) "
	"WHERE q.component = c.id ORDER BY x.name LIMIT 20)), '') "
	"FROM components c WHERE purl <> '' ORDER BY purl, path, id";
static const char layers_sql[] =
	"SELECT p.name, p.version, p.arch, p.source, p.source_version, p.format, p.layer, p.os_id, "
	"p.os_version, coalesce((SELECT l.path FROM container_layers l WHERE l.layer = p.layer "
	"LIMIT 1), ''), coalesce((SELECT group_concat(n, ', ') FROM (SELECT DISTINCT "
	"l.kind || ' ' || CASE l.name WHEN '' THEN l.id ELSE l.name END AS n "
	"FROM container_layers l WHERE l.layer = p.layer ORDER BY 1 LIMIT 20)), '') "
	"FROM container_packages p ORDER BY p.layer, p.name, p.version, p.arch";
static const char about_sql[] =
	"SELECT (SELECT hostname FROM host_info LIMIT 1), "
	"coalesce((SELECT id FROM os_version LIMIT 1), (SELECT 'windows' FROM windows_version)), "
	"coalesce((SELECT version_id FROM os_version LIMIT 1), (SELECT version FROM windows_version)), "
	"coalesce((SELECT pretty_name FROM os_version LIMIT 1), (SELECT product FROM windows_version)), "
	"(SELECT value FROM holdfast_meta WHERE key = 'root'), "
	"(SELECT value FROM holdfast_meta WHERE key = 'collected_at'), "
	"(SELECT value FROM holdfast_meta WHERE key = 'live'), "
	"NOT EXISTS (SELECT 1 FROM collector_status WHERE name IN ('packages', 'components', "
	"'container_layers', 'container_packages') AND status NOT IN ('ok', 'not_applicable'))";

const char *const sbom_queries[] = { packages_sql, components_sql, layers_sql, about_sql,
				     "SELECT cve FROM vex" };
const size_t n_sbom_queries = COUNT(sbom_queries);

static int finish(struct store *s, int rc)
{
	if (rc == SQLITE_DONE || rc == SQLITE_OK)
		return 0;
	if (rc == SQLITE_NOMEM)
		return -ENOMEM;
	snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(s->db));
	return -EIO;
}

static struct str copy(struct arena *a, sqlite3_stmt *st, int column)
{
	return arena_str(a, store_text(st, column));
}

int sbom_about(struct store *s, struct arena *a, struct sbom_about *ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, about_sql, -1, &st, NULL);
	struct sbom_about about;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW)
		return finish(s, rc == SQLITE_DONE ? SQLITE_ERROR : rc);
	about = (struct sbom_about){
		.hostname = copy(a, st, 0),
		.os_id = copy(a, st, 1),
		.os_version = copy(a, st, 2),
		.os_name = copy(a, st, 3),
		.root = copy(a, st, 4),
		.collected_at = sqlite3_column_int64(st, 5),
		.live = sqlite3_column_int(st, 6),
		.complete = sqlite3_column_int(st, 7),
	};
	if (!about.hostname.ptr || !about.os_id.ptr || !about.os_version.ptr ||
	    !about.os_name.ptr || !about.root.ptr)
		return -ENOMEM;
	*ret = about;
	return 0;
}

/* As package URLs name whoever builds the packages. */
static struct str vendor_of(struct str id) { return str_eq(id, STR("rhel")) ? STR("redhat") : id; }

static int each_package(struct store *s, const struct sbom_about *about, sbom_fn *fn, void *user)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	own(arena_release) struct arena names = {}, a = {}, last = {};
	int rc = sqlite3_prepare_v2(s->db, packages_sql, -1, &st, NULL), r = 0;
	struct str before = {}, distro;

	distro = arena_cat(&names, about->os_id,
			   about->os_id.len && about->os_version.len ? STR("-") : STR(""),
			   about->os_version);
	if (!distro.ptr)
		return -ENOMEM;
	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct purl_package p = { .name = store_text(st, 0),
					  .version = store_text(st, 1),
					  .arch = store_text(st, 2),
					  .format = store_text(st, 5),
					  .vendor = vendor_of(about->os_id),
					  .distro = distro };
		struct sbom_item item = { .kind = STR("package"),
					  .ecosystem = p.format,
					  .name = p.name,
					  .version = p.version,
					  .source = store_text(st, 3),
					  .source_version = store_text(st, 4),
					  .processes = store_text(st, 6) };

		rc = SQLITE_OK;
		item.purl = package_purl(&a, &p);
		if (!item.purl.ptr)
			return -ENOMEM;
		/* They are in order: the same one twice stands together. */
		item.ref = item.purl;
		if (item.purl.len && !str_eq(item.purl, before))
			r = fn(&item, user);
		arena_release(&last);
		before = arena_str(&last, item.purl);
		if (!before.ptr)
			return -ENOMEM;
		arena_release(&a);
		if (r < 0)
			return r;
	}
	return finish(s, rc);
}

static int layer_package(sqlite3_stmt *st, struct arena *a, struct sbom_item *ret)
{
	struct str os = store_text(st, 7), version = store_text(st, 8);
	struct purl_package p = { .name = store_text(st, 0),
				  .version = store_text(st, 1),
				  .arch = store_text(st, 2),
				  .format = store_text(st, 5),
				  .vendor = vendor_of(os) };
	struct sbom_place *place = arena_new(a, struct sbom_place);

	p.distro = arena_cat(a, os, os.len && version.len ? STR("-") : STR(""), version);
	if (!place || !p.distro.ptr)
		return -ENOMEM;
	*place = (struct sbom_place){ .path = store_text(st, 9),
				      .evidence = store_text(st, 10),
				      .layer = store_text(st, 6) };
	*ret = (struct sbom_item){ .kind = STR("package"),
				   .ecosystem = p.format,
				   .name = p.name,
				   .version = p.version,
				   .source = store_text(st, 3),
				   .source_version = store_text(st, 4),
				   .places = place,
				   .n_places = 1,
				   .purl = package_purl(a, &p) };
	ret->ref = arena_cat(a, place->layer, STR("/"), ret->purl);
	return ret->purl.ptr && ret->ref.ptr ? 0 : -ENOMEM;
}

static int each_layer(struct store *s, sbom_fn *fn, void *user)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	own(arena_release) struct arena last = {};
	int rc = sqlite3_prepare_v2(s->db, layers_sql, -1, &st, NULL), r = 0;
	struct str before = {};

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		own(arena_release) struct arena a = {};
		struct sbom_item item;

		rc = SQLITE_OK;
		r = layer_package(st, &a, &item);
		if (r >= 0 && item.purl.len && !str_eq(item.ref, before))
			r = fn(&item, user);
		if (r < 0)
			return r;
		arena_release(&last);
		before = arena_str(&last, item.ref);
		if (!before.ptr)
			return -ENOMEM;
	}
	return finish(s, rc);
}

/* Rows of one package URL, which are one item. */
struct group {
	struct arena arena;
	struct sbom_item item;
	struct sbom_place *places;
	size_t n, cap;
};

static void group_release(struct group *g) { arena_release(&g->arena); }

static int group_end(struct group *g, sbom_fn *fn, void *user)
{
	int r = 0;

	if (g->n) {
		g->item.ref = g->item.purl;
		g->item.places = g->places;
		g->item.n_places = g->n;
		r = fn(&g->item, user);
	}
	arena_release(&g->arena);
	*g = (struct group){};
	return r;
}

static int group_add(struct group *g, sqlite3_stmt *st)
{
	struct arena *a = &g->arena;
	struct sbom_place place;

	if (!g->n) {
		g->item = (struct sbom_item){
			.purl = copy(a, st, 0),
			.ecosystem = copy(a, st, 1),
			.kind = copy(a, st, 2),
			.name = copy(a, st, 3),
			.version = copy(a, st, 4),
			.eol_date = copy(a, st, 9),
		};
		if (!g->item.purl.ptr || !g->item.ecosystem.ptr || !g->item.kind.ptr ||
		    !g->item.name.ptr || !g->item.version.ptr || !g->item.eol_date.ptr)
			return -ENOMEM;
	}
	if (store_text(st, 10).len && !g->item.processes.len) {
		g->item.processes = copy(a, st, 10);
		if (!g->item.processes.ptr)
			return -ENOMEM;
	}
	if (g->n == PLACES_MAX)
		return 0;
	place = (struct sbom_place){ copy(a, st, 5), copy(a, st, 6), copy(a, st, 7),
				     copy(a, st, 8) };
	if (!place.path.ptr || !place.evidence.ptr || !place.layer.ptr || !place.package.ptr)
		return -ENOMEM;
	return arena_push(a, g->places, g->n, g->cap, place);
}

static int each_component(struct store *s, sbom_fn *fn, void *user)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	own(group_release) struct group g = {};
	int rc = sqlite3_prepare_v2(s->db, components_sql, -1, &st, NULL), r = 0;

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		if (g.n && !str_eq(g.item.purl, store_text(st, 0)))
			r = group_end(&g, fn, user);
		if (r >= 0)
			r = group_add(&g, st);
		if (r < 0)
			return r;
	}
	r = finish(s, rc);
	return r < 0 ? r : group_end(&g, fn, user);
}

int sbom_each(struct store *s, sbom_fn *fn, void *user)
{
	own(arena_release) struct arena a = {};
	struct sbom_about about = {};
	int r = sbom_about(s, &a, &about);

	if (r >= 0)
		r = each_package(s, &about, fn, user);
	if (r >= 0)
		r = each_layer(s, fn, user);
	return r < 0 ? r : each_component(s, fn, user);
}
