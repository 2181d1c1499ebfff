package tocsin

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/zmtp"
)

const defaultTimeout = 5 * time.Second

// A Client says where the broker is and how to reach it. The zero value is a broker on this machine. It may be copied,
// and used by several goroutines.
type Client struct {
	// Server is HOST[:BASEPORT]; 127.0.0.1:5560. The four endpoints follow each other from BASEPORT on.
	Server string
	// Ingest, Append, Live and Stream are endpoints of their own, "ipc:///run/tocsin/live"; then Server does not count.
	Ingest, Append, Live, Stream string
	// Curve holds the keys where the broker uses CURVE.
	Curve *CurveKeys
	// ConnectTimeout is how long opening waits for the broker, beside its context; 5 s.
	ConnectTimeout time.Duration
	// MaxEventBytes is as configured in the broker; 1 MiB.
	MaxEventBytes int
}

// CurveKeys are the broker's public key, and the client's own pair.
type CurveKeys struct {
	ServerKey, PublicKey, SecretKey [32]byte
}

// ParseCurveKeys reads three keys as ZeroMQ writes them: Z85, 40 characters each.
func ParseCurveKeys(serverKey, publicKey, secretKey string) (*CurveKeys, error) {
	keys := &CurveKeys{}
	texts := [...]string{serverKey, publicKey, secretKey}
	for i, out := range [...]*[32]byte{&keys.ServerKey, &keys.PublicKey, &keys.SecretKey} {
		if !decodeZ85(texts[i], out) {
			return nil, fmt.Errorf("%w: key %d of 3 is not Z85 of 40 characters", ErrInvalid, i+1)
		}
	}
	return keys, nil
}

// ReadCurveKeys reads the client's own pair from its secret file, as `tocsin keygen` and czmq write it, and takes the
// broker's public key from a file or as its 40 characters.
func ReadCurveKeys(secretFile, serverKey string) (*CurveKeys, error) {
	own, err := readKeyFile(secretFile)
	if err != nil {
		return nil, err
	}
	if len(serverKey) != 40 {
		server, err := readKeyFile(serverKey)
		if err != nil {
			return nil, err
		}
		serverKey = server["public-key"]
	}
	return ParseCurveKeys(serverKey, own["public-key"], own["secret-key"])
}

// readKeyFile finds lines such as `public-key = "…"`.
func readKeyFile(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		name, value, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); ok && strings.HasSuffix(name, "-key") {
			keys[name] = strings.Trim(strings.TrimSpace(value), "\"")
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: %s is no key file", ErrInvalid, path)
	}
	return keys, nil
}

const z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

func decodeZ85(text string, out *[32]byte) bool {
	if len(text) != 40 {
		return false
	}
	for i := 0; i < 8; i++ {
		var value uint64
		for _, c := range []byte(text[5*i : 5*i+5]) {
			digit := strings.IndexByte(z85, c)
			if digit < 0 {
				return false
			}
			value = value*85 + uint64(digit)
		}
		if value > 1<<32-1 {
			return false
		}
		copy(out[4*i:], []byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)})
	}
	return true
}

// String hides the keys.
func (k CurveKeys) String() string {
	return "CURVE, server " + base64.StdEncoding.EncodeToString(k.ServerKey[:6]) + "…"
}

type door int

const (
	ingestDoor door = iota
	appendDoor
	liveDoor
	streamDoor
)

var socketTypes = [...]string{ingestDoor: "PUB", appendDoor: "DEALER", liveDoor: "SUB", streamDoor: "DEALER"}

func (c *Client) endpoint(d door) (string, error) {
	own := [...]string{ingestDoor: c.Ingest, appendDoor: c.Append, liveDoor: c.Live, streamDoor: c.Stream}[d]
	if own == "" {
		server := c.Server
		if server == "" {
			server = "127.0.0.1:5560"
		}
		server = strings.TrimPrefix(server, "tcp://")
		host, port, err := net.SplitHostPort(server)
		if err != nil {
			host, port = strings.Trim(server, "[]"), "5560"
			if strings.Contains(host, ":") && server[0] != '[' {
				host = ""
			}
		}
		base, err := strconv.Atoi(port)
		if err != nil || base < 1 || base > 65532 || !isHost(host) {
			return "", fmt.Errorf("%w: the server %q: allowed is HOST or HOST:PORT, the port 65532 at most", ErrInvalid, server)
		}
		own = "tcp://" + net.JoinHostPort(host, strconv.Itoa(base+int(d)))
	}
	if err := zmtp.CheckEndpoint(own); err != nil {
		return "", fmt.Errorf("%w: %q is no endpoint: allowed are tcp://HOST:PORT and ipc://PATH", ErrInvalid, own)
	}
	return own, nil
}

func isHost(host string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%"
	return host != "" && strings.Trim(host, allowed) == ""
}

func (c *Client) maxEventBytes() int {
	if c.MaxEventBytes > 0 {
		return c.MaxEventBytes
	}
	return MaxEventBytes
}

// opening bounds a context by the connect timeout.
func (c *Client) opening(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := c.ConnectTimeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return context.WithTimeout(ctx, timeout)
}

// newLink prepares connections to a door, for messages of up to maxBytes.
func (c *Client) newLink(d door, maxBytes, queue int) (*linkMaker, error) {
	endpoint, err := c.endpoint(d)
	if err != nil {
		return nil, err
	}
	options := zmtp.Options{SocketType: socketTypes[d], MaxBytes: int64(maxBytes)}
	if c.Curve != nil && strings.HasPrefix(endpoint, "tcp://") { // a Unix socket does not leave the machine
		options.Curve = &zmtp.Curve{ServerKey: c.Curve.ServerKey, PublicKey: c.Curve.PublicKey, SecretKey: c.Curve.SecretKey}
	}
	return &linkMaker{endpoint: endpoint, options: options, queue: queue}, nil
}
