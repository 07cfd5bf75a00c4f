/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/accounts.h"
#include "report/json.h"

static json_t *reach(enum account_reach r)
{
	return r == ACCOUNT_PERHAPS ? json_null() : json_boolean(r == ACCOUNT_YES);
}

/* Words between separators, each once. */
static void add_words(json_t *list, struct str text, char separator)
{
	while (text.ptr) {
		struct str word = str_cut(&text, separator);
		json_t *item;
		bool known = false;

		if (!word.len)
			continue;
		item = json_text(word);
		for (size_t i = 0; i < json_array_size(list); i++)
			known |= json_equal(json_array_get(list, i), item);
		if (known)
			json_decref(item);
		else
			json_array_append_new(list, item);
	}
}

static json_t *words(struct str text, char separator)
{
	json_t *list = json_array();

	add_words(list, text, separator);
	return list;
}

/* From where: whoever reaches a door that lets anybody in, else what the door names. */
static void add_from(json_t *list, const struct account_login *l)
{
	if (str_eq(l->door, STR("console"))) {
		add_words(list, STR("console"), 0);
		return;
	}
	if (l->anywhere && l->internet != ACCOUNT_NO && (l->wide || !l->sources.len))
		add_words(list, STR("internet"), 0);
	else if (l->anywhere)
		add_words(list, l->sources, ' ');
	else
		add_words(list, l->place, ' ');
}

static json_t *login(const struct account_login *l)
{
	json_t *o = json_object(), *from = json_array();

	add_from(from, l);
	json_object_set_new(o, "door", json_text(l->door));
	json_object_set_new(o, "from", from);
	json_object_set_new(o, "places", words(l->place, ' '));
	json_object_set_new(o, "addresses", words(l->addresses, ' '));
	json_object_set_new(o, "internet", reach(l->internet));
	json_object_set_new(o, "means", words(l->means, ','));
	json_object_set_new(o, "second_factor", json_boolean(l->second_factor));
	json_object_set_new(o, "session", json_text(l->session));
	json_object_set_new(o, "tunnel", json_boolean(l->tunnel));
	json_object_set_new(o, "listen", json_boolean(l->listen));
	json_object_set_new(o, "certain", json_boolean(l->certain));
	json_object_set_new(o, "deciding", json_text(l->deciding));
	json_object_set_new(o, "ports", json_text(l->ports));
	json_object_set_new(o, "rule", json_text(l->rule));
	return o;
}

static json_t *key(const struct account_key *k)
{
	json_t *o = json_object();

	json_object_set_new(o, "type", json_text(k->type));
	json_object_set_new(o, "bits", json_integer(k->bits));
	json_object_set_new(o, "fingerprint", json_text(k->fingerprint));
	json_object_set_new(o, "comment", json_text(k->comment));
	json_object_set_new(o, "options", json_text(k->options));
	json_object_set_new(o, "authority", json_boolean(k->authority));
	json_object_set_new(o, "from_limited", json_boolean(k->limited));
	json_object_set_new(o, "file", json_text(k->file));
	json_object_set_new(o, "line", json_integer(k->line));
	json_object_set_new(o, "changed", k->changed ? json_integer(k->changed) : json_null());
	json_object_set_new(o, "usable", json_boolean(!k->refused.len));
	json_object_set_new(o, "refused", json_text(k->refused));
	return o;
}

static json_t *privilege(const struct account_privilege *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "how", json_text(p->how));
	json_object_set_new(o, "detail", json_text(p->detail));
	json_object_set_new(o, "why", json_text(p->why));
	json_object_set_new(o, "nopasswd", json_boolean(p->nopasswd));
	json_object_set_new(o, "usable", json_boolean(p->usable));
	json_object_set_new(o, "evidence", json_text(p->evidence));
	return o;
}

static json_t *time_or_null(int64_t t)
{
	return t == FACT_UNKNOWN || !t ? json_null() : json_integer(t);
}

static void set_lists(json_t *o, const struct account *a)
{
	json_t *doors = json_array(), *from = json_array(), *logins = json_array();
	json_t *keys = json_array(), *root = json_array();

	for (size_t i = 0; i < a->n_logins; i++) {
		add_words(doors, a->logins[i].door, 0);
		add_from(from, &a->logins[i]);
		json_array_append_new(logins, login(&a->logins[i]));
	}
	for (size_t i = 0; i < a->n_keys; i++)
		json_array_append_new(keys, key(&a->keys[i]));
	for (size_t i = 0; i < a->n_privileges; i++)
		json_array_append_new(root, privilege(&a->privileges[i]));
	json_object_set_new(o, "doors", doors);
	json_object_set_new(o, "from", from);
	json_object_set_new(o, "keys", keys);
	json_object_set_new(o, "root", root);
	json_object_set_new(o, "logins", logins);
}

static json_t *account(const struct account *a)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_text(a->name));
	json_object_set_new(o, "kind", json_text(a->kind));
	json_object_set_new(o, "uid", a->uid < 0 ? json_null() : json_integer(a->uid));
	json_object_set_new(o, "shell", json_text(a->shell));
	json_object_set_new(o, "severity", json_string(severity_name(a->severity)));
	json_object_set_new(o, "internet", reach(a->internet));
	json_object_set_new(o, "password", json_text(a->password));
	json_object_set_new(o, "hash", json_text(a->hash));
	json_object_set_new(o, "guessed_from", json_text(a->weak));
	json_object_set_new(o, "guessed_in", a->weak.len ? json_integer(a->tries) : json_null());
	json_object_set_new(o, "password_changed",
			    a->changed == FACT_UNKNOWN ? json_null()
						       : json_integer(a->changed * 86400));
	json_object_set_new(o, "becomes_root", json_boolean(a->becomes_root));
	json_object_set_new(o, "superuser", json_boolean(a->superuser));
	json_object_set_new(o, "predictable_name", json_boolean(a->predictable));
	json_object_set_new(o, "new", json_boolean(a->fresh));
	json_object_set_new(o, "first_seen", time_or_null(a->first_seen));
	json_object_set_new(o, "last_login", time_or_null(a->last_login));
	set_lists(o, a);
	json_object_set_new(o, "evidence", json_text(a->evidence));
	return o;
}

static json_t *texts(const struct str *list, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_text(list[i]));
	return all;
}

/* One account a line: with a hundred thousand of them no tree of all is held. */
int accounts_json(const struct accounts *x, struct buf *out)
{
	int r = buf_puts(out, "{\n \"schema_version\": 1,\n \"sshd_error\": ");

	if (r >= 0)
		r = json_write(json_text(x->sshd_error), JSON_ENCODE_ANY | JSON_COMPACT, out);
	if (r >= 0)
		r = buf_puts(out, ",\n \"missing\": ");
	if (r >= 0)
		r = json_write(texts(x->missing, x->n_missing), JSON_COMPACT, out);
	if (r >= 0)
		r = buf_puts(out, ",\n \"accounts\": [");
	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		r = buf_puts(out, i ? ",\n  " : "\n  ");
		if (r >= 0)
			r = json_write(account(&x->list[i]), JSON_COMPACT, out);
	}
	return r < 0 ? r : buf_puts(out, "\n ]\n}\n");
}
