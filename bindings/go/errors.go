package tocsin

import (
	"context"
	"errors"
	"fmt"

	"github.com/tocsin/tocsin/bindings/go/internal/zmtp"
)

// What a call may return, for errors.Is.
var (
	// ErrUnreachable: no broker answered in time.
	ErrUnreachable = errors.New("tocsin: the broker cannot be reached")
	// ErrDenied: the broker, or its access file, does not let this client in; or its keys do not fit.
	ErrDenied = errors.New("tocsin: denied")
	// ErrClosed: the handle was closed, or a newer incarnation of the producer has taken over.
	ErrClosed = errors.New("tocsin: closed")
	// ErrFenced: a newer incarnation of the producer has taken over. It is an ErrClosed.
	ErrFenced = fmt.Errorf("%w: a newer incarnation of this producer is there", ErrClosed)
	// ErrFull: no room in the queue in time. The event was not taken.
	ErrFull = errors.New("tocsin: the queue is full")
	// ErrInvalid: an argument or an option that cannot be.
	ErrInvalid = errors.New("tocsin: invalid argument")
	// ErrRefused: the event breaks a rule; errors.As finds the *Refusal.
	ErrRefused = errors.New("tocsin: the event was refused")
	// ErrProtocol: what came is nothing that a broker of this protocol says.
	ErrProtocol = errors.New("tocsin: the peer broke the protocol")
	// ErrOtherLog: the broker writes another log than the one that the cursor belongs to.
	ErrOtherLog = errors.New("tocsin: the broker writes another log")
	// ErrCursor: the cursor's file is no cursor, or another process uses it.
	ErrCursor = errors.New("tocsin: the cursor's file")
	// ErrUnsettled: the handle was closed before all events were settled; they may be lost.
	ErrUnsettled = errors.New("tocsin: not all events were settled")
	// ErrEnd: the stream has told all through its head, and no more was asked for.
	ErrEnd = errors.New("tocsin: end of the stream")
)

// Code is why an event is refused, the protocol's word.
type Code string

// The codes of PROTOCOL.md section 1.1.
const (
	CodeMalformed   Code = "malformed"
	CodeType        Code = "type"
	CodeMissing     Code = "missing"
	CodeUnknown     Code = "unknown"
	CodeDuplicate   Code = "duplicate"
	CodeValue       Code = "value"
	CodeLength      Code = "length"
	CodeDepth       Code = "depth"
	CodeUTF8        Code = "utf8"
	CodeUnsupported Code = "unsupported"
)

var codeTexts = map[Code]string{
	CodeMalformed:   "is no MessagePack, or is cut short",
	CodeType:        "has the wrong type",
	CodeMissing:     "is required and missing",
	CodeUnknown:     "is no key of an event",
	CodeDuplicate:   "holds a key twice",
	CodeValue:       "has a value that is not allowed",
	CodeLength:      "is too long, or empty",
	CodeDepth:       "is nested too deep",
	CodeUTF8:        "is not valid UTF-8",
	CodeUnsupported: "holds what JSON cannot: bin, ext, NaN, infinity, U+0000 or a key that is no string",
}

// A Refusal tells why an event is none. It is an ErrRefused.
type Refusal struct {
	Code  Code
	Field string // the key concerned, empty where there is none
	N     uint64 // of an event that the broker refused: its number
}

func (r *Refusal) Error() string {
	subject := "the event"
	if r.Field != "" {
		subject = fmt.Sprintf("%q", r.Field)
	}
	text := codeTexts[r.Code]
	if text == "" {
		text = "is refused"
	}
	return fmt.Sprintf("tocsin: %s %s (%s)", subject, text, r.Code)
}

// Is makes errors.Is(err, ErrRefused) true.
func (r *Refusal) Is(target error) bool { return target == ErrRefused }

// isTurnedAway: there is no use in trying again to open.
func isTurnedAway(err error) bool { return errors.Is(err, zmtp.ErrTurnedAway) }

// unreachable tells why no broker answered, as far as that is known.
func unreachable(cause error) error {
	switch {
	case cause == nil, errors.Is(cause, context.DeadlineExceeded):
		return ErrUnreachable
	case errors.Is(cause, zmtp.ErrDenied):
		return fmt.Errorf("%w (%v)", ErrDenied, cause)
	case errors.Is(cause, zmtp.ErrProtocol):
		return fmt.Errorf("%w: %v", ErrProtocol, cause)
	}
	return fmt.Errorf("%w: %v", ErrUnreachable, cause)
}
