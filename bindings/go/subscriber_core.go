package tocsin

import (
	"bytes"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

const heartbeatTopic = "~\x00"

// subscriberCore makes messages of frames: the protocol of live, without sockets and without a clock.
type subscriberCore struct {
	wanted   *wanted
	maxBytes int
	gaps     *gapTracker

	isConfirmed bool // a first heartbeat has come, ever
	isLost      bool
	head        uint64
	logID       string
	told        []Message
}

// onFrame takes one frame. An error is told once: what cannot be read is passed over.
func (c *subscriberCore) onFrame(frame []byte) error {
	end := bytes.IndexByte(frame[:min(len(frame), MaxTopic)], 0)
	if end < 1 {
		return ErrProtocol
	}
	body := frame[end+1:]
	if frame[0] == '~' {
		if end > 1 {
			return nil // the protocol's own, and newer than we
		}
		return c.onHeartbeat(body)
	}
	topic := string(frame[:end])
	if !c.isConfirmed || !c.wanted.takesTopic(topic) {
		return nil
	}
	r := wire.Reader{Bytes: body}
	for r.Left() > 0 {
		if err := c.onRecord(&r, topic); err != nil {
			return err
		}
	}
	return nil
}

func (c *subscriberCore) onRecord(r *wire.Reader, topic string) error {
	var record record
	if !readRecord(r, c.maxBytes, &record) || record.view.topic() != topic {
		return ErrProtocol
	}
	verdict, gap := c.gaps.onRecord(topic, record.seq, record.prev)
	c.head = record.seq
	c.tellVerdict(verdict, gap, topic)
	if c.wanted.takesRest(&record.view) {
		c.told = append(c.told, record.message(topic, c.logID))
	}
	return nil
}

func (c *subscriberCore) tellVerdict(v verdict, g gap, topic string) {
	switch v {
	case wentBack:
		c.told = append(c.told, Message{Kind: KindReset, Head: c.head, LogID: c.logID})
	case lost:
		if g.isExact {
			topic = ""
		}
		c.told = append(c.told, Message{Kind: KindGap, Topic: topic, First: g.first, Last: g.last, AtLeast: g.atLeast})
	}
}

func (c *subscriberCore) onHeartbeat(body []byte) error {
	r := wire.Reader{Bytes: body}
	count, ok := r.ReadArray()
	version, isUint := r.ReadUint()
	head, hasHead := r.ReadUint()
	logID, hasID := r.ReadStr()
	if !ok || count != 4 || !isUint || version != 1 || !hasHead || !hasID || !r.Skip() || r.Left() > 0 {
		return ErrProtocol
	}
	v, g := nothingLost, gap{}
	switch {
	case !c.isConfirmed:
		c.gaps.begin(head)
	case string(logID) != c.logID:
		c.gaps.begin(head)
		v = wentBack
	default:
		v, g = c.gaps.onHead(head)
	}
	c.head, c.logID = head, string(logID)
	if c.isLost {
		c.told = append(c.told, Message{Kind: KindRestored, Head: head, LogID: c.logID})
	}
	c.tellVerdict(v, g, "")
	c.isLost, c.isConfirmed = false, true
	return nil
}

// onSilence: the broker was not heard for too long.
func (c *subscriberCore) onSilence() {
	if c.isConfirmed && !c.isLost {
		c.isLost = true
		c.told = append(c.told, Message{Kind: KindLost})
	}
}

// subscriptions are the messages that ask for the filters; the heartbeat comes last, so that it confirms all.
func (c *subscriberCore) subscriptions() [][]byte {
	prefixes := c.wanted.prefixes()
	if prefixes == nil {
		prefixes = []string{""}
	}
	var out [][]byte
	for _, prefix := range append(prefixes, heartbeatTopic) {
		out = append(out, append([]byte{1}, prefix...))
	}
	return out
}
