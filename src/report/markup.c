/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/diag.h"
#include "report/markup.h"

/* The longest name of a character: &quot; */
#define GROWS 8

static void put_line(struct buf *out, struct str s)
{
	size_t size = s.len * GROWS + 1;
	own(free_ptr) char *safe = malloc(size);

	if (!safe) {
		out->error = out->error ? out->error : -ENOMEM;
		return;
	}
	for (const char *p = text_safe(s, safe, size); *p; p++)
		switch (*p) {
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '&': buf_puts(out, "&amp;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		case '\'': buf_puts(out, "&#39;"); break;
		default: buf_putc(out, *p);
		}
}

void markup_text(struct buf *out, struct str s)
{
	while (s.len) {
		bool more = str_find(s, '\n') >= 0;

		put_line(out, str_cut(&s, '\n'));
		buf_puts(out, more ? "\n" : "");
	}
}

static const char style[] =
	":root{color-scheme:light dark;--line:#8884;--bad:#b3261e;--warn:#8a5a00;--good:#1b6e3c;"
	"--soft:#8882}\n"
	"@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffcc66;--good:#7ddc9c}}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:75rem;overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.2rem}h3{font-size:1rem}\n"
	".wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"caption{text-align:left;padding:.3rem 0;font-weight:600}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;"
	"border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
	"td.n,th.n{text-align:right;white-space:nowrap}\n"
	"code,pre{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}\n"
	"pre{background:var(--soft);padding:.5rem;margin:.3rem 0;border-radius:4px}\n"
	".critical,.high{color:var(--bad);font-weight:600}.medium{color:var(--warn);font-weight:600}\n"
	".good{color:var(--good);font-weight:600}\n"
	".figures{display:flex;flex-wrap:wrap;gap:1rem}\n"
	".figures div{border:1px solid var(--line);border-radius:6px;padding:.7rem 1rem;flex:1 1 14rem}\n"
	".figures b{display:block;font-size:2rem;line-height:1.2}\n"
	".bar{display:inline-block;width:6rem;height:.7rem;background:var(--soft);border-radius:3px;"
	"overflow:hidden;vertical-align:middle}\n"
	".bar span{display:block;height:100%;background:currentColor}\n"
	"article{border-top:1px solid var(--line);padding:.6rem 0;break-inside:avoid}\n"
	"article h3{margin:.2rem 0}article p{margin:.3rem 0}\n"
	"svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}\n"
	"@media print{body{max-width:none;font-size:11px}.wide{overflow:visible}"
	"a{color:inherit;text-decoration:none}}\n";

void page_head(struct buf *out, struct str title)
{
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'unsafe-inline'\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<title>");
	markup_text(out, title);
	buf_fmt(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
	markup_text(out, title);
	buf_puts(out, "</h1>\n");
}

void page_foot(struct buf *out)
{
	buf_fmt(out,
		"</main>\n<footer><p><small>Holdfast %s. This page needs nothing from elsewhere "
		"and runs no script.</small></p></footer>\n</body>\n</html>\n",
		HOLDFAST_VERSION);
}

void page_table(struct buf *out, const char *caption, const char *const *names)
{
	buf_fmt(out,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n"
		"<caption>%s</caption>\n<thead><tr>",
		caption, caption);
	for (; *names; names++)
		buf_fmt(out,
			**names == '#' ? "<th scope=\"col\" class=\"n\">%s</th>"
				       : "<th scope=\"col\">%s</th>",
			*names + (**names == '#'));
	buf_puts(out, "</tr></thead>\n<tbody>\n");
}

void page_chart(struct buf *out, const char *name, double width, double height)
{
	buf_fmt(out,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		"<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" aria-label=\"%s\">\n",
		name, width, height, width, name);
}

void page_chart_end(struct buf *out) { buf_puts(out, "</svg></div>\n"); }

void page_cell(struct buf *out, struct str s)
{
	buf_puts(out, "<td>");
	markup_text(out, s);
	buf_puts(out, "</td>");
}

void page_number(struct buf *out, int digits, double v)
{
	buf_fmt(out, "<td class=\"n\">%.*f</td>", digits, v);
}

void page_bar(struct buf *out, double percent)
{
	buf_fmt(out,
		"<span class=\"bar %s\" aria-hidden=\"true\"><span style=\"width:%.0f%%\">"
		"</span></span>",
		percent >= 80   ? "good"
		: percent >= 50 ? "medium"
				: "high",
		MIN(MAX(percent, 0), 100));
}
