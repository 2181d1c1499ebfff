package tocsin

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"
	"time"
)

// feed is what a Subscriber and a Stream have in common: a connection that comes and goes, what is to be told, and an end.
// All of it belongs to who asks for messages, but for what close touches.
type feed struct {
	maker    *linkMaker
	link     atomic.Pointer[link] // nil: between two
	tried    error                // why the last try to connect failed
	told     *[]Message           // of the protocol behind it
	farewell []byte               // said at closing; nil: nothing
	closed   chan struct{}
	closing  sync.Once
}

func newFeed(maker *linkMaker, told *[]Message, farewell []byte) feed {
	return feed{maker: maker, told: told, farewell: farewell, closed: make(chan struct{})}
}

// connect makes a new link in place of the old one.
func (f *feed) connect() {
	f.disconnect()
	l := f.maker.start()
	f.link.Store(l)
	if f.isClosed() {
		l.close()
	}
}

func (f *feed) disconnect() {
	if l := f.link.Swap(nil); l != nil {
		l.close()
	}
}

func (f *feed) isClosed() bool {
	select {
	case <-f.closed:
		return true
	default:
		return false
	}
}

// open takes steps until there is what is waited for, or the client's patience is over.
func (f *feed) open(ctx context.Context, client *Client, isOpen *bool, step func(context.Context) error) error {
	opening, cancel := client.opening(ctx)
	defer cancel()
	for !*isOpen {
		err := step(opening)
		if isTurnedAway(f.tried) {
			err = unreachable(f.tried)
		}
		if err != nil {
			return openingError(ctx, err, f.tried)
		}
	}
	return nil
}

// openingError: what ended opening, where the context for it had a deadline of its own.
func openingError(ctx context.Context, err, tried error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return unreachable(tried)
	}
	return err
}

// wait waits for what happens on the link, for its time, or for an end. Where something has happened already it does not
// look at the context. A nil event: the time is over.
func (f *feed) wait(ctx context.Context, most time.Duration) (*linkEvent, error) {
	var events chan linkEvent
	if l := f.link.Load(); l != nil {
		events = l.events
	}
	select {
	case event := <-events:
		return &event, nil
	default:
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case event := <-events:
		return &event, nil
	case <-timer.C:
		return nil, nil
	case <-f.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// next takes steps until there is something to be told.
func (f *feed) next(ctx context.Context, isEnded *bool, step func(context.Context) error) (Message, error) {
	for len(*f.told) == 0 {
		if *isEnded {
			return Message{}, ErrEnd
		}
		if f.isClosed() {
			return Message{}, ErrClosed
		}
		if err := step(ctx); err != nil && len(*f.told) == 0 {
			return Message{}, err
		}
	}
	message := (*f.told)[0]
	*f.told = (*f.told)[1:]
	if len(*f.told) == 0 {
		*f.told = nil // else the array would keep what was told
	}
	return message, nil
}

// close may be called by any goroutine, and more than once.
func (f *feed) close() {
	f.closing.Do(func() {
		close(f.closed)
		if l := f.link.Load(); l != nil {
			if f.farewell != nil {
				l.say(f.farewell)
			}
			l.close()
		}
	})
}

func all(ctx context.Context, next func(context.Context) (Message, error)) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			message, err := next(ctx)
			if err != nil && (ctx.Err() != nil || errors.Is(err, ErrEnd)) {
				return
			}
			if !yield(message, err) || err != nil {
				return
			}
		}
	}
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value > 0 {
		return value
	}
	return fallback
}
