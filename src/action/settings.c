/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/settings.h"

struct setting {
	struct str name, value; /* value.ptr == NULL: it stands alone */
	bool unset;
};

static struct str section_of(const struct settings_place *place) { return str_of(place->section); }

/* The same words; numbers by what they are worth are not looked at. */
static bool says(struct str text, const struct settings_place *place, const struct setting *s)
{
	struct str has;

	if (!edit_get(text, place->style, section_of(place), s->name, &has))
		return true;
	return !s->unset && str_eq(has, s->value.ptr ? s->value : STR(""));
}

/* Another file that counts for more: what says otherwise becomes a comment. */
static int quiet(const struct remedy_input *in, struct plan *p, const char *path,
		 const struct settings_place *place, const struct setting *s)
{
	own(draft_release) struct draft d = {};
	int r = 0;

	if (!remedy_has_file(in, path))
		return 0;
	draft_open(&d, p, path);
	if (d.error < 0 || !says(buf_view(&d.text), place, s)) {
		draft_unset(&d, place->style, section_of(place), s->name);
		r = draft_save(&d, 0644, NULL);
	}
	return r;
}

static int quiet_others(const struct remedy_input *in, struct plan *p,
			const struct settings_place *place, const struct setting *s)
{
	struct str *paths = NULL;
	size_t n = 0;
	int r = 0;

	if (place->main)
		r = quiet(in, p, place->main, place, s);
	if (r >= 0 && place->also)
		r = root_glob(in->root, place->also, in->arena, &paths, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		int order = str_cmp(paths[i], str_of(place->file));

		if (order > 0 || (order && (place->all_win || s->unset)))
			r = quiet(in, p, paths[i].ptr, place, s);
	}
	return r;
}

/* Arguments of the module in the stacks of PAM. */
static int quiet_module(const struct remedy_input *in, struct plan *p,
			const struct settings_place *place, const struct setting *s)
{
	struct str *files, word;
	size_t n;
	int r = remedy_query_text(in, "SELECT DISTINCT file FROM pam_stack WHERE module = ?1",
				  str_of(place->module), &files, &n);

	word = s->value.ptr || s->unset ? arena_cat(in->arena, s->name, STR("="), STR(""))
					: s->name;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		own(draft_release) struct draft d = {};
		struct str text;

		/* A link, as authselect has them, is no objection where there is nothing to do. */
		if (root_read(in->root, files[i].ptr, EDIT_MAX, in->arena, &text, NULL) >= 0 &&
		    !str_contains(text, word))
			continue;
		draft_open(&d, p, files[i].ptr);
		draft_word(&d, str_of(place->module), word);
		r = draft_save(&d, 0644, NULL);
		if (r >= 0) {
			p->risky = true;
			p->validate |= VALIDATE_PAM;
		}
	}
	return r;
}

static int plan_setting(const struct remedy_input *in, struct plan *p,
			const struct settings_place *place, const struct setting *s)
{
	own(draft_release) struct draft d = {};
	int r = quiet_others(in, p, place, s);

	if (r >= 0 && place->module)
		r = quiet_module(in, p, place, s);
	if (r < 0)
		return r;
	if (s->unset)
		return place->there || remedy_has_file(in, place->file)
			       ? quiet(in, p, place->file, place, s)
			       : 0;
	draft_open(&d, p, place->file);
	draft_head(&d);
	draft_set(&d, place->style, section_of(place), s->name, s->value);
	return draft_save(&d, 0644, NULL);
}

int settings_misread(struct plan *p)
{
	return plan_cannot(p, "the check's action is not understood");
}

int settings_plan(const struct remedy_input *in, struct plan *p, const struct settings_place *place)
{
	int r = 0;

	if (!in->n_args || in->n_args % 2)
		return settings_misread(p);
	if (place->there && !remedy_has_file(in, place->file))
		return plan_cannot(p, "there is no %s", place->file);
	for (size_t i = 0; r >= 0 && i < in->n_args; i += 2) {
		struct setting s = { .name = in->args[i], .value = in->args[i + 1] };

		s.unset = str_eq(s.value, STR("-"));
		if (str_eq(s.value, STR("+")))
			s.value = (struct str){};
		r = plan_setting(in, p, place, &s);
	}
	return r;
}
