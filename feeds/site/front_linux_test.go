package site

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// noted remembers the connection that it accepted.
type noted struct {
	net.Listener
	conns chan net.Conn
}

func (l noted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.conns <- c
	}
	return c, err
}

// A feed leaves with its header, in as many packets as the bytes of both take: one, where a packet holds 64 KB.
func TestFrontSendsOnePacket(t *testing.T) {
	s, _ := published(t, nil)
	body := bytes.Repeat([]byte("x"), 20<<10)
	if err := os.WriteFile(filepath.Join(s.Dir, "feed.json"), body, 0o644); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front, conns := HTTP(s, nil), make(chan net.Conn, 1)
	go front.Serve(noted{ln, conns})
	defer front.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	const rounds = 20
	for range rounds {
		res, err := client.Get("http://" + ln.Addr().String() + "/feed.json")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || !bytes.Equal(got, body) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	raw, err := (<-conns).(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var info *unix.TCPInfo
	var failed error
	if err := raw.Control(func(fd uintptr) { info, failed = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if info.Snd_mss < 32<<10 {
		t.Skipf("packets of %d bytes here", info.Snd_mss)
	}
	if info.Data_segs_out != rounds {
		t.Errorf("%d packets for %d answers", info.Data_segs_out, rounds)
	}
}
