package tocsin

import (
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

const (
	putBytes     = 256 << 10
	putEvents    = 1024
	welcomeAfter = 3 * time.Second
	askAfter     = 3 * time.Second // of silence
	goneAfter    = 8 * time.Second
	pauseMin     = 20 * time.Millisecond
	pauseMax     = time.Second
)

// A Receipt says that all events through N are settled, and where the last one of them that was logged stands: Hash is 32
// hex digits, 0 and "" where the broker no longer knows.
type Receipt struct {
	N, Seq uint64
	Hash   string
}

type queued struct {
	data    []byte
	pending *Pending
}

// appenderCore is the protocol of append: what to say, and what an answer means. No sockets, and the time is told.
type appenderCore struct {
	producer    string
	incarnation uint64

	queue  []queued // from firstN on
	bytes  int
	firstN uint64
	nextN  uint64

	isWelcome bool // since the start, once
	window    uint64
	sentN     uint64
	heard     time.Time
	asked     time.Time
	failed    error // for good
	refused   map[uint64]*Refusal
	receipt   Receipt
	sessions  uint64
}

// hello begins a session.
func (c *appenderCore) hello(now time.Time) []byte {
	c.window, c.heard, c.asked = 0, now, now
	b := wire.AppendStr(wire.AppendArray(nil, 4), "hello")
	return wire.AppendUint(wire.AppendStr(wire.AppendUint(b, 1), c.producer), c.incarnation)
}

func (c *appenderCore) add(data []byte, pending *Pending) {
	c.queue = append(c.queue, queued{data, pending})
	c.bytes += len(data)
	c.nextN++
}

// put is the next message with events, as far as window and size allow; nil: none.
func (c *appenderCore) put() []byte {
	first, size, count := c.sentN+1, 0, uint64(0)
	for c.window > 0 && first+count < c.nextN && count < putEvents && first+count-c.firstN < c.window {
		length := len(c.queue[first+count-c.firstN].data)
		if count > 0 && size+length > putBytes {
			break
		}
		size += length
		count++
	}
	if count == 0 {
		return nil
	}
	b := wire.AppendStr(wire.AppendArray(make([]byte, 0, size+32), 3), "put")
	b = wire.AppendArray(wire.AppendUint(b, first), int(count))
	for _, item := range c.queue[first-c.firstN : first-c.firstN+count] {
		b = append(b, item.data...)
	}
	c.sentN += count
	return b
}

// tick asks whether the broker is there. False: the session is over.
func (c *appenderCore) tick(now time.Time) (ask []byte, isWell bool) {
	silence := now.Sub(c.heard)
	if c.window == 0 {
		return nil, silence < welcomeAfter
	}
	if silence < askAfter || now.Sub(c.asked) < askAfter {
		return nil, silence < goneAfter
	}
	c.asked = now
	return wire.AppendStr(wire.AppendArray(nil, 1), "ping"), silence < goneAfter
}

// receive takes a message of the broker. False: the session is over.
func (c *appenderCore) receive(message []byte, now time.Time) bool {
	c.heard = now
	r := &wire.Reader{Bytes: message}
	if count, ok := r.ReadArray(); !ok || count == 0 {
		return false
	}
	verb, _ := r.ReadStr()
	switch string(verb) {
	case "ack":
		return c.onAck(r)
	case "nack":
		return c.onNack(r)
	case "welcome":
		return c.onWelcome(r)
	case "error":
		code, _ := r.ReadStr()
		c.onError(string(code))
		return false
	}
	return string(verb) == "ping" || string(verb) == "pong"
}

func (c *appenderCore) onError(code string) {
	switch code {
	case "fenced":
		c.failed = ErrFenced
	case "denied":
		c.failed = ErrDenied
	case "version":
		c.failed = ErrProtocol
	}
}

// onWelcome: the broker's log may hold what we never saw acknowledged.
func (c *appenderCore) onWelcome(r *wire.Reader) bool {
	version, ok1 := r.ReadUint()
	_, ok2 := r.ReadStr()
	last, ok3 := r.ReadUint()
	window, ok4 := r.ReadUint()
	if !ok1 || !ok2 || !ok3 || !ok4 || version != 1 || window == 0 {
		return false
	}
	if c.isWelcome && last >= c.nextN {
		c.failed = ErrFenced // numbers that were never given out here: another process bears this name
		return false
	}
	if !c.isWelcome {
		c.firstN, c.nextN = last+1, last+1
		c.isWelcome = true
	}
	c.window = window
	c.sessions++
	c.settle(Receipt{N: last})
	c.sentN = c.firstN - 1
	return true
}

func (c *appenderCore) onAck(r *wire.Reader) bool {
	var receipt Receipt
	n, ok1 := r.ReadUint()
	seq, ok2 := r.ReadUint()
	hash, ok3 := r.ReadStr()
	if !ok1 || !ok2 || !ok3 || len(hash) > 32 || n > c.sentN {
		return false
	}
	receipt.N, receipt.Seq, receipt.Hash = n, seq, string(hash)
	c.settle(receipt)
	return true
}

func (c *appenderCore) onNack(r *wire.Reader) bool {
	n, ok1 := r.ReadUint()
	code, ok2 := r.ReadStr()
	field, ok3 := r.ReadStr()
	if !ok1 || !ok2 || !ok3 || n > c.sentN {
		return false
	}
	if n >= c.firstN {
		c.refused[n] = &Refusal{Code: Code(code), Field: string(field), N: n}
	}
	return true
}

// settle takes out what is settled through receipt.N.
func (c *appenderCore) settle(receipt Receipt) {
	for c.firstN <= receipt.N && len(c.queue) > 0 {
		item := c.queue[0]
		c.queue[0] = queued{}
		c.queue = c.queue[1:]
		c.bytes -= len(item.data)
		if refusal := c.refused[c.firstN]; refusal != nil {
			delete(c.refused, c.firstN)
			item.pending.settle(receipt, refusal)
		} else {
			item.pending.settle(receipt, nil)
		}
		c.firstN++
	}
	if receipt.N > c.receipt.N {
		c.receipt = receipt
	}
}

// fail ends all that waits.
func (c *appenderCore) fail(err error) {
	for _, item := range c.queue {
		item.pending.settle(Receipt{}, err)
	}
}
