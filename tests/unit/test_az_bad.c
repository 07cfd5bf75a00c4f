/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong in Azure's files is unknown, and is said with file and line. */
#include "az_print.h"
#include "fault.h"

#define ID "/subscriptions/0/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n"
#define HEAD "[{\"id\":\"" ID "\",\n\"securityRules\":[\n"
#define GOOD                                                                                  \
	"{\"name\":\"good\",\"priority\":100,\"direction\":\"Inbound\",\"access\":\"Allow\"," \
	"\"protocol\":\"Tcp\",\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\","       \
	"\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"22\"}"

/* One rule of which members are replaced: what it becomes, and what is said on its line. */
static void rule(const char *members, const char *want, const char *problem)
{
	own(buf_release) struct buf text = BUF((size_t)1 << 16), out = BUF((size_t)1 << 16);
	own(az_test_release) struct az_test t = {};
	char line[400];

	buf_fmt(&text, "%s{\"name\":\"r\",%s}]}]", HEAD, members);
	az_test_text(&t, text.ptr);
	if (!is_int(t.error >= 0 && t.model.n_nsgs ? t.model.nsgs[0].rules.n : 0, 1, members))
		return;
	az_print_rule(&t.model.nsgs[0].rules.list[0], &out);
	is_str(str_trim(buf_view(&out)), str_of(want), "the rule is there");
	snprintf(line, sizeof line, "file.json:3: %s\n", problem);
	is_str(buf_view(&t.problems), str_of(problem[0] ? line : ""), "what is said");
	ok(t.model.nsgs[0].rules.list[0].why.len > 0, "the rule says that something is unknown");
}

#define REST                                                                            \
	"\"access\":\"Allow\",\"direction\":\"Inbound\",\"sourceAddressPrefix\":\"*\"," \
	"\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\""

static void test_rules(void)
{
	rule(REST ",\"priority\":99,\"protocol\":\"Tcp\",\"destinationPortRange\":\"22\"",
	     "0 in allow rule r Tcp from=* sports=* to=* ports=22",
	     "'99' is no number from 100 to 4096");
	rule(REST ",\"priority\":4097,\"protocol\":\"Tcp\",\"destinationPortRange\":\"22\"",
	     "0 in allow rule r Tcp from=* sports=* to=* ports=22",
	     "'4097' is no number from 100 to 4096");
	rule(REST ",\"protocol\":\"Tcp\",\"destinationPortRange\":\"22\"",
	     "0 in allow rule r Tcp from=* sports=* to=* ports=22", "");
	rule(REST ",\"priority\":100,\"protocol\":\"Sctp\",\"destinationPortRange\":\"22\"",
	     "100 in allow rule r protocol? from=* sports=* to=* ports=22",
	     "'Sctp' is no protocol of a rule");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\",\"destinationPortRange\":\"22-\"",
	     "100 in allow rule r Tcp from=* sports=* to=* ports?",
	     "'22-' is no port, range of ports or *");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\",\"destinationPortRange\":\"0\"",
	     "100 in allow rule r Tcp from=* sports=* to=* ports?",
	     "'0' is no port, range of ports or *");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\","
		  "\"destinationPortRanges\":[\"22\",\"65536\"]",
	     "100 in allow rule r Tcp from=* sports=* to=* ports=22?",
	     "'65536' is no port, range of ports or *");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\",\"destinationPortRange\":\"90-80\"",
	     "100 in allow rule r Tcp from=* sports=* to=* ports?",
	     "'90-80' is no port, range of ports or *");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\"",
	     "100 in allow rule r Tcp from=* sports=* to=* ports?", "");
	rule("\"access\":\"Permit\",\"direction\":\"Inbound\",\"priority\":100,\"protocol\":\"*\","
	     "\"sourceAddressPrefix\":\"10.0.0.0/33\",\"sourcePortRange\":\"*\","
	     "\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"",
	     "100 in ? rule r * from? sports=* to=* ports=*",
	     "'Permit' is no access\nfile.json:3: '10.0.0.0/33' is no address, prefix, service tag "
	     "or *");
	rule("\"access\":\"Allow\",\"direction\":\"Sideways\",\"priority\":100,\"protocol\":\"*\","
	     "\"sourceAddressPrefixes\":[\"10.0.0.0/8\",\"not a tag\"],\"sourcePortRange\":\"*\","
	     "\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"",
	     "100 ? allow rule r * from=10.0.0.0/8? sports=* to=* ports=*",
	     "'Sideways' is no direction\nfile.json:3: 'not a tag' is no address, prefix, service "
	     "tag or *");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\",\"destinationPortRange\":\"22\","
		  "\"destinationPortRange\":\"80\"",
	     "100 in allow rule r Tcp from=* sports=* to=* ports?",
	     "destinationPortRange is there twice");
	rule(REST ",\"priority\":100,\"protocol\":\"Tcp\",\"destinationPortRange\":\"22\","
		  "\"Priority\":200",
	     "0 in allow rule r Tcp from=* sports=* to=* ports=22", "priority is there twice");
}

/* What Azure means by it is plain. */
static void test_accepted(void)
{
	az_says(HEAD
		"{\"name\":\"r\",\"priority\":\"100\",\"direction\":\"INBOUND\","
		"\"access\":\"allow\",\"protocol\":\"TCP\","
		"\"sourceAddressPrefix\":\"10.0.0.0/8, FutureTag.WestEurope\","
		"\"sourcePortRange\":\"0-65535\",\"destinationAddressPrefix\":\"2001:db8::/32\","
		"\"destinationPortRange\":\"80,443\"}]}]",
		"nsg n\n  100 in allow rule r TCP from=10.0.0.0/8,FutureTag.WestEurope "
		"sports=0-65535 to=2001:db8::/32 ports=80,443\n",
		"lists with commas, other case, digits in quotes, tags of later days");
}

static void test_priorities(void)
{
	own(az_test_release) struct az_test t = {};

	az_test_text(&t, HEAD GOOD ",\n" GOOD "]}]");
	is_str(buf_view(&t.problems),
	       STR("file.json:4: rule 'good': another rule has its priority 100, too\n"),
	       "a priority that is there twice");
	is_int(t.model.nsgs[0].rules.n, 2, "both rules are there");
}

static void error(const char *text, int want, unsigned line, const char *reason)
{
	own(az_test_release) struct az_test t = {};
	const struct az_file files[] = {
		{STR("good.json"), STR(HEAD GOOD "]}]")},
                { STR("bad.json"), str_of(text)        }
	};

	az_test_load(&t, files, COUNT(files));
	is_int(t.error, want, reason);
	is_str(str_of(t.d.reason), str_of(reason), "its reason");
	is_str(str_of(t.d.file), STR("bad.json"), "its file");
	is_int(t.d.line, line, "its line");
	ok(!t.model.n_nsgs, "nothing is returned");
}

static void test_errors(void)
{
	error(HEAD GOOD, -EBADMSG, 3, "the text ends too early");
	error("", -EBADMSG, 1, "the text is empty");
	error("[\n{\"id\":\"\xc3\"}]", -EBADMSG, 2, "a string is not UTF-8");
	error("\xff\xfe[", -EBADMSG, 0, "neither UTF-8 nor UTF-16");
}

static void unread(const char *text, const char *problem)
{
	own(az_test_release) struct az_test t = {};
	char line[200];

	snprintf(line, sizeof line, "file.json:%s\n", problem);
	az_test_text(&t, text);
	is_int(t.error, 0, "it is read");
	is_str(buf_view(&t.problems), str_of(problem[0] ? line : ""), "what is said of it");
}

static void test_strangers(void)
{
	unread("{\"name\":\"left-pad\",\"version\":\"1.0\"}",
	       "1: neither a resource of Azure nor a list of them");
	unread("[\n1,\n{}]", "2: neither a resource of Azure nor a list of them\n"
			     "file.json:3: neither a resource of Azure nor a list of them");
	unread("[]", "");
	unread("[[],[null]]", "");
	unread("{\"value\":[]}", "");
	unread("{\"id\":\"/subscriptions/0/resourceGroups/g/providers/Microsoft.Web/sites/s\"}",
	       "");
	unread("{\"$schema\":\"https://schema.management.azure.com/schemas/0.1.2-preview/"
	       "CreateUIDefinition.MultiVm.json#\",\"parameters\":{}}",
	       "");
}

static void test_long_line(void)
{
	own(buf_release) struct buf text = BUF((size_t)64 << 20);
	own(az_test_release) struct az_test t = {};
	struct az_file file = { .name = STR("long.json") };

	buf_puts(&text, HEAD GOOD);
	for (int i = 0; i < 60000; i++)
		buf_fmt(&text, "," GOOD);
	buf_puts(&text, "]}]");
	file.text = buf_view(&text);
	az_test_load(&t, &file, 1);
	is_int(t.error, 0, "an NSG of 60,001 rules");
	ok(t.model.nsgs[0].rules.unknown, "is more than an NSG may have: its rules are not known");
}

static int load_all(void *text)
{
	own(az_test_release) struct az_test t = {};
	const struct az_file file = { STR("file.json"), str_of(text) };

	az_test_load(&t, &file, 1);
	return t.error;
}

static void test_faults(void)
{
	fault_walk(load_all, (char[]){ HEAD GOOD "]}]" }, "any allocation may fail: rules");
	fault_walk(load_all,
		   (char[]){ "{\"$schema\":\"deploymentTemplate.json\",\"variables\":{\"a\":\"x\"},"
			     "\"resources\":[{\"type\":\"Microsoft.Network/networkSecurityGroups\","
			     "\"name\":\"[format('{0}-{1}',variables('a'),uniqueString('b'))]\","
			     "\"properties\":{\"securityRules\":[" GOOD "]}}]}" },
		   "any allocation may fail: a template");
	fault_walk(load_all,
		   (char[]){ "{\"format_version\":\"1\",\"planned_values\":{\"root_module\":{"
			     "\"resources\":[{\"address\":\"azurerm_public_ip.a\",\"type\":"
			     "\"azurerm_public_ip\",\"name\":\"a\",\"values\":{\"name\":\"a\","
			     "\"sku\":\"Basic\"}}]}}}" },
		   "any allocation may fail: a plan");
}

int main(void)
{
	test_rules();
	test_accepted();
	test_priorities();
	test_errors();
	test_strangers();
	test_long_line();
	test_faults();
	return done();
}
