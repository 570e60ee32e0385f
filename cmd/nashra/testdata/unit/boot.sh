#!/bin/bash
# Boots systemd with nashra.service alone, in namespaces and above a copy of this system that is thrown
# away. $1 holds the program, the unit and the config, and gets the log. Exit code 77: not possible here.
set -euo pipefail
work=$1
trap 'exit 77' ERR
mount -t tmpfs tmpfs /mnt
mkdir /mnt/box
mount --bind "$work" /mnt/box
for dir in etc usr/local var; do
	mkdir -p "/mnt/$dir/upper" "/mnt/$dir/work"
	mount -t overlay overlay -o "lowerdir=/$dir,upperdir=/mnt/$dir/upper,workdir=/mnt/$dir/work" "/$dir"
done
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
trap - ERR

install -D /mnt/box/nashra /usr/local/bin/nashra
install -D -m 0644 /mnt/box/nashra.yaml /etc/nashra/nashra.yaml
install -D -m 0644 /mnt/box/nashra.service /run/units/nashra.service
mkdir -p /run/systemd /run/units/nashra.service.d
printf '[Service]\nStandardOutput=append:/mnt/box/log\nStandardError=append:/mnt/box/log\n' >/run/units/nashra.service.d/log.conf
for target in sysinit basic network-online multi-user; do
	printf '[Unit]\nDefaultDependencies=no\n' >"/run/units/$target.target"
done
printf '[Unit]\nDefaultDependencies=no\nWants=nashra.service\n' >/run/units/boot.target
( # tells what became of the service
	while sleep 0.5; do
		systemctl show nashra -p ActiveState -p NRestarts -p Result >/mnt/box/state.new 2>/mnt/box/systemctl.log || continue
		ls /var/lib/nashra/models >>/mnt/box/state.new 2>/dev/null || true
		mv /mnt/box/state.new /mnt/box/state
	done
) &
exec env container=other SYSTEMD_UNIT_PATH=/run/units SYSTEMD_GENERATOR_PATH=/run/none SYSTEMD_LOG_TARGET=console \
	/lib/systemd/systemd --system --unit=boot.target
