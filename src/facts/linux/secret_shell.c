/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret_shell: passwords among the arguments of commands. The same letter means different things
 * to different programs: "mysql -psecret" is a password, "mysql -p shop" asks for one and
 * "ssh -p 2222" is a port. One row a program and option.
 */
#include "facts/linux/secret_scan.h"
#include "facts/linux/shell.h"

enum form {
	ATTACHED = 1 << 0, /* -psecret, --password=secret */
	NEXT = 1 << 1,     /* -p secret */
};

static const struct rule {
	const char *programs, *option;
	unsigned form;
	char separator;    /* the secret stands behind it: "user:secret"; 0: it is all of it */
	const char *needs; /* a word that must come before, or NULL */
} rules[] = {
	{"mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlslap mariadb "
	  "mariadb-dump mariadb-admin mysqlbinlog mycli",		      "-p",              ATTACHED,        0,   NULL   },
	{ "sshpass",								    "-p",              ATTACHED | NEXT, 0,   NULL   },
	{ "curl",								       "-u",              ATTACHED | NEXT, ':', NULL   },
	{ "curl",								       "--user",          NEXT,            ':', NULL   },
	{ "curl",								       "--user=",         ATTACHED,        ':', NULL   },
	{ "curl",								       "-U",              ATTACHED | NEXT, ':', NULL   },
	{ "curl",								       "--proxy-user",    NEXT,            ':', NULL   },
	{ "curl",								       "--oauth2-bearer", NEXT,            0,   NULL   },
	{ "az",									 "-p",              NEXT,            0,   "login"},
	{ "docker podman nerdctl buildah skopeo helm oras",                             "-p",              ATTACHED | NEXT, 0,   "login"},
	{ "oc",									 "-p",              ATTACHED | NEXT, 0,   "login"},
	{ "redis-cli keydb-cli valkey-cli",					     "-a",              NEXT,            0,   NULL   },
	{ "mongo mongosh mongodump mongorestore mongoexport mongoimport",               "-p",              ATTACHED | NEXT, 0,
         NULL															   },
	{ "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd ldapcompare", "-w",
         ATTACHED | NEXT,												   0,   NULL   },
	{ "smbclient rpcclient smbget net winexe",                                      "-U",              ATTACHED | NEXT, '%', NULL   },
	{ "xfreerdp wlfreerdp xfreerdp3",					       "/p:",             ATTACHED,        0,   NULL   },
	{ "rdesktop",								   "-p",              ATTACHED | NEXT, 0,   NULL   },
	{ "sqlcmd bcp osql isql",						       "-P",              ATTACHED | NEXT, 0,   NULL   },
	{ "ipmitool",								   "-P",              NEXT,            0,   NULL   },
	{ "zip unzip",								  "-P",              ATTACHED | NEXT, 0,   NULL   },
	{ "7z 7za 7zr",								 "-p",              ATTACHED,        0,   NULL   },
	{ "lftp",								       "-u",              ATTACHED | NEXT, ',', NULL   },
	{ "ncftp ncftpget ncftpput",						    "-p",              NEXT,            0,   NULL   },
	{ "plink pscp psftp",							   "-pw",             NEXT,            0,   NULL   },
	{ "x11vnc",								     "-passwd",         NEXT,            0,   NULL   },
	{ "openssl",								    "-passin",         NEXT,            ':', NULL   },
	{ "openssl",								    "-passout",        NEXT,            ':', NULL   },
	{ "openssl",								    "-pass",           NEXT,            ':', NULL   },
	{ "openssl",								    "-k",              NEXT,            0,   "enc"  },
	{ "keytool jarsigner",							  "-storepass",      NEXT,            0,   NULL   },
	{ "keytool jarsigner",							  "-keypass",        NEXT,            0,   NULL   },
	{ "kinit",								      "--password",      NEXT,            0,   NULL   },
	{ "expect",								     "-p",              NEXT,            0,   NULL   },
	{ "wget",								       "--http-passwd",   NEXT,            0,   NULL   },
	{ "adb",									"-p",              NEXT,            0,   "pair" },
};

/* Options that mean the same to every program. */
static const struct str options[] = {
	STR("--password"),
	STR("--passwd"),
	STR("--pass"),
	STR("--passphrase"),
	STR("--http-password"),
	STR("--ftp-password"),
	STR("--proxy-password"),
	STR("--admin-password"),
	STR("--client-secret"),
	STR("--secret"),
	STR("--token"),
	STR("--api-key"),
	STR("--apikey"),
	STR("--access-token"),
	STR("--auth-token"),
	STR("--account-key"),
	STR("--sas-token"),
	STR("--secret-key"),
	STR("--secret-access-key"),
	STR("--vault-password"),
	STR("--become-password"),
	STR("--db-password"),
	STR("--bind-password"),
	STR("--storepass"),
	STR("-password"),
};

static const struct str mysql_like[] = { STR("mysql"), STR("mariadb") };

static bool in_names(const char *names, struct str name)
{
	struct str rest = str_of(names), word;

	while ((word = str_word(&rest)).ptr) {
		if (str_eq(word, name))
			return true;
	}
	return false;
}

struct command {
	const struct shell_word *words;
	size_t n;
	struct str program;
};

static const struct shell_word *word_at(const struct command *c, size_t i)
{
	return i < c->n && !c->words[i].is_operator ? &c->words[i] : NULL;
}

static bool has_word(const struct command *c, const char *word, size_t before)
{
	for (size_t i = 1; i < before && i < c->n; i++) {
		if (str_eq(c->words[i].text, str_of(word)))
			return true;
	}
	return false;
}

static int report(struct secret_scan *s, const struct shell_word *w, struct str value,
		  char separator)
{
	if (separator) {
		ssize_t at = str_find(value, separator);

		/* openssl: "env:NAME" and "file:path" only say where the password is. */
		if (at < 0 || str_starts(value, STR("file:")) || str_starts(value, STR("env:")) ||
		    str_starts(value, STR("fd:")))
			return 0;
		value = str_sub(value, (size_t)at + 1, value.len);
	}
	return secret_found(s, "password-argument", value, w->expands);
}

static int apply(struct secret_scan *s, const struct command *c, const struct rule *rule)
{
	struct str option = str_of(rule->option);

	for (size_t i = 1; i < c->n; i++) {
		const struct shell_word *w = word_at(c, i), *next = word_at(c, i + 1);
		int r = 0;

		if (!w || !str_starts(w->text, option) ||
		    (rule->needs && !has_word(c, rule->needs, i)))
			continue;
		if (w->text.len > option.len && (rule->form & ATTACHED))
			r = report(s, w, str_sub(w->text, option.len, w->text.len),
				   rule->separator);
		else if (w->text.len == option.len && (rule->form & NEXT) && next &&
			 !str_starts(next->text, STR("-")))
			r = report(s, next, next->text, rule->separator);
		if (r < 0)
			return r;
	}
	return 0;
}

static int common_options(struct secret_scan *s, const struct command *c)
{
	bool mysql = false;

	for (size_t i = 0; i < COUNT(mysql_like); i++)
		mysql |= str_starts(c->program, mysql_like[i]);
	for (size_t i = 1; i < c->n; i++) {
		const struct shell_word *w = word_at(c, i), *next = word_at(c, i + 1);

		for (size_t j = 0; w && j < COUNT(options); j++) {
			size_t len = options[j].len;
			int r = 0;

			if (!str_starts(w->text, options[j]))
				continue;
			if (w->text.len > len + 1 && w->text.ptr[len] == '=')
				r = report(s, w, str_sub(w->text, len + 1, w->text.len), 0);
			else if (w->text.len == len && !mysql && next &&
				 !str_starts(next->text, STR("-")))
				r = report(s, next, next->text, 0);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* htpasswd -b file user secret; sqlplus user/secret@db; aws configure set aws_secret… X */
static int positional(struct secret_scan *s, const struct command *c)
{
	const struct shell_word *last = word_at(c, c->n - 1);
	ssize_t slash;

	if (!last || c->n < 2)
		return 0;
	if (str_eq(c->program, STR("htpasswd")) && c->n >= 5 &&
	    str_starts(c->words[1].text, STR("-")) && str_find(c->words[1].text, 'b') > 0)
		return report(s, last, last->text, 0);
	if (str_eq(c->program, STR("aws")) && c->n >= 5 &&
	    str_eq(c->words[c->n - 2].text, STR("aws_secret_access_key")))
		return secret_found(s, "aws-key", last->text, last->expands);
	if (!in_names("sqlplus sqlldr expdp impdp exp imp", c->program))
		return 0;
	for (size_t i = 1; i < c->n; i++) {
		struct str text = c->words[i].text;

		slash = str_find(text, '/');
		if (slash <= 0 || text.ptr[0] == '-')
			continue;
		text = str_sub(text, (size_t)slash + 1, text.len);
		return report(s, &c->words[i], str_cut(&text, '@'), 0);
	}
	return 0;
}

/*
 * NAME=secret anywhere in a word: assignments, "docker -e", "--from-literal=", form fields,
 * mount options.
 */
static int pairs(struct secret_scan *s, const struct shell_word *w)
{
	struct str text = w->text;

	for (size_t i = 0; i < text.len; i++) {
		size_t start = i, end = i + 1;
		struct str name;
		int r;

		if (text.ptr[i] != '=')
			continue;
		while (start &&
		       (text.ptr[start - 1] == '_' || text.ptr[start - 1] == '-' ||
			text.ptr[start - 1] == '.' ||
			(text.ptr[start - 1] >= '0' && text.ptr[start - 1] <= '9') ||
			((text.ptr[start - 1] | 32) >= 'a' && (text.ptr[start - 1] | 32) <= 'z')))
			start--;
		name = str_sub(text, start, i);
		while (end < text.len && (!start || (text.ptr[end] != '&' && text.ptr[end] != ',' &&
						     text.ptr[end] != ';')))
			end++;
		if (secret_name(name) && !str_starts(str_sub(text, i + 1, end), STR("/"))) {
			bool argument = start || text.ptr[0] == '-';
			const char *kind =
				secret_kind(name, argument ? "password-argument" : "export");

			r = secret_found(s, kind, str_sub(text, i + 1, end), w->expands);
			if (r < 0 || !start)
				return r;
		}
	}
	return 0;
}

/* Programs that start another one: its arguments are looked at as a command of their own. */
static bool is_wrapper(const struct command *c, size_t at)
{
	static const char wrappers[] = "sudo doas env nohup time timeout nice ionice xargs watch "
				       "exec command ssh strace setsid stdbuf chroot su";

	if (in_names(wrappers, c->program))
		return true;
	return in_names("docker podman kubectl nerdctl lxc oc nsenter", c->program) &&
	       has_word(c, "exec", at);
}

static bool is_known(struct str program)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		if (in_names(rules[i].programs, program))
			return true;
	}
	return in_names("htpasswd sqlplus aws", program);
}

static int one_command(struct secret_scan *s, struct command c)
{
	struct str name, value;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c.n; i++) {
		if (!c.words[i].is_operator)
			r = pairs(s, &c.words[i]);
	}
	while (c.n && shell_assignment(c.words[0].text, &name, &value)) {
		c.words++;
		c.n--;
	}
	if (r < 0 || !c.n)
		return r;
	c.program = str_basename(c.words[0].text);
	for (size_t i = 1; i < c.n; i++) {
		struct str inner = str_basename(c.words[i].text);

		if (is_known(inner) && is_wrapper(&c, i)) {
			c = (struct command){ c.words + i, c.n - i, inner };
			break;
		}
	}
	for (size_t i = 0; r >= 0 && i < COUNT(rules); i++) {
		if (in_names(rules[i].programs, c.program))
			r = apply(s, &c, &rules[i]);
	}
	if (r >= 0)
		r = common_options(s, &c);
	return r < 0 ? r : positional(s, &c);
}

/* The word that echo or printf writes: "-e" and formats are passed over. */
static const struct shell_word *written(const struct shell_word *words, size_t n)
{
	struct str name = str_basename(words[0].text);

	if (!str_eq(name, STR("echo")) && !str_eq(name, STR("printf")))
		return NULL;
	for (size_t i = 1; i < n && !words[i].is_operator; i++) {
		struct str text = words[i].text;

		if (!str_starts(text, STR("-")) && !str_starts(text, STR("%")))
			return &words[i];
	}
	return NULL;
}

static bool reads_password(const struct shell_word *words, size_t n, bool *ret_pair)
{
	bool sudo = false, stdin_flag = false;

	*ret_pair = false;
	for (size_t i = 0; i < n && !words[i].is_operator; i++) {
		struct str name = str_basename(words[i].text);

		if (str_eq(name, STR("chpasswd")))
			return *ret_pair = true;
		if (str_eq(name, STR("passwd")) || str_eq(name, STR("smbpasswd")) ||
		    str_eq(name, STR("kinit")))
			return true;
		sudo |= str_eq(name, STR("sudo"));
		stdin_flag |= str_eq(name, STR("-S")) || str_eq(name, STR("--password-stdin"));
		if (stdin_flag && (sudo || str_eq(name, STR("--password-stdin"))))
			return true;
	}
	return false;
}

/* chpasswd <<< user:secret */
static const struct shell_word *here_string(const struct shell_word *words, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (str_eq(words[i].text, STR("<<<")))
			return &words[i + 1];
	}
	return NULL;
}

static int report_input(struct secret_scan *s, const struct shell_word *text, bool pair)
{
	struct str value = text->text;
	ssize_t end = str_find(value, pair ? ':' : '\\');

	if (pair && end < 0)
		return 0;
	if (pair)
		value = str_sub(value, (size_t)end + 1, value.len);
	else if (end > 0)
		value = str_sub(value, 0, (size_t)end);
	return secret_found(s, "password-argument", value, text->expands);
}

/* echo user:secret | chpasswd; echo secret | passwd --stdin */
static int piped(struct secret_scan *s, const struct shell_words *w)
{
	const struct shell_word *text = NULL, *here;
	size_t at = 0, first, n;
	int r = 0;

	while (r >= 0 && shell_command(w, &at, &first, &n)) {
		bool pair, reads = reads_password(w->words + first, n, &pair);

		here = here_string(w->words + first, n);
		text = here ? here : text;
		if (reads && text)
			r = report_input(s, text, pair);
		text = written(w->words + first, n);
		if (at < w->n && !str_starts(w->words[at].text, STR("|")))
			text = NULL;
	}
	return r;
}

#define DEPTH_MAX 3

static int commands(struct secret_scan *s, struct str line, unsigned depth);

/* bash -c "mysql -psecret", ssh host 'mysql -psecret' */
static int nested(struct secret_scan *s, const struct shell_words *w, unsigned depth)
{
	static const char shells[] = "sh bash dash zsh ksh ssh su sudo eval watch";
	int r = 0;

	if (depth >= DEPTH_MAX || !w->n || !in_names(shells, str_basename(w->words[0].text)))
		return 0;
	for (size_t i = 1; r >= 0 && i < w->n; i++) {
		if (!w->words[i].is_operator && str_find(w->words[i].text, ' ') > 0)
			r = commands(s, w->words[i].text, depth + 1);
	}
	return r;
}

static int commands(struct secret_scan *s, struct str line, unsigned depth)
{
	struct shell_words *words = arena_new(s->arena, struct shell_words);
	size_t at = 0, first, n;
	int r = words ? shell_split(line, s->arena, words) : -ENOMEM;

	if (r >= 0)
		r = piped(s, words);
	while (r >= 0 && shell_command(words, &at, &first, &n))
		r = one_command(s, (struct command){ words->words + first, n, STR("") });
	return r < 0 ? r : nested(s, words, depth);
}

int secret_shell(struct secret_scan *s, struct str line)
{
	int r = commands(s, line, 0);

	return r < 0 ? r : secret_text(s, line);
}
