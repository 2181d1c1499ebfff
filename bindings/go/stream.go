package tocsin

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"
)

// StreamOptions say where a stream begins and what is wanted. The zero value is everything new, followed.
type StreamOptions struct {
	From     From
	Filters  []Filter // topics wanted, any of them; none: everything
	Exclude  []Filter // topics not wanted after all
	Types    []string // types wanted, any of them; none: all
	MinLevel Level    // events below are passed over
	// Latest begins with the last event before the start of every matching topic: the state.
	Latest bool
	// EndsAtHead tells what is there, then KindEnd and ErrEnd; else it goes on with what comes.
	EndsAtHead bool
	// LogID is the log that a seq to begin with counts in: any other is ErrOtherLog.
	LogID          string
	SilenceTimeout time.Duration // after which the connection counts as lost; 5 s
	CreditBytes    int           // most that is on its way or waits here; 4 MiB
}

// A Stream tells events of the broker's log, any part of the past and what comes: every one that matches once, in the order
// of seq, over breaks of the connection and restarts of the broker. A program that is slow loses nothing. What retention has
// removed is told as KindHole. To go on later, keep Cursor and LogID with your results, and open with FromSeq(cursor+1) and
// LogID. It belongs to one goroutine at a time; Close may come from any.
type Stream struct {
	core    streamCore
	maker   *linkMaker
	link    *link // nil: between two
	isUp    bool  // the link is connected
	retry   time.Time
	pause   time.Duration
	tried   error
	closed  chan struct{}
	closing sync.Once
}

// OpenStream connects and waits until the broker has opened the stream.
func (c Client) OpenStream(ctx context.Context, options *StreamOptions) (*Stream, error) {
	if options == nil {
		options = &StreamOptions{}
	}
	wanted, err := newWanted(options.Filters, options.Exclude, options.Types, options.MinLevel)
	if err != nil {
		return nil, err
	}
	if options.LogID != "" && !isLogID([]byte(options.LogID)) {
		return nil, fmt.Errorf("%w: the log's id %q", ErrInvalid, options.LogID)
	}
	maker, err := c.newLink(streamDoor, c.maxEventBytes()+2<<20, 64)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	s := &Stream{maker: maker, closed: make(chan struct{}), core: streamCore{
		wanted: wanted, maxBytes: c.maxEventBytes(), from: options.From, latest: options.Latest,
		follow: !options.EndsAtHead, keepsLog: options.LogID != "", logID: options.LogID,
		credit:  uint64(orDefault(options.CreditBytes, 4<<20)),
		silence: orDefault(options.SilenceTimeout, defaultTimeout), heard: now, waited: now,
	}}
	opening, cancel := c.opening(ctx)
	defer cancel()
	for !s.core.isOpen {
		err := s.step(opening)
		if isTurnedAway(s.tried) {
			err = unreachable(s.tried)
		}
		if err != nil {
			s.Close()
			return nil, openingError(ctx, err, s.tried)
		}
	}
	return s, nil
}

// restart ends the session; the next one begins after a pause that grows.
func (s *Stream) restart() {
	if s.link != nil {
		s.link.close()
	}
	s.link, s.isUp, s.core.isOpen, s.core.batch = nil, false, false, nil
	s.pause = min(max(2*s.pause, pauseMin), pauseMax)
	s.retry = time.Now().Add(s.pause)
}

func (s *Stream) flush() {
	for _, message := range s.core.out {
		s.link.say(message)
	}
	s.core.out = s.core.out[:0]
}

// step does the next thing: reads a record, or takes what happens.
func (s *Stream) step(ctx context.Context) error {
	if s.core.failed != nil {
		return s.core.failed
	}
	if s.core.batch != nil {
		s.pause = 0
		if err := s.core.step(time.Now()); err != nil {
			s.restart()
			return err
		}
		s.flush()
		return nil
	}
	if s.link == nil && !time.Now().Before(s.retry) {
		s.link = s.maker.start()
	}
	var events chan linkEvent
	until := 500 * time.Millisecond
	if s.link != nil {
		events = s.link.events
	} else {
		until = time.Until(s.retry)
	}
	select {
	case event := <-events:
		return s.take(event)
	default:
	}
	return s.wait(ctx, events, until)
}

func (s *Stream) wait(ctx context.Context, events chan linkEvent, until time.Duration) error {
	timer := time.NewTimer(until)
	defer timer.Stop()
	defer func() { s.core.waited = time.Now() }()
	select {
	case event := <-events:
		return s.take(event)
	case <-timer.C:
		if !s.core.tick(time.Now(), s.isUp) {
			s.restart()
		} else if s.isUp {
			s.flush()
		}
		return nil
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Stream) take(event linkEvent) error {
	switch event.kind {
	case linkTried:
		s.tried = event.err
	case linkConnected:
		s.isUp = true
		s.core.begin(time.Now())
		s.flush()
	case linkOver:
		s.restart()
	case linkMessage:
		goesOn, err := s.core.receive(event.message, time.Now())
		if goesOn {
			s.flush()
		} else {
			s.restart()
		}
		return err
	}
	return nil
}

// Next returns what comes next. ErrEnd: KindEnd has been told; ErrOtherLog: the broker writes another log now (without
// LogID in the options that is KindReset); ErrProtocol: what came was not understood, and is asked for again by the next
// call; ErrClosed; or the context's error.
func (s *Stream) Next(ctx context.Context) (Message, error) {
	for len(s.core.told) == 0 {
		if s.core.isEnded {
			return Message{}, ErrEnd
		}
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
	s.core.told = append(s.core.told[:0], s.core.told[1:]...)
	return message, nil
}

// All is Next as an iterator. It ends with ErrEnd or the context, which are not told, or with another error, which is.
func (s *Stream) All(ctx context.Context) iter.Seq2[Message, error] { return all(ctx, s.Next) }

// Cursor is the seq through which all that matches has been told; it moves on where nothing matches. 0: begin as the first
// time, for nothing was told yet, or not all of the latest.
func (s *Stream) Cursor() uint64 {
	if !s.core.isPlaced || s.core.isInLatest {
		return 0
	}
	return s.core.cursor
}

// LogID is the log that the cursor counts in.
func (s *Stream) LogID() string { return s.core.logID }

// Head is the log's last seq as far as it is known here.
func (s *Stream) Head() uint64 { return s.core.head }

// Close ends the stream, and a Next that waits.
func (s *Stream) Close() error {
	s.closing.Do(func() { close(s.closed) })
	if s.link != nil {
		if s.core.isOpen {
			s.link.say(verbMessage("close"))
		}
		s.link.close()
	}
	return nil
}
