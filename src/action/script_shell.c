/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <stdio.h>

#include "action/script.h"

/* clang-format off */
static const char head[] =
	"#!/bin/sh\n"
	"# Made by `holdfast fix --script`. Stops where a file is neither what it was when the plan was made\n"
	"# nor what it is to be, and then takes back what it did. ROOT=DIR changes files below DIR only.\n"
	"set -eu\n"
	"ROOT=${ROOT:-}\n"
	"umask 077\n"
	"SAVED=$(mktemp -d \"${TMPDIR:-/var/tmp}/holdfast-fix-XXXXXX\")\n"
	"N=0\n"
	": >\"$SAVED/undo.sh\"\n"
	"\n"
	"back() { # takes back what was done, the last first\n"
	"	trap - EXIT\n"
	"	echo \"taking back what was done\" >&2\n"
	"	sh \"$SAVED/undo.sh\"\n"
	"	exit 1\n"
	"}\n"
	"trap back EXIT\n"
	"sum() { if [ -e \"$1\" ]; then sha256sum <\"$1\" | cut -d' ' -f1; else echo none; fi; }\n"
	"word() { printf %s \"$1\" | sed \"s/'/'\\\\\\\\''/g; 1s/^/'/; \\$s/\\$/'/\"; }\n"
	"undo() { { echo \"$1\"; cat \"$SAVED/undo.sh\"; } >\"$SAVED/new\" && mv \"$SAVED/new\" \"$SAVED/undo.sh\"; }\n"
	"is() { # FILE OLD NEW: false where it is NEW already\n"
	"	[ ! -L \"$1\" ] || { echo \"$1: is a link\" >&2; back; }\n"
	"	have=$(sum \"$1\")\n"
	"	[ \"$have\" != \"$3\" ] || return 1\n"
	"	[ \"$have\" = \"$2\" ] || { echo \"$1: has changed since the plan was made\" >&2; back; }\n"
	"}\n"
	"save() { # FILE\n"
	"	N=$((N + 1))\n"
	"	if [ -e \"$1\" ]; then\n"
	"		cp -p \"$1\" \"$SAVED/$N\"\n"
	"		undo \"cp -p $SAVED/$N $(word \"$1\")\"\n"
	"	else\n"
	"		undo \"rm -f $(word \"$1\")\"\n"
	"	fi\n"
	"}\n"
	"put() { # FILE OLD NEW MODE UID:GID [base64], the bytes on standard input\n"
	"	file=$ROOT$1\n"
	"	if is \"$file\" \"$2\" \"$3\"; then\n"
	"		save \"$file\"\n"
	"		(umask 022 && mkdir -p \"$(dirname \"$file\")\")\n"
	"		if [ -e \"$file\" ]; then cp -p \"$file\" \"$file.holdfast\"; fi\n"
	"		if [ \"${6:-}\" ]; then base64 -d; else cat; fi >\"$file.holdfast\"\n"
	"		chown \"$5\" \"$file.holdfast\"\n"
	"		chmod \"$4\" \"$file.holdfast\"\n"
	"		[ \"$(sum \"$file.holdfast\")\" = \"$3\" ] || { echo \"$file: this script is damaged\" >&2; back; }\n"
	"		mv \"$file.holdfast\" \"$file\"\n"
	"		if [ -z \"$ROOT\" ] && command -v restorecon >/dev/null; then restorecon \"$file\" || :; fi\n"
	"		echo \"$file: written\"\n"
	"	else\n"
	"		cat >/dev/null\n"
	"	fi\n"
	"}\n"
	"drop() { # FILE OLD\n"
	"	file=$ROOT$1\n"
	"	if is \"$file\" \"$2\" none; then\n"
	"		save \"$file\"\n"
	"		rm \"$file\"\n"
	"		echo \"$file: removed\"\n"
	"	fi\n"
	"}\n"
	"dress() { # FILE MODE UID:GID\n"
	"	file=$ROOT$1\n"
	"	[ ! -L \"$file\" ] || { echo \"$file: is a link\" >&2; back; }\n"
	"	was=$(stat -c '%a %u:%g' \"$file\")\n"
	"	undo \"chown ${was#* } $(word \"$file\"); chmod ${was% *} $(word \"$file\")\"\n"
	"	chown \"$3\" \"$file\"\n"
	"	chmod \"$2\" \"$file\"\n"
	"}\n"
	"live() { [ -z \"$ROOT\" ]; }\n"
	"unit() { # VERB UNIT [the verb that takes it back]\n"
	"	case $1 in start | stop | restart) live || return 0 ;; esac\n"
	"	if command -v systemctl >/dev/null; then\n"
	"		systemctl ${ROOT:+\"--root=$ROOT\"} \"$1\" \"$2\"\n"
	"		[ -z \"${3:-}\" ] || undo \"systemctl ${ROOT:+$(word \"--root=$ROOT\")} $3 $(word \"$2\")\"\n"
	"	elif live && command -v rc-service >/dev/null; then\n"
	"		case $1 in\n"
	"		enable) rc-update add \"$2\" default && undo \"rc-update del $(word \"$2\") default\" ;;\n"
	"		disable) rc-update del \"$2\" default && undo \"rc-update add $(word \"$2\") default\" ;;\n"
	"		start | stop | restart) rc-service \"$2\" \"$1\" ;;\n"
	"		esac\n"
	"	else\n"
	"		echo \"$2: nobody here can $1 it\" >&2\n"
	"	fi\n"
	"}\n";

static const char tail[] =
	"\ntrap - EXIT\n"
	"echo \"The way back: sh $SAVED/undo.sh\"\n";
/* clang-format on */

/* 'a'\''b' */
static void put_word(struct buf *out, const char *s)
{
	buf_putc(out, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *s);
	buf_putc(out, '\'');
}

static void put_args(struct buf *out, const char *const *argv)
{
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_putc(out, ' ');
		put_word(out, argv[i]);
	}
}

static void put_sum(struct buf *out, const unsigned char sum[static CHANGE_DIGEST])
{
	char hex[2 * CHANGE_DIGEST + 1];

	buf_puts(out, sodium_bin2hex(hex, sizeof hex, sum, CHANGE_DIGEST));
}

static void put_old(struct buf *out, const struct change_was *was)
{
	if (was->exists)
		put_sum(out, was->digest);
	else
		buf_puts(out, "none");
}

static void put_owner(struct buf *out, const struct change *c)
{
	buf_fmt(out, " %u:%u", c->uid == CHANGE_KEEP ? c->was.uid : c->uid,
		c->gid == CHANGE_KEEP ? c->was.gid : c->gid);
}

static unsigned mode_of(const struct change *c)
{
	return c->mode != CHANGE_KEEP ? c->mode : c->was.exists ? c->was.mode : 0644;
}

/* What a here-document gives as it is, and an editor leaves alone. */
static bool is_plain(struct str s)
{
	bool whole = !s.len || s.ptr[s.len - 1] == '\n';

	while (whole && s.len) {
		int32_t rune = str_rune(&s);

		whole = rune >= ' ' || rune == '\n' || rune == '\t';
	}
	return whole;
}

static int put_base64(struct buf *out, struct str s)
{
	size_t size = sodium_base64_encoded_len(s.len, sodium_base64_VARIANT_ORIGINAL);
	char *own(free_ptr) text = malloc(size);
	struct str rest;

	if (!text)
		return -ENOMEM;
	sodium_bin2base64(text, size, (const unsigned char *)s.ptr, s.len,
			  sodium_base64_VARIANT_ORIGINAL);
	for (rest = str_of(text); rest.len; rest = str_sub(rest, 76, rest.len))
		buf_fmt(out, "%.*s\n", (int)MIN(rest.len, 76u), rest.ptr);
	return 0;
}

static int put_file(struct buf *out, const struct change *c)
{
	unsigned char sum[CHANGE_DIGEST];
	char end[24];
	bool plain = is_plain(c->bytes);
	int r = 0;

	crypto_hash_sha256(sum, (const unsigned char *)c->bytes.ptr, c->bytes.len);
	buf_puts(out, "put ");
	put_word(out, c->path);
	buf_putc(out, ' ');
	put_old(out, &c->was);
	buf_putc(out, ' ');
	put_sum(out, sum);
	buf_fmt(out, " %04o", mode_of(c));
	put_owner(out, c);
	/* No text holds a line with a part of its own sum. */
	(void)snprintf(end, sizeof end, "END_%02x%02x%02x%02x", sum[0], sum[1], sum[2], sum[3]);
	buf_fmt(out, "%s <<'%s'\n", plain ? "" : " base64", end);
	if (plain)
		buf_str(out, c->bytes);
	else
		r = put_base64(out, c->bytes);
	buf_fmt(out, "%s\n", end);
	return r;
}

static void put_unit(struct buf *out, const struct change *c)
{
	static const struct {
		unsigned bit;
		const char *verb, *back;
	} verbs[] = {
		{UNIT_UNMASK,   "unmask",  "mask"   },
                { UNIT_DISABLE, "disable", "enable" },
		{ UNIT_ENABLE,  "enable",  "disable"},
                { UNIT_STOP,    "stop",    "start"  },
		{ UNIT_MASK,    "mask",    "unmask" },
                { UNIT_START,   "start",   "stop"   },
		{ UNIT_RESTART, "restart", ""       },
	};

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (c->unit_want & verbs[i].bit) {
			buf_fmt(out, "unit %s ", verbs[i].verb);
			put_word(out, c->unit);
			buf_fmt(out, "%s%s\n", verbs[i].back[0] ? " " : "", verbs[i].back);
		}
}

static int put_command(struct buf *out, const struct change *c)
{
	own(buf_release) struct buf back = BUF(1 << 20);

	buf_puts(out, "if live; then\n\t");
	put_args(out, c->argv);
	if (c->azure_body) {
		buf_puts(out, " --body ");
		put_word(out, c->azure_body);
	}
	if (c->undo) {
		put_args(&back, c->undo);
		buf_puts(out, "\n\tundo ");
		put_word(out, back.ptr ? back.ptr : "");
	}
	buf_puts(out, "\nfi\n");
	return back.error;
}

static int put_change(struct buf *out, const struct change *c)
{
	script_comment(out, c->what);
	switch (c->kind) {
	case CHANGE_FILE: return put_file(out, c);
	case CHANGE_REMOVE:
		buf_puts(out, "drop ");
		put_word(out, c->path);
		buf_putc(out, ' ');
		put_old(out, &c->was);
		break;
	case CHANGE_ATTRIBUTES:
		buf_puts(out, "dress ");
		put_word(out, c->path);
		buf_fmt(out, " %04o", mode_of(c));
		put_owner(out, c);
		break;
	case CHANGE_UNIT: put_unit(out, c); return 0;
	case CHANGE_COMMAND:
	case CHANGE_AZURE: return put_command(out, c);
	}
	buf_putc(out, '\n');
	return 0;
}

static void put_checks(const struct plan *const plans[], size_t n, struct buf *out)
{
	unsigned asked = 0;

	for (size_t i = 0; i < n; i++)
		asked |= plans[i]->validate;
	buf_puts(out, "\n");
	if (asked & VALIDATE_SSHD)
		buf_puts(out, "if live && command -v sshd >/dev/null; then sshd -t; fi\n");
	if (asked & VALIDATE_SUDO)
		buf_puts(out, "if live && command -v visudo >/dev/null; then visudo -c -q; fi\n");
	if (asked & VALIDATE_NFT)
		buf_puts(out, "for f in /etc/nftables.conf /etc/sysconfig/nftables.conf "
			      "/etc/nftables.nft; do\n"
			      "	if live && [ -e \"$f\" ]; then nft -c -f \"$f\"; fi\ndone\n");
}

int script_shell(const struct plan *const plans[], size_t n, struct buf *out)
{
	struct arena own(arena_release) a = {};
	struct script_step *steps = NULL;
	size_t n_steps = 0;
	int r = script_steps(plans, n, &a, &steps, &n_steps);

	buf_puts(out, head);
	buf_puts(out, "\n# What it repairs:\n");
	script_notes(plans, n, out);
	for (size_t i = 0; r >= 0 && i < n_steps; i++) {
		const struct plan *p = steps[i].plan;

		if (!i || p != steps[i - 1].plan) {
			buf_puts(out, "\n");
			script_comment(out, p->check);
		}
		r = put_change(out, &steps[i].change);
	}
	put_checks(plans, n, out);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < plans[i]->n_effects; k++)
			if (!script_has_effect(plans, i, k)) {
				buf_puts(out, "if live; then ");
				put_args(out, plans[i]->effects[k]);
				buf_puts(out, " || :; fi\n");
			}
	buf_puts(out, tail);
	return r < 0 ? r : out->error;
}
