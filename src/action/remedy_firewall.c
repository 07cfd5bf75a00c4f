/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * firewall: what no rule lets in is dropped. A table of Holdfast's own beside those of the owner,
 * which /etc/nftables.conf includes, so that nftables.service loads it at boot. What others reach
 * now stays open, ssh in any case.
 */
#include <netinet/in.h>

#include "action/firewall_text.h"
#include "action/package.h"
#include "action/unit.h"

#define CONF "/etc/nftables.conf" /* of Debian; others: conf_of() */
#define OURS "/etc/holdfast/firewall.nft"
#define LOAD                                                  \
	"if [ -e " OURS " ]; then exec nft -f " OURS "; fi; " \
	"exec nft 'add table inet " FIREWALL_TABLE "; delete table inet " FIREWALL_TABLE "'"
#define INCLUDE "include \"" OURS "\""

/* "tcp 22" */
static int add_row(struct firewall_text *t, struct str row, bool drop)
{
	struct str rest = row, protocol = str_cut(&rest, ' ');
	uint8_t number = str_eq(protocol, STR("udp")) ? IPPROTO_UDP : IPPROTO_TCP;
	uint64_t port;

	if (str_to_u64(rest, 10, &port) < 0 || port > UINT16_MAX)
		return 0;
	if (!drop)
		return firewall_add(t, number, (uint16_t)port);
	firewall_drop(t, number, (uint16_t)port);
	return 0;
}

static int add_query(const struct remedy_input *in, struct firewall_text *t, const char *sql)
{
	struct str *rows;
	size_t n;
	int r = remedy_query(in, sql, &rows, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = add_row(t, rows[i], false);
	return r;
}

/* Ports of sshd, as "22,2222"; 22 where nothing says so. */
static int add_ssh(const struct remedy_input *in, struct firewall_text *t)
{
	struct str ports;
	int r = remedy_value(in, "SELECT ports FROM sshd_info WHERE installed = 1", &ports);

	if (r >= 0 && ports.len && firewall_parse(t, ports) < 0)
		r = firewall_add(t, IPPROTO_TCP, 22);
	if (r < 0)
		return r;
	return add_query(in, t,
			 "SELECT DISTINCT protocol || ' ' || port FROM listening_ports "
			 "WHERE loopback = 0 AND process IN ('sshd', 'dropbear')");
}

static int choose_ports(const struct remedy_input *in, struct plan *p, struct firewall_text *t,
			bool shut)
{
	int r;

	if (in->options->keep_ports) {
		r = firewall_parse(t, str_of(in->options->keep_ports));
		if (r == -EINVAL)
			return plan_cannot(p, "%s is no list of ports (22,443/tcp,51820/udp)",
					   in->options->keep_ports);
	} else {
		r = add_query(in, t,
			      "SELECT DISTINCT protocol || ' ' || port FROM open_sockets "
			      "WHERE protocol IN ('tcp', 'udp')");
	}
	for (size_t i = 0; r >= 0 && shut && i < in->n_resources; i++) {
		struct str port = remedy_named(in->resources[i].resource, "port");

		if (port.ptr)
			r = add_row(t, port, true);
	}
	return r < 0 ? r : add_ssh(in, t);
}

/* A manager that would not know of this table, or would take it away. */
static int check_managers(const struct remedy_input *in, struct plan *p)
{
	struct str *names;
	size_t n;
	int r = remedy_query(in,
			     "SELECT id FROM systemd_units WHERE state IN ('enabled', 'generated') "
			     "AND replace(id, '.service', '') IN ('ufw', 'firewalld', 'iptables', "
			     "'ip6tables', 'netfilter-persistent', 'shorewall', 'ferm', 'awall')",
			     &names, &n);

	return r < 0 || !n ? r
			   : plan_cannot(p,
					 "%.*s keeps the firewall here: let it deny what comes "
					 "in (ufw default deny incoming; firewall-cmd "
					 "--set-default-zone=public)",
					 STR_FMT(names[0]));
}

/* What the service of the distribution loads. */
static const char *conf_of(const struct remedy_input *in)
{
	switch (package_manager_of(in)) {
	case PACKAGE_DNF: return "/etc/sysconfig/nftables.conf";
	case PACKAGE_APK: return "/etc/nftables.nft";
	default: return CONF;
	}
}

static int write_files(const struct remedy_input *in, struct plan *p, const struct firewall_text *t)
{
	own(buf_release) struct buf text = BUF(EDIT_MAX);
	own(draft_release) struct draft d = {};
	struct str line = STR(INCLUDE);
	int r = firewall_format(t, &text);

	if (r >= 0)
		r = plan_file(p, OURS, buf_view(&text), 0600, 0, 0, NULL);
	if (r < 0)
		return r;
	draft_open(&d, p, conf_of(in));
	if (!d.text.len) {
		struct str start = STR("#!/usr/sbin/nft -f");

		draft_lines(&d, &start, 1);
	}
	draft_lines(&d, &line, 1);
	return draft_save(&d, package_manager_of(in) == PACKAGE_APT ? 0755 : 0600, NULL);
}

/* Goes on from the file of an earlier run; one that was edited by hand is its owner's. */
static int check_own(const struct remedy_input *in, struct plan *p, struct firewall_text *t)
{
	own(buf_release) struct buf again = BUF(EDIT_MAX);
	struct firewall_text was = {};
	struct str text;
	int r = root_read(in->root, OURS, EDIT_MAX, in->arena, &text, NULL);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (firewall_read(&was, text) < 0 || firewall_format(&was, &again) < 0 ||
	    !str_eq(buf_view(&again), text))
		return plan_cannot(p,
				   OURS " was edited by hand: change the ports there, and load it "
					"(nft -f " OURS ")");
	t->log |= was.log;
	return 0;
}

/* Loaded now in any case; at boot by the service, where somebody starts services. */
static int plan_boot(const struct remedy_input *in, struct plan *p)
{
	if (in->options->live && !remedy_has_file(in, "/usr/bin/systemctl") &&
	    !remedy_has_file(in, "/bin/systemctl") && !unit_of_openrc(in->root))
		return plan_breaks(p, "it is gone after a restart, because nothing here starts "
				      "services: load it then (nft -f " OURS ")");
	return plan_unit(p, "nftables.service", UNIT_UNMASK | UNIT_ENABLE, NULL);
}

static int plan_firewall(const struct remedy_input *in, struct plan *p)
{
	static const struct package_names names = { "nftables", "nftables", "nftables" };
	struct firewall_text t = {};
	bool shut = false;
	int r = check_managers(in, p);

	for (size_t i = 0; i < in->n_args; i++) {
		shut |= str_eq(in->args[i], STR("shut"));
		t.log |= str_eq(in->args[i], STR("log"));
	}
	if (r >= 0)
		r = choose_ports(in, p, &t, shut);
	if (r >= 0)
		r = check_own(in, p, &t);
	if (r >= 0 && !package_has_unit(in, "nftables.service") &&
	    !package_has_unit(in, "nftables"))
		r = package_install(in, p, &names);
	if (r >= 0)
		r = write_files(in, p, &t);
	if (r >= 0)
		r = plan_boot(in, p);
	/*
	 * Starting the service would flush what docker and others have loaded. When it is taken back
	 * the file is what it was, or gone, and so is the table.
	 */
	if (r >= 0)
		r = plan_effect(p, (const char *const[]){ "sh", "-c", LOAD, NULL });
	p->risky = true;
	p->validate |= VALIDATE_NFT;
	return r < 0 ? r
		     : plan_breaks(p, "what listens now but is not among the kept ports, and what "
				      "is started later: add its port to " OURS);
}

const struct remedy remedy_firewall = {
	.kind = "firewall",
	.args = "[shut] [log]",
	.what = "a table of nftables (" OURS
		", included by the file that nftables.service loads) drops what comes in, but "
		"answers, ICMP that is needed, ssh and the ports that others reach now (--keep-ports); "
		"shut: not those that the check finds; log: new connections of this machine are "
		"written down",
	.plan = plan_firewall,
};
