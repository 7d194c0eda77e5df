// Command vmrun runs a program as root in a throw-away virtual machine with a
// kernel of its own, so that a test sees a cgroup v2 hierarchy with all
// controllers whatever the machine below has. It can be given to go test:
//
//	go test -exec 'vmrun -kernel vmlinuz -add /bin/gosv=bin/gosv' ./integration/vm
//
// The same static binary is the host's side and the guest's init. The host packs
// itself, the program, its testdata directory and the files of -add into an
// initramfs and starts QEMU; the guest mounts /proc, /sys, cgroup2, /dev and tmpfs,
// runs the program, reports its exit status on the serial port and powers off.
//
// Output goes to stdout, stdout and stderr of the program alike. The exit status is
// the program's; 125 says that the machine ended without a result. Variables of the
// environment that begin with GOSV_, GOTRACEBACK and GODEBUG reach the program.
//
// QEMU emulates (TCG) unless -accel says otherwise: KVM needs a /dev/kvm that runs an
// ordinary kernel, which the one of a nested virtual machine often does not.
package main
