/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names and passwords are those that honeypots see most: defaults of products (vendors'
 * manuals, cloud images, Mirai's table) and the tops of lists of leaked passwords.
 */
#include <ctype.h>

#include "facts/linux/guesses.h"

static const struct {
	const char *user;
	const char *passwords[4];
} services[] = {
	{"admin",          { "admin", "password", "admin123", "Admin@123" }    },
	{ "administrator", { "administrator", "password", "Passw0rd", "admin" }},
	{ "alpine",        { "alpine" }					},
	{ "ansible",       { "ansible" }				       },
	{ "backup",        { "backup" }					},
	{ "centos",        { "centos", "reverse" }                             },
	{ "cirros",        { "gocubsgo" }				      },
	{ "cisco",         { "cisco" }					 },
	{ "debian",        { "debian", "live", "temppwd" }                     },
	{ "demo",          { "demo" }					  },
	{ "deploy",        { "deploy" }					},
	{ "dev",           { "dev" }					   },
	{ "developer",     { "developer" }                                     },
	{ "docker",        { "docker", "tcuser" }                              },
	{ "ec2-user",      { "ec2-user" }				      },
	{ "elastic",       { "changeme", "elastic" }                           },
	{ "es",            { "es", "elasticsearch" }                           },
	{ "esuser",        { "esuser" }					},
	{ "fedora",        { "fedora" }					},
	{ "ftp",           { "ftp" }					   },
	{ "ftpuser",       { "ftpuser", "password", "asteriskftp" }            },
	{ "git",           { "git" }					   },
	{ "gitlab",        { "gitlab", "5iveL!fe" }                            },
	{ "grafana",       { "grafana", "admin" }                              },
	{ "guest",         { "guest" }					 },
	{ "hadoop",        { "hadoop" }					},
	{ "jenkins",       { "jenkins" }				       },
	{ "kali",          { "kali" }					  },
	{ "kafka",         { "kafka" }					 },
	{ "minecraft",     { "minecraft" }                                     },
	{ "mongodb",       { "mongodb" }				       },
	{ "mysql",         { "mysql", "root" }                                 },
	{ "nagios",        { "nagios", "nagiosadmin", "p@ssword123!" }         },
	{ "nagiosadmin",   { "nagiosadmin", "nagios" }                         },
	{ "nginx",         { "nginx" }					 },
	{ "odroid",        { "odroid" }					},
	{ "odoo",          { "odoo" }					  },
	{ "operator",      { "operator" }				      },
	{ "oracle",        { "oracle", "oracle123", "welcome1" }               },
	{ "osmc",          { "osmc" }					  },
	{ "pi",            { "raspberry", "raspberryraspberry993311" }         },
	{ "postgres",      { "postgres", "postgres123" }                       },
	{ "rabbitmq",      { "guest", "rabbitmq" }                             },
	{ "redis",         { "redis" }					 },
	{ "root",          { "root", "toor", "calvin", "alpine" }              },
	{ "sa",            { "sa" }					    },
	{ "sansforensics", { "forensics" }                                     },
	{ "steam",         { "steam" }					 },
	{ "support",       { "support" }				       },
	{ "sysadmin",      { "sysadmin" }				      },
	{ "teamspeak",     { "teamspeak", "ts3" }                              },
	{ "temp",          { "temp" }					  },
	{ "test",          { "test", "test123", "testing" }                    },
	{ "testuser",      { "testuser", "test" }                              },
	{ "tomcat",        { "tomcat", "s3cret" }                              },
	{ "ubnt",          { "ubnt" }					  },
	{ "ubuntu",        { "ubuntu", "ubuntu123" }                           },
	{ "user",          { "user", "user123", "password" }                   },
	{ "vagrant",       { "vagrant" }				       },
	{ "vnc",           { "vnc" }					   },
	{ "vpn",           { "vpn" }					   },
	{ "vyos",          { "vyos" }					  },
	{ "web",           { "web" }					   },
	{ "weblogic",      { "welcome1", "weblogic" }                          },
	{ "webmaster",     { "webmaster" }                                     },
	{ "www",           { "www" }					   },
	{ "www-data",      { "www-data" }				      },
	{ "zabbix",        { "zabbix" }					},
};

static const char *const common[] = {
	"p@ssword123!", "password",     "123456",       "P@ssw0rd",     "admin",
	"Password1",    "password123",  "changeme",     "12345678",     "qwerty",
	"letmein",      "welcome1",     "Password123",  "123456789",    "P@ssw0rd123",
	"root",         "toor",         "Password1!",   "1234",         "12345",
	"Welcome1",     "Passw0rd",     "p@ssw0rd",     "p@ssword",     "test",
	"test123",      "admin123",     "qwerty123",    "abc123",       "111111",
	"password1",    "Password123!", "password123!", "Welcome123",   "Admin123",
	"Admin@123",    "P@ssword1",    "P@ssword123",  "P@ssword123!", "P@ssword",
	"P@ssw0rd!",    "1q2w3e4r",     "1qaz2wsx",     "1qaz@WSX",     "!QAZ2wsx",
	"zaq12wsx",     "qazwsx",       "q1w2e3r4",     "1q2w3e",       "123123",
	"1234567",      "1234567890",   "000000",       "654321",       "666666",
	"iloveyou",     "monkey",       "dragon",       "master",       "sunshine",
	"princess",     "football",     "baseball",     "superman",     "trustno1",
	"shadow",       "secret",       "default",      "guest",        "user",
	"login",        "passw0rd",     "pass",         "pass123",      "pass1234",
	"passwd",       "hello",        "hello123",     "welcome",      "welcome123",
	"Welcome123!",  "Welcome1!",    "Changeme1",    "ChangeMe123",  "Changeme123!",
	"changeme123",  "Qwerty123",    "Qwerty123!",   "qwertyuiop",   "asdfgh",
	"asdfghjkl",    "zxcvbnm",      "zxcvbn",       "aa123456",     "a123456",
	"123qwe",       "123321",       "112233",       "121212",       "159753",
	"555555",       "696969",       "777777",       "888888",       "987654321",
	"11111111",     "88888888",     "00000000",     "1111",         "0000",
	"Summer2023",   "Summer2024",   "Summer2025",   "Winter2023",   "Winter2024",
	"Winter2025",   "Spring2024",   "Spring2025",   "Autumn2024",   "Autumn2025",
	"password2023", "password2024", "password2025", "Password2024", "Password2025",
	"admin2024",    "admin2025",    "root123",      "root1234",     "rootroot",
	"toor123",      "server",       "server123",    "linux",        "debian",
	"ubuntu",       "centos",       "raspberry",    "vagrant",      "docker",
	"oracle",       "postgres",     "mysql",        "nagios",       "nagiosadmin",
	"tomcat",       "jenkins",      "azureuser",    "Azure123!",    "Azure@123",
	"letmein1",     "letmein123",   "Letmein1!",    "access",       "administrator",
	"support",      "system",       "manager",      "internet",     "computer",
	"company",      "company123",   "temp",         "temp123",      "temporary",
	"demo",         "demo123",      "backup",       "backup123",    "god",
	"love",         "freedom",      "whatever",     "starwars",     "batman",
};

struct list {
	struct guess *out;
	size_t n;
};

static void add(struct list *l, const char *password, const char *kind)
{
	if (!password || l->n == GUESSES_MAX)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->out[i].password, password))
			return;
	}
	l->out[l->n++] = (struct guess){ password, kind };
}

static void add_services(struct list *l, struct str user)
{
	for (size_t i = 0; i < COUNT(services); i++) {
		if (!str_eq(user, str_of(services[i].user)))
			continue;
		for (size_t j = 0; j < COUNT(services[i].passwords); j++)
			add(l, services[i].passwords[j], "service-default");
	}
}

/* "Name": the first letter as a capital. */
static struct str capital(struct str s, struct arena *a)
{
	struct str copy = arena_str(a, s);

	if (copy.ptr && copy.len)
		((char *)copy.ptr)[0] = (char)toupper((unsigned char)copy.ptr[0]);
	return copy;
}

static void add_variants(struct list *l, struct str name, const char *kind, struct arena *a)
{
	static const char *const ends[] = { "1",    "@123", "!",  "123!", "1234",
					    "2024", "2025", "12", "12345" };
	struct str big = capital(name, a);

	for (size_t i = 0; i < COUNT(ends); i++)
		add(l, arena_cat(a, name, str_of(ends[i]), STR("")).ptr, kind);
	if (!big.ptr)
		return;
	add(l, big.ptr, kind);
	for (size_t i = 0; i < COUNT(ends); i++)
		add(l, arena_cat(a, big, str_of(ends[i]), STR("")).ptr, kind);
	add(l, arena_cat(a, big, STR("123"), STR("")).ptr, kind);
	add(l, arena_cat(a, name, name, STR("")).ptr, kind);
}

size_t guesses_for(struct str user, struct str host, struct arena *a, struct guess *ret)
{
	struct list l = { .out = ret };

	add(&l, arena_cstr(a, user), "username");
	add_services(&l, user);
	for (size_t i = 0; i < 3; i++)
		add(&l, common[i], "common");
	add(&l, arena_cat(a, user, STR("123"), STR("")).ptr, "username");
	add(&l, "", "empty");
	for (size_t i = 3; i < 7; i++)
		add(&l, common[i], "common");
	if (host.len)
		add(&l, arena_cstr(a, host), "hostname");
	for (size_t i = 7; i < 40; i++)
		add(&l, common[i], "common");
	add_variants(&l, user, "username", a);
	if (host.len) {
		add(&l, arena_cat(a, host, STR("123"), STR("")).ptr, "hostname");
		add(&l, arena_cat(a, host, STR("1"), STR("")).ptr, "hostname");
	}
	for (size_t i = 40; i < COUNT(common); i++)
		add(&l, common[i], "common");
	return l.n;
}
