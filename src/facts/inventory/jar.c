/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "facts/inventory/jar.h"

#define POM_MAX ((size_t)64 << 10)
#define MANIFEST_MAX ((size_t)1 << 20)
#define INSIDE_MAX ((size_t)2048)

/* The class that makes JNDI look-ups: whoever removed it cannot be attacked by CVE-2021-44228. */
#define JNDI "org/apache/logging/log4j/core/lookup/JndiLookup.class"
#define LOG4J_CORE "org/apache/logging/log4j/core/"
static const struct str log4j_group = STR("org.apache.logging.log4j");
static const struct str log4j_artifact = STR("log4j-core");

struct jar {
	struct jar_run *run;
	struct zip zip;
	struct str name, inside;
	struct manifest manifest;
	struct arena arena; /* of the manifest's text */
	unsigned poms;
	bool own;         /* a pom.properties speaks of the archive itself */
	bool jndi, log4j; /* the class is there; the classes of log4j-core are */
	bool log4j_named; /* by a pom.properties */
	bool has_archives;
};

static void jar_release(struct jar *j)
{
	zip_release(&j->zip);
	arena_release(&j->arena);
}

static const char *reason(int error)
{
	switch (error) {
	case -EBADMSG: return "damaged or cut off";
	case -EFBIG: return "too large to be looked into";
	case -ENOTSUP: return "packed in a way that cannot be read, or encrypted";
	default: return strerror(-error);
	}
}

/* As long as the whole file does not cost too much. */
static bool may_work(struct jar *j, uint64_t bytes)
{
	struct jar_run *run = j->run;

	if (bytes <= JAR_WORK_MAX - MIN(run->work, JAR_WORK_MAX))
		return true;
	if (!run->spent)
		run->problem(run->user, E2BIG, j->inside,
			     "takes too much work to be looked into any further");
	run->spent = true;
	return false;
}

/* -ECANCELED: too much was unpacked already, which was said. */
static int extract(struct jar *j, const struct zip_entry *e, struct buf *b)
{
	int r;

	/* What does not fit costs nothing. */
	if (e->bytes < b->limit && !may_work(j, e->bytes))
		return -ECANCELED;
	r = zip_extract(&j->zip, e, b);
	j->run->work += b->len;
	return r;
}

static void tell(const struct jar *j, int error, struct str entry)
{
	char text[INSIDE_MAX];
	int n;

	if (error == -ECANCELED)
		return;
	n = snprintf(text, sizeof text, "%.*s%s%.*s", STR_FMT(j->inside), entry.len ? "!/" : "",
		     STR_FMT(entry));

	j->run->problem(j->run->user, -error,
			(struct str){ text, MIN((size_t)MAX(n, 0), sizeof text - 1) },
			reason(error));
}

static int emit(struct jar *j, struct str group, struct str artifact, struct str version,
		const char *evidence, bool application)
{
	char name[600];
	struct component x = {
		.ecosystem = STR("Maven"),
		.kind = application ? STR("application") : STR("library"),
		.version = component_text(version) ? version : STR(""),
		.inside = j->inside,
		.evidence = str_of(evidence),
	};
	int n;

	if (!component_text(artifact) || str_find(artifact, '/') >= 0)
		return 0;
	if (group.len && component_text(group))
		n = snprintf(name, sizeof name, "%.*s:%.*s", STR_FMT(group), STR_FMT(artifact));
	else
		n = snprintf(name, sizeof name, "%.*s", STR_FMT(artifact));
	x.name = (struct str){ name, (size_t)n };
	if (j->run->components >= JAR_COMPONENTS_MAX) {
		if (j->run->components++ == JAR_COMPONENTS_MAX)
			j->run->problem(j->run->user, E2BIG, j->inside,
					"holds more than can be listed");
		return 0;
	}
	j->run->components++;
	return j->run->fn(j->run->user, &x);
}

/* META-INF/maven/GROUP/ARTIFACT/pom.properties */
static bool is_pom(struct str name, struct pom *ret)
{
	static const struct str prefix = STR("META-INF/maven/"), suffix = STR("/pom.properties");
	struct str rest;

	if (!str_starts(name, prefix) || !str_ends(name, suffix) ||
	    name.len <= prefix.len + suffix.len)
		return false;
	rest = str_sub(name, prefix.len, name.len - suffix.len);
	*ret = (struct pom){ .group = str_cut(&rest, '/') };
	ret->artifact = rest;
	return rest.len && str_find(rest, '/') < 0;
}

static int read_pom(struct jar *j, const struct zip_entry *e, const struct pom *place)
{
	own(buf_release) struct buf b = BUF(POM_MAX);
	struct str artifact, version;
	const char *evidence = "pom.properties";
	struct pom p;
	int r = extract(j, e, &b);

	j->poms++;
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		tell(j, r, e->name);
		return 0;
	}
	pom_parse(buf_view(&b), &p);
	if (!component_text(p.group))
		p.group = place->group;
	if (!component_text(p.artifact))
		p.artifact = place->artifact;
	jar_name(j->name, &artifact, &version);
	if (str_eq(p.artifact, artifact) || str_starts(str_basename(j->name), p.artifact))
		j->own = true;
	if (str_eq(p.group, log4j_group) && str_eq(p.artifact, log4j_artifact)) {
		j->log4j_named = true;
		if (j->log4j && !j->jndi)
			evidence = "pom.properties, without JndiLookup.class";
	}
	return emit(j, p.group, p.artifact, p.version, evidence, false);
}

static int read_manifest(struct jar *j, const struct zip_entry *e)
{
	own(buf_release) struct buf b = BUF(MANIFEST_MAX);
	struct str text;
	int r = extract(j, e, &b);

	if (r >= 0) {
		text = arena_str(&j->arena, buf_view(&b));
		r = text.ptr ? manifest_parse(text, &j->arena, &j->manifest) : -ENOMEM;
	}
	if (r < 0 && r != -ENOMEM)
		tell(j, r, e->name);
	return r == -ENOMEM ? r : 0;
}

static int read_inside(struct jar *j, const struct zip_entry *e);

/* What the names alone tell; first, so that what follows knows it. */
static void look_at_names(struct jar *j)
{
	struct zip_entry e;
	size_t at = 0;
	uint64_t n = 0;
	int r;

	while ((r = zip_next(&j->zip, &at, &e)) == 1) {
		n++;
		j->jndi |= str_ends(e.name, STR(JNDI));
		j->log4j |= str_contains(e.name, STR(LOG4J_CORE));
		j->has_archives |= jar_is(e.name);
	}
	if (r >= 0 && n != j->zip.entries)
		r = -EBADMSG;
	if (r < 0)
		tell(j, r, (struct str){});
}

static int look_at_entries(struct jar *j)
{
	struct zip_entry e;
	struct pom place;
	size_t at = 0;
	int r = 0;

	while (r >= 0 && !j->run->spent && zip_next(&j->zip, &at, &e) == 1) {
		if (is_pom(e.name, &place))
			r = read_pom(j, &e, &place);
		else if (str_ieq(e.name, STR("META-INF/MANIFEST.MF")))
			r = read_manifest(j, &e);
		else if (jar_is(e.name))
			r = read_inside(j, &e);
	}
	return r;
}

/* "com.fasterxml.jackson.core.jackson-databind" ends in the artifact. */
static struct str group_of(const struct jar *j, struct str artifact)
{
	struct str group = jar_group(artifact), name = j->manifest.symbolic_name;

	if (group.len)
		return group;
	if (str_find(j->manifest.vendor_id, '.') > 0)
		return j->manifest.vendor_id;
	if (name.len > artifact.len + 1 && str_ends(name, artifact) &&
	    name.ptr[name.len - artifact.len - 1] == '.')
		return str_sub(name, 0, name.len - artifact.len - 1);
	return STR("");
}

/* The archive itself, where no pom.properties speaks of it. */
static int emit_own(struct jar *j)
{
	const struct manifest *m = &j->manifest;
	struct str artifact, named, version;
	const char *evidence = "manifest";

	jar_name(j->name, &artifact, &named);
	version = m->version.len          ? m->version
		  : m->bundle_version.len ? m->bundle_version
					  : m->spec_version;
	/* The name of a file is what Maven gave it, a manifest may be that of another project. */
	if (named.len) {
		version = named;
		evidence = m->version.len ? "file name, manifest" : "file name";
	}
	if (!version.len || (j->has_archives && !named.len))
		return 0;
	return emit(j, group_of(j, artifact), artifact, version, evidence,
		    m->main_class.len || j->has_archives);
}

static int read_archive(const struct stretch *s, struct str name, struct str inside,
			struct jar_run *run)
{
	own(jar_release) struct jar j = { .run = run, .name = name, .inside = inside };
	int r = zip_open(s, &j.zip);

	if (r == -ENOEXEC) {
		/* Whatever it is, Java cannot load it; the name may still tell what it was. */
		return emit_own(&j);
	}
	if (r < 0) {
		if (r != -ENOMEM)
			tell(&j, r, (struct str){});
		return r == -ENOMEM ? r : emit_own(&j);
	}
	if (!may_work(&j, j.zip.len))
		return emit_own(&j);
	run->work += j.zip.len;
	look_at_names(&j);
	r = look_at_entries(&j);
	if (r >= 0 && !j.own && (j.poms != 1 || j.has_archives))
		r = emit_own(&j);
	if (r >= 0 && j.jndi && !j.log4j_named && !str_starts(str_basename(name), log4j_artifact))
		r = emit(&j, log4j_group, log4j_artifact, STR(""), "JndiLookup.class", false);
	return r;
}

/* 1: *ret is its bytes, unpacked into b where they are not stored as they are. */
static int open_inside(struct jar *j, const struct zip_entry *e, struct buf *b, struct stretch *ret)
{
	int r = zip_stored(&j->zip, e, ret);

	if (r != -ENOTSUP)
		return r;
	b->limit = MIN(JAR_INSIDE_MAX, JAR_HELD_MAX - MIN(j->run->held, JAR_HELD_MAX));
	r = extract(j, e, b);
	if (r >= 0)
		*ret = stretch_of_memory(buf_view(b));
	return r;
}

static int read_inside(struct jar *j, const struct zip_entry *e)
{
	own(buf_release) struct buf b = {};
	char inside[INSIDE_MAX];
	struct stretch s;
	int n = snprintf(inside, sizeof inside, "%.*s!/%.*s", STR_FMT(j->inside), STR_FMT(e->name));
	int r;

	if (j->run->depth >= JAR_DEPTH_MAX || ++j->run->archives > JAR_ARCHIVES_MAX ||
	    (size_t)n >= sizeof inside) {
		if (j->run->archives <= JAR_ARCHIVES_MAX + 1)
			j->run->problem(j->run->user, E2BIG, j->inside,
					j->run->depth >= JAR_DEPTH_MAX
						? "holds archives in archives too deep"
						: "holds too many archives");
		return 0;
	}
	r = open_inside(j, e, &b, &s);
	if (r < 0) {
		if (r != -ENOMEM)
			tell(j, r, e->name);
		return r == -ENOMEM ? r : 0;
	}
	j->run->depth++;
	j->run->held += b.cap;
	r = read_archive(&s, e->name, (struct str){ inside, (size_t)n }, j->run);
	j->run->depth--;
	j->run->held -= b.cap;
	return r;
}

int jar_read(const struct stretch *s, struct str name, struct jar_run *run)
{
	return read_archive(s, name, STR(""), run);
}
