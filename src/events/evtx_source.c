/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Channels, services and categories: Sigma Taxonomy Appendix (SigmaHQ/sigma-specification) and
 * SigmaHQ/sigma tests/thor.yml, which also names the fields of other events that are those of the
 * category; antivirus: the event ids of Microsoft Defender that bear a threat.
 */
#include "events/evtx_source.h"

/* Of rows with one channel the first counts whose service anybody asked for. */
const struct evtx_channel evtx_channels[] = {
	{"Application",							       "application"                },
	{ "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
         "application-experience"										  },
	{ "Microsoft-Windows-Application-Experience/Program-Telemetry",               "application-experience"     },
	{ "Microsoft-Windows-AppLocker/EXE and DLL",                                  "applocker"                  },
	{ "Microsoft-Windows-AppLocker/MSI and Script",                               "applocker"                  },
	{ "Microsoft-Windows-AppLocker/Packaged app-Deployment",                      "applocker"                  },
	{ "Microsoft-Windows-AppLocker/Packaged app-Execution",                       "applocker"                  },
	{ "Microsoft-Windows-AppModel-Runtime/Admin",                                 "appmodel-runtime"           },
	{ "Microsoft-Windows-AppXDeploymentServer/Operational",                       "appxdeployment-server"      },
	{ "Microsoft-Windows-AppxPackaging/Operational",                              "appxpackaging-om"           },
	{ "Microsoft-Windows-BitLocker/BitLocker Management",                         "bitlocker"                  },
	{ "Microsoft-Windows-Bits-Client/Operational",                                "bits-client"                },
	{ "Microsoft-Windows-CAPI2/Operational",                                      "capi2"                      },
	{ "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
         "certificateservicesclient-lifecycle-system"							      },
	{ "Microsoft-Windows-CodeIntegrity/Operational",                              "codeintegrity-operational"  },
	{ "Microsoft-Windows-DHCP-Server/Operational",                                "dhcp"                       },
	{ "Microsoft-Windows-Diagnosis-Scripted/Operational",                         "diagnosis-scripted"         },
	{ "Microsoft-Windows-DNS Client Events/Operational",                          "dns-client"                 },
	{ "DNS Server",							       "dns-server"                 },
	{ "Microsoft-Windows-DNS-Server/Analytical",                                  "dns-server-analytic"        },
	{ "Microsoft-Windows-DNS-Server/Audit",                                       "dns-server-audit"           },
	{ "Microsoft-Windows-DriverFrameworks-UserMode/Operational",                  "driver-framework"           },
	{ "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",       "firewall-as"                },
	{ "Microsoft-Windows-Hyper-V-Worker",                                         "hyper-v-worker"             },
	{ "Microsoft-IIS-Configuration/Operational",                                  "iis-configuration"          },
	{ "Microsoft-Windows-Kernel-EventTracing",                                    "kernel-event-tracing"       },
	{ "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",                           "kernel-shimengine"          },
	{ "Microsoft-Windows-Kernel-ShimEngine/Operational",                          "kernel-shimengine"          },
	{ "Microsoft-Windows-LDAP-Client/Debug",                                      "ldap"                       },
	{ "Microsoft-Windows-LSA/Operational",                                        "lsa-server"                 },
	{ "MSExchange Management",						    "msexchange-management"      },
	{ "Microsoft-Windows-Ntfs/Operational",                                       "ntfs"                       },
	{ "Microsoft-Windows-NTLM/Operational",                                       "ntlm"                       },
	{ "OpenSSH/Operational",						      "openssh"                    },
	{ "Microsoft-Windows-PowerShell/Operational",                                 "powershell"                 },
	{ "PowerShellCore/Operational",					       "powershell"                 },
	{ "Windows PowerShell",						       "powershell-classic"         },
	{ "Microsoft-Windows-PrintService/Admin",                                     "printservice-admin"         },
	{ "Microsoft-Windows-PrintService/Operational",                               "printservice-operational"   },
	{ "Security",								 "security"                   },
	{ "Microsoft-Windows-Security-Mitigations/Kernel Mode",                       "security-mitigations"       },
	{ "Microsoft-Windows-Security-Mitigations/User Mode",                         "security-mitigations"       },
	{ "Microsoft-Windows-SENSE/Operational",                                      "sense"                      },
	{ "Microsoft-ServiceBus-Client/Admin",                                        "servicebus-client"          },
	{ "Microsoft-ServiceBus-Client/Operational",                                  "servicebus-client"          },
	{ "Microsoft-Windows-Shell-Core/Operational",                                 "shell-core"                 },
	{ "Microsoft-Windows-SmbClient/Connectivity",                                 "smbclient-connectivity"     },
	{ "Microsoft-Windows-SmbClient/Security",                                     "smbclient-security"         },
	{ "Microsoft-Windows-SMBServer/Connectivity",                                 "smbserver-connectivity"     },
	{ "Microsoft-Windows-Sysmon/Operational",                                     "sysmon"                     },
	{ "System",								   "system"                     },
	{ "Microsoft-Windows-TaskScheduler/Operational",                              "taskscheduler"              },
	{ "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
         "terminalservices-localsessionmanager"								    },
	{ "Microsoft-Windows-VHDMP/Operational",                                      "vhdmp"                      },
	{ "Microsoft-Windows-Windows Defender/Operational",                           "windefend"                  },
	{ "Microsoft-Windows-WMI-Activity/Operational",                               "wmi"                        },
	{ "Microsoft-ServiceBus-Client/Admin",                                        "microsoft-servicebus-client"},
	{ "Microsoft-ServiceBus-Client/Operational",                                  "microsoft-servicebus-client"},
};
const size_t evtx_n_channels = COUNT(evtx_channels);

/* The first row that fits counts. */
const struct evtx_category evtx_categories[] = {
	{"process_creation",           "sysmon",             { 1 },								      NULL,     NULL              },
	{ "process_creation",          "security",           { 4688 },								   NULL,     NULL              },
	{ "file_change",               "sysmon",             { 2 },								      NULL,     NULL              },
	{ "network_connection",        "sysmon",             { 3 },								      NULL,     NULL              },
	{ "sysmon_status",             "sysmon",             { 4, 16 },								  NULL,     NULL              },
	{ "process_termination",       "sysmon",             { 5 },								      NULL,     NULL              },
	{ "driver_load",               "sysmon",             { 6 },								      NULL,     NULL              },
	{ "image_load",                "sysmon",             { 7 },								      NULL,     NULL              },
	{ "create_remote_thread",      "sysmon",             { 8 },								      NULL,     NULL              },
	{ "raw_access_thread",         "sysmon",             { 9 },								      NULL,     NULL              },
	{ "process_access",            "sysmon",             { 10 },								     NULL,     NULL              },
	{ "file_event",                "sysmon",             { 11 },								     NULL,     NULL              },
	{ "registry_add",              "sysmon",             { 12 },								     "Create", "registry_event"  },
	{ "registry_delete",           "sysmon",             { 12 },								     "Delete", "registry_event"  },
	{ "registry_event",            "sysmon",             { 12 },								     NULL,     NULL              },
	{ "registry_set",              "sysmon",             { 13 },								     NULL,     "registry_event"  },
	{ "registry_rename",           "sysmon",             { 14 },								     NULL,     "registry_event"  },
	{ "create_stream_hash",        "sysmon",             { 15 },								     NULL,     NULL              },
	{ "pipe_created",              "sysmon",             { 17, 18 },								 NULL,     NULL              },
	{ "wmi_event",                 "sysmon",             { 19, 20, 21 },							     NULL,     NULL              },
	{ "dns_query",                 "sysmon",             { 22 },								     NULL,     NULL              },
	{ "file_delete",               "sysmon",             { 23 },								     NULL,     NULL              },
	{ "clipboard_capture",         "sysmon",             { 24 },								     NULL,     "clipboard_change"},
	{ "process_tampering",         "sysmon",             { 25 },								     NULL,     NULL              },
	{ "file_delete_detected",      "sysmon",             { 26 },								     NULL,     "file_delete"     },
	{ "file_block_executable",     "sysmon",             { 27 },								     NULL,     NULL              },
	{ "file_block_shredding",      "sysmon",             { 28 },								     NULL,     NULL              },
	{ "file_executable_detected",  "sysmon",             { 29 },								     NULL,     NULL              },
	{ "sysmon_error",              "sysmon",             { 255 },								    NULL,     NULL              },
	{ "ps_module",                 "powershell",         { 4103 },								   NULL,     NULL              },
	{ "ps_script",                 "powershell",         { 4104 },								   NULL,     NULL              },
	{ "ps_classic_start",          "powershell-classic", { 400 },								    NULL,     NULL              },
	{ "ps_classic_provider_start", "powershell-classic", { 600 },                                                                    NULL,     NULL              },
	{ "ps_classic_script",         "powershell-classic", { 800 },								    NULL,     NULL              },
	{ "antivirus",
         "windefend",					{ 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116 },
         NULL,																     NULL              },
};
const size_t evtx_n_categories = COUNT(evtx_categories);

const struct evtx_alias evtx_aliases[] = {
	{"process_creation",  "security",  "NewProcessName",    "Image"      },
	{ "process_creation", "security",  "ParentProcessName", "ParentImage"},
	{ "antivirus",        "windefend", "Threat Name",       "Signature"  },
	{ "antivirus",        "windefend", "Path",              "Filename"   },
};
const size_t evtx_n_aliases = COUNT(evtx_aliases);

/* [EVTX_ORIGINAL_EVENT_TYPE - 1] is EventType, then the originals of the aliases. */
uint8_t evtx_original_find(struct str name)
{
	if (str_eq(name, STR("EventType")))
		return EVTX_ORIGINAL_EVENT_TYPE;
	for (size_t i = 0; i < evtx_n_aliases; i++)
		if (str_eq(name, str_of(evtx_aliases[i].original)))
			return (uint8_t)(EVTX_ORIGINAL_EVENT_TYPE + 1 + i);
	return 0;
}

struct numbers {
	uint16_t category, wider;
};

struct evtx_sources {
	uint16_t windows;
	uint16_t services[COUNT(evtx_channels)];
	struct numbers categories[COUNT(evtx_categories)];
	uint16_t fields[COUNT(evtx_aliases)];
};
_Static_assert(EVTX_ORIGINAL_EVENT_TYPE + COUNT(evtx_aliases) < EVTX_ORIGINALS_MAX, "originals");

static uint16_t number(const struct names *names, const char *name)
{
	return name ? names_find(names, str_of(name)) : 0;
}

int evtx_sources_new(const struct names *names, struct evtx_sources **ret)
{
	struct evtx_sources *s = calloc(1, sizeof *s);

	if (!s)
		return -ENOMEM;
	s->windows = number(names, "windows");
	for (size_t i = 0; i < evtx_n_channels; i++)
		s->services[i] = number(names, evtx_channels[i].service);
	for (size_t i = 0; i < evtx_n_categories; i++)
		s->categories[i] = (struct numbers){
			number(names, evtx_categories[i].category),
			number(names, evtx_categories[i].wider),
		};
	for (size_t i = 0; i < evtx_n_aliases; i++)
		s->fields[i] = number(names, evtx_aliases[i].field);
	*ret = s;
	return 0;
}

void evtx_sources_release(struct evtx_sources **s)
{
	free(*s);
	*s = NULL;
}

int evtx_source_channel(const struct evtx_sources *s, struct str channel)
{
	int found = -1;

	for (size_t i = 0; i < evtx_n_channels; i++)
		if (str_ieq(channel, str_of(evtx_channels[i].channel)) &&
		    (found < 0 || !s->services[found]))
			found = (int)i;
	return found;
}

static bool has_id(const struct evtx_category *c, int64_t id)
{
	for (size_t i = 0; i < COUNT(c->ids) && c->ids[i]; i++)
		if (c->ids[i] == id)
			return true;
	return false;
}

static void add_aliases(const struct evtx_sources *s, const struct evtx_category *c,
			struct evtx_source *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < evtx_n_aliases && n < COUNT(ret->aliases); i++) {
		const struct evtx_alias *a = &evtx_aliases[i];

		if (!strcmp(a->category, c->category) && !strcmp(a->service, c->service))
			ret->aliases[n++] = (struct evtx_source_alias){
				evtx_original_find(str_of(a->original)),
				s->fields[i],
			};
	}
}

struct evtx_source evtx_source_find(const struct evtx_sources *s, int channel, int64_t event_id,
				    struct str event_type)
{
	struct evtx_source ret = { .source.product = s->windows };

	if (channel < 0)
		return ret;
	ret.source.service = s->services[channel];
	for (size_t i = 0; i < evtx_n_categories; i++) {
		const struct evtx_category *c = &evtx_categories[i];

		if (strcmp(c->service, evtx_channels[channel].service) != 0 ||
		    !has_id(c, event_id) ||
		    (c->event_type && !str_starts(event_type, str_of(c->event_type))))
			continue;
		ret.source.category = s->categories[i].category;
		ret.source.wider = s->categories[i].wider;
		add_aliases(s, c, &ret);
		break;
	}
	return ret;
}
