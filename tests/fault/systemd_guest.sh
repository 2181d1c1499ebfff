#!/bin/sh
# The first process of the guest of fault_systemd.py: lays what was installed (TREE) over a Debian (the guest's root, which
# is not changed: all that is written stays in memory), and becomes systemd, which runs systemd_trial.sh and ends the guest.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
give_up() {
    echo "GUEST $*"
    poweroff -f
}
new=/mnt/root
mount -t proc proc /proc
mount -t tmpfs tmpfs /mnt || give_up "no memory"
mkdir /mnt/host /mnt/upper /mnt/work $new
mount -t hostfs none /mnt/host -o / || give_up "no hostfs"
modules=/mnt/host/usr/lib/uml/modules/$(uname -r)/kernel
insmod "$modules/fs/overlayfs/overlay.ko" || give_up "no overlay file system"
insmod "$modules/lib/crc-ccitt.ko" && insmod "$modules/net/ipv6/ipv6.ko"
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work $new || give_up "no overlay"
mkdir -p $new/srv/host $new/srv/guest
mount --move /mnt/host $new/srv/host
cp -R "$new/srv/host$TREE/." $new/
# Nothing of what the machine's own services keep.
mount -t tmpfs tmpfs $new/var/log
mount -t tmpfs tmpfs $new/var/lib

# Those of the machine may not be readable for whoever runs this.
cd $new/etc || give_up "no /etc"
rm -f fstab shadow gshadow .pwd.lock machine-id
: >fstab
: >machine-id
echo guest >hostname
sed -i '/^tocsin:/d' passwd group
sed 's/:.*/:*:20000::::::/' passwd >shadow
sed 's/:.*/:!::/' group >gshadow

# No devices, no disks and no services of the machine: only what every systemd has.
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
    systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup-dev-early.service \
    systemd-journal-flush.service systemd-timesyncd.service networking.service timers.target; do
    ln -sf /dev/null systemd/system/$unit
done
cat >systemd/system/trial.service <<UNIT
[Unit]
After=basic.target
Requires=basic.target
[Service]
Type=oneshot
ExecStart=/bin/bash /srv/host$TRIAL
ExecStopPost=/bin/systemctl poweroff -ff
StandardOutput=file:/dev/console
StandardError=inherit
TimeoutStartSec=infinity
UNIT
cd $new || give_up "no root"
mkdir -p srv/old
pivot_root . srv/old || give_up "no pivot"
# shellcheck disable=SC2094
exec chroot . /bin/sh -c 'umount -l /srv/old; exec /lib/systemd/systemd --unit=trial.service --log-target=console \
    --show-status=false' <dev/console >dev/console 2>&1
