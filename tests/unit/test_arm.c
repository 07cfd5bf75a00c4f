/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions and the ways in which templates make resources. */
#include "az_print.h"

#define SCHEMA                                                                   \
	"{\"$schema\":\"https://schema.management.azure.com/schemas/2019-04-01/" \
	"deploymentTemplate.json#\",\"contentVersion\":\"1.0.0.0\","
#define NSG_TYPE \
	"\"type\":\"Microsoft.Network/networkSecurityGroups\",\"apiVersion\":\"2020-01-01\""
#define OPEN_RULE                                                                       \
	"\"priority\":100,\"direction\":\"Inbound\",\"access\":\"Allow\","              \
	"\"protocol\":\"Tcp\",\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\"," \
	"\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"22\""

/* The value of an expression, as the name of an NSG; symbols as they stand. */
static void value(const char *expression, const char *want)
{
	own(buf_release) struct buf text = BUF((size_t)1 << 20);
	own(az_test_release) struct az_test t = {};

	buf_fmt(&text,
		SCHEMA "\"parameters\":{\"known\":{\"type\":\"string\",\"defaultValue\":\"Abc\"},"
		       "\"list\":{\"type\":\"array\",\"defaultValue\":[\"x\",\"y\",\"z\"]},"
		       "\"object\":{\"type\":\"object\",\"defaultValue\":{\"a\":{\"b\":[7,8]}}},"
		       "\"number\":{\"type\":\"int\",\"defaultValue\":\"3\"},"
		       "\"open\":{\"type\":\"string\"}},\"variables\":{\"v\":\"[concat(parameters("
		       "'known'),'!')]\",\"a\":\"[variables('b')]\",\"b\":\"[variables('a')]\","
		       "\"copy\":[{\"name\":\"made\",\"count\":3,\"input\":\"[concat('n',copyIndex("
		       "'made',1))]\"}]},\"resources\":[{" NSG_TYPE ",\"name\":\"[%s]\","
		       "\"properties\":{}}]}",
		expression);
	az_test_text(&t, text.ptr);
	if (is_int(t.error >= 0 ? t.model.n_nsgs : 0, 1, "one NSG"))
		is_str(t.model.nsgs[0].item.name, str_of(want), expression);
}

static void test_values(void)
{
	static const struct {
		const char *expression, *want;
	} cases[] = {
  /* clang-format off */
		{ "'it''s'", "it's" },
		{ "parameters('known')", "Abc" },
		{ "PARAMETERS('KNOWN')", "Abc" },
		{ "variables('v')", "Abc!" },
		{ "parameters('open')", "{parameters('open')}" },
		{ "variables('none')", "{variables('none')}" },
		{ "variables('a')", "{variables('a')}" },
		{ "concat('a',1,true(),'b')", "a1Trueb" },
		{ "concat('a-',parameters('open'))", "a-{parameters('open')}" },
		{ "join(concat(createArray('a'),parameters('list')),'')", "axyz" },
		{ "format('{0}-{1}{{}}',parameters('known'),5)", "Abc-5{}" },
		{ "format('{0:D3}',5)", "{format('{0:D3}',5)}" },
		{ "toLower(parameters('known'))", "abc" },
		{ "toUpper('aé')", "Aé" },
		{ "trim('  a ')", "a" },
		{ "replace('a.b.c','.','--')", "a--b--c" },
		{ "join(split('a,b;c',createArray(',',';')),'|')", "a|b|c" },
		{ "split('a,b',',')[1]", "b" },
		{ "substring('abcdef',2,3)", "cde" },
		{ "substring('abc',2,9)", "{substring('abc',2,9)}" },
		{ "padLeft(7,3,'0')", "007" },
		{ "concat('p',indexOf('Hallo','L'),lastIndexOf('Hallo','l'))", "p23" },
		{ "if(startsWith('Hallo','HA'),'yes','no')", "yes" },
		{ "if(endsWith('Hallo','lo'),'yes','no')", "yes" },
		{ "if(equals('a','A'),'yes','no')", "no" },
		{ "if(parameters('open'),'same','same')", "same" },
		{ "if(equals(parameters('open'),'x'),'a','b')",
		  "{if({equals({parameters('open')},'x')},'a','b')}" },
		{ "if(and(true(),not(false()),or(false(),equals(1,1))),'yes','no')", "yes" },
		{ "if(and(false(),parameters('open')),'yes','no')", "no" },
		{ "if(or(true(),parameters('open')),'yes','no')", "yes" },
		{ "coalesce(null(),parameters('list')[2])", "z" },
		{ "concat('n',length(parameters('list')),length('abcd'))", "n34" },
		{ "if(empty(createArray()),'e','f')", "e" },
		{ "if(contains(parameters('list'),'y'),'yes','no')", "yes" },
		{ "if(contains(parameters('object'),'A'),'yes','no')", "yes" },
		{ "if(contains('abc','bc'),'yes','no')", "yes" },
		{ "concat(first(parameters('list')),last(parameters('list')),first('qr'))", "xzq" },
		{ "join(union(createArray('a'),createArray('b','a')),'')", "ab" },
		{ "string(union(createObject('a',1),createObject('b',2)))", "{\"a\":1,\"b\":2}" },
		{ "join(intersection(parameters('list'),createArray('z','x')),'')", "xz" },
		{ "join(range(3,4),',')", "3,4,5,6" },
		{ "concat(add(1,2),sub(1,2),mul(3,4),div(9,2),mod(9,2),min(3,2),max(1,9))",
		  "3-1124129" },
		{ "concat('d',div(1,0))", "d{div(1,0)}" },
		{ "concat(take('abc',2),skip('abc',2))", "abc" },
		{ "string(json('{\\\"a\\\":[1,null,true]}'))", "{\"a\":[1,null,true]}" },
		{ "string(array('x'))", "[\"x\"]" },
		{ "concat(int('5'),bool('true'),bool(0))", "5TrueFalse" },
		{ "concat('n',parameters('number'))", "n3" },
		{ "concat('n',add(parameters('number'),1))", "n4" },
		{ "concat('n',parameters('object').a.b[1])", "n8" },
		{ "concat('n',parameters('object')['a']['b'][0])", "n7" },
		{ "join(variables('made'),'')", "n1n2n3" },
		{ "concat(uniqueString('a'),'-',uniqueString('a'))",
		  "{uniquestring('a')}-{uniquestring('a')}" },
		{ "last(split(resourceId('Microsoft.X/a/b','n','m'),'X/'))", "m" },
		{ "replace(resourceId('g','Microsoft.X/a','n'),'/','.')",
		  ".subscriptions.{subscription}.resourceGroups.g.providers.Microsoft.X.a.n" },
		{ "replace(subscriptionResourceId('Microsoft.X/a','n'),'/','.')",
		  ".subscriptions.{subscription}.providers.Microsoft.X.a.n" },
		{ "resourceGroup().name", "{resourceGroup}" },
		{ "subscription().subscriptionId", "{subscription}" },
		{ "someDay(parameters('known'),createArray(1,'b'))", "{someday('Abc',[1,'b'])}" },
		{ "parameters('list')[9]", "{no 9}" },
		{ "tryGet(parameters('object'),'a','c')", "" },
		{ "join(objectKeys(createObject('b',1,'a',2)),'')", "ab" },
		{ "items(createObject('k','w'))[0].value", "w" },
		{ "join(flatten(createArray(createArray('a'),createArray('b'))),'')", "ab" },
  /* clang-format on */
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		value(cases[i].expression, cases[i].want);
}

/* What is no expression is unknown, each place for itself. */
static void test_syntax(void)
{
	static const char *const expressions[] = {
		"concat('a'",   "'a",  "concat('a',)",     "a b", "(1)",
		"concat('a'))", "1 2", "parameters('x').", ""
	};

	for (size_t i = 0; i < COUNT(expressions); i++) {
		own(buf_release) struct buf text = BUF((size_t)1 << 16);
		own(az_test_release) struct az_test t = {};

		buf_fmt(&text,
			SCHEMA "\"resources\":[{" NSG_TYPE ",\"name\":\"n\",\"properties\":{"
			       "\"securityRules\":[{\"name\":\"[%s]\",\"properties\":{" OPEN_RULE
			       "}},{\"name\":\"r\",\"properties\":{" OPEN_RULE
			       ",\"destinationPortRanges\":[\"[%s]\"]}}]}}]}",
			expressions[i], expressions[i]);
		az_test_text(&t, text.ptr);
		if (!is_int(t.error >= 0 && t.model.n_nsgs ? t.model.nsgs[0].rules.n : 0, 2,
			    "the rules are there"))
			continue;
		ok(t.model.nsgs[0].rules.list[0].name.ptr[0] == '{', "a name that is a symbol");
		ok(t.model.nsgs[0].rules.list[1].ports.unknown, "a port that is not known");
	}
}

static void test_copies(void)
{
	az_says(SCHEMA "\"resources\":[{" NSG_TYPE ",\"name\":\"[concat('n',copyIndex(5))]\","
		       "\"copy\":{\"name\":\"loop\",\"count\":2},\"properties\":{\"copy\":[{"
		       "\"name\":\"securityRules\",\"count\":2,\"input\":{\"name\":\"[concat('r',"
		       "copyIndex('securityRules'),'-',copyIndex('loop'))]\",\"properties\":{"
		       "\"priority\":\"[add(200,copyIndex('securityRules'))]\","
		       "\"direction\":\"Inbound\",\"access\":\"Deny\",\"protocol\":\"*\","
		       "\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\","
		       "\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"}}}]}}]}",
		"nsg n5\n"
		"  200 in deny rule r0-0 * from=* sports=* to=* ports=*\n"
		"  201 in deny rule r1-0 * from=* sports=* to=* ports=*\n"
		"nsg n6\n"
		"  200 in deny rule r0-1 * from=* sports=* to=* ports=*\n"
		"  201 in deny rule r1-1 * from=* sports=* to=* ports=*\n",
		"copies of resources and of members");
	az_says(SCHEMA "\"parameters\":{\"n\":{\"type\":\"int\"}},\"resources\":[{" NSG_TYPE
		       ",\"name\":\"n\",\"properties\":{}},{\"type\":\"Microsoft.Network/"
		       "networkSecurityGroups/securityRules\",\"name\":\"n/r\",\"copy\":{\"name\":"
		       "\"c\",\"count\":\"[parameters('n')]\"},\"properties\":{" OPEN_RULE "}}]}",
		"nsg n rules?\n  100 in allow maybe r Tcp from=* sports=* to=* ports=22\n",
		"a loop whose length is not known");
	az_says(SCHEMA "\"resources\":[{" NSG_TYPE ",\"name\":\"[concat('n',copyIndex())]\","
		       "\"copy\":{\"name\":\"loop\",\"count\":0},\"properties\":{}}]}",
		"", "no turn");
}

static void test_conditions(void)
{
	az_says(SCHEMA
		"\"parameters\":{\"p\":{\"type\":\"bool\"}},\"resources\":["
		"{" NSG_TYPE ",\"name\":\"no\",\"condition\":false,\"properties\":{}},"
		"{" NSG_TYPE ",\"name\":\"yes\",\"condition\":\"[equals(1,1)]\",\"properties\":{}},"
		"{" NSG_TYPE ",\"name\":\"perhaps\",\"condition\":\"[parameters('p')]\","
		"\"properties\":{\"securityRules\":[{\"name\":\"a\",\"properties\":{" OPEN_RULE
		"}}]}},"
		"{" NSG_TYPE ",\"name\":\"perhaps\",\"condition\":\"[not(parameters('p'))]\","
		"\"properties\":{\"securityRules\":[{\"name\":\"b\",\"properties\":{" OPEN_RULE
		"}}]}}]}",
		"nsg yes\n"
		"nsg perhaps maybe\n"
		"  100 in allow maybe a Tcp from=* sports=* to=* ports=22\n"
		"  100 in allow maybe b Tcp from=* sports=* to=* ports=22\n",
		"conditions that are known, and branches that are not");
}

static void test_unknown_lists(void)
{
	az_says(SCHEMA
		"\"parameters\":{\"r\":{\"type\":\"array\"}},\"resources\":[{" NSG_TYPE
		",\"name\":\"n\",\"properties\":{\"securityRules\":\"[parameters('r')]\"}},"
		"{\"type\":\"Microsoft.Network/networkInterfaces\",\"name\":\"nic\",\"properties\":"
		"{\"networkSecurityGroup\":\"[if(parameters('r'),json('null'),createObject('id',"
		"'x'))]\",\"ipConfigurations\":\"[parameters('r')]\"}}]}",
		"nsg n rules?\n"
		"nic nic nsg={if({parameters('r')},null,{id:'x'})}? ips?\n",
		"lists and references that are not known");
}

static void test_names(void)
{
	az_says(SCHEMA
		"\"parameters\":{\"p\":{\"type\":\"string\"}},\"languageVersion\":\"2.0\","
		"\"resources\":{\"web\":{" NSG_TYPE ",\"name\":\"[format('{0}-nsg',parameters("
		"'p'))]\",\"properties\":{}},\"old\":{\"existing\":true," NSG_TYPE
		",\"name\":\"old\"},\"nic\":{\"type\":\"Microsoft.Network/networkInterfaces\","
		"\"name\":\"nic\",\"properties\":{\"networkSecurityGroup\":{\"id\":\"[resourceId("
		"'Microsoft.Network/networkSecurityGroups',format('{0}-nsg',parameters('p')))]\"},"
		"\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"subnet\":{\"id\":"
		"\"[resourceId('Microsoft.Network/virtualNetworks/subnets','net','s')]\"}}}]}},"
		"\"net\":{\"type\":\"Microsoft.Network/virtualNetworks\",\"name\":\"net\","
		"\"properties\":{\"subnets\":[{\"name\":\"s\",\"properties\":{\"addressPrefix\":"
		"\"10.0.0.0/24\",\"networkSecurityGroup\":{\"id\":\"[resourceId('Microsoft.Network/"
		"networkSecurityGroups','other')]\"}}}]}}}}",
		"nsg {parameters('p')}-nsg\n"
		"nsg other unseen rules?\n"
		"subnet s nsg=other in=10.0.0.0/24\n"
		"nic nic nsg={parameters('p')}-nsg\n"
		"  ip a  subnet=s\n",
		"names that are not known are still the same name; Bicep's resources by key");
}

#define INNER "\"expressionEvaluationOptions\":{\"scope\":\"inner\"},"

static void test_nested(void)
{
	az_says(SCHEMA
		"\"parameters\":{\"p\":{\"type\":\"string\",\"defaultValue\":\"outer\"}},"
		"\"resources\":[{\"type\":\"Microsoft.Resources/deployments\",\"name\":\"d\","
		"\"properties\":{\"mode\":\"Incremental\",\"template\":{\"parameters\":{\"p\":{"
		"\"type\":\"string\",\"defaultValue\":\"inner\"}},\"resources\":[{" NSG_TYPE
		",\"name\":\"[parameters('p')]\",\"properties\":{}}]}}},"
		"{\"type\":\"Microsoft.Resources/deployments\",\"name\":\"e\",\"properties\":{" INNER
		"\"parameters\":{\"q\":{\"value\":\"[concat(parameters('p'),'!')]\"},\"s\":{"
		"\"reference\":{}}},\"template\":{\"parameters\":{\"p\":{\"defaultValue\":\"inner\"},"
		"\"q\":{},\"s\":{\"defaultValue\":\"x\"}},\"resources\":[{" NSG_TYPE
		",\"name\":\"[concat(parameters('p'),parameters('q'),parameters('s'))]\","
		"\"properties\":{}}],\"outputs\":{\"id\":{\"type\":\"string\",\"value\":"
		"\"[resourceId('Microsoft.Network/networkSecurityGroups','made')]\"}}}}},"
		"{\"type\":\"Microsoft.Network/networkInterfaces\",\"name\":\"nic\",\"properties\":{"
		"\"networkSecurityGroup\":{\"id\":\"[reference(resourceId('Microsoft.Resources/"
		"deployments','e')).outputs.id.value]\"},\"ipConfigurations\":[]}}]}",
		"nsg outer\n"
		"nsg innerouter!{e/parameters('s')}\n"
		"nsg made unseen rules?\n"
		"nic nic nsg=made\n",
		"outer and inner scope, arguments, outputs");
}

static void problems(const char *text, const char *want, const char *name)
{
	own(az_test_release) struct az_test t = {};

	az_test_text(&t, text);
	is_int(t.error, 0, name);
	is_str(buf_view(&t.problems), str_of(want), "what is said");
}

static void test_linked(void)
{
	problems(SCHEMA
		 "\"resources\":[\n{\"type\":\"Microsoft.Resources/deployments\",\"name\":\"d\","
		 "\"properties\":{\"templateLink\":{\"uri\":\"https://example.com/x.json\"}}}]}",
		 "file.json:2: the template of deployment 'd' is not in the file\n",
		 "a linked template");
	problems(SCHEMA "\"resources\":[\n{" NSG_TYPE ",\"name\":\"x\",\"copy\":{\"name\":\"c\","
			"\"count\":801},\"properties\":{}}]}",
		 "file.json:2: a copy loop without a count from 0 to 800\n", "too many copies");
}

static void test_twice(void)
{
	static const char twice[] =
		SCHEMA "\"resources\":[\n{" NSG_TYPE ",\"name\":\"n\",\"properties\":{"
		       "\"securityRules\":[{\"name\":\"a\",\"properties\":{" OPEN_RULE "}}]}},\n"
		       "{" NSG_TYPE ",\"name\":\"n\",\"properties\":{\"securityRules\":[{"
		       "\"name\":\"a\",\"properties\":{" OPEN_RULE "}}]}}]}";

	az_says(twice,
		"nsg n\n  100 in allow rule a Tcp from=* sports=* to=* ports=22\n"
		"nsg n\n  100 in allow rule a Tcp from=* sports=* to=* ports=22\n",
		"an NSG that is made twice is two");
	problems(twice, "file.json:3: the template makes this NSG twice\n", "which Azure refuses");
}

/* Two templates with the same parameters, of which one has a file; two files that differ. */
static void test_parameter_files(void)
{
#define TEMPLATE                                                                           \
	SCHEMA "\"parameters\":{\"p\":{\"type\":\"string\",\"defaultValue\":\"default\"}," \
	       "\"n\":{\"type\":\"int\",\"defaultValue\":1},\"s\":{\"type\":\"string\"}}," \
	       "\"resources\":[{" NSG_TYPE                                                 \
	       ",\"name\":\"[concat(parameters('p'),parameters('n'),parameters('s'))]\","  \
	       "\"properties\":{}}]}"
#define PARAMETERS                                                               \
	"{\"$schema\":\"https://schema.management.azure.com/schemas/2019-04-01/" \
	"deploymentParameters.json#\",\"parameters\":{"
	static const struct az_file files[] = {
		{STR("d/main.json"),                STR(TEMPLATE)                   },
		{ STR("d/main.parameters.json"),
                 STR(PARAMETERS "\"P\":{\"value\":\"[given]\"},\"n\":{\"value\":\"7\"},"
				 "\"s\":{\"reference\":{}}}}")                      },
		{ STR("d/other.json"),              STR(TEMPLATE)                   },
		{ STR("d/other.parameters.a.json"),
                 STR(PARAMETERS "\"p\":{\"value\":\"a\"},\"s\":{\"value\":\"s\"}}}")},
		{ STR("d/other.parameters.b.json"),
                 STR(PARAMETERS "\"p\":{\"value\":\"b\"},\"s\":{\"value\":\"s\"}}}")},
		{ STR("d/lost.parameters.json"),    STR(PARAMETERS "}}")            },
	};
	own(az_test_release) struct az_test t = {};
	own(buf_release) struct buf out = BUF((size_t)1 << 16);

	az_test_load(&t, files, COUNT(files));
	if (!is_int(t.error, 0, "files of parameters"))
		return;
	az_print_nsgs(&t.model, &out);
	is_str(buf_view(&out), STR("nsg [given]7{parameters('s')}\nnsg {parameters('p')}1s\n"),
	       "give values; where two differ there is none");
	is_str(buf_view(&t.problems),
	       STR("d/lost.parameters.json:1: parameters of no template: a file x.parameters.json is "
		   "for x.json\n"),
	       "one that is for no template");
}

/* Each deployment holds another one. */
static void test_deep(void)
{
	own(buf_release) struct buf text = BUF((size_t)1 << 20);
	own(az_test_release) struct az_test t = {};

	buf_puts(&text, SCHEMA "\"resources\":[");
	for (int i = 0; i < 30; i++)
		buf_fmt(&text,
			"{\"type\":\"Microsoft.Resources/deployments\",\"name\":\"d%d\","
			"\"properties\":{" INNER "\"template\":{\"resources\":[",
			i);
	for (int i = 0; i < 30; i++)
		buf_puts(&text, "]}}}");
	buf_puts(&text, "]}");
	az_test_text(&t, text.ptr);
	is_int(t.error, 0, "deployments 30 deep");
	is_str(buf_view(&t.problems), STR("file.json:1: deployments are nested deeper than 16\n"),
	       "are not followed");
}

/* Outputs that ask for one another, variables that double, an expression that is too deep. */
static void test_runaways(void)
{
	own(buf_release) struct buf text = BUF((size_t)4 << 20);
	own(az_test_release) struct az_test t = {}, deep = {};

	az_says(SCHEMA
		"\"resources\":[{\"type\":\"Microsoft.Resources/deployments\",\"name\":\"a\","
		"\"properties\":{" INNER "\"parameters\":{\"p\":{\"value\":"
		"\"[reference('a').outputs.o.value]\"}},\"template\":{\"parameters\":{\"p\":{}},"
		"\"resources\":[{" NSG_TYPE ",\"name\":\"[parameters('p')]\",\"properties\":{}}],"
		"\"outputs\":{\"o\":{\"value\":\"[parameters('p')]\"}}}}}]}",
		"nsg {reference('a').outputs.o.value}\n", "a deployment that asks for itself");
	buf_puts(&text, SCHEMA "\"variables\":{\"v0\":[\"x\"]");
	for (int i = 1; i < 60; i++)
		buf_fmt(&text, ",\"v%d\":\"[createArray(variables('v%d'),variables('v%d'))]\"", i,
			i - 1, i - 1);
	buf_puts(&text, "},\"resources\":[{" NSG_TYPE
			",\"name\":\"n\",\"properties\":{\"x\":\"[variables('v59')]\"}}]}");
	az_test_text(&t, text.ptr);
	is_int(t.error, -E2BIG, "variables that double 60 times");
	is_str(str_of(t.d.reason), STR("the template expands to more than is read"), "are refused");
	buf_reset(&text);
	buf_puts(&text, SCHEMA "\"resources\":[{" NSG_TYPE ",\"properties\":{},\"name\":\"[");
	for (int i = 0; i < 50000; i++)
		buf_puts(&text, "not(");
	buf_puts(&text, "]\"}]}");
	az_test_text(&deep, text.ptr);
	ok(deep.error == 0 && deep.model.n_nsgs == 1, "50,000 open calls");
}

int main(void)
{
	test_values();
	test_syntax();
	test_copies();
	test_conditions();
	test_unknown_lists();
	test_names();
	test_nested();
	test_linked();
	test_twice();
	test_parameter_files();
	test_deep();
	test_runaways();
	return done();
}
