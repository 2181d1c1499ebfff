package tocsin

import (
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

type fromKind int

const (
	fromNew fromKind = iota
	fromFirst
	fromSeq
	fromTime
	fromLast
)

// From is where a stream begins.
type From struct {
	kind  fromKind
	value uint64
}

// FromNew begins behind the last event that is in the log now.
func FromNew() From { return From{} }

// FromFirst begins with the first event that the log still holds.
func FromFirst() From { return From{kind: fromFirst} }

// FromSeq begins with a seq; one that is yet to come is waited for.
func FromSeq(seq uint64) From { return From{fromSeq, seq} }

// FromTime begins with the first event that the broker received at that time or later.
func FromTime(when time.Time) From { return From{fromTime, uint64(max(when.UnixMicro(), 0))} }

// FromLast begins so many seqs before the end, whether they match or not.
func FromLast(count uint64) From { return From{fromLast, count} }

func (f From) append(b []byte) []byte {
	switch f.kind {
	case fromFirst:
		return wire.AppendStr(b, "first")
	case fromSeq:
		return wire.AppendUint(b, f.value)
	case fromTime:
		return wire.AppendStr(wire.AppendStr(wire.AppendMap(b, 1), "time"), formatReceived(f.value))
	case fromLast:
		return wire.AppendUint(wire.AppendStr(wire.AppendMap(b, 1), "last"), f.value)
	}
	return wire.AppendStr(b, "new")
}
