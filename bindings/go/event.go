// Package tocsin publishes operational events to a Tocsin broker, and follows them: live, or from its log without loss.
//
// A [Client] says where the broker is; its methods open what talks to it. It speaks the broker's protocol by itself, over
// TCP or Unix sockets, in plain Go: no cgo, no libzmq. CURVE works.
package tocsin

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
	"github.com/vmihailenco/msgpack/v5"
)

// An Event is what happened. Level, Category, Type and SourceID are required, and Summary may be empty.
type Event struct {
	Level    Level
	Category string // [A-Za-z0-9_.-]{1,64}
	Type     string // [A-Za-z0-9_.-]{1,128}
	SourceID string // 1 to 128 bytes without control characters
	Summary  string // one line, at most 8192 bytes
	Time     string // RFC 3339 with offset (FormatTime); empty: that of its receipt
	Cause    string // a token such as BFrameDetected; empty: none
	// Snapshot is the event's data: nil is none, Null{} a snapshot that is nil. Anything that has an exact JSON image
	// may be published: bool, integers, floats, strings, []any, map[string]any, structs. What is read is bool, int64,
	// uint64 where int64 does not reach, float64, string, []any, map[string]any or Null.
	Snapshot any
}

// Topic is what filters are compared with: Category "/" SourceID.
func (e *Event) Topic() string { return e.Category + "/" + e.SourceID }

// Encode writes the event as MessagePack. It judges it as the broker will, and returns a *Refusal where it breaks a rule.
func (e *Event) Encode() ([]byte, error) { return e.append(nil, MaxEventBytes) }

func (e *Event) append(b []byte, maxBytes int) ([]byte, error) {
	count := 4
	for _, isThere := range [...]bool{e.Level != 0, e.Time != "", e.Cause != "", e.Snapshot != nil} {
		if isThere {
			count++
		}
	}
	start := len(b)
	b = wire.AppendMap(b, count)
	if e.Level != 0 {
		b = wire.AppendStr(wire.AppendStr(b, "level"), e.Level.String())
	}
	b = wire.AppendStr(wire.AppendStr(b, "category"), e.Category)
	b = wire.AppendStr(wire.AppendStr(b, "type"), e.Type)
	b = wire.AppendStr(wire.AppendStr(b, "sourceId"), e.SourceID)
	b = wire.AppendStr(wire.AppendStr(b, "summary"), e.Summary)
	if e.Time != "" {
		b = wire.AppendStr(wire.AppendStr(b, "time"), e.Time)
	}
	if e.Cause != "" {
		b = wire.AppendStr(wire.AppendStr(b, "cause"), e.Cause)
	}
	if e.Snapshot != nil {
		var err error
		if b, err = appendValue(wire.AppendStr(b, "snapshot"), e.Snapshot); err != nil {
			return nil, err
		}
	}
	var v view
	if _, refusal := judge(b[start:], maxBytes, &v); refusal != nil {
		return nil, refusal
	}
	return b, nil
}

// Check judges the event as the broker will; nil, or a *Refusal.
func (e *Event) Check() error {
	_, err := e.Encode()
	return err
}

// Decode reads an event that is MessagePack, one value and nothing behind it, and judges it.
func Decode(data []byte) (Event, error) {
	var v view
	consumed, refusal := judge(data, MaxEventBytes, &v)
	if refusal != nil {
		return Event{}, refusal
	}
	if consumed != len(data) {
		return Event{}, fmt.Errorf("%w: bytes behind the event", ErrInvalid)
	}
	return v.event(), nil
}

func (v *view) event() Event {
	e := Event{
		Level:    v.level,
		Category: string(v.texts[keyCategory]),
		Type:     string(v.texts[keyType]),
		SourceID: string(v.texts[keySourceID]),
		Summary:  string(v.texts[keySummary]),
		Time:     string(v.texts[keyTime]),
		Cause:    string(v.texts[keyCause]),
	}
	if v.snapshot != nil {
		e.Snapshot = readValue(&wire.Reader{Bytes: v.snapshot})
		if e.Snapshot == nil {
			e.Snapshot = Null{}
		}
	}
	return e
}

// DecodeSnapshot fills `into`, a pointer to a struct say, from the snapshot, by the names of its `json` tags.
func (e *Event) DecodeSnapshot(into any) error {
	data, err := appendValue(nil, e.Snapshot)
	if err != nil {
		return err
	}
	decoder := msgpack.NewDecoder(bytes.NewReader(data))
	decoder.SetCustomStructTag("json")
	return decoder.Decode(into)
}

// MarshalJSON writes the event as PROTOCOL.md spells it, absent members left out. Floats have a point or an exponent.
func (e Event) MarshalJSON() ([]byte, error) {
	members := [...]struct{ name, text string }{
		{"time", e.Time}, {"level", e.Level.String()}, {"category", e.Category}, {"type", e.Type},
		{"sourceId", e.SourceID}, {"summary", e.Summary}, {"cause", e.Cause},
	}
	b := []byte{'{'}
	for _, member := range members {
		if member.text == "" && member.name != "summary" {
			continue
		}
		text, err := json.Marshal(member.text)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, '"'), member.name...), `":`...)
		b = append(append(b, text...), ',')
	}
	if e.Snapshot == nil {
		b[len(b)-1] = '}'
		return b, nil
	}
	plain, err := appendValue(nil, e.Snapshot) // what is no plain value becomes one
	if err != nil {
		return nil, err
	}
	b, err = appendJSON(append(b, `"snapshot":`...), readValue(&wire.Reader{Bytes: plain}))
	return append(b, '}'), err
}

// UnmarshalJSON reads an object with the keys of an event. Numbers without point and exponent are integers.
func (e *Event) UnmarshalJSON(text []byte) error {
	var members struct {
		Level, Category, Type, Summary, Time, Cause string
		SourceID                                    string          `json:"sourceId"`
		Snapshot                                    json.RawMessage `json:"snapshot"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&members); err != nil {
		return err
	}
	level, ok := ParseLevel(members.Level)
	if !ok && members.Level != "" {
		return &Refusal{Code: CodeValue, Field: "level"}
	}
	*e = Event{Level: level, Category: members.Category, Type: members.Type, SourceID: members.SourceID,
		Summary: members.Summary, Time: members.Time, Cause: members.Cause}
	if members.Snapshot == nil {
		return nil
	}
	var value any
	decoder = json.NewDecoder(bytes.NewReader(members.Snapshot))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	value, err := fromJSON(value)
	if value == nil {
		value = Null{}
	}
	e.Snapshot = value
	return err
}
