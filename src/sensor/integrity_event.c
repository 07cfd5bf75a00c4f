/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes as events of Sigma's taxonomy. */
#include <stdio.h>

#include "sensor/integrity_work.h"

static const char *const field_names[] = {
#define X(identifier, name) [FIM_FIELD_##identifier] = name,
	FIM_FIELDS(X)
#undef X
};

static const char *const whats[] = {
	[FIM_CREATED] = "created", [FIM_CHANGED] = "changed", [FIM_WRITTEN] = "written",
	[FIM_META] = "rights",     [FIM_DELETED] = "deleted", [FIM_MOVED] = "moved",
	[FIM_ACCOUNT] = "account", [FIM_KEY] = "key",         [FIM_LINE] = "line",
	[FIM_GAP] = "gap",
};

static const char *const origins[] = {
	[FIM_ORIGIN_UNKNOWN] = "",
	[FIM_ORIGIN_PACKAGE] = "package",
	[FIM_ORIGIN_DIFFERS] = "differs",
	[FIM_ORIGIN_CONFFILE] = "conffile",
};

const char *fim_what_name(enum fim_what w) { return w < FIM_WHAT_N ? whats[w] : "?"; }
const char *fim_origin_name(enum fim_origin o) { return o < FIM_ORIGIN_N ? origins[o] : "?"; }

#define SOURCES "linux", "integrity", "file_event", "file_change", "file_delete"

int fim_fields(struct names *n)
{
	static const char *const sources[] = { SOURCES };
	uint16_t id;
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(sources); i++)
		r = names_add(n, str_of(sources[i]), &id);
	for (size_t i = 0; r == 0 && i < COUNT(field_names); i++)
		r = names_add(n, str_of(field_names[i]), &id);
	return r;
}

void fim_ids_find(struct fim *f)
{
	f->ids.product = names_find(f->names, STR("linux"));
	f->ids.service = names_find(f->names, STR("integrity"));
	f->ids.created = names_find(f->names, STR("file_event"));
	f->ids.changed = names_find(f->names, STR("file_change"));
	f->ids.deleted = names_find(f->names, STR("file_delete"));
	for (size_t i = 0; i < COUNT(field_names); i++)
		f->ids.fields[i] = names_find(f->names, str_of(field_names[i]));
}

struct making {
	struct fim *f;
	uint32_t n;
};

static void put(struct making *m, enum fim_field field, struct str text)
{
	uint16_t id = m->f->ids.fields[field];

	if (id && text.len)
		m->f->values[m->n++] =
			(struct event_value){ .field = id, .type = VALUE_TEXT, .text = text };
}

static void put_number(struct making *m, enum fim_field field, int64_t number)
{
	uint16_t id = m->f->ids.fields[field];
	char *text = m->f->numbers[field];

	if (!id)
		return;
	snprintf(text, sizeof m->f->numbers[0], "%lld", (long long)number);
	m->f->values[m->n++] = (struct event_value){
		.field = id, .type = VALUE_NUMBER, .text = str_of(text), .number = number
	};
}

static void put_state(struct making *m, const struct fim_state *s)
{
	static const char hex[] = "0123456789abcdef";
	char *digest = m->f->hashes, *mode = m->f->numbers[FIM_FIELD_MODE];

	if (!s)
		return;
	snprintf(mode, sizeof m->f->numbers[0], "%04o", s->mode & 07777);
	put(m, FIM_FIELD_MODE, str_of(mode));
	put_number(m, FIM_FIELD_OWNER, s->uid);
	put_number(m, FIM_FIELD_GROUP, s->gid);
	put_number(m, FIM_FIELD_SIZE, (int64_t)s->size);
	if (S_ISREG(s->mode) && s->mode & (S_ISUID | S_ISGID) && s->mode & 0111)
		put(m, FIM_FIELD_SUID, s->mode & S_ISUID ? STR("suid") : STR("sgid"));
	if (!s->hashed || s->partly)
		return;
	snprintf(digest, sizeof m->f->hashes, "SHA256=");
	for (size_t i = 0; i < sizeof s->sha256; i++) {
		digest[7 + 2 * i] = hex[s->sha256[i] >> 4];
		digest[8 + 2 * i] = hex[s->sha256[i] & 15];
	}
	put(m, FIM_FIELD_HASHES, (struct str){ digest, 7 + 2 * sizeof s->sha256 });
}

static void put_process(struct making *m, const struct fim_process *p)
{
	put(m, FIM_FIELD_IMAGE, p->image);
	put(m, FIM_FIELD_COMMAND_LINE, p->command_line);
	put(m, FIM_FIELD_USER, p->user);
	put(m, FIM_FIELD_PARENT_IMAGE, p->parent_image);
	put(m, FIM_FIELD_PARENT_COMMAND_LINE, p->parent_command_line);
	if (p->pid > 0)
		put_number(m, FIM_FIELD_PROCESS_ID, p->pid);
	if (p->ppid > 0)
		put_number(m, FIM_FIELD_PARENT_PROCESS_ID, p->ppid);
	if (p->pid > 0 && p->uid >= 0)
		put_number(m, FIM_FIELD_UID, p->uid);
	if (p->manager)
		put(m, FIM_FIELD_MANAGER, STR("yes"));
}

static struct log_source source_of(const struct fim_ids *ids, const struct fim_change *c)
{
	struct log_source s = { .product = ids->product, .service = ids->service };

	switch (c->what) {
	case FIM_CREATED:
	case FIM_MOVED: s.category = ids->created; break;
	/*
	 * Sysmon's FileCreate, which file_event stands for, tells files that are overwritten, too.
	 * Not those that an upgrade overwrites with the bytes that the package is known by.
	 */
	case FIM_CHANGED:
	case FIM_WRITTEN:
		s.category = ids->changed;
		s.wider = c->origin == FIM_ORIGIN_PACKAGE ? 0 : ids->created;
		break;
	case FIM_META: s.category = ids->changed; break;
	case FIM_DELETED: s.category = ids->deleted; break;
	default: break;
	}
	return s;
}

int fim_event(struct fim *f, const struct fim_change *c, struct event *ret)
{
	struct making m = { .f = f };

	if (!f->names)
		return -EINVAL;
	put(&m, FIM_FIELD_TARGET, c->path);
	put(&m, FIM_FIELD_SOURCE, c->old_path);
	put_process(&m, &c->process);
	put(&m, FIM_FIELD_ACTION, str_of(c->action ? c->action : fim_what_name(c->what)));
	put(&m, FIM_FIELD_CLASS, str_of(fim_class_name(c->class)));
	put(&m, FIM_FIELD_SUBJECT, c->subject);
	put(&m, FIM_FIELD_ACCOUNT, c->what == FIM_ACCOUNT ? c->subject : c->account);
	if (c->what == FIM_KEY)
		put(&m, FIM_FIELD_KEY_FINGERPRINT, c->subject);
	put(&m, FIM_FIELD_MESSAGE, c->text);
	put_number(&m, FIM_FIELD_SEVERITY, (int64_t)c->severity);
	put(&m, FIM_FIELD_ORIGIN, str_of(fim_origin_name(c->origin)));
	put(&m, FIM_FIELD_PACKAGE, c->package);
	if (c->offline)
		put(&m, FIM_FIELD_OFFLINE, STR("yes"));
	put_state(&m, c->after ? c->after : c->before);
	*ret = (struct event){
		.source = source_of(&f->ids, c),
		.time = c->time,
		.raw = c->text.len ? c->text : c->path,
		.n = m.n,
		.values = f->values,
	};
	return 0;
}
