/* SPDX-License-Identifier: GPL-3.0-or-later */
/* containers: Container engines and how they are set up. */
#include "facts/linux/daemon_args.h"
#include "facts/linux/presence.h"

#define FACT_ROW containers_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, engine, "docker, podman, containerd, kubelet, lxd") \
	X(TEXT, setting, "installed, enabled, api (one a URL), tls (none, encrypt, verify), userns, icc, live_restore, no_new_privileges, insecure_registries, socket_group; kubelet: anonymous, authorization, read_only_port …") \
	X(TEXT, value, "value; where nothing sets it, the default (file is '' then)") \
	X(TEXT, file, "file or ''") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "containers",
	.doc = "Container engines and how they are set up.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

enum engine { DOCKER, PODMAN, CONTAINERD, KUBELET, LXD, ENGINES };

static const struct daemon engines[ENGINES] = {
	[DOCKER] = {"docker",      "", "/usr/bin/dockerd /usr/sbin/dockerd /usr/local/bin/dockerd",
                    "docker"											   },
	[PODMAN] = { "podman",     "", "/usr/bin/podman",						      "podman"},
	[CONTAINERD] = { "containerd", "", "/usr/bin/containerd /usr/local/bin/containerd",
                    "containerd"										       },
	[KUBELET] = { "kubelet",    "", "/usr/bin/kubelet /usr/local/bin/kubelet /usr/local/bin/k3s",
                    "kubelet k3s"										      },
	[LXD] = { "lxd",        "", "/usr/bin/lxd /snap/bin/lxd /usr/bin/incusd /usr/libexec/incus/incusd",
		    "lxd incus snap.lxd.daemon"									},
};

struct run {
	struct collect *c;
	const struct units *units;
	const char *engine;
};

static int emit(const struct run *run, const char *setting, struct str value, struct str file,
		unsigned line)
{
	struct containers_row row = {
		.engine = str_of(run->engine),
		.setting = str_of(setting),
		.value = value,
		.file = file,
		.line = line,
	};

	return collect_row(run->c, &row);
}

/* A setting of daemon.json, or what dockerd does without it. */
static int emit_or_default(const struct run *run, const struct settings *s, const char *name,
			   const char *setting, const char *fallback)
{
	const struct setting *found = settings_find(s, NULL, NULL, name);

	return found ? emit(run, setting, found->value, found->file, found->line)
		     : emit(run, setting, str_of(fallback), STR(""), 0);
}

static int emit_socket(const struct run *run, const char *unit_name)
{
	const struct unit *unit = units_find(run->units, str_of(unit_name));
	const struct unit_setting *e;
	struct unit_settings s = {};
	size_t at = 0;
	int r = 0;

	unit = unit ? units_resolve(run->units, unit) : NULL;
	if (!unit || unit->masked || !unit->boot)
		return 0;
	r = units_read(run->c, run->units, unit, &s);
	while (!r && (e = unit_next(&s, "Socket", "ListenStream", &at)))
		r = emit(run, "api", e->value, e->file, e->line);
	e = unit_last(&s, "Socket", "SocketGroup");
	if (!r && e)
		r = emit(run, "socket_group", e->value, e->file, e->line);
	return r;
}

static int collect_docker(const struct run *run)
{
	static const struct {
		const char *name, *setting, *fallback;
	} knobs[] = {
		{"userns-remap",         "userns",              ""         },
		{ "icc",                 "icc",                 "true"     },
		{ "live-restore",        "live_restore",        "false"    },
		{ "no-new-privileges",   "no_new_privileges",   "false"    },
		{ "insecure-registries", "insecure_registries", ""         },
		{ "userland-proxy",      "userland_proxy",      "true"     },
		{ "iptables",            "iptables",            "true"     },
		{ "log-driver",          "log_driver",          "json-file"},
		{ "seccomp-profile",     "seccomp_profile",     "builtin"  },
	};
	struct docker d;
	int r = docker_load(run->c, run->units, &d);

	for (size_t i = 0; !r && i < d.n; i++)
		r = emit(run, "api", d.hosts[i].url, d.hosts[i].file, d.hosts[i].line);
	if (!r && !d.n)
		r = emit(run, "api", STR("unix:///var/run/docker.sock"), STR(""), 0);
	if (!r)
		r = emit(run, "tls",
			 d.tls         ? STR("verify")
			 : d.encrypted ? STR("encrypt")
				       : STR("none"),
			 STR(""), 0);
	for (size_t i = 0; !r && i < COUNT(knobs); i++)
		r = emit_or_default(run, &d.settings, knobs[i].name, knobs[i].setting,
				    knobs[i].fallback);
	return r ? r : emit_socket(run, "docker.socket");
}

static int collect_podman(const struct run *run) { return emit_socket(run, "podman.socket"); }

static int take_containerd(void *user, const struct setting *s)
{
	const struct run *run = user;

	if (str_eq(s->section, STR("grpc")) && str_eq(s->name, STR("tcp_address")) && s->value.len)
		return emit(run, "api", arena_cat(run->c->arena, STR("tcp://"), s->value, STR("")),
			    STR("/etc/containerd/config.toml"), s->line);
	return 0;
}

static int collect_containerd(const struct run *run)
{
	struct run copy = *run;
	struct str text;
	int r = settings_read_text(run->c, "/etc/containerd/config.toml", &text);

	if (r != 1)
		return r;
	return settings_parse(SETTINGS_TOML, text, run->c->arena, NULL, take_containerd, &copy);
}

static int collect_kubelet(const struct run *run)
{
	static const struct {
		const char *name, *setting, *fallback;
	} settings[] = {
		{"authentication.anonymous.enabled", "anonymous",      "false"  },
		{ "authorization.mode",              "authorization",  "Webhook"},
		{ "readOnlyPort",                    "read_only_port", "0"      },
		{ "address",                         "address",        "0.0.0.0"},
		{ "port",			    "port",           "10250"  },
	};
	struct settings s = {};
	int r = settings_load(run->c, "kubelet", &s);

	for (size_t i = 0; !r && s.n && i < COUNT(settings); i++)
		r = emit_or_default(run, &s, settings[i].name, settings[i].setting,
				    settings[i].fallback);
	return r;
}

static int collect(struct collect *c)
{
	static int (*const collectors_of[ENGINES])(const struct run *run) = {
		[DOCKER] = collect_docker,
		[PODMAN] = collect_podman,
		[CONTAINERD] = collect_containerd,
		[KUBELET] = collect_kubelet,
	};
	struct presence found[ENGINES];
	struct units units = {};
	int r = units_load(c, &units);

	if (r >= 0)
		r = presence_find(c, &units, engines, ENGINES, found);
	for (size_t i = 0; r >= 0 && i < ENGINES; i++) {
		struct run run = { c, &units, engines[i].name };
		const struct presence *p = &found[i];

		if (!p->present)
			continue;
		r = emit(&run, "installed", p->program, STR(""), 0);
		if (r >= 0)
			r = emit(&run, "enabled", p->enabled ? STR("true") : STR("false"),
				 p->unit ? p->unit->path : STR(""), 0);
		if (r >= 0 && collectors_of[i])
			r = collectors_of[i](&run);
	}
	return MIN(r, 0);
}

const struct collector collector_containers = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
