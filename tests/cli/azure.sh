# SPDX-License-Identifier: GPL-3.0-or-later
# --azure: files of Azure as facts, alone and beside a machine; what is wrong in them.
. ./lib.sh
machine m
D=$TMP/exports
mkdir "$D"
S=/subscriptions/0000-1/resourceGroups/rg/providers
NET=$S/Microsoft.Network
VM=$S/Microsoft.Compute/virtualMachines/web

cat >"$D/vms.json" <<E
[{"id": "$VM", "name": "web", "resourceGroup": "rg", "location": "westeurope",
  "type": "Microsoft.Compute/virtualMachines",
  "hardwareProfile": {"vmSize": "Standard_B1s"},
  "identity": {"type": "SystemAssigned, UserAssigned",
	"userAssignedIdentities": {"$S/Microsoft.ManagedIdentity/userAssignedIdentities/id": {}}},
  "networkProfile": {"networkInterfaces": [{"id": "$NET/networkInterfaces/nic"}]},
  "osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": false,
	"patchSettings": {"patchMode": "AutomaticByPlatform", "assessmentMode": "ImageDefault"}}},
  "securityProfile": {"encryptionAtHost": true, "securityType": "TrustedLaunch",
	"uefiSettings": {"secureBootEnabled": true, "vTpmEnabled": false}},
  "storageProfile": {"osDisk": {"osType": "Linux",
	"managedDisk": {"id": "$S/Microsoft.Compute/disks/os"}}},
  "publicIps": "203.0.113.9", "privateIps": "10.0.0.4", "powerState": "VM running"},
 {"id": "$S/Microsoft.Compute/virtualMachines/other", "name": "other",
  "type": "Microsoft.Compute/virtualMachines",
  "networkProfile": {"networkInterfaces": []},
  "storageProfile": {"osDisk": {"osType": "Windows"}}}]
E
cat >"$D/network.json" <<E
{"value": [
 {"id": "$NET/networkInterfaces/nic", "name": "nic", "properties": {"enableIPForwarding": false,
  "networkSecurityGroup": {"id": "$NET/networkSecurityGroups/web"}, "virtualMachine": {"id": "$VM"},
  "ipConfigurations": [{"name": "a", "properties": {"privateIPAddress": "10.0.0.4",
	"subnet": {"id": "$NET/virtualNetworks/net/subnets/front"},
	"publicIPAddress": {"id": "$NET/publicIPAddresses/pip"}}}]}},
 {"id": "$NET/publicIPAddresses/pip", "name": "pip", "sku": {"name": "Basic"},
  "properties": {"ipAddress": "203.0.113.9", "publicIPAddressVersion": "IPv4",
	"dnsSettings": {"fqdn": "web.example"},
	"ipConfiguration": {"id": "$NET/networkInterfaces/nic/ipConfigurations/a"}}},
 {"id": "$NET/virtualNetworks/net", "name": "net", "properties": {
  "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [
	{"id": "$NET/virtualNetworks/net/subnets/front", "name": "front",
	 "properties": {"addressPrefix": "10.0.0.0/24", "routeTable": {"id": "$NET/routeTables/r"}}}]}},
 {"id": "$NET/loadBalancers/lb", "name": "lb", "sku": {"name": "Standard"}, "properties": {
  "frontendIPConfigurations": [{"name": "f", "properties": {
	"publicIPAddress": {"id": "$NET/publicIPAddresses/pip"}}}],
  "backendAddressPools": [{"name": "p", "id": "$NET/loadBalancers/lb/backendAddressPools/p"}],
  "loadBalancingRules": [{"name": "https", "properties": {"protocol": "Tcp", "frontendPort": 443,
	"backendPort": 8443,
	"frontendIPConfiguration": {"id": "$NET/loadBalancers/lb/frontendIPConfigurations/f"},
	"backendAddressPool": {"id": "$NET/loadBalancers/lb/backendAddressPools/p"}}}]}}
]}
E
cat >"$D/nsgs.json" <<E
[{"id": "$NET/networkSecurityGroups/web", "name": "web", "securityRules": [
  {"name": "ssh", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
   "sourceAddressPrefixes": ["198.51.100.0/24", "203.0.113.0/24"], "sourcePortRange": "*",
   "destinationAddressPrefix": "*", "destinationPortRange": "22"},
  {"name": "odd", "priority": 110, "direction": "Inbound", "access": "Deny", "protocol": "*",
   "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
   "destinationPortRange": "65536"}],
  "defaultSecurityRules": []}]
E
cat >"$D/protect.json" <<E
[{"id": "$S/Microsoft.Security/locations/we/jitNetworkAccessPolicies/default",
  "properties": {"virtualMachines": [{"id": "$VM", "ports": [{"number": 22, "protocol": "*",
	"allowedSourceAddressPrefix": "*", "maxRequestAccessDuration": "PT3H"}]}],
	"requests": [{"requestor": "admin@example.com", "startTimeUtc": "2026-01-02T03:04:05Z",
	"virtualMachines": [{"id": "$VM", "ports": [{"number": 22,
	"allowedSourceAddressPrefix": "198.51.100.7", "endTimeUtc": "2026-01-02T06:04:05Z",
	"status": "Initiated"}]}]}]}},
 {"id": "$S/Microsoft.RecoveryServices/vaults/v/backupFabrics/Azure/protectionContainers/c/protectedItems/i",
  "properties": {"sourceResourceId": "$VM", "protectionState": "Protected",
	"protectionStatus": "Healthy", "healthStatus": "Passed",
	"lastBackupTime": "2026-01-01T00:00:00Z", "policyName": "daily"}},
 {"id": "$S/Microsoft.RecoveryServices/vaults/v", "name": "v", "type": "Microsoft.RecoveryServices/vaults",
  "properties": {"securitySettings": {"softDeleteSettings": {"softDeleteState": "AlwaysON",
	"softDeleteRetentionPeriodInDays": 14}, "immutabilitySettings": {"state": "Locked"}},
	"redundancySettings": {"standardTierStorageRedundancy": "GeoRedundant"}}},
 {"id": "$S/Microsoft.RecoveryServices/vaults/old/backupconfig/vaultconfig", "name": "vaultconfig",
  "type": "Microsoft.RecoveryServices/vaults/backupconfig",
  "properties": {"enhancedSecurityState": "Enabled", "softDeleteFeatureState": "Disabled"}},
 {"id": "$S/Microsoft.RecoveryServices/vaults/old/backupstorageconfig/vaultstorageconfig",
  "name": "vaultstorageconfig", "type": "Microsoft.RecoveryServices/vaults/backupstorageconfig",
  "properties": {"storageModelType": "LocallyRedundant", "storageType": "LocallyRedundant",
	"storageTypeState": "Locked"}},
 {"id": "$S/Microsoft.Compute/disks/os", "name": "os", "managedBy": "$VM", "properties": {
  "osType": "Linux", "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
  "networkAccessPolicy": "AllowAll", "diskState": "Attached"}},
 {"id": "$VM/extensions/agent", "name": "agent", "type": "Microsoft.Compute/virtualMachines/extensions",
  "properties": {"publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent",
	"typeHandlerVersion": "1.0", "enableAutomaticUpgrade": true, "provisioningState": "Succeeded"}},
 {"id": "$VM/patchAssessmentResults/latest",
  "type": "microsoft.compute/virtualmachines/patchassessmentresults", "properties": {
  "status": "Succeeded", "rebootPending": false, "lastModifiedDateTime": "2026-01-01T01:00:00Z",
  "availablePatchCountByClassification": {"critical": 1, "security": 2, "other": 3}}}]
E

ask() { # SQL, rows
	exits 0 "$1" hf query --format list --azure "$D" "$1"
	cat >"$TMP/rows"
	if cmp -s "$TMP/rows" "$TMP/out"; then
		result 0 "  its rows"
	else
		result 1 "  its rows"
		show
	fi
}
ask "SELECT name, location, os, size, power_state, nics, private_ips, public_ips, public, identity,
	encryption_at_host, secure_boot, vtpm, security_type, patch_mode, assessment_mode, password_login,
	jit, backup, described, maybe, line FROM azure_vms" <<E
web|westeurope|linux|Standard_B1s|VM running|1|10.0.0.4|203.0.113.9|1|SystemAssigned, UserAssigned|1|1|0|TrustedLaunch|AutomaticByPlatform|ImageDefault|1|1|1|1|0|1
other||windows|||0|||0||0|0|0|||||0|0|1|0|14
E
ask "SELECT vm, kind, replace(identity, '$S', '') FROM azure_identities" <<E
web|SystemAssigned|
web|UserAssigned|/Microsoft.ManagedIdentity/userAssignedIdentities/id
E
ask "SELECT name, resource_group, subscription, vm, nsg, nsg_unknown, replace(subnets, '$NET', ''),
	private_ips, public_ips, ip_forwarding FROM azure_nics" <<E
nic|rg|0000-1|web|web|0|/virtualNetworks/net/subnets/front|10.0.0.4|203.0.113.9|0
E
ask "SELECT name, vnet, prefixes, nsg, nsg_unknown, route_table <> '' FROM azure_subnets" <<E
front|net|10.0.0.0/24||0|1
E
ask "SELECT name, address, sku, version, fqdn, associated FROM azure_public_ips" <<E
pip|203.0.113.9|Basic|IPv4|web.example|1
E
ask "SELECT name, rules, rules_unknown, subnets, nics FROM azure_nsgs" <<E
web|2|0|0|1
E
ask "SELECT nsg, name, priority, direction, access, protocol, source, ports, unknown, line FROM azure_nsg_rules" <<E
web|ssh|100|Inbound|Allow|Tcp|198.51.100.0/24 203.0.113.0/24|22||2
web|odd|110|Inbound|Deny|*|*|?|ports: 65536|5
E
ask "SELECT load_balancer, kind, name, frontend, public_ip, protocol, port_first, port_last, backend_port, pools
	FROM azure_load_balancer_rules" <<E
lb|rule|https|f|203.0.113.9|Tcp|443|443|8443|p
E
ask "SELECT vm, port_first, port_last, protocol, sources, duration FROM azure_jit_policies" <<E
web|22|22|*|*|PT3H
E
ask "SELECT vm, port_first, sources, start, end, status, requestor FROM azure_jit_requests" <<E
web|22|198.51.100.7|2026-01-02T03:04:05Z|2026-01-02T06:04:05Z|Initiated|admin@example.com
E
ask "SELECT vm, state, status, health, last_backup, policy, vault FROM azure_backup_items" <<E
web|Protected|Healthy|Passed|2026-01-01T00:00:00Z|daily|v
E
ask "SELECT name, soft_delete, retention_days, immutability, redundancy FROM azure_vaults" <<E
v|AlwaysON|14|Locked|GeoRedundant
old|Disabled|||LocallyRedundant
E
ask "SELECT name, vm, os, encryption, disk_encryption, network_access, state FROM azure_disks" <<E
os|web|1|EncryptionAtRestWithPlatformKey|0|AllowAll|Attached
E
ask "SELECT vm, name, publisher, type, version, state, auto_upgrade FROM azure_vm_extensions" <<E
web|agent|Microsoft.Azure.Monitor|AzureMonitorLinuxAgent|1.0|Succeeded|1
E
ask "SELECT vm, status, assessed, critical, other, reboot_pending FROM azure_patch_assessments" <<E
web|Succeeded|2026-01-01T01:00:00Z|3|3|0
E
ask "SELECT replace(file, '$D/', ''), line, reason FROM azure_problems" <<E
nsgs.json|7|'65536' is no port, range of ports or *
E
says "nsgs.json:7: '65536' is no port, range of ports or *"
ask "SELECT replace(file, '$D/', ''), bytes > 0 FROM azure_files" <<E
network.json|1
nsgs.json|1
protect.json|1
vms.json|1
E

# Several ways to name several files.
exits 0 "--azure twice" hf query --format list --azure "$D/vms.json" --azure "$D/nsgs.json" \
	"SELECT (SELECT count(*) FROM azure_vms) || (SELECT count(*) FROM azure_nsg_rules)"
prints 22
exits 0 "files behind the statement" hf query --format list \
	"SELECT (SELECT count(*) FROM azure_vms) || (SELECT count(*) FROM azure_nsg_rules)" \
	--azure "$D/vms.json" "$D/nsgs.json"
prints 22
exits 2 "no --azure" hf query "SELECT 1" "$D/vms.json"
exits 2 "with facts" hf assess --facts x.facts --azure "$D/vms.json"
says "--facts cannot be combined with --azure"
exits 2 "arguments without --azure" hf assess "$D/vms.json"

# Without the lists nothing is said of what they would hold.
exits 0 "no list of policies" hf query --format list --azure "$D/vms.json" \
	"SELECT jit IS NULL, backup IS NULL FROM azure_vms"
prints "1|1"
echo '[]' >"$TMP/jit-policies.json"
echo '{"value": []}' >"$TMP/backup.json"
exits 0 "empty lists" hf query --format list "SELECT jit, backup FROM azure_vms" \
	--azure "$D/vms.json" "$TMP/jit-policies.json" "$TMP/backup.json"
prints "0|0"

# Checks of Azure and of machines.
check nsg-rules high <<E
SELECT nsg || '/' || name AS resource, unknown = '' AS healthy, file || ':' || line AS evidence
  FROM azure_nsg_rules
E
sed -i '/^-- why/i -- applies: azure' "$CHECKS/nsg-rules.sql"
check users high <<E
SELECT username AS resource, 1 AS healthy, shell AS evidence FROM users
E
exits 0 "assess Azure alone" hf assess --no-state --azure "$D" --checks "$CHECKS" \
	--check nsg-rules,users -f json
report '{x["resource"]: x["status"] for x in f if x["check"] == "nsg-rules"} == {"web/ssh": "healthy", "web/odd": "unhealthy"}'
report '[x["status"] for x in f if x["check"] == "users"] == ["not_applicable"]'
report 'r["host"]["hostname"].endswith("exports") and r["host"]["os"] == "Azure" and not r["host"]["live"]'
report '{c["table"]: c["status"] for c in r["collectors"]}["azure_nsg_rules"] == "ok"'
report '{c["table"]: c["status"] for c in r["collectors"]}["users"] == "not_applicable"'
exits 0 "a machine alone" hf assess --no-state --root "$ROOT" --checks "$CHECKS" \
	--check nsg-rules,users -f json
report '[x["status"] for x in f if x["check"] == "nsg-rules"] == ["not_applicable"]'
report '[x["status"] for x in f if x["check"] == "users"] == ["healthy", "healthy"]'
exits 0 "both" hf assess --no-state --root "$ROOT" --azure "$D" --checks "$CHECKS" \
	--check nsg-rules,users -f json
report 'sorted(x["status"] for x in f) == ["healthy", "healthy", "healthy", "unhealthy"]'
report 'r["host"]["hostname"] == "web1"'
exits 0 "a text report" hf assess --no-state --azure "$D" --checks "$CHECKS" --check nsg-rules
prints "exports"

# Vaults as they are and as older versions of the interface tell of them.
exits 0 "vaults" hf assess --no-state --azure "$D/protect.json" --check az-vault -f json
report '{x["resource"][6:]: x["status"] for x in f} == {"v: soft delete": "healthy", "v: immutability": "healthy", "v: redundancy": "healthy", "old: soft delete": "unhealthy", "old: immutability": "not_applicable", "old: redundancy": "unhealthy"}'

# Facts of Azure are facts like others.
exits 0 "collect" hf collect --azure "$D" -o "$TMP/azure.facts"
exits 0 "assess them" hf assess --facts "$TMP/azure.facts" --checks "$CHECKS" \
	--check nsg-rules,users -f json
report '{x["resource"]: x["status"] for x in f if x["check"] == "nsg-rules"} == {"web/ssh": "healthy", "web/odd": "unhealthy"}'
report '[x["status"] for x in f if x["check"] == "users"] == ["not_applicable"]'

# A file that cannot be read leaves everything open.
refused() { # name reason
	exits 3 "$1" hf assess --no-state --azure "$D/vms.json" "$B"
	says "$2"
}
B=$TMP/none.json
refused "no file" "$B: No such file or directory"
B=$TMP/empty
mkdir "$B"
refused "an empty folder" "$B: no *.json in this folder"
B=$TMP/fifo.json
mkfifo "$B"
refused "a FIFO" "$B: "
B=$TMP/bad.json
head -c 500 "$D/nsgs.json" >"$B"
refused "cut off" "$B:6:13: a string does not end"
printf '{"a": 1 "b": 2}' >"$B"
refused "no comma" "$B:1:9: a comma or } is missing"
head -c 300 /dev/zero | tr '\0' '[' >"$B"
refused "deep" "$B:1:257: nested deeper than is read"
printf '"\377"' >"$B"
refused "no UTF-8" "$B:1:2: a string is not UTF-8"
echo '{"name": "left-pad"}' >"$B"
exits 0 "JSON of something else" hf query --azure "$B" "SELECT * FROM azure_nsgs"
says "$B:1: neither a resource of Azure nor a list of them"

# Only the process of these tables reads them, and it can do nothing else.
exits 0 "one process" hf query --format list --azure "$D" "SELECT count(*) FROM processes"
prints 0
finish
