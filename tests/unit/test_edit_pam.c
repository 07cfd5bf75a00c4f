/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/account_edit.h"
#include "action/edit_pam.h"
#include "tap.h"

#define AUTH                                                     \
	"# the Primary block\n"                                  \
	"auth\t[success=2 default=ignore]\tpam_unix.so nullok\n" \
	"auth\t[success=1 default=ignore]\tpam_sss.so\n"         \
	"auth\trequisite\tpam_deny.so\n"                         \
	"auth\trequired\tpam_permit.so\n"                        \
	"session required pam_unix.so\n"

static const struct {
	const char *name, *type, *anchor;
	enum edit_pam_where where;
	int r;
	const char *line, *text, *want;
} adds[] = {
	{"in front of the anchor",                       "auth",    "pam_unix.so", EDIT_PAM_BEFORE, 0,
         "required pam_faillock.so preauth",										       AUTH,
         "# the Primary block\n"
	  "auth\trequired pam_faillock.so preauth\n"
	  "auth\t[success=2 default=ignore]\tpam_unix.so nullok\n"
	  "auth\t[success=1 default=ignore]\tpam_sss.so\n"
	  "auth\trequisite\tpam_deny.so\n"
	  "auth\trequired\tpam_permit.so\n"
	  "session required pam_unix.so\n"																					  },
	{ "jumps over the new line are longer",          "auth",    "pam_sss.so",  EDIT_PAM_BEHIND, 0,
         "[default=die] pam_faillock.so authfail",										 AUTH,
         "# the Primary block\n"
	  "auth\t[success=3 default=ignore]\tpam_unix.so nullok\n"
	  "auth\t[success=2 default=ignore]\tpam_sss.so\n"
	  "auth\t[default=die] pam_faillock.so authfail\n"
	  "auth\trequisite\tpam_deny.so\n"
	  "auth\trequired\tpam_permit.so\n"
	  "session required pam_unix.so\n"																					  },
	{ "a jump to the anchor lands on what is new",   "auth",    "pam_deny.so", EDIT_PAM_BEFORE, 0,
         "optional pam_x.so",												      "auth [success=1 new_authtok_reqd=ok] pam_a.so\n"
	  "auth required pam_b.so\nauth requisite pam_deny.so\n",														  "auth [success=1 new_authtok_reqd=ok] pam_a.so\n"
	  "auth required pam_b.so\nauth\toptional pam_x.so\nauth requisite pam_deny.so\n"                             },
	{ "it is there",				 "auth",    "pam_unix.so", EDIT_PAM_BEFORE, 0,
         "required pam_faillock.so preauth",										       "auth required pam_faillock.so preauth audit\nauth required pam_unix.so\n",
         "auth required pam_faillock.so preauth audit\nauth required pam_unix.so\n"																 },
	{ "the end of the type, without an end of line", "account", "",            EDIT_PAM_END,    0,
         "required pam_faillock.so",											       "account required pam_unix.so",
         "account required pam_unix.so\naccount\trequired pam_faillock.so\n"																	},
	{ "the end of the type in front of another",     "account", "",            EDIT_PAM_END,    0,
         "required pam_faillock.so",											       "-account required pam_unix.so\nsession required pam_x.so\n",
         "-account required pam_unix.so\naccount\trequired pam_faillock.so\n"
	  "session required pam_x.so\n"																					     },
	{ "no anchor",				   "auth",    "pam_unix.so", EDIT_PAM_BEHIND, -ENOENT,  "required pam_x.so",
         "# pam_unix.so\nsession required pam_unix.so\n",																		       NULL},
	{ "a jump over an include",                      "auth",    "pam_deny.so", EDIT_PAM_BEFORE, -ENOTSUP,
         "required pam_x.so",												      "auth [success=2] pam_unix.so\n@include other\nauth required pam_deny.so\n", NULL},
};

static void check_adds(void)
{
	for (size_t i = 0; i < COUNT(adds); i++) {
		struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);

		is_int(edit_pam_add(str_of(adds[i].text), str_of(adds[i].type),
				    str_of(adds[i].anchor), adds[i].where, str_of(adds[i].line),
				    &b),
		       adds[i].r, adds[i].name);
		if (adds[i].r < 0)
			continue;
		is_str(buf_view(&b), str_of(adds[i].want), adds[i].name);
		is_int(edit_pam_add(buf_view(&b), str_of(adds[i].type), str_of(adds[i].anchor),
				    adds[i].where, str_of(adds[i].line), &c),
		       0, adds[i].name);
		is_str(buf_view(&c), buf_view(&b), "a second time changes nothing");
	}
}

static void check_words(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);
	struct str control = {};

	is_int(edit_pam_word(STR("password [success=1] pam_unix.so obscure # x\n"
				 "auth required pam_unix.so\n"
				 "password required pam_unix.so use_authtok\n"),
			     STR("password"), STR("pam_unix.so"), STR("use_authtok"), &b),
	       0, "an argument");
	is_str(buf_view(&b),
	       STR("password [success=1] pam_unix.so obscure use_authtok # x\n"
		   "auth required pam_unix.so\n"
		   "password required pam_unix.so use_authtok\n"),
	       "of the lines that lack it");
	is_int(edit_pam_word(buf_view(&b), STR("password"), STR("pam_unix.so"), STR("use_authtok"),
			     &c),
	       0, "again");
	is_str(buf_view(&c), buf_view(&b), "nothing changes");
	ok(edit_pam_control(STR(AUTH), STR("auth"), STR("pam_sss.so"), &control), "a control");
	is_str(control, STR("[success=1 default=ignore]"), "with its blanks");
	ok(!edit_pam_control(STR(AUTH), STR("account"), STR("pam_sss.so"), &control), "none");
}

/* ---- files of accounts -------------------------------------------------------------------------- */

static void check_fields(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);
	struct str shadow = STR("root:*:1::::::\nben:$y$x:19700:0:99999:7:::\nben:second:\n");
	struct str field = {};

	is_int(edit_field(shadow, STR("ben"), 7, STR("1"), &b), 0, "a field");
	is_str(buf_view(&b), STR("root:*:1::::::\nben:$y$x:19700:0:99999:7::1:\nben:second:\n"),
	       "of the first line");
	is_int(edit_field(buf_view(&b), STR("ben"), 7, STR("1"), &c), 0, "again");
	is_str(buf_view(&c), buf_view(&b), "nothing changes");
	buf_reset(&c);
	is_int(edit_field(STR("a:x"), STR("a"), 4, STR("9"), &c), 0, "fields that are missing");
	is_str(buf_view(&c), STR("a:x:::9"), "are made");
	buf_reset(&c);
	is_int(edit_field(shadow, STR("be"), 1, STR("!"), &c), -ENOENT, "no such account");
	buf_reset(&c);
	is_int(edit_field(shadow, STR("ben"), 1, STR("a:b"), &c), -EINVAL, "a value with a colon");
	buf_reset(&c);
	is_int(edit_field(shadow, STR("ben"), 1, STR("a\nb"), &c), -EINVAL, "a value of two lines");
	ok(edit_field_get(shadow, STR("ben"), 1, &field), "a field is found");
	is_str(field, STR("$y$x"), "it is that of the first line");
	ok(!edit_field_get(shadow, STR("ben"), 12, &field), "no such field");
}

int main(void)
{
	check_adds();
	check_words();
	check_fields();
	return done();
}
