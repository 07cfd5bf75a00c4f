/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML whose strings are those of JSON, marked !unsafe: nothing in them is a template. */
#include <sodium.h>
#include <stdio.h>

#include "action/script.h"

static void put_text(struct buf *out, struct str s)
{
	buf_puts(out, "!unsafe \"");
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (c == '\t')
			buf_puts(out, "\\t");
		else if (c < ' ' || c == 0x7f)
			buf_fmt(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '"');
}

static void put_name(struct buf *out, const struct plan *p, const char *what)
{
	char text[1024];

	buf_puts(out, "    - name: ");
	(void)snprintf(text, sizeof text, "%s: %s", p->check, what);
	put_text(out, str_of(text));
	buf_putc(out, '\n');
}

static void put_args(struct buf *out, const char *const *argv, const char *more)
{
	buf_puts(out, "        argv: [");
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_puts(out, ", ");
		put_text(out, str_of(argv[i]));
	}
	if (more) {
		buf_puts(out, ", \"--body\", ");
		put_text(out, str_of(more));
	}
	buf_puts(out, "]\n");
}

static void put_attributes(struct buf *out, const struct change *c)
{
	unsigned mode = c->mode != CHANGE_KEEP ? c->mode : c->was.exists ? c->was.mode : 0644;

	buf_fmt(out, "        mode: \"%04o\"\n        owner: \"%u\"\n        group: \"%u\"\n", mode,
		c->uid == CHANGE_KEEP ? c->was.uid : c->uid,
		c->gid == CHANGE_KEEP ? c->was.gid : c->gid);
}

static void put_sum(struct buf *out, const unsigned char sum[static CHANGE_DIGEST])
{
	char hex[2 * CHANGE_DIGEST + 1];

	buf_fmt(out, "\"%s\"", sodium_bin2hex(hex, sizeof hex, sum, CHANGE_DIGEST));
}

/* What is not there, or speaks to a systemd that does not run, has nothing to make count. */
#define IF_THERE                                                              \
	"command -v \"$1\" >/dev/null || exit 0; [ \"$1\" != systemctl ] || " \
	"[ -d /run/systemd/system ] || exit 0; exec \"$@\""

/* Stops where a file is neither what it was nor what it is to be. */
static void put_guard(struct buf *out, const struct plan *p, const struct change *c)
{
	unsigned char sum[CHANGE_DIGEST];

	crypto_hash_sha256(sum, (const unsigned char *)c->bytes.ptr, c->bytes.len);
	put_name(out, p, "look first");
	buf_puts(out, "      ansible.builtin.stat:\n        path: ");
	put_text(out, str_of(c->path));
	buf_puts(out, "\n        checksum_algorithm: sha256\n      register: holdfast_was\n");
	put_name(out, p, "it is what it was when the plan was made");
	buf_puts(out, "      ansible.builtin.assert:\n        that: holdfast_was.stat.checksum | "
		      "default('none') in [");
	if (c->was.exists)
		put_sum(out, c->was.digest);
	else
		buf_puts(out, "\"none\"");
	buf_puts(out, ", ");
	if (c->kind == CHANGE_FILE)
		put_sum(out, sum);
	else
		buf_puts(out, "\"none\"");
	buf_puts(out, "]\n");
}

static bool is_text(struct str s)
{
	while (s.len)
		if (str_rune(&s) < 0)
			return false;
	return true;
}

static int put_content(struct buf *out, struct str s)
{
	size_t size = sodium_base64_encoded_len(s.len, sodium_base64_VARIANT_ORIGINAL);
	char *own(free_ptr) text = NULL;

	if (is_text(s)) {
		buf_puts(out, "        content: ");
		put_text(out, s);
		buf_putc(out, '\n');
		return 0;
	}
	text = malloc(size);
	if (!text)
		return -ENOMEM;
	sodium_bin2base64(text, size, (const unsigned char *)s.ptr, s.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(out, "        content: !!binary \"%s\"\n", text);
	return 0;
}

/* Of /a/b/c: where /a/b is missing, copy does not make it. */
static void put_folder(struct buf *out, const struct plan *p, const struct change *c)
{
	struct str path = str_of(c->path), name = str_basename(path);

	put_name(out, p, "folder");
	buf_puts(out, "      ansible.builtin.file:\n        path: ");
	put_text(out, str_sub(path, 0, MAX(path.len - name.len, 2u) - 1));
	buf_puts(out, "\n        state: directory\n");
}

static int put_file(struct buf *out, const struct plan *p, const struct change *c)
{
	int r;

	put_guard(out, p, c);
	if (!c->was.exists)
		put_folder(out, p, c);
	put_name(out, p, c->what);
	buf_puts(out, "      ansible.builtin.copy:\n        dest: ");
	put_text(out, str_of(c->path));
	buf_putc(out, '\n');
	r = put_content(out, c->bytes);
	put_attributes(out, c);
	buf_puts(out, "        backup: true\n        follow: false\n");
	return r;
}

static void put_unit(struct buf *out, const struct change *c)
{
	/* Units of systemd have a kind behind the dot, services of OpenRC have not. */
	buf_fmt(out, "      ansible.builtin.%s:\n        name: ",
		strchr(c->unit, '.') ? "systemd" : "service");
	put_text(out, str_of(c->unit));
	buf_putc(out, '\n');
	if (c->unit_want & (UNIT_ENABLE | UNIT_DISABLE))
		buf_fmt(out, "        enabled: %s\n",
			c->unit_want & UNIT_ENABLE ? "true" : "false");
	if (c->unit_want & (UNIT_MASK | UNIT_UNMASK))
		buf_fmt(out, "        masked: %s\n", c->unit_want & UNIT_MASK ? "true" : "false");
	if (c->unit_want & (UNIT_START | UNIT_STOP | UNIT_RESTART))
		buf_fmt(out, "        state: %s\n",
			c->unit_want & UNIT_RESTART ? "restarted"
			: c->unit_want & UNIT_START ? "started"
						    : "stopped");
}

static void put_notify(struct buf *out, const struct plan *p)
{
	if (!p->n_effects)
		return;
	buf_puts(out, "      notify:\n");
	for (size_t i = 0; i < p->n_effects; i++) {
		own(buf_release) struct buf name = BUF(8192);

		for (size_t k = 0; p->effects[i][k]; k++)
			buf_fmt(&name, "%s%s", k ? " " : "", p->effects[i][k]);
		buf_puts(out, "        - ");
		put_text(out, buf_view(&name));
		buf_putc(out, '\n');
	}
}

static int put_change(struct buf *out, const struct plan *p, const struct change *c)
{
	int r = 0;

	if (c->kind == CHANGE_FILE)
		r = put_file(out, p, c);
	else if (c->kind == CHANGE_REMOVE)
		put_guard(out, p, c);
	if (c->kind != CHANGE_FILE)
		put_name(out, p, c->what);
	switch (c->kind) {
	case CHANGE_FILE: break;
	case CHANGE_REMOVE:
	case CHANGE_ATTRIBUTES:
		buf_puts(out, "      ansible.builtin.file:\n        path: ");
		put_text(out, str_of(c->path));
		buf_putc(out, '\n');
		if (c->kind == CHANGE_REMOVE)
			buf_puts(out, "        state: absent\n");
		else
			put_attributes(out, c);
		break;
	case CHANGE_UNIT: put_unit(out, c); break;
	case CHANGE_COMMAND:
	case CHANGE_AZURE:
		buf_puts(out, "      ansible.builtin.command:\n");
		put_args(out, c->argv, c->azure_body);
		if (c->kind == CHANGE_AZURE)
			buf_puts(out, "      delegate_to: localhost\n      become: false\n"
				      "      run_once: true\n");
	}
	put_notify(out, p);
	return r;
}

static void put_checks(const struct plan *const plans[], size_t n, struct buf *out)
{
	static const struct {
		unsigned bit;
		const char *text;
	} checks[] = {
		{VALIDATE_SSHD,  "[\"sshd\", \"-t\"]"          },
		{ VALIDATE_SUDO, "[\"visudo\", \"-c\", \"-q\"]"},
	};
	unsigned asked = 0;

	for (size_t i = 0; i < n; i++)
		asked |= plans[i]->validate;
	for (size_t i = 0; i < COUNT(checks); i++)
		if (asked & checks[i].bit)
			buf_fmt(out,
				"    - name: before anything is reloaded\n"
				"      ansible.builtin.command:\n        argv: %s\n"
				"      changed_when: false\n"
				"      environment:\n        PATH: /usr/sbin:/usr/bin:/sbin:/bin\n",
				checks[i].text);
}

static void put_handler(struct buf *out, const char *const *argv)
{
	const char *all[CHANGE_ARGS_MAX + 8] = { "sh", "-c", IF_THERE, "sh" };
	size_t n = 4;

	for (size_t i = 0; argv[i] && n + 1 < COUNT(all); i++)
		all[n++] = argv[i];
	all[n] = NULL;
	buf_puts(out, "\n      ansible.builtin.command:\n");
	put_args(out, all, NULL);
}

static void put_handlers(const struct plan *const plans[], size_t n, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < plans[i]->n_effects; k++) {
			own(buf_release) struct buf name = BUF(8192);
			const char *const *argv = plans[i]->effects[k];

			if (script_has_effect(plans, i, k))
				continue;
			if (!any)
				buf_puts(out, "  handlers:\n");
			any = true;
			for (size_t w = 0; argv[w]; w++)
				buf_fmt(&name, "%s%s", w ? " " : "", argv[w]);
			buf_puts(out, "    - name: ");
			put_text(out, buf_view(&name));
			put_handler(out, argv);
		}
}

int script_ansible(const struct plan *const plans[], size_t n, struct buf *out)
{
	struct arena own(arena_release) a = {};
	struct script_step *steps = NULL;
	size_t n_steps = 0;
	int r = script_steps(plans, n, &a, &steps, &n_steps);

	buf_puts(
		out,
		"# Made by `holdfast fix --ansible`. Stops where a file is neither what it was when "
		"the plan was\n# made nor what it is to be. What it repairs:\n");
	script_notes(plans, n, out);
	buf_puts(out, "- name: What holdfast found\n  hosts: all\n  become: true\n"
		      "  gather_facts: false\n  tasks:\n");
	for (size_t i = 0; r >= 0 && i < n_steps; i++)
		r = put_change(out, steps[i].plan, &steps[i].change);
	put_checks(plans, n, out);
	put_handlers(plans, n, out);
	return r < 0 ? r : out->error;
}
