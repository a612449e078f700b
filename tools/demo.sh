#!/bin/bash
# The whole story on this machine: three nodes, a request, its answer, the evidence, the proof.
# Every command is shown as you could type it. EVIDENCE=path takes your own file or folder;
# KEEP=1 leaves the nodes running. Results: build/demo.
set -euo pipefail
[ -z "${EVIDENCE:-}" ] || EVIDENCE=$(realpath -e -- "$EVIDENCE")
cd "$(dirname "$0")/.."

comity=${COMITY:-build/comity}
demo=build/demo
log=$demo/log
STEPS=19
step=0
pids=()
began=$EPOCHREALTIME

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'; else
	bold='' dim='' red='' green='' plain=''; fi

seconds_since() { # microseconds are enough; bash has no fractions
	local now=${EPOCHREALTIME/./} then=${1/./}
	printf '%d.%03d' $(((now - then) / 1000000)) $(((now - then) / 1000 % 1000))
}
bar() {
	local full=$((step * 24 / STEPS)) i text=''
	for ((i = 0; i < 24; i++)); do [ $i -lt $full ] && text+='#' || text+='.'; done
	printf '%s' "$text"
}
title() {
	step=$((step + 1))
	printf '\n%s[%s] %2d/%d  %s%s\n' "$bold" "$(bar)" "$step" "$STEPS" "$1" "$plain"
	at=$EPOCHREALTIME
}
took() { printf '%s        %s s%s\n' "$dim" "$(seconds_since "$at")" "$plain"; }

# The command as one would type it, then its answer.
show() {
	local word line=''
	for word in "$@"; do
		[ "$word" = "$comity" ] && word=comity
		case "$word" in *[\ \*]*) word="'$word'" ;; esac
		line+=" $word"
	done
	printf '%s  $%s%s\n' "$dim" "$line" "$plain"
}
run() {
	show "$@"
	"$@" 2>&1 | sed 's/^/    /'
}
# A command that must be refused: its exit status is part of the story.
refused() {
	local want=$1 got=0
	shift
	show "$@"
	"$@" >"$demo/refused" 2>&1 || got=$?
	sed "s/^/    /" "$demo/refused"
	if [ "$got" -ne "$want" ]; then
		echo "${red}expected exit status $want, got $got${plain}" >&2
		exit 1
	fi
	printf '    %sexit status %d, as it must be%s\n' "$green" "$got" "$plain"
}
member() { python3 -c 'import json,sys
v = json.load(sys.stdin)
for k in sys.argv[1].split("."):
    v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$1"; }
# until SECONDS WORDS COMMAND...: the command succeeds and prints the words
until_says() {
	local limit=$1 words=$2 i
	shift 2
	for ((i = 0; i < limit * 20; i++)); do
		if "$@" 2>/dev/null | grep -q -- "$words"; then return 0; fi
		sleep 0.05
	done
	echo "${red}waited $limit s for \"$words\" from: $*${plain}" >&2
	"$@" >&2 || true
	return 1
}

stop_nodes() {
	local pid
	for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
	pids=()
}
finish() {
	local status=$?
	if [ $status -ne 0 ]; then
		echo "${red}The demo stopped at step $step. The nodes' last words:${plain}" >&2
		tail -n 5 "$log"/*.log >&2 2>/dev/null || true
	fi
	if [ $status -ne 0 ] || [ "${KEEP:-}" != 1 ]; then stop_nodes; fi
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

th=$demo/th us=$demo/us au=$demo/au
rm -rf "$demo"
mkdir -p "$log"
read -r p1 p2 p3 d1 d2 d3 < <(python3 -c 'import socket
s = [socket.socket() for _ in range(6)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])')

echo "${bold}Comity: an urgent request, its answer and its evidence, between two economies${plain}"
echo "Persons, organisations and the case are fictional; the programs, keys, signatures and the disk image are real."

title "Make three nodes: contact points of Thailand and the United States, and a central authority"
run "$comity" init "$th" --address th.contact --name "Cyber Crime Unit" --economy TH --role contact \
	--url "https://127.0.0.1:$p1" --desk "127.0.0.1:$d1" --timezone Asia/Bangkok --languages th,en \
	--officer somchai:duty --officer malee:approver --officer niran:custodian
run "$comity" init "$us" --address us.contact --name "24/7 Contact Point" --economy US --role contact \
	--url "https://127.0.0.1:$p2" --desk "127.0.0.1:$d2" --timezone America/New_York --officer jordan:duty
run "$comity" init "$au" --address us.authority --name "Office of International Affairs" --economy US \
	--role authority --url "https://127.0.0.1:$p3" --desk "127.0.0.1:$d3" --timezone America/New_York \
	--officer casey:duty --officer robin:custodian
took

title "Start them"
for name in th us au; do
	show "$comity" serve --home "$demo/$name" '&'
	"$comity" serve --home "$demo/$name" >"$log/$name.out" 2>"$log/$name.log" &
	pids+=($!)
done
for name in th us au; do until_says 10 . "$comity" status --home "$demo/$name" --as admin; done
took

title "Exchange directory entries and compare fingerprints, as two officers would by telephone"
for name in th us au; do
	run "$comity" directory publish --out "$demo/$name.entry" --home "$demo/$name" --as admin
done
offer() { # to, from, address: the fingerprint comes from its owner, not with the file
	local print
	print=$("$comity" directory publish --out "$demo/again.entry" --home "$demo/$2" --as admin --json | member fingerprint)
	run "$comity" directory offer "$demo/$2.entry" --home "$demo/$1" --as admin
	run "$comity" directory accept "$3" --fingerprint "$print" --home "$demo/$1" --as admin
}
offer th us us.contact
offer us th th.contact
offer th au us.authority
offer au th th.contact
run "$comity" directory list --home "$th" --as admin
took

title "Thailand composes an urgent request: preserve the data of a phishing server (art. 29)"
show "$comity" request new --to us.contact --measure preserve --urgency urgent --ours CCU-2026-0117 \
	--fields docs/examples/preserve.json --home "$th" --as somchai
"$comity" request new --to us.contact --measure preserve --urgency urgent --ours CCU-2026-0117 \
	--fields docs/examples/preserve.json --home "$th" --as somchai --json >"$demo/request.json"
request=$(member id <"$demo/request.json")
sed 's/^/    /' "$demo/request.json"
took

title "Somchai tries to send it alone: refused, a second officer must approve"
refused 1 "$comity" request send "$request" --home "$th" --as somchai
took

title "Malee approves; it is signed, entered in the ledger and sent"
run "$comity" request approve "$request" --home "$th" --as malee
run "$comity" request send "$request" --home "$th" --as somchai
until_says 20 '"delivered"' "$comity" delivery list --home "$th" --as somchai --json
run "$comity" delivery list --home "$th" --as somchai
took

title "The United States answers: acknowledged, accepted, and executed with the day until which data are kept"
until_says 20 "$request" "$comity" request list --incoming --home "$us" --as jordan
for state in acknowledged accepted executed; do
	run "$comity" request answer "$request" "$state" --ours USC-26-3301 --home "$us" --as jordan
done
until_says 20 executed "$comity" request list --home "$th" --as somchai
run "$comity" request show "$request" --home "$th" --as somchai
took

title "Thailand needs more time: an extension, approved, sent and granted (art. 29(7))"
show "$comity" request extend "$request" --days 60 --reason "The request for assistance is being translated." \
	--home "$th" --as somchai
extension=$("$comity" request extend "$request" --days 60 --reason "The request for assistance is being translated." \
	--home "$th" --as somchai --json | member id)
run "$comity" request approve "$extension" --home "$th" --as malee
run "$comity" request send "$extension" --home "$th" --as somchai
until_says 20 "$extension" "$comity" request list --incoming --home "$us" --as jordan
run "$comity" request answer "$extension" extended --home "$us" --as jordan
until_says 20 extended "$comity" request list --home "$th" --as somchai
run "$comity" request list --home "$th" --as somchai
took

title "Thailand asks the central authority who rented the server (art. 31)"
show "$comity" request new --to us.authority --measure subscriber --urgency urgent --ours CCU-2026-0117/2 \
	--fields docs/examples/subscriber.json --home "$th" --as somchai
"$comity" request new --to us.authority --measure subscriber --urgency urgent --ours CCU-2026-0117/2 \
	--fields docs/examples/subscriber.json --home "$th" --as somchai --json >"$demo/second.json"
second=$(member id <"$demo/second.json")
case_id=$(member case_id <"$demo/second.json")
run "$comity" request approve "$second" --home "$th" --as malee
run "$comity" request send "$second" --home "$th" --as somchai
until_says 20 "$second" "$comity" request list --incoming --home "$au" --as casey
for state in acknowledged accepted; do
	run "$comity" request answer "$second" "$state" --ours OIA-26-118 --home "$au" --as casey
done
took

title "The evidence: a real disk image"
if [ -n "${EVIDENCE:-}" ]; then
	evidence=$EVIDENCE
else
	evidence=$demo/host-20441.img
	staging=$demo/staging
	mkdir -p "$staging"
	(find /usr/share/doc /usr/include /usr/lib/python3 -type f -size -128k 2>/dev/null || true) | sort |
		head -n 1500 | tar -cf - -P -T - 2>/dev/null | tar -xf - -C "$staging" --strip-components=1 2>/dev/null || true
	run /sbin/mke2fs -q -t ext4 -L host-20441 -d "$staging" "$evidence" 64M
	echo "    ext4 image with $(find "$staging" -type f | wc -l) files of this machine"
	rm -rf "$staging"
fi
ls -ld "$evidence" | sed 's/^/    /'
took

title "The central authority seals it for Thailand: hashed and encrypted in one pass"
show "$comity" exhibit seal "$evidence" --case "$case_id" --to th.contact --home "$au" --as robin
"$comity" exhibit seal "$evidence" --case "$case_id" --to th.contact --home "$au" --as robin --json >"$demo/sealed.json"
sed 's/^/    /' "$demo/sealed.json"
exhibit=$(member id <"$demo/sealed.json")
took

title "Thailand is told of it and fetches it, in ranges, each chunk checked as it lands"
until_says 20 "$exhibit" "$comity" exhibit list --home "$th" --as niran
run "$comity" exhibit fetch "$exhibit" --home "$th" --as niran
run "$comity" exhibit show "$exhibit" --home "$th" --as niran
took

title "The central authority holds Thailand's signed receipt and reports the request executed"
until_says 20 received "$comity" exhibit show "$exhibit" --home "$au" --as robin
run "$comity" request answer "$second" executed --home "$au" --as casey
until_says 20 executed "$comity" request show "$second" --home "$th" --as somchai
took

title "Thailand opens the evidence for the examination; the opening is in the ledger before the key is out"
run "$comity" exhibit open "$exhibit" --out "$demo/opened" --purpose "examination by the laboratory" \
	--authority "order 2026/117" --home "$th" --as niran
if [ -f "$evidence" ]; then
	cmp "$evidence" "$demo/opened" && echo "    the opened file is, byte for byte, the one that was sealed"
fi
took

title "The package for the court: records, signatures, time-stamps, proofs, certificates, evidence"
run "$comity" package "$case_id" --out "$demo/case.zip" --home "$th" --as niran
took

title "Anyone verifies it: no node, no network, no account"
run "$comity" verify "$demo/case.zip"
took

title "One byte of a copy is changed: verification fails and says where"
python3 - "$demo/case.zip" "$demo/case-altered.zip" <<'PY'
import shutil, sys, zipfile
src, dst = sys.argv[1:]
shutil.copyfile(src, dst)
with zipfile.ZipFile(src) as z:
    info = max((i for i in z.infolist() if "/exhibits/" in i.filename), key=lambda i: i.compress_size)
with open(dst, "r+b") as f:
    f.seek(info.header_offset + 26)
    n, m = (int.from_bytes(f.read(2), "little") for _ in range(2))
    at = info.header_offset + 30 + n + m + info.compress_size // 2
    f.seek(at)
    byte = f.read(1)[0]
    f.seek(at)
    f.write(bytes([byte ^ 0x01]))
print(f"    bit 0 of byte {at} of the copy, inside {info.filename}: {byte:#04x} -> {byte ^ 1:#04x}")
PY
refused 3 "$comity" verify "$demo/case-altered.zip"
rm -f "$demo/case-altered.zip"
took

title "Each node's ledger, checked against every record, leaf, tile and checkpoint"
for name in th us au; do run "$comity" ledger check --home "$demo/$name"; done
took

title "What happened"
run "$comity" status --home "$th" --as admin
echo
echo "${bold}Done in $(seconds_since "$began") s.${plain}"
echo "  the package        $demo/case.zip    (comity verify $demo/case.zip)"
echo "  the nodes          $demo/th $demo/us $demo/au, their words in $log"
if [ "${KEEP:-}" = 1 ]; then
	echo "  they are running; look:   $comity request list --home $demo/th --as somchai"
	echo "  the desks          http://localhost:$d1 (th), http://localhost:$d2 (us), http://localhost:$d3 (authority);"
	echo "                     each officer begins with a link that works once, as in $demo/th/officers/somchai.link:"
	echo "                     $(cat "$th/officers/somchai.link")"
	echo "  and stop them with:       kill ${pids[*]}"
	disown -a
else
	echo "  the desks          http://localhost:$d1 (th), $d2 (us), $d3 (authority), while the nodes run"
	echo "  they are stopped; KEEP=1 make demo leaves nodes and desks running"
fi
