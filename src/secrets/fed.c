/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fed: secrets that a command reads from another one, or from a here-string. */
#include "secrets/call.h"
#include "secrets/value.h"

/* The words that echo or printf writes: "-e" and formats are passed over. */
static struct str written(const struct command *c)
{
	struct str name = c->n ? str_basename(c->words[0].text) : STR("");

	if (!str_eq(name, STR("echo")) && !str_eq(name, STR("printf")) &&
	    !str_eq(name, STR("yes")) && !str_eq(name, STR("print")))
		return (struct str){};
	for (size_t i = 1; i < c->n && !c->words[i].is_operator; i++) {
		struct str text = c->words[i].text;

		if (text.len && text.ptr[0] != '-' &&
		    !(text.ptr[0] == '%' && text.len < 6 && i + 1 < c->n) &&
		    !(str_starts(text, STR("%s")) && i + 1 < c->n))
			return text;
	}
	return (struct str){};
}

enum reads { READS_NOTHING, READS_PASSWORD, READS_PAIR, READS_TEXT, READS_CHOSEN };

/* "heroku login", "gopass insert", "secrets:set": a command that takes a secret, by its words. */
static bool is_asked(const struct command *c)
{
	static const struct str words[] = { STR("login"),  STR("passw"),   STR("secret"),
					    STR("token"),  STR("passphr"), STR("credential"),
					    STR("unlock"), STR("gopass"),  STR("restic"),
					    STR("join") };
	static const char others[] =
		"tee cat mail jq tr cut read mysql psql sqlite3 python3 md5sum "
		"sha1sum sha256sum sha512sum xargs curl wget http";

	if (!c->n || program_is_inert(str_basename(c->words[0].text)) ||
	    names_have(others, str_basename(c->words[0].text)))
		return false;
	for (size_t i = 0; i < c->n && i < 8 && !c->words[i].is_operator; i++)
		for (size_t k = 0; k < COUNT(words); k++)
			if (secret_ifind(c->words[i].text, 0, words[k]) >= 0)
				return true;
	return false;
}

/* What a command makes of its standard input. */
static enum reads reads(const struct command *c)
{
	static const char takers[] =
		"passwd smbpasswd kinit cryptsetup vncpasswd pdbedit veracrypt gocryptfs "
		"ecryptfs-unwrap-passphrase wpa_passphrase gpg gpg2 tigervncpasswd "
		"ecryptfs-add-passphrase keepassxc-cli ykman su pass op wrangler realm saslpasswd2 zfs adcli";
	bool sudo = false;

	for (size_t i = 0; i < c->n; i++) {
		struct str name = str_basename(c->words[i].text);

		if (c->words[i].is_operator)
			break;
		if (str_eq(name, STR("chpasswd")) || str_eq(name, STR("newusers")) ||
		    str_eq(name, STR("chgpasswd")))
			return READS_PAIR;
		sudo = sudo || str_eq(name, STR("sudo"));
		if (i < 4 && names_have(takers, name))
			return READS_PASSWORD;
		if (str_contains(name, STR("password-stdin")) ||
		    str_eq(name, STR("--with-token")) || str_eq(name, STR("--passphrase-fd")) ||
		    str_eq(name, STR("--password-fd")) || str_eq(name, STR("--passwd-on-stdin")) ||
		    str_eq(name, STR("--pw-stdin")) ||
		    (i && str_eq(name, STR("stdin")) &&
		     str_starts(c->words[i - 1].text, STR("-pass"))) ||
		    (sudo && str_eq(name, STR("--stdin"))) ||
		    (sudo && call_is_group(name, 'S') && i < 3))
			return READS_PASSWORD;
		if (str_eq(name, STR("base64")) && !i)
			return c->n > 1 && (str_istarts(c->words[1].text, STR("-d")) ||
					    str_eq(c->words[1].text, STR("--decode")))
				       ? READS_NOTHING
				       : READS_TEXT;
	}
	return is_asked(c) ? READS_CHOSEN : READS_NOTHING;
}

static struct str first_line(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\n' ||
		    (s.ptr[i] == '\\' && i + 1 < s.len && strchr("nr", s.ptr[i + 1])))
			return str_sub(s, 0, i);
	return s;
}

static int read_by(struct secret_line *l, enum reads how, struct str text)
{
	struct str value = first_line(text);

	if (how == READS_PAIR) {
		if (str_find(value, ':') <= 0)
			return 0;
		value = call_behind(value, ':');
		value = str_sub(value, 0,
				str_find(value, ' ') > 0 ? (size_t)str_find(value, ' ')
							 : value.len);
	}
	if (how == READS_TEXT) {
		/* A word that is to be encoded: "user:secret", or one that looks like a secret. */
		if (str_find(value, ' ') >= 0 || str_find(value, '{') >= 0)
			return 0;
		if (str_find(value, ':') > 0)
			value = call_behind(value, ':');
		if (!secret_value(value, CLASS_PASSWORD, SOURCE_CODE) ||
		    secret_entropy(value) < 2.7)
			return 0;
	}
	if ((how == READS_CHOSEN && !secret_is_chosen(value)) ||
	    !secret_value(value, CLASS_PASSWORD, SOURCE_TYPED))
		return 0;
	return secret_found(l, "password-argument", value);
}

/* "(echo secret; echo secret) | …" */
static bool group_piped(const struct words *w, size_t at)
{
	return at + 1 < w->n && str_eq(w->list[at].text, STR(")")) &&
	       str_eq(w->list[at + 1].text, STR("|"));
}

/* echo "host:5432:*:ann:secret" >> .pgpass; cat > chap-secrets <<< 'ann * secret *' */
static int kept(struct secret_line *l, const struct command *c, struct str piped)
{
	struct str text = c->input.len ? c->input : written(c);
	int r;

	if (!text.len || secret_expands(l, text))
		return 0;
	r = secret_directive(l, text, true);
	if (r >= 0 && piped.len && str_istarts(piped, STR("auth ")))
		r = secret_redis(l, piped);
	return r;
}

int call_fed(struct secret_line *l, const struct words *w)
{
	struct str text = {};
	struct command c;
	size_t at = 0;
	bool pipe;
	int r = 0;

	while (r >= 0 && words_command(w, &at, &c, &pipe)) {
		struct str input = c.input.len ? c.input : text;
		enum reads how = input.len ? reads(&c) : READS_NOTHING;

		if (how != READS_NOTHING)
			r = read_by(l, how, input);
		text = pipe || group_piped(w, at) ? written(&c) : (struct str){};
		if (r >= 0)
			r = kept(l, &c, text);
	}
	return r;
}
