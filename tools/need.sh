#!/bin/sh
# Installs the Debian packages that are missing, by name, and says which. Asks for nothing.
# usage: tools/need.sh GROUP...     groups: build demo check bench
set -eu

# What is printed: every script but Chinese, Japanese and Korean (42 MiB), Japanese (6), the other two (5);
# fonts-noto-cjk has those finer, in 91.
fonts="fonts-noto-core fonts-ipaexfont-gothic fonts-wqy-microhei"
build="gcc libc6-dev meson ninja-build pkg-config python3 libssl-dev libsqlite3-dev libevent-dev
	libcurl4-openssl-dev libjansson-dev libarchive-dev libzstd-dev libseccomp-dev zlib1g-dev libxml2-dev libargon2-dev liboath-dev libqrencode-dev libfido2-dev libewf-dev libtsk-dev libyara-dev libmagic-dev gettext libcmocka-dev tzdata
	libcairo2-dev libpango1.0-dev $fonts"
demo="e2fsprogs openssl"
check="clang llvm libclang-rt-14-dev pmccabe universal-ctags mandoc openssl softhsm2 opensc
	libengine-pkcs11-openssl e2fsprogs ntfs-3g dosfstools ewf-tools chromium nodejs npm poppler-utils unzip"
bench="openssl postfix openssh-client openssh-server gnupg ewf-tools dc3dd"

want=""
for group in "$@"; do
	case "$group" in
	build) want="$want $build" ;;
	demo) want="$want $demo" ;;
	check) want="$want $check" ;;
	bench) want="$want $bench" ;;
	*) echo "tools/need.sh: no group \"$group\" (build demo check bench)" >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "This is not a Debian system, so nothing was installed. Needed, by their Debian names:" $want
	exit 0
fi

missing=""
for package in $want; do
	case " $missing " in *" $package "*) continue ;; esac
	# What somebody installed from elsewhere serves as well, and Debian's package may not go beside it.
	case "$package" in nodejs | npm) command -v "${package%js}" >/dev/null 2>&1 && continue ;; esac
	state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || {
		echo "Missing:$missing"
		echo "Install them as root, or install sudo: apt-get install$missing" >&2
		exit 1
	}
	as_root="sudo -n"
fi

echo "Installing:$missing"
install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
		>"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Package lists may be absent or old; fetch them only when the first try fails.
if ! install; then
	echo "Fetching the lists of packages first"
	$as_root apt-get update -q >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
	install || { tail -20 "$log" >&2; exit 1; }
fi
