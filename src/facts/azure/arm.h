/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm: evaluates the expressions of deployment templates
 * (learn.microsoft.com/azure/azure-resource-manager/templates/template-functions).
 *
 * A value that is not known before the deployment is a symbol: a text that says which value it is,
 * "vm-{parameters('name')}". Like symbols are like values, so that names made of them still match;
 * nothing else is concluded from them.
 */
#ifndef HF_FACTS_AZURE_ARM_H
#define HF_FACTS_AZURE_ARM_H

#include "facts/azure/az_plan.h"

enum arm_kind {
	ARM_UNKNOWN, /* text: the symbol */
	ARM_NULL,
	ARM_BOOL,
	ARM_INT,
	ARM_FLOAT, /* text */
	ARM_STRING,
	ARM_ARRAY,
	ARM_OBJECT,
};

struct arm_value {
	enum arm_kind kind;
	uint32_t origin; /* offset of the text that it comes from */
	union {
		struct str text;
		int64_t number; /* and bool */
		struct {
			struct arm_value *list;
			uint32_t n;
		} array;
		struct {
			struct arm_member *list;
			uint32_t n;
		} object;
	};
};
struct arm_member {
	struct str name;
	struct arm_value value;
};

/* Parameters or variables of a template, computed when they are first asked for. */
struct arm_memo {
	struct str name;
	uint32_t node;
	enum { ARM_NEW, ARM_BUSY, ARM_COPY, ARM_DONE } state; /* COPY: node is a copy loop, new */
	struct arm_value value;
};
struct arm_names {
	struct map by_name; /* lower-cased */
	struct arm_memo *list;
	size_t n, cap;
};

struct arm_scope {
	uint32_t template;
	struct arm_names parameters, variables;
	struct str name;                /* of the deployment: "" the file's */
	struct str subscription, group; /* of the resources, "{subscription}" … */
	bool group_known;
	unsigned depth; /* of nested deployments */
	/* what the deployment around this one hands down, and where that is evaluated */
	uint32_t arguments;
	const struct arm_env *outside;
	struct arm_scope *next; /* all of a file */
};

/* One turn of a copy loop around the expression. */
struct arm_loop {
	struct str name;
	struct arm_value index;
	const struct arm_loop *outer;
};

/* Where an expression stands. */
struct arm_env {
	struct arm_scope *scope;
	const struct arm_loop *loop;
};

struct arm {
	struct az_reader *r;
	struct jdoc *doc;
	struct arena arena; /* of all values */
	struct arm_scope *scopes;
	struct jbuild out;
	struct arm_outputs *outputs; /* of nested deployments that somebody asked for */
	unsigned steps, depth;
	uint32_t origin; /* of what is evaluated */
	int error;       /* -ENOMEM, -E2BIG */
};

/* Bounds: of what a template computes, of the copies of one loop (Azure's own), of recursion. */
#define ARM_STEPS_MAX 4'000'000u
#define ARM_COPIES_MAX 800
#define ARM_DEPTH_MAX 160u
#define ARM_NESTED_MAX 16u
#define ARM_VALUE_DEPTH_MAX 64u
#define ARM_TEXT_MAX ((size_t)1 << 20)
#define ARM_SYMBOL_MAX 600u

/* arm_value.c */
struct arm_value arm_null(const struct arm *x);
struct arm_value arm_bool(const struct arm *x, bool truth);
struct arm_value arm_int(const struct arm *x, int64_t number);
struct arm_value arm_string(const struct arm *x, struct str text);
/* A symbol "{text}" without the braces; what is too long is cut and told apart by a hash. */
struct arm_value arm_symbol(struct arm *x, struct str text);
/* A symbol as it stands: of texts with symbols in them. */
struct arm_value arm_mixed(struct arm *x, struct str text);
/* NULL elements on failure, which x->error says. */
struct arm_value arm_array(struct arm *x, size_t n);
struct arm_value arm_object(struct arm *x, size_t n);
static inline bool arm_known(struct arm_value v) { return v.kind != ARM_UNKNOWN; }
/* Nothing unknown in it, either. */
bool arm_all_known(struct arm *x, const struct arm_value *v);
/* More than so many arrays and objects in one another. */
bool arm_too_deep(struct arm *x, const struct arm_value *v, unsigned limit);
/* AZ_UNKNOWN where it depends on what is not known. Texts as they are. */
enum az_tri arm_equal(struct arm *a, const struct arm_value *x, const struct arm_value *y);
/* Strings, numbers, booleans as text; symbols as they are; "" for the others. */
struct str arm_text(struct arm *x, struct arm_value v);
/* As JSON, for string(); false: something in it is not known. */
bool arm_json(struct arm *x, struct arm_value v, struct buf *out);
/* Member in any case or NULL. */
const struct arm_value *arm_member(const struct arm_value *object, struct str name);
/* Texts of the arena; "" where there is no memory, which x->error says. */
struct str arm_fmt(struct arm *x, const char *fmt, ...) PRINTF(2, 3);
struct str arm_cat(struct arm *x, struct str a, struct str b, struct str c);
struct str arm_take(struct arm *x, const struct buf *b);
struct str arm_keep(struct arm *x, struct str s);
struct str arm_lower(struct arm *x, struct str s);
/* Writes v to x->out. */
void arm_emit(struct arm *x, struct arm_value v);
/* False: the bounds are used up, which x->error says. */
bool arm_step(struct arm *x);
/* Counts work on so many things at once. */
void arm_cost(struct arm *x, size_t n);

/* arm_expression.c: text without the brackets around it. */
struct arm_value arm_evaluate(struct arm *x, const struct arm_env *env, struct str text);
/* v.name and v[key] */
struct arm_value arm_select(struct arm *x, struct arm_value v, struct arm_value key);

/* arm_node.c: a value of the template, expressions evaluated, copy loops run. */
struct arm_value arm_node(struct arm *x, const struct arm_env *env, uint32_t node);
/* An array with a value a turn of the loop { name, count, input }. */
struct arm_value arm_loop_value(struct arm *x, const struct arm_env *env, uint32_t copy);
/* Turns of a copy loop at `copy` ({ count }): -1: not known, -2: none that Azure accepts. */
int64_t arm_copies(struct arm *x, const struct arm_env *env, uint32_t copy);

/* A value of a document that holds no expressions. */
struct arm_value arm_plain(struct arm *x, const struct jdoc *d, uint32_t v);

/* arm_functions.c */
struct arm_call {
	const struct arm_env *env;
	struct str name;
	struct arm_value *args;
	size_t n;
};
struct arm_value arm_call(struct arm *x, const struct arm_call *call);
/* "{name(args)}": what is not known or not understood. */
struct arm_value arm_unknown_call(struct arm *x, const struct arm_call *call);
typedef struct arm_value arm_function(struct arm *x, const struct arm_call *call);
struct arm_row {
	struct str name;
	arm_function *f;
	uint8_t least, most; /* arguments */
	bool unknown;        /* may be called with arguments that are not known */
};
extern const struct arm_row arm_text_functions[], arm_list_functions[], arm_id_functions[];
extern const size_t arm_n_text_functions, arm_n_list_functions, arm_n_id_functions;

/* arm_scope.c */
struct arm_scope *arm_scope_new(struct arm *x, uint32_t template);
struct arm_value arm_parameter(struct arm *x, struct arm_scope *s, struct str name);
struct arm_value arm_variable(struct arm *x, struct arm_scope *s, struct str name);
void arm_scopes_release(struct arm *x);
/*
 * arm_parameters.c: gives the parameters of the file's template the values of the files that are
 * meant for it: "x.parameters.json" for "x.json". A damaged one is an error as it is
 * by itself.
 */
bool arm_is_parameters(const struct jdoc *d, uint32_t v);
[[nodiscard]] int arm_parameters_apply(struct arm *x, struct arm_scope *s, struct diag *d);
/* Whether a file of that name is meant for a template of the other name. */
bool arm_parameters_match(struct str parameters, struct str template);
/* A value that is given from outside: known at once. */
void arm_parameter_set(struct arm *x, struct arm_scope *s, struct str name, struct arm_value v);

/*
 * arm_nested.c: what lies inside of a deployment resource: its template and its own scope. NULL:
 * it is linked, or computed, or too deep.
 */
struct arm_nested {
	uint32_t template;
	struct arm_env env;             /* in which its resources are evaluated */
	struct str subscription, group; /* where they are deployed to */
};
bool arm_nested(struct arm *x, const struct arm_env *env, uint32_t deployment, struct str name,
		struct arm_nested *ret);
/* { outputs } of the nested deployment of that name or id in the scope; unknown: no such. */
struct arm_value arm_output(struct arm *x, const struct arm_env *env, struct str id);
/* A resource's member as text: a symbol where it is not known. */
struct str arm_member_text(struct arm *x, const struct arm_env *env, uint32_t v, struct str name);
bool arm_is_deployment(const struct jdoc *d, uint32_t resource);

#endif
