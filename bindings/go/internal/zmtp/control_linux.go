package zmtp

import "syscall"

const tcpUserTimeout = 0x12

// control bounds the wait for what was sent and is not acknowledged, which keepalive does not cover.
func control(network, _ string, raw syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	return raw.Control(func(fd uintptr) {
		syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, 15000)
	})
}
