package tocsin

import (
	"context"
	"sync"
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/zmtp"
)

const (
	frameMax = 64 << 10
	collects = time.Millisecond
)

// PublisherOptions of a Publisher; the zero value of each is its default.
type PublisherOptions struct {
	QueueBytes   int           // most that waits to be sent; 16 MiB
	SendTimeout  time.Duration // for room in the queue, beside the context; 5 s
	CloseTimeout time.Duration // for what is under way at closing; 5 s
	// CollectsNothing: each event in a frame of its own, sent at once.
	CollectsNothing bool
}

// A Publisher sends events, fire and forget. Opening waits until the broker takes events, so the first one is not lost.
// Events in quick succession are collected into one frame, for a millisecond at most; a lone event leaves at once. While
// the broker is away they wait in the handle, and leave when it is back; when there is no room publishing waits, and then
// fails: it never drops in silence. What can be lost is what was under way when a connection broke or the broker died.
// A Publisher may be used by several goroutines.
type Publisher struct {
	maxBytes int
	options  PublisherOptions
	maker    *linkMaker
	cancel   context.CancelFunc
	context  context.Context
	done     chan struct{} // the writer has ended
	ready    chan struct{} // the broker has subscribed, once
	wake     chan struct{}

	lock       sync.Mutex
	frames     [][]byte // to be sent, in order; the last one may still grow
	events     []int    // in each of them
	bytes      int
	waiting    int
	room       chan struct{} // closed when frames were sent
	turnedAway error         // at opening
	isFinal    bool          // no more comes
	isHurry    bool          // nothing is to be collected: a flush waits
	tried      error
	isOpened   bool // or given up: ready is closed
}

// Publisher opens one.
func (c Client) Publisher(ctx context.Context, options *PublisherOptions) (*Publisher, error) {
	maker, err := c.newLink(ingestDoor, 1<<16, 16)
	if err != nil {
		return nil, err
	}
	p := &Publisher{maxBytes: c.maxEventBytes(), maker: maker, done: make(chan struct{}), ready: make(chan struct{}),
		wake: make(chan struct{}, 1), room: make(chan struct{})}
	if options != nil {
		p.options = *options
	}
	p.context, p.cancel = context.WithCancel(context.Background())
	go p.run()
	opening, cancel := c.opening(ctx)
	defer cancel()
	select {
	case <-p.ready:
		if err = p.turnedAway; err == nil {
			return p, nil
		}
	case <-opening.Done():
		err = opening.Err()
	}
	p.cancel()
	<-p.done
	return nil, openingError(ctx, err, p.tried)
}

// Publish judges the event and takes it into the queue: a *Refusal where it breaks a rule; ErrFull where there is no room
// in time, ErrClosed, or the context's error. After an error the event was not taken.
func (p *Publisher) Publish(ctx context.Context, event Event) error {
	data, err := event.append(nil, p.maxBytes)
	if err != nil {
		return err
	}
	timeout := time.NewTimer(orDefault(p.options.SendTimeout, defaultTimeout))
	defer timeout.Stop()
	for {
		p.lock.Lock()
		if p.isFinal {
			p.lock.Unlock()
			return ErrClosed
		}
		if p.bytes == 0 || p.bytes+len(data) <= orDefault(p.options.QueueBytes, 16<<20) {
			p.put(data)
			p.lock.Unlock()
			p.poke()
			return nil
		}
		room := p.room
		p.lock.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		case <-timeout.C:
			return ErrFull
		}
	}
}

// put adds to the last frame, or to a new one; the lock is held.
func (p *Publisher) put(data []byte) {
	last := len(p.frames) - 1
	if last >= 0 && !p.options.CollectsNothing && len(p.frames[last])+len(data) <= frameMax {
		p.frames[last] = append(p.frames[last], data...)
		p.events[last]++
	} else {
		p.frames, p.events = append(p.frames, data), append(p.events, 1)
	}
	p.bytes += len(data)
	p.waiting++
}

func (p *Publisher) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run keeps a connection, and writes what there is.
func (p *Publisher) run() {
	defer close(p.done)
	for p.context.Err() == nil && !p.isOver() {
		l := p.maker.start()
		p.serve(l)
		l.close()
	}
}

func (p *Publisher) isOver() bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.isFinal && len(p.frames) == 0
}

// serve uses one connection to its end.
func (p *Publisher) serve(l *link) {
	subscribed := 0
	sent := time.Time{}
	for p.context.Err() == nil {
		var due <-chan time.Time
		if subscribed > 0 {
			frame, events, wait := p.next(sent)
			if frame != nil {
				if !p.send(l.conn, frame, events) {
					return
				}
				sent = time.Now()
				continue
			}
			if wait > 0 {
				due = time.After(wait)
			}
		}
		if p.isOver() {
			if subscribed > 0 {
				p.farewell(l)
			}
			return
		}
		select {
		case event := <-l.events:
			if event.kind == linkOver {
				return
			}
			subscribed += p.onEvent(event)
		case <-p.wake:
		case <-due:
		case <-p.context.Done():
		}
	}
}

// onEvent: 1 where the broker subscribes, -1 where it takes that back.
func (p *Publisher) onEvent(event linkEvent) int {
	if event.kind == linkTried {
		p.tried = event.err
		if isTurnedAway(event.err) && !p.isOpened {
			p.isOpened, p.turnedAway = true, unreachable(event.err)
			close(p.ready)
		}
	}
	if event.kind != linkMessage || len(event.message) != 1 {
		return 0
	}
	if event.message[0] == 0 {
		return -1
	}
	if !p.isOpened {
		p.isOpened = true
		close(p.ready)
	}
	return 1
}

// next is the frame to be sent now, or how long it may still grow.
func (p *Publisher) next(sent time.Time) (frame []byte, events int, wait time.Duration) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if len(p.frames) == 0 {
		return nil, 0, 0
	}
	if len(p.frames) == 1 && !p.options.CollectsNothing && !p.isHurry && !p.isFinal {
		if wait = collects - time.Since(sent); wait > 0 && len(p.frames[0]) < frameMax/2 {
			return nil, 0, wait
		}
	}
	frame, events = p.frames[0], p.events[0]
	if len(p.frames) == 1 && !p.options.CollectsNothing {
		// it must not grow while it is written
		p.frames, p.events = append(p.frames, nil), append(p.events, 0)
	}
	return frame, events, 0
}

// send writes a frame. One that was not written whole is sent again on the next connection: the broker cannot have it.
func (p *Publisher) send(conn *zmtp.Conn, frame []byte, events int) bool {
	conn.SetWriteDeadline(time.Time{})
	stop := context.AfterFunc(p.context, func() { conn.Close() })
	isWhole, err := conn.Write(frame)
	stop()
	p.lock.Lock()
	defer p.lock.Unlock()
	if isWhole {
		p.frames, p.events = p.frames[1:], p.events[1:]
		p.bytes -= len(frame)
		p.waiting -= events
		close(p.room)
		p.room = make(chan struct{})
	}
	if last := len(p.frames) - 1; last >= 0 && p.events[last] == 0 {
		p.frames, p.events = p.frames[:last], p.events[:last]
	}
	if p.waiting == 0 {
		p.isHurry = false
	}
	return err == nil
}

// farewell waits until the broker has read all: a connection that is closed with something unread is reset.
func (p *Publisher) farewell(l *link) {
	l.conn.CloseWrite()
	timeout := time.After(time.Second)
	for {
		select {
		case event := <-l.events:
			if event.kind == linkOver {
				return
			}
		case <-timeout:
			return
		case <-p.context.Done():
			return
		}
	}
}

// Flush sends what was collected and waits until all has been handed to the operating system. Nothing is lost by an error
// of the context.
func (p *Publisher) Flush(ctx context.Context) error {
	for {
		p.lock.Lock()
		room, isEmpty := p.room, p.waiting == 0
		p.isHurry = !isEmpty
		p.lock.Unlock()
		if isEmpty {
			return nil
		}
		p.poke()
		select {
		case <-room:
		case <-p.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Waiting is how many events were taken and not yet handed to the operating system.
func (p *Publisher) Waiting() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.waiting
}

// Close flushes for CloseTimeout and ends the handle in any case. ErrUnsettled: Waiting tells how many events were never
// sent.
func (p *Publisher) Close() error {
	p.lock.Lock()
	p.isFinal = true
	p.lock.Unlock()
	p.poke()
	select {
	case <-p.done:
	case <-time.After(orDefault(p.options.CloseTimeout, defaultTimeout)):
		p.cancel()
		<-p.done
	}
	p.cancel()
	if p.Waiting() > 0 {
		return ErrUnsettled
	}
	return nil
}
