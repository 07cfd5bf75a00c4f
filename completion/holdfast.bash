# SPDX-License-Identifier: GPL-3.0-or-later
# Made by tools/docs from the program's tables; do not edit.
# shellcheck shell=bash disable=SC2207

_holdfast_checks() {
	holdfast explain 2>/dev/null | sed -n '2,$s/^\([a-z0-9-]*\) .*/\1/p'
}

_holdfast() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W 'assess report explain exposure paths accounts vulns fix undo confirm changes events collect query sbom hunt guard rules integrity password feed secrets backup jit help --version' -- "$cur"))
		return
	fi
	case $verb:$prev in
	assess:--format | assess:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	assess:--output | assess:-o) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	assess:--top) return ;;
	assess:--fail-on) COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur")); return ;;
	assess:--practice) return ;;
	assess:--check) COMPREPLY=($(compgen -W "$(_holdfast_checks)" -- "$cur")); return ;;
	assess:--exemptions) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	assess:--checks) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	assess:--state) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	assess:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	assess:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	assess:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	assess:--metadata-url) return ;;
	assess:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	report:--format | report:-f) COMPREPLY=($(compgen -W 'html sarif junit csv ocsf prometheus cyclonedx json text' -- "$cur")); return ;;
	report:--output | report:-o) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	report:--framework) COMPREPLY=($(compgen -W 'iso27001 cis-v8 nist-csf mcsb' -- "$cur")); return ;;
	report:--practice) return ;;
	report:--check) COMPREPLY=($(compgen -W "$(_holdfast_checks)" -- "$cur")); return ;;
	report:--exemptions) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	report:--checks) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	report:--state) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	report:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	report:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	report:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	report:--metadata-url) return ;;
	report:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	explain:--checks) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	explain:--exemptions) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	explain:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	explain:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	explain:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	explain:--metadata-url) return ;;
	exposure:--format | exposure:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	exposure:--why) return ;;
	exposure:--from) return ;;
	exposure:--to) return ;;
	exposure:--keep) return ;;
	exposure:--ruleset) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	exposure:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	exposure:--diff) return ;;
	exposure:--fail-on) COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur")); return ;;
	exposure:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	exposure:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	exposure:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	exposure:--metadata-url) return ;;
	paths:--format | paths:-f) COMPREPLY=($(compgen -W 'text json dot' -- "$cur")); return ;;
	paths:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	paths:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	paths:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	paths:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	paths:--metadata-url) return ;;
	accounts:--format | accounts:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	accounts:--fail-on) COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur")); return ;;
	accounts:--state) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	accounts:--tries) return ;;
	accounts:--budget) return ;;
	accounts:--slowest) return ;;
	accounts:--words) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	accounts:--breaches) return ;;
	accounts:--passdb) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	accounts:--priority) COMPREPLY=($(compgen -W 'idle low normal' -- "$cur")); return ;;
	accounts:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	accounts:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	accounts:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	accounts:--metadata-url) return ;;
	vulns:--format | vulns:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	vulns:--package) return ;;
	vulns:--cve) return ;;
	vulns:--fail-on) COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur")); return ;;
	vulns:--feeds) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	vulns:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	vulns:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	vulns:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	vulns:--metadata-url) return ;;
	fix:--practice) return ;;
	fix:--up-to) COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur")); return ;;
	fix:--confirm-within) return ;;
	fix:--keep-ports) return ;;
	fix:--finish) return ;;
	fix:--format | fix:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	fix:--exemptions) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	fix:--checks) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	fix:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	fix:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	fix:--metadata-url) return ;;
	fix:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	undo:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	undo:--after) return ;;
	undo:--ready) return ;;
	confirm:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	changes:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	changes:--format | changes:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	events:--format | events:-f) COMPREPLY=($(compgen -W 'xml json jsonl' -- "$cur")); return ;;
	events:--since) return ;;
	events:--until) return ;;
	collect:--output | collect:-o) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	collect:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	collect:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	collect:--metadata-url) return ;;
	collect:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	query:--format | query:-f) COMPREPLY=($(compgen -W 'table json csv list' -- "$cur")); return ;;
	query:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	query:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	query:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	query:--metadata-url) return ;;
	query:--azure) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	sbom:--format | sbom:-f) COMPREPLY=($(compgen -W 'cyclonedx json' -- "$cur")); return ;;
	sbom:--output | sbom:-o) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	sbom:--feeds) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	sbom:--facts) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	sbom:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	sbom:--proc) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	sbom:--metadata-url) return ;;
	hunt:--format | hunt:-f) COMPREPLY=($(compgen -W 'text json jsonl csv html' -- "$cur")); return ;;
	hunt:--rules) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	hunt:--level) COMPREPLY=($(compgen -W 'informational low medium high critical' -- "$cur")); return ;;
	hunt:--fail-on) COMPREPLY=($(compgen -W 'informational low medium high critical' -- "$cur")); return ;;
	hunt:--since) return ;;
	hunt:--until) return ;;
	hunt:--top) return ;;
	hunt:--root) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	hunt:--time-zone) return ;;
	hunt:--memory) return ;;
	hunt:--threads) return ;;
	guard:--config | guard:-c) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	guard:--replay) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	guard:--socket) return ;;
	guard:--format | guard:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	rules:--format | rules:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	rules:--placeholders) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	integrity:--root | integrity:-r) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	integrity:--database | integrity:-d) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	integrity:--key) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	integrity:--config) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	integrity:--fail-on) COMPREPLY=($(compgen -W 'info low medium high critical' -- "$cur")); return ;;
	integrity:--format | integrity:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	password:--words | password:-w) return ;;
	password:--length | password:-l) return ;;
	password:--count | password:-n) return ;;
	password:--user | password:-u) return ;;
	password:--name) return ;;
	password:--breaches) return ;;
	password:--least) return ;;
	password:--format | password:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	feed:--config | feed:-c) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	feed:--dir | feed:-d) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	feed:--name | feed:-n) return ;;
	feed:--format | feed:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	secrets:--root | secrets:-r) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	secrets:--rules) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	secrets:--format | secrets:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	backup:--config | backup:-c) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	backup:--part) return ;;
	backup:--seed) return ;;
	backup:--phrase-file) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	backup:--key | backup:-k) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	backup:--dir | backup:-d) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	backup:--listen) return ;;
	backup:--htpasswd) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	backup:--format | backup:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	jit:--port | jit:-p) return ;;
	jit:--for) return ;;
	jit:--reason) return ;;
	jit:--from) return ;;
	jit:--identity | jit:-i) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	jit:--config | jit:-F) compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); return ;;
	jit:--knock-port) return ;;
	jit:--approve) return ;;
	jit:--via) return ;;
	jit:--azure) return ;;
	jit:--subscription) return ;;
	jit:--resource-group) return ;;
	jit:--token) COMPREPLY=($(compgen -W 'environment az identity' -- "$cur")); return ;;
	jit:--client-id) return ;;
	jit:--azure-endpoint) return ;;
	jit:--azure-metadata) return ;;
	jit:--wait) return ;;
	jit:--folder) compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")); return ;;
	jit:--within) return ;;
	jit:--socket) return ;;
	jit:--format | jit:-f) COMPREPLY=($(compgen -W 'text json' -- "$cur")); return ;;
	esac
	case $verb in
	assess) COMPREPLY=($(compgen -W '--format --output --top --all --fail-on --baseline --practice --check --classic --exemptions --checks --state --no-state --facts --root --quick --proc --metadata-url --azure --help' -- "$cur")) ;;
	report) COMPREPLY=($(compgen -W '--format --output --framework --iso27001 --practice --check --classic --exemptions --checks --state --no-state --facts --root --quick --proc --metadata-url --azure --help' -- "$cur")) ;;
	explain) COMPREPLY=($(compgen -W '--checks --exemptions --facts --root --quick --proc --metadata-url --help' -- "$cur")) ;;
	exposure) COMPREPLY=($(compgen -W '--format --why --from --to --keep --all --ruleset --azure --diff --fail-on --facts --root --quick --proc --metadata-url --help' -- "$cur")) ;;
	paths) COMPREPLY=($(compgen -W '--format --azure --facts --root --quick --proc --metadata-url --help' -- "$cur")) ;;
	accounts) COMPREPLY=($(compgen -W '--format --all --fail-on --state --no-state --audit-passwords --i-own-this --yes --tries --budget --slowest --words --breaches --passdb --priority --facts --root --quick --proc --metadata-url --help' -- "$cur")) ;;
	vulns) COMPREPLY=($(compgen -W '--format --all --package --cve --why --plan --fail-on --feeds --facts --root --quick --proc --metadata-url --help' -- "$cur")) ;;
	fix) COMPREPLY=($(compgen -W '--all --practice --up-to --dry-run --script --ansible --yes --confirm-within --keep-ports --finish --format --exemptions --checks --root --quick --proc --metadata-url --azure --help' -- "$cur")) ;;
	undo) COMPREPLY=($(compgen -W '--all --root --overdue --after --ready --help' -- "$cur")) ;;
	confirm) COMPREPLY=($(compgen -W '--root --help' -- "$cur")) ;;
	changes) COMPREPLY=($(compgen -W '--root --format --help' -- "$cur")) ;;
	events) COMPREPLY=($(compgen -W '--format --since --until --carve --help' -- "$cur")) ;;
	collect) COMPREPLY=($(compgen -W '--output --root --quick --proc --metadata-url --azure --help' -- "$cur")) ;;
	query) COMPREPLY=($(compgen -W '--format --facts --root --quick --proc --metadata-url --azure --help' -- "$cur")) ;;
	sbom) COMPREPLY=($(compgen -W '--format --output --feeds --facts --root --quick --proc --metadata-url --help' -- "$cur")) ;;
	hunt) COMPREPLY=($(compgen -W '--format --rules --no-builtin --level --fail-on --since --until --top --root --time-zone --memory --threads --help' -- "$cur")) ;;
	guard) COMPREPLY=($(compgen -W '--config --check-config --foreground --replay --dry-run --socket --format --help' -- "$cur")) ;;
	rules) COMPREPLY=($(compgen -W '--format --all --placeholders --help' -- "$cur")) ;;
	integrity) COMPREPLY=($(compgen -W '--root --database --key --config --packages --trust --all --all-paths --fail-on --format --help' -- "$cur")) ;;
	password) COMPREPLY=($(compgen -W '--words --length --count --user --name --breaches --least --format --help' -- "$cur")) ;;
	feed) COMPREPLY=($(compgen -W '--config --dir --name --force --format --help' -- "$cur")) ;;
	secrets) COMPREPLY=($(compgen -W '--root --rules --fix --yes --format --help' -- "$cur")) ;;
	backup) COMPREPLY=($(compgen -W '--config --check-config --part --all --seed --same-disk --phrase-file --key --dir --enable --listen --htpasswd --ignore-clock --format --help' -- "$cur")) ;;
	jit) COMPREPLY=($(compgen -W '--port --for --reason --from --identity --config --knock-port --stdin --close --extend --approve --via --azure --subscription --resource-group --token --client-id --azure-endpoint --azure-metadata --wait --set --dry-run --verify --folder --within --no-record --socket --format --help' -- "$cur")) ;;
	help) COMPREPLY=($(compgen -W '--json --help' -- "$cur")) ;;
	esac
	case $verb:$cur in
	*:-*) ;;
	explain:*) COMPREPLY=($(compgen -W "$(_holdfast_checks)" -- "$cur")) ;;
	help:*) COMPREPLY=($(compgen -W 'assess report explain exposure paths accounts vulns fix undo confirm changes events collect query sbom hunt guard rules integrity password feed secrets backup jit help' -- "$cur")) ;;
	esac
}
complete -F _holdfast holdfast
