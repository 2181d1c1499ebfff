package tocsin

import (
	"fmt"
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

const (
	quietAsk = 1500 * time.Millisecond // of silence: is the session there still?
	sayAfter = 15 * time.Second        // the broker forgets who says nothing for a minute
	absent   = time.Second             // a wait that begins so long after the last one: the silence was ours
)

// streamCore is the protocol of a stream: what to say, what an answer means, and where the cursor stands. No sockets, and
// the time is told.
type streamCore struct {
	wanted   *wanted
	maxBytes int
	from     From
	latest   bool
	follow   bool
	keepsLog bool // another log is an error
	credit   uint64
	silence  time.Duration

	isPlaced   bool // the broker has said where it begins
	logID      string
	first      uint64 // the first seq that is no latest one
	isInLatest bool
	latestTold uint64
	cursor     uint64
	head       uint64
	isEnded    bool
	failed     error // for good

	isOpen    bool
	isLost    bool
	owed      uint64
	connected time.Time
	heard     time.Time
	said      time.Time
	asked     time.Time
	waited    time.Time

	out   [][]byte // to be said
	told  []Message
	batch *batch
}

type batch struct {
	records wire.Reader
	left    uint32
	upto    uint64
	size    int
}

func (c *streamCore) say(now time.Time, message []byte) {
	c.said = now
	c.out = append(c.out, message)
}

// begin asks for the stream on a new connection: as at first, or behind what was told.
func (c *streamCore) begin(now time.Time) {
	c.isOpen, c.owed, c.batch, c.connected, c.asked = false, 0, nil, now, now
	from, latest := c.from, c.latest
	if c.isPlaced {
		from, latest = FromSeq(c.cursor+1), c.isInLatest
		if latest {
			from = FromSeq(c.first)
		}
	}
	c.say(now, c.openMessage(from, latest))
}

// receive takes one message. False: the session is over, and another one is to be opened after a pause; err where what
// came was not understood, or where the stream has failed for good.
func (c *streamCore) receive(message []byte, now time.Time) (goesOn bool, err error) {
	c.heard = now
	r, verb, count, ok := answer(message)
	if !ok {
		return false, ErrProtocol
	}
	isStatement := map[string]uint32{"batch": 3, "hole": 3, "end": 2}[verb]
	if isStatement > 0 && (!c.isOpen || count != isStatement) {
		return false, ErrProtocol
	}
	switch verb {
	case "opened":
		return c.onOpened(&r, now)
	case "batch":
		return c.onBatch(&r, len(message))
	case "hole":
		return c.onHole(&r)
	case "end":
		return c.onEnd(&r)
	case "error":
		return c.onError(&r)
	case "ping":
		c.say(now, verbMessage("pong"))
	}
	return true, nil
}

func isLogID(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(text) == 32
}

func (c *streamCore) onOpened(r *wire.Reader, now time.Time) (bool, error) {
	version, ok1 := r.ReadUint()
	id, ok2 := r.ReadStr()
	from, ok3 := r.ReadUint()
	head, ok4 := r.ReadUint()
	if !ok1 || !ok2 || !ok3 || !ok4 || version != 1 || !isLogID(id) || from == 0 || c.isOpen {
		return false, ErrProtocol
	}
	logID := string(id)
	isSame := c.logID == "" || c.logID == logID
	if !isSame && c.keepsLog {
		c.failed = ErrOtherLog
		return false, c.failed
	}
	if c.isLost {
		c.told = append(c.told, Message{Kind: KindRestored, Head: head, LogID: logID})
	}
	c.isLost = false
	if !isSame || head < c.head {
		c.reset(logID, head, isSame)
		return false, nil
	}
	c.head = head
	if !c.isPlaced {
		c.isPlaced, c.logID, c.first, c.cursor, c.isInLatest, c.latestTold = true, logID, from, from-1, c.latest, 0
	} else if expected := c.resumes(); from != expected {
		return false, fmt.Errorf("%w: opened at %d, not at %d", ErrProtocol, from, expected)
	}
	c.isOpen = true
	c.say(now, creditMessage(c.credit))
	return true, nil
}

func (c *streamCore) resumes() uint64 {
	if c.isInLatest {
		return c.first
	}
	return c.cursor + 1
}

// reset: the log lost its end, or is another one; begins anew where that makes sense.
func (c *streamCore) reset(logID string, head uint64, isSame bool) {
	c.logID, c.head, c.cursor, c.isInLatest, c.isPlaced = logID, head, head, false, isSame
	if !isSame {
		c.from, c.latest = FromFirst(), false
	}
	c.told = append(c.told, Message{Kind: KindReset, Head: head, LogID: logID})
}

func (c *streamCore) move(seq uint64) {
	c.isInLatest = false
	c.cursor = seq
	c.head = max(c.head, seq)
}

// onBatch: one of the latest has records, and reaches to where the stream begins; any other ends them.
func (c *streamCore) onBatch(r *wire.Reader, size int) (bool, error) {
	upto, ok1 := r.ReadUint()
	count, ok2 := r.ReadArray()
	if !ok1 || !ok2 {
		return false, ErrProtocol
	}
	c.batch = &batch{records: *r, left: count, upto: upto, size: size}
	if c.isInLatest && (count == 0 || upto >= c.first) {
		c.move(c.first - 1)
	}
	if upto < c.cursor {
		return false, ErrProtocol
	}
	return true, nil
}

// step reads the next record of the batch that is being read, or ends it.
func (c *streamCore) step(now time.Time) error {
	b := c.batch
	if b.left == 0 {
		c.batch = nil
		if b.records.Left() > 0 {
			return ErrProtocol
		}
		if !c.isInLatest {
			c.move(b.upto)
		}
		c.repay(uint64(b.size), now)
		return nil
	}
	b.left--
	var record record
	if !readRecord(&b.records, c.maxBytes, &record) {
		return ErrProtocol
	}
	isNew, ok := c.place(record.seq)
	if !ok {
		return ErrProtocol
	}
	topic := record.view.topic()
	if isNew && c.wanted.takes(&record.view, topic) {
		c.told = append(c.told, record.message(topic, c.logID))
	}
	return nil
}

// place puts a record where it belongs; false where it cannot stand there.
func (c *streamCore) place(seq uint64) (isNew, ok bool) {
	if seq > c.batch.upto {
		return false, false
	}
	if c.isInLatest && seq < c.first {
		isNew = seq > c.latestTold
		c.latestTold = max(c.latestTold, seq)
		return isNew, true
	}
	if seq <= c.cursor {
		return false, false
	}
	c.move(seq)
	return true, true
}

// repay gives credit again for what was taken.
func (c *streamCore) repay(size uint64, now time.Time) {
	c.owed += size
	if c.owed >= (c.credit+1)/2 {
		c.say(now, creditMessage(c.owed))
		c.owed = 0
	}
}

func (c *streamCore) onHole(r *wire.Reader) (bool, error) {
	first, ok1 := r.ReadUint()
	last, ok2 := r.ReadUint()
	if !ok1 || !ok2 || first == 0 || first > last || first > c.cursor+1 || last <= c.cursor {
		return false, ErrProtocol
	}
	from := c.cursor + 1
	c.told = append(c.told, Message{Kind: KindHole, First: from, Last: last, AtLeast: last - from + 1})
	c.move(last)
	return true, nil
}

func (c *streamCore) onEnd(r *wire.Reader) (bool, error) {
	upto, ok := r.ReadUint()
	if !ok || upto < c.cursor || c.follow {
		return false, ErrProtocol
	}
	c.move(upto)
	c.isEnded = true
	c.told = append(c.told, Message{Kind: KindEnd, Last: upto})
	return false, nil
}

// onError: most of what ends a session passes.
func (c *streamCore) onError(r *wire.Reader) (bool, error) {
	code, _ := r.ReadStr()
	text, _ := r.ReadStr()
	switch string(code) {
	case "version":
		c.failed = fmt.Errorf("%w: %s", ErrProtocol, text)
		return false, c.failed
	case "denied":
		c.failed = fmt.Errorf("%w: %s", ErrDenied, text)
		return false, c.failed
	case "protocol":
		return false, fmt.Errorf("%w: %s", ErrProtocol, text)
	}
	return false, nil
}

// tick looks after the session while nothing comes. False: it is over.
func (c *streamCore) tick(now time.Time, isConnected bool) bool {
	if now.Sub(c.waited) >= absent {
		c.heard = now
	}
	c.waited = now
	isSilent := now.Sub(c.heard) >= c.silence
	if isSilent && c.isPlaced && !c.isLost {
		c.isLost = true
		c.told = append(c.told, Message{Kind: KindLost})
	}
	if !isConnected {
		return true
	}
	if !c.isOpen {
		return now.Sub(c.connected) < c.silence
	}
	if !isSilent {
		c.keepAlive(now)
	}
	return !isSilent
}

// keepAlive: credit of nothing asks whether the session is known; a broker that has lost it answers that there is none.
func (c *streamCore) keepAlive(now time.Time) {
	isQuiet := now.Sub(c.heard) >= quietAsk && now.Sub(c.asked) >= quietAsk
	if !isQuiet && now.Sub(c.said) < sayAfter {
		return
	}
	c.asked = now
	c.say(now, creditMessage(0))
	c.say(now, verbMessage("ping"))
}
