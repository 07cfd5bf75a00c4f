/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/arm.h"

/* What templates and plans are computed into is kept until its texts have been read. */
static int read_planned(struct az_reader *r, uint32_t v, struct diag *d,
			int (*expand)(struct az_reader *, uint32_t, struct jdoc *, struct diag *))
{
	own(jdoc_release) struct jdoc planned = {};
	struct jdoc *source = r->doc;
	int error = expand(r, v, &planned, d);

	if (error >= 0)
		error = jdoc_wrap(&planned);
	if (error < 0)
		return error;
	r->doc = &planned;
	r->planned = true;
	az_read_document(r);
	r->planned = false;
	r->doc = source;
	return 0;
}

/* Parameters are of use to the template that they are meant for. */
static void check_parameters(struct az_reader *r)
{
	for (uint32_t i = 0; i < r->m->n_files; i++)
		if (arm_parameters_match(r->m->files[r->file], r->m->files[i]))
			return;
	az_problem(r, 1, "parameters of no template: a file x.parameters.json is for x.json");
}

/* Descriptions of forms lie beside templates; they are no resources. */
static bool is_beside(const struct jdoc *d, uint32_t v)
{
	static const struct str names[] = { STR("CreateUIDefinition"), STR("metadata.config") };
	uint32_t schema = jdoc_get(d, v, STR("$schema"));
	struct str text = schema ? jdoc_raw(d, schema) : STR("");

	for (size_t i = 0; i < COUNT(names); i++)
		if (memmem(text.ptr, text.len, names[i].ptr, names[i].len))
			return true;
	return false;
}

static int read_file(struct az_reader *r, struct str text, struct diag *d)
{
	/* As Azure reads templates. Keys that are there twice are told where they matter. */
	const struct joptions options = { .comments = true,
					  .trailing_commas = true,
					  .controls = true };
	own(jdoc_release) struct jdoc doc = {};
	int error = json_utf8(text, r->a, &text);

	if (error == -EILSEQ)
		return diag_set(d, -EBADMSG, "", 0, "neither UTF-8 nor UTF-16");
	if (error >= 0)
		error = jdoc_parse(text, &options, &doc, d);
	if (error >= 0)
		error = jdoc_wrap(&doc);
	if (error < 0)
		return error;
	r->doc = &doc;
	if (arm_is_template(&doc, 1))
		error = read_planned(r, 1, d, arm_expand);
	else if (terraform_is_plan(&doc, 1))
		error = read_planned(r, 1, d, terraform_expand);
	else if (arm_is_parameters(&doc, 1))
		check_parameters(r);
	else if (!is_beside(&doc, 1))
		az_read_document(r);
	r->doc = NULL;
	return error;
}

static void reader_release(struct az_reader *r)
{
	for (size_t i = 0; i < COUNT(r->by_id); i++)
		map_release(&r->by_id[i]);
}

int az_load(const struct az_file *files, size_t n, struct arena *a,
	    const struct az_problems *problems, struct az_model *ret, struct diag *d)
{
	struct az_model model = { .arena = a, .n_files = (uint32_t)n };
	own(reader_release) struct az_reader r = {
		.m = &model, .a = a, .problems = problems, .files = files
	};
	struct jdoc none = {};

	if (n >= AZ_NONE)
		return -E2BIG;
	model.files = arena_array(a, MAX(n, 1), sizeof *model.files);
	if (!model.files)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		model.files[i] = files[i].name;
	for (r.file = 0; r.file < n; r.file++) {
		uint32_t file = r.file;
		struct diag why = {};
		int error = read_file(&r, files[file].text, &why);

		if (error >= 0)
			error = r.error;
		if (error < 0) {
			diag_set(d, error, arena_cstr(a, files[file].name), why.line, "%s",
				 why.reason[0] ? why.reason : strerror(-error));
			if (d)
				d->column = why.column;
			return error;
		}
	}
	r.doc = &none;
	az_link(&r);
	if (r.error)
		return r.error;
	*ret = model;
	return 0;
}
