#!/bin/sh
# fetch.sh DIR KERNEL... - fetches QEMU and Debian kernels for vmrun into DIR.
#
#	KERNEL = 5.10 (bullseye), 6.1 (bookworm), 6.12 (trixie),
#	         latest (trixie-backports), arm64/6.1 ...
#
# Packages are downloaded and unpacked below DIR, never installed, so it needs
# no root and changes nothing else on the machine. It needs apt-get and
# dpkg-deb (Debian or Ubuntu), and a Debian mirror in the machine's apt sources.
# QEMU is bookworm-backports' 10: the emulator of QEMU 7.2 corrupts the memory of
# kernels from 6.12 on.
set -eu

[ $# -ge 2 ] || { echo "usage: fetch.sh DIR KERNEL..." >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift

fail() {
	echo "fetch.sh: $*" >&2
	exit 1
}

for tool in apt-get apt-cache dpkg-deb; do
	command -v "$tool" >/dev/null || fail "cannot fetch kernels: $tool is missing; they come from Debian's packages"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -s "$keyring" ] || fail "cannot verify packages: $keyring is missing; install debian-archive-keyring"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' |
	grep -o 'https\?://[^ ]*/debian/\?\( \|$\)' | head -n 1)
[ -n "$mirror" ] || fail "cannot find a Debian mirror in /etc/apt/sources.list"

# apt_config NAME ARCHES SUITE...: an apt that keeps everything below DIR/apt
apt_config() {
	config=$1 arches=$2
	shift 2
	mkdir -p "$dir/apt/$config/partial" "$dir/apt/cache/archives/partial"
	for suite in "$@"; do
		echo "deb [arch=$arches signed-by=$keyring] $mirror $suite main"
	done >"$dir/apt/$config.list"
	cat >"$dir/apt/$config.conf" <<-CONF
		Dir::Etc::sourcelist "$dir/apt/$config.list";
		Dir::Etc::sourceparts "-";
		Dir::State::lists "$dir/apt/$config";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		Dir::Cache "$dir/apt/cache";
		APT::Sandbox::User "root";
		APT::Architectures {"$(echo "$arches" | sed 's/,/";"/g')";};
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
	CONF
	APT_CONFIG="$dir/apt/$config.conf" apt-get -qq update
}

# emulator DEBIAN-PACKAGE ARCH: unpacks QEMU and what it needs, and writes DIR/qemu-ARCH
emulator() {
	[ ! -x "$dir/qemu-$2" ] || return 0
	[ -e "$dir/apt/emulator.ready" ] || apt_config emulator "$(dpkg --print-architecture)" bookworm bookworm-backports
	: >"$dir/apt/emulator.ready"
	export APT_CONFIG="$dir/apt/emulator.conf"
	mkdir -p "$dir/debs" "$dir/qemu"
	# with an empty dpkg status every dependency is listed, installed here or not
	: >"$dir/apt/status"
	list=$(apt-get install -s --no-install-recommends -o Dir::State::status="$dir/apt/status" -t bookworm-backports "$1" |
		sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p; t; s/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p')
	[ -n "$list" ] || fail "cannot find the package $1 in bookworm-backports"
	(cd "$dir/debs" && apt-get -qq download $list)
	for deb in "$dir"/debs/*.deb; do dpkg-deb -x "$deb" "$dir/qemu"; done
	rm -rf "$dir/debs"
	libs=$(find "$dir/qemu" -name '*.so*' -exec dirname {} \; | sort -u | paste -sd:)
	loader=$(find "$dir/qemu" -name 'ld-linux-*.so.*' | head -n 1)
	cat >"$dir/qemu-$2" <<-RUN
		#!/bin/sh
		# The QEMU below $dir/qemu, with the C library that it was built for.
		exec "$loader" --library-path "$libs" "$dir/qemu/usr/bin/qemu-system-$2" -L "$dir/qemu/usr/share/qemu" -L "$dir/qemu/usr/share/seabios" "\$@"
	RUN
	chmod 755 "$dir/qemu-$2"
}

# kernel NAME: unpacks the kernel of a Debian suite to DIR/NAME/vmlinuz
kernel() {
	[ ! -s "$dir/$1/vmlinuz" ] || return 0
	arch=amd64 version=$1
	case $1 in arm64/*) arch=arm64 version=${1#arm64/} ;; esac
	case $version in
	5.10) suite=bullseye ;;
	6.1) suite=bookworm ;;
	6.12) suite=trixie ;;
	latest) suite=trixie-backports ;;
	*) fail "there is no kernel \"$1\"; use 5.10, 6.1, 6.12, latest, or arm64/ before one of them" ;;
	esac
	base=
	[ "$suite" != trixie-backports ] || base=trixie
	[ -e "$dir/apt/$suite-$arch.ready" ] || apt_config "$suite-$arch" "$arch" $base "$suite"
	: >"$dir/apt/$suite-$arch.ready"
	export APT_CONFIG="$dir/apt/$suite-$arch.conf"
	meta=linux-image-cloud-$arch
	release=$(apt-cache madison "$meta:$arch" | awk -F' *[|] *' -v s=" $suite/" 'index(" " $3, s) {print $2; exit}')
	[ -n "$release" ] || fail "cannot find the package $meta in $suite"
	image=$(apt-cache show "$meta:$arch=$release" | tr ',' '\n' | sed -n 's/.*\(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1)
	# from Linux 7 on the kernel itself is in linux-binary-*
	binary=$(apt-cache show "$image:$arch=$release" | tr ',' '\n' | sed -n 's/.*\(linux-binary-[0-9][^ ]*\).*/\1/p' | head -n 1)
	mkdir -p "$dir/$1/unpacked"
	(cd "$dir/$1" && apt-get -qq download "${binary:-$image}:$arch=$release")
	dpkg-deb -x "$dir/$1"/*.deb "$dir/$1/unpacked"
	find "$dir/$1/unpacked" -name 'vmlinu[xz]*' -type f -exec mv {} "$dir/$1/vmlinuz" \;
	rm -rf "$dir/$1/unpacked" "$dir/$1"/*.deb
	[ -s "$dir/$1/vmlinuz" ] || fail "there is no kernel in the package ${binary:-$image}"
}

for name in "$@"; do
	case $name in
	arm64/*) emulator qemu-system-arm aarch64 ;;
	*) emulator qemu-system-x86 x86_64 ;;
	esac
	kernel "$name"
done
