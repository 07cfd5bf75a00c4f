/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "base/diag.h"
#include "report/accounts.h"

#define KEYS_SHOWN 5
#define WAYS_SHOWN 4

static void put(struct buf *out, struct str s)
{
	char safe[1024];

	buf_puts(out, text_safe(s, safe, sizeof safe));
}

static void put_date(struct buf *out, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char text[32];

	if (gmtime_r(&when, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm))
		buf_puts(out, text);
}

static enum term_style style_of(const struct account *a)
{
	return a->severity >= SEVERITY_HIGH     ? TERM_RED
	       : a->severity >= SEVERITY_MEDIUM ? TERM_YELLOW
						: TERM_BOLD;
}

static void put_head(const struct account *a, const struct term *t, struct buf *out)
{
	buf_puts(out, term_on(t, style_of(a)));
	put(out, a->name);
	buf_puts(out, term_off(t));
	if (a->uid >= 0)
		buf_fmt(out, "  uid %lld", (long long)a->uid);
	if (a->shell.len) {
		buf_puts(out, "  ");
		put(out, a->shell);
	}
	buf_puts(out, a->internet == ACCOUNT_YES       ? "  the internet can log in"
		      : a->internet == ACCOUNT_PERHAPS ? "  perhaps the internet can log in"
						       : "");
	if (a->fresh)
		buf_puts(out, "  new");
	if (a->superuser)
		buf_puts(out, "  superuser");
	if (a->predictable)
		buf_puts(out, "  a name that robots try");
	buf_putc(out, '\n');
}

static void put_from(const struct account_login *l, struct buf *out)
{
	if (str_eq(l->door, STR("console")))
		return;
	buf_puts(out, " from ");
	if (l->anywhere && l->internet != ACCOUNT_NO && (l->wide || !l->sources.len))
		buf_puts(out, l->internet == ACCOUNT_YES ? "the internet" : "perhaps the internet");
	else if (l->anywhere && l->sources.len)
		put(out, str_sub(l->sources, 0, 120));
	else if (l->anywhere)
		buf_puts(out, "nowhere: nothing listens, or a rule shuts it");
	else
		put(out, l->place);
}

static void put_login(const struct account_login *l, const struct term *t, struct buf *out)
{
	buf_puts(out, "  ");
	put(out, l->door);
	if (l->ports.len) {
		buf_putc(out, ' ');
		put(out, l->ports);
	}
	put_from(l, out);
	buf_puts(out, ": ");
	put(out, l->means);
	if (l->second_factor)
		buf_puts(out, ", two of them or a second factor");
	buf_puts(out, " -> ");
	put(out, str_eq(l->session, STR("none")) ? STR("no session") : l->session);
	if (l->tunnel || l->listen)
		buf_fmt(out, ", %s", l->tunnel ? "tunnels" : "tunnels to it");
	if (!l->certain)
		buf_puts(out, " (perhaps)");
	buf_fmt(out, "  %s", term_on(t, TERM_DIM));
	put(out, l->deciding);
	if (l->rule.len) {
		buf_puts(out, "; ");
		put(out, str_sub(l->rule, 0, 200));
	}
	buf_puts(out, term_off(t));
	buf_putc(out, '\n');
}

static void put_password(const struct account *a, struct buf *out)
{
	if (str_eq(a->kind, STR("domain")))
		return;
	buf_puts(out, "  password: ");
	put(out, a->password);
	if (a->weak.len) {
		buf_fmt(out, ", guessed in %lld tries (", (long long)a->tries);
		put(out, a->weak);
		buf_putc(out, ')');
	}
	if (a->hash.len && a->changed != FACT_UNKNOWN && a->changed > 0) {
		buf_puts(out, ", set ");
		put_date(out, a->changed * 86400);
	}
	if (a->last_login != FACT_UNKNOWN && a->last_login > 0) {
		buf_puts(out, "; last login ");
		put_date(out, a->last_login);
	}
	buf_putc(out, '\n');
}

static void put_keys(const struct account *a, struct buf *out)
{
	for (size_t i = 0; i < a->n_keys && i < KEYS_SHOWN; i++) {
		const struct account_key *k = &a->keys[i];

		buf_puts(out, k->authority ? "  authority: " : "  key: ");
		put(out, k->type);
		if (k->bits)
			buf_fmt(out, " %lld", (long long)k->bits);
		buf_putc(out, ' ');
		put(out, k->fingerprint);
		if (k->comment.len) {
			buf_putc(out, ' ');
			put(out, str_sub(k->comment, 0, 80));
		}
		if (k->options.len) {
			buf_puts(out, " [");
			put(out, str_sub(k->options, 0, 120));
			buf_putc(out, ']');
		}
		if (k->changed > 0) {
			buf_puts(out, ", file of ");
			put_date(out, k->changed);
		}
		if (k->refused.len) {
			buf_puts(out, ", not taken: ");
			put(out, k->refused);
		}
		buf_putc(out, '\n');
	}
	if (a->n_keys > KEYS_SHOWN)
		buf_fmt(out, "  and %zu more keys\n", a->n_keys - KEYS_SHOWN);
}

static void put_root(const struct account *a, struct buf *out)
{
	for (size_t i = 0; i < a->n_privileges && i < WAYS_SHOWN; i++) {
		const struct account_privilege *p = &a->privileges[i];

		buf_puts(out, p->usable ? "  becomes root: "
					: "  may become root, but has no password: ");
		put(out, p->how);
		buf_putc(out, ' ');
		put(out, str_sub(p->detail, 0, 160));
		if (p->why.len) {
			buf_puts(out, " (");
			put(out, p->why);
			buf_putc(out, ')');
		}
		if (p->nopasswd && str_eq(p->how, STR("sudo")))
			buf_puts(out, " without a password");
		buf_puts(out, "  ");
		put(out, str_sub(p->evidence, 0, 200));
		buf_putc(out, '\n');
	}
	if (a->n_privileges > WAYS_SHOWN)
		buf_fmt(out, "  and %zu more ways\n", a->n_privileges - WAYS_SHOWN);
}

static void put_summary(const struct accounts *x, struct buf *out)
{
	size_t root = 0, passwords = 0, fresh = 0;

	for (size_t i = 0; i < x->n; i++) {
		root += x->list[i].becomes_root;
		passwords += x->list[i].internet != ACCOUNT_NO && x->list[i].by_password;
		fresh += x->list[i].fresh;
	}
	buf_fmt(out,
		"%zu account%s can log in; %zu from the internet, %zu of these with a password alone; "
		"%zu become root",
		x->n, x->n == 1 ? "" : "s", x->internet, passwords, root);
	if (fresh)
		buf_fmt(out, "; %zu new", fresh);
	buf_puts(out, "\n");
	if (x->sshd_error.len) {
		buf_puts(out, "sshd refuses its configuration: ");
		put(out, x->sshd_error);
		buf_puts(
			out,
			"\n  what stands here follows from the rest of it; sshd as it runs may have "
			"other settings\n");
	}
	for (size_t i = 0; i < x->n_missing; i++) {
		buf_puts(out, "not all is known: ");
		put(out, x->missing[i]);
		buf_putc(out, '\n');
	}
}

int accounts_text(const struct accounts *x, size_t top, const struct term *term, struct buf *out)
{
	size_t n = top && top < x->n ? top : x->n;

	put_summary(x, out);
	for (size_t i = 0; i < n; i++) {
		const struct account *a = &x->list[i];

		buf_putc(out, '\n');
		put_head(a, term, out);
		for (size_t k = 0; k < a->n_logins; k++)
			put_login(&a->logins[k], term, out);
		put_password(a, out);
		put_keys(a, out);
		put_root(a, out);
	}
	if (n < x->n)
		buf_fmt(out, "\nand %zu more accounts, none worse: --all shows them\n", x->n - n);
	return out->error;
}
