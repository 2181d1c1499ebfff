// Package zmtp is a client of ZeroMQ's protocol, ZMTP 3.0 over TCP and Unix sockets, with the NULL and CURVE mechanisms:
// as much of it as a client of Tocsin needs. It connects, and never listens; a message is one frame.
package zmtp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// ErrDenied: the peer refused us, or its mechanism or keys do not fit ours.
var ErrDenied = errors.New("denied")

// ErrTurnedAway: the peer said that it does not let us in. It is an ErrDenied.
var ErrTurnedAway = fmt.Errorf("%w by the broker", ErrDenied)

// ErrProtocol: what the peer sent is not ZMTP, or no message of one frame.
var ErrProtocol = errors.New("ZMTP")

// ErrEndpoint: no endpoint to connect to.
var ErrEndpoint = errors.New("no endpoint")

const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4

	handshakeTimeout = 5 * time.Second
	commandMax       = 64 << 10
)

// Which sockets may talk to which.
var peers = map[string][]string{
	"PUB":    {"SUB", "XSUB"},
	"SUB":    {"PUB", "XPUB"},
	"DEALER": {"ROUTER", "DEALER", "REP"},
}

// mechanism seals and opens messages once the handshake is over.
type mechanism interface {
	handshake(c *Conn, socketType string) error
	seal(payload []byte) []byte // the whole body of a frame; nil: as it is
	open(body []byte) (payload []byte, flags byte, err error)
}

// Options of a connection.
type Options struct {
	SocketType string // PUB, SUB or DEALER
	Curve      *Curve // nil: NULL
	MaxBytes   int64  // longest message that is taken
}

// A Conn is one connection after its handshake. One goroutine may read while another writes.
type Conn struct {
	conn     net.Conn
	reader   *bufio.Reader
	maxBytes int64
	secured  mechanism

	writing sync.Mutex
	head    [9]byte
}

func split(endpoint string) (network, address string, err error) {
	if rest, ok := strings.CutPrefix(endpoint, "tcp://"); ok {
		if _, _, err := net.SplitHostPort(rest); err != nil {
			return "", "", fmt.Errorf("%w: %q", ErrEndpoint, endpoint)
		}
		return "tcp", rest, nil
	}
	if rest, ok := strings.CutPrefix(endpoint, "ipc://"); ok && rest != "" {
		return "unix", rest, nil
	}
	return "", "", fmt.Errorf("%w: %q", ErrEndpoint, endpoint)
}

// CheckEndpoint tells whether Dial could try it.
func CheckEndpoint(endpoint string) error {
	_, _, err := split(endpoint)
	return err
}

// Dial connects and shakes hands.
func Dial(ctx context.Context, endpoint string, options Options) (*Conn, error) {
	network, address, err := split(endpoint)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{
		Timeout: handshakeTimeout,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: 30 * time.Second, Interval: 5 * time.Second, Count: 3,
		},
		Control: control,
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	c := &Conn{conn: conn, reader: bufio.NewReaderSize(conn, 64<<10), maxBytes: options.MaxBytes}
	conn.SetDeadline(time.Now().Add(handshakeTimeout))
	if err := c.greet(options); err != nil {
		conn.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	conn.SetDeadline(time.Time{})
	return c, nil
}

func (c *Conn) greet(options Options) error {
	name := "NULL"
	c.secured = null{}
	if options.Curve != nil {
		session, err := newCurveSession(options.Curve)
		if err != nil {
			return err
		}
		name, c.secured = "CURVE", session
	}
	var ours, theirs [64]byte
	ours[0], ours[9] = 0xff, 0x7f
	ours[10] = 3
	copy(ours[12:], name)
	if _, err := c.conn.Write(ours[:]); err != nil {
		return err
	}
	if _, err := io.ReadFull(c.reader, theirs[:]); err != nil {
		return fmt.Errorf("the broker closed the connection at its greeting (does it ask for another mechanism than %s?): %w",
			name, err)
	}
	if theirs[0] != 0xff || theirs[9] != 0x7f || theirs[10] < 3 {
		return fmt.Errorf("%w: the peer does not speak ZMTP 3", ErrProtocol)
	}
	if wants := string(bytes.TrimRight(theirs[12:32], "\x00")); wants != name {
		return fmt.Errorf("%w: the broker asks for the mechanism %s, and this client uses %s", ErrDenied, wants, name)
	}
	return c.secured.handshake(c, options.SocketType)
}

// readFrame reads one frame; the body is the caller's.
func (c *Conn) readFrame(maxBytes int64) (flags byte, body []byte, err error) {
	var head [8]byte
	if flags, err = c.reader.ReadByte(); err != nil {
		return 0, nil, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return 0, nil, fmt.Errorf("%w: frame flags %#x", ErrProtocol, flags)
	}
	size := head[:1]
	if flags&flagLong != 0 {
		size = head[:]
	}
	if _, err = io.ReadFull(c.reader, size); err != nil {
		return 0, nil, err
	}
	length := uint64(size[0])
	if flags&flagLong != 0 {
		length = binary.BigEndian.Uint64(size)
	}
	if length > uint64(maxBytes) {
		return 0, nil, fmt.Errorf("%w: a frame of %d bytes", ErrProtocol, length)
	}
	body = make([]byte, length)
	_, err = io.ReadFull(c.reader, body)
	return flags, body, err
}

// Read returns the next message.
func (c *Conn) Read() ([]byte, error) {
	for {
		flags, body, err := c.readFrame(c.maxBytes)
		if err != nil {
			return nil, err
		}
		if flags&flagCommand == 0 || isSealed(body) {
			payload, inner, err := c.secured.open(body)
			if err != nil {
				return nil, err
			}
			if (flags|inner)&flagMore != 0 {
				return nil, fmt.Errorf("%w: a message of several frames", ErrProtocol)
			}
			if inner&flagCommand == 0 {
				return payload, nil
			}
			body = payload
		}
		if err := c.onCommand(body); err != nil {
			return nil, err
		}
	}
}

func isSealed(body []byte) bool { return bytes.HasPrefix(body, []byte("\x07MESSAGE")) }

// refusal is an ERROR command: its reason stands behind a byte of length.
func refusal(body []byte) error {
	reason := body[min(7, len(body)):]
	return fmt.Errorf("%w: %s", ErrTurnedAway, reason)
}

// onCommand answers a PING, and passes over what it does not know.
func (c *Conn) onCommand(body []byte) error {
	if bytes.HasPrefix(body, []byte("\x05ERROR")) {
		return refusal(body)
	}
	if !bytes.HasPrefix(body, []byte("\x04PING")) || len(body) < 7 {
		return nil
	}
	pong := append([]byte("\x04PONG"), body[7:]...)
	_, err := c.write(flagCommand, pong)
	return err
}

func (c *Conn) write(flags byte, body []byte) (isWhole bool, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if sealed := c.secured.seal(body); sealed != nil && flags&flagCommand == 0 {
		body = sealed
	}
	head := c.head[:2]
	if len(body) > 255 {
		flags |= flagLong
		head = c.head[:9]
		binary.BigEndian.PutUint64(head[1:], uint64(len(body)))
	} else {
		head[1] = byte(len(body))
	}
	head[0] = flags
	total := int64(len(head) + len(body))
	buffers := net.Buffers{head, body}
	n, err := buffers.WriteTo(c.conn)
	return n == total, err
}

// Write sends a message. After an error with isWhole false the peer has not got all of it, and never will.
func (c *Conn) Write(message []byte) (isWhole bool, err error) { return c.write(0, message) }

// SetWriteDeadline is when a Write that is not taken fails.
func (c *Conn) SetWriteDeadline(when time.Time) { c.conn.SetWriteDeadline(when) }

// Close ends the connection at once.
func (c *Conn) Close() error { return c.conn.Close() }

// CloseWrite says that no more comes; what was written is delivered, and Read goes on until the peer closes.
func (c *Conn) CloseWrite() error {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.conn.Close()
}

// Handshake messages.

func (c *Conn) sendCommand(body []byte) error {
	frame := []byte{flagCommand, byte(len(body))}
	if len(body) > 255 {
		frame = binary.BigEndian.AppendUint64([]byte{flagCommand | flagLong}, uint64(len(body)))
	}
	_, err := c.conn.Write(append(frame, body...))
	return err
}

// readCommand reads the command `name` and returns what is behind its name.
func (c *Conn) readCommand(name string) ([]byte, error) {
	_, body, err := c.readFrame(commandMax)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(body, []byte("\x05ERROR")) {
		return nil, refusal(body)
	}
	rest, ok := bytes.CutPrefix(body, append([]byte{byte(len(name))}, name...))
	if !ok {
		return nil, fmt.Errorf("%w: not %s", ErrProtocol, name)
	}
	return rest, nil
}

func metadata(socketType string) []byte {
	out := []byte("\x0bSocket-Type")
	out = binary.BigEndian.AppendUint32(out, uint32(len(socketType)))
	out = append(out, socketType...)
	if socketType == "DEALER" {
		out = append(out, "\x08Identity\x00\x00\x00\x00"...)
	}
	return out
}

// checkPeer reads the peer's metadata.
func checkPeer(properties []byte, socketType string) error {
	for len(properties) > 0 {
		size := int(properties[0])
		if len(properties) < 1+size+4 {
			return fmt.Errorf("%w: metadata", ErrProtocol)
		}
		name := string(properties[1 : 1+size])
		length := binary.BigEndian.Uint32(properties[1+size:])
		properties = properties[5+size:]
		if uint64(len(properties)) < uint64(length) {
			return fmt.Errorf("%w: metadata", ErrProtocol)
		}
		value := string(properties[:length])
		properties = properties[length:]
		if !strings.EqualFold(name, "Socket-Type") {
			continue
		}
		for _, allowed := range peers[socketType] {
			if value == allowed {
				return nil
			}
		}
		return fmt.Errorf("%w: the peer is a %s socket: another port of the broker?", ErrProtocol, value)
	}
	return fmt.Errorf("%w: the peer tells no socket type", ErrProtocol)
}

type null struct{}

func (null) handshake(c *Conn, socketType string) error {
	if err := c.sendCommand(append([]byte("\x05READY"), metadata(socketType)...)); err != nil {
		return err
	}
	properties, err := c.readCommand("READY")
	if err != nil {
		return err
	}
	return checkPeer(properties, socketType)
}

func (null) seal([]byte) []byte { return nil }

func (null) open(body []byte) ([]byte, byte, error) { return body, 0, nil }
