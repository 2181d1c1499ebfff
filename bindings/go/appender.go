package tocsin

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// AppenderOptions of an Appender; the zero value of each is its default.
type AppenderOptions struct {
	Incarnation  uint64        // grows with every start; the clock, in microseconds
	QueueBytes   int           // most that waits to be settled; 16 MiB
	SendTimeout  time.Duration // for room in the queue, beside the context; 5 s
	CloseTimeout time.Duration // for what is not settled at closing; 5 s
}

// An Appender publishes acknowledged: an event is settled when the broker says that it is on its disk. It sends by itself,
// as many events at a time as the broker's window allows, and sends again what was not acknowledged when a connection
// breaks or the broker restarts: each event is in the log once. It may be used by several goroutines.
type Appender struct {
	maxBytes int
	options  AppenderOptions
	maker    *linkMaker
	wake     chan struct{}
	done     chan struct{} // the loop has ended
	ready    chan struct{} // welcomed, once, or failed
	context  context.Context
	cancel   context.CancelFunc

	lock     sync.Mutex
	core     appenderCore
	room     chan struct{} // closed when something was settled
	isClosed bool
	isReady  bool
	tried    error
}

// A Pending is an event under way to the log.
type Pending struct {
	// N is its number: the producer's own count, from 1 on, over all its lives.
	N       uint64
	done    chan struct{}
	receipt Receipt
	err     error
}

func (p *Pending) settle(receipt Receipt, err error) {
	p.receipt, p.err = receipt, err
	close(p.done)
}

// Done is closed when the event is settled, or never will be.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait waits until the event is settled, and returns the receipt. A *Refusal: the broker refused it, and it is settled;
// ErrUnsettled: the handle was closed first; ErrFenced, ErrDenied; or the context's error, and then it goes on.
func (p *Pending) Wait(ctx context.Context) (Receipt, error) {
	select {
	case <-p.done:
		return p.receipt, p.err
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	}
}

// Appender opens one: `producer` ([A-Za-z0-9_.-], at most 64) says who sends; one handle at a time may bear a name.
// Numbers go on behind the producer's last one in the broker's log.
func (c Client) Appender(ctx context.Context, producer string, options *AppenderOptions) (*Appender, error) {
	if judgeToken([]byte(producer), 64) != "" {
		return nil, fmt.Errorf("%w: the producer's name %q", ErrInvalid, producer)
	}
	maker, err := c.newLink(appendDoor, 1<<16, 1024)
	if err != nil {
		return nil, err
	}
	a := &Appender{maxBytes: c.maxEventBytes(), maker: maker, wake: make(chan struct{}, 1), done: make(chan struct{}),
		ready: make(chan struct{}), room: make(chan struct{})}
	if options != nil {
		a.options = *options
	}
	a.core = appenderCore{producer: producer, incarnation: a.options.Incarnation, firstN: 1, nextN: 1,
		refused: map[uint64]*Refusal{}}
	if a.core.incarnation == 0 {
		a.core.incarnation = uint64(time.Now().UnixMicro())
	}
	a.context, a.cancel = context.WithCancel(context.Background())
	go a.run()
	opening, cancel := c.opening(ctx)
	defer cancel()
	select {
	case <-a.ready:
		err = a.core.failed
	case <-opening.Done():
		err = opening.Err()
	}
	if err != nil {
		a.cancel()
		<-a.done
		return nil, openingError(ctx, err, a.tried)
	}
	return a, nil
}

// Append judges the event and takes it into the queue: a *Refusal where it breaks a rule; ErrFull where there is no room in
// time, ErrClosed, ErrFenced, or the context's error. After an error it was not taken.
func (a *Appender) Append(ctx context.Context, event Event) (*Pending, error) {
	data, err := event.append(nil, a.maxBytes)
	if err != nil {
		return nil, err
	}
	var timeout <-chan time.Time
	for {
		a.lock.Lock()
		if err := a.over(); err != nil {
			a.lock.Unlock()
			return nil, err
		}
		if a.core.bytes == 0 || a.core.bytes+len(data) <= orDefault(a.options.QueueBytes, 16<<20) {
			pending := &Pending{N: a.core.nextN, done: make(chan struct{})}
			a.core.add(data, pending)
			a.lock.Unlock()
			a.poke()
			return pending, nil
		}
		room := a.room
		a.lock.Unlock()
		if timeout == nil {
			timer := time.NewTimer(orDefault(a.options.SendTimeout, defaultTimeout))
			defer timer.Stop()
			timeout = timer.C
		}
		select {
		case <-room:
		case <-a.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timeout:
			return nil, ErrFull
		}
	}
}

func (a *Appender) over() error {
	if a.core.failed != nil {
		return a.core.failed
	}
	if a.isClosed {
		return ErrClosed
	}
	return nil
}

func (a *Appender) poke() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// run keeps a session with the broker until the handle closes or fails for good.
func (a *Appender) run() {
	defer close(a.done)
	pause := pauseMin
	for {
		l := a.maker.start()
		wasWelcome := a.session(l)
		l.close()
		a.lock.Lock()
		failed := a.core.failed
		if failed != nil {
			a.core.fail(failed)
		}
		a.lock.Unlock()
		if failed != nil {
			a.tellReady()
			return
		}
		pause = min(2*pause, pauseMax)
		if wasWelcome {
			pause = pauseMin
		}
		select {
		case <-time.After(pause):
		case <-a.context.Done():
			return
		}
	}
}

func (a *Appender) tellReady() {
	if !a.isReady {
		a.isReady = true
		close(a.ready)
	}
}

// session is one, to its end. True when the broker welcomed it.
func (a *Appender) session(l *link) bool {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	isConnected := false
	for {
		for message := a.nextPut(); isConnected && message != nil; message = a.nextPut() {
			l.say(message)
		}
		isOver := false
		select {
		case event := <-l.events:
			isConnected = isConnected || event.kind == linkConnected
			isOver = !a.take(l, event)
		case <-ticker.C:
			isOver = isConnected && !a.tick(l)
		case <-a.wake:
		case <-a.context.Done():
			isOver = true
		}
		if isOver {
			a.lock.Lock()
			defer a.lock.Unlock()
			wasWelcome := a.core.window > 0
			a.core.window = 0
			return wasWelcome
		}
	}
}

func (a *Appender) nextPut() []byte {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.core.put()
}

func (a *Appender) tick(l *link) bool {
	a.lock.Lock()
	ask, isWell := a.core.tick(time.Now())
	a.lock.Unlock()
	if ask != nil {
		l.say(ask)
	}
	return isWell
}

func (a *Appender) take(l *link, event linkEvent) bool {
	a.lock.Lock()
	defer a.lock.Unlock()
	switch event.kind {
	case linkTried:
		a.tried = event.err
		if isTurnedAway(event.err) && !a.core.isWelcome {
			a.core.failed = unreachable(event.err)
			return false
		}
	case linkConnected:
		hello := a.core.hello(time.Now())
		a.lock.Unlock()
		l.say(hello)
		a.lock.Lock()
	case linkMessage:
		before := a.core.firstN
		isWell := a.core.receive(event.message, time.Now())
		if a.core.firstN != before {
			close(a.room)
			a.room = make(chan struct{})
		}
		if a.core.isWelcome {
			a.tellReady()
		}
		return isWell
	case linkOver:
		return false
	}
	return true
}

// Flush waits until all events given out so far are settled.
func (a *Appender) Flush(ctx context.Context) error {
	a.lock.Lock()
	target := a.core.nextN
	a.lock.Unlock()
	for {
		a.lock.Lock()
		isSettled, err, room := a.core.firstN >= target, a.core.failed, a.room
		a.lock.Unlock()
		if isSettled || err != nil {
			return err
		}
		select {
		case <-room:
		case <-a.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// AppenderStats count what an Appender did.
type AppenderStats struct {
	Unsettled int    // events taken and not settled
	Sessions  uint64 // with the broker so far: one, and one for each break
	Last      Receipt
}

// Stats tells how it stands.
func (a *Appender) Stats() AppenderStats {
	a.lock.Lock()
	defer a.lock.Unlock()
	return AppenderStats{len(a.core.queue), a.core.sessions, a.core.receipt}
}

// Close waits for what is not settled, for CloseTimeout, and ends the handle in any case. ErrUnsettled: events may be lost,
// and Stats tells how many.
func (a *Appender) Close() error {
	a.lock.Lock()
	isFirst := !a.isClosed
	a.isClosed = true
	a.lock.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), orDefault(a.options.CloseTimeout, defaultTimeout))
	defer cancel()
	err := a.Flush(ctx)
	a.cancel()
	<-a.done
	a.lock.Lock()
	defer a.lock.Unlock()
	if !isFirst || a.core.failed != nil {
		return a.core.failed
	}
	a.core.fail(ErrUnsettled)
	if err != nil {
		return ErrUnsettled
	}
	return nil
}
