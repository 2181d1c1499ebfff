package tocsin

import (
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

// The time that the broker adds to an event does not count against what the event may have.
const timeMember = 64

// A record is an event with its place in the log.
type record struct {
	seq, prev, receivedUS uint64
	view                  view
}

// readRecord reads one record and judges its event; false where that is none, and then nothing behind it can be trusted.
func readRecord(r *wire.Reader, maxBytes int, out *record) bool {
	count, ok := r.ReadArray()
	if !ok || count != 4 {
		return false
	}
	for _, number := range [...]*uint64{&out.seq, &out.prev, &out.receivedUS} {
		if *number, ok = r.ReadUint(); !ok {
			return false
		}
	}
	used, refusal := judge(r.Bytes[r.At:], maxBytes+timeMember, &out.view)
	if refusal != nil || out.prev >= out.seq {
		return false
	}
	r.At += used
	return true
}

// Kind is what a Message tells.
type Kind int

const (
	// KindEvent: an event came.
	KindEvent Kind = iota
	// KindGap, live: events that you wanted were lost on the way; they are in the broker's log, within First … Last.
	KindGap
	// KindLost: the connection is lost; the handle goes on trying.
	KindLost
	// KindRestored: it is back, and all filters are in force.
	KindRestored
	// KindReset: the broker's log is another one, or went back: seqs count anew from Head.
	KindReset
	// KindHole, stream: the log does not hold First … Last.
	KindHole
	// KindEnd, stream: all through Last was told, and no more was asked for.
	KindEnd
)

var kindWords = [...]string{"event", "gap", "lost", "restored", "reset", "hole", "end"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindWords) {
		return "unknown"
	}
	return kindWords[k]
}

// A Message is what a Subscriber or a Stream tells. Only what is named for a Kind is set.
type Message struct {
	Kind Kind
	// KindEvent: the event, and where it stands. Prev is the seq of the event before it on its topic, 0 where there is
	// none or it is no longer known. ReceivedUS is the broker's clock, microseconds since 1970 UTC.
	Event                 Event
	Seq, Prev, ReceivedUS uint64
	// Topic: KindEvent, and KindGap where one topic is concerned and not all.
	Topic string
	// KindGap: what was lost lies within First … Last, both included, and is AtLeast so many: exactly so many where
	// everything is subscribed. KindHole: all of First … Last. KindEnd: Last only.
	First, Last, AtLeast uint64
	// Head is the last seq that the broker published, LogID its log: KindRestored, KindReset; LogID with KindEvent too.
	Head  uint64
	LogID string
}

// Received is the broker's clock when the event came in.
func (m *Message) Received() time.Time { return time.UnixMicro(int64(m.ReceivedUS)) }

func (r *record) message(topic, logID string) Message {
	return Message{Kind: KindEvent, Event: r.view.event(), Seq: r.seq, Prev: r.prev, ReceivedUS: r.receivedUS,
		Topic: topic, LogID: logID}
}
