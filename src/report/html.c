/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML: the page that an owner reads, sends and prints. All text is hostile. */
#include "report/framework.h"
#include "report/markup.h"

static void host(const struct report_host *h, struct buf *out)
{
	char time[REPORT_TIME];

	buf_puts(out, "<p>");
	markup_text(out, h->os);
	buf_puts(out, h->live ? ", " : ", not running, ");
	markup_text(out, h->architecture);
	if (!h->live) {
		buf_puts(out, ", below ");
		markup_text(out, h->root);
	}
	buf_fmt(out, ". Facts of <time>%s</time>.</p>\n", report_time(h->collected_at, time));
}

static void figure(struct buf *out, const char *name, double percent, double best)
{
	buf_fmt(out, "<div>%s<b>%.0f %%</b>", name, percent);
	page_bar(out, percent);
	if (best - percent >= 0.5)
		buf_fmt(out, "<br><small>%.0f %% if all that is not known were healthy</small>",
			best);
	buf_puts(out, "</div>\n");
}

static void figures(const struct report *r, struct buf *out)
{
	const struct findings *f = r->findings;
	unsigned all = f->all - f->not_applicable;

	buf_puts(out, "<div class=\"figures\">\n");
	figure(out, "Secure Score", r->score->percent, r->score->best_percent);
	figure(out, "Risk score", r->score->risk, r->score->best_risk);
	figure(out, "Coverage", all ? 100.0 * f->assessed / all : 0, 0);
	buf_fmt(out,
		"</div>\n<p>%u of %u checks that apply could be assessed; %u could not, and never "
		"count as good.</p>\n",
		f->assessed, all, f->unknown);
}

static void control_table(const struct report *r, struct buf *out)
{
	static const char *const names[] = { "Control",    "Share",      "#Points",
					     "#Of",        "#To be had", "#Healthy",
					     "#Unhealthy", "#Unknown",   NULL };

	buf_puts(out, "<h2>Controls</h2>\n");
	page_table(out, "Points of the Secure Score", names);
	for (size_t i = 0; i < n_controls; i++) {
		const struct control_score *c = &r->score->controls[i];

		if (!c->applies)
			continue;
		buf_puts(out, "<tr>");
		page_cell(out, str_of(controls[i].title));
		buf_puts(out, "<td>");
		page_bar(out, c->max > 0 ? 100 * c->current / c->max : 0);
		buf_puts(out, "</td>");
		page_number(out, 2, c->current);
		page_number(out, 0, c->max);
		page_number(out, 2, c->potential);
		page_number(out, 0, c->healthy);
		page_number(out, 0, c->unhealthy);
		page_number(out, 0, c->unknown);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</tbody></table></div>\n");
}

static void exemption_table(const struct report *r, struct buf *out)
{
	static const char *const names[] = { "Check", "Resource", "Kind",      "Reason",
					     "Owner", "Expires",  "#Findings", NULL };

	if (!r->exemptions || !r->exemptions->n)
		return;
	buf_puts(out, "<h2>Exemptions</h2>\n");
	page_table(out, "What somebody answers for, and until when", names);
	for (size_t i = 0; i < r->exemptions->n; i++) {
		const struct exemption *e = &r->exemptions->list[i];

		buf_puts(out, "<tr>");
		page_cell(out, e->check);
		page_cell(out, e->resource);
		page_cell(out, str_of(exemption_kind_name(e->kind)));
		page_cell(out, e->reason);
		page_cell(out, e->owner);
		buf_puts(out, e->expired ? "<td class=\"high\">expired " : "<td>");
		markup_text(out, e->expires);
		buf_puts(out, "</td>");
		page_number(out, 0, e->matched);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</tbody></table></div>\n");
}

/* Microsoft, "Shared responsibility in the cloud" (2024-09-29); a virtual machine is the third. */
static void responsibility(struct buf *out)
{
	static const struct {
		const char *layer, *software, *platform, *machine, *looked_at;
	} layers[] = {
		{"Information and data",                   "customer", "customer", "customer",
                 "backup, secrets that lie about"                                                },
		{ "Devices and tools that connect",        "customer", "customer", "customer",
                 "keys and grants that open the machine"                                         },
		{ "Accounts and identities",               "customer", "customer", "customer",
                 "accounts, passwords, keys, sudo"                                               },
		{ "Identity and directory infrastructure", "shared",   "shared",   "customer",
                 "PAM, sshd, who of a domain may log in"                                         },
		{ "Applications",                          "provider", "shared",   "customer",
                 "web servers, databases, what is installed"                                     },
		{ "Network controls",                      "provider", "shared",   "customer",
                 "network security groups, firewall, open ports"                                 },
		{ "Operating system",                      "provider", "provider", "customer",
                 "updates, settings, processes, logs"                                            },
		{ "Physical hosts",                        "provider", "provider", "provider", ""},
		{ "Physical network",                      "provider", "provider", "provider", ""},
		{ "Physical datacenter",                   "provider", "provider", "provider", ""},
	};
	static const char *const names[] = { "Layer",
					     "Virtual machine",
					     "Platform service",
					     "Software as a service",
					     "Looked at here",
					     NULL };

	buf_puts(out, "<h2>Who answers for what</h2>\n");
	page_table(out, "Shared responsibility: whose each layer is, by what is rented", names);
	for (size_t i = 0; i < COUNT(layers); i++)
		buf_fmt(out,
			"<tr><td>%s</td><td><b>%s</b></td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
			layers[i].layer, layers[i].machine, layers[i].platform, layers[i].software,
			layers[i].looked_at);
	buf_puts(out, "</tbody></table></div>\n");
}

int report_html(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct report_host h;
	int e;

	if (r->framework)
		return statement_html(r, out);
	e = report_host(r, &a, &h);
	if (e < 0)
		return e;
	page_head(out, arena_cat(&a, STR("Holdfast: "), h.hostname, STR("")));
	host(&h, out);
	figures(r, out);
	html_findings(r, out);
	control_table(r, out);
	e = html_paths(r, out);
	html_patches(r, out);
	if (e >= 0)
		e = html_facts(r, out);
	if (e < 0)
		return e;
	html_trend(r, out);
	exemption_table(r, out);
	responsibility(out);
	page_foot(out);
	return out->error;
}
