package tocsin

import (
	"context"
	"fmt"
	"iter"
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
	feed    feed
	core    subscriberCore
	timeout time.Duration
	heard   time.Time
	looked  time.Time
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
		timeout: orDefault(options.HeartbeatTimeout, defaultTimeout),
	}
	s.feed = newFeed(maker, &s.core.told, nil)
	maker.says = s.core.subscriptions()
	s.connect()
	if err := s.feed.open(ctx, &c, &s.core.isConfirmed, s.step); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Subscriber) connect() {
	s.feed.connect()
	s.heard = time.Now()
}

// step takes one thing that happens, or fails with the context.
func (s *Subscriber) step(ctx context.Context) error {
	now := time.Now()
	if now.Sub(s.looked) > time.Second {
		s.heard = now // the silence was ours
	}
	event, err := s.feed.wait(ctx, max(s.timeout-now.Sub(s.heard), 0))
	s.looked = time.Now()
	if err != nil {
		return err
	}
	if event == nil {
		s.core.onSilence()
		s.connect()
		return nil
	}
	return s.take(event)
}

func (s *Subscriber) take(event *linkEvent) error {
	switch event.kind {
	case linkMessage:
		s.heard = time.Now()
		return s.core.onFrame(event.message)
	case linkTried:
		s.feed.tried = event.err
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
	never := false
	return s.feed.next(ctx, &never, s.step)
}

// All is Next as an iterator, which ends with the first error; that is told unless it is the context's.
func (s *Subscriber) All(ctx context.Context) iter.Seq2[Message, error] { return all(ctx, s.Next) }

// LogID is the log that the broker writes, as far as is known here.
func (s *Subscriber) LogID() string { return s.core.logID }

// Head is the last seq that the broker published, as far as is known here.
func (s *Subscriber) Head() uint64 { return s.core.head }

// Close ends the subscriber, and a Next that waits.
func (s *Subscriber) Close() error {
	s.feed.close()
	return nil
}

func (s *Subscriber) String() string { return fmt.Sprintf("tocsin: live at %s", s.feed.maker.endpoint) }
