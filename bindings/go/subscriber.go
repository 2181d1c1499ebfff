package tocsin

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// SubscribeOptions say what is wanted. The zero value is everything.
type SubscribeOptions struct {
	Filters  []Filter // topics wanted, any of them; none: everything
	Exclude  []Filter // topics not wanted after all
	Types    []string // types wanted, any of them; none: all
	MinLevel Level    // events below are passed over
	// HeartbeatTimeout is the silence after which the connection counts as lost and is made anew; 5 s.
	HeartbeatTimeout time.Duration
	QueueFrames      int // most frames that wait in this process; what comes on top is lost by the broker; 10000
	MaxTopics        int // topics whose last seq is remembered; 65536
}

// A Subscriber follows events live. It belongs to one goroutine at a time; Close may come from any.
type Subscriber struct {
	core    subscriberCore
	maker   *linkMaker
	link    *link
	timeout time.Duration
	heard   time.Time
	looked  time.Time
	tried   error
	closed  chan struct{}
	closing sync.Once
}

// Subscribe connects, and waits until the broker has confirmed all filters with a heartbeat, one a second: from then on
// every event that is wanted is delivered or told as a gap.
func (c Client) Subscribe(ctx context.Context, options *SubscribeOptions) (*Subscriber, error) {
	if options == nil {
		options = &SubscribeOptions{}
	}
	wanted, err := newWanted(options.Filters, options.Exclude, options.Types, options.MinLevel)
	if err != nil {
		return nil, err
	}
	maker, err := c.newLink(liveDoor, c.maxEventBytes()+65536+4096, orDefault(options.QueueFrames, 10000))
	if err != nil {
		return nil, err
	}
	s := &Subscriber{
		core: subscriberCore{wanted: wanted, maxBytes: c.maxEventBytes(),
			gaps: newGapTracker(wanted.isEverything(), orDefault(options.MaxTopics, 65536))},
		maker:   maker,
		timeout: orDefault(options.HeartbeatTimeout, defaultTimeout),
		closed:  make(chan struct{}),
	}
	maker.says = s.core.subscriptions()
	opening, cancel := c.opening(ctx)
	defer cancel()
	s.connect()
	for !s.core.isConfirmed {
		err := s.step(opening)
		if isTurnedAway(s.tried) {
			err = unreachable(s.tried)
		}
		if err != nil {
			s.Close()
			s.link.close()
			return nil, openingError(ctx, err, s.tried)
		}
	}
	return s, nil
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value > 0 {
		return value
	}
	return fallback
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

func (s *Subscriber) connect() {
	if s.link != nil {
		s.link.close()
	}
	s.link = s.maker.start()
	s.heard = time.Now()
}

// step takes one thing that happens, or fails with the context.
func (s *Subscriber) step(ctx context.Context) error {
	now := time.Now()
	if now.Sub(s.looked) > time.Second {
		s.heard = now // the silence was ours
	}
	timer := time.NewTimer(max(s.timeout-now.Sub(s.heard), 0))
	defer timer.Stop()
	defer func() { s.looked = time.Now() }()
	select {
	case event := <-s.link.events:
		return s.take(event)
	default:
	}
	select {
	case event := <-s.link.events:
		return s.take(event)
	case <-timer.C:
		s.core.onSilence()
		s.connect()
		return nil
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Subscriber) take(event linkEvent) error {
	switch event.kind {
	case linkMessage:
		s.heard = time.Now()
		return s.core.onFrame(event.message)
	case linkTried:
		s.tried = event.err
	case linkOver:
		heard := s.heard
		s.connect()
		s.heard = heard
	}
	return nil
}

// Next returns what comes next. It fails with the context's error, with ErrClosed after Close, and with ErrProtocol for a
// frame that is none, which is passed over: the next call goes on.
func (s *Subscriber) Next(ctx context.Context) (Message, error) {
	for len(s.core.told) == 0 {
		select {
		case <-s.closed:
			return Message{}, ErrClosed
		default:
		}
		if err := s.step(ctx); err != nil && len(s.core.told) == 0 {
			return Message{}, err
		}
	}
	message := s.core.told[0]
	s.core.told = s.core.told[1:]
	if len(s.core.told) == 0 {
		s.core.told = s.core.told[:0:0]
	}
	return message, nil
}

// All is Next as an iterator, which ends with the first error; that is told unless it is the context's.
func (s *Subscriber) All(ctx context.Context) iter.Seq2[Message, error] {
	return all(ctx, s.Next)
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

// LogID is the log that the broker writes, Head the last seq that it published, as far as is known here.
func (s *Subscriber) LogID() string { return s.core.logID }

// Head is the last seq that the broker published, as far as is known here.
func (s *Subscriber) Head() uint64 { return s.core.head }

// Close ends the subscriber, and a Next that waits.
func (s *Subscriber) Close() error {
	s.closing.Do(func() {
		close(s.closed)
		if s.link != nil {
			s.link.close()
		}
	})
	return nil
}

func (s *Subscriber) String() string { return fmt.Sprintf("tocsin: live at %s", s.maker.endpoint) }
