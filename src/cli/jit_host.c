/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit close, extend, approve; and the words of the verb that ask the daemon. */
#include <stdio.h>

#include "base/conf.h"
#include "cli/guard.h"
#include "cli/jit_host.h"
#include "guard/control.h"

#define ANSWER_MAX ((size_t)4 << 20)

/* ---- the daemon -------------------------------------------------------------------------------- */

const char *jit_text(const struct jdoc *d, uint32_t object, const char *name, char *ret,
		     size_t size)
{
	own(arena_release) struct arena a = {};
	uint32_t v = jdoc_get(d, object, str_of(name));
	struct str s = STR("");

	if (v && jdoc_is(d, v, J_STRING)) {
		if (jdoc_text(d, v, &a, &s) < 0)
			s = STR("");
	} else if (v) {
		s = jdoc_raw(d, v);
	}
	return text_safe(s, ret, size);
}

/* Exit code; -1: there is more to come. */
static int take_line(struct str line, jit_answer_fn *fn, void *user)
{
	struct jdoc doc = {};
	struct diag d = {};
	char text[600];
	int code = -1;

	if (jdoc_parse(line, &(struct joptions){ .max_depth = 8 }, &doc, &d) < 0 ||
	    !jdoc_is(&doc, 0, J_OBJECT)) {
		cli_error("the daemon said something that is no answer");
		code = EXIT_FAILED;
	} else if (jdoc_get(&doc, 0, STR("error"))) {
		cli_error("%s", jit_text(&doc, 0, "error", text, sizeof text));
		code = EXIT_FAILED;
	} else if (jdoc_get(&doc, 0, STR("ok"))) {
		code = EXIT_OK;
	} else if (fn) {
		fn(user, &doc, line);
	}
	jdoc_release(&doc);
	return code;
}

int jit_ask(const struct jit_host *h, const char *line, jit_answer_fn *fn, void *user)
{
	own(guard_config_release) struct guard_config c = {};
	struct buf answer own(buf_release) = BUF(ANSWER_MAX);
	const char *socket = h->socket;
	char *words[] = { (char *)line };
	struct str text, one;
	unsigned number = 0;
	struct diag d = {};
	int code;

	/* Whoever may ask need not be allowed to read the configuration. */
	if (!socket) {
		if (guard_config_read(CONFIG_PATH, true, &c, &d) < 0 &&
		    guard_config_default(&c) < 0)
			return EXIT_FAILED;
		socket = c.socket.ptr;
	}
	code = guard_ask(socket, 1, words, &answer);
	if (code != EXIT_OK)
		return code;
	text = buf_view(&answer);
	code = -1;
	while (code < 0 && str_line(&text, &one, &number))
		code = take_line(one, fn, user);
	if (code < 0)
		cli_error("the daemon ended in the middle of its answer");
	return code < 0 ? EXIT_FAILED : code;
}

/* ---- grants ------------------------------------------------------------------------------------- */

static bool is_word(const char *s) { return *s && strlen(s) < 128 && !strpbrk(s, " \t\r\n\v\f"); }

static void note_changed(void *user, const struct jdoc *d, struct str line)
{
	(void)line;
	jit_text(d, 0, "changed", user, 16);
}

static int change(const struct jit_host *h, const char *which, const char *line, const char *did)
{
	char changed[16] = "";
	int code;

	if (!is_word(which)) {
		cli_error("the start of an id, an account, an address or all is expected");
		return EXIT_USAGE;
	}
	code = jit_ask(h, line, note_changed, changed);
	if (code == EXIT_OK)
		printf("%s %s\n", did, changed);
	return code;
}

int jit_close(const struct jit_host *h, const char *which)
{
	char line[160];

	(void)snprintf(line, sizeof line, "jit-close %s", which);
	return change(h, which, line, "closed:");
}

int jit_extend(const struct jit_host *h, const char *which)
{
	unsigned seconds = 0;
	char line[192];

	if (!h->duration || conf_seconds(str_of(h->duration), &seconds) < 0 || !seconds) {
		cli_error("extend needs --for: for how long from now on");
		return EXIT_USAGE;
	}
	(void)snprintf(line, sizeof line, "jit-extend %s %u", which, seconds);
	return change(h, which, line, "extended:");
}

static int read_request(char *text, size_t room)
{
	size_t n = fread(text, 1, room - 1, stdin);
	struct str s = str_trim((struct str){ text, n });

	if (n == room - 1 || ferror(stdin)) {
		cli_error("standard input: no request");
		return EXIT_USAGE;
	}
	memmove(text, s.ptr, s.len);
	text[s.len] = '\0';
	return EXIT_OK;
}

static void note_outcome(void *user, const struct jdoc *d, struct str line)
{
	(void)line;
	jit_text(d, 0, "outcome", user, 32);
}

int jit_approve(const struct jit_host *h, const char *request)
{
	char text[CONTROL_LINE_MAX], line[CONTROL_LINE_MAX + 128], outcome[32] = "";
	int code = EXIT_OK;

	if (!strcmp(request, "-"))
		code = read_request(text, sizeof text);
	else
		(void)snprintf(text, sizeof text, "%s", request);
	if (code == EXIT_OK && (!*text || strlen(text) > 5'600 || strpbrk(text, " ,\t\r\n\v\f") ||
				(h->from && (!is_word(h->from) || strchr(h->from, ','))))) {
		cli_error("this is no request: holdfast jit request --stdin prints one");
		code = EXIT_USAGE;
	}
	if (code != EXIT_OK)
		return code;
	(void)snprintf(line, sizeof line, "jit-approve %s%s%s", text, h->from ? "," : "",
		       h->from ? h->from : "");
	code = jit_ask(h, line, note_outcome, outcome);
	if (code == EXIT_OK)
		printf("%s\n", outcome);
	return code;
}

/* ---- the words ---------------------------------------------------------------------------------- */

int jit_host(const struct jit_host *h, int n, char **words)
{
	static const struct {
		const char *name;
		int least, most; /* words behind it */
	} rows[] = {
		{"enable",   0, 64},
                { "confirm", 0, 0 },
                { "disable", 0, 64},
                { "list",    0, 0 },
		{ "status",  0, 0 },
                { "close",   1, 1 },
                { "extend",  1, 1 },
                { "approve", 1, 1 },
	};
	size_t i = 0;

	while (i < COUNT(rows) && strcmp(words[0], rows[i].name) != 0)
		i++;
	if (i == COUNT(rows))
		return -1;
	if (n - 1 < rows[i].least || n - 1 > rows[i].most) {
		cli_error("jit: %s takes %s (see: holdfast help jit)", words[0],
			  rows[i].least ? "one word" : "no words");
		return EXIT_USAGE;
	}
	switch (i) {
	case 0: return jit_enable(h, n - 1, words + 1);
	case 1: return jit_confirm(h);
	case 2: return jit_disable(h, n - 1, words + 1);
	case 3: return jit_list(h);
	case 4: return jit_status(h);
	case 5: return jit_close(h, words[1]);
	case 6: return jit_extend(h, words[1]);
	default: return jit_approve(h, words[1]);
	}
}
