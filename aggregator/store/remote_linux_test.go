package store

import "testing"

// Numbers from the manual page statfs(2).
func TestNetworkFileSystemsAreKnownByTheirNumber(t *testing.T) {
	for number, want := range map[uint32]string{0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "SMB", 0xfe534d42: "SMB",
		0x564c: "NCP", 0x5346414f: "AFS", 0x73757245: "Coda", 0x00c36400: "Ceph", 0x01021997: "9p",
		0x65735546: "FUSE", 0xef53: "", 0x9123683e: "", 0x58465342: "", 0x01021994: "", 0x794c7630: "", 0x2fc12fc1: "",
	} {
		if got := networks[number]; got != want {
			t.Errorf("%#x: %q, want %q", number, got, want)
		}
	}
	if got := remoteDisk("/proc"); got != "" {
		t.Errorf("/proc: %q", got)
	}
}
