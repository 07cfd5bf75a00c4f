/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/framework.h"

const struct framework frameworks[] = {
	{"iso27001",  "ISO/IEC 27001:2022, Annex A"       },
	{ "cis-v8",   "CIS Critical Security Controls v8" },
	{ "nist-csf", "NIST Cybersecurity Framework 2.0"  },
	{ "mcsb",     "Microsoft cloud security benchmark"},
};
const size_t n_frameworks = COUNT(frameworks);

/* Titles of ISO/IEC 27001:2022, Annex A. */
static const struct {
	const char *id, *title;
} titles[] = {
	{"A.5.7",   "Threat intelligence"						   },
	{ "A.5.9",  "Inventory of information and other associated assets"                  },
	{ "A.5.15", "Access control"							},
	{ "A.5.16", "Identity management"						   },
	{ "A.5.17", "Authentication information"                                            },
	{ "A.5.18", "Access rights"							 },
	{ "A.5.24", "Information security incident management planning and preparation"     },
	{ "A.5.25", "Assessment and decision on information security events"                },
	{ "A.5.26", "Response to information security incidents"                            },
	{ "A.5.28", "Collection of evidence"						},
	{ "A.5.29", "Information security during disruption"                                },
	{ "A.5.30", "ICT readiness for business continuity"                                 },
	{ "A.5.36", "Compliance with policies, rules and standards for information security"},
	{ "A.8.1",  "User endpoint devices"						 },
	{ "A.8.2",  "Privileged access rights"					      },
	{ "A.8.3",  "Information access restriction"                                        },
	{ "A.8.5",  "Secure authentication"						 },
	{ "A.8.7",  "Protection against malware"                                            },
	{ "A.8.8",  "Management of technical vulnerabilities"                               },
	{ "A.8.9",  "Configuration management"					      },
	{ "A.8.12", "Data leakage prevention"					       },
	{ "A.8.13", "Information backup"						    },
	{ "A.8.14", "Redundancy of information processing facilities"                       },
	{ "A.8.15", "Logging"							       },
	{ "A.8.16", "Monitoring activities"						 },
	{ "A.8.17", "Clock synchronization"						 },
	{ "A.8.18", "Use of privileged utility programs"                                    },
	{ "A.8.19", "Installation of software on operational systems"                       },
	{ "A.8.20", "Networks security"						     },
	{ "A.8.21", "Security of network services"                                          },
	{ "A.8.22", "Segregation of networks"					       },
	{ "A.8.24", "Use of cryptography"						   },
	{ "A.8.26", "Application security requirements"                                     },
	{ "A.8.32", "Change management"						     },
};

const struct framework *framework_find(const char *key)
{
	for (size_t i = 0; i < n_frameworks; i++)
		if (!strcmp(frameworks[i].key, key))
			return &frameworks[i];
	return NULL;
}

const char *control_state_name(enum control_state s)
{
	static const char *const names[] = {
		[CONTROL_MISSED] = "not met",      [CONTROL_UNKNOWN] = "not known",
		[CONTROL_EXEMPT] = "exempt",       [CONTROL_MET] = "met as far as looked at",
		[CONTROL_IDLE] = "does not apply",
	};

	return names[s];
}

static enum control_state state_of(enum finding_status s)
{
	switch (s) {
	case FINDING_UNHEALTHY: return CONTROL_MISSED;
	case FINDING_UNKNOWN: return CONTROL_UNKNOWN;
	case FINDING_EXEMPT: return CONTROL_EXEMPT;
	case FINDING_HEALTHY: return CONTROL_MET;
	default: return CONTROL_IDLE;
	}
}

static const char *title_of(struct str id)
{
	for (size_t i = 0; i < COUNT(titles); i++)
		if (str_eq(id, str_of(titles[i].id)))
			return titles[i].title;
	return "";
}

struct statement {
	struct arena *a;
	struct framework_control *list;
	size_t n, cap;
};

static struct framework_control *control_of(struct statement *s, struct str id)
{
	struct framework_control c = { .id = id, .state = CONTROL_IDLE, .title = title_of(id) };

	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->list[i].id, id))
			return &s->list[i];
	return arena_push(s->a, s->list, s->n, s->cap, c) < 0 ? NULL : &s->list[s->n - 1];
}

static int add(struct statement *s, const struct finding *x, struct str ids)
{
	while (ids.ptr) {
		struct framework_control *c = control_of(s, str_cut(&ids, ','));
		enum control_state state = state_of(x->status);

		if (!c || arena_push(s->a, c->list, c->n, c->cap, x) < 0)
			return -ENOMEM;
		c->state = MIN(c->state, state);
	}
	return 0;
}

/* "A.8.9" before "A.8.10": numbers as numbers. */
static int by_id(const void *a, const void *b)
{
	struct str x = ((const struct framework_control *)a)->id;
	struct str y = ((const struct framework_control *)b)->id;

	while (x.ptr && y.ptr) {
		struct str p = str_cut(&x, '.'), q = str_cut(&y, '.');
		uint64_t m = 0, n = 0;
		int d = str_to_u64(p, 10, &m) >= 0 && str_to_u64(q, 10, &n) >= 0 ? (m > n) - (m < n)
										 : str_cmp(p, q);

		if (d)
			return d;
	}
	return (x.ptr != NULL) - (y.ptr != NULL);
}

int framework_controls(const struct report *r, struct arena *a, struct framework_control **ret,
		       size_t *ret_n)
{
	struct statement s = { .a = a };
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->findings->n; i++) {
		const struct finding *x = &r->findings->list[i];
		struct str ids = check_map(x->check, str_of(r->framework->key));

		if (ids.ptr)
			e = add(&s, x, ids);
	}
	if (e < 0)
		return e;
	if (s.n)
		qsort(s.list, s.n, sizeof *s.list, by_id);
	*ret = s.list;
	*ret_n = s.n;
	return 0;
}
