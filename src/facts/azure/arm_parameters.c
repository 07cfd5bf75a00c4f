/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of parameters beside templates. */
#include "facts/azure/arm.h"

bool arm_is_parameters(const struct jdoc *d, uint32_t v)
{
	uint32_t schema = jdoc_get(d, v, STR("$schema"));
	struct str text = schema ? jdoc_raw(d, schema) : STR("");

	return str_contains(text, STR("deploymentParameters.json"));
}

/* "main.parameters.json" and "main.parameters.prod.json" for "main.json", in one folder. */
bool arm_parameters_match(struct str parameters, struct str template)
{
	struct str suffix = STR(".json"), between = STR(".parameters.");
	struct str base = str_sub(template, 0, template.len - MIN(template.len, suffix.len));

	return str_ends(template, suffix) && str_starts(parameters, base) &&
	       str_istarts(str_sub(parameters, base.len, parameters.len), between);
}

static void apply(struct arm *x, struct arm_scope *s, const struct jdoc *d)
{
	uint32_t parameters = jdoc_get(d, 0, STR("parameters"));

	if (!parameters)
		return;
	jdoc_each_key(d, parameters, key) {
		uint32_t value = jdoc_get(d, key + 1, STR("value"));
		struct arm_value v = { .kind = ARM_UNKNOWN };
		struct str name;

		if (jdoc_text(d, key, &x->arena, &name) < 0)
			x->error = -ENOMEM;
		if (x->error)
			return;
		/* Without a value it is a secret of a vault. */
		if (value)
			v = arm_plain(x, d, value);
		arm_parameter_set(x, s, name, v);
	}
}

int arm_parameters_apply(struct arm *x, struct arm_scope *s, struct diag *d)
{
	const struct joptions options = { .comments = true,
					  .trailing_commas = true,
					  .controls = true,
					  .max_depth = ARM_VALUE_DEPTH_MAX };
	const struct az_file *self = &x->r->files[x->r->file];

	for (uint32_t i = 0; i < x->r->m->n_files && !x->error; i++) {
		own(jdoc_release) struct jdoc doc = {};
		struct str text;
		int r;

		if (!arm_parameters_match(x->r->files[i].name, self->name))
			continue;
		r = json_utf8(x->r->files[i].text, &x->arena, &text);
		if (r >= 0)
			r = jdoc_parse(text, &options, &doc, NULL);
		/* Its own turn says where and why. */
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return diag_set(d, -EBADMSG, "", 0, "its file of parameters is damaged");
		if (arm_is_parameters(&doc, 0))
			apply(x, s, &doc);
	}
	return x->error;
}
