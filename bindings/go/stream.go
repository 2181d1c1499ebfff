package tocsin

import (
	"context"
	"fmt"
	"iter"
	"time"
)

const tick = 500 * time.Millisecond // between two looks after a quiet session

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

	// CursorFile keeps the place: all through it is handled. What it says goes before From and Latest; with another log it
	// is ErrOtherLog. Each event is then told at least once over restarts of the program. ErrCursor: the file is no cursor,
	// or another process uses it.
	CursorFile     string
	CursorInterval time.Duration // between two writes of the file, which are forced to the disk; 200 ms
	// CommitsByHand: what was told is handled when Commit says so, and not when the next message is asked for.
	CommitsByHand bool
}

// A Stream tells events of the broker's log, any part of the past and what comes: every one that matches once, in the order
// of seq, over breaks of the connection and restarts of the broker. A program that is slow loses nothing. What retention has
// removed is told as KindHole. To go on later, name a CursorFile; or keep Cursor and LogID with your results, and open with
// FromSeq(cursor+1) and LogID. It belongs to one goroutine at a time; Close may come from any.
type Stream struct {
	feed   feed
	core   streamCore
	keeper *cursorKeeper // the cursor's file; nil: none
	isUp   bool          // the link is connected
	retry  time.Time
	pause  time.Duration
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
	s := &Stream{core: streamCore{
		wanted: wanted, maxBytes: c.maxEventBytes(), from: options.From, latest: options.Latest,
		follow: !options.EndsAtHead, keepsLog: options.LogID != "", logID: options.LogID,
		credit:  uint64(orDefault(options.CreditBytes, 4<<20)),
		silence: orDefault(options.SilenceTimeout, defaultTimeout), heard: now, waited: now,
	}}
	s.feed = newFeed(maker, &s.core.told, verbMessage("close"))
	if options.CursorFile != "" {
		if s.keeper, err = openKeeper(options, &s.core); err != nil {
			return nil, err
		}
	}
	err = s.feed.open(ctx, &c, &s.core.isOpen, s.step)
	if err == nil {
		err = s.handled(true)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// restart ends the session; the next one begins after a pause that grows.
func (s *Stream) restart() {
	s.feed.disconnect()
	s.isUp, s.core.isOpen, s.core.batch = false, false, nil
	s.pause = min(max(2*s.pause, pauseMin), pauseMax)
	s.retry = time.Now().Add(s.pause)
}

func (s *Stream) flush() {
	if l := s.feed.link.Load(); l != nil {
		for _, message := range s.core.out {
			l.say(message)
		}
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
	until := tick
	if s.feed.link.Load() == nil {
		if until = time.Until(s.retry); until <= 0 {
			s.feed.connect()
			until = tick
		}
	}
	event, err := s.feed.wait(ctx, until)
	if event == nil && err == nil {
		s.lookAfter(time.Now())
		return nil
	}
	s.core.waited = time.Now()
	if err != nil {
		return err
	}
	return s.take(event)
}

func (s *Stream) lookAfter(now time.Time) {
	if !s.core.tick(now, s.isUp) {
		s.restart()
	} else if s.isUp {
		s.flush()
	}
}

func (s *Stream) take(event *linkEvent) error {
	switch event.kind {
	case linkTried:
		s.feed.tried = event.err
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
	if err := s.handled(false); err != nil {
		return Message{}, err
	}
	return s.feed.next(ctx, &s.core.isEnded, s.step)
}

// handled: who asks for more has handled what was told, unless that is said by hand.
func (s *Stream) handled(mustWrite bool) error {
	if s.keeper == nil || s.keeper.isByHand {
		return nil
	}
	return s.keeper.commit(&s.core, mustWrite)
}

// Commit says that all that was told is handled. The cursor's file is written within the CursorInterval, or at once.
func (s *Stream) Commit(atOnce bool) error {
	if s.keeper == nil {
		return fmt.Errorf("%w: there is no CursorFile", ErrInvalid)
	}
	return s.keeper.commit(&s.core, atOnce)
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

// Close ends the stream, and a Next that waits; the cursor's file then says what was handled.
func (s *Stream) Close() error {
	s.feed.close()
	if s.keeper == nil {
		return nil
	}
	return s.keeper.close()
}
