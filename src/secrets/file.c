/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/file.h"

#define H FILE_HISTORY
#define P FILE_PRIVATE
#define N FILE_NAMED
#define B FILE_BINARY

/* The end of a path; what begins with '*' is the end of a name. */
static const struct {
	struct str end;
	const char *kind;
	enum secret_format format;
	unsigned flags;
} files[] = {
  /* clang-format off */
	{ STR(".bash_history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".zsh_history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".zhistory"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".histfile"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".sh_history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".ash_history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".ksh_history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR("fish_history"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR("ConsoleHost_history.txt"), NULL, FORMAT_HISTORY, H | P | N },
	{ STR(".mysql_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".mariadb_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".psql_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".sqlite_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".python_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".node_repl_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".irb_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".php_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".dbshell"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR("mongosh_repl_history"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".rediscli_history"), "stored-password", FORMAT_TEXT, H | P | N },
	{ STR(".lesshst"), NULL, FORMAT_SQL_HISTORY, H | P | N },
	{ STR(".viminfo"), NULL, FORMAT_SQL_HISTORY, P | N },
	{ STR(".netrc"), NULL, FORMAT_NETRC, P | N },
	{ STR("_netrc"), NULL, FORMAT_NETRC, P | N },
	{ STR(".authinfo"), NULL, FORMAT_NETRC, P | N },
	{ STR(".pgpass"), NULL, FORMAT_PGPASS, P | N },
	{ STR("pgpass.conf"), NULL, FORMAT_PGPASS, P | N },
	{ STR("sasl_passwd"), NULL, FORMAT_SASL, P | N },
	{ STR("ppp/chap-secrets"), NULL, FORMAT_CHAP, P | N },
	{ STR("ppp/pap-secrets"), NULL, FORMAT_CHAP, P | N },
	{ STR(".my.cnf"), "stored-password", FORMAT_SETTINGS, P | N },
	{ STR(".mylogin.cnf"), "stored-password", FORMAT_SETTINGS, P },
	{ STR("mysql/debian.cnf"), "stored-password", FORMAT_SETTINGS, P | N },
	{ STR(".git-credentials"), NULL, FORMAT_TEXT, P | N },
	{ STR("git/credentials"), NULL, FORMAT_TEXT, P | N },
	{ STR(".aws/credentials"), "aws-key", FORMAT_SETTINGS, P | N },
	{ STR(".aws/config"), "aws-key", FORMAT_SETTINGS, P | N },
	{ STR(".azure/accessTokens.json"), "azure-key", FORMAT_JSON, P | N },
	{ STR(".azure/service_principal_entries.json"), "azure-key", FORMAT_JSON, P | N },
	{ STR(".azure/msal_token_cache.json"), "azure-key", FORMAT_JSON, P | N },
	{ STR(".azure/TokenCache.dat"), "azure-key", FORMAT_JSON, P | N },
	{ STR("gcloud/credentials.db"), "google-key", FORMAT_JSON, P | N | B },
	{ STR("gcloud/access_tokens.db"), "google-key", FORMAT_JSON, P | N | B },
	{ STR("gcloud/application_default_credentials.json"), "google-key", FORMAT_JSON, P | N },
	{ STR(".boto"), NULL, FORMAT_SETTINGS, P | N },
	{ STR(".docker/config.json"), NULL, FORMAT_JSON, P | N },
	{ STR(".dockercfg"), NULL, FORMAT_JSON, P | N },
	{ STR("containers/auth.json"), NULL, FORMAT_JSON, P | N },
	{ STR(".kube/config"), NULL, FORMAT_SETTINGS, P | N },
	{ STR("kubeconfig"), NULL, FORMAT_SETTINGS, P | N },
	{ STR("*.kubeconfig"), NULL, FORMAT_SETTINGS, P | N },
	{ STR("kubernetes/admin.conf"), NULL, FORMAT_SETTINGS, P | N },
	{ STR("k3s/k3s.yaml"), NULL, FORMAT_SETTINGS, P | N },
	{ STR(".npmrc"), "token", FORMAT_SETTINGS, P | N },
	{ STR(".yarnrc.yml"), "token", FORMAT_SETTINGS, N },
	{ STR(".pypirc"), "stored-password", FORMAT_SETTINGS, P | N },
	{ STR(".s3cfg"), "aws-key", FORMAT_SETTINGS, P | N },
	{ STR("gh/hosts.yml"), "github-token", FORMAT_SETTINGS, P | N },
	{ STR("glab-cli/config.yml"), "gitlab-token", FORMAT_SETTINGS, P | N },
	{ STR("rclone.conf"), "stored-password", FORMAT_SETTINGS, P | N },
	{ STR(".cargo/credentials"), "token", FORMAT_SETTINGS, P | N },
	{ STR(".cargo/credentials.toml"), "token", FORMAT_SETTINGS, P | N },
	{ STR(".composer/auth.json"), "token", FORMAT_JSON, P | N },
	{ STR(".gem/credentials"), "token", FORMAT_SETTINGS, P | N },
	{ STR(".m2/settings.xml"), "stored-password", FORMAT_SETTINGS, P | N },
	{ STR(".gradle/gradle.properties"), NULL, FORMAT_SETTINGS, P | N },
	{ STR(".terraformrc"), "terraform-token", FORMAT_SETTINGS, P | N },
	{ STR(".terraform.d/credentials.tfrc.json"), "terraform-token", FORMAT_JSON, P | N },
	{ STR("*.tfstate"), NULL, FORMAT_JSON, N },
	{ STR("*.tfstate.backup"), NULL, FORMAT_JSON, N },
	{ STR("*.tfvars"), NULL, FORMAT_SETTINGS, N },
	{ STR("*.auto.tfvars.json"), NULL, FORMAT_JSON, N },
	{ STR(".vault-token"), "vault-token", FORMAT_TEXT, P | N },
	{ STR(".ssh/environment"), NULL, FORMAT_SETTINGS, P | N },
	{ STR(".env"), NULL, FORMAT_SETTINGS, N },
	{ STR("web.config"), NULL, FORMAT_SETTINGS, N },
	{ STR("Web.config"), NULL, FORMAT_SETTINGS, N },
	{ STR("appsettings.json"), NULL, FORMAT_JSON, N },
	{ STR("wp-config.php"), NULL, FORMAT_CODE, N },
	{ STR("configuration.php"), NULL, FORMAT_CODE, N },
	{ STR("settings.php"), NULL, FORMAT_CODE, N },
	{ STR("LocalSettings.php"), NULL, FORMAT_CODE, N },
	{ STR("database.yml"), NULL, FORMAT_SETTINGS, N },
	{ STR("secrets.yml"), NULL, FORMAT_SETTINGS, N },
	{ STR("application.properties"), NULL, FORMAT_SETTINGS, N },
	{ STR("application.yml"), NULL, FORMAT_SETTINGS, N },
	{ STR("docker-compose.yml"), NULL, FORMAT_SETTINGS, N },
	{ STR("docker-compose.yaml"), NULL, FORMAT_SETTINGS, N },
	{ STR("compose.yaml"), NULL, FORMAT_SETTINGS, N },
	{ STR("local.xml"), NULL, FORMAT_SETTINGS, N },
	{ STR(".git/config"), NULL, FORMAT_SETTINGS, N },
	{ STR("tomcat-users.xml"), "stored-password", FORMAT_SETTINGS, N },
	{ STR("etc/environment"), NULL, FORMAT_SETTINGS, N },
	{ STR("instance/user-data.txt"), NULL, FORMAT_CLOUD_INIT, N },
	{ STR("user-data"), NULL, FORMAT_CLOUD_INIT, N },
	{ STR("*.ppk"), NULL, FORMAT_TEXT, P | N },
	{ STR("*.pem"), NULL, FORMAT_TEXT, N },
	{ STR("*.key"), NULL, FORMAT_TEXT, N },
	{ STR("id_rsa"), NULL, FORMAT_TEXT, P | N },
	{ STR("id_dsa"), NULL, FORMAT_TEXT, P | N },
	{ STR("id_ecdsa"), NULL, FORMAT_TEXT, P | N },
	{ STR("id_ed25519"), NULL, FORMAT_TEXT, P | N },
	{ STR("identity"), NULL, FORMAT_TEXT, P | N },
  /* clang-format on */
};

/* By the end of the name alone. */
static const struct {
	const char *ends; /* separated by blanks */
	enum secret_format format;
	unsigned flags;
} suffixes[] = {
  /* clang-format off */
	{ ".example .sample .dist .template -example .tmpl .md5 .sha256 .sig .asc .gpg .pub", FORMAT_TEXT, FILE_SKIP },
	{ ".png .jpg .jpeg .gif .bmp .tif .tiff .ico .svg .webp .mp3 .mp4 .mkv .avi .mov .wav .flac .ogg .woff .woff2 .ttf "
	  ".otf .eot .pdf .zip .gz .xz .bz2 .zst .7z .rar .tgz .jar .war .deb .rpm .iso .img .qcow2 .vmdk .o .a .so .pyc "
	  ".pyo .class .exe .dll .bin .wasm .pack .idx .min.js .min.css .map .lock .sum", FORMAT_TEXT, FILE_SKIP },
	{ "package-lock.json yarn.lock pnpm-lock.yaml go.sum Cargo.lock", FORMAT_TEXT, FILE_SKIP },
	{ ".c .h .cc .cpp .hpp .cs .go .java .kt .scala .js .jsx .ts .tsx .mjs .cjs .py .rb .php .pl .pm .rs .swift .m .vb "
	  ".vim .tcl .tm .el .cmake .m4 .awk .md .rst .html .htm .adoc .css .scss .tex .lua .r .dart .ex .exs .erl .clj .hs .vue .sql", FORMAT_CODE, 0 },
	{ ".json .ipynb .har", FORMAT_JSON, 0 },
	{ ".env .conf .cfg .cnf .ini .properties .toml .yml .yaml .xml .config .tf .hcl .plist .service .timer .reg .rdp "
	  ".ovpn .nmconnection", FORMAT_SETTINGS, 0 },
  /* clang-format on */
};

static bool ends_so(struct str path, struct str end)
{
	if (end.ptr[0] == '*')
		return str_ends(path, str_sub(end, 1, end.len));
	return str_ends(path, end) &&
	       (path.len == end.len || path.ptr[path.len - end.len - 1] == '/');
}

static bool ends_in(struct str name, const char *ends)
{
	struct str rest = str_of(ends), end;

	while ((end = str_word(&rest)).ptr)
		if (str_ends(name, end))
			return true;
	return false;
}

/* ".env.production" is one, ".env.example" is not. */
static bool is_environment(struct str name) { return str_starts(name, STR(".env.")); }

struct secret_file secret_file_of(struct str path)
{
	struct str name = str_basename(path);
	struct secret_file f = {};

	for (size_t i = 0; i < COUNT(files); i++)
		if (ends_so(path, files[i].end))
			return (struct secret_file){ files[i].format, files[i].kind,
						     files[i].flags };
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (ends_in(name, suffixes[i].ends)) {
			f = (struct secret_file){ .format = suffixes[i].format,
						  .flags = suffixes[i].flags };
			break;
		}
	if (is_environment(name) && !(f.flags & FILE_SKIP))
		f = (struct secret_file){ .format = FORMAT_SETTINGS, .flags = FILE_NAMED };
	return f;
}

bool secret_folder_skipped(struct str path)
{
	static const struct str ends[] = {
		STR(".git/objects"),    STR("node_modules"),   STR(".cache"),
		STR("__pycache__"),     STR("site-packages"),  STR("dist-packages"),
		STR(".cargo/registry"), STR("go/pkg/mod"),     STR(".rustup"),
		STR(".npm/_cacache"),   STR(".gradle/caches"), STR(".m2/repository"),
		STR(".venv/lib"),       STR(".terraform"),     STR(".vscode-server"),
	};

	for (size_t i = 0; i < COUNT(ends); i++)
		if (ends_so(path, ends[i]))
			return true;
	return false;
}
