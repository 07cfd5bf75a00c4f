/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edit: the text of a configuration file with one thing changed in it. Pure.
 *
 * What is not the thing itself stays byte for byte: comments, order, blank lines, "\r\n". A last
 * line without an end gets one only where something follows it. Each function, applied to its own
 * result, changes nothing. All of them add the whole new text to *out, which is to be empty, and
 * return 0, -EFBIG (out->limit), -ENOMEM, or -EINVAL: the text has NUL bytes, or what is to be
 * written would not be one line. *out is of no use then.
 */
#ifndef HF_ACTION_EDIT_H
#define HF_ACTION_EDIT_H

#include "base/buf.h"

#define EDIT_MAX ((size_t)1 << 20) /* bytes of a text; use it as the limit of *out */

/* How a file writes settings. */
struct edit_style {
	const char *comment; /* characters that start a comment */
	const char *between; /* name and value, where the file has no example */
	bool equals;         /* "=" parts them, with blanks or not; else blanks do */
	bool any_case;       /* of names */
	bool behind;         /* a comment may stand behind a value, after a blank */
	bool continued;      /* a line that ends in a backslash goes on */
	bool first;          /* the first line of a name counts; else the last */
};
extern const struct edit_style edit_blank; /* login.defs: "UMASK 027" */
extern const struct edit_style edit_pam;   /* pwquality.conf, faillock.conf: "minlen = 15" */
extern const struct edit_style edit_unit;  /* systemd's: "Storage=persistent" below "[Journal]" */
extern const struct edit_style edit_sysctl;
extern const struct edit_style edit_shell; /* /etc/default: "SELINUX=enforcing" */

/*
 * Every line that sets the name gets the value, whichever of them counts. Where there is none, one
 * is put behind the comment that shows it ("# minlen = 8"), else at the end (of the section, which
 * is made when it is missing). section.ptr == NULL: the file has none. value.ptr == NULL: a name
 * that stands alone.
 */
[[nodiscard]] int edit_set(struct str text, const struct edit_style *style, struct str section,
			   struct str name, struct str value, struct buf *out);
/* The value that counts; false where no line sets the name. */
bool edit_get(struct str text, const struct edit_style *style, struct str section, struct str name,
	      struct str *ret);
/* Lines that set the name become comments. */
[[nodiscard]] int edit_unset(struct str text, const struct edit_style *style, struct str section,
			     struct str name, struct buf *out);

/* Lines that are to be there; those that are, whatever their blanks, are not repeated. */
[[nodiscard]] int edit_lines(struct str text, const struct str *lines, size_t n, struct buf *out);
/* A line in front of the number'th (from 1); behind the last one if there are fewer. */
[[nodiscard]] int edit_insert(struct str text, unsigned number, struct str line, struct buf *out);
/* The number'th line becomes a comment ("#"), if it is none. -ENOENT: there are fewer. */
[[nodiscard]] int edit_comment(struct str text, unsigned number, struct buf *out);
/* The number'th line goes. -ENOENT: there are fewer. */
[[nodiscard]] int edit_remove(struct str text, unsigned number, struct buf *out);
/*
 * Takes a word, or "word=…" where it ends in "=", out of the lines that have the word `with`
 * (a word that ends in '/' + with counts), comments aside.
 */
[[nodiscard]] int edit_word(struct str text, struct str with, struct str word, struct buf *out);

/*
 * fstab(5): the mount of dir has the options. Where no line mounts it, `entry` is appended; a
 * NULL entry: -ENOENT. "defaults" stays, what contradicts an option ("exec" and "noexec") goes.
 */
[[nodiscard]] int edit_fstab(struct str text, struct str dir, const struct str *options, size_t n,
			     struct str entry, struct buf *out);

/*
 * sshd_config(5): outside of Match blocks the keyword has the value: the first line that has it
 * is changed, or one is put in front of the first line that is no comment. Names of what may be
 * given several times (AcceptEnv, Port…) are not for this function.
 */
[[nodiscard]] int edit_sshd(struct str text, struct str keyword, struct str value, struct buf *out);

#endif
