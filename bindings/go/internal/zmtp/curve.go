package zmtp

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/nacl/box"
)

// Curve holds the keys of CURVE: the server's public key, and the client's own pair.
type Curve struct {
	ServerKey, PublicKey, SecretKey [32]byte
}

// curveSession is CurveZMQ (ZeroMQ RFC 26), the client's side.
type curveSession struct {
	keys           *Curve
	public, secret *[32]byte // for this connection only
	server         [32]byte  // the server's, for this connection only
	shared         [32]byte
	sent           uint64 // nonces used
	received       uint64
}

func newCurveSession(keys *Curve) (*curveSession, error) {
	public, secret, err := box.GenerateKey(rand.Reader)
	return &curveSession{keys: keys, public: public, secret: secret}, err
}

func (s *curveSession) next() [8]byte {
	s.sent++
	var short [8]byte
	binary.BigEndian.PutUint64(short[:], s.sent)
	return short
}

func nonce(prefix string, rest []byte) *[24]byte {
	var out [24]byte
	copy(out[copy(out[:], prefix):], rest)
	return &out
}

func (s *curveSession) hello() []byte {
	short := s.next()
	out := append([]byte("\x05HELLO\x01\x00"), make([]byte, 72)...)
	out = append(append(out, s.public[:]...), short[:]...)
	return box.Seal(out, make([]byte, 64), nonce("CurveZMQHELLO---", short[:]), &s.keys.ServerKey, s.secret)
}

// welcome takes the server's key for this connection; returns the cookie.
func (s *curveSession) welcome(body []byte) ([]byte, error) {
	if len(body) != 160 {
		return nil, fmt.Errorf("%w: WELCOME", ErrProtocol)
	}
	plain, ok := box.Open(nil, body[16:], nonce("WELCOME-", body[:16]), &s.keys.ServerKey, s.secret)
	if !ok {
		return nil, fmt.Errorf("%w: the broker's key is another one", ErrDenied)
	}
	copy(s.server[:], plain)
	box.Precompute(&s.shared, &s.server, s.secret)
	return plain[32:], nil
}

func (s *curveSession) initiate(cookie []byte, socketType string) ([]byte, error) {
	var long [16]byte
	if _, err := rand.Read(long[:]); err != nil {
		return nil, err
	}
	vouched := append(append([]byte{}, s.public[:]...), s.keys.ServerKey[:]...)
	vouch := box.Seal(nil, vouched, nonce("VOUCH---", long[:]), &s.server, &s.keys.SecretKey)
	plain := append(append(append([]byte{}, s.keys.PublicKey[:]...), long[:]...), vouch...)
	plain = append(plain, metadata(socketType)...)
	short := s.next()
	out := append(append([]byte("\x08INITIATE"), cookie...), short[:]...)
	return box.SealAfterPrecomputation(out, plain, nonce("CurveZMQINITIATE", short[:]), &s.shared), nil
}

func (s *curveSession) ready(body []byte, socketType string) error {
	if len(body) < 8+box.Overhead {
		return fmt.Errorf("%w: READY", ErrProtocol)
	}
	s.received = binary.BigEndian.Uint64(body)
	properties, ok := box.OpenAfterPrecomputation(nil, body[8:], nonce("CurveZMQREADY---", body[:8]), &s.shared)
	if !ok {
		return fmt.Errorf("%w: READY", ErrProtocol)
	}
	return checkPeer(properties, socketType)
}

// silent: a server that does not like a key says nothing, and closes.
func silent(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the broker closed the connection at the handshake: do the keys fit?", ErrDenied)
	}
	return err
}

func (s *curveSession) handshake(c *Conn, socketType string) error {
	if err := c.sendCommand(s.hello()); err != nil {
		return err
	}
	welcome, err := c.readCommand("WELCOME")
	if err != nil {
		return silent(err)
	}
	cookie, err := s.welcome(welcome)
	if err != nil {
		return err
	}
	initiate, err := s.initiate(cookie, socketType)
	if err != nil {
		return err
	}
	if err := c.sendCommand(initiate); err != nil {
		return err
	}
	ready, err := c.readCommand("READY")
	if err != nil {
		return silent(err)
	}
	return s.ready(ready, socketType)
}

func (s *curveSession) seal(payload []byte) []byte {
	short := s.next()
	plain := append(make([]byte, 1, 1+len(payload)), payload...)
	out := make([]byte, 0, 16+len(plain)+box.Overhead)
	out = append(append(out, "\x07MESSAGE"...), short[:]...)
	return box.SealAfterPrecomputation(out, plain, nonce("CurveZMQMESSAGEC", short[:]), &s.shared)
}

func (s *curveSession) open(body []byte) ([]byte, byte, error) {
	if !isSealed(body) || len(body) < 16+box.Overhead+1 {
		return nil, 0, fmt.Errorf("%w: MESSAGE", ErrProtocol)
	}
	number := binary.BigEndian.Uint64(body[8:])
	if number <= s.received {
		return nil, 0, fmt.Errorf("%w: a repeated nonce", ErrProtocol)
	}
	s.received = number
	plain, ok := box.OpenAfterPrecomputation(nil, body[16:], nonce("CurveZMQMESSAGES", body[8:16]), &s.shared)
	if !ok {
		return nil, 0, fmt.Errorf("%w: MESSAGE", ErrProtocol)
	}
	return plain[1:], plain[0]&flagMore | plain[0]&2<<1, nil
}
