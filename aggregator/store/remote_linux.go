package store

import "golang.org/x/sys/unix"

// networks names file systems whose locks and shared memory SQLite cannot rely on, by the numbers of
// statfs(2) and of their own sources. Shared folders of Docker Desktop and of WSL come as FUSE and 9p.
var networks = map[uint32]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB",
	unix.CIFS_SUPER_MAGIC: "SMB", unix.NCP_SUPER_MAGIC: "NCP", unix.AFS_SUPER_MAGIC: "AFS",
	unix.AFS_FS_MAGIC: "AFS", unix.CODA_SUPER_MAGIC: "Coda", unix.CEPH_SUPER_MAGIC: "Ceph",
	unix.V9FS_MAGIC: "9p", unix.FUSE_SUPER_MAGIC: "FUSE", 0x0BD00BD0: "Lustre", 0x47504653: "GPFS",
	0x19830326: "BeeGFS", 0x786F4256: "VirtualBox", 0xBACBACBC: "VMware",
}

// remoteDisk names the network file system that a path is on; empty: it is on none, or none is known.
func remoteDisk(path string) string {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil {
		return ""
	}
	return networks[uint32(fs.Type)]
}
