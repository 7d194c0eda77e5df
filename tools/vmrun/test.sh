#!/bin/bash
# test.sh DIR KERNEL... - runs integration/vm in a virtual machine with each kernel.
# DIR holds what fetch.sh downloads, and the output of each run as KERNEL.txt. With
# WRITE=FILE the report of all runs is written to FILE.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$1
shift
tools/vmrun/fetch.sh "$dir" "$@"
dir=$(cd "$dir" && pwd)
export CGO_ENABLED=0 GOSV_BINARY=/bin/gosv
(cd tools && go build -o "$dir/vmrun" ./vmrun)
readonly everywhere=root,memory,cpu,pids,io,oom.group,alone

# in_vm KERNEL CPUS PROMISES TESTS: runs the tests that match TESTS
in_vm() {
	local arch=amd64 qemu=$dir/qemu-x86_64
	[[ $1 != arm64/* ]] || arch=arm64 qemu=$dir/qemu-aarch64
	echo "== kernel $1, $2 CPU"
	GOARCH=$arch go build -trimpath -o "$dir/$arch/gosv" ./cmd/gosv
	GOARCH=$arch go build -C tools -o "$dir/$arch/vmrun" ./vmrun
	local run="$dir/vmrun -arch $arch -init-program $dir/$arch/vmrun -qemu $qemu -kernel $dir/$1/vmlinuz -smp $2 -limit 8m"
	GOARCH=$arch GOSV_VM_PROMISES=$3 go test -exec "$run -add /bin/gosv=$dir/$arch/gosv" -count=1 -v -run "$4" ./integration/vm
}

status=0
for kernel in "$@"; do
	promises=$everywhere
	[[ $kernel == 5.10 ]] || promises+=,cgroup.kill
	{ in_vm "$kernel" 2 "$promises" . && in_vm "$kernel" 1 "$promises,one-cpu" 'Weight'; } 2>&1 |
		tee "$dir/${kernel//\//-}.txt" || status=1
done
[[ -z ${WRITE:-} ]] || (cd tools && go run ./vmreport "$dir" >"../$WRITE")
exit $status
