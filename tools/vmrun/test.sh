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
(cd tools && CGO_ENABLED=0 go build -o "$dir/vmrun" ./vmrun)
export CGO_ENABLED=0 GOSV_BINARY=/bin/gosv
readonly everywhere=root,memory,cpu,pids,io,oom.group,alone

# in_vm KERNEL CPUS PROMISES TESTS: runs the tests that match TESTS
in_vm() {
	local run="$dir/vmrun -qemu $dir/qemu-x86_64 -kernel $dir/$1/vmlinuz -smp $2 -limit 8m -add /bin/gosv=$PWD/bin/gosv"
	echo "== kernel $1, $2 CPU"
	GOSV_VM_PROMISES=$3 go test -exec "$run" -count=1 -v -run "$4" ./integration/vm
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
