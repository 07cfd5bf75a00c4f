/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices for people in chats. */
#include "detect/rule.h"
#include "guard/notice_work.h"

static const char *const marks[LEVEL_N] = { "info", "low", "MEDIUM", "HIGH", "CRITICAL" };

/*
 * Slack's mrkdwn: & < > are what mentions (<!channel>) and links are made of; a backquote would
 * end the code that shields the rest of its markup.
 */
static void put_slack(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '&')
			buf_puts(b, "&amp;");
		else if (c == '<')
			buf_puts(b, "&lt;");
		else if (c == '>')
			buf_puts(b, "&gt;");
		else
			buf_putc(b, (char)(c == '`' ? '\'' : c));
	}
}

static void put_code(struct buf *b, struct buf *text)
{
	buf_puts(b, "`");
	put_slack(b, buf_view(text));
	buf_puts(b, "`");
	buf_reset(text);
}

void notice_slack(const struct notice *n, struct buf *b)
{
	struct buf text = BUF(NOTICE_MAX);

	buf_fmt(b, "*%s* ", marks[n->level]);
	safe_put(&text, notice_cut(n->host, 255));
	if (text.len)
		put_code(b, &text);
	buf_putc(b, ' ');
	notice_story(n, &text);
	put_code(b, &text);
	for (size_t i = 0; i < MIN(n->n_evidence, 3); i++) {
		buf_puts(b, "\n> ");
		safe_put(&text, notice_cut(n->evidence[i], 300));
		put_code(b, &text);
	}
	if (n->advice.len) {
		buf_puts(b, "\n");
		safe_put(&text, notice_cut(n->advice, 500));
		put_code(b, &text);
	}
	buf_release(&text);
}

static void run(struct buf *b, struct buf *text, const char *more)
{
	buf_puts(b, "{\"type\":\"TextRun\",\"text\":");
	notice_json_put(b, buf_view(text));
	buf_fmt(b, "%s}", more);
	buf_reset(text);
}

/* Text runs of a RichTextBlock are shown as they stand: Markdown in them is none. */
void notice_teams(const struct notice *n, struct buf *b)
{
	struct buf text = BUF(NOTICE_MAX);

	buf_puts(b, "{\"type\":\"RichTextBlock\",\"separator\":true,\"inlines\":[");
	buf_fmt(&text, "%s ", marks[n->level]);
	safe_put(&text, notice_cut(n->host, 255));
	buf_puts(&text, " ");
	run(b, &text, ",\"weight\":\"Bolder\"");
	buf_putc(b, ',');
	notice_story(n, &text);
	run(b, &text, "");
	for (size_t i = 0; i < MIN(n->n_evidence, 3); i++) {
		buf_putc(b, ',');
		buf_puts(&text, "\n");
		safe_put(&text, notice_cut(n->evidence[i], 300));
		run(b, &text, ",\"fontType\":\"Monospace\"");
	}
	if (n->advice.len) {
		buf_putc(b, ',');
		buf_puts(&text, "\n");
		safe_put(&text, notice_cut(n->advice, 500));
		run(b, &text, ",\"italic\":true");
	}
	buf_puts(b, "]}");
	buf_release(&text);
}
