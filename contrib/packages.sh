# shellcheck shell=bash disable=SC2034 # names are for who sources it
# What the build, the quick start and the tests need from Debian 12. Sourced
# by contrib/quickstart and tests/run; not a program.

build_packages="gcc libc6-dev cmake make pkg-config libssl-dev libssl3 openssl
libxml2-dev libsqlite3-dev libcurl4-openssl-dev libseccomp-dev libconfuse-dev
libjansson-dev libutf8proc-dev bash-completion"
run_packages="curl ca-certificates util-linux procps"
test_packages="check libxml2-utils clang clang-format clang-tidy cppcheck
mandoc shellcheck strace gdb binutils python3 systemd git"

# CVE-2026-34182: older ones take a one-byte GCM tag (SECURITY.md)
openssl_least="3.0.22-1~deb12u2"

# missing_packages NAME...: prints those that are not installed, and those of
# OpenSSL that are too old.
missing_packages() {
	local name version
	for name in "$@"; do
		version=$(dpkg-query -W -f '${Status} ${Version}' "$name" \
		    2>/dev/null | sed -n 's/^install ok installed //p')
		if [ -z "$version" ]; then
			printf '%s\n' "$name"
			continue
		fi
		case $name in
		libssl3 | libssl-dev | openssl)
			dpkg --compare-versions "$version" ge \
			    "$openssl_least" || printf '%s\n' "$name"
			;;
		esac
	done
}

# need_packages NAME...: installs what is missing when we may, else prints the
# line to type and exits with 2.
need_packages() {
	local missing log
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -z "$missing" ] && return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "These Debian packages are missing or too old. As root, run:" >&2
		echo "    apt-get update && apt-get install -y $missing" >&2
		exit 2
	fi
	echo "installing from Debian: $missing"
	log=$(mktemp) || exit 1
	# shellcheck disable=SC2086 # one word for each package
	if ! { apt-get update -qq &&
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		echo "apt could not install them. Try this line yourself:" >&2
		echo "    apt-get update && apt-get install -y $missing" >&2
		exit 2
	fi
	rm -f "$log"
}
